//! The only source of chance in the generator: xoshiro256++ seeded from a sound's name.
//!
//! Every sound owns its generator, so adding or changing one sound never changes another.

/// Seeded random numbers (xoshiro256++ by Blackman and Vigna, seeded with splitmix64).
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// The generator of the sound called `name`. The name is hashed with 64-bit FNV-1a.
    pub fn named(name: &str) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in name.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        let mut state = [0; 4];
        for word in &mut state {
            hash = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = hash;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *word = z ^ (z >> 31);
        }
        Self { state }
    }

    fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// Uniform in 0..1, with 53 bits.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in -1..1: white noise.
    pub fn bipolar(&mut self) -> f64 {
        self.unit() * 2.0 - 1.0
    }

    /// Uniform in `low..high`.
    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in the logarithm, in `low..high`: the natural spread of a frequency or a size.
    pub fn log_range(&mut self, low: f64, high: f64) -> f64 {
        low * libm::pow(high / low, self.unit())
    }

    /// A waiting time in seconds for something that happens `rate` times a second.
    pub fn wait(&mut self, rate: f64) -> f64 {
        -libm::log(1.0 - self.unit()) / rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fixes_the_sequence_and_another_name_changes_it() {
        let draw = |name| {
            let mut rng = Rng::named(name);
            [rng.bits(), rng.bits(), rng.bits()]
        };
        assert_eq!(draw("sfx/fire"), draw("sfx/fire"));
        assert_ne!(draw("sfx/fire"), draw("sfx/fire_"));
    }

    #[test]
    fn noise_has_the_mean_and_power_of_a_uniform_law() {
        let mut rng = Rng::named("noise");
        let (mut mean, mut power) = (0.0, 0.0);
        for _ in 0..100_000 {
            let x = rng.bipolar();
            mean += x / 100_000.0;
            power += x * x / 100_000.0;
        }
        assert!(mean.abs() < 0.01 && (power - 1.0 / 3.0).abs() < 0.005, "{mean} {power}");
    }
}
