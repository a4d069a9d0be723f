//! The echo.
//!
//! Lives here: [`Delay`]. May be named here: `units`, `line`, `tap`, `cuts`, [`Ramp`]. Runs on the audio
//! thread.
//!
//! What comes back passes the two filters, may change sides, and joins the input. The filters never amplify and
//! the exchange of sides is a mean of the two, so the loop's gain is at most the feedback.

use super::cuts::{Cuts, LOWEST};
use super::line::Line;
use super::math::flush;
use super::simd::dispatched;
use super::tap::Tap;
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::{DelayGlide, DelayParams};
use crate::units::Seconds;

/// The longest time between two echoes, in seconds.
pub const MAX_DELAY_SECONDS: f32 = 4.0;
/// The strongest feedback.
pub const MAX_FEEDBACK: f32 = 0.98;
/// By how much the right side may be later at most, in seconds.
const MAX_SPREAD_SECONDS: f32 = 0.1;

impl DelayParams {
    /// The seconds between repeats: `beats` at `tempo`, or `time` if there are none; never more than
    /// [`MAX_DELAY_SECONDS`].
    pub fn seconds(&self) -> f32 {
        let seconds =
            if self.beats > 0.0 { self.beats * 60.0 / self.tempo.max(1.0) } else { self.time.get() };
        seconds.min(MAX_DELAY_SECONDS)
    }

    /// The delays of both sides.
    fn frames(&self, sample_rate: u32) -> [usize; 2] {
        let spread = self.spread.get().min(MAX_SPREAD_SECONDS);
        [0.0, spread]
            .map(|more| (Seconds::clamped(self.seconds() + more).frames(sample_rate) as usize).max(1))
    }

    fn feedback(&self) -> f32 {
        self.feedback.get().min(MAX_FEEDBACK)
    }
}

/// A stereo echo with filters in its loop. A change of time fades to the new one or slides there like a tape's
/// head; nothing clicks or zips.
#[derive(Debug)]
pub struct Delay {
    params: DelayParams,
    sample_rate: u32,
    glide: u32,
    line: Line,
    taps: [Tap; 2],
    cuts: Cuts,
    feedback: Ramp,
    exchange: Ramp,
    mix: Ramp,
}

impl Processor for Delay {
    type Params = DelayParams;

    fn new(params: &DelayParams, sample_rate: u32) -> Self {
        let glide = glide_frames(sample_rate);
        let longest = Seconds::clamped(MAX_DELAY_SECONDS + MAX_SPREAD_SECONDS).frames(sample_rate);
        let [left, right] = params.frames(sample_rate);
        Self {
            params: *params,
            sample_rate,
            glide,
            // A sliding head reads a few frames around its place.
            line: Line::new(longest as usize + 16),
            taps: [Tap::new(0, left, glide, sample_rate), Tap::new(1, right, glide, sample_rate)],
            cuts: Cuts::new(params.low_cut.get(), params.high_cut.get(), sample_rate),
            feedback: Ramp::new(params.feedback()),
            exchange: Ramp::new(params.ping_pong.get()),
            mix: Ramp::new(params.mix.get()),
        }
    }

