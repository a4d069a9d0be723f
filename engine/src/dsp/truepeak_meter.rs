//! The true peak: how high the continuous signal between the samples goes.
//!
//! Lives here: [`TruePeakMeter`]. May be named here: `simd` and the filter of `intersample`, where is told how
//! it measures. Runs on the audio thread.

use super::intersample::{Kernel, LANES, MOST, TAPS, WINDOW, crests, highest_of, larger};
use super::simd::dispatched;
use super::{BLOCK, Stereo};

/// Finds the true peak of a stereo signal, block by block.
///
/// Readings: at most 0.2 dB too high or too low up to 0.45 of the sample rate. The maximum over several blocks
/// is the same however the signal is cut into blocks.
///
/// ```
/// use tonmeister::dsp::{Stereo, truepeak_meter::TruePeakMeter};
/// // A quarter of the sample rate, sampled at 45 degrees: the samples are 3 dB below the wave's top.
/// let wave: Vec<f32> = (0..128).map(|i| [0.5, 0.5, -0.5, -0.5][i % 4]).collect();
/// let mut meter = TruePeakMeter::new();
/// meter.process(Stereo { left: &wave, right: &wave });
/// let [left, _] = meter.process(Stereo { left: &wave, right: &wave });
/// assert!((left - 0.707).abs() < 0.01);
/// ```
#[derive(Debug, Clone)]
pub struct TruePeakMeter {
    kernel: Kernel,
    sides: [Side; 2],
}

impl TruePeakMeter {
    /// By how many frames a reading is later than what it tells of.
    pub const LATENCY: usize = TAPS / 2 + 1;

    /// A meter that has heard silence. The sample rate does not matter.
    pub fn new() -> Self {
        Self { kernel: Kernel::new(), sides: [Side::default(); 2] }
    }

    /// Forgets what it heard.
    pub fn reset(&mut self) {
        self.sides = [Side::default(); 2];
    }

    /// The true peak of either channel in this block, as an amplitude: 1 is full scale, 0 dBTP.
    ///
    /// The block may be of any length. Because the filter looks ahead, the last [`LATENCY`](Self::LATENCY)
    /// frames count in the next block. Samples that are not a number count as nothing, and so does what is
    /// interpolated from them.
    pub fn process(&mut self, block: Stereo<'_>) -> [f32; 2] {
        let frames = block.len();
        let mut peaks = [0.0_f32; 2];
        for ((side, samples), peak) in self.sides.iter_mut().zip([block.left, block.right]).zip(&mut peaks) {
            for part in samples[..frames].chunks(BLOCK) {
                let top = measure(part, &self.kernel, side);
                *peak = if top > *peak { top } else { *peak };
            }
        }
        peaks
    }
}

impl Default for TruePeakMeter {
    fn default() -> Self {
        Self::new()
    }
}

/// What one channel remembers.
#[derive(Debug, Clone, Copy, Default)]
struct Side {
    /// The last samples, oldest first.
    input: [f32; TAPS - 1],
    /// The last frame's values at two and three quarters.
    last: [f32; 2],
}

