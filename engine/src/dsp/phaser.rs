//! The phaser.
//!
//! Lives here: [`Phaser`]. May be named here: `units`, `lfo`, `simd`, `math`, [`Ramp`]. Runs on the audio thread.
//!
//! A stage is a first-order all-pass by the trapezoidal rule (V. Zavalishin, "The Art of VA Filter Design", 2018,
//! chapter 3): with `a = (g - 1) / (g + 1)` and `g = tan(π f / rate)`, `y = a x + (1 - a) s` and
//! `s' = s + (1 + a) (x - s)`. Its state is what the low-pass within holds, so `a` may move at any frame. `N`
//! stages at one frequency `f` turn by half turns where `tan(π F / rate) = g tan(π (2k + 1) / 2N)`: there,
//! mixed half and half, are the notches.

use super::lfo::{Lfo, STEPS, TICK};
use super::math::{fast_exp2, fast_sin_turns, flush};
use super::simd::dispatched;
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::PhaserParams;

/// The most stages.
pub const MAX_STAGES: usize = 12;
/// The strongest feedback.
const MAX_FEEDBACK: f32 = 0.95;

/// Both channels.
type Pair = [f32; 2];

/// Up to twelve all-pass stages on each side, whose frequency swings on a logarithmic scale.
#[derive(Debug)]
pub struct Phaser {
    params: PhaserParams,
    sample_rate: u32,
    glide: u32,
    lfo: Lfo,
    /// Octaves over 1 Hz.
    low: Ramp,
    high: Ramp,
    phase: Ramp,
    feedback: Ramp,
    mix: Ramp,
    stages: usize,
    /// Faded to, where it differs.
    next: usize,
    fade: Ramp,
    chain: Chain,
    /// Frames left of the tick.
    left: usize,
}

/// The stages' memory, and where `a` stands and goes.
#[derive(Debug, Clone, Copy)]
struct Chain {
    a: Pair,
    slope: Pair,
    states: [Pair; MAX_STAGES],
    last: Pair,
}

impl Chain {
    /// One frame through the first stages, each value kept.
    #[inline(always)]
    fn step<const N: usize>(&mut self, a: Pair, input: Pair, feedback: f32) -> [Pair; N] {
        let mut x = [input[0] + feedback * self.last[0], input[1] + feedback * self.last[1]];
        let mut values = [[0.0; 2]; N];
        for (state, value) in self.states.iter_mut().zip(&mut values) {
            for side in 0..2 {
                let s = state[side];
                value[side] = a[side] * x[side] + (1.0 - a[side]) * s;
                state[side] = s + (1.0 + a[side]) * (x[side] - s);
            }
            x = *value;
        }
        values
    }

    #[inline(always)]
    fn at(&self, step: f32) -> Pair {
        std::array::from_fn(|side| self.a[side] + self.slope[side] * step)
    }

    fn flush(&mut self) {
        for side in 0..2 {
            self.last[side] = flush(self.last[side]);
        }
        for state in &mut self.states {
            *state = state.map(flush);
        }
    }
}

dispatched! {
    /// From dry to turned frames, within a tick from its frame `frame` on.
    fn turn<const N: usize>(chain: &mut Chain, frame: usize, feedback: &[f32], frames: &mut [Pair]) {
        let mut local = *chain;
        let steps = STEPS.iter().skip(frame);
        for ((out, feedback), step) in frames.iter_mut().zip(feedback).zip(steps) {
            let values: [Pair; N] = local.step(local.at(*step), *out, *feedback);
            local.last = values[N - 1];
            *out = local.last;
        }
        *chain = local;
    }
}

/// The number of stages: an even one.
fn stages(params: &PhaserParams) -> usize {
    2 * (params.stages.clamp(2.0, MAX_STAGES as f32) / 2.0 + 0.5) as usize
}

fn octaves(params: &PhaserParams) -> [f32; 2] {
    [params.low, params.high].map(|freq| libm::log2f(freq.get()))
}

impl Phaser {
    /// The stages' coefficients where the oscillator stands.
    fn targets(&self) -> Pair {
        let (low, high) = (self.low.current(), self.high.current());
        let now = self.lfo.turns(0.0);
        let swing = [now, now + self.phase.current()].map(fast_sin_turns);
        let octaves = swing.map(|swing| low + (high - low) * (0.5 + 0.5 * swing));
        let freq = octaves.map(|octaves| fast_exp2(octaves) / self.sample_rate.max(1) as f32);
        // (tan x - 1) / (tan x + 1) = -tan(π / 4 - x), here in turns.
        let [l, r] = freq.map(|freq| 0.125 - 0.5 * freq.min(0.49));
        let [sin_l, sin_r, cos_l, cos_r] = [l, r, l + 0.25, r + 0.25].map(fast_sin_turns);
        [-sin_l / cos_l, -sin_r / cos_r]
    }

    fn next_tick(&mut self) {
        self.lfo.advance();
        for ramp in [&mut self.low, &mut self.high, &mut self.phase] {
            ramp.skip(TICK as u32);
        }
        let targets = self.targets();
        let chain = &mut self.chain;
        chain.flush();
        for ((a, slope), target) in chain.a.iter_mut().zip(&mut chain.slope).zip(targets) {
            *a += *slope * TICK as f32;
            *slope = (target - *a) / TICK as f32;
        }
        self.left = TICK;
    }

