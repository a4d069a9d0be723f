//! The echo.
//!
//! Lives here: [`Delay`]. May be named here: `units`, `line`, [`Ramp`]. Runs on the audio thread.

use super::line::{Head, Line};
use super::math::flush;
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::DelayParams;
use crate::units::Seconds;

/// The longest time between two echoes, in seconds.
pub const MAX_DELAY_SECONDS: f32 = 4.0;
/// The strongest feedback.
pub const MAX_FEEDBACK: f32 = 0.98;

impl DelayParams {
    fn frames(&self, sample_rate: u32) -> usize {
        (Seconds::clamped(self.time.get().min(MAX_DELAY_SECONDS)).frames(sample_rate) as usize).max(1)
    }

    fn feedback(&self) -> f32 {
        self.feedback.get().min(MAX_FEEDBACK)
    }
}

/// A stereo echo. A change of time crossfades between two read places: no zipper, no bend of pitch.
#[derive(Debug)]
pub struct Delay {
    params: DelayParams,
    sample_rate: u32,
    glide: u32,
    line: Line,
    head: Head,
    feedback: Ramp,
    mix: Ramp,
}

impl Processor for Delay {
    type Params = DelayParams;

    fn new(params: &DelayParams, sample_rate: u32) -> Self {
        let glide = glide_frames(sample_rate);
        Self {
            params: *params,
            sample_rate,
            glide,
            line: Line::new(Seconds::clamped(MAX_DELAY_SECONDS).frames(sample_rate) as usize),
            head: Head::new(params.frames(sample_rate), glide),
            feedback: Ramp::new(params.feedback()),
            mix: Ramp::new(params.mix.get()),
        }
    }

    fn set(&mut self, params: &DelayParams) {
        self.params = *params;
        self.head.set(params.frames(self.sample_rate));
        self.feedback.set(params.feedback(), self.glide);
        self.mix.set(params.mix.get(), self.glide);
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let total = block.len();
        let (mut left, mut right) = (&mut block.left[..total], &mut block.right[..total]);
        while !left.is_empty() {
            // A chunk is never longer than the delay: what it reads is written already.
            let n = left.len().min(self.head.begin());
            let (now_l, rest_l) = left.split_at_mut(n);
            let (now_r, rest_r) = right.split_at_mut(n);
            (left, right) = (rest_l, rest_r);
            let (mut wet, mut back) = ([[0.0; BLOCK]; 2], [[0.0; BLOCK]; 2]);
            let (mut feedback, mut mix) = ([0.0; BLOCK], [0.0; BLOCK]);
            let [wet_l, wet_r] = &mut wet;
            self.head.read(&self.line, 0, &mut wet_l[..n], &mut wet_r[..n]);
            self.feedback.fill(&mut feedback[..n]);
            self.mix.fill(&mut mix[..n]);
            for ((dry, wet), back) in [now_l, now_r].into_iter().zip(&wet).zip(&mut back) {
                for i in 0..n {
                    back[i] = flush(dry[i] + feedback[i] * wet[i]);
                    dry[i] += mix[i] * (wet[i] - dry[i]);
                }
            }
            self.line.write([&back[0][..n], &back[1][..n]]);
        }
    }

    fn reset(&mut self) {
        self.line.clear();
        self.head.jump();
        self.feedback.jump(self.feedback.target());
        self.mix.jump(self.mix.target());
    }

    fn tail(&self) -> usize {
        let feedback = f64::from(self.params.feedback());
        // Echoes until feedback^n is below 10^-5.
        let echoes = if feedback > 0.0 { 1.0 + libm::ceil(5.0 / -libm::log10(feedback)) } else { 1.0 };
        (echoes * self.params.frames(self.sample_rate) as f64) as usize
    }
}
