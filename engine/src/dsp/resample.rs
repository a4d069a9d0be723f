//! The load-time resampler.
//!
//! Lives here: [`resample`], [`resample_loop`] and [`Resampler`], which gives any stretch of what they give. May be named
//! here: `math`. Runs on workers; allocates.
//!
//! A linear-phase windowed sinc: Kaiser's window, transition from 0.9 to 1.0 of the lower Nyquist frequency,
//! 135 dB of stop-band. Sums are double. The ratio is taken as the fraction it is, so positions never drift.

use super::math::{bessel_i0, sinc};
use std::ops::Range;

/// Kaiser's shape for 135 dB: `0.1102 (A - 8.7)`.
const BETA: f64 = 14.0;
/// Half the filter's length in samples of the lower rate: `(A - 8) / (2.285 Δω) / 2` with `Δω = 0.1 π`.
const HALF: f64 = 90.0;
/// The middle of the transition, relative to the lower Nyquist frequency.
const CUTOFF: f64 = 0.95;
/// The most phases of a table that has each phase exactly. Beyond, four neighbours are combined.
const MOST_PHASES: u64 = 1024;
/// Phases of the table whose neighbours are combined.
const DENSE_PHASES: u64 = 512;
/// The longest half filter, so that absurd ratios cost bounded memory.
const LONGEST_HALF: f64 = 65_536.0;

/// Converts `input` from `from` to `to` frames per second.
///
/// Gives `ceil(len * to / from)` samples, the first at the time of the first: no delay. Before and after the
/// input is silence. Equal rates copy; a rate of zero gives nothing.
pub fn resample(input: &[f32], from: u32, to: u32) -> Vec<f32> {
    if from == to || from == 0 || to == 0 {
        return if from == to { input.to_vec() } else { Vec::new() };
    }
    let resampler = Resampler::new(input.len() as u64, from, to);
    resampler.filter.run(&padded(input, resampler.filter.half, |_| 0.0), 0, resampler.frames as usize)
}

/// Converts a loop, whose end is followed by its start, so that the result loops as smoothly.
///
/// Gives `round(len * to / from)` samples, at least one. They cover the input exactly, so the pitch may
/// differ from the declared by half a sample per loop.
pub fn resample_loop(input: &[f32], from: u32, to: u32) -> Vec<f32> {
    if from == to || from == 0 || to == 0 || input.is_empty() {
        return if from == to { input.to_vec() } else { Vec::new() };
    }
    let resampler = Resampler::of_loop(input.len() as u64, from, to);
    let length = input.len() as i64;
    let padded = padded(input, resampler.filter.half, |i| input[i.rem_euclid(length) as usize]);
    resampler.filter.run(&padded, 0, resampler.frames as usize)
}

/// A conversion of which any stretch can be had by itself, with the bits that it has in the whole.
pub struct Resampler {
    filter: Filter,
    frames: u64,
}

impl Resampler {
    /// As [`resample`] converts `length` frames. Both rates above zero, and not the same.
    pub fn new(length: u64, from: u32, to: u32) -> Self {
        let frames = (u128::from(length) * u128::from(to)).div_ceil(u128::from(from.max(1))) as u64;
        Self { filter: Filter::new(u64::from(from.max(1)), u64::from(to.max(1))), frames }
    }

    /// As [`resample_loop`] converts a loop of `length` frames, at least one. Both rates above zero, and not the same.
    pub fn of_loop(length: u64, from: u32, to: u32) -> Self {
        let doubled = u128::from(length) * u128::from(to) * 2 + u128::from(from);
        let frames = (doubled / (u128::from(from.max(1)) * 2)).max(1) as u64;
        Self { filter: Filter::new(length.max(1), frames), frames }
    }

    /// The length of the whole result.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The input that a stretch of the result is made of. It may begin before the input and end behind it: there is
    /// silence or, of a loop, the loop again.
    pub fn needs(&self, stretch: Range<u64>) -> Range<i64> {
        let half = self.filter.half as i64;
        let whole = |at: u64| self.filter.place(at).0 as i64;
        whole(stretch.start) + 1 - half..whole(stretch.end.max(1) - 1) + 1 + half
    }

    /// The stretch of the result that begins with `first`, of the input that it [needs](Self::needs).
    pub fn run(&self, first: u64, frames: usize, input: &[f32]) -> Vec<f32> {
        // The filter leaves the first value of a padded input aside.
        let input: Vec<f64> = std::iter::once(0.0).chain(input.iter().copied().map(f64::from)).collect();
        self.filter.run(&input, self.filter.place(first).1, frames)
    }

    /// Memory taken by the filter's table.
    pub fn bytes(&self) -> usize {
        size_of_val::<[f64]>(&self.filter.table)
    }
}

