//! The frame drum: soft, low on one and three. The demo's pad is pumped by it.

use super::{BEAT, place, silence};
use crate::rng::Rng;
use crate::sound::Sound;
use crate::synth::{add, burst, struck};

/// A stroke on the frame drum.
#[derive(Clone, Copy)]
enum Stroke {
    /// The thumb near the middle: the deep note.
    Dum,
    /// A finger at the rim: bright and short.
    Tek,
    /// A finger's ghost, barely there.
    Ka,
}

/// What a stroke does to the skin.
struct Touch {
    /// How far it excites each of the membrane's modes.
    levels: [f64; 8],
    /// Time constant (s) of the lowest mode.
    decay: f64,
    /// By how much the tightened skin starts sharp.
    bend: f64,
    /// The finger's own noise: two resonances as (Hz, decay in s, level).
    finger: [(f64, f64, f64); 2],
}

impl Stroke {
    fn touch(self) -> Touch {
        match self {
            Self::Dum => Touch {
                levels: [1.0, 0.6, 0.3, 0.28, 0.16, 0.05, 0.03, 0.02],
                decay: 0.19,
                bend: 0.16,
                finger: [(430.0, 0.008, 0.45), (1_700.0, 0.003, 0.2)],
            },
            Self::Tek => Touch {
                levels: [0.1, 0.28, 0.32, 0.22, 0.3, 0.26, 0.22, 0.2],
                decay: 0.085,
                bend: 0.05,
                finger: [(1_900.0, 0.007, 0.9), (3_600.0, 0.004, 0.5)],
            },
            Self::Ka => Touch {
                levels: [0.05, 0.16, 0.2, 0.2, 0.2, 0.2, 0.18, 0.16],
                decay: 0.055,
                bend: 0.03,
                finger: [(1_400.0, 0.006, 0.6), (2_800.0, 0.003, 0.4)],
            },
        }
    }
}

/// Renders one stroke. A circular membrane's modes stand at 1, 1.593, 2.136, 2.295, 2.653, 2.917
/// (zeros of Bessel's functions).
fn hit(rng: &mut Rng, stroke: Stroke) -> Vec<f64> {
    // Tuned to D, the music's root.
    let skin = 73.42 * rng.range(0.99, 1.01);
    let ratios = [1.0, 1.593, 2.136, 2.295, 2.653, 2.917, 3.6, 4.06];
    let touch = stroke.touch();
    let modes: Vec<(f64, f64, f64)> = ratios
        .iter()
        .zip(touch.levels)
        .map(|(r, level)| (skin * r * rng.range(0.995, 1.005), touch.decay / libm::pow(*r, 0.7), level))
        .collect();
    let mut out = struck(&modes, touch.bend);
    for (hz, decay, level) in touch.finger {
        let noise = burst(rng, hz, 0.7, decay);
        add(&mut out, 0.0, &noise, level);
    }
    crate::synth::fade(&mut out, 0.000_8, 0.05);
    out
}

/// One bar: (beat, stroke, force). The last bar of each four adds a roll of the fingers.
const BAR: [(f64, Stroke, f64); 9] = [
    (0.0, Stroke::Dum, 1.0),
    (0.75, Stroke::Ka, 0.3),
    (1.0, Stroke::Tek, 0.42),
    (1.5, Stroke::Ka, 0.32),
    (2.0, Stroke::Dum, 0.86),
    (2.5, Stroke::Ka, 0.28),
    (2.75, Stroke::Ka, 0.36),
    (3.0, Stroke::Tek, 0.5),
    (3.5, Stroke::Ka, 0.3),
];

/// The extra strokes of bars four and eight.
const FILL: [(f64, Stroke, f64); 4] =
    [(3.25, Stroke::Ka, 0.34), (3.5, Stroke::Tek, 0.36), (3.625, Stroke::Ka, 0.34), (3.75, Stroke::Dum, 0.5)];

/// The whole layer.
pub fn drum() -> Sound {
    let mut rng = Rng::named("music/drum");
    let mut sides = silence();
    for bar in 0..8 {
        let fill: &[_] = if bar % 4 == 3 { &FILL } else { &[] };
        for &(beat, stroke, force) in BAR.iter().chain(fill) {
            if matches!(stroke, Stroke::Ka) && rng.unit() < 0.2 {
                continue;
            }
            let late = if matches!(stroke, Stroke::Dum) { 0.0 } else { rng.range(0.0, 0.009) };
            let grain = hit(&mut rng, stroke);
            let at = match stroke {
                Stroke::Dum => 0.0,
                Stroke::Tek => 0.22,
                Stroke::Ka => -0.25,
            };
            let beat = f64::from(bar) * 4.0 + beat;
            place(&mut sides, beat * BEAT + late, &grain, force * rng.range(0.92, 1.05), at);
        }
    }
    crate::reverb::around(&mut sides, 0.9, 0.45, -22.0);
    Sound::levelled("music/drum", sides.into(), -24.5, -4.5)
}
