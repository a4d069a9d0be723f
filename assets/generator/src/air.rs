//! The two beds: wind in the forest with its insects, and the breath of the cave. Stereo loops.

use crate::rng::Rng;
use crate::sound::Sound;
use crate::synth::{RATE, add_around, band_noise, burst, delayed, drift, frames, gain};
use std::f64::consts::{PI, TAU};

/// Sixteen seconds of forest at dusk: gusts cross from left to right through trunks, leaves and needles.
pub fn forest() -> Sound {
    let mut rng = Rng::named("amb/forest");
    let seconds = 16.0;
    let len = frames(seconds);
    let (slow, quick) = (drift(&mut rng, len, 5), drift(&mut rng, len, 38));
    let gust: Vec<f64> = slow.iter().zip(&quick).map(|(a, b)| 0.12 + 0.66 * a + 0.22 * b).collect();
    let shared = [band_noise(&mut rng, len, 60.0, 260.0), band_noise(&mut rng, len, 240.0, 1_100.0)];
    let mut sides = Vec::new();
    for late in [0.0, 0.55] {
        let gust = delayed(&gust, frames(late));
        let low = band_noise(&mut rng, len, 60.0, 260.0);
        let mid = band_noise(&mut rng, len, 240.0, 1_100.0);
        let leaves = band_noise(&mut rng, len, 1_100.0, 4_800.0);
        let needles = band_noise(&mut rng, len, 4_000.0, 11_000.0);
        let shiver = drift(&mut rng, len, 16 * 9);
        let rustle = drift(&mut rng, len, 16 * 23);
        let mut side: Vec<f64> = (0..len)
            .map(|i| {
                let g = gust[i];
                (0.55 * low[i] + 0.45 * shared[0][i]) * 0.3 * (0.35 + 0.65 * g)
                    + (0.75 * mid[i] + 0.35 * shared[1][i]) * 0.36 * g * (0.7 + 0.3 * shiver[i])
                    + leaves[i] * 0.44 * g * g * (0.45 + 0.55 * shiver[i]) * (0.6 + 0.5 * rustle[i])
                    + needles[i] * 0.13 * g * g * (0.4 + 0.8 * rustle[i])
            })
            .collect();
        // Single leaves against each other, more of them in a gust.
        let mut t = 0.0;
        while t < seconds {
            t += rng.wait(120.0);
            let g = gust[frames(t) % len];
            if rng.unit() < g * g {
                let (hz, decay) = (rng.log_range(1_800.0, 6_500.0), rng.log_range(0.001, 0.006));
                let leaf = burst(&mut rng, hz, 1.2, decay);
                add_around(&mut side, t, &leaf, 0.3 * libm::pow(rng.unit(), 3.0));
            }
        }
        sides.push(side);
    }
    for (count, hz, pulses, level, left) in
        [(33.0, 4_280.0, 3, -25.0, 0.85), (38.0, 4_610.0, 4, -28.0, 0.2), (27.0, 4_050.0, 3, -34.0, 0.5)]
    {
        crickets(&mut rng, &mut sides, (count, hz, pulses), (gain(level), left));
    }
    Sound::levelled("amb/forest", sides, -25.0, -6.0)
}

/// One cricket: `count` chirps around the loop, each of some pulses at `hz`, placed at `left` (0..1).
fn crickets(rng: &mut Rng, sides: &mut [Vec<f64>], song: (f64, f64, i32), place: (f64, f64)) {
    let (count, hz, pulses) = song;
    let (level, left) = place;
    let seconds = sides.first().map_or(0.0, |s| s.len() as f64 / RATE);
    for chirp in 0..count as i32 {
        // Now and then it rests.
        if rng.unit() < 0.12 {
            continue;
        }
        let start = seconds * (f64::from(chirp) + 0.5) / count + rng.range(-0.012, 0.012);
        for pulse in 0..pulses {
            let loud = level * (0.6 + 0.4 * f64::from(pulse) / f64::from(pulses)) * rng.range(0.85, 1.1);
            let span = frames(0.016);
            let tone: Vec<f64> = (0..span)
                .map(|i| {
                    let (t, x) = (i as f64 / RATE, i as f64 / span as f64);
                    let w = libm::sin(PI * x);
                    w * w * libm::sin(TAU * (hz * t - 1_200.0 * t * t))
                })
                .collect();
            let at = start + 0.026 * f64::from(pulse);
            for (side, share) in sides.iter_mut().zip([left, 1.0 - left]) {
                add_around(side, at, &tone, loud * libm::sqrt(share));
            }
        }
    }
}

/// Twelve seconds of cave: a low rumble, three hollow resonances that wax and wane, a thread of air.
pub fn cave() -> Sound {
    let mut rng = Rng::named("amb/cave");
    let len = frames(12.0);
    let shared = band_noise(&mut rng, len, 28.0, 75.0);
    let mut sides = vec![vec![0.0; len], vec![0.0; len]];
    for side in &mut sides {
        let own = band_noise(&mut rng, len, 40.0, 110.0);
        let air = band_noise(&mut rng, len, 350.0, 1_900.0);
        let breath = drift(&mut rng, len, 9);
        for i in 0..len {
            side[i] += 0.36 * shared[i]
                + 0.34 * own[i] * (0.5 + 0.5 * breath[i])
                + air[i] * 0.06 * (0.25 + breath[i]);
        }
    }
    // Hollows: noise through a narrow band, wandering from side to side.
    for (hz, width, level) in
        [(68.0, 0.1, 0.45), (103.0, 0.08, 0.4), (161.0, 0.07, 0.38), (247.0, 0.06, 0.26), (410.0, 0.06, 0.14)]
    {
        let hollow = band_noise(&mut rng, len, hz * (1.0 - width), hz * (1.0 + width));
        let other = band_noise(&mut rng, len, hz * (1.0 - width), hz * (1.0 + width));
        let (swell, place) = (drift(&mut rng, len, 6), drift(&mut rng, len, 4));
        for i in 0..len {
            let angle = 0.5 * PI * (0.15 + 0.7 * place[i]);
            let body = level * (0.2 + 1.1 * swell[i] * swell[i]);
            sides[0][i] += body * (hollow[i] * libm::cos(angle) + 0.4 * other[i]);
            sides[1][i] += body * (hollow[i] * libm::sin(angle) - 0.4 * other[i]);
        }
    }
    Sound::levelled("amb/cave", sides, -21.0, -5.0)
}