/// The input as doubles with `half` more on both sides, `outside` telling what is there.
fn padded(input: &[f32], half: usize, outside: impl Fn(i64) -> f32) -> Vec<f64> {
    let (half, length) = (half as i64, input.len() as i64);
    let before = (-half..0).map(&outside);
    let after = (length..length + half + 1).map(&outside);
    before.chain(input.iter().copied()).chain(after).map(f64::from).collect()
}

/// The polyphase filter of one ratio.
struct Filter {
    /// Input samples in `to` outputs.
    from: u64,
    /// Outputs in `from` input samples.
    to: u64,
    /// Taps on each side.
    half: usize,
    phases: u64,
    /// One row of `2 half` taps for each phase; for a dense table three rows more, one before, two after.
    table: Vec<f64>,
    dense: bool,
}

impl Filter {
    fn new(from: u64, to: u64) -> Self {
        let divisor = greatest_common_divisor(from, to);
        let (from, to) = (from / divisor, to / divisor);
        // Relative to the input's rate: how far the lower rate lies below.
        let scale = (to as f64 / from as f64).min(1.0);
        let half = libm::ceil(HALF / scale).min(LONGEST_HALF) as usize;
        // Rows a multiple of four long, for the loop over them.
        let half = half.next_multiple_of(2);
        let dense = to > MOST_PHASES;
        let phases = if dense { DENSE_PHASES } else { to };
        let rows = if dense { -1..phases as i64 + 2 } else { 0..phases as i64 };
        let mut table = Vec::with_capacity(2 * half * (phases as usize + 3));
        for row in rows {
            let frac = row as f64 / phases as f64;
            let start = table.len();
            table.extend((0..2 * half).map(|tap| {
                let x = tap as f64 - (half as f64 - 1.0) - frac;
                let edge = x / half as f64;
                let window = bessel_i0(BETA * libm::sqrt((1.0 - edge * edge).max(0.0)));
                sinc(x * scale * CUTOFF) * window
            }));
            // Each phase passes a steady value unchanged.
            let sum: f64 = table[start..].iter().sum();
            table[start..].iter_mut().for_each(|tap| *tap /= sum);
        }
        Self { from, to, half, phases, table, dense }
    }

    fn row(&self, index: usize) -> &[f64] {
        &self.table[index * 2 * self.half..(index + 1) * 2 * self.half]
    }

    /// Where output `at` lies in the input: the sample before it, and the part of the way to the next, in steps of `to`.
    fn place(&self, at: u64) -> (u64, u64) {
        let place = u128::from(at) * u128::from(self.from);
        ((place / u128::from(self.to)) as u64, (place % u128::from(self.to)) as u64)
    }

    /// `frames` outputs of a padded input, the first lying by `part` behind the input's first sample.
    fn run(&self, input: &[f64], part: u64, frames: usize) -> Vec<f32> {
        let taps = 2 * self.half;
        let mut combined = vec![0.0; taps];
        let (whole_step, part_step) = ((self.from / self.to) as usize, self.from % self.to);
        let (mut whole, mut part) = (0_usize, part);
        let mut out = Vec::with_capacity(frames);
        for _ in 0..frames {
            // The padding shifts the input by `half`; the first tap stands `half - 1` before the position.
            let Some(x) = input.get(whole + 1..whole + 1 + taps) else {
                out.push(0.0);
                continue;
            };
            if self.dense {
                self.combine(part as f64 / self.to as f64, &mut combined);
                out.push(dot(&combined, x) as f32);
            } else {
                out.push(dot(self.row(part as usize), x) as f32);
            }
            whole += whole_step;
            part += part_step;
            if part >= self.to {
                part -= self.to;
                whole += 1;
            }
        }
        out
    }

    /// The taps between the phases of the dense table, by the cubic through the four rows around.
    fn combine(&self, frac: f64, out: &mut [f64]) {
        let place = frac * self.phases as f64;
        let index = place as usize;
        let t = place - index as f64;
        let weights = [
            -t * (t - 1.0) * (t - 2.0) / 6.0,
            (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0,
            -(t + 1.0) * t * (t - 2.0) / 2.0,
            (t + 1.0) * t * (t - 1.0) / 6.0,
        ];
        let rows: [&[f64]; 4] = std::array::from_fn(|i| self.row(index + i));
        for (i, out) in out.iter_mut().enumerate() {
            *out = (weights[0] * rows[0][i] + weights[1] * rows[1][i])
                + (weights[2] * rows[2][i] + weights[3] * rows[3][i]);
        }
    }
}

/// The sum of products over eight lanes; the same order everywhere.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a8, a_rest) = a.as_chunks::<8>();
    let (b8, b_rest) = b.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for (a, b) in a8.iter().zip(b8) {
        for i in 0..8 {
            lanes[i] += a[i] * b[i];
        }
    }
    for (i, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
        lanes[i] += a * b;
    }
    ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::measure::{amplitude_at, decibels, residual_db, sine};

