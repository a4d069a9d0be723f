//! Reading a sound at any pitch.
//!
//! Lives here: [`Interpolator`], a table of coefficients for every place between two samples. May be named here: `lanes`,
//! `math`, `simd`. Tables are built once, on any thread but the audio thread, which then only reads them.
//!
//! Every kind is a table of 1024 phases: each output is the product of a row and as many samples. The nearest phase
//! is taken; what that costs is about what the kernels themselves leave: -89 dB at 1 kHz, -69 dB at 10 kHz (48 kHz).
//! The finest kind is interpolated between its phases, for a little more work and 20 dB less.
//!
//! What is left beside a tone that is read at 0.94 of its pitch, at 48 kHz (a test prints the whole table):
//!
//! | tone | line | cubic | sinc | fine |
//! | --- | --- | --- | --- | --- |
//! | 200 Hz | -92 dB | -103 dB | -94 dB | -110 dB |
//! | 2 kHz | -52 dB | -73 dB | -75 dB | -97 dB |
//! | 8 kHz | -27 dB | -36 dB | -70 dB | -97 dB |
//!
//! Windowed sinc: J. O. Smith, "Digital Audio Resampling" (CCRMA); the cubic is Catmull-Rom's.

use super::lanes::Four;
use super::math::{bessel_i0, sinc};
use super::simd::{Level, level};
pub use crate::effects::Interpolation;
use std::sync::LazyLock;

/// Samples needed before a position's whole number by any kind.
pub const BEFORE: usize = 7;
/// Samples needed after a position's whole number by any kind.
pub const AFTER: usize = 8;
/// Phases of a table.
pub(crate) const PHASES: usize = 1024;
/// The bits of a phase.
const PHASE_BITS: u32 = PHASES.trailing_zeros();
/// A whole sample, in the steps that positions are kept in.
pub(crate) const FIXED: f64 = 4_294_967_296.0;

/// A table of coefficients with the loop that reads it.
///
/// It cuts off at the source's own Nyquist frequency. Read faster than it was recorded (`step` above 1), a
/// sound whose top then passes the output's Nyquist frequency aliases; that is for the caller to filter.
#[derive(Debug)]
pub struct Interpolator {
    rows: Rows,
}

#[derive(Debug)]
enum Rows {
    Four(Box<[[f32; 4]]>),
    Eight(Box<[[f32; 8]]>),
    /// Sixteen coefficients and what is added to them on the way to the next phase.
    Sixteen(Box<[[f32; 32]]>),
}

/// A table of rows, one for each phase and one for the next sample. A row's middle is the sample before the position.
fn table<const TAPS: usize>(kernel: impl Fn(f64) -> f64) -> Box<[[f32; TAPS]]> {
    let row = |phase: usize| -> [f32; TAPS] {
        let frac = phase as f64 / PHASES as f64;
        let taps: [f64; TAPS] = std::array::from_fn(|tap| {
            let x = (tap + 1) as f64 - (TAPS / 2) as f64 - frac;
            // On whole numbers every kernel is exactly one or zero.
            let whole = phase.is_multiple_of(PHASES);
            if whole { f64::from(u8::from(x == 0.0)) } else { kernel(x) }
        });
        // A steady value must stay steady, whatever the phase.
        let sum: f64 = taps.iter().sum();
        taps.map(|tap| (tap / sum) as f32)
    };
    (0..=PHASES).map(row).collect()
}

/// The rows of a table with what leads to the next; the last, which nothing follows, stays as it is.
fn with_slopes(rows: &[[f32; 16]]) -> Box<[[f32; 32]]> {
    let next = rows.iter().skip(1).chain(rows.last());
    rows.iter()
        .zip(next)
        .map(|(row, next)| std::array::from_fn(|i| if i < 16 { row[i] } else { next[i - 16] - row[i - 16] }))
        .collect()
}

/// A sinc that reaches `half` samples to each side in Kaiser's window.
fn windowed(x: f64, half: f64, beta: f64) -> f64 {
    let edge = x / half;
    sinc(x) * bessel_i0(beta * libm::sqrt((1.0 - edge * edge).max(0.0))) / bessel_i0(beta)
}

