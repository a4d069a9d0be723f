//! What every effect can be told: one table of parameters for each.
//!
//! Lives here: the tables, each of which is at once the struct that a processor takes, its defaults, its ranges
//! and units, and the description that the bank's parser, the help and the comparison of banks go by; and
//! [`Effect`], any one of them; and how a sound is played. May be named here: `units`. Runs on any thread.
//!
//! How a processor turns its parameters into sound is told where it lives, in [`dsp`](crate::dsp); an effect
//! here and the processor there bear the same name.

mod colour;
mod dynamics;
mod eq;
mod level;
mod modulation;
mod play;
mod space;
pub mod table;

pub use colour::{CrusherParams, DistortionCurve, DistortionParams, Oversampling};
pub use dynamics::{CompressorParams, GateParams, LevelKind, LimiterParams, MultibandParams};
pub use eq::{EqBand, EqParams, EqShape, EqSlope, MAX_BANDS};
pub use level::{DcBlockParams, GainParams, TremoloParams, TremoloShape, WidthParams};
pub use modulation::{ChorusParams, FlangerParams, PhaserParams, PitchShiftParams};
pub use play::{Course, FadeShape, Interpolation, NoiseColor, Synth, ToneShape, Wave};
pub use space::{ConvolutionParams, DelayGlide, DelayParams, ReverbParams};
use table::{Field, Params, Takes};

/// Calls a macro with every effect: its name, its parameters, and its processor's module in `dsp`. For what goes
/// through all of them, such as the benches.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_effect {
    ($callback:ident) => {
        $callback! {
            Gain(GainParams) in gain,
            Eq(EqParams) in eq,
            Compressor(CompressorParams) in compressor,
            Limiter(LimiterParams) in limiter,
            Delay(DelayParams) in delay,
            Reverb(ReverbParams) in reverb,
            Gate(GateParams) in gate,
            Multiband(MultibandParams) in multiband,
            Distortion(DistortionParams) in distortion,
            DcBlock(DcBlockParams) in dcblock,
            Crusher(CrusherParams) in crusher,
            Tremolo(TremoloParams) in tremolo,
            Width(WidthParams) in width,
            Chorus(ChorusParams) in chorus,
            Flanger(FlangerParams) in flanger,
            Phaser(PhaserParams) in phaser,
            PitchShift(PitchShiftParams) in pitch_shift,
            Convolution(ConvolutionParams) in convolution,
        }
    };
}
pub(crate) use for_each_effect;

macro_rules! declare {
    ($($name:ident($params:ident) in $module:ident,)*) => {
        /// Any effect's parameters.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Effect {
            $(
                #[doc = concat!("See [`", stringify!($params), "`].")]
                $name(Box<$params>),
            )*
        }

        impl Effect {
            /// Every effect at its defaults.
            pub fn all() -> Vec<Self> {
                vec![$(Self::$name(Box::default())),*]
            }

            /// The name in a bank.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => $params::NAME,)* }
            }

            /// What it does.
            pub fn doc(&self) -> &'static str {
                match self { $(Self::$name(_) => $params::DOC,)* }
            }

            /// The table of its parameters.
            pub fn fields(&self) -> &'static [Field] {
                match self { $(Self::$name(_) => $params::FIELDS,)* }
            }

            /// What it takes beside its parameters.
            pub fn takes(&self) -> Takes {
                match self { $(Self::$name(_) => $params::TAKES,)* }
            }

            /// Whether an effect that runs with these can go on with the others: the kind is the same, and what
            /// a running effect can't change is equal.
            pub fn can_become(&self, other: &Self) -> bool {
                let kept = |(place, field): (usize, &Field)| {
                    !field.rule.fixed || self.get(place) == other.get(place)
                };
                std::mem::discriminant(self) == std::mem::discriminant(other)
                    && self.fields().iter().enumerate().all(kept)
            }

            /// The place of the parameter of that name; an equaliser's are named by band: `2.gain`.
            pub fn place_of(&self, name: &str) -> Option<usize> {
                match self { $(Self::$name(_) => $params::place_of(name),)* }
            }

            /// The description of the parameter at that place of the table; of a band, if the equaliser has it.
            pub fn field_at(&self, place: usize) -> Option<&'static Field> {
                match self { $(Self::$name(params) => params.field_at(place),)* }
            }

            /// The number of the parameter at that place of the table.
            pub fn get(&self, place: usize) -> Option<f32> {
                match self { $(Self::$name(params) => params.get(place),)* }
            }

            /// Gives the parameter at that place a number, or the nearest in its range. Whether it was in range
            /// and is now in use; what is no number changes nothing.
            pub fn set(&mut self, place: usize, number: f32) -> bool {
                match self { $(Self::$name(params) => params.set(place, number),)* }
            }
        }

        $(impl From<$params> for Effect {
            fn from(params: $params) -> Self {
                Self::$name(Box::new(params))
            }
        })*
    };
}
for_each_effect!(declare);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_keeps_what_it_is_given_within_its_range() {
        for mut effect in Effect::all() {
            for (place, field) in effect.fields().iter().enumerate() {
                let default = effect.get(place).unwrap();
                let last = field.rule.choices.len().saturating_sub(1).max(1) as f32;
                let (low, high) = field.rule.range.unwrap_or((0.0, last));
                let what = format!("{} {}", effect.name(), field.name);
                assert!((low..=high).contains(&default), "{what}: the default is in range");
                assert!(effect.set(place, high) && effect.get(place) == Some(high), "{what}: {high}");
                assert!(effect.set(place, low) && effect.get(place) == Some(low), "{what}: {low}");
                assert!(!effect.set(place, f32::NAN) && effect.get(place) == Some(low), "{what}: NaN");
                assert!(!effect.set(place, f32::INFINITY), "{what}: infinity");
                assert!(effect.set(place, default));
                assert!(field.doc.trim().ends_with('.'), "{what}: a documented sentence");
            }
            assert!(!effect.set(usize::MAX, 0.0));
        }
    }
}
