//! Footsteps: five on a path of gravel and leaves, five on the cave's stone. Dry: the room is the engine's.

use crate::rng::Rng;
use crate::sound::Sound;
use crate::synth::{RATE, add, band_noise, burst, frames, squash, struck};
use std::f64::consts::PI;

/// A half-sine hump over `0..1`, zero outside.
fn hump(x: f64) -> f64 {
    if (0.0..1.0).contains(&x) { libm::sin(PI * x) } else { 0.0 }
}

/// Gravel under a boot: hundreds of grains thrown by the heel, then by the toe's roll, with a leaf or two.
pub fn gravel() -> Vec<Sound> {
    (1..=5)
        .map(|take| {
            let name = format!("sfx/gravel_{take}");
            let mut rng = Rng::named(&name);
            let len = frames(0.4);
            let mut out = vec![0.0; len];
            let roll = rng.range(0.115, 0.15);
            let contacts = [(0.006, 0.125, 1.0), (0.006 + roll, rng.range(0.13, 0.17), rng.range(0.55, 0.8))];
            for (start, span, force) in contacts {
                let thump = [
                    (rng.range(62.0, 78.0), 0.02, 0.17 * force),
                    (rng.range(120.0, 160.0), 0.013, 0.13 * force),
                ];
                add(&mut out, start, &struck(&thump, 0.4), 1.0);
                let mut t = 0.0;
                while t < span {
                    t += rng.wait(900.0);
                    // Pressure rises at once, then eases: most grains move early.
                    let press = libm::exp(-2.6 * t / span) * (1.0 - libm::exp(-t / 0.006));
                    if rng.unit() > 0.16 + press {
                        continue;
                    }
                    let pebble = rng.unit() < 0.16;
                    let hz =
                        if pebble { rng.log_range(900.0, 2_400.0) } else { rng.log_range(1_900.0, 7_500.0) };
                    let (q, decay) = (rng.range(0.7, 2.6), rng.log_range(0.000_3, 0.002));
                    let grain = burst(&mut rng, hz, q, decay);
                    let loud = libm::pow(rng.unit(), 2.4) * if pebble { 0.5 } else { 0.36 };
                    add(&mut out, start + t, &grain, loud * force * (0.2 + press));
                }
            }
            let earth = band_noise(&mut rng, len, 180.0, 900.0);
            let leaves = band_noise(&mut rng, len, 2_800.0, 9_000.0);
            let crush = band_noise(&mut rng, len, 60.0, 300.0);
            for (i, y) in out.iter_mut().enumerate() {
                let t = i as f64 / RATE;
                let tear = (0.5 + 0.6 * crush[i]).max(0.0);
                let press = hump((t - 0.004) / 0.16) + 0.6 * hump((t - 0.004 - roll) / 0.2);
                *y += press * (0.042 * earth[i] + 0.018 * leaves[i] * tear);
            }
            squash(&mut out, 0.75);
            Sound::shot(name, out, 0.05, -7.0 + rng.range(-0.8, 0.8))
        })
        .collect()
}

/// A hard sole on rock: click, short ring of heel and stone, low thump, a trace of grit.
pub fn stone() -> Vec<Sound> {
    (1..=5)
        .map(|take| {
            let name = format!("sfx/stone_{take}");
            let mut rng = Rng::named(&name);
            let len = frames(0.3);
            let mut out = vec![0.0; len];
            let toe = rng.range(0.082, 0.108);
            for (at, force, bright) in [(0.004, 1.0, 1.0), (0.004 + toe, rng.range(0.3, 0.45), 1.35)] {
                let j = rng.range(0.94, 1.07) * bright;
                let sole = [
                    (158.0 * j, 0.016, 0.55),
                    (412.0 * j, 0.009, 0.5),
                    (905.0 * j, 0.006, 0.42),
                    (1_730.0 * j, 0.004, 0.3),
                    (3_150.0 * j, 0.0022, 0.2),
                    (5_050.0 * j, 0.0014, 0.1),
                ];
                add(&mut out, at, &struck(&sole, 0.08), force * 0.75);
                add(&mut out, at, &struck(&[(rng.range(66.0, 80.0), 0.026, 1.0)], 0.5), force * 0.3);
                add(&mut out, at, &burst(&mut rng, 2_600.0 * j, 0.6, 0.000_7), force * 0.42);
                add(&mut out, at + 0.001, &burst(&mut rng, 1_100.0 * j, 0.7, 0.004), force * 0.16);
            }
            // Grit between sole and stone as the foot rolls.
            let scuff = band_noise(&mut rng, len, 1_600.0, 6_500.0);
            let weight = rng.range(0.008, 0.018);
            for (i, y) in out.iter_mut().enumerate() {
                *y += weight * scuff[i] * hump((i as f64 / RATE - 0.025) / (toe + 0.05));
            }
            let mut t = 0.01;
            while t < toe + 0.06 {
                t += rng.wait(70.0);
                let (hz, loud) = (rng.log_range(2_200.0, 7_000.0), rng.range(0.01, 0.07));
                add(&mut out, t, &burst(&mut rng, hz, 2.0, 0.000_6), loud);
            }
            Sound::shot(name, out, 0.06, -6.0 + rng.range(-0.8, 0.8))
        })
        .collect()
}
