//! The harp: plucked strings after Karplus and Strong, an arpeggio that breathes, and its echo.

use super::{BEAT, CHORDS, LEN, hertz, place, silence};
use crate::rng::Rng;
use crate::sound::Sound;
use crate::synth::{RATE, Svf, fade, frames, unit_peak};

/// A string of pitch `hz`, plucked with `force` 0..1 (soft is duller), `rt60` seconds to fall by 60 dB.
///
/// Karplus and Strong's loop with a two-point average of weight `soft` and an all-pass for the fraction of
/// a frame, so that it is in tune; plucked at a fifth of its length.
fn string(rng: &mut Rng, hz: f64, force: f64, rt60: f64) -> Vec<f64> {
    let soft = 0.34;
    let period = RATE / hz - soft;
    let whole = (period - 0.6) as usize;
    let fraction = period - whole as f64;
    let allpass = (1.0 - fraction) / (1.0 + fraction);
    let keep = libm::pow(10.0, -3.0 / (hz * rt60));
    let mut tone = Svf::new(800.0 + 3_600.0 * force, 0.6);
    let noise: Vec<f64> = (0..whole).map(|_| tone.tick(rng.bipolar()).low).collect();
    let pick = whole / 5;
    let mut line: Vec<f64> = (0..whole).map(|i| noise[i] - noise[(i + whole - pick) % whole]).collect();
    let mean = line.iter().sum::<f64>() / whole as f64;
    line.iter_mut().for_each(|x| *x -= mean);
    unit_peak(&mut line);
    let (mut head, mut last, mut x1, mut y1) = (0, 0.0, 0.0, 0.0);
    let mut body = [(118.0, 0.9), (231.0, 1.4), (405.0, 1.8)].map(|(f, q)| Svf::new(f, q));
    let mut out: Vec<f64> = (0..frames(rt60 * 1.1))
        .map(|_| {
            let x = line[head];
            let mean = (1.0 - soft) * x + soft * last;
            last = x;
            let y = allpass * (mean - y1) + x1;
            (x1, y1) = (mean, y);
            line[head] = y * keep;
            head = (head + 1) % whole;
            x + 0.5 * body.iter_mut().map(|b| b.tick(x).band).sum::<f64>()
        })
        .collect();
    fade(&mut out, 0.000_6, 0.3);
    unit_peak(&mut out);
    out
}

/// Which chord note (index) sounds on each eighth of a bar; -1 rests. Four patterns, used in turn.
const PATTERNS: [[i32; 8]; 4] = [
    [1, 2, 3, 5, 4, 3, 2, 4],
    [1, -1, 4, 3, 5, -1, 3, 2],
    [1, 3, 2, 4, 3, 5, 4, -1],
    [1, -1, 3, 4, -1, 5, 4, 3],
];

/// A few high notes above the arpeggio: (beat in the loop, MIDI note, force).
const MELODY: [(f64, f64, f64); 12] = [
    (2.0, 77.0, 0.5),
    (3.5, 76.0, 0.4),
    (4.0, 74.0, 0.55),
    (10.0, 74.0, 0.5),
    (11.0, 71.0, 0.45),
    (12.0, 79.0, 0.55),
    (18.0, 76.0, 0.5),
    (19.5, 77.0, 0.4),
    (20.0, 79.0, 0.6),
    (24.0, 81.0, 0.5),
    (26.5, 79.0, 0.4),
    (28.0, 76.0, 0.5),
];

/// The whole layer.
pub fn pluck() -> Sound {
    let mut rng = Rng::named("music/pluck");
    let mut sides = silence();
    let play = |sides: &mut [Vec<f64>; 2], rng: &mut Rng, beat: f64, note: f64, force: f64| {
        let grain = string(rng, hertz(note), force, 2.6 - (note - 60.0) * 0.03);
        // A player is never quite on the grid.
        let at = beat * BEAT + 0.006 + rng.range(0.0, 0.011);
        place(sides, at, &grain, 0.25 + 0.75 * force, (note - 66.0) / 26.0 + rng.range(-0.1, 0.1));
    };
    for bar in 0..8 {
        let Some(chord) = CHORDS.iter().rev().find(|c| c.bar <= f64::from(bar)) else {
            continue;
        };
        for (eighth, &index) in PATTERNS[bar as usize % 4].iter().enumerate() {
            if index < 0 {
                continue;
            }
            let accent = [0.62, 0.3, 0.4, 0.34, 0.5, 0.3, 0.4, 0.3][eighth];
            let note = f64::from(chord.notes[index as usize % 6])
                + 12.0 * f64::from(i32::from(index == 1 && eighth > 0));
            let force = accent + rng.range(-0.06, 0.06);
            play(&mut sides, &mut rng, f64::from(bar) * 4.0 + eighth as f64 * 0.5, note, force);
        }
    }
    for (beat, note, force) in MELODY {
        play(&mut sides, &mut rng, beat, note, force);
    }
    echo(&mut sides);
    crate::reverb::around(&mut sides, 2.0, 0.3, -17.0);
    Sound::levelled("music/pluck", sides.into(), -25.0, -5.0)
}

/// A dotted eighth's echo that swaps sides, each return 11 dB quieter and duller.
fn echo(sides: &mut [Vec<f64>; 2]) {
    let step = frames(0.75 * BEAT);
    let mut source = sides.clone();
    for _ in 0..3 {
        let mut filters = [Svf::new(2_600.0, 0.6), Svf::new(2_600.0, 0.6)];
        source.swap(0, 1);
        for (line, filter) in source.iter_mut().zip(&mut filters) {
            line.rotate_right(step % LEN);
            crate::synth::around(line, |x| 0.28 * filter.tick(x).low);
        }
        for (side, line) in sides.iter_mut().zip(&source) {
            side.iter_mut().zip(line).for_each(|(y, x)| *y += x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_in_tune_within_two_cents() {
        for hz in [147.0, 440.0, 880.0] {
            let sound = string(&mut Rng::named("tune"), hz, 0.5, 2.6);
            // The lag, near eighty periods, at which the string is most like itself.
            let ideal = 80.0 * RATE / hz;
            let alike = |lag: usize| -> f64 {
                sound[2_400..].iter().zip(&sound[2_400 + lag..]).take(9_600).map(|(a, b)| a * b).sum()
            };
            let near = ideal as usize - 40..ideal as usize + 40;
            let best = near.max_by(|&a, &b| alike(a).total_cmp(&alike(b))).unwrap();
            let cents = 1_200.0 * libm::log2(ideal / best as f64);
            assert!(cents.abs() < 2.0, "{hz} Hz is {cents} cents off");
        }
    }
}
