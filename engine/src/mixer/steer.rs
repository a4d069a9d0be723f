//! Curves at work: from levels to the properties of buses that they move, once a block.
//!
//! A block's levels act on the next block, so a curve may lead anywhere, to the level's own bus too.

use super::level::Level;
use super::path::Tap;

/// A number of a bus that curves can move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Property {
    /// The gain, in dB.
    Gain,
    /// The gain of the send to that bus, in dB.
    Send(u16, Tap),
    /// A parameter of the effect at that place of the running chain, in its unit.
    Parameter {
        /// The effect's place in the running chain.
        effect: u16,
        /// The parameter's place in the effect's table.
        place: u16,
    },
}

/// One curve.
#[derive(Debug, Clone, PartialEq)]
pub struct CurveSpec {
    /// The level's index.
    pub level: u16,
    /// Levels and what is added there, the lowest level first.
    pub points: Vec<(f32, f32)>,
}

impl CurveSpec {
    /// The value at a level: straight between the points, constant beyond them.
    pub fn at(&self, level: f32) -> f32 {
        let after = self.points.partition_point(|point| point.0 <= level);
        let (before, after) = (after.checked_sub(1).map(|at| self.points[at]), self.points.get(after));
        match (before, after) {
            (Some((x0, y0)), Some(&(x1, y1))) => y0 + (y1 - y0) * (level - x0) / (x1 - x0),
            (Some((_, y)), None) | (None, Some(&(_, y))) => y,
            (None, None) => 0.0,
        }
    }
}

/// All curves on one property.
#[derive(Debug, Clone, PartialEq)]
pub struct SteerSpec {
    /// The bus.
    pub bus: u16,
    /// What of it.
    pub property: Property,
    /// The curves; their values add up in this order.
    pub curves: Vec<CurveSpec>,
}

/// A property under way.
pub(super) struct Steer {
    pub(super) spec: SteerSpec,
    /// What was added last.
    last: Option<f32>,
}

impl Steer {
    pub(super) fn new(spec: SteerSpec) -> Self {
        Self { spec, last: None }
    }

    /// What is to be added now, if that has changed.
    pub(super) fn news(&mut self, levels: &[Level]) -> Option<f32> {
        let level = |curve: &CurveSpec| levels.get(usize::from(curve.level)).map_or(-120.0, Level::db);
        let sum = self.spec.curves.iter().map(|curve| curve.at(level(curve))).fold(0.0, |sum, y| sum + y);
        (self.last != Some(sum)).then(|| {
            self.last = Some(sum);
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_straight_between_its_points_and_constant_beyond() {
        let curve = CurveSpec { level: 0, points: vec![(-60.0, 0.0), (-20.0, -6.0), (0.0, 4.0)] };
        for (level, value) in
            [(-90.0, 0.0), (-60.0, 0.0), (-40.0, -3.0), (-20.0, -6.0), (-10.0, -1.0), (0.0, 4.0), (6.0, 4.0)]
        {
            assert!((curve.at(level) - value).abs() < 1e-5, "{level}: {}", curve.at(level));
        }
        assert_eq!(CurveSpec { level: 0, points: vec![(-30.0, 2.0)] }.at(-90.0), 2.0);
    }
}
