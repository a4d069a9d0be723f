//! Curves of points: from one number to another, in segments that each have a shape.
//!
//! Lives here: the one evaluation of every curve, of events and of buses alike. May be named here: nothing else of the
//! crate. Runs on any thread.

/// The course of a segment of a curve from its first point to the next. With `t` from 0 at the one to 1 at the other, this
/// share of the way has been gone:
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Segment {
    /// Evenly: `t`.
    #[default]
    Linear,
    /// Slowly at both ends: `3t² - 2t³`, the cubic that is level at both ends.
    Smooth,
    /// Slowly, then fast: `(16^t - 1) / 15`, so that each quarter of `t` goes twice as far as the one before.
    Exponential,
    /// Fast, then slowly: `Exponential` turned round, `1 - (16^(1 - t) - 1) / 15`, so that each quarter of `t` goes half
    /// as far as the one before.
    Logarithmic,
    /// Not at all: it holds until the next point, and is there at once.
    Constant,
}

impl Segment {
    /// All of them, in order.
    pub const ALL: &'static [Self] =
        &[Self::Linear, Self::Smooth, Self::Exponential, Self::Logarithmic, Self::Constant];
    /// Their names in a bank, in order.
    pub const NAMES: &'static [&'static str] =
        &["Linear", "Smooth", "Exponential", "Logarithmic", "Constant"];

    /// The share of the way that has been gone at `t` from 0 to 1.
    pub fn share(self, t: f32) -> f32 {
        let exponential = |t: f32| (libm::exp2f(4.0 * t) - 1.0) / 15.0;
        match self {
            Self::Linear => t,
            Self::Smooth => t * t * (3.0 - 2.0 * t),
            Self::Exponential => exponential(t),
            Self::Logarithmic => 1.0 - exponential(1.0 - t),
            Self::Constant => f32::from(u8::from(t >= 1.0)),
        }
    }
}

/// A point of a curve, and the shape of the segment that begins at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// Where.
    pub x: f32,
    /// The value there.
    pub y: f32,
    /// The way to the next point; without meaning at the last.
    pub segment: Segment,
}

impl From<(f32, f32)> for CurvePoint {
    /// A point from which a straight line leads on.
    fn from((x, y): (f32, f32)) -> Self {
        Self { x, y, segment: Segment::Linear }
    }
}

/// The value of a curve of points, the lowest first: between two points by the shape of the first, and beyond the ends the
/// same as at them. Without points it is 0.
pub fn curve_at(points: &[CurvePoint], x: f32) -> f32 {
    let after = points.partition_point(|point| point.x <= x);
    match (after.checked_sub(1).and_then(|before| points.get(before)), points.get(after)) {
        (Some(from), Some(to)) => match from.segment {
            Segment::Linear => from.y + (to.y - from.y) * (x - from.x) / (to.x - from.x),
            segment => from.y + (to.y - from.y) * segment.share((x - from.x) / (to.x - from.x)),
        },
        (Some(point), None) | (None, Some(point)) => point.y,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[(f32, f32, Segment)]) -> Vec<CurvePoint> {
        points.iter().map(|&(x, y, segment)| CurvePoint { x, y, segment }).collect()
    }

    #[test]
    fn a_curve_is_straight_between_its_points_and_constant_beyond() {
        let points = [(-60.0, 0.0), (-20.0, -6.0), (0.0, 4.0)].map(CurvePoint::from);
        for (level, value) in
            [(-90.0, 0.0), (-60.0, 0.0), (-40.0, -3.0), (-20.0, -6.0), (-10.0, -1.0), (0.0, 4.0), (6.0, 4.0)]
        {
            assert!((curve_at(&points, level) - value).abs() < 1e-5, "{level}: {}", curve_at(&points, level));
        }
        assert_eq!(curve_at(&[(-30.0, 2.0).into()], -90.0), 2.0);
    }

    #[test]
    fn shapes_stand_at_their_quarters_where_they_are_said_to() {
        for (segment, quarters) in [
            (Segment::Linear, [0.25, 0.5, 0.75]),
            (Segment::Smooth, [0.15625, 0.5, 0.84375]),
            (Segment::Exponential, [1.0 / 15.0, 3.0 / 15.0, 7.0 / 15.0]),
            (Segment::Logarithmic, [8.0 / 15.0, 12.0 / 15.0, 14.0 / 15.0]),
            (Segment::Constant, [0.0, 0.0, 0.0]),
        ] {
            // From (2, 0) to (6, 1), and straight on to (10, 5).
            let points = curve(&[(2.0, 0.0, segment), (6.0, 1.0, Segment::Linear), (10.0, 5.0, segment)]);
            for (x, share) in [3.0, 4.0, 5.0].into_iter().zip(quarters) {
                let got = curve_at(&points, x);
                assert!((got - share).abs() < 1e-6, "{segment:?} at {x}: {got}, not {share}");
            }
            for (x, y) in [(0.0, 0.0), (2.0, 0.0), (6.0, 1.0), (8.0, 3.0), (12.0, 5.0)] {
                assert_eq!(curve_at(&points, x), y, "{segment:?} at {x}");
            }
            assert!((segment.share(1.0) - 1.0).abs() < 1e-6, "{segment:?} arrives");
        }
    }

    #[test]
    fn shapes_never_leave_what_lies_between_their_points_and_never_turn_back() {
        for &segment in Segment::ALL {
            let points = curve(&[(0.0, -12.0, segment), (1.0, 6.0, segment)]);
            let values: Vec<f32> = (0..=1000).map(|n| curve_at(&points, n as f32 / 1000.0)).collect();
            assert!(values.windows(2).all(|pair| pair[1] >= pair[0]), "{segment:?} turns back");
            assert!(values.iter().all(|y| (-12.0001..=6.0001).contains(y)), "{segment:?} leaves its way");
        }
    }

    #[test]
    fn names_are_those_of_the_variants() {
        let names: Vec<_> = Segment::ALL.iter().map(|segment| format!("{segment:?}")).collect();
        assert_eq!(names, Segment::NAMES);
    }
}
