//! The tremolo.
//!
//! Lives here: [`Tremolo`]. May be named here: `units`, `lfo`, [`Ramp`]. Runs on the audio thread.

use super::lfo::{Lfo, STEPS, TICK, triangle};
use super::{Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::{TremoloParams, TremoloShape};

/// How long the edges of a square are, in seconds.
const EDGE_SECONDS: f32 = 0.005;

/// How much of each shape there is.
fn shares(shape: TremoloShape) -> [f32; 3] {
    match shape {
        TremoloShape::Sine => [1.0, 0.0, 0.0],
        TremoloShape::Triangle => [0.0, 1.0, 0.0],
        TremoloShape::Square => [0.0, 0.0, 1.0],
    }
}

/// Swings the level of both sides, the right one later by a phase.
#[derive(Debug)]
pub struct Tremolo {
    glide: u32,
    lfo: Lfo,
    depth: Ramp,
    phase: Ramp,
    shares: [Ramp; 3],
    /// The gains now, and by how much they move each frame.
    gains: [f32; 2],
    slopes: [f32; 2],
    /// Frames left of the tick.
    left: usize,
}

impl Tremolo {
    /// The gains where the oscillator stands.
    fn targets(&self) -> [f32; 2] {
        let [sine, line, square] = self.shares.each_ref().map(Ramp::current);
        let steep = (1.0 / (2.0 * EDGE_SECONDS * self.lfo.hertz())).max(1.0);
        [0.0, self.phase.current()].map(|later| {
            // A quarter later, so that it begins at the top.
            let turns = self.lfo.turns(0.25 + later);
            let slant = triangle(turns);
            let edge = (steep * slant).clamp(-1.0, 1.0);
            let swing =
                sine * self.lfo.sine(0.25 + later) + line * slant + square * edge * (1.5 - 0.5 * edge * edge);
            1.0 - self.depth.current() * 0.5 * (1.0 - swing)
        })
    }

    fn next_tick(&mut self) {
        self.lfo.advance();
        let [a, b, c] = &mut self.shares;
        for ramp in [&mut self.depth, &mut self.phase, a, b, c] {
            ramp.skip(TICK as u32);
        }
        let targets = self.targets();
        for ((slope, gain), target) in self.slopes.iter_mut().zip(&self.gains).zip(targets) {
            *slope = (target - gain) / TICK as f32;
        }
        self.left = TICK;
    }
}

impl Processor for Tremolo {
    type Params = TremoloParams;

    fn new(params: &TremoloParams, sample_rate: u32) -> Self {
        let mut made = Self {
            glide: glide_frames(sample_rate),
            lfo: Lfo::new(params.rate, sample_rate),
            depth: Ramp::new(params.depth.get()),
            phase: Ramp::new(params.phase / 360.0),
            shares: shares(params.shape).map(Ramp::new),
            gains: [1.0; 2],
            slopes: [0.0; 2],
            left: 0,
        };
        made.gains = made.targets();
        made
    }

    fn set(&mut self, params: &TremoloParams) {
        self.lfo.set(params.rate);
        self.depth.set(params.depth.get(), self.glide);
        self.phase.set(params.phase / 360.0, self.glide);
        for (ramp, share) in self.shares.iter_mut().zip(shares(params.shape)) {
            ramp.set(share, self.glide);
        }
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let n = block.len();
        let (mut left, mut right) = (&mut block.left[..n], &mut block.right[..n]);
        while !left.is_empty() {
            if self.left == 0 {
                self.next_tick();
            }
            let n = left.len().min(self.left);
            let done = TICK - self.left;
            let (now_l, rest_l) = left.split_at_mut(n);
            let (now_r, rest_r) = right.split_at_mut(n);
            (left, right) = (rest_l, rest_r);
            for ((samples, gain), slope) in [now_l, now_r].into_iter().zip(&self.gains).zip(&self.slopes) {
                for (x, step) in samples.iter_mut().zip(&STEPS[done..]) {
                    *x *= gain + slope * step;
                }
            }
            self.left -= n;
            if self.left == 0 {
                for (gain, slope) in self.gains.iter_mut().zip(&self.slopes) {
                    *gain += slope * TICK as f32;
                }
            }
        }
    }

    fn reset(&mut self) {
        let [a, b, c] = &mut self.shares;
        for ramp in [&mut self.depth, &mut self.phase, a, b, c] {
            ramp.jump(ramp.target());
        }
        self.lfo.reset();
        (self.gains, self.slopes, self.left) = (self.targets(), [0.0; 2], 0);
    }
}