    fn set(&mut self, params: &DelayParams) {
        if *params == self.params {
            return;
        }
        self.params = *params;
        for (tap, frames) in self.taps.iter_mut().zip(params.frames(self.sample_rate)) {
            tap.set(frames);
        }
        self.cuts.set(params.low_cut.get(), params.high_cut.get(), self.sample_rate, self.glide);
        self.feedback.set(params.feedback(), self.glide);
        self.exchange.set(params.ping_pong.get(), self.glide);
        self.mix.set(params.mix.get(), self.glide);
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let total = block.len();
        let slides = self.params.glide == DelayGlide::Tape;
        let (mut left, mut right) = (&mut block.left[..total], &mut block.right[..total]);
        while !left.is_empty() {
            // A chunk is never longer than the delay: what it reads is written already.
            let [one, other] = &mut self.taps;
            let n = left.len().min(one.begin(slides)).min(other.begin(slides));
            let (now_l, rest_l) = left.split_at_mut(n);
            let (now_r, rest_r) = right.split_at_mut(n);
            (left, right) = (rest_l, rest_r);
            let (mut wet, mut back) = ([[0.0; BLOCK]; 2], [[0.0; BLOCK]; 2]);
            let (mut feedback, mut exchange, mut mix) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
            let [wet_l, wet_r] = wet.each_mut().map(|side| &mut side[..n]);
            let [back_l, back_r] = back.each_mut().map(|side| &mut side[..n]);
            one.read(&self.line, 0, wet_l);
            other.read(&self.line, 0, wet_r);
            back_l.copy_from_slice(wet_l);
            back_r.copy_from_slice(wet_r);
            self.cuts.process(back_l, back_r);
            self.feedback.fill(&mut feedback[..n]);
            self.mix.fill(&mut mix[..n]);
            if self.exchange.is_steady() && self.exchange.current() == 0.0 {
                join([&*now_l, &*now_r], [&mut *back_l, &mut *back_r], &feedback[..n]);
            } else {
                self.exchange.fill(&mut exchange[..n]);
                let back = [&mut *back_l, &mut *back_r];
                cross([&*now_l, &*now_r], back, &feedback[..n], &exchange[..n]);
            }
            blend([now_l, now_r], [wet_l, wet_r], &mix[..n]);
            self.line.write([back_l, back_r]);
        }
    }

    fn reset(&mut self) {
        self.line.clear();
        self.taps.iter_mut().for_each(Tap::jump);
        self.cuts.reset();
        self.feedback.jump(self.feedback.target());
        self.exchange.jump(self.exchange.target());
        self.mix.jump(self.mix.target());
    }

    fn tail(&self) -> usize {
        let feedback = f64::from(self.params.feedback());
        // Echoes until feedback^n is below 10^-5.
        let echoes = if feedback > 0.0 { 1.0 + libm::ceil(5.0 / -libm::log10(feedback)) } else { 1.0 };
        let longest = self.taps.iter().map(Tap::longest).max().unwrap_or(0);
        let rings = self.params.low_cut.get() > LOWEST && feedback > 0.0;
        // ln(10^5) = 11.5 time constants of the high-pass.
        let ring = if rings { 1.84 / f64::from(self.params.low_cut.get()) } else { 0.0 };
        (echoes * longest as f64 + ring * f64::from(self.sample_rate)) as usize
    }
}

dispatched! {
    /// What goes into the line: the input, and what comes back.
    fn join(dry: [&[f32]; 2], back: [&mut [f32]; 2], feedback: &[f32]) {
        for (dry, back) in dry.into_iter().zip(back) {
            for ((back, dry), feedback) in back.iter_mut().zip(dry).zip(feedback) {
                *back = flush(dry + feedback * *back);
            }
        }
    }

    /// The same with an exchange of sides: the input gathers on the left, what comes back changes over.
    fn cross(dry: [&[f32]; 2], back: [&mut [f32]; 2], feedback: &[f32], exchange: &[f32]) {
        let ([dry_l, dry_r], [back_l, back_r]) = (dry, back);
        let rows = back_l.iter_mut().zip(back_r).zip(dry_l.iter().zip(dry_r));
        for (((l, r), (dry_l, dry_r)), (feedback, exchange)) in rows.zip(feedback.iter().zip(exchange)) {
            let over = exchange * (*r - *l);
            *l = flush(dry_l + exchange * 0.5 * (dry_r - dry_l) + feedback * (*l + over));
            *r = flush(dry_r - exchange * dry_r + feedback * (*r - over));
        }
    }

    fn blend(dry: [&mut [f32]; 2], wet: [&mut [f32]; 2], mix: &[f32]) {
        for (dry, wet) in dry.into_iter().zip(wet) {
            for ((dry, wet), mix) in dry.iter_mut().zip(wet).zip(mix) {
                *dry += mix * (*wet - *dry);
            }
        }
    }
}