/// The rows of the windowed sinc of 8 samples.
pub(crate) fn sinc_rows() -> Box<[[f32; 8]]> {
    table(|x| windowed(x, 4.0, 7.0))
}

fn catmull_rom(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

impl Interpolator {
    /// Builds the table: 16 KiB for the cubic and the line, 32 for 8 samples, 128 for 16.
    pub fn new(kind: Interpolation) -> Self {
        // Kaiser's shapes: the trade between images of high tones and a dull top, found by measuring both.
        let rows = match kind {
            Interpolation::Linear => Rows::Four(table(|x| (1.0 - x.abs()).max(0.0))),
            Interpolation::Cubic => Rows::Four(table(catmull_rom)),
            Interpolation::Sinc => Rows::Eight(sinc_rows()),
            Interpolation::Fine => Rows::Sixteen(with_slopes(&table(|x| windowed(x, 8.0, 9.0)))),
        };
        Self { rows }
    }

    /// The program's own table of a kind, built at the first call. Keep the reference: then reading is free.
    pub fn shared(kind: Interpolation) -> &'static Self {
        static SHARED: LazyLock<[Interpolator; 4]> = LazyLock::new(|| {
            [Interpolation::Linear, Interpolation::Cubic, Interpolation::Sinc, Interpolation::Fine]
                .map(Interpolator::new)
        });
        &SHARED[kind as usize]
    }

    /// Renders `out.len()` values at `pos`, `pos + step`, … of `source`.
    ///
    /// `pos` is in samples from the source's start, and with each value's whole number `p` the samples
    /// `p - BEFORE` to `p + AFTER` must be inside; where they are not, the output is zero. A whole `pos` with a `step`
    /// of 1 copies exactly. Positions are kept in steps of 2^-32 samples, so a span of 128 drifts by less
    /// than 3e-8 samples from `pos + 128 step`.
    pub fn render(&self, source: &[f32], pos: f64, step: f64, out: &mut [f32]) {
        let at = (pos.max(0.0) * FIXED) as u64;
        let step = (step.max(0.0) * FIXED + 0.5) as u64;
        let (whole, frac) = ((at >> 32) as usize, at as u32);
        let fits = whole >= BEFORE && source.len() > whole + AFTER;
        let (out, beyond) = out.split_at_mut(if fits { reach(source.len(), at, step, out.len()) } else { 0 });
        beyond.fill(0.0);
        if step == 1 << 32 && frac == 0 {
            // Inside, so there are as many.
            return out.copy_from_slice(source.get(whole..whole + out.len()).unwrap_or_default());
        }
        match &self.rows {
            Rows::Four(rows) => read::<4, 4>(rows, source, at, step, out),
            Rows::Eight(rows) => read::<8, 8>(rows, source, at, step, out),
            Rows::Sixteen(rows) => read::<16, 32>(rows, source, at, step, out),
        }
    }
}

/// How many of `count` positions from `at` on have all their samples in a source of `length`; the first has.
fn reach(length: usize, at: u64, step: u64, count: usize) -> usize {
    let last = ((length - AFTER) as u64) << 32;
    match last.saturating_sub(at).saturating_sub(1).checked_div(step) {
        Some(more) => count.min(more as usize + 1),
        None => count,
    }
}

