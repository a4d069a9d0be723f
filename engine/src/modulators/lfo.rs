//! What swings evenly.

use super::draw::unit;
use crate::effects::table::choices;
use std::f64::consts::TAU;

choices! {
    /// The course of a turn.
    LfoShape {
        /// A sine, from 0 up.
        Sine,
        /// Straight lines, from 0 up.
        Triangle,
        /// 1 for half a turn, -1 for the other half.
        Square,
        /// Up from -1 to 1, and back at once.
        Saw,
        /// Down from 1 to -1, and back at once.
        SawDown,
        /// Another number with each turn, drawn between -1 and 1.
        Random,
    }
}

/// What swings between -1 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lfo {
    /// The course of a turn.
    pub shape: LfoShape,
    /// Turns per second.
    pub rate: f32,
    /// Where in its turn it begins, in turns.
    pub phase: f32,
    /// How much farther in its turn it may begin, in turns: drawn from the seed.
    pub spread: f32,
    /// The time in which its swing grows from nothing to all, in seconds.
    pub fade_in: f32,
}

impl Lfo {
    /// What it is after so many turns and seconds.
    pub fn at(&self, turns: f64, seconds: f64, seed: u64) -> f32 {
        let grown = if self.fade_in > 0.0 { (seconds as f32 / self.fade_in).clamp(0.0, 1.0) } else { 1.0 };
        let drawn = if self.spread > 0.0 { self.spread * unit(seed, -1) } else { 0.0 };
        let turns = turns + f64::from(self.phase + drawn);
        let whole = libm::floor(turns);
        let part = turns - whole;
        let wave = match self.shape {
            LfoShape::Sine => libm::sin(TAU * part) as f32,
            LfoShape::Triangle => {
                let quarter = part + 0.25;
                (1.0 - (4.0 * (quarter - libm::floor(quarter)) - 2.0).abs()) as f32
            }
            LfoShape::Square => {
                if part < 0.5 {
                    1.0
                } else {
                    -1.0
                }
            }
            LfoShape::Saw => (2.0 * part - 1.0) as f32,
            LfoShape::SawDown => (1.0 - 2.0 * part) as f32,
            LfoShape::Random => 2.0 * unit(seed, whole as i64) - 1.0,
        };
        wave * grown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::FRAC_1_SQRT_2 as ROOT;

    const PLAIN: Lfo = Lfo { shape: LfoShape::Sine, rate: 1.0, phase: 0.0, spread: 0.0, fade_in: 0.0 };

    #[test]
    fn each_shape_goes_as_it_is_said_to() {
        for (shape, at_eighths) in [
            (LfoShape::Sine, [0.0, ROOT, 1.0, ROOT, 0.0, -ROOT, -1.0, -ROOT]),
            (LfoShape::Triangle, [0.0, 0.5, 1.0, 0.5, 0.0, -0.5, -1.0, -0.5]),
            (LfoShape::Square, [1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0]),
            (LfoShape::Saw, [-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75]),
            (LfoShape::SawDown, [1.0, 0.75, 0.5, 0.25, 0.0, -0.25, -0.5, -0.75]),
        ] {
            let lfo = Lfo { shape, ..PLAIN };
            for (eighth, want) in at_eighths.into_iter().enumerate() {
                // A whole number of turns later it is the same.
                for turns in [0.0, 1e6] {
                    let got = lfo.at(turns + eighth as f64 / 8.0, 0.0, 5);
                    assert!((got - want).abs() < 1e-4, "{shape:?} at {eighth}/8: {got}, not {want}");
                }
            }
        }
    }

    #[test]
    fn random_holds_for_a_turn_and_stays_within_its_ends() {
        let lfo = Lfo { shape: LfoShape::Random, ..PLAIN };
        let at = |turns: f64| lfo.at(turns, 0.0, 3);
        assert!((0..1000).all(|turn| at(f64::from(turn)) == at(f64::from(turn) + 0.99)));
        let drawn: Vec<f32> = (0..1000).map(|turn| at(f64::from(turn))).collect();
        assert!(drawn.iter().all(|value| (-1.0..=1.0).contains(value)));
        assert!(drawn.iter().any(|value| *value > 0.9) && drawn.iter().any(|value| *value < -0.9));
    }

    #[test]
    fn it_begins_at_its_phase_later_by_what_was_drawn_and_grows_in_its_time() {
        assert!((Lfo { phase: 0.25, ..PLAIN }.at(0.0, 0.0, 0) - 1.0).abs() < 1e-6);
        let spread = Lfo { shape: LfoShape::Saw, spread: 0.5, ..PLAIN };
        let begins: Vec<f32> = (0..1000).map(|seed| (spread.at(0.0, 0.0, seed) + 1.0) / 2.0).collect();
        assert!(begins.iter().all(|begin| (0.0..=0.5).contains(begin)));
        assert!(begins.iter().any(|begin| *begin < 0.05) && begins.iter().any(|begin| *begin > 0.45));
        let growing = Lfo { phase: 0.25, fade_in: 2.0, ..PLAIN };
        for (seconds, want) in [(0.0, 0.0), (1.0, 0.5), (2.0, 1.0), (9.0, 1.0)] {
            assert!((growing.at(0.0, seconds, 0) - want).abs() < 1e-6, "after {seconds} s");
        }
    }
}
