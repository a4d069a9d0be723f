//! A stream read at another rate than it is made at.
//!
//! Lives here: [`RateReader`]. May be named here: `math`. Runs on the audio thread.
//!
//! Band-limited interpolation after J. O. Smith, "Digital Audio Resampling" (CCRMA, 1984 and later): a windowed
//! sinc is evaluated wherever an output frame falls between input frames; for reading faster than the stream
//! the kernel is stretched, so that what the slower rate can't carry is filtered out. As the place moves
//! continuously, so does the sound: the rate may change at any frame without a seam.

use super::BLOCK;
use super::math::{bessel_i0, sinc};

/// Zero crossings of the kernel on each side at the stream's own rate.
const WINGS: usize = 24;
/// Places of the kernel between two zero crossings; straight lines between them.
const PLACES: usize = 512;
/// The window's shape: side lobes below -100 dB.
const KAISER_BETA: f64 = 10.0;
/// Of the lower of both rates' halves, what is passed.
const PASSED: f64 = 0.95;
/// The fastest that a stream is read: more than 192 kHz at 22.05 kHz.
pub const FASTEST: f64 = 10.0;
/// Frames kept: both wings at the fastest, and a block beside.
const KEPT: usize = 1024;

/// Reads a stereo stream, made in blocks of [`BLOCK`] frames, at any rate.
///
/// Read at its own rate from the beginning, the stream passes bit for bit and without delay. After another rate
/// it may stand between two frames; then it is interpolated there. THD+N of a tone up to 0.4 of the lower rate:
/// below -95 dB.
pub struct RateReader {
    kernel: Box<[f32]>,
    frames: Box<[[f32; 2]; KEPT]>,
    /// Frames taken from the stream.
    taken: u64,
    /// Where the next output frame is: a whole frame of the stream, and how far beyond it.
    at: u64,
    beyond: f64,
}

impl Default for RateReader {
    fn default() -> Self {
        Self::new()
    }
}

impl RateReader {
    /// A reader at the beginning of a stream.
    pub fn new() -> Self {
        let scale = 1.0 / bessel_i0(KAISER_BETA);
        let tap = |place: usize| {
            let x = place as f64 / PLACES as f64;
            let edge = x / WINGS as f64;
            let window = bessel_i0(KAISER_BETA * libm::sqrt((1.0 - edge * edge).max(0.0))) * scale;
            (PASSED * sinc(PASSED * x) * window) as f32
        };
        Self {
            kernel: (0..=WINGS * PLACES + 1).map(tap).collect(),
            frames: Box::new([[0.0; 2]; KEPT]),
            taken: 0,
            at: 0,
            beyond: 0.0,
        }
    }

    /// The next frame, `step` frames of the stream after the last one; `more` gives the stream's next block.
    pub fn next(&mut self, step: f64, more: impl FnMut(&mut [[f32; 2]; BLOCK])) -> [f32; 2] {
        let step = step.clamp(1.0 / FASTEST, FASTEST);
        let frame = self.between(step, more);
        let next = self.beyond + step;
        let whole = libm::floor(next);
        (self.at, self.beyond) = (self.at + whole as u64, next - whole);
        frame
    }

    /// The next frames as they are, at the stream's own rate: at least one and at most `most`, if that is not zero.
    /// None where the reader stands between two frames; there, and at any other rate, [`next`](Self::next) reads.
    pub fn pass(&mut self, most: usize, more: impl FnMut(&mut [[f32; 2]; BLOCK])) -> Option<&[[f32; 2]]> {
        if self.beyond != 0.0 {
            return None;
        }
        self.reach(self.at + 1, more);
        let place = self.at as usize % KEPT;
        let count = most.min((self.taken - self.at) as usize).min(KEPT - place);
        self.at += count as u64;
        self.frames.get(place..place + count)
    }

    fn between(&mut self, step: f64, more: impl FnMut(&mut [[f32; 2]; BLOCK])) -> [f32; 2] {
        let narrow = (1.0 / step).min(1.0);
        let wing = WINGS as f64 / narrow;
        self.reach(self.at + libm::ceil(wing) as u64 + 1, more);
        let first = libm::ceil(self.beyond - wing) as i64;
        let last = libm::floor(self.beyond + wing) as i64;
        let mut sum = [0.0_f32; 2];
        for offset in first..=last {
            let Some(frame) = self.at.checked_add_signed(offset) else { continue };
            let place = (offset as f64 - self.beyond).abs() * narrow * PLACES as f64;
            let whole = libm::floor(place);
            let (place, share) = (whole as usize, (place - whole) as f32);
            let (Some(near), Some(far)) = (self.kernel.get(place), self.kernel.get(place + 1)) else {
                continue;
            };
            let tap = (near + (far - near) * share) * narrow as f32;
            let [left, right] = self.frames[frame as usize % KEPT];
            sum = [sum[0] + left * tap, sum[1] + right * tap];
        }
        sum
    }

