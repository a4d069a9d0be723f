//! Where a source is, seen from the listener, as gains for two loudspeakers.

use glam::{Quat, Vec3};

/// Nearer than this, a source moves to the middle, so that walking through it does not flip the sides.
const NEAR: f32 = 0.5;

/// A place and an orientation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// The place, in metres.
    pub position: Vec3,
    /// The orientation: identity looks along -Z with +X to the right.
    pub rotation: Quat,
}

impl Pose {
    /// At the origin, looking ahead.
    pub const ORIGIN: Self = Self { position: Vec3::ZERO, rotation: Quat::IDENTITY };
}

/// The left-right place of `source`: -1 left, 0 middle (ahead, behind, above, or very near), +1 right. It is
/// the sine of the azimuth weighted by how level the direction is.
///
/// ```
/// use tonmeister::space::{Pose, pan};
/// use glam::Vec3;
/// assert_eq!(pan(Pose::ORIGIN, Vec3::new(5.0, 0.0, 0.0)), 1.0);
/// assert_eq!(pan(Pose::ORIGIN, Vec3::new(0.0, 0.0, -5.0)), 0.0);
/// ```
pub fn pan(listener: Pose, source: Vec3) -> f32 {
    let offset = source - listener.position;
    let distance = offset.length();
    let right = listener.rotation * Vec3::X;
    let side = offset.dot(right) / distance.max(NEAR);
    if side.is_finite() { side.clamp(-1.0, 1.0) } else { 0.0 }
}

/// The equal-power gains (left, right) for a place from -1 to +1: a quarter circle, so the sum of their
/// squares is 1 everywhere and the middle is -3 dB on either side.
pub fn equal_power(pan: f32) -> (f32, f32) {
    if pan <= -1.0 {
        return (1.0, 0.0);
    }
    if pan >= 1.0 {
        return (0.0, 1.0);
    }
    let angle = (pan + 1.0) * std::f32::consts::FRAC_PI_4;
    (libm::cosf(angle), libm::sinf(angle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_is_the_same_everywhere_and_the_ends_are_clean() {
        for step in -20..=20 {
            let (left, right) = equal_power(step as f32 / 20.0);
            assert!((left * left + right * right - 1.0).abs() < 1e-6);
        }
        assert_eq!(equal_power(-1.0), (1.0, 0.0));
        assert_eq!(equal_power(1.0), (0.0, 1.0));
        let (left, right) = equal_power(0.0);
        assert!((20.0 * libm::log10f(left) + 3.0103).abs() < 1e-3 && (left - right).abs() < 1e-6);
    }

    #[test]
    fn turning_the_listener_turns_the_world() {
        let source = Vec3::new(0.0, 0.0, -3.0);
        let turned = |degrees: f32| Pose {
            position: Vec3::ZERO,
            rotation: Quat::from_rotation_y(degrees.to_radians()),
        };
        assert!((pan(turned(90.0), source) - 1.0).abs() < 1e-6, "looking left puts ahead to the right");
        assert!((pan(turned(-90.0), source) + 1.0).abs() < 1e-6);
        assert!(pan(turned(180.0), source).abs() < 1e-6);
    }

    #[test]
    fn walking_through_a_source_passes_the_middle_without_a_jump() {
        let places: Vec<f32> =
            (-200..=200).map(|i| pan(Pose::ORIGIN, Vec3::new(i as f32 * 0.01, 0.0, 0.0))).collect();
        assert!(places.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.021));
    }
}
