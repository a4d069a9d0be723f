//! Curves at work: from levels, and other numbers that they go by, to the properties of buses that they move, once a block.
//!
//! A block's levels act on the next block, so a curve may lead anywhere, to the level's own bus too.

use super::level::Level;
use super::path::Tap;
use crate::units::{CurvePoint, curve_at};

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
    pub points: Vec<CurvePoint>,
}

/// What settings that come and go make of a property, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingSpec {
    /// The levels that say how much there is of each, from 0 to 1, and the values. Those of one setting share: together
    /// there is at most 1 of them.
    pub shares: Vec<(u16, f32, SettingHow)>,
}

/// What a setting does to a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingHow {
    /// The value is added.
    Add,
    /// The property goes to the value, evenly.
    Set,
    /// The property goes to the value, evenly in octaves.
    Sweep,
}

/// What a property is without all that moves it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Base {
    /// A number.
    Fixed(f32),
    /// What the effect's parameter is set to.
    Own,
}

/// One hand on a property: curves, then settings.
#[derive(Debug, Clone, PartialEq)]
pub struct HandSpec {
    /// What it moves from.
    pub base: Base,
    /// The curves; their values add up in this order.
    pub curves: Vec<CurveSpec>,
    /// The settings, the last of which has the last word.
    pub settings: Vec<SettingSpec>,
}

impl HandSpec {
    /// A hand that does nothing yet.
    pub fn at(base: Base) -> Self {
        Self { base, curves: Vec::new(), settings: Vec::new() }
    }
}

/// All that moves one property.
#[derive(Debug, Clone, PartialEq)]
pub struct SteerSpec {
    /// The bus.
    pub bus: u16,
    /// What of it.
    pub property: Property,
    /// Its own hand, and for a gain one for each VCA that is set; what they add adds up.
    pub hands: Vec<HandSpec>,
}

impl SettingSpec {
    /// What has been added to `base` and what is added after this setting. Where there is none of it, exactly that.
    fn settle(&self, added: f32, base: f32, level: impl Fn(u16) -> f32) -> f32 {
        let mut all = added;
        // Ways in octaves that cross add up as octaves: each is a factor.
        let (from, mut swept) = ((base + added).max(1.0), None);
        for &(share, value, how) in &self.shares {
            let share = level(share);
            if share == 0.0 {
                continue;
            }
            match how {
                SettingHow::Add => all += share * value,
                SettingHow::Set => all += share * (value - base - added),
                SettingHow::Sweep => {
                    swept = Some(swept.unwrap_or(1.0) * libm::powf(value.max(1.0) / from, share));
                }
            }
        }
        swept.map_or(all, |swept| all + (from * swept - from))
    }
}

impl HandSpec {
    fn adds(&self, own: f32, level: impl Fn(u16) -> Option<f32>) -> f32 {
        let base = match self.base {
            Base::Fixed(base) => base,
            Base::Own => own,
        };
        let curves =
            self.curves.iter().map(|curve| curve_at(&curve.points, level(curve.level).unwrap_or(-120.0)));
        let added = curves.fold(0.0, |sum, y| sum + y);
        self.settings
            .iter()
            .fold(added, |added, setting| setting.settle(added, base, |share| level(share).unwrap_or(0.0)))
    }
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

    /// What is to be added now, if that has changed; `own` is what the property is set to.
    pub(super) fn news(&mut self, levels: &[Level], own: f32) -> Option<f32> {
        let level = |index: u16| levels.get(usize::from(index)).map(Level::reading);
        let sum = self.spec.hands.iter().map(|hand| hand.adds(own, level)).fold(0.0, |sum, y| sum + y);
        (self.last != Some(sum)).then(|| {
            self.last = Some(sum);
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand(settings: &[&[(u16, f32, SettingHow)]]) -> HandSpec {
        let settings = settings.iter().map(|shares| SettingSpec { shares: shares.to_vec() }).collect();
        HandSpec { settings, ..HandSpec::at(Base::Fixed(-6.0)) }
    }

    #[test]
    fn the_last_setting_has_the_last_word_and_none_of_it_leaves_no_trace() {
        use SettingHow::{Add, Set};
        let hand = hand(&[&[(0, 3.0, Add)], &[(1, -20.0, Set)]]);
        let comes_to =
            |levels: [f32; 2]| -6.0 + hand.adds(0.0, |index| levels.get(usize::from(index)).copied());
        assert_eq!(comes_to([0.0, 0.0]), -6.0);
        assert_eq!(comes_to([1.0, 0.0]), -3.0);
        assert_eq!(comes_to([1.0, 1.0]), -20.0);
        // Half of it is half the way from what is below it.
        assert_eq!(comes_to([1.0, 0.5]), -11.5);
    }

    #[test]
    fn states_of_a_group_cross_without_a_dip_and_a_frequency_goes_in_octaves() {
        use SettingHow::{Set, Sweep};
        let same = hand(&[&[(0, -12.0, Set), (1, -12.0, Set)]]);
        for share in [0.0, 0.25, 0.5, 1.0] {
            let levels = [share, 1.0 - share];
            let gain = -6.0 + same.adds(0.0, |index| levels.get(usize::from(index)).copied());
            assert!((gain + 12.0).abs() < 1e-5, "{share}: {gain}");
        }
        let sweep = HandSpec { base: Base::Own, ..hand(&[&[(0, 1000.0, Sweep)]]) };
        assert!((16_000.0 + sweep.adds(16_000.0, |_| Some(0.5)) - 4000.0).abs() < 0.1);
        // So do two states that cross: from the one's to the other's, wherever it would be without both.
        let crossing = |from: f32, to: f32, share: f32| {
            let shares = [(0, from, Sweep), (1, to, Sweep)];
            let hand = HandSpec { base: Base::Own, ..hand(&[&shares]) };
            let levels = [1.0 - share, share];
            16_000.0 + hand.adds(16_000.0, |index| levels.get(usize::from(index)).copied())
        };
        for share in [0.0, 0.25, 0.5, 0.9, 1.0] {
            let stays = crossing(1000.0, 1000.0, share);
            assert!((stays - 1000.0).abs() < 0.01, "{share}: {stays} Hz");
        }
        let middle = crossing(4000.0, 800.0, 0.5);
        assert!((middle - libm::sqrtf(4000.0 * 800.0)).abs() < 0.1, "{middle} Hz");
    }
}
