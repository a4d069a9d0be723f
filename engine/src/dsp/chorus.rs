//! The chorus.
//!
//! Lives here: [`Chorus`]. May be named here: `units`, `lfo`, `sweep`, `math`, [`Ramp`]. Runs on the audio thread.

use super::lfo::{Follow, Lfo, TICK};
use super::math::fast_sin_turns;
use super::sweep::{Sweep, SweptLine};
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::ChorusParams;

/// The most copies.
pub const MAX_VOICES: usize = 4;
/// The latest a copy can be, in seconds: the longest delay and the deepest swing.
const LATEST: f64 = 0.06;
/// By what part of a turn each copy swings later than the first: any number of them is well spread.
const LATER: [f32; MAX_VOICES] = [0.0, 0.5, 0.25, 0.75];

/// Up to four copies on each side, whose lateness swings against one another. The copies together are as loud
/// as the signal, if they sound as if they were many.
#[derive(Debug)]
pub struct Chorus {
    params: ChorusParams,
    sample_rate: u32,
    glide: u32,
    line: SweptLine,
    lfo: Lfo,
    /// In frames.
    delay: Follow,
    depth: Follow,
    phase: Follow,
    mix: Ramp,
    voices: [Voice; MAX_VOICES],
    /// Frames left of the tick.
    left: usize,
}

#[derive(Debug, Clone, Copy)]
struct Voice {
    gain: Ramp,
    sides: [Sweep; 2],
}

impl ChorusParams {
    fn gain(&self, voice: usize) -> f32 {
        let count = self.voices.clamp(1.0, MAX_VOICES as f32) + 0.5;
        let count = count as usize;
        if voice < count { 1.0 / (count as f32).sqrt() } else { 0.0 }
    }

    fn frames(&self, sample_rate: u32) -> [f32; 2] {
        [self.delay, self.depth].map(|time| time.get() * sample_rate as f32)
    }
}

impl Chorus {
    /// The delays of the copies where the oscillator stands, the left side's first.
    fn targets(&self) -> [[f64; MAX_VOICES]; 2] {
        let mut turns = [[0.0; MAX_VOICES]; 2];
        for (turns, side) in turns.iter_mut().zip([0.0, self.phase.current() as f32]) {
            for (turns, later) in turns.iter_mut().zip(LATER) {
                *turns = self.lfo.turns(0.0) + side + later;
            }
        }
        let (delay, depth) = (self.delay.current(), self.depth.current());
        turns.map(|side| side.map(|turns| delay + depth * f64::from(fast_sin_turns(turns))))
    }

    fn next_tick(&mut self) {
        self.lfo.advance();
        for follow in [&mut self.delay, &mut self.depth, &mut self.phase] {
            follow.advance();
        }
        let [left, right] = self.targets();
        for ((voice, left), right) in self.voices.iter_mut().zip(left).zip(right) {
            voice.sides[0].next(left);
            voice.sides[1].next(right);
        }
        self.left = TICK;
    }

    /// Stands where the ramps and the oscillator do.
    fn settle(&mut self) {
        let [left, right] = self.targets();
        for ((voice, left), right) in self.voices.iter_mut().zip(left).zip(right) {
            voice.sides = [Sweep::at(left), Sweep::at(right)];
        }
        self.left = 0;
    }
}

impl Processor for Chorus {
    type Params = ChorusParams;

    fn new(params: &ChorusParams, sample_rate: u32) -> Self {
        let [delay, depth] = params.frames(sample_rate);
        let voice = |i| Voice { gain: Ramp::new(params.gain(i)), sides: [Sweep::default(); 2] };
        let mut made = Self {
            params: *params,
            sample_rate,
            glide: glide_frames(sample_rate),
            line: SweptLine::new((LATEST * f64::from(sample_rate)) as usize + TICK),
            lfo: Lfo::new(params.rate, sample_rate),
            delay: Follow::new(delay, sample_rate),
            depth: Follow::new(depth, sample_rate),
            phase: Follow::new(params.phase / 360.0, sample_rate),
            mix: Ramp::new(params.mix.get()),
            voices: std::array::from_fn(voice),
            left: 0,
        };
        made.settle();
        made
    }

    fn set(&mut self, params: &ChorusParams) {
        if *params == self.params {
            return;
        }
        self.params = *params;
        self.lfo.set(params.rate);
        let [delay, depth] = params.frames(self.sample_rate);
        self.delay.set(delay);
        self.depth.set(depth);
        self.phase.set(params.phase / 360.0);
        self.mix.set(params.mix.get(), self.glide);
        for (i, voice) in self.voices.iter_mut().enumerate() {
            voice.gain.set(params.gain(i), self.glide);
        }
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let n = block.len();
        let sides = [&mut block.left[..n], &mut block.right[..n]];
        self.line.write([&*sides[0], &*sides[1]]);
        let (mut wet, mut mix) = ([[0.0; BLOCK]; 2], [0.0; BLOCK]);
        let mut at = 0;
        while at < n {
            if self.left == 0 {
                self.next_tick();
            }
            let (frame, count) = (TICK - self.left, self.left.min(n - at));
            for voice in &mut self.voices {
                if voice.gain.is_steady() && voice.gain.current() == 0.0 {
                    continue;
                }
                let mut gains = [voice.gain.current(); TICK];
                if !voice.gain.is_steady() {
                    voice.gain.fill(&mut gains[..count]);
                }
                for (side, (sweep, wet)) in voice.sides.iter().zip(&mut wet).enumerate() {
                    let mut copy = [0.0; TICK];
                    self.line.read(side, sweep, frame, n - at, &mut copy[..count]);
                    for ((wet, copy), gain) in wet[at..at + count].iter_mut().zip(&copy).zip(&gains) {
                        *wet += copy * gain;
                    }
                }
            }
            self.left -= count;
            at += count;
        }
        self.mix.fill(&mut mix[..n]);
        for (side, wet) in sides.into_iter().zip(&wet) {
            for ((dry, wet), mix) in side.iter_mut().zip(wet).zip(&mix) {
                *dry += mix * (wet - *dry);
            }
        }
    }

    fn reset(&mut self) {
        self.line.clear();
        self.lfo.reset();
        for follow in [&mut self.delay, &mut self.depth, &mut self.phase] {
            follow.jump();
        }
        self.mix.jump(self.mix.target());
        self.voices.iter_mut().for_each(|voice| voice.gain.jump(voice.gain.target()));
        self.settle();
    }

    fn tail(&self) -> usize {
        // A longer delay from before may still be on its way.
        let longest = |follow: &Follow| f64::from(follow.target()).max(follow.current());
        (longest(&self.delay) + longest(&self.depth)) as usize + 8
    }
}
