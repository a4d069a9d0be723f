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
        let level = |curve: &CurveSpec| levels.get(usize::from(curve.level)).map_or(-120.0, Level::reading);
        let sum = self
            .spec
            .curves
            .iter()
            .map(|curve| curve_at(&curve.points, level(curve)))
            .fold(0.0, |sum, y| sum + y);
        (self.last != Some(sum)).then(|| {
            self.last = Some(sum);
            sum
        })
    }
}
