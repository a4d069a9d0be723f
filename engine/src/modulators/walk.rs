//! What wanders.

use super::draw::unit;
use crate::units::Segment;

/// What wanders between 0 and 1: with each step it heads for another place, drawn evenly, and gets there smoothly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Walk {
    /// Steps per second.
    pub rate: f32,
}

impl Walk {
    /// What it is after so many steps.
    pub fn at(&self, steps: f64, seed: u64) -> f32 {
        let whole = libm::floor(steps);
        let (from, to) = (unit(seed, whole as i64), unit(seed, whole as i64 + 1));
        from + (to - from) * Segment::Smooth.share((steps - whole) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_between_0_and_1_goes_everywhere_and_never_leaps() {
        let walk = Walk { rate: 1.0 };
        let path: Vec<f32> = (0..100_000).map(|n| walk.at(f64::from(n) / 100.0, 11)).collect();
        assert!(path.iter().all(|value| (0.0..=1.0).contains(value)));
        assert!(path.iter().any(|value| *value < 0.02) && path.iter().any(|value| *value > 0.98));
        // The steepest that a smooth step of 1 can be is one and a half times its mean.
        let steepest = path.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(steepest < 0.0151, "{steepest} in a hundredth of a step");
    }

    #[test]
    fn the_seed_decides_its_way() {
        let walk = Walk { rate: 1.0 };
        let path = |seed| (0..50).map(|n| walk.at(f64::from(n) * 0.37, seed)).collect::<Vec<_>>();
        assert_eq!(path(1), path(1));
        assert_ne!(path(1), path(2));
    }
}
