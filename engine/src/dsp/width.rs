//! The width of a stereo signal.
//!
//! Lives here: [`Width`]. May be named here: `units`, [`struct@Eq`], [`Ramp`]. Runs on the audio thread.

use super::eq::Eq;
use super::{BLOCK, EqBand, EqParams, EqShape, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::WidthParams;
use crate::units::{Decibels, Hertz};

/// Up to here there is no bass to be mono.
const OFF: f32 = 1.0;

/// What goes from the left to the left, from the right to the left, from the left to the right, and from the right to the right.
fn ways(params: &WidthParams) -> [f32; 4] {
    let (mid, side) = (params.mid.amplitude(), params.width * params.side.amplitude());
    let (same, other) = (0.5 * (mid + side), 0.5 * (mid - side));
    let (left, right) = ((1.0 - params.balance).min(1.0), (1.0 + params.balance).min(1.0));
    [left * same, left * other, right * other, right * same]
}

fn bass(params: &WidthParams) -> EqParams {
    let mut eq = EqParams::default();
    let freq = params.bass_mono.get();
    if freq > OFF {
        let (freq, gain) = (Hertz::clamped(freq), Decibels::UNITY);
        eq.bands[0] = Some(EqBand {
            shape: EqShape::HighPass,
            freq,
            gain,
            q: std::f32::consts::FRAC_1_SQRT_2,
            ..Default::default()
        });
    }
    eq
}

/// Gains of middle and sides, mono bass and balance. At its defaults the signal passes bit for bit.
#[derive(Debug)]
pub struct Width {
    glide: u32,
    ways: [Ramp; 4],
    /// Takes the bass from the side signal.
    bass: Eq,
}

impl Width {
    fn bass_to_mono(&mut self, left: &mut [f32], right: &mut [f32]) {
        let n = left.len().min(right.len());
        let (mut side, mut high, mut none) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        for ((side, l), r) in side.iter_mut().zip(&*left).zip(&*right) {
            *side = 0.5 * (l - r);
        }
        high[..n].copy_from_slice(&side[..n]);
        self.bass.process(&mut StereoMut { left: &mut high[..n], right: &mut none[..n] }, None);
        for (((l, r), side), high) in left.iter_mut().zip(right).zip(&side).zip(&high) {
            let low = side - high;
            *l -= low;
            *r += low;
        }
    }
}

impl Processor for Width {
    type Params = WidthParams;

    fn new(params: &WidthParams, sample_rate: u32) -> Self {
        Self {
            glide: glide_frames(sample_rate),
            ways: ways(params).map(Ramp::new),
            bass: Eq::new(&bass(params), sample_rate),
        }
    }

    fn set(&mut self, params: &WidthParams) {
        for (ramp, way) in self.ways.iter_mut().zip(ways(params)) {
            ramp.set(way, self.glide);
        }
        self.bass.set(&bass(params));
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let n = block.len();
        let (left, right) = (&mut block.left[..n], &mut block.right[..n]);
        if !self.bass.pass_by(n) {
            self.bass_to_mono(left, right);
        }
        let rests = self.ways.iter().all(Ramp::is_steady);
        let values = self.ways.each_ref().map(Ramp::current);
        if rests && values == [1.0, 0.0, 0.0, 1.0] {
            return;
        }
        if rests {
            let [ll, rl, lr, rr] = values;
            for (l, r) in left.iter_mut().zip(right) {
                (*l, *r) = (*l * ll + *r * rl, *l * lr + *r * rr);
            }
            return;
        }
        let mut gains = [[0.0; BLOCK]; 4];
        for (ramp, gains) in self.ways.iter_mut().zip(&mut gains) {
            ramp.fill(&mut gains[..n]);
        }
        let [ll, rl, lr, rr] = &gains;
        for (i, (l, r)) in left.iter_mut().zip(right).enumerate().take(BLOCK) {
            (*l, *r) = (*l * ll[i] + *r * rl[i], *l * lr[i] + *r * rr[i]);
        }
    }

    fn reset(&mut self) {
        self.ways.iter_mut().for_each(|ramp| ramp.jump(ramp.target()));
        self.bass.reset();
    }

    fn tail(&self) -> usize {
        self.bass.tail()
    }
}
