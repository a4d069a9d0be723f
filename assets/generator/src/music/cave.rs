//! The cave's music: a dark drone on D and A, and bells far apart.

use super::{BEAT, LEN, hertz, place, silence};
use crate::rng::Rng;
use crate::sound::Sound;
use crate::synth::{RATE, band_noise, drift, struck};
use std::f64::consts::TAU;

/// The bells: (beat in the loop, MIDI note, level, place).
const BELLS: [(f64, f64, f64, f64); 9] = [
    (1.0, 74.0, 0.8, -0.4),
    (5.5, 69.0, 0.55, 0.5),
    (8.0, 76.0, 0.6, 0.1),
    (13.0, 72.0, 0.7, -0.6),
    (14.5, 65.0, 0.5, 0.35),
    (19.0, 69.0, 0.7, 0.6),
    (22.0, 77.0, 0.42, -0.2),
    (25.0, 74.0, 0.6, -0.5),
    (28.5, 64.0, 0.55, 0.3),
];

/// A small bronze bell: hum, prime, minor third, fifth, nominal and above, with slow beats in the hum.
fn bell(rng: &mut Rng, hz: f64) -> Vec<f64> {
    let partials = [
        (0.5, 2.1, 0.22),
        (0.502, 1.9, 0.16),
        (1.0, 1.5, 0.5),
        (1.003, 1.3, 0.3),
        (1.19, 0.8, 0.2),
        (1.5, 0.55, 0.1),
        (2.0, 0.7, 0.3),
        (2.51, 0.35, 0.1),
        (2.66, 0.3, 0.09),
        (3.01, 0.25, 0.1),
        (4.1, 0.16, 0.06),
        (5.43, 0.1, 0.04),
    ];
    let modes = partials.map(|(r, decay, level)| (hz * r * rng.range(0.999, 1.001), decay, level));
    let mut out = struck(&modes, 0.0);
    crate::synth::fade(&mut out, 0.003, 0.5);
    out
}

/// The whole layer.
pub fn cave() -> Sound {
    let mut rng = Rng::named("music/cave");
    let mut sides = silence();
    // Drone: each partial turns a whole number of times around the loop, so it closes exactly.
    let seconds = LEN as f64 / RATE;
    for (note, level) in
        [(26.0, 0.2), (38.0, 0.62), (45.0, 0.55), (50.0, 0.42), (57.0, 0.2), (60.0, 0.12), (64.0, 0.08)]
    {
        for (cents, at) in [(-4.0, -0.7), (4.5, 0.7)] {
            let swell = drift(&mut rng, LEN, 6);
            let share = super::pan(at);
            for h in 1..=7 {
                let n = f64::from(h);
                let turns = libm::rint(hertz(note + cents / 100.0) * n * seconds);
                let size = level * libm::pow(n, -1.1) * libm::exp(-hertz(note) * n / 800.0);
                let phase = rng.unit();
                let (turn_re, turn_im) =
                    (libm::cos(TAU * turns / LEN as f64), libm::sin(TAU * turns / LEN as f64));
                let (mut re, mut im) = (libm::cos(TAU * phase), libm::sin(TAU * phase));
                for i in 0..LEN {
                    let y = size * im * (0.3 + 0.7 * swell[i]) * if h > 2 { swell[i] } else { 1.0 };
                    sides[0][i] += y * share[0];
                    sides[1][i] += y * share[1];
                    (re, im) = (re * turn_re - im * turn_im, re * turn_im + im * turn_re);
                }
            }
        }
    }
    // Breath over the drone, tuned loosely to the fifth.
    for side in &mut sides {
        let air = band_noise(&mut rng, LEN, 400.0, 480.0);
        let swell = drift(&mut rng, LEN, 8);
        side.iter_mut().zip(air.iter().zip(&swell)).for_each(|(y, (a, s))| *y += 0.09 * a * s * s);
    }
    for (beat, note, level, at) in BELLS {
        let grain = bell(&mut rng, hertz(note));
        place(&mut sides, beat * BEAT, &grain, 0.62 * level, at);
    }
    crate::reverb::around(&mut sides, 4.5, 0.3, -13.0);
    Sound::levelled("music/cave", sides.into(), -22.0, -5.0)
}
