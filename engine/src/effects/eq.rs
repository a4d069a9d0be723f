//! The equaliser's bands.

use super::table::{Field, Params, Takes, Value, choices, params};
use crate::units::{Decibels, Hertz, Seconds};

/// The most bands of one equaliser. A bank may write more: they become several, one after another.
pub const MAX_BANDS: usize = 16;

choices! {
    /// What a band does to the spectrum.
    EqShape {
        /// Raises or lowers around its frequency.
        Peak,
        /// Raises or lowers what is below its frequency, where half the gain (in dB) is reached.
        LowShelf,
        /// Raises or lowers what is above its frequency, where half the gain (in dB) is reached.
        HighShelf,
        /// Takes away what is below its frequency, as steeply as its slope says. It has no gain.
        HighPass,
        /// Takes away what is above its frequency, as steeply as its slope says. It has no gain.
        LowPass,
        /// Takes away its frequency itself; the wider, the lower `q`. It has no gain.
        Notch,
        /// Lets its frequency through and takes away what is below and above, 6 dB per octave on either side. It has no gain.
        BandPass,
        /// Leaves all levels, but turns the phase: by half a turn at its frequency, by a whole one far above. It has no gain.
        AllPass,
    }
}

/// How steep a pass is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EqSlope {
    /// 6 dB per octave; without a quality.
    Db6,
    /// 12 dB per octave.
    #[default]
    Db12,
    /// 18 dB per octave.
    Db18,
    /// 24 dB per octave.
    Db24,
    /// 36 dB per octave.
    Db36,
    /// 48 dB per octave.
    Db48,
}

impl EqSlope {
    /// All of them, the gentlest first.
    pub const ALL: [Self; 6] = [Self::Db6, Self::Db12, Self::Db18, Self::Db24, Self::Db36, Self::Db48];

    /// The order of the filter: its slope in steps of 6 dB per octave.
    pub const fn order(self) -> usize {
        match self {
            Self::Db6 => 1,
            Self::Db12 => 2,
            Self::Db18 => 3,
            Self::Db24 => 4,
            Self::Db36 => 6,
            Self::Db48 => 8,
        }
    }

    /// Decibels per octave.
    pub const fn db_per_octave(self) -> f32 {
        6.0 * self.order() as f32
    }
}

/// A slope's number is its decibels per octave; from others the nearest is taken.
impl Value for EqSlope {
    type Plain = f32;
    fn of(plain: f32) -> Self {
        Self::from_number(plain)
    }
    fn number(self) -> f32 {
        self.db_per_octave()
    }
    fn from_number(number: f32) -> Self {
        let distance = |slope: &Self| (slope.db_per_octave() - number).abs();
        Self::ALL.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or_default()
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
        /// Quality; 0.7071 is the flattest pass. A pass has that level at its frequency, by the resonance of its most resonant section; one of 6 dB per octave has none. A peak's width is that of the same peak turned round, so a boost and a cut of the same numbers cancel.
        q: f32 = 1.0, [0.1 to 20.0 ""];
        /// How steep a pass is: 6, 12, 18, 24, 36 or 48 dB per octave. Of other numbers the nearest of these is taken.
        slope: EqSlope = 12.0, [6.0 to 48.0 "dB/oct"];
        /// How far the level around its frequency may move the gain of a peak or a shelf: down where it is negative, up where it is positive. At 0 the band is static.
        range: Decibels = 0.0, [-30.0 to 30.0 "dB"];
        /// The peak level from which on the gain moves. It is measured in what comes into the equaliser, or in its key, through a band-pass of the peak's frequency and quality; for a shelf through a wide one an octave inside it.
        threshold: Decibels = -30.0, [-80.0 to 0.0 "dB"];
        /// Above the threshold, input change over output change within the range: the gain moves by `1 - 1/ratio` dB per dB.
        ratio: f32 = 3.0, [1.0 to 100.0 ":1"];
        /// The time constant of moving.
        attack: Seconds = 0.01, [0.001 to 2.0 "s"];
        /// The time constant of coming back.
        release: Seconds = 0.15, [0.01 to 5.0 "s"];
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
    const TAKES: Takes = Takes::Key;

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
