//! Working at a multiple of the sample rate.
//!
//! Lives here: [`Oversampler`], one channel's way up to 2, 4 or 8 times the rate and back. May be named here:
//! `simd`, `math`. It is built on any thread and runs on the audio thread.
//!
//! Each doubling is a half-band filter with linear phase: every second tap but the middle one is zero, so one
//! of two outputs is a copy and the other a filter of half the taps (after M. Bellanger, J. Daguet,
//! G. Lepagnol, "Interpolation, Extrapolation, and Reduction of Computation Speed in Digital Filters", IEEE
//! Trans. ASSP 22, 1974). The taps are a sinc under Kaiser's window (J. F. Kaiser, "Nonrecursive Digital Filter
//! Design Using the I0-sinh Window Function", 1974). The first doubling is the steep one: flat to 0.435 of the
//! sample rate, silent from 0.565 on. The next ones only face what that leaves, and are short.

use super::BLOCK;
use super::math::{bessel_i0, sinc};
use super::simd::dispatched;

/// Values that are computed side by side.
const LANES: usize = 16;
/// The highest factor.
pub const MAX_FACTOR: usize = 8;
/// Half the number of the taps that are not zero, the middle one aside, of each doubling.
const HALVES: [usize; 3] = [24, 8, 5];
/// Kaiser's shape of each: 90 dB of attenuation.
const BETA: [f64; 3] = [9.2, 9.8, 10.5];

/// One doubling of the rate: the taps from the outermost to the innermost, and the memory of both directions.
#[derive(Debug, Clone)]
struct Doubling {
    taps: Box<[f32]>,
    /// What came at the lower rate: old values, then the new ones.
    up: Box<[f32]>,
    /// What came at the higher rate, even and odd places apart.
    even: Box<[f32]>,
    odd: Box<[f32]>,
}

impl Doubling {
    /// The doubling of that number, the steepest first.
    fn new(which: usize) -> Self {
        let half = HALVES[which];
        let window = |x: f64| bessel_i0(BETA[which] * libm::sqrt(1.0 - x * x)) / bessel_i0(BETA[which]);
        // Places ±1, ±3, … around the middle; the taps of one side sum up to a quarter.
        let tap = |j: usize| {
            let place = (2 * half - 1 - 2 * j) as f64;
            sinc(place / 2.0) * window(place / (2 * half) as f64)
        };
        let sum: f64 = (0..half).map(tap).sum();
        let taps = (0..half).map(|j| (0.25 * tap(j) / sum) as f32).collect();
        let memory = || vec![0.0; 2 * half - 1 + (BLOCK << which) + LANES].into();
        Self { taps, up: memory(), even: memory(), odd: memory() }
    }

    fn history(&self) -> usize {
        2 * self.taps.len() - 1
    }

    fn clear(&mut self) {
        for memory in [&mut self.up, &mut self.even, &mut self.odd] {
            memory.fill(0.0);
        }
    }

    /// From `input` to twice as many values.
    fn up(&mut self, input: &[f32], out: &mut [f32]) {
        let (history, n) = (self.history(), input.len());
        self.up[history..history + n].copy_from_slice(input);
        double(&self.taps, &self.up, n, out);
        self.up.copy_within(n..n + history, 0);
    }

    /// From twice as many values to `out`.
    fn down(&mut self, input: &[f32], out: &mut [f32]) {
        let (history, n) = (self.history(), out.len());
        let new = self.even[history..].iter_mut().zip(&mut self.odd[history..]);
        for ((even, odd), pair) in new.zip(input.chunks_exact(2)) {
            (*even, *odd) = (pair[0], pair[1]);
        }
        halve(&self.taps, &self.even, &self.odd, out);
        self.even.copy_within(n..n + history, 0);
        self.odd.copy_within(n..n + history, 0);
    }
}

/// The filter's values at [`LANES`] places from `at` on.
#[inline(always)]
fn filter(taps: &[f32], values: &[f32], at: usize) -> [f32; LANES] {
    let mut sum = [0.0; LANES];
    let Some(window) = values.get(at..at + 2 * taps.len() - 1 + LANES) else { return sum };
    let (early, late) = (window.array_windows::<LANES>(), window.array_windows::<LANES>().rev());
    for ((tap, early), late) in taps.iter().zip(early).zip(late) {
        for i in 0..LANES {
            sum[i] += tap * (early[i] + late[i]);
        }
    }
    sum
}

