//! Water: the stream, and the drips of the cave. All of it is bubbles.

use crate::rng::Rng;
use crate::sound::Sound;
use crate::synth::{RATE, add, add_around, band_noise, bubble, burst, drift, frames, gain};
use std::f64::consts::TAU;

/// Eight seconds of a small stream, looping: some five thousand bubbles over a soft rush.
pub fn stream() -> Sound {
    let mut rng = Rng::named("sfx/stream");
    let seconds = 8.0;
    let len = frames(seconds);
    let rush = band_noise(&mut rng, len, 500.0, 5_500.0);
    let deep = band_noise(&mut rng, len, 140.0, 600.0);
    let swell = drift(&mut rng, len, 40);
    let mut out: Vec<f64> = (0..len)
        .map(|i| rush[i] * 0.022 * (0.6 + 0.6 * swell[i]) + deep[i] * 0.016 * (0.5 + swell[i]))
        .collect();
    // Four places in the bed, each with its own stones, sizes and moods.
    let places = [
        (420.0, 0.000_55, 0.0016, 0.16),
        (180.0, 0.0011, 0.0032, 0.3),
        (60.0, 0.0024, 0.0058, 0.42),
        (9.0, 0.005, 0.0095, 0.5),
    ];
    for (rate, small, large, level) in places {
        let mood = drift(&mut rng, len, 26);
        let gush = drift(&mut rng, len, 90);
        let mut t = 0.0;
        while t < seconds {
            t += rng.wait(rate);
            let at = frames(t) % len;
            let lively = mood[at] * gush[at];
            if rng.unit() < 0.25 + 0.75 * lively {
                let radius = rng.log_range(small, large);
                // Most bubbles stay deep and keep their pitch; a third rise and chirp.
                let rise = if rng.unit() < 0.35 { rng.range(0.08, 0.45) } else { rng.range(0.0, 0.04) };
                let loud = level * libm::pow(rng.unit(), 2.2) * (0.5 + lively);
                add_around(&mut out, t, &bubble(radius, rise), loud);
            }
        }
    }
    Sound::levelled("sfx/stream", vec![out], -23.0, -4.5)
}

/// Four drips into a shallow pool: the tick of the impact, then the trapped bubble's rising plink.
pub fn drips() -> Vec<Sound> {
    let takes = [
        (0.0031, 0.16, 0.011, -6.0),
        (0.0023, 0.11, 0.016, -7.5),
        (0.0040, 0.2, 0.009, -5.5),
        (0.0027, 0.14, 0.021, -7.0),
    ];
    takes
        .iter()
        .enumerate()
        .map(|(i, &(radius, rise, gap, peak_db))| {
            let name = format!("sfx/drip_{}", i + 1);
            let mut rng = Rng::named(&name);
            let mut out = vec![0.0; frames(0.42)];
            add(&mut out, 0.004, &burst(&mut rng, 4_200.0, 0.8, 0.000_8), 0.16);
            add(&mut out, 0.004, &burst(&mut rng, 900.0, 0.7, 0.003), 0.1);
            // The pool's wall rings a little longer than a free bubble would.
            for (share, late, level) in
                [(1.0, 0.0, 1.0), (0.62, 0.034, 0.24), (1.7, 0.058, 0.12), (0.38, 0.021, 0.1)]
            {
                let late = late * rng.range(0.8, 1.25);
                let sound = ring(radius * share * rng.range(0.95, 1.05), rise);
                add(&mut out, 0.004 + gap + late, &sound, level);
            }
            Sound::shot(name, out, 0.06, peak_db)
        })
        .collect()
}

/// A bubble held in a small basin: four times the free bubble's ringing, pitch rising towards the end.
fn ring(radius: f64, rise: f64) -> Vec<f64> {
    let hz = 3.26 / radius;
    let damping = 0.25 * (0.13 / radius + 0.0072 / (radius * libm::sqrt(radius)));
    let mut phase = 0.0;
    (0..frames(7.0 / damping))
        .map(|i| {
            let t = i as f64 / RATE;
            phase += hz * (1.0 + rise * (1.0 - libm::exp(-2.0 * damping * t)) * 1.4) / RATE;
            let tone = libm::sin(TAU * phase);
            let over = libm::sin(TAU * 2.0 * phase) * gain(-26.0);
            (1.0 - libm::exp(-t * 2_500.0)) * libm::exp(-damping * t) * (tone + over)
        })
        .collect()
}
