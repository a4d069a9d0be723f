//! The score: eight bars of 4/4 at 80 bpm in D dorian, 24 s, in layers that fit on one another.
//!
//! All layers have exactly [`LEN`] frames and start on the same bar, so the engine may fade them in and
//! out freely. `cave` is the same length and key, for the other place.

mod cave;
mod drum;
mod pad;
mod pluck;

use crate::sound::Sound;

/// Frames of every layer: 8 bars × 4 beats × 0.75 s at 48 kHz.
pub const LEN: usize = 1_152_000;

/// Seconds of one beat.
const BEAT: f64 = 0.75;

/// A chord: its first bar (0..8), how many bars it lasts, and its notes from low to high as MIDI numbers.
struct Chord {
    bar: f64,
    bars: f64,
    notes: [i32; 6],
}

/// The progression: Dm9, G (dorian's bright fourth), Fmaj9, C6/9 over E, Am7, G6.
const CHORDS: [Chord; 6] = [
    Chord { bar: 0.0, bars: 2.0, notes: [38, 50, 57, 60, 64, 65] },
    Chord { bar: 2.0, bars: 2.0, notes: [43, 50, 55, 59, 62, 69] },
    Chord { bar: 4.0, bars: 1.0, notes: [41, 53, 57, 60, 64, 67] },
    Chord { bar: 5.0, bars: 1.0, notes: [40, 52, 55, 60, 62, 69] },
    Chord { bar: 6.0, bars: 1.0, notes: [45, 52, 55, 60, 64, 67] },
    Chord { bar: 7.0, bars: 1.0, notes: [43, 50, 57, 59, 62, 64] },
];

/// The frequency of a MIDI note, A4 (69) at 440 Hz.
fn hertz(note: f64) -> f64 {
    440.0 * libm::exp2((note - 69.0) / 12.0)
}

/// Left and right shares of a constant-power pan, -1 (left) to 1.
fn pan(place: f64) -> [f64; 2] {
    let angle = (place + 1.0) * std::f64::consts::FRAC_PI_4;
    [libm::cos(angle), libm::sin(angle)]
}

/// Adds a mono grain to a stereo circle.
fn place(sides: &mut [Vec<f64>; 2], seconds: f64, grain: &[f64], level: f64, at: f64) {
    for (side, share) in sides.iter_mut().zip(pan(at)) {
        crate::synth::add_around(side, seconds, grain, level * share);
    }
}

/// An empty stereo circle.
fn silence() -> [Vec<f64>; 2] {
    [vec![0.0; LEN], vec![0.0; LEN]]
}

/// The four layers.
pub fn layers() -> Vec<Sound> {
    vec![pad::pad(), pluck::pluck(), drum::drum(), cave::cave()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::frames;

    #[test]
    fn a_loop_is_eight_bars_to_the_frame() {
        assert_eq!(LEN, frames(8.0 * 4.0 * BEAT));
        let bars: f64 = CHORDS.iter().map(|c| c.bars).sum();
        assert_eq!(bars, 8.0);
    }

    #[test]
    fn the_notes_are_in_d_dorian() {
        let scale = [0, 2, 4, 5, 7, 9, 11];
        for note in CHORDS.iter().flat_map(|c| c.notes) {
            assert!(scale.contains(&(note % 12)), "MIDI note {note}");
        }
        assert!((hertz(69.0) - 440.0).abs() < 1e-9);
    }
}
