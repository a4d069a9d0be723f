//! kira's `Effect` as the plug-in contract, both ways.
//!
//! [`Plugin`] runs any kira effect in a bus's chain; [`OnTrack`] puts one of our processors on anybody's kira
//! track.

use crate::dsp::{BLOCK, Processor, StereoMut};
use crate::link::Fault;
use kira::Frame;
use kira::effect::{Effect, EffectBuilder};
use kira::info::Info;

/// What no plug-in means to give: +120 dB. Sums of such numbers stay finite.
const LOUDEST: f32 = 1e6;

/// A kira effect in one of our chains.
pub(super) struct Plugin {
    effect: Box<dyn Effect>,
    frames: Box<[Frame; BLOCK]>,
    frame_seconds: f64,
}

impl Plugin {
    pub(super) fn new(mut effect: Box<dyn Effect>, sample_rate: u32) -> Self {
        effect.init(sample_rate, BLOCK);
        Self { effect, frames: Box::new([Frame::ZERO; BLOCK]), frame_seconds: 1.0 / f64::from(sample_rate) }
    }

    /// Runs a block, and says what was wrong with what came out. If it was wild, the block is left as it came.
    pub(super) fn process(&mut self, block: &mut StereoMut<'_>, info: &Info<'_>) -> Result<(), Fault> {
        let count = block.len();
        let frames = &mut self.frames[..count];
        for ((frame, left), right) in frames.iter_mut().zip(&*block.left).zip(&*block.right) {
            *frame = Frame { left: *left, right: *right };
        }
        self.effect.on_start_processing();
        self.effect.process(frames, self.frame_seconds, info);
        // A comparison that NaN fails.
        let tame = |sample: f32| sample.abs() <= LOUDEST;
        if !frames.iter().all(|frame| tame(frame.left) && tame(frame.right)) {
            return Err(Fault::Wild);
        }
        let mut denormal = false;
        let mut normal = |sample: f32| {
            denormal |= sample.is_subnormal();
            if sample.is_subnormal() { 0.0 } else { sample }
        };
        for ((frame, left), right) in frames.iter().zip(&mut *block.left).zip(&mut *block.right) {
            *left = normal(frame.left);
            *right = normal(frame.right);
        }
        if denormal { Err(Fault::Denormal) } else { Ok(()) }
    }
}

/// One of our processors as an effect on a kira track. Settings are fixed when it is built.
///
/// ```
/// use kira::track::TrackBuilder;
/// use tonmeister::dsp::gain::{Gain, GainParams};
/// use tonmeister::mixer::OnTrack;
/// use tonmeister::units::Decibels;
///
/// let mut track = TrackBuilder::new();
/// track.add_effect(OnTrack::<Gain>::new(GainParams { gain: Decibels::clamped(-6.0) }));
/// ```
pub struct OnTrack<P: Processor> {
    params: P::Params,
}

impl<P: Processor> OnTrack<P> {
    /// Takes the processor's settings.
    pub fn new(params: P::Params) -> Self {
        Self { params }
    }
}

impl<P> EffectBuilder for OnTrack<P>
where
    P: Processor + 'static,
    P::Params: Send + 'static,
{
    type Handle = ();

    fn build(self) -> (Box<dyn Effect>, ()) {
        (
            Box::new(Running::<P> {
                params: self.params,
                processor: None,
                left: [0.0; BLOCK],
                right: [0.0; BLOCK],
            }),
            (),
        )
    }
}

/// A sample, or silence where somebody before gave what is none: it would stay in a processor's memory.
fn sound(sample: f32) -> f32 {
    if sample.abs() <= LOUDEST { sample } else { 0.0 }
}

/// The highest rate that processors are built for; at a higher one, their times come out shorter.
const HIGHEST_RATE: u32 = 192_000;

struct Running<P: Processor> {
    params: P::Params,
    processor: Option<P>,
    left: [f32; BLOCK],
    right: [f32; BLOCK],
}

impl<P> Effect for Running<P>
where
    P: Processor,
    P::Params: Send,
{
    fn init(&mut self, sample_rate: u32, _internal_buffer_size: usize) {
        self.processor = Some(P::new(&self.params, sample_rate.min(HIGHEST_RATE)));
    }

    fn on_change_sample_rate(&mut self, sample_rate: u32) {
        self.processor = Some(P::new(&self.params, sample_rate.min(HIGHEST_RATE)));
    }

    fn process(&mut self, input: &mut [Frame], _dt: f64, _info: &Info<'_>) {
        let Some(processor) = &mut self.processor else {
            return;
        };
        for frames in input.chunks_mut(BLOCK) {
            let (left, right) = (&mut self.left[..frames.len()], &mut self.right[..frames.len()]);
            for ((frame, l), r) in frames.iter().zip(&mut *left).zip(&mut *right) {
                (*l, *r) = (sound(frame.left), sound(frame.right));
            }
            processor.process(&mut StereoMut { left, right }, None);
            for ((frame, l), r) in frames.iter_mut().zip(&*left).zip(&*right) {
                *frame = Frame { left: *l, right: *r };
            }
        }
    }
}