dispatched! {
    /// `values` begin with the history; `n` are new.
    fn double(taps: &[f32], values: &[f32], n: usize, out: &mut [f32]) {
        for (at, out) in (0..n).step_by(LANES).zip(out.chunks_mut(2 * LANES)) {
            let between = filter(taps, values, at);
            for ((pair, between), here) in out.chunks_exact_mut(2).zip(&between).zip(&values[at + taps.len()..]) {
                (pair[0], pair[1]) = (2.0 * between, *here);
            }
        }
    }

    /// `even` and `odd` begin with their histories; as many are new as `out` takes.
    fn halve(taps: &[f32], even: &[f32], odd: &[f32], out: &mut [f32]) {
        for (at, out) in (0..out.len()).step_by(LANES).zip(out.chunks_mut(LANES)) {
            let around = filter(taps, even, at);
            for ((out, around), middle) in out.iter_mut().zip(&around).zip(&odd[at + taps.len() - 1..]) {
                *out = around + 0.5 * middle;
            }
        }
    }
}

/// Takes one channel to a multiple of its rate and back.
///
/// Up to 0.435 of the sample rate (19.2 kHz at 44.1 kHz) the way up and down changes no level by more than
/// 0.01 dB; images and aliases of what lies there are below -85 dB. What is done in between must delay by
/// [`Oversampler::INNER`] values of the higher rate: that makes the whole delay a whole number of frames.
#[derive(Debug, Clone)]
pub struct Oversampler {
    doublings: Box<[Doubling]>,
    between: [Box<[f32]>; 2],
}

impl Oversampler {
    /// By how many values, at the higher rate, the work in between must be late; without effect for a factor of 1.
    pub const INNER: usize = 2;

    /// An oversampler by 1, 2, 4 or 8; another factor counts as the next lower one of these.
    pub fn new(factor: usize) -> Self {
        let count = factor.clamp(1, MAX_FACTOR).ilog2() as usize;
        let between = vec![0.0; BLOCK * MAX_FACTOR / 2];
        Self {
            doublings: (0..count).map(Doubling::new).collect(),
            between: [between.clone().into(), between.into()],
        }
    }

    /// By how much the rate is multiplied.
    pub fn factor(&self) -> usize {
        1 << self.doublings.len()
    }

    /// Frames of the lower rate from the input to the output, [`Oversampler::INNER`] included.
    pub fn latency(&self) -> usize {
        let top = self.doublings.len();
        let inner = if top == 0 { 0 } else { Self::INNER };
        let ways: usize = self
            .doublings
            .iter()
            .enumerate()
            .map(|(i, doubling)| (2 * doubling.history()) << (top - 1 - i))
            .sum();
        (ways + inner) >> top
    }

    /// Forgets all sound.
    pub fn reset(&mut self) {
        self.doublings.iter_mut().for_each(Doubling::clear);
    }

    /// From at most [`BLOCK`] frames to [`Oversampler::factor`] times as many values.
    pub fn up(&mut self, input: &[f32], out: &mut [f32]) {
        let n = input.len().min(BLOCK).min(out.len() >> self.doublings.len());
        let (input, [a, b]) = (&input[..n], &mut self.between);
        match &mut *self.doublings {
            [] => out[..n].copy_from_slice(input),
            [first] => first.up(input, &mut out[..2 * n]),
            [first, second] => {
                first.up(input, &mut a[..2 * n]);
                second.up(&a[..2 * n], &mut out[..4 * n]);
            }
            [first, second, third, ..] => {
                first.up(input, &mut a[..2 * n]);
                second.up(&a[..2 * n], &mut b[..4 * n]);
                third.up(&b[..4 * n], &mut out[..8 * n]);
            }
        }
    }