dispatched! {
    /// The true peak of at most [`BLOCK`] samples of one channel.
    fn measure(samples: &[f32], kernel: &Kernel, side: &mut Side) -> f32 {
        const ROOM: usize = BLOCK + LANES;
        let n = samples.len().min(BLOCK);
        let mut input = [0.0_f32; TAPS - 1 + ROOM];
        input[..TAPS - 1].copy_from_slice(&side.input);
        input[TAPS - 1..TAPS - 1 + n].copy_from_slice(&samples[..n]);
        side.input.copy_from_slice(&input[n..n + TAPS - 1]);

        // The values between the samples; those at two and three quarters are kept one frame back as well.
        let (mut one, mut two, mut three) = ([0.0_f32; ROOM], [0.0_f32; ROOM + 1], [0.0_f32; ROOM + 1]);
        [two[0], three[0]] = side.last;
        let mut highest = [0.0_f32; BLOCK / LANES];
        let mut best = 0.0;
        for (chunk, high) in highest.iter_mut().enumerate().take(n.div_ceil(LANES)) {
            let at = chunk * LANES;
            let window = &input[at..at + WINDOW];
            let [first, second, third] = kernel.between::<LANES>(window);
            let (one, two, three) =
                (&mut one[at..at + LANES], &mut two[at..at + LANES + 1], &mut three[at..at + LANES + 1]);
            let whole = &window[TAPS / 2 - 1..TAPS / 2 - 1 + LANES];
            let mut most = [0.0_f32; LANES];
            one.copy_from_slice(&first);
            two[1..].copy_from_slice(&second);
            three[1..].copy_from_slice(&third);
            for i in 0..LANES {
                let pair = larger(three[i].abs(), whole[i].abs());
                most[i] = larger(larger(pair, one[i].abs()), two[i + 1].abs());
            }
            *high = highest_of(most, n - at);
            best = larger(best, *high);
        }
        side.last = [two[n], three[n]];

        // Only where the parabola could still reach the maximum is it worth its divisions.
        let threshold = best;
        for (chunk, high) in highest.iter().enumerate().take(n.div_ceil(LANES)) {
            if *high * (1.0 + MOST + 1e-6) < threshold || *high == 0.0 {
                continue;
            }
            let at = chunk * LANES;
            let whole = &input[at + TAPS / 2 - 1..at + TAPS / 2 - 1 + LANES];
            let most = crests(whole, &one[at..], &two[at..], &three[at..]);
            best = larger(best, highest_of(most, n - at));
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::math::amplitude_to_db;
    use crate::dsp::measure::{noise, sine};
    use std::f64::consts::TAU;

    /// The highest reading in dBTP, with silence behind.
    fn measure_db(signal: &[f32]) -> f32 {
        let mut meter = TruePeakMeter::new();
        let padded: Vec<f32> = signal.iter().copied().chain([0.0; TruePeakMeter::LATENCY]).collect();
        let parts = padded.chunks(128).map(|part| meter.process(Stereo { left: part, right: &[0.0; 128] }));
        amplitude_to_db(parts.fold(0.0, |most, [left, right]| {
            assert_eq!(right, 0.0);
            f32::max(most, left)
        }))
    }

    /// A tone that swells gently to `amplitude` and away again; at frame `top` its crest is exactly that.
    fn swell(freq: f64, amplitude: f64, top: f64) -> Vec<f32> {
        let envelope = |t: f64| libm::exp(-t * t / 3200.0);
        let wave = |t: f64| amplitude * envelope(t) * libm::cos(TAU * freq * t);
        (0..300).map(|i| wave(f64::from(i) - top) as f32).collect()
    }

    #[test]
    fn crests_between_samples_are_read_to_a_fifth_of_a_decibel() {
        for freq in 1..=45 {
            for shift in 0..32 {
                let level = measure_db(&swell(f64::from(freq) / 100.0, 1.0, 150.0 + f64::from(shift) / 32.0));
                assert!(level.abs() <= 0.2, "0.{freq:02} of the rate, {shift}/32: {level} dBTP");
            }
        }
    }

    /// EBU Tech 3341, cases 15 to 19: +0.2 and -0.4 dB are allowed.
    #[test]
    fn tech_3341_cases_15_to_19_steady_sines() {
        let cases = [
            (4.0, 0.0, 0.5, -6.0),
            (4.0, 45.0, 0.5, -6.0),
            (6.0, 60.0, 0.5, -6.0),
            (8.0, 67.5, 0.5, -6.0),
            (4.0, 45.0, 1.41, 3.0),
        ];
        for (part, degrees, amplitude, wanted) in cases {
            // The sine fades in and out, or its edges would have higher crests than itself.
            let signal: Vec<f32> = (0..4800)
                .map(|i| {
                    let fade = f64::from(i.min(4799 - i).min(480)) / 480.0;
                    let angle = TAU * (f64::from(i) / part + degrees / 360.0);
                    (amplitude * fade * libm::sin(angle)) as f32
                })
                .collect();
            let level = measure_db(&signal);
            assert!(
                (-0.4..=0.2).contains(&(level - wanted)),
                "fs/{part} at {degrees}°: {level}, not {wanted}"
            );
        }
    }

    /// In the manner of cases 20 to 23: one crest of 0 dBTP above a tone of -6 dBTP, made at four times the rate,
    /// taken down with four offsets.
    #[test]
    fn tech_3341_cases_20_to_23_a_crest_above_a_tone() {
        for offset in 0..4 {
            let at = 1200.0 + f64::from(offset) / 4.0;
            let crest = swell(1.0 / 6.0, 0.5, at - 1050.0);
            let signal: Vec<f32> = (0..2400)
                .map(|i| {
                    let fade = f64::from(i.min(2399 - i).min(480)) / 480.0;
                    let tone = 0.5 * fade * libm::cos(TAU / 4.0 * (f64::from(i) - at));
                    tone as f32 + if (1050..1350).contains(&i) { crest[i as usize - 1050] } else { 0.0 }
                })
                .collect();
            let level = measure_db(&signal);
            assert!((-0.4..=0.2).contains(&level), "offset {offset}: {level} dBTP");
        }
    }

    #[test]
    fn low_tones_read_their_amplitude() {
        for rate in [44_100, 48_000, 96_000] {
            let mut tone = sine(997.0, 0.5, rate, 9600);
            tone.iter_mut().enumerate().for_each(|(i, x)| *x *= (i.min(9599 - i) as f32 / 480.0).min(1.0));
            assert!((measure_db(&tone) + 6.02).abs() < 0.05, "{}", measure_db(&tone));
        }
    }

    #[test]
    fn the_cut_into_blocks_and_the_level_of_vectors_change_no_bit() {
        use crate::dsp::simd::{Level, limit};
        let [left, right] = [1, 2].map(|seed| noise(seed, 0.7, 20_000));
        let mut results = Vec::new();
        for (level, size) in [
            (Level::Avx512, 128),
            (Level::Avx512, 1),
            (Level::Avx2, 37),
            (Level::Baseline, 128),
            (Level::Baseline, 20_000),
        ] {
            limit(level);
            let mut meter = TruePeakMeter::new();
            let mut highest = [[0.0_f32; 2]; 4];
            for (i, (l, r)) in left.chunks(size).zip(right.chunks(size)).enumerate() {
                let peak = meter.process(Stereo { left: l, right: r });
                let highest = &mut highest[i * size * 4 / 20_000];
                *highest = [highest[0].max(peak[0]), highest[1].max(peak[1])];
            }
            results.push(
                highest.iter().fold([0; 2], |a, b| [a[0].max(b[0].to_bits()), a[1].max(b[1].to_bits())]),
            );
        }
        limit(Level::Avx512);
        assert!(results.iter().all(|result| *result == results[0]), "{results:?}");
    }

    #[test]
    fn what_is_not_a_number_passes() {
        let mut meter = TruePeakMeter::new();
        meter.process(Stereo { left: &[f32::NAN; 3], right: &[f32::NAN; 3] });
        meter.process(Stereo { left: &[0.0; 64], right: &[0.0; 64] });
        let [left, right] = meter.process(Stereo { left: &[0.25; 128], right: &[0.0; 128] });
        assert!(left >= 0.25 && right == 0.0);
        meter.process(Stereo { left: &[0.0; 64], right: &[0.0; 64] });
        meter.reset();
        assert_eq!(meter.process(Stereo { left: &[0.0; 9], right: &[0.0; 9] }), [0.0; 2]);
    }
}