    /// Takes blocks until the stream's frames before `end` are there.
    fn reach(&mut self, end: u64, mut more: impl FnMut(&mut [[f32; 2]; BLOCK])) {
        let mut block = [[0.0; 2]; BLOCK];
        while self.taken < end {
            more(&mut block);
            let place = self.taken as usize % KEPT;
            self.frames[place..place + BLOCK].copy_from_slice(&block);
            self.taken += BLOCK as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::measure::{amplitude_at, decibels, largest_step, residual_db};
    use std::f64::consts::TAU;

    /// Reads a tone of `hertz` that is made at `from`, for some frames at each of the rates.
    fn read(from: u32, hertz: f64, rates: &[(u32, usize)]) -> Vec<f32> {
        let mut reader = RateReader::new();
        let mut frame = 0;
        let mut more = |block: &mut [[f32; 2]; BLOCK]| {
            for out in block {
                let x = (0.5 * libm::sin(TAU * hertz * f64::from(frame) / f64::from(from))) as f32;
                (*out, frame) = ([x, -x], frame + 1);
            }
        };
        let mut out = Vec::new();
        for &(rate, frames) in rates {
            let step = f64::from(from) / f64::from(rate);
            let mut left = frames;
            while left > 0 {
                let passed = if step == 1.0 { reader.pass(left.min(100), &mut more) } else { None };
                let (next, frames) = match passed {
                    Some(frames) => (None, frames),
                    None => (Some([reader.next(step, &mut more)]), &[][..]),
                };
                let frames = next.as_ref().map_or(frames, |next| next);
                assert!(frames.iter().all(|[left, right]| *left == -right));
                out.extend(frames.iter().map(|frame| frame[0]));
                left -= frames.len();
            }
        }
        out
    }

    #[test]
    fn at_its_own_rate_a_stream_passes_bit_for_bit() {
        let out = read(48_000, 1000.0, &[(48_000, 1000)]);
        let expected = |n: usize| (0.5 * libm::sin(TAU * 1000.0 * n as f64 / 48_000.0)) as f32;
        assert!(out.iter().enumerate().all(|(n, x)| *x == expected(n)));
    }

    #[test]
    fn a_tone_keeps_its_pitch_and_its_purity() {
        for (from, to) in [(48_000, 44_100), (44_100, 48_000), (48_000, 96_000), (96_000, 48_000)] {
            for share in [0.02, 0.1, 0.3, 0.4] {
                let hertz = share * f64::from(from.min(to));
                let out = read(from, hertz, &[(to, 20_000)]);
                let rest = residual_db(&out[1000..], hertz as f32, to);
                let gain = decibels(amplitude_at(&out[1000..], hertz as f32, to) / 0.5);
                assert!(rest < -95.0, "{from} to {to}, {hertz} Hz: {rest} dB");
                assert!(gain.abs() < 0.05, "{from} to {to}, {hertz} Hz: {gain} dB");
            }
        }
    }

    #[test]
    fn what_a_slower_rate_cannot_carry_is_filtered_out() {
        let out = read(96_000, 30_000.0, &[(48_000, 5000)]);
        assert!(decibels(largest_step(&out[500..])) < -90.0, "{}", decibels(largest_step(&out[500..])));
    }

    #[test]
    fn a_change_of_rate_has_no_seam() {
        for other in [44_100, 47_999, 96_000] {
            let rates = [(48_000, 4000), (other, 4000), (48_000, 4000)];
            let out = read(48_000, 440.0, &rates);
            let mut at = 0.0;
            let steps = rates.iter().flat_map(|&(rate, frames)| vec![48_000.0 / f64::from(rate); frames]);
            for (n, (step, x)) in steps.zip(&out).enumerate() {
                let ideal = 0.5 * libm::sin(TAU * 440.0 * at / 48_000.0);
                // Before the stream there is silence, which the kernel's first frames see.
                assert!(
                    n < 64 || (f64::from(*x) - ideal).abs() < 1e-5,
                    "{other}, frame {n}: {x}, not {ideal}"
                );
                at += step;
            }
        }
    }
}
