//! The curves of the distortion.
//!
//! Lives here: [`Shaper`], which bends one channel, and mixes two curves; [`Treble`], which mends what that costs. May be named here: `math`, `simd`.
//! Runs on the audio thread.
//!
//! A curve makes more harmonics than any oversampling has room for; what is too high folds back. Between two
//! values the wave is therefore taken as a straight line, cut at its middle, and each half replaced by the mean
//! of the curve over it (antiderivative antialiasing: J. D. Parker, V. Zavalishin, E. Le Bivic, "Reducing the
//! Aliasing of Nonlinear Waveshaping Using Continuous-Time Convolution", DAFx 2016). The four halves around a
//! value are then weighted 1 3 3 1. That takes away what lies around multiples of the rate, where what folds
//! back to the audible band comes from, by 60 dB and more. The means are written so that nothing cancels when
//! the ends are close, in single precision: `mean of x/√(1+x²)` is `(a+b) / (√(1+a²) + √(1+b²))`, and that of
//! a clip lies between the clipped ends. For the other smooth curves one or two values stand for the mean.
//!
//! What the straight lines and the weights cost a quiet wave at the top of the band, `(10 + 6 cos ω) / 16` at the
//! higher rate, a short filter gives back.

use super::math::{fast_exp2, fast_sin_turns, fast_tanh};
use super::simd::dispatched;
use crate::effects::DistortionCurve;

/// Values that are worked on at a time.
const PART: usize = 128;
/// Values that are worked on side by side.
const LANES: usize = 16;
/// Values before those of now that a part looks at.
const BEFORE: usize = 3;
/// How far the tube's middle is shifted.
const BIAS: f32 = 0.35;
/// Beyond this every curve has ended, or folds so fast that it is noise.
const FAR: f32 = 1e6;

/// One channel's memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shaper {
    last: [f32; BEFORE],
}

