//! The camp fire and the log that shifts in it.

use crate::rng::Rng;
use crate::sound::Sound;
use crate::synth::{RATE, add, add_around, band_noise, burst, drift, frames, squash, struck, unit_peak};

/// One snap of burning wood: a click, the flake's resonance, and for large ones the log's body.
fn crackle(rng: &mut Rng, size: f64) -> Vec<f64> {
    let hz = rng.log_range(1_100.0, 6_500.0) * (1.25 - 0.6 * size);
    let (q, decay) = (rng.range(0.8, 3.5), rng.log_range(0.000_25, 0.001_8) * (1.0 + 2.0 * size));
    let mut grain = burst(rng, hz, q, decay);
    if size > 0.25 {
        let body = rng.log_range(260.0, 900.0);
        let modes =
            [(body, 0.009, 0.5 * size), (body * 1.83, 0.006, 0.3 * size), (body * 3.1, 0.003, 0.2 * size)];
        let low = struck(&modes, 0.3);
        grain.resize(grain.len().max(low.len()), 0.0);
        add(&mut grain, 0.0, &low, 1.0);
    }
    unit_peak(&mut grain);
    grain
}

/// Sizes of snaps: many small, few large, in 0..1.
fn size(rng: &mut Rng) -> f64 {
    (0.042 * libm::pow(1.0 - rng.unit(), -0.75)).min(1.0)
}

/// Nine seconds of fire, looping: a low roar, fluttering flames, a hiss, and crackles in clusters.
pub fn fire() -> Sound {
    let mut rng = Rng::named("sfx/fire");
    let len = frames(9.0);
    let roar = band_noise(&mut rng, len, 35.0, 130.0);
    let chest = band_noise(&mut rng, len, 120.0, 420.0);
    let flame = band_noise(&mut rng, len, 350.0, 1_500.0);
    let hiss = band_noise(&mut rng, len, 1_800.0, 11_000.0);
    let slow = drift(&mut rng, len, 14);
    let flutter = drift(&mut rng, len, 9 * 7);
    let lick = drift(&mut rng, len, 9 * 13);
    let spit = drift(&mut rng, len, 9 * 4);
    let mut out: Vec<f64> = (0..len)
        .map(|i| {
            let swell = 0.45 + 0.75 * slow[i];
            let beat = 0.35 + 0.65 * flutter[i];
            roar[i] * 0.15 * swell * beat
                + chest[i] * 0.15 * swell * beat * (0.4 + 0.9 * lick[i])
                + flame[i] * 0.075 * swell * lick[i] * (0.5 + flutter[i])
                + hiss[i] * 0.018 * (0.35 + slow[i] + 1.3 * spit[i] * spit[i])
        })
        .collect();
    let busy = drift(&mut rng, len, 16);
    let mut t = 0.0;
    while t < 9.0 {
        t += rng.wait(90.0);
        let at = frames(t) % len;
        // Thinned by a moving density, so that snaps come in flurries with pauses between.
        if rng.unit() < 0.12 + 0.88 * busy[at] * busy[at] {
            let s = size(&mut rng);
            let grain = crackle(&mut rng, s);
            add_around(&mut out, t, &grain, 2.2 * s * rng.range(0.6, 1.2));
        }
    }
    squash(&mut out, 1.6);
    Sound::looped("sfx/fire", vec![out], -4.5)
}

/// A log settles: a wooden thud, a short slide, then a shower of crackles that dies away.
pub fn log() -> Sound {
    let mut rng = Rng::named("sfx/log");
    let len = frames(1.9);
    let mut out = vec![0.0; len];
    let wood = [
        (78.0, 0.07, 1.0),
        (131.0, 0.05, 0.7),
        (214.0, 0.035, 0.5),
        (377.0, 0.022, 0.35),
        (640.0, 0.012, 0.2),
    ];
    let thud = struck(&wood, 0.35);
    add(&mut out, 0.02, &thud, 0.4);
    add(&mut out, 0.02, &burst(&mut rng, 700.0, 0.6, 0.006), 0.35);
    let second = wood.map(|(hz, decay, level)| (hz * 1.19, decay * 0.8, level));
    add(&mut out, 0.215, &struck(&second, 0.2), 0.24);
    add(&mut out, 0.215, &burst(&mut rng, 950.0, 0.6, 0.004), 0.16);
    let scrape = band_noise(&mut rng, len, 400.0, 2_600.0);
    let sparks = band_noise(&mut rng, len, 3_000.0, 10_000.0);
    let grit = drift(&mut rng, len, 150);
    for (i, y) in out.iter_mut().enumerate() {
        let t = i as f64 / RATE;
        let slide = libm::exp(-(t - 0.14) * (t - 0.14) / 0.005) * grit[i] * grit[i];
        let glow =
            if t > 0.05 { (1.0 - libm::exp(-(t - 0.05) / 0.05)) * libm::exp(-(t - 0.05) / 0.4) } else { 0.0 };
        *y += scrape[i] * 0.1 * slide + sparks[i] * 0.02 * glow * (0.4 + grit[i]);
    }
    let mut t = 0.03;
    while t < 1.75 {
        let since = t - 0.03;
        t += rng.wait(12.0 + 150.0 * libm::exp(-since / 0.3));
        let s = size(&mut rng);
        let grain = crackle(&mut rng, s);
        add(&mut out, t, &grain, (1.7 * s).min(0.85) * (0.35 + 0.65 * libm::exp(-since / 0.6)));
    }
    squash(&mut out, 1.2);
    Sound::shot("sfx/log", out, 0.12, -4.0)
}