/// Reads with rows for `TAPS` samples. All positions must be inside, with [`BEFORE`] and [`AFTER`] samples beside them.
fn read<const TAPS: usize, const ROW: usize>(
    rows: &[[f32; ROW]],
    source: &[f32],
    at: u64,
    step: u64,
    out: &mut [f32],
) {
    const { assert!(matches!((TAPS, ROW), (4, 4) | (8, 8) | (16, 32))) };
    const { assert!(TAPS <= 2 * AFTER && TAPS / 2 - 1 <= BEFORE) };
    let whole = |at: u64| (at >> 32) as usize;
    let end = at + step * (out.len() as u64).saturating_sub(1);
    if out.is_empty() || rows.len() != PHASES + 1 || whole(at) < BEFORE || whole(end) + AFTER >= source.len()
    {
        return;
    }
    let at = at + Reader::<TAPS, ROW>::NEAREST;
    let reader = Reader::<TAPS, ROW> { rows, source, step };
    #[cfg(target_arch = "x86_64")]
    if level() >= Level::Avx2 && TAPS >= 8 {
        // SAFETY: `level` is never above what this machine was found to have; all positions from `at` on are inside.
        #[expect(unsafe_code, reason = "the door into wider instructions")]
        return unsafe { reader.wide(at, out) };
    }
    // SAFETY: all positions from `at` on are inside.
    #[expect(unsafe_code, reason = "positions are checked once for all")]
    unsafe {
        reader.narrow(at, out);
    }
}

/// Rows of `TAPS` coefficients, and as many slopes behind them if a row is twice as long.
struct Reader<'a, const TAPS: usize, const ROW: usize> {
    rows: &'a [[f32; ROW]],
    source: &'a [f32],
    step: u64,
}

