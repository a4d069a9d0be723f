//! The low-pass that each voice has: what distance and walls take away.
//!
//! Lives here: [`low_pass`], a filter of the first order written so that it costs little per voice. May be named here:
//! `lanes`. Runs on the audio thread.
//!
//! `y = s x + (1 - s) y₁`, with the share `s = 1 - exp(-2π f / rate)` (J. O. Smith, "Introduction to Digital
//! Filters", one-pole). One after another its outputs would each wait for the one before; instead eight are worked
//! out from the input by doubling steps (a prefix scan: Hillis and Steele, "Data Parallel Algorithms", CACM 29,
//! 1986), and only the last of the eight before is waited for.

use super::lanes::Four;
use super::simd::dispatched;

/// The share of a cut-off frequency: 1 is an open filter, which changes nothing.
///
/// The cut-off is where the gain has fallen by 3 dB, as long as it lies well below half the rate.
pub fn share(cutoff_hz: f32, sample_rate: u32) -> f32 {
    if cutoff_hz >= OPEN_HZ {
        return 1.0;
    }
    let turns = f64::from(cutoff_hz.max(1.0)) / f64::from(sample_rate.max(1));
    1.0 - libm::exp(-std::f64::consts::TAU * turns) as f32
}

/// A cut-off from which on the filter is open.
pub const OPEN_HZ: f32 = 20_000.0;

dispatched! {
    /// Filters in place with a share of 0 to 1, from the last output `state` on.
    pub fn low_pass(samples: &mut [f32], share: f32, state: &mut f32) {
        let mut sweep = Sweep::new(share, *state);
        let (eights, rest) = samples.as_chunks_mut();
        eights.iter_mut().for_each(|eight| *eight = sweep.next(eight));
        *state = sweep.end(|one| rest.iter_mut().for_each(|x| *x = one(*x)));
    }

    /// As [`low_pass`], into another place as long.
    pub fn low_pass_into(out: &mut [f32], samples: &[f32], share: f32, state: &mut f32) {
        let mut sweep = Sweep::new(share, *state);
        let ((outs, out_rest), (eights, rest)) = (out.as_chunks_mut(), samples.as_chunks());
        outs.iter_mut().zip(eights).for_each(|(out, eight)| *out = sweep.next(eight));
        *state = sweep.end(|one| out_rest.iter_mut().zip(rest).for_each(|(out, x)| *out = one(*x)));
    }
}

/// The filter on its way: eight outputs at a time.
struct Sweep {
    share: f32,
    keep: f32,
    low: Four,
    high: Four,
    last: Four,
}

impl Sweep {
    #[inline(always)]
    fn new(share: f32, state: f32) -> Self {
        let keep = 1.0 - share;
        let (keep2, keep4) = (keep * keep, (keep * keep) * (keep * keep));
        let low = [keep, keep2, keep2 * keep, keep4];
        let high = low.map(|power| power * keep4);
        Self { share, keep, low: Four::load(&low), high: Four::load(&high), last: Four::splat(state) }
    }

    #[inline(always)]
    fn next(&mut self, input: &[f32; 8]) -> [f32; 8] {
        let (share, keep1, keep2) =
            (Four::splat(self.share), Four::splat(self.keep), Four::splat(self.keep * self.keep));
        let mut out = [0.0; 8];
        let (halves, results) = (input.as_chunks::<4>().0, out.as_chunks_mut::<4>().0);
        let scan = |x: &[f32; 4]| {
            let v = Four::load(x).times(share);
            let v = v.plus(keep1.times(v.later_by_one()));
            v.plus(keep2.times(v.later_by_two()))
        };
        let (first, second) = (scan(&halves[0]), scan(&halves[1]));
        let second = second.plus(self.low.times(first.last()));
        first.plus(self.low.times(self.last)).store(&mut results[0]);
        let end = second.plus(self.high.times(self.last));
        end.store(&mut results[1]);
        self.last = end.last();
        out
    }

    /// Filters what is left over, one by one, and gives the state that follows.
    #[inline(always)]
    fn end(self, each: impl FnOnce(&mut dyn FnMut(f32) -> f32)) -> f32 {
        let mut end = [0.0; 4];
        self.last.store(&mut end);
        let mut y = end[3];
        each(&mut |x| {
            y = self.share * x + self.keep * y;
            y
        });
        if y.abs() < 1e-20 { 0.0 } else { y }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::measure::{amplitude_at, decibels, noise, sine};

    #[test]
    fn it_is_the_filter_of_the_first_order_that_it_says() {
        for rate in [44_100, 48_000, 96_000] {
            for cutoff in [100.0, 1000.0, 4000.0] {
                let share = share(cutoff, rate);
                for freq in [50.0, 100.0, 1000.0, 4000.0, 8000.0] {
                    let mut tone = sine(freq, 0.5, rate, rate as usize);
                    let mut state = 0.0;
                    tone.chunks_mut(61).for_each(|part| low_pass(part, share, &mut state));
                    let got = decibels(amplitude_at(&tone[rate as usize / 2..], freq, rate) / 0.5);
                    let (keep, angle) =
                        (1.0 - f64::from(share), std::f64::consts::TAU * f64::from(freq) / f64::from(rate));
                    let power = f64::from(share).powi(2) / (1.0 - 2.0 * keep * angle.cos() + keep * keep);
                    let expected = 10.0 * power.log10() as f32;
                    assert!((got - expected).abs() < 0.01, "{rate}, {cutoff} Hz at {freq} Hz: {got} dB");
                    if freq == cutoff && cutoff < 2000.0 {
                        assert!((got + 3.0).abs() < 0.3, "{got} dB at the cut-off");
                    }
                }
            }
        }
    }

    #[test]
    fn it_agrees_with_its_definition_sample_by_sample() {
        let input = noise(3, 1.0, 1000);
        let (mut out, mut state, mut y) = (input.clone(), 0.3, 0.3_f64);
        low_pass(&mut out, 0.2, &mut state);
        for (x, out) in input.iter().zip(&out) {
            y = f64::from(0.2_f32) * f64::from(*x) + f64::from(1.0 - 0.2_f32) * y;
            assert!((y - f64::from(*out)).abs() < 1e-6);
        }
        assert_eq!(state, out[999]);
        let (mut elsewhere, mut again) = (vec![0.0; 1000], 0.3);
        low_pass_into(&mut elsewhere, &input, 0.2, &mut again);
        assert!(elsewhere == out && again == state);
        let mut open = input.clone();
        low_pass(&mut open, share(20_000.0, 48_000), &mut state);
        assert_eq!(open, input);
    }
}