    const RATES: [(u32, u32); 6] = [
        (44_100, 48_000),
        (48_000, 44_100),
        (48_000, 96_000),
        (96_000, 44_100),
        (22_050, 48_000),
        (44_100, 47_999),
    ];

    #[test]
    fn tones_in_the_passband_keep_their_level_and_gain_no_dirt() {
        for (from, to) in RATES {
            let nyquist = from.min(to) as f32 / 2.0;
            for freq in [50.0, 997.0, 0.5 * nyquist, 0.9 * nyquist] {
                let out = resample(&sine(freq, 0.9, from, from as usize), from, to);
                assert_eq!(out.len(), to as usize);
                let middle = &out[4000..out.len() - 4000];
                let level = decibels(amplitude_at(middle, freq, to) / 0.9);
                let dirt = residual_db(middle, freq, to);
                println!("{from} to {to}, {freq} Hz: level {level:.5} dB, THD+N {dirt:.1} dB");
                assert!(level.abs() < 0.05, "{from} to {to}, {freq} Hz: {level} dB");
                assert!(dirt < -110.0, "{from} to {to}, {freq} Hz: {dirt} dB");
            }
        }
    }

    #[test]
    fn what_lies_above_the_new_nyquist_frequency_is_gone() {
        for (from, to, freq) in
            [(96_000, 44_100, 22_500.0), (48_000, 22_050, 11_500.0), (48_000, 22_051, 20_000.0)]
        {
            let out = resample(&sine(freq, 0.9, from, from as usize), from, to);
            let rms: f64 = out[4000..out.len() - 4000].iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
            let level = 10.0 * (rms / out.len() as f64).log10();
            println!("{from} to {to}, {freq} Hz: {level:.1} dB");
            assert!(level < -110.0, "{from} to {to}, {freq} Hz: {level} dB");
        }
    }

    #[test]
    fn time_stays_where_it_was() {
        for (from, to) in RATES {
            let out = resample(&sine(1000.0, 0.5, from, 20_000), from, to);
            for i in (4000..8000).step_by(37) {
                let exact = 0.5 * (std::f64::consts::TAU * 1000.0 * i as f64 / f64::from(to)).sin();
                assert!((f64::from(out[i]) - exact).abs() < 2e-6, "{from} to {to} at {i}");
            }
        }
        assert_eq!(resample(&[1.0; 3], 44_100, 48_000).len(), 4);
        assert_eq!(resample(&[0.5; 3], 48_000, 48_000), [0.5; 3]);
        assert!(resample(&[1.0], 0, 48_000).is_empty() && resample(&[], 1, 2).is_empty());
    }

    #[test]
    fn a_stretch_has_the_bits_it_has_in_the_whole() {
        let input = crate::dsp::measure::noise(7, 0.5, 3000);
        for (from, to) in RATES {
            for round in [false, true] {
                let (whole, resampler) = if round {
                    (resample_loop(&input, from, to), Resampler::of_loop(3000, from, to))
                } else {
                    (resample(&input, from, to), Resampler::new(3000, from, to))
                };
                assert_eq!(resampler.frames(), whole.len() as u64);
                for (first, count) in
                    [(0, 1), (0, 700), (333, 1024), (whole.len() - 100, 100), (1, whole.len() - 1)]
                {
                    let needs = resampler.needs(first as u64..(first + count) as u64);
                    let needed = needs.map(|i| match (round, usize::try_from(i)) {
                        (true, _) => input[i.rem_euclid(3000) as usize],
                        (false, Ok(i)) => input.get(i).copied().unwrap_or(0.0),
                        (false, Err(_)) => 0.0,
                    });
                    let stretch = resampler.run(first as u64, count, &needed.collect::<Vec<_>>());
                    assert_eq!(
                        stretch,
                        whole[first..first + count],
                        "{from} to {to}, {first} on, loop: {round}"
                    );
                }
            }
        }
    }

    #[test]
    fn loops_stay_seamless() {
        // Ten whole periods; the end is followed by the start.
        let input = sine(441.0, 0.5, 44_100, 1000);
        for to in [48_000, 22_050, 96_000, 47_999] {
            let out = resample_loop(&input, 44_100, to);
            assert_eq!(out.len(), (1000.0 * f64::from(to) / 44_100.0).round() as usize);
            for (i, x) in out.iter().enumerate() {
                let exact = 0.5 * (std::f64::consts::TAU * 10.0 * i as f64 / out.len() as f64).sin();
                assert!((f64::from(*x) - exact).abs() < 2e-6, "to {to} at {i}: {x}, not {exact}");
            }
        }
    }
}