    /// Ends a fade that has arrived and begins one that waits; then how many of `frames` are of one kind.
    fn begin(&mut self, frames: usize) -> usize {
        if self.next != self.stages && self.fade.is_steady() {
            self.stages = self.next;
        }
        let wanted = stages(&self.params);
        if self.next == self.stages && wanted != self.stages {
            self.next = wanted;
            self.fade.jump(0.0);
            self.fade.set(1.0, self.glide);
            // Stages that were not in use hold what is long past.
            self.chain.states[self.stages.min(MAX_STAGES)..].fill([0.0; 2]);
        }
        if self.next == self.stages { frames } else { frames.min(self.fade.remaining() as usize) }
    }

    /// Turns frames within a tick.
    fn run(&mut self, frame: usize, feedback: &[f32], frames: &mut [Pair]) {
        if self.next != self.stages {
            let mut fade = [0.0; TICK];
            self.fade.fill(&mut fade[..frames.len().min(TICK)]);
            let steps = STEPS.iter().skip(frame);
            for (((out, feedback), fade), step) in frames.iter_mut().zip(feedback).zip(&fade).zip(steps) {
                let values: [Pair; MAX_STAGES] = self.chain.step(self.chain.at(*step), *out, *feedback);
                let tap = |stages: usize| values.get(stages - 1).copied().unwrap_or_default();
                let (old, new) = (tap(self.stages), tap(self.next));
                *out = std::array::from_fn(|side| old[side] + fade * (new[side] - old[side]));
                self.chain.last = *out;
            }
            return;
        }
        match self.stages {
            2 => turn::<2>(&mut self.chain, frame, feedback, frames),
            4 => turn::<4>(&mut self.chain, frame, feedback, frames),
            6 => turn::<6>(&mut self.chain, frame, feedback, frames),
            8 => turn::<8>(&mut self.chain, frame, feedback, frames),
            10 => turn::<10>(&mut self.chain, frame, feedback, frames),
            _ => turn::<MAX_STAGES>(&mut self.chain, frame, feedback, frames),
        }
    }
}

impl Processor for Phaser {
    type Params = PhaserParams;

    fn new(params: &PhaserParams, sample_rate: u32) -> Self {
        let [low, high] = octaves(params);
        let none = [0.0; 2];
        let mut made = Self {
            params: *params,
            sample_rate,
            glide: glide_frames(sample_rate),
            lfo: Lfo::new(params.rate, sample_rate),
            low: Ramp::new(low),
            high: Ramp::new(high),
            phase: Ramp::new(params.phase / 360.0),
            feedback: Ramp::new(params.feedback.clamp(-MAX_FEEDBACK, MAX_FEEDBACK)),
            mix: Ramp::new(params.mix.get()),
            stages: stages(params),
            next: stages(params),
            fade: Ramp::new(0.0),
            chain: Chain { a: none, slope: none, states: [none; MAX_STAGES], last: none },
            left: 0,
        };
        made.chain.a = made.targets();
        made
    }

    fn set(&mut self, params: &PhaserParams) {
        if *params == self.params {
            return;
        }
        self.params = *params;
        let [low, high] = octaves(params);
        self.lfo.set(params.rate);
        self.low.set(low, self.glide);
        self.high.set(high, self.glide);
        self.phase.set(params.phase / 360.0, 4 * self.glide);
        self.feedback.set(params.feedback.clamp(-MAX_FEEDBACK, MAX_FEEDBACK), self.glide);
        self.mix.set(params.mix.get(), self.glide);
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let n = block.len();
        let (mut wet, mut feedback, mut mix) = ([[0.0; 2]; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        self.feedback.fill(&mut feedback[..n]);
        self.mix.fill(&mut mix[..n]);
        for ((wet, l), r) in wet[..n].iter_mut().zip(&*block.left).zip(&*block.right) {
            *wet = [*l, *r];
        }
        let mut at = 0;
        while at < n {
            if self.left == 0 {
                self.next_tick();
            }
            let frame = TICK - self.left;
            let count = self.begin(self.left.min(n - at));
            self.run(frame, &feedback[at..at + count], &mut wet[at..at + count]);
            self.left -= count;
            at += count;
        }
        for (((l, r), wet), mix) in block.left.iter_mut().zip(block.right.iter_mut()).zip(&wet[..n]).zip(&mix)
        {
            *l += mix * (wet[0] - *l);
            *r += mix * (wet[1] - *r);
        }
    }

    fn reset(&mut self) {
        self.lfo.reset();
        for ramp in [&mut self.low, &mut self.high, &mut self.phase, &mut self.feedback, &mut self.mix] {
            ramp.jump(ramp.target());
        }
        (self.stages, self.next, self.left) = (stages(&self.params), stages(&self.params), 0);
        let none = [0.0; 2];
        self.chain = Chain { a: self.targets(), slope: none, states: [none; MAX_STAGES], last: none };
    }

    fn tail(&self) -> usize {
        // A stage rings for its time constant, the sum of all comes back by the feedback.
        let lowest = f64::from(self.params.low.get().min(self.params.high.get()));
        let frames = f64::from(self.sample_rate) / (std::f64::consts::TAU * lowest);
        let turns = 1.0 + 11.52 / (1.0 - f64::from(self.params.feedback.abs().min(MAX_FEEDBACK)));
        (frames * (11.52 + turns * 2.0 * stages(&self.params) as f64)) as usize + 8
    }
}
