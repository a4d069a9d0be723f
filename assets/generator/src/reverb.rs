//! A small feedback-delay reverb for the music, run around the loop so that its tail is in the loop.

use crate::synth::{RATE, gain};

/// Delay of each line in frames: primes spread between 29 and 92 ms, so that no two share a period.
const LINES: [usize; 8] = [1_399, 1_777, 2_131, 2_503, 2_917, 3_323, 3_821, 4_409];

/// Adds reverb to a stereo circle: `rt60` seconds to fall by 60 dB, `damping` 0..1 (share of highs lost
/// at every turn), at `wet_db` beside the dry sound.
///
/// Two rounds are run and the second kept: `rt60` well under the loop's length makes that exact to the bit
/// depth (after 24 s, a 5 s tail is 288 dB down).
pub fn around(sides: &mut [Vec<f64>; 2], rt60: f64, damping: f64, wet_db: f64) {
    let feedback = LINES.map(|n| libm::pow(10.0, -3.0 * n as f64 / (RATE * rt60)));
    let mut lines = LINES.map(|n| vec![0.0; n]);
    let mut heads = [0_usize; 8];
    let mut dull = [0.0; 8];
    let wet = gain(wet_db);
    let [left, right] = sides;
    for keep in [false, true] {
        for (left, right) in left.iter_mut().zip(right.iter_mut()) {
            let input = [*left, *right];
            let mut taps = [0.0; 8];
            for (l, tap) in taps.iter_mut().enumerate() {
                let x = lines[l][heads[l]];
                dull[l] += (1.0 - damping) * (x - dull[l]);
                *tap = dull[l] * feedback[l];
            }
            // Householder mixing: energy is kept, every line feeds every other.
            let share = taps.iter().sum::<f64>() * 0.25;
            for l in 0..8 {
                let sign = if l & 2 == 0 { 1.0 } else { -1.0 };
                lines[l][heads[l]] = taps[l] - share + input[l & 1] * sign;
                heads[l] = (heads[l] + 1) % LINES[l];
            }
            if keep {
                *left += wet * (taps[0] + taps[2] - taps[4] - taps[6]);
                *right += wet * (taps[1] + taps[3] - taps[5] - taps[7]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::{decibels, rms};

    #[test]
    fn the_tail_falls_by_its_rt60() {
        let mut sides = [vec![0.0; 96_000], vec![0.0; 96_000]];
        sides[0][0] = 1.0;
        around(&mut sides, 1.0, 0.0, 0.0);
        let level = |from: usize| decibels(rms(&sides[0][from..from + 9_600]));
        let fall = level(14_400) - level(38_400);
        assert!((fall - 30.0).abs() < 3.0, "{fall} dB in half of the RT60, expected 30");
    }
}