impl<const TAPS: usize, const ROW: usize> Reader<'_, TAPS, ROW> {
    const BLENDS: bool = ROW > TAPS;

    /// What makes the phase before a position the nearest one, where it is not interpolated: half a phase. It may
    /// bring the position to the next sample, whose first phase needs no other samples than the last of this one.
    const NEAREST: u64 = if Self::BLENDS { 0 } else { 1 << (31 - PHASE_BITS) };

    /// The phase before a position.
    #[inline(always)]
    fn phase(at: u64) -> usize {
        (at as u32 >> (32 - PHASE_BITS)) as usize
    }

    /// How far the position is on its way from that phase to the next.
    #[inline(always)]
    fn way(at: u64) -> f32 {
        const REST: u32 = u32::MAX >> PHASE_BITS;
        (at as u32 & REST) as f32 * (1.0 / (REST as f32 + 1.0))
    }

    /// The row and the samples for the position.
    ///
    /// # Safety
    /// There are more than [`PHASES`] rows, and before it was brought to the nearest phase the position had
    /// [`BEFORE`] samples of the source before its whole number and [`AFTER`] behind.
    #[inline(always)]
    #[expect(unsafe_code, reason = "positions are checked once for all")]
    unsafe fn at(&self, at: u64) -> (&[f32; ROW], &[f32; TAPS]) {
        let first = (at >> 32) as usize + 1 - TAPS / 2;
        debug_assert!(Self::phase(at) < self.rows.len() && first + TAPS <= self.source.len());
        // SAFETY: a phase is less than PHASES. The samples from `first` on are inside, by the caller's word: with
        // sixteen taps the position is as it was, and fewer need no more than half of what is behind. An array of
        // `f32` has the alignment of `f32`.
        unsafe {
            let samples = self.source.as_ptr().add(first).cast::<[f32; TAPS]>();
            (self.rows.get_unchecked(Self::phase(at)), &*samples)
        }
    }

    /// The products, folded into four sums that are still to be added up.
    ///
    /// # Safety
    /// As for [`Reader::at`].
    #[inline(always)]
    #[expect(unsafe_code, reason = "positions are checked once for all")]
    unsafe fn fold(&self, at: u64) -> Four {
        // SAFETY: by the caller's word.
        let (row, samples) = unsafe { self.at(at) };
        let (row, samples) = (row.as_chunks::<4>().0, samples.as_chunks::<4>().0);
        let way = Four::splat(if Self::BLENDS { Self::way(at) } else { 0.0 });
        let part = |i: usize| {
            let mut taps = Four::load(&row[i]);
            if Self::BLENDS {
                taps = taps.plus(Four::load(&row[i + TAPS / 4]).times(way));
            }
            taps.times(Four::load(&samples[i]))
        };
        match TAPS {
            4 => part(0),
            8 => part(0).plus(part(1)),
            _ => part(0).plus(part(2)).plus(part(1).plus(part(3))),
        }
    }

    /// # Safety
    /// As for [`Reader::at`], for every position.
    #[expect(unsafe_code, reason = "positions are checked once for all")]
    unsafe fn narrow(&self, at: u64, out: &mut [f32]) {
        let mut at = at;
        let (groups, rest) = out.as_chunks_mut::<4>();
        for group in groups {
            let mut parts = [Four::splat(0.0); 4];
            for part in &mut parts {
                // SAFETY: by the caller's word.
                *part = unsafe { self.fold(at) };
                at += self.step;
            }
            Four::sums(parts).store(group);
        }
        for out in rest {
            let mut sums = [0.0; 4];
            // SAFETY: by the caller's word.
            Four::sums([unsafe { self.fold(at) }; 4]).store(&mut sums);
            *out = sums[0];
            at += self.step;
        }
    }

    /// As [`Reader::narrow`], eight values at a time: the same products and sums, in the same order.
    ///
    /// # Safety
    /// As for [`Reader::at`], for every position; there are at least 8 taps; and the machine has AVX2.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    #[expect(unsafe_code, reason = "positions are checked once for all; wider instructions")]
    unsafe fn wide(&self, at: u64, out: &mut [f32]) {
        use std::arch::x86_64::{
            __m256, _mm256_add_ps, _mm256_castpd_ps, _mm256_castps_pd, _mm256_loadu_ps, _mm256_mul_ps,
            _mm256_permute2f128_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_shuffle_ps, _mm256_storeu_ps,
            _mm256_unpackhi_pd, _mm256_unpacklo_pd,
        };
        let mut at = at;
        let (groups, rest) = out.as_chunks_mut::<8>();
        for group in groups {
            let mut products = [_mm256_setzero_ps(); 8];
            for product in &mut products {
                // SAFETY: by the caller's word.
                let (row, samples) = unsafe { self.at(at) };
                let way = _mm256_set1_ps(if Self::BLENDS { Self::way(at) } else { 0.0 });
                let (row, samples) = (row.as_chunks::<8>().0, samples.as_chunks::<8>().0);
                // SAFETY: eight numbers are read from arrays of eight.
                let load = |from: &[f32; 8]| unsafe { _mm256_loadu_ps(from.as_ptr()) };
                let part = |i: usize| {
                    let mut taps = load(&row[i]);
                    if Self::BLENDS {
                        taps = _mm256_add_ps(taps, _mm256_mul_ps(load(&row[i + TAPS / 8]), way));
                    }
                    _mm256_mul_ps(taps, load(&samples[i]))
                };
                *product = if TAPS == 8 { part(0) } else { _mm256_add_ps(part(0), part(1)) };
                at += self.step;
            }
            // The upper half of each is added to its lower half; values i and i + 4 share a register.
            let folded: [__m256; 4] = std::array::from_fn(|i| {
                let (a, b) = (products[i], products[i + 4]);
                _mm256_add_ps(_mm256_permute2f128_ps::<0x20>(a, b), _mm256_permute2f128_ps::<0x31>(a, b))
            });
            let pairs = |a: __m256, b: __m256| {
                let (a, b) = (_mm256_castps_pd(a), _mm256_castps_pd(b));
                let (low, high) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
                _mm256_add_ps(_mm256_castpd_ps(low), _mm256_castpd_ps(high))
            };
            let (ab, cd) = (pairs(folded[0], folded[1]), pairs(folded[2], folded[3]));
            let even = _mm256_shuffle_ps::<0b10_00_10_00>(ab, cd);
            let odd = _mm256_shuffle_ps::<0b11_01_11_01>(ab, cd);
            // SAFETY: eight values are written to an array of eight.
            unsafe { _mm256_storeu_ps(group.as_mut_ptr(), _mm256_add_ps(even, odd)) };
        }
        // SAFETY: by the caller's word.
        unsafe { self.narrow(at, rest) };
    }
}

#[cfg(test)]
mod tests;
