//! The crusher.
//!
//! Lives here: [`Crusher`]. May be named here: `units`, `math`, [`Ramp`]. Runs on the audio thread.
//!
//! Samples are held for exact times: where a new one begins between two frames, its value is read there from a
//! straight line, and the frame holds old and new by their shares of the time since the last. So a rate that
//! does not divide the engine's gives no beating by rounded lengths.

use super::math::fast_exp2;
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::CrusherParams;

/// Fewer bits and a lower rate. With a rate as high as the engine's and 24 bits, close to nothing changes.
#[derive(Debug)]
pub struct Crusher {
    sample_rate: u32,
    glide: u32,
    bits: Ramp,
    /// New samples per frame; from 1 on there is one for each.
    pace: Ramp,
    mix: Ramp,
    /// Time since the last new sample, in samples.
    since: f32,
    sides: [Held; 2],
}

/// What one channel holds.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    before: f32,
    value: f32,
}

impl Held {
    /// A frame in which a new sample began `ago` frames ago; `near` leads over to one in every frame.
    #[inline(always)]
    fn renew(&mut self, x: f32, ago: f32, near: f32) -> f32 {
        let new = x - ago * (1.0 - near) * (x - self.before);
        let out = self.value + (ago + (1.0 - ago) * near) * (new - self.value);
        self.value = new;
        out
    }
}

fn pace(params: &CrusherParams, sample_rate: u32) -> f32 {
    params.rate.get() / sample_rate.max(1) as f32
}

/// The nearest multiple of a step; `steps` of them are full scale.
#[inline(always)]
fn round(x: f32, steps: f32) -> f32 {
    // As in `fast_exp2`. Beyond 2^22 a float is nearly whole already.
    const MAGIC: f32 = 12_582_912.0;
    let y = x * steps;
    let whole = (y + MAGIC) - MAGIC;
    if y.abs() < 4_194_304.0 { whole / steps } else { x }
}

impl Crusher {
    fn hold(&mut self, left: &mut [f32], right: &mut [f32]) {
        let [l, r] = &mut self.sides;
        for (left, right) in left.iter_mut().zip(right) {
            let pace = self.pace.next();
            let (x, y) = (*left, *right);
            if pace >= 1.0 {
                (l.value, r.value, self.since) = (x, y, 0.0);
            } else {
                self.since += pace;
                let begins = self.since >= 1.0;
                if begins {
                    self.since -= 1.0;
                    let (ago, near) = ((self.since / pace).min(1.0), (2.0 * pace - 1.0).max(0.0));
                    (*left, *right) = (l.renew(x, ago, near), r.renew(y, ago, near));
                } else {
                    (*left, *right) = (l.value, r.value);
                }
            }
            (l.before, r.before) = (x, y);
        }
    }
}

impl Processor for Crusher {
    type Params = CrusherParams;

    fn new(params: &CrusherParams, sample_rate: u32) -> Self {
        Self {
            sample_rate,
            glide: glide_frames(sample_rate),
            bits: Ramp::new(params.bits),
            pace: Ramp::new(pace(params, sample_rate)),
            mix: Ramp::new(params.mix.get()),
            since: 0.0,
            sides: [Held::default(); 2],
        }
    }

    fn set(&mut self, params: &CrusherParams) {
        self.bits.set(params.bits, self.glide);
        self.pace.set(pace(params, self.sample_rate), self.glide);
        self.mix.set(params.mix.get(), self.glide);
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let n = block.len();
        let (mut wet_l, mut wet_r, mut steps) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        let (wet_l, wet_r, steps) = (&mut wet_l[..n], &mut wet_r[..n], &mut steps[..n]);
        let (left, right) = (&mut block.left[..n], &mut block.right[..n]);
        wet_l.copy_from_slice(left);
        wet_r.copy_from_slice(right);
        self.hold(wet_l, wet_r);
        // Full scale is 2^(bits - 1) steps.
        if self.bits.is_steady() {
            steps.fill(fast_exp2(self.bits.current() - 1.0));
        } else {
            self.bits.fill(steps);
            steps.iter_mut().for_each(|x| *x = fast_exp2(*x - 1.0));
        }
        let mut mix = [0.0; BLOCK];
        self.mix.fill(&mut mix[..n]);
        for (dry, wet) in [(left, wet_l), (right, wet_r)] {
            for (((dry, wet), steps), mix) in dry.iter_mut().zip(wet).zip(&*steps).zip(&mix) {
                *dry = *dry * (1.0 - mix) + round(*wet, *steps) * mix;
            }
        }
    }

    fn reset(&mut self) {
        for ramp in [&mut self.bits, &mut self.pace, &mut self.mix] {
            ramp.jump(ramp.target());
        }
        (self.since, self.sides) = (0.0, [Held::default(); 2]);
    }

    fn tail(&self) -> usize {
        // The last sample is held until the next one.
        (2.0 / self.pace.target().max(1e-4)) as usize + 1
    }
}
