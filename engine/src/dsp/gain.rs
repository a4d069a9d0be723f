//! A plain gain.
//!
//! Lives here: [`Gain`]. May be named here: `units`, [`Ramp`]. Runs on the audio thread.

use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::GainParams;

/// Multiplies by one gain. At unity the signal passes bit for bit.
#[derive(Debug)]
pub struct Gain {
    amplitude: Ramp,
    glide: u32,
}

impl Processor for Gain {
    type Params = GainParams;

    fn new(params: &GainParams, sample_rate: u32) -> Self {
        Self { amplitude: Ramp::new(params.gain.amplitude()), glide: glide_frames(sample_rate) }
    }

    fn set(&mut self, params: &GainParams) {
        self.amplitude.set(params.gain.amplitude(), self.glide);
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let n = block.len();
        if self.amplitude.is_steady() {
            let gain = self.amplitude.current();
            if gain != 1.0 {
                block.left[..n].iter_mut().for_each(|x| *x *= gain);
                block.right[..n].iter_mut().for_each(|x| *x *= gain);
            }
        } else {
            let mut gains = [0.0; BLOCK];
            self.amplitude.fill(&mut gains[..n]);
            for ((l, r), gain) in block.left.iter_mut().zip(block.right.iter_mut()).zip(&gains[..n]) {
                *l *= gain;
                *r *= gain;
            }
        }
    }

    fn reset(&mut self) {
        self.amplitude.jump(self.amplitude.target());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Decibels;

    #[test]
    fn it_glides_to_the_declared_gain_in_twenty_milliseconds() {
        let mut gain = Gain::new(&GainParams::default(), 48_000);
        gain.set(&GainParams { gain: Decibels::clamped(-6.0206) });
        let mut out = Vec::new();
        for _ in 0..10 {
            let (mut l, mut r) = ([1.0_f32; BLOCK], [0.5_f32; BLOCK]);
            gain.process(&mut StereoMut { left: &mut l, right: &mut r }, None);
            assert!(l.iter().zip(&r).all(|(l, r)| *l == 2.0 * r));
            out.extend(l);
        }
        assert!((out[479] - 0.75).abs() < 1e-3 && out[958] > 0.5);
        assert!((out[959] - 0.5).abs() < 1e-6 && out[959] == out[1279]);
    }
}
