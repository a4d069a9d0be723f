//! The widest instructions this machine has, chosen while the program runs.
//!
//! Lives here: [`Level`], and the macro that compiles one plain loop once for each level. May be named here:
//! nothing. A loop is written once, over slices and small arrays, and the compiler makes vectors of it; so
//! every level does the same additions in the same order and gives the same bits. (Nothing fuses a multiply
//! with an add: Rust never does so by itself.) Runs on any thread.

use std::sync::atomic::{AtomicU8, Ordering};

/// A set of vector instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// What every machine of the architecture has: SSE2 on x86-64, NEON on 64-bit ARM.
    Baseline,
    /// AVX2 on x86-64: 8 samples at once.
    Avx2,
    /// AVX-512 (F, BW, DQ, VL) on x86-64: 16 samples at once.
    Avx512,
}

impl Level {
    /// All levels, narrowest first.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Avx2, Self::Avx512];

    /// The widest level of this machine.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            if avx2 && avx512 {
                return Self::Avx512;
            }
            if avx2 {
                return Self::Avx2;
            }
        }
        Self::Baseline
    }
}

const UNKNOWN: u8 = u8::MAX;
static LEVEL: AtomicU8 = AtomicU8::new(UNKNOWN);

/// The level in use: the machine's widest, unless [`limit`] holds it down.
#[inline]
pub fn level() -> Level {
    match LEVEL.load(Ordering::Relaxed) {
        0 => Level::Baseline,
        1 => Level::Avx2,
        2 => Level::Avx512,
        _ => limit(Level::Avx512),
    }
}

/// Uses at most `level` from now on, in the whole program, and says what that came to. What is heard does not
/// depend on it; it is for tests and for comparing speeds.
pub fn limit(level: Level) -> Level {
    let level = level.min(Level::detect());
    LEVEL.store(level as u8, Ordering::Relaxed);
    level
}

/// How much of a value [`fetch_value`] asks for, in bytes.
pub const FETCHED: usize = 128;

/// Asks for the first [`FETCHED`] bytes of a value; as [`fetch`].
#[inline(always)]
pub fn fetch_value<T>(value: &T) {
    const { assert!(size_of::<T>() >= FETCHED) };
    #[cfg(target_arch = "x86_64")]
    for line in 0..FETCHED / 64 {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: SSE is part of every x86-64; a hint reads nothing, and the place is inside the value.
        #[expect(unsafe_code, reason = "a hint to the cache")]
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast::<i8>().add(64 * line));
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

/// Asks for the first 256 bytes of a stretch of memory, so that they are near when they are needed a
/// little later. Changes nothing else.
#[inline(always)]
pub fn fetch(samples: &[f32]) {
    /// Samples in a cache line.
    const LINE: usize = 16;
    #[cfg(target_arch = "x86_64")]
    for line in samples.chunks(LINE).take(4) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: SSE is part of every x86-64; a hint reads nothing.
        #[expect(unsafe_code, reason = "a hint to the cache")]
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = samples;
}

/// Compiles functions once for each level and calls the one for this machine.
///
/// The body is ordinary code; whatever it calls must be inlined into it (`#[inline(always)]`) to profit. Calls
/// cost about a nanosecond, so give it whole blocks.
macro_rules! dispatched {
    ($($(#[$meta:meta])* $vis:vis fn $name:ident $(<$(const $n:ident: $n_type:ty),+>)? (
        $($arg:ident: $type:ty),* $(,)?
    ) $(-> $out:ty)? $body:block)*) => {$(
        $(#[$meta])*
        #[allow(clippy::too_many_arguments, reason = "a kernel has as many as it has")]
        $vis fn $name $(<$(const $n: $n_type),+>)? ($($arg: $type),*) $(-> $out)? {
            #[inline(always)]
            #[allow(clippy::too_many_arguments, reason = "a kernel has as many as it has")]
            fn plain $(<$(const $n: $n_type),+>)? ($($arg: $type),*) $(-> $out)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                #[allow(clippy::too_many_arguments, reason = "a kernel has as many as it has")]
                fn avx2 $(<$(const $n: $n_type),+>)? ($($arg: $type),*) $(-> $out)? {
                    plain $(::<$($n),+>)? ($($arg),*)
                }
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                #[allow(clippy::too_many_arguments, reason = "a kernel has as many as it has")]
                fn avx512 $(<$(const $n: $n_type),+>)? ($($arg: $type),*) $(-> $out)? {
                    plain $(::<$($n),+>)? ($($arg),*)
                }
                match $crate::dsp::simd::level() {
                    $crate::dsp::simd::Level::Baseline => {}
                    // SAFETY: `level` is never above what this machine was found to have.
                    #[expect(unsafe_code, reason = "the one door into wider instructions")]
                    $crate::dsp::simd::Level::Avx2 => return unsafe { avx2 $(::<$($n),+>)? ($($arg),*) },
                    // SAFETY: as above.
                    #[expect(unsafe_code, reason = "the one door into wider instructions")]
                    $crate::dsp::simd::Level::Avx512 => return unsafe { avx512 $(::<$($n),+>)? ($($arg),*) },
                }
            }
            plain $(::<$($n),+>)? ($($arg),*)
        }
    )*};
}
pub(crate) use dispatched;

#[cfg(test)]
mod tests {
    use super::*;

    dispatched! {
        fn weigh<const N: usize>(out: &mut [f32], by: f32) {
            for chunk in out.chunks_exact_mut(N) {
                for x in chunk {
                    *x = *x * by + 0.1;
                }
            }
        }
    }

    #[test]
    fn every_level_gives_the_same_bits() {
        let source: Vec<f32> = (0..1024).map(|i| libm::sinf(i as f32)).collect();
        let results = Level::ALL.map(|level| {
            limit(level);
            let mut out = source.clone();
            weigh::<16>(&mut out, 0.3);
            out.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        });
        limit(Level::Avx512);
        assert!(results.iter().all(|bits| *bits == results[0]));
        assert_eq!(f32::from_bits(results[0][3]), libm::sinf(3.0) * 0.3 + 0.1);
    }
}