    /// The way back, to at most [`BLOCK`] frames.
    pub fn down(&mut self, input: &[f32], out: &mut [f32]) {
        let n = out.len().min(BLOCK).min(input.len() >> self.doublings.len());
        let (out, [a, b]) = (&mut out[..n], &mut self.between);
        match &mut *self.doublings {
            [] => out.copy_from_slice(&input[..n]),
            [first] => first.down(&input[..2 * n], out),
            [first, second] => {
                second.down(&input[..4 * n], &mut a[..2 * n]);
                first.down(&a[..2 * n], out);
            }
            [first, second, third, ..] => {
                third.down(&input[..8 * n], &mut b[..4 * n]);
                second.down(&b[..4 * n], &mut a[..2 * n]);
                first.down(&a[..2 * n], out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::measure::{amplitude_at, decibels, noise, residual_db, sine};

    /// Up and down again, with the delay that the work in between would have.
    fn there_and_back(factor: usize, signal: &[f32], cut: usize) -> Vec<f32> {
        let mut oversampler = Oversampler::new(factor);
        let (mut out, mut late) = (vec![0.0; signal.len()], [0.0; Oversampler::INNER]);
        let mut high = [0.0; BLOCK * MAX_FACTOR + Oversampler::INNER];
        for (part, out) in signal.chunks(cut).zip(out.chunks_mut(cut)) {
            let n = part.len() * factor;
            high[..2].copy_from_slice(&late);
            oversampler.up(part, &mut high[2..n + 2]);
            late.copy_from_slice(&high[n..n + 2]);
            let from = if factor == 1 { 2 } else { 0 };
            oversampler.down(&high[from..n + from], out);
        }
        out
    }

    #[test]
    fn the_band_is_flat_and_as_late_as_declared() {
        for factor in [1, 2, 4, 8] {
            let latency = Oversampler::new(factor).latency();
            for freq in [20.0, 1000.0, 5000.0, 10_000.0, 15_000.0, 18_000.0, 19_100.0] {
                let tone = sine(freq, 0.5, 44_100, 12_000);
                let out = there_and_back(factor, &tone, BLOCK);
                // What differs from the delayed tone: level and phase errors at once. 0.001 is 0.009 dB.
                let error: Vec<f32> = (2000..12_000).map(|i| out[i] - tone[i - latency]).collect();
                let error = error.iter().fold(0.0, |top: f32, x| top.max(x.abs())) / 0.5;
                assert!(error < 0.001, "times {factor}, {freq} Hz: {error}");
            }
            println!("oversampling by {factor}: latency {latency}");
        }
    }

    #[test]
    fn images_and_aliases_are_gone() {
        for factor in [2, 4, 8] {
            let rate = 44_100 * factor as u32;
            let mut worst = (-200.0_f32, -200.0_f32);
            for freq in [100.0, 3000.0, 9000.0, 15_000.0, 19_000.0] {
                let tone = sine(freq, 0.5, 44_100, 4096);
                let mut high = vec![0.0; 4096 * factor];
                let mut up = Oversampler::new(factor);
                for (part, out) in tone.chunks(BLOCK).zip(high.chunks_mut(BLOCK * factor)) {
                    up.up(part, out);
                }
                worst.0 = worst.0.max(residual_db(&high[1000 * factor..], freq, rate));
            }
            // Tones above the band, which would come down into it.
            for freq in
                [25_000.0, 28_000.0, 40_000.0, 43_000.0, 63_000.0, 86_000.0, 110_000.0, 150_000.0, 172_000.0]
            {
                if freq > 0.5 * rate as f32 {
                    continue;
                }
                let high = sine(freq, 0.5, rate, 4096 * factor);
                let (mut down, mut out) = (Oversampler::new(factor), vec![0.0; 4096]);
                for (part, out) in high.chunks(BLOCK * factor).zip(out.chunks_mut(BLOCK)) {
                    down.down(part, out);
                }
                let top = out[1000..].iter().fold(0.0, |top: f32, x| top.max(x.abs()));
                worst.1 = worst.1.max(decibels(top / 0.5));
            }
            println!("oversampling by {factor}: images {:.1} dB, aliases {:.1} dB", worst.0, worst.1);
            assert!(worst.0 < -85.0 && worst.1 < -85.0, "times {factor}: {worst:?}");
        }
    }

    #[test]
    fn the_cut_into_blocks_changes_no_bit() {
        let signal = noise(1, 0.5, 3000);
        let whole = there_and_back(8, &signal, 128);
        assert!(whole == there_and_back(8, &signal, 1) && whole == there_and_back(8, &signal, 37));
        assert!(amplitude_at(&whole, 1000.0, 48_000) > 0.0);
    }
}
