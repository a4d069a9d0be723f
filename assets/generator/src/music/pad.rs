//! The pad: slow chords of detuned, soft-edged strings.

use super::{BEAT, CHORDS, hertz, place, silence};
use crate::rng::Rng;
use crate::sound::Sound;
use crate::synth::{RATE, frames};
use std::f64::consts::{PI, TAU};

/// One bowed-like tone of `seconds`, rising over 1.1 s and falling over its last 1.5 s; its upper harmonics
/// bloom later than its fundamental. `bright` is the frequency (Hz) where harmonics have lost 1/e.
fn tone(rng: &mut Rng, hz: f64, seconds: f64, bright: f64) -> Vec<f64> {
    let len = frames(seconds);
    let mut out = vec![0.0; len];
    let sway = (rng.range(0.09, 0.17), rng.unit());
    for h in 1..=14 {
        let n = f64::from(h);
        let f = hz * n;
        let level = libm::pow(n, -1.05) * libm::exp(-f / bright);
        if f > 6_000.0 || level < 1e-4 {
            break;
        }
        // A phasor turned once per frame: a sine for the price of a multiplication.
        let (turn_re, turn_im) = (libm::cos(TAU * f / RATE), libm::sin(TAU * f / RATE));
        let phase = TAU * rng.unit();
        let (mut re, mut im) = (libm::cos(phase), libm::sin(phase));
        let rise = 1.1 + 0.12 * n;
        for (i, y) in out.iter_mut().enumerate() {
            let t = i as f64 / RATE;
            let up = (t / rise).min(1.0);
            let down = ((seconds - t) / 1.5).min(1.0);
            let shape = up * up * (3.0 - 2.0 * up) * down * down * (3.0 - 2.0 * down);
            *y += level * shape * im;
            (re, im) = (re * turn_re - im * turn_im, re * turn_im + im * turn_re);
        }
    }
    for (i, y) in out.iter_mut().enumerate() {
        *y *= 0.88 + 0.12 * libm::sin(TAU * (sway.0 * i as f64 / RATE + sway.1));
    }
    out
}

/// The whole layer.
pub fn pad() -> Sound {
    let mut rng = Rng::named("music/pad");
    let mut sides = silence();
    for chord in &CHORDS {
        let start = chord.bar * 4.0 * BEAT;
        let seconds = chord.bars * 4.0 * BEAT + 1.3;
        for (i, &note) in chord.notes.iter().enumerate() {
            let hz = hertz(f64::from(note));
            if i == 0 {
                let root = tone(&mut rng, hz, seconds, 160.0);
                place(&mut sides, start, &root, 0.65, 0.0);
                continue;
            }
            let level = 0.42 - 0.035 * i as f64;
            for (cents, at) in [(-5.5, -0.8), (0.7, 0.15), (6.0, 0.8)] {
                let cents = cents + rng.range(-1.0, 1.0);
                let bright = 950.0 + 350.0 * libm::sin(PI * (chord.bar + 0.5) / 8.0);
                let voice = tone(&mut rng, hz * libm::exp2(cents / 1_200.0), seconds, bright);
                place(&mut sides, start, &voice, level, at);
            }
        }
    }
    crate::reverb::around(&mut sides, 2.8, 0.35, -15.0);
    Sound::levelled("music/pad", sides.into(), -22.0, -5.0)
}
