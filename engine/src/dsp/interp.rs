//! Reading a sound at any pitch.
//!
//! Lives here: [`Interpolator`], a windowed-sinc table of 8 taps and 512 phases. May be named here: `math`.
//! The table is built once, on any thread but the audio thread, which then only reads it.

use super::math::{bessel_i0, sinc};
use std::sync::LazyLock;

/// Samples that one output is made of.
pub const TAPS: usize = 8;
/// Samples needed before the position's whole number; after it are `TAPS - 1 - BEFORE`.
pub const BEFORE: usize = 3;
/// Phases of the table; between them the coefficients are interpolated linearly.
const PHASES: usize = 512;
/// Kaiser's shape: the trade between images of high tones and a dull top, found by measuring both.
const BETA: f64 = 7.0;

/// An 8-point windowed-sinc interpolator.
///
/// It cuts off at the source's own Nyquist frequency. Read faster than it was recorded (`step` above 1), a
/// sound whose top then passes the output's Nyquist frequency aliases; that is for the caller to filter.
#[derive(Debug)]
pub struct Interpolator {
    table: Box<[[f32; TAPS]]>,
}

impl Default for Interpolator {
    fn default() -> Self {
        Self::new()
    }
}

impl Interpolator {
    /// Builds the table (16 KiB).
    pub fn new() -> Self {
        let row = |phase: usize| -> [f32; TAPS] {
            let frac = phase as f64 / PHASES as f64;
            let taps: [f64; TAPS] = std::array::from_fn(|tap| {
                let x = tap as f64 - BEFORE as f64 - frac;
                let edge = x / (TAPS as f64 / 2.0);
                let window = bessel_i0(BETA * libm::sqrt((1.0 - edge * edge).max(0.0))) / bessel_i0(BETA);
                // On whole numbers the sinc is exactly one or zero.
                let whole = phase.is_multiple_of(PHASES);
                if whole { if x == 0.0 { 1.0 } else { 0.0 } } else { sinc(x) * window }
            });
            // A steady value must stay steady, whatever the phase.
            let sum: f64 = taps.iter().sum();
            taps.map(|tap| (tap / sum) as f32)
        };
        Self { table: (0..=PHASES).map(row).collect() }
    }

    /// The one table of the program, built at the first call. Keep the reference: then reading is free.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Interpolator> = LazyLock::new(Interpolator::new);
        &SHARED
    }

    /// The coefficients for a fraction given as a whole number of 2^-32.
    #[inline(always)]
    fn taps(&self, frac: u32) -> [f32; TAPS] {
        let phase = (frac >> 23) as usize;
        let between = (frac & 0x7f_ffff) as f32 * (1.0 / 8_388_608.0);
        let (Some(a), Some(b)) = (self.table.get(phase), self.table.get(phase + 1)) else {
            return [0.0; TAPS];
        };
        std::array::from_fn(|i| a[i] + between * (b[i] - a[i]))
    }

    /// The value `frac` (0 to 1, clamped) of the way from `taps[3]` to `taps[4]`.
    #[inline]
    pub fn sample(&self, taps: &[f32; TAPS], frac: f32) -> f32 {
        let fixed = (f64::from(frac.clamp(0.0, 1.0)) * 4_294_967_296.0) as u64;
        if fixed > u64::from(u32::MAX) { taps[BEFORE + 1] } else { dot(&self.taps(fixed as u32), taps) }
    }

    /// Renders `out.len()` values at `pos`, `pos + step`, … of `source`.
    ///
    /// `pos` is in samples from the source's start, and with each value's whole number `p` the samples
    /// `p - 3` to `p + 4` must be inside; where they are not, the output is zero. A whole `pos` with a `step`
    /// of 1 copies exactly. Positions are kept in steps of 2^-32 samples, so a span of 128 drifts by less
    /// than 3e-8 samples from `pos + 128 step`.
    pub fn render(&self, source: &[f32], pos: f64, step: f64, out: &mut [f32]) {
        const FIXED: f64 = 4_294_967_296.0;
        let mut at = (pos.max(0.0) * FIXED) as u64;
        let step = libm::round(step.max(0.0) * FIXED) as u64;
        if step == 1 << 32 {
            return self.render_natural(source, at, out);
        }
        for out in out {
            let first = ((at >> 32) as usize).wrapping_sub(BEFORE);
            *out = match source.get(first..).and_then(|s| s.first_chunk::<TAPS>()) {
                Some(taps) => dot(&self.taps(at as u32), taps),
                None => 0.0,
            };
            at = at.wrapping_add(step);
        }
    }

    /// At natural pitch every value has the same coefficients.
    fn render_natural(&self, source: &[f32], at: u64, out: &mut [f32]) {
        let frac = at as u32;
        let first = ((at >> 32) as usize).wrapping_sub(BEFORE);
        let Some(source) = source.get(first..) else {
            return out.fill(0.0);
        };
        let inside = out.len().min((source.len() + 1).saturating_sub(TAPS));
        let (out, beyond) = out.split_at_mut(inside);
        beyond.fill(0.0);
        if frac == 0 {
            return out.copy_from_slice(&source[BEFORE..BEFORE + inside]);
        }
        let c = self.taps(frac);
        for (out, taps) in out.iter_mut().zip(source.windows(TAPS)) {
            *out = ((c[0] * taps[0] + c[4] * taps[4]) + (c[2] * taps[2] + c[6] * taps[6]))
                + ((c[1] * taps[1] + c[5] * taps[5]) + (c[3] * taps[3] + c[7] * taps[7]));
        }
    }
}

