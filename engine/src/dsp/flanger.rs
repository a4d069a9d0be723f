//! The flanger.
//!
//! Lives here: [`Flanger`]. May be named here: `units`, `lfo`, `sweep`, `math`, [`Ramp`]. Runs on the audio thread.

use super::lfo::{Follow, Lfo, TICK};
use super::math::flush;
use super::sweep::{SHORTEST, Sweep, SweptLine};
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::FlangerParams;

/// The latest the copy can be, in seconds.
const LATEST: f64 = 0.02;
/// The strongest feedback.
const MAX_FEEDBACK: f32 = 0.95;

/// One copy on each side whose lateness swings, with feedback.
#[derive(Debug)]
pub struct Flanger {
    params: FlangerParams,
    sample_rate: u32,
    glide: u32,
    line: SweptLine,
    lfo: Lfo,
    /// In frames.
    delay: Follow,
    depth: Follow,
    phase: Follow,
    feedback: Ramp,
    mix: Ramp,
    sides: [Sweep; 2],
    /// Frames left of the tick.
    left: usize,
}

impl FlangerParams {
    fn frames(&self, sample_rate: u32) -> f32 {
        self.delay.get() * sample_rate as f32
    }

    fn feedback(&self) -> f32 {
        self.feedback.clamp(-MAX_FEEDBACK, MAX_FEEDBACK)
    }
}

impl Flanger {
    /// The delays where the oscillator stands.
    fn targets(&self) -> [f64; 2] {
        [0.0, self.phase.current() as f32].map(|later| {
            let swing = f64::from(self.lfo.sine(later)) * self.depth.current();
            self.delay.current() * (1.0 + swing)
        })
    }

    fn next_tick(&mut self) {
        self.lfo.advance();
        for follow in [&mut self.delay, &mut self.depth, &mut self.phase] {
            follow.advance();
        }
        let targets = self.targets();
        for (sweep, target) in self.sides.iter_mut().zip(targets) {
            sweep.next(target);
        }
        self.left = TICK;
    }
}

impl Processor for Flanger {
    type Params = FlangerParams;

    fn new(params: &FlangerParams, sample_rate: u32) -> Self {
        let mut made = Self {
            params: *params,
            sample_rate,
            glide: glide_frames(sample_rate),
            line: SweptLine::new((LATEST * f64::from(sample_rate)) as usize + TICK),
            lfo: Lfo::new(params.rate, sample_rate),
            delay: Follow::new(params.frames(sample_rate), sample_rate),
            depth: Follow::new(params.depth.get(), sample_rate),
            phase: Follow::new(params.phase / 360.0, sample_rate),
            feedback: Ramp::new(params.feedback()),
            mix: Ramp::new(params.mix.get()),
            sides: [Sweep::default(); 2],
            left: 0,
        };
        made.sides = made.targets().map(Sweep::at);
        made
    }

    fn set(&mut self, params: &FlangerParams) {
        if *params == self.params {
            return;
        }
        self.params = *params;
        self.lfo.set(params.rate);
        self.delay.set(params.frames(self.sample_rate));
        self.depth.set(params.depth.get());
        self.phase.set(params.phase / 360.0);
        self.feedback.set(params.feedback(), self.glide);
        self.mix.set(params.mix.get(), self.glide);
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let n = block.len();
        let (mut feedback, mut mix) = ([0.0; BLOCK], [0.0; BLOCK]);
        self.feedback.fill(&mut feedback[..n]);
        self.mix.fill(&mut mix[..n]);
        let sides = [&mut block.left[..n], &mut block.right[..n]];
        let mut at = 0;
        while at < n {
            if self.left == 0 {
                self.next_tick();
            }
            let frame = TICK - self.left;
            // A chunk never reads what it is yet to write.
            let shortest = self.sides.iter().map(|sweep| sweep.shortest(frame)).fold(usize::MAX, usize::min);
            let most = (shortest + 1).saturating_sub(SHORTEST as usize).max(1);
            let count = self.left.min(n - at).min(most);
            let (feedback, mix) = (&feedback[at..at + count], &mix[at..at + count]);
            let mut into = [[0.0; TICK]; 2];
            for (side, (sweep, into)) in self.sides.iter().zip(&mut into).enumerate() {
                let mut copy = [0.0; TICK];
                self.line.read(side, sweep, frame, 0, &mut copy[..count]);
                let dry = &mut sides[side][at..at + count];
                for ((((dry, into), copy), feedback), mix) in
                    dry.iter_mut().zip(into).zip(&copy).zip(feedback).zip(mix)
                {
                    *into = flush(*dry + feedback * copy);
                    *dry += mix * (copy - *dry);
                }
            }
            self.line.write([&into[0][..count], &into[1][..count]]);
            self.left -= count;
            at += count;
        }
    }

    fn reset(&mut self) {
        self.line.clear();
        self.lfo.reset();
        for follow in [&mut self.delay, &mut self.depth, &mut self.phase] {
            follow.jump();
        }
        self.feedback.jump(self.feedback.target());
        self.mix.jump(self.mix.target());
        (self.sides, self.left) = (self.targets().map(Sweep::at), 0);
    }

    fn tail(&self) -> usize {
        let feedback = f64::from(self.params.feedback().abs());
        // Echoes until feedback^n is below 10^-5.
        let echoes = if feedback > 0.0 { 1.0 + libm::ceil(5.0 / -libm::log10(feedback)) } else { 1.0 };
        let frames = f64::from(self.delay.target()).max(self.delay.current());
        (echoes * (2.0 * frames + 8.0)) as usize
    }
}
