//! Pure signal processors over plain sample buffers: filters, dynamics, delays, reverb, resamplers, meters.
//!
//! Lives here: everything that turns samples into samples or into numbers, and knows nothing of games.
//! May be named here: `crate::units` and `libm`. Processors run on the audio thread; [`resample`] and
//! [`measure`] allocate and belong on workers, in tools and in tests.
//!
//! Every processor gives the same bits on every machine: transcendental functions come from `libm` or from
//! [`math`], nothing fuses a multiply with an add, nothing depends on time or on the order of threads.

pub mod band_gain;
pub mod chorus;
pub mod compressor;
pub mod convolution;
mod crossover;
pub mod crusher;
mod curve;
mod cuts;
pub mod dcblock;
pub mod delay;
mod detector;
mod diffuser;
pub mod distortion;
mod early;
pub mod eq;
pub mod fade;
mod fdn;
mod fft;
pub mod flanger;
pub mod gain;
pub mod gains;
pub mod gate;
pub mod interp;
mod intersample;
pub(crate) mod lanes;
mod lfo;
pub mod limiter;
pub(crate) mod line;
pub mod loudness;
pub mod math;
pub mod measure;
pub mod meter;
pub mod multiband;
pub mod one_pole;
pub mod oversample;
pub mod phaser;
pub mod pitch_shift;
mod point;
pub mod ramp;
pub mod rate;
pub mod resample;
pub mod reverb;
mod shaper;
pub mod simd;
mod sliding;
mod splice;
mod svf;
mod sweep;
mod tap;
pub mod tremolo;
pub mod truepeak_meter;
pub mod wave;
pub mod width;

#[cfg(test)]
mod tests;

pub use chorus::{Chorus, ChorusParams};
pub use compressor::{Compressor, CompressorParams, LevelKind};
pub use convolution::{Convolution, ConvolutionParams};
pub use crusher::{Crusher, CrusherParams};
pub use dcblock::{DcBlock, DcBlockParams};
pub use delay::{Delay, DelayGlide, DelayParams};
pub use distortion::{Distortion, DistortionParams};
pub use eq::{Eq, EqBand, EqParams, EqShape, EqSlope, MAX_BANDS};
pub use flanger::{Flanger, FlangerParams};
pub use gain::{Gain, GainParams};
pub use gate::{Gate, GateParams};
pub use interp::{Interpolation, Interpolator};
pub use limiter::{Limiter, LimiterParams};
pub use meter::{Levels, Meter};
pub use multiband::{Multiband, MultibandParams};
pub use oversample::Oversampler;
pub use phaser::{Phaser, PhaserParams};
pub use pitch_shift::{PitchShift, PitchShiftParams};
pub use ramp::Ramp;
pub use reverb::{Reverb, ReverbParams};
pub use tremolo::{Tremolo, TremoloParams, TremoloShape};
pub use width::{Width, WidthParams};

/// The most frames that one call of [`Processor::process`] takes.
pub const BLOCK: usize = 128;

/// How long a parameter takes to glide to a new value, in seconds.
pub const GLIDE_SECONDS: f32 = 0.02;

/// The frames of a parameter's glide at `sample_rate`; at least one.
pub(crate) fn glide_frames(sample_rate: u32) -> u32 {
    ((GLIDE_SECONDS * sample_rate as f32) as u32).max(1)
}

/// A stereo block that is only read. Both sides have the same length.
#[derive(Debug, Clone, Copy)]
pub struct Stereo<'a> {
    /// The left channel.
    pub left: &'a [f32],
    /// The right channel.
    pub right: &'a [f32],
}

impl Stereo<'_> {
    /// The number of frames: the shorter side's, should they differ.
    pub fn len(&self) -> usize {
        self.left.len().min(self.right.len())
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A stereo block that is changed in place: same length on both sides, at most [`BLOCK`] frames.
#[derive(Debug)]
pub struct StereoMut<'a> {
    /// The left channel.
    pub left: &'a mut [f32],
    /// The right channel.
    pub right: &'a mut [f32],
}

impl StereoMut<'_> {
    /// The number of frames: the shorter side's, should they differ, and never more than [`BLOCK`].
    pub fn len(&self) -> usize {
        debug_assert!(self.left.len() == self.right.len() && self.left.len() <= BLOCK);
        self.left.len().min(self.right.len()).min(BLOCK)
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same block, lent for a shorter time.
    pub fn reborrow(&mut self) -> StereoMut<'_> {
        StereoMut { left: self.left, right: self.right }
    }

    /// The same block, to read.
    pub fn as_ref(&self) -> Stereo<'_> {
        Stereo { left: self.left, right: self.right }
    }
}

/// A processor of stereo blocks on the audio thread.
///
/// After [`new`](Processor::new) no method allocates, frees, locks, waits, logs or panics.
pub trait Processor: Send {
    /// What a designer may set.
    type Params: Clone + PartialEq;

    /// Builds a processor that already stands at `params`. May allocate, and takes all it will ever need for
    /// any parameters in range.
    fn new(params: &Self::Params, sample_rate: u32) -> Self
    where
        Self: Sized;

    /// Gives an impulse response to those that work with one: a slice for each of its channels, at the
    /// processor's rate. Called right after [`new`](Processor::new), on the game thread; may allocate.
    fn load(&mut self, _impulse: &[&[f32]]) {}

    /// Gives new targets. What is heard glides there without a click in about [`GLIDE_SECONDS`].
    fn set(&mut self, params: &Self::Params);

    /// Processes a block in place. `key` is the side chain, of the block's length; those that have no detector
    /// ignore it.
    fn process(&mut self, block: &mut StereoMut<'_>, key: Option<Stereo<'_>>);

    /// Forgets all sound; parameters jump to their targets.
    fn reset(&mut self);

    /// Frames by which the output comes later than the input.
    fn latency(&self) -> usize {
        0
    }

    /// Frames after the last input in which the output may still exceed -100 dB relative to it.
    fn tail(&self) -> usize {
        0
    }

    /// The largest gain reduction in the last block, in decibels, never negative.
    fn reduction_db(&self) -> f32 {
        0.0
    }
}
