//! The equaliser's bands.

use super::table::{Field, Params, Takes, choices, params};
use crate::units::{Decibels, Hertz};

/// The most bands of one equaliser. A bank may write more: they become several, one after another.
pub const MAX_BANDS: usize = 16;

choices! {
    /// What a band does to the spectrum. All are of the second order.
    EqShape {
        /// Raises or lowers around its frequency.
        Peak,
        /// Raises or lowers what is below its frequency, where half the gain (in dB) is reached.
        LowShelf,
        /// Raises or lowers what is above its frequency, where half the gain (in dB) is reached.
        HighShelf,
        /// Takes away what is below, 12 dB per octave. The gain is ignored; at its frequency the level is `q`.
        HighPass,
        /// Takes away what is above, 12 dB per octave. The gain is ignored; at its frequency the level is `q`.
        LowPass,
    }
}

params! {
    /// One band of an equaliser.
    EqBand as "Band" {
        /// Its kind.
        shape: EqShape = EqShape::Peak, [choice];
        /// Centre or corner; kept at or below 0.49 of the sample rate.
        freq: Hertz = 1000.0, [10.0 to 20000.0 "Hz"];
        /// Gain of peaks and shelves.
        gain: Decibels = 0.0, [-30.0 to 30.0 "dB"];
        /// Quality; 0.7071 is the flattest pass. A peak's width is that of the same peak turned round, so a boost and a cut of the same numbers cancel.
        q: f32 = 1.0, [0.1 to 20.0 ""];
    }
}

/// What an equaliser does: its bands, one after another. An absent band costs nothing. None by default.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EqParams {
    /// The bands, each in its slot. A slot that changes glides; keep a band in its slot for the best glide.
    pub bands: [Option<EqBand>; MAX_BANDS],
}

/// A parameter's place is the band's slot times the number of a band's parameters, plus its place among these.
impl Params for EqParams {
    const NAME: &'static str = "Eq";
    const DOC: &'static str = "A parametric equaliser.";
    const FIELDS: &'static [Field] = &[];
    const TAKES: Takes = Takes::Nothing;

    /// A band's parameter is named with the band's number, the first being 1: `2.gain`.
    fn place_of(name: &str) -> Option<usize> {
        let (band, field) = name.split_once('.')?;
        let band = band.parse::<usize>().ok()?.checked_sub(1).filter(|band| *band < MAX_BANDS)?;
        Some(band * EqBand::FIELDS.len() + EqBand::place_of(field)?)
    }

    fn field_at(&self, place: usize) -> Option<&'static Field> {
        let count = EqBand::FIELDS.len();
        self.bands.get(place / count)?.as_ref()?;
        EqBand::FIELDS.get(place % count)
    }

    fn get(&self, place: usize) -> Option<f32> {
        let count = EqBand::FIELDS.len();
        self.bands.get(place / count)?.as_ref()?.get(place % count)
    }

    fn put(&mut self, place: usize, number: f32) {
        let count = EqBand::FIELDS.len();
        if let Some(Some(band)) = self.bands.get_mut(place / count) {
            band.put(place % count, number);
        }
    }

    fn set(&mut self, place: usize, number: f32) -> bool {
        let count = EqBand::FIELDS.len();
        match self.bands.get_mut(place / count) {
            Some(Some(band)) => band.set(place % count, number),
            _ => false,
        }
    }
}
