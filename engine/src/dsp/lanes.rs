//! Four numbers at once, where plain loops do not become the vectors one would write by hand.
//!
//! Lives here: [`Four`]. May be named here: nothing. On x86-64 it is one SSE register, elsewhere an array; every
//! operation rounds each lane on its own, so the bits are the same. Runs on any thread.
//!
//! What the compiler makes of plain loops is good for whole blocks (see `simd`), and poor for sums across lanes and for
//! recursions; those are written with this.

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "SSE is part of every x86-64; the instructions are only unsafe by their type")]
mod four {
    use std::arch::x86_64::{
        __m128, _mm_add_ps, _mm_castps_si128, _mm_castsi128_ps, _mm_loadu_ps, _mm_movehl_ps, _mm_movelh_ps,
        _mm_mul_ps, _mm_set1_ps, _mm_shuffle_ps, _mm_slli_si128, _mm_storeu_ps,
    };

    /// Four numbers.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct Four(__m128);

    impl Four {
        /// The same number four times.
        #[inline(always)]
        pub(crate) fn splat(value: f32) -> Self {
            // SAFETY: SSE is part of every x86-64.
            Self(unsafe { _mm_set1_ps(value) })
        }

        #[inline(always)]
        pub(crate) fn load(from: &[f32; 4]) -> Self {
            // SAFETY: SSE is part of every x86-64; four numbers are read from an array of four.
            Self(unsafe { _mm_loadu_ps(from.as_ptr()) })
        }

        #[inline(always)]
        pub(crate) fn store(self, to: &mut [f32; 4]) {
            // SAFETY: SSE is part of every x86-64; four numbers are written to an array of four.
            unsafe { _mm_storeu_ps(to.as_mut_ptr(), self.0) }
        }

        #[inline(always)]
        pub(crate) fn plus(self, other: Self) -> Self {
            // SAFETY: SSE is part of every x86-64.
            Self(unsafe { _mm_add_ps(self.0, other.0) })
        }

        #[inline(always)]
        pub(crate) fn times(self, other: Self) -> Self {
            // SAFETY: SSE is part of every x86-64.
            Self(unsafe { _mm_mul_ps(self.0, other.0) })
        }

        /// The last lane in all lanes.
        #[inline(always)]
        pub(crate) fn last(self) -> Self {
            // SAFETY: SSE is part of every x86-64.
            Self(unsafe { _mm_shuffle_ps::<0b11_11_11_11>(self.0, self.0) })
        }

        /// Moved by one lane to later places; zero comes in.
        #[inline(always)]
        pub(crate) fn later_by_one(self) -> Self {
            // SAFETY: SSE2 is part of every x86-64.
            Self(unsafe { _mm_castsi128_ps(_mm_slli_si128::<4>(_mm_castps_si128(self.0))) })
        }

        /// Moved by two lanes to later places; zeros come in.
        #[inline(always)]
        pub(crate) fn later_by_two(self) -> Self {
            // SAFETY: SSE2 is part of every x86-64.
            Self(unsafe { _mm_castsi128_ps(_mm_slli_si128::<8>(_mm_castps_si128(self.0))) })
        }

        /// The sum of each: `(a₀ + a₂) + (a₁ + a₃)`.
        #[inline(always)]
        pub(crate) fn sums(of: [Self; 4]) -> Self {
            let [a, b, c, d] = of.map(|four| four.0);
            // SAFETY: SSE is part of every x86-64.
            unsafe {
                let ab = _mm_add_ps(_mm_movelh_ps(a, b), _mm_movehl_ps(b, a));
                let cd = _mm_add_ps(_mm_movelh_ps(c, d), _mm_movehl_ps(d, c));
                let even = _mm_shuffle_ps::<0b10_00_10_00>(ab, cd);
                let odd = _mm_shuffle_ps::<0b11_01_11_01>(ab, cd);
                Self(_mm_add_ps(even, odd))
            }
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod four {
    /// Four numbers.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct Four([f32; 4]);

    impl Four {
        /// The same number four times.
        #[inline(always)]
        pub(crate) fn splat(value: f32) -> Self {
            Self([value; 4])
        }

        #[inline(always)]
        pub(crate) fn load(from: &[f32; 4]) -> Self {
            Self(*from)
        }

        #[inline(always)]
        pub(crate) fn store(self, to: &mut [f32; 4]) {
            *to = self.0;
        }

        #[inline(always)]
        pub(crate) fn plus(self, other: Self) -> Self {
            Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
        }

        #[inline(always)]
        pub(crate) fn times(self, other: Self) -> Self {
            Self(std::array::from_fn(|i| self.0[i] * other.0[i]))
        }

        /// The last lane in all lanes.
        #[inline(always)]
        pub(crate) fn last(self) -> Self {
            Self([self.0[3]; 4])
        }

        /// Moved by one lane to later places; zero comes in.
        #[inline(always)]
        pub(crate) fn later_by_one(self) -> Self {
            Self([0.0, self.0[0], self.0[1], self.0[2]])
        }

        /// Moved by two lanes to later places; zeros come in.
        #[inline(always)]
        pub(crate) fn later_by_two(self) -> Self {
            Self([0.0, 0.0, self.0[0], self.0[1]])
        }

        /// The sum of each: `(a₀ + a₂) + (a₁ + a₃)`.
        #[inline(always)]
        pub(crate) fn sums(of: [Self; 4]) -> Self {
            Self(of.map(|Self(a)| (a[0] + a[2]) + (a[1] + a[3])))
        }
    }
}

pub(crate) use four::Four;

#[cfg(test)]
mod tests {
    use super::*;

    fn array(four: Four) -> [f32; 4] {
        let mut out = [0.0; 4];
        four.store(&mut out);
        out
    }

    #[test]
    fn every_lane_is_where_it_is_said_to_be() {
        let four = Four::load(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(array(four.last()), [4.0; 4]);
        assert_eq!(array(four.later_by_one()), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(array(four.later_by_two()), [0.0, 0.0, 1.0, 2.0]);
        assert_eq!(array(four.plus(Four::splat(1.0)).times(four)), [2.0, 6.0, 12.0, 20.0]);
        let big = Four::load(&[1e8, 1.0, -1e8, 1.0]);
        assert_eq!(array(Four::sums([four, big, four, big])), [10.0, 2.0, 10.0, 2.0]);
    }
}
