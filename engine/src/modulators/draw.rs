//! Numbers drawn by their place instead of in a row, so that any of them can be asked for.
//!
//! The mixing of bits is the finaliser of SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number
//! Generators", 2014).

fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The draw of that place, evenly from 0 up to, not including, 1.
pub(super) fn unit(seed: u64, place: i64) -> f32 {
    (mixed(seed ^ mixed(place as u64)) >> 40) as f32 / (1 << 24) as f32
}

/// The seed of one modulator at work: of the engine's seed, the modulator's name and who goes by it.
pub fn seed_of(engine: u64, name: &str, who: u64) -> u64 {
    name.bytes().fold(mixed(engine ^ mixed(who)), |seed, byte| mixed(seed ^ u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_and_every_part_of_the_seed_counts() {
        let seed = seed_of(7, "wobble", 1);
        let mut counts = [0_u32; 10];
        (0..10_000).for_each(|place| counts[(unit(seed, place) * 10.0) as usize] += 1);
        // Four standard deviations of a tenth of ten thousand.
        assert!(counts.iter().all(|count| count.abs_diff(1000) < 120), "{counts:?}");
        for other in [seed_of(8, "wobble", 1), seed_of(7, "wobblf", 1), seed_of(7, "wobble", 2)] {
            assert!((0..8).all(|place| unit(seed, place) != unit(other, place)));
        }
    }
}