impl Shaper {
    /// Bends values in place, `factor` for each frame, late by two values if that is more than one.
    /// `next` is a curve to fade to, with its share for each frame.
    pub(crate) fn process(
        &mut self,
        curve: DistortionCurve,
        next: Option<(DistortionCurve, &[f32])>,
        factor: usize,
        values: &mut [f32],
    ) {
        for (at, part) in values.chunks_mut(PART).enumerate() {
            let n = part.len();
            let mut input = [0.0; PART + BEFORE];
            input[..BEFORE].copy_from_slice(&self.last);
            for (input, value) in input[BEFORE..].iter_mut().zip(&*part) {
                *input = value.clamp(-FAR, FAR);
            }
            self.last.copy_from_slice(&input[n..n + BEFORE]);
            bend(curve, factor, &input, part);
            if let Some((next, shares)) = next {
                let mut new = [0.0; PART];
                bend(next, factor, &input, &mut new);
                let shares = shares.iter().skip(at * PART / factor.max(1));
                for ((out, new), share) in part.chunks_mut(factor).zip(new.chunks(factor)).zip(shares) {
                    for (out, new) in out.iter_mut().zip(new) {
                        *out += share * (new - *out);
                    }
                }
            }
        }
    }

    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

type Input = [f32; PART + BEFORE];

fn bend(curve: DistortionCurve, factor: usize, input: &Input, out: &mut [f32]) {
    let kernel = match (curve, factor > 1) {
        (DistortionCurve::Soft, true) => soft,
        (DistortionCurve::Hard, true) => hard,
        (DistortionCurve::Tape, true) => tape,
        (DistortionCurve::Tube, true) => tube,
        (DistortionCurve::Fold, true) => fold,
        (DistortionCurve::Soft, false) => plain_soft,
        (DistortionCurve::Hard, false) => plain_hard,
        (DistortionCurve::Tape, false) => plain_tape,
        (DistortionCurve::Tube, false) => plain_tube,
        (DistortionCurve::Fold, false) => plain_fold,
    };
    kernel(input, out);
}

dispatched! {
    fn soft(input: &Input, out: &mut [f32]) { smoothed(input, out, mean_of_soft) }
    fn hard(input: &Input, out: &mut [f32]) { smoothed(input, out, mean_of_clip) }
    fn tape(input: &Input, out: &mut [f32]) { smoothed(input, out, mean_of_tape) }
    fn tube(input: &Input, out: &mut [f32]) {
        smoothed(input, out, |a, b| biased(mean_of_tape(a + BIAS, b + BIAS)))
    }
    fn fold(input: &Input, out: &mut [f32]) { smoothed(input, out, |a, b| fast_sin_turns(0.125 * (a + b))) }
    fn plain_soft(input: &Input, out: &mut [f32]) { plainly(input, out, fast_tanh) }
    fn plain_hard(input: &Input, out: &mut [f32]) { plainly(input, out, clip) }
    fn plain_tape(input: &Input, out: &mut [f32]) { plainly(input, out, |x| mean_of_tape(x, x)) }
    fn plain_tube(input: &Input, out: &mut [f32]) {
        plainly(input, out, |x| biased(mean_of_tape(x + BIAS, x + BIAS)))
    }
    fn plain_fold(input: &Input, out: &mut [f32]) { plainly(input, out, |x| fast_sin_turns(0.25 * x)) }
}

#[inline(always)]
fn plainly(input: &Input, out: &mut [f32], curve: impl Fn(f32) -> f32) {
    for (out, x) in out.iter_mut().zip(&input[BEFORE..]) {
        *out = curve(*x);
    }
}

/// The curve's means over the halves of each step, weighted 1 3 3 1 around each value. `mean` is over what
/// lies between two values.
#[inline(always)]
fn smoothed(input: &Input, out: &mut [f32], mean: impl Fn(f32, f32) -> f32) {
    let (mut early, mut late) = ([0.0; PART + 1], [0.0; PART + 1]);
    let n = out.len().min(PART);
    for at in (0..n).step_by(LANES) {
        let (Some(a), Some(b)) = (chunk(input, at), chunk(input, at + 1)) else { return };
        let (mut first, mut second) = ([0.0; LANES], [0.0; LANES]);
        for i in 0..LANES {
            let middle = 0.5 * (a[i] + b[i]);
            first[i] = mean(a[i], middle);
            second[i] = mean(middle, b[i]);
        }
        early[at..at + LANES].copy_from_slice(&first);
        late[at..at + LANES].copy_from_slice(&second);
    }
    let (a, b) = (input[n], input[n + 1]);
    let middle = 0.5 * (a + b);
    (early[n], late[n]) = (mean(a, middle), mean(middle, b));
    let halves = early.windows(2).zip(late.windows(2));
    for (out, (early, late)) in out.iter_mut().zip(halves) {
        *out = 0.125 * ((early[0] + late[1]) + 3.0 * (late[0] + early[1]));
    }
}

#[inline(always)]
fn chunk(values: &[f32], at: usize) -> Option<&[f32; LANES]> {
    values.get(at..).and_then(|x| x.first_chunk())
}

#[inline(always)]
fn mean_of_soft(a: f32, b: f32) -> f32 {
    // tanh x = 1 - 2 / (e^2x + 1), for two places at once with one division; 2 / ln 2 leads to powers of two.
    let (early, late) = (0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b);
    let (early, late) = (fast_exp2(2.885_39 * early) + 1.0, fast_exp2(2.885_39 * late) + 1.0);
    1.0 - (early + late) / (early * late)
}

#[inline(always)]
fn clip(x: f32) -> f32 {
    x.clamp(-1.0, 1.0)
}

/// The mean of a clip between `a` and `b`: the part within counts with its middle, each part beyond with its
/// end.
#[inline(always)]
fn mean_of_clip(a: f32, b: f32) -> f32 {
    let (low, high) = (clip(a), clip(b));
    let way = b - a;
    let area = 0.5 * (high - low) * (high + low) + (b - high) * high + (low - a) * low;
    // No way at all has no area either: then the bounds decide.
    let mean = area / if way == 0.0 { 1.0 } else { way };
    mean.max(low.min(high)).min(low.max(high))
}

#[inline(always)]
fn mean_of_tape(a: f32, b: f32) -> f32 {
    (a + b) / ((1.0 + a * a).sqrt() + (1.0 + b * b).sqrt())
}

/// From the tape's curve around the bias to one through zero with a slope of 1.
#[inline(always)]
fn biased(y: f32) -> f32 {
    let square = 1.0 + BIAS * BIAS;
    (y - BIAS / square.sqrt()) * (square * square.sqrt())
}

/// Gives back the treble that [`Shaper`] takes: five taps at the lower rate, the same both ways. Late by
/// [`Treble::LATENCY`] frames.
#[derive(Debug, Clone)]
pub(crate) struct Treble {
    taps: [f32; 3],
    last: [f32; 4],
}

impl Treble {
    pub(crate) const LATENCY: usize = 2;

    /// The filter that is exact at 0, 0.2 and 0.4 of the lower rate.
    pub(crate) fn new(factor: usize) -> Self {
        let row = |place: f64| {
            let turn = std::f64::consts::TAU * place;
            let lost = (10.0 + 6.0 * libm::cos(turn / factor.max(1) as f64)) / 16.0;
            [2.0 - 2.0 * libm::cos(turn), 2.0 - 2.0 * libm::cos(2.0 * turn), 1.0 / lost - 1.0]
        };
        let ([a, b, x], [c, d, y]) = (row(0.2), row(0.4));
        let det = a * d - b * c;
        let (near, far) = ((x * d - b * y) / det, (a * y - x * c) / det);
        let taps = [1.0 + 2.0 * (near + far), -near, -far].map(|tap| tap as f32);
        Self { taps, last: [0.0; 4] }
    }

    pub(crate) fn reset(&mut self) {
        self.last = [0.0; 4];
    }

    pub(crate) fn process(&mut self, samples: &mut [f32]) {
        let [middle, near, far] = self.taps;
        let [mut a, mut b, mut c, mut d] = self.last;
        for x in samples {
            let new = *x;
            *x = middle * c + near * (b + d) + far * (a + new);
            (a, b, c, d) = (b, c, d, new);
        }
        self.last = [a, b, c, d];
    }
}