/// Eight products, summed in the order that suits four lanes; the same order everywhere.
#[inline(always)]
fn dot(c: &[f32; TAPS], x: &[f32; TAPS]) -> f32 {
    let four: [f32; 4] = std::array::from_fn(|i| c[i] * x[i] + c[i + 4] * x[i + 4]);
    (four[0] + four[2]) + (four[1] + four[3])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::measure::{decibels, residual_db, sine};

    #[test]
    fn whole_positions_are_exact() {
        let source = sine(3000.0, 0.7, 48_000, 400);
        let table = Interpolator::new();
        let mut out = [0.0; 128];
        table.render(&source, 10.0, 1.0, &mut out);
        assert_eq!(out, source[10..138]);
        table.render(&source, 10.0, 2.0, &mut out);
        assert!(out.iter().enumerate().all(|(i, x)| *x == source[10 + 2 * i]));
        let taps = source[97..105].first_chunk::<8>().unwrap();
        assert_eq!(table.sample(taps, 0.0), source[100]);
        assert_eq!(table.sample(taps, 1.0), source[101]);
    }

    #[test]
    fn pitched_tones_have_low_residue() {
        let table = Interpolator::new();
        // The tone in Hz at 48 kHz, and what may remain beside it, in dB of its level.
        for (freq, bound) in
            [(200.0, -90.0), (1000.0, -78.0), (5000.0, -62.0), (10_000.0, -62.0), (14_000.0, -35.0)]
        {
            let source = sine(freq, 0.5, 48_000, 20_000);
            let step = 0.9271;
            let mut out = vec![0.0; 16_384];
            for (i, part) in out.chunks_mut(128).enumerate() {
                table.render(&source, 10.25 + (i * 128) as f64 * step, step, part);
            }
            let residue = residual_db(&out, freq * step as f32, 48_000);
            println!("interp {freq} Hz: residue {residue:.1} dB");
            assert!(residue < bound, "{freq} Hz: {residue} dB");
        }
    }

    #[test]
    fn a_fraction_at_natural_pitch_agrees_with_the_general_path() {
        let source = sine(1234.0, 0.7, 48_000, 400);
        let table = Interpolator::new();
        let mut out = [0.0; 100];
        table.render(&source, 50.37, 1.0, &mut out);
        for (i, x) in out.iter().enumerate() {
            let taps = source[50 + i - BEFORE..].first_chunk::<8>().unwrap();
            assert!((x - table.sample(taps, 0.37)).abs() < 1e-6);
        }
        assert!(decibels(0.1) < -19.9);
        table.render(&source, 395.0, 0.5, &mut out);
        assert!(out[40..].iter().all(|x| *x == 0.0));
    }
}
