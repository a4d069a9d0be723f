//! The evening's voices: four bird phrases and an owl, sung as glides of frequency.

use crate::rng::Rng;
use crate::sound::Sound;
use crate::synth::{RATE, add, band_noise, frames, gain, scatter};
use std::f64::consts::{PI, TAU};

/// One note: when (s), how long (s), its pitch at even steps (Hz), its level, and a warble
/// (rate in Hz, depth as a share of pitch).
type Note = (f64, f64, &'static [f64], f64, (f64, f64));

/// Smooth pitch through the given points at `x` in 0..1 (cosine segments in the logarithm).
fn pitch(points: &[f64], x: f64) -> f64 {
    let last = points.len() - 1;
    let at = ((x * last as f64) as usize).min(last.saturating_sub(1));
    let t = x * last as f64 - at as f64;
    let s = 0.5 - 0.5 * libm::cos(PI * t);
    let (a, b) = (points[at], points[(at + 1).min(last)]);
    a * libm::pow(b / a, s)
}

/// Sings a note: nearly a pure tone, as a syrinx gives, with faint harmonics, breath and unsteadiness.
fn sing(rng: &mut Rng, note: &Note, harmonics: [f64; 2]) -> Vec<f64> {
    let &(_, seconds, points, level, (rate, depth)) = note;
    let len = frames(seconds);
    let shake = band_noise(rng, len.max(4_800), 20.0, 90.0);
    let tune = rng.range(0.992, 1.008);
    let start = rng.unit();
    let mut phase = 0.0;
    (0..len)
        .map(|i| {
            let (t, x) = (i as f64 / RATE, i as f64 / len as f64);
            let warble = 1.0 + depth * libm::sin(TAU * (rate * t + start));
            phase += tune * pitch(points, x) * warble * (1.0 + 0.0012 * shake[i]) / RATE;
            let attack = (x / 0.16).min(1.0);
            let release = ((1.0 - x) / 0.45).min(1.0);
            let shape = libm::sin(0.5 * PI * attack) * libm::sin(0.5 * PI * release);
            let tone = libm::sin(TAU * phase)
                + harmonics[0] * libm::sin(TAU * 2.0 * phase)
                + harmonics[1] * libm::sin(TAU * 3.0 * phase);
            level * shape * shape * (1.0 + 0.09 * shake[i]) * tone
        })
        .collect()
}

/// Sings a phrase, with a little of the wood's own echo so that it doesn't sound like a whistle in a studio.
fn phrase(name: &str, seconds: f64, notes: &[Note], peak_db: f64) -> Sound {
    let mut rng = Rng::named(name);
    let mut out = vec![0.0; frames(seconds)];
    for note in notes {
        let voice = sing(&mut rng, note, [gain(-27.0), gain(-36.0)]);
        add(&mut out, note.0 + rng.range(0.0, 0.006), &voice, 1.0);
    }
    scatter(&mut rng, &mut out, 0.07, gain(-13.0));
    Sound::shot(name, out, 0.1, peak_db)
}

/// The four phrases: a tit's two-note call, a thrush's flute, a wren's trill, a robin's falling silver.
pub fn birds() -> Vec<Sound> {
    let still = (0.0, 0.0);
    let mut tit: Vec<Note> = Vec::new();
    for i in 0..4 {
        let t = 0.02 + 0.29 * f64::from(i);
        let level = [0.75, 1.0, 0.95, 0.8][i as usize % 4];
        tit.push((t, 0.105, &[4_650.0, 5_150.0, 5_050.0], level, still));
        tit.push((t + 0.132, 0.13, &[3_900.0, 3_720.0, 3_660.0, 3_500.0], level * 0.9, still));
    }
    let thrush: [Note; 8] = [
        (0.02, 0.24, &[1_950.0, 2_320.0, 2_280.0, 2_300.0], 0.8, (24.0, 0.004)),
        (0.28, 0.17, &[2_600.0, 2_050.0, 1_900.0], 0.9, still),
        (0.47, 0.33, &[2_100.0, 2_820.0, 2_760.0, 2_500.0], 1.0, (21.0, 0.006)),
        (0.84, 0.14, &[1_750.0, 1_980.0], 0.7, still),
        (1.0, 0.26, &[2_450.0, 2_400.0, 1_850.0], 0.85, still),
        (1.3, 0.06, &[5_600.0, 4_200.0], 0.22, still),
        (1.38, 0.07, &[4_000.0, 6_300.0, 4_700.0], 0.26, still),
        (1.47, 0.15, &[5_200.0, 6_000.0, 4_400.0, 5_400.0], 0.2, (60.0, 0.05)),
    ];
    let mut wren: Vec<Note> = vec![
        (0.02, 0.07, &[5_200.0, 4_300.0], 0.55, still),
        (0.12, 0.06, &[4_400.0, 5_700.0], 0.6, still),
        (0.21, 0.08, &[6_100.0, 4_900.0, 5_100.0], 0.7, still),
    ];
    for i in 0..13 {
        let x = f64::from(i) / 12.0;
        wren.push((
            0.34 + 0.058 * f64::from(i),
            0.046,
            &[6_500.0, 5_400.0, 4_050.0],
            0.55 + 0.45 * libm::sin(PI * x),
            still,
        ));
    }
    wren.push((1.13, 0.08, &[4_700.0, 5_900.0, 5_600.0], 0.8, still));
    wren.push((1.24, 0.13, &[5_300.0, 4_500.0, 4_350.0], 0.7, still));
    let robin: [Note; 9] = [
        (0.02, 0.2, &[6_400.0, 6_250.0, 6_300.0], 0.4, still),
        (0.27, 0.09, &[4_900.0, 3_800.0], 0.8, still),
        (0.38, 0.08, &[3_600.0, 4_700.0], 0.85, still),
        (0.48, 0.3, &[4_300.0, 4_000.0, 4_150.0, 3_300.0], 1.0, (33.0, 0.045)),
        (0.82, 0.06, &[5_900.0, 4_500.0], 0.6, still),
        (0.9, 0.06, &[5_500.0, 4_200.0], 0.6, still),
        (0.98, 0.06, &[5_100.0, 3_900.0], 0.62, still),
        (1.07, 0.22, &[3_100.0, 3_500.0, 2_950.0], 0.9, (27.0, 0.02)),
        (1.33, 0.3, &[3_900.0, 4_700.0, 3_000.0, 2_750.0], 0.75, (40.0, 0.03)),
    ];
    vec![
        phrase("amb/bird_1", 1.5, &tit, -9.0),
        phrase("amb/bird_2", 2.0, &thrush, -8.0),
        phrase("amb/bird_3", 1.7, &wren, -9.0),
        phrase("amb/bird_4", 2.0, &robin, -9.0),
    ]
}

/// A tawny owl across the valley: a held hoot, a breath, then the quavering answer. Dulled by distance.
pub fn owl() -> Sound {
    let mut rng = Rng::named("sfx/owl");
    let mut out = vec![0.0; frames(2.9)];
    let notes: [Note; 3] = [
        (0.03, 0.52, &[640.0, 745.0, 760.0, 735.0, 650.0], 0.8, still_air()),
        (1.06, 0.12, &[690.0, 720.0, 690.0], 0.35, still_air()),
        (1.27, 0.98, &[700.0, 770.0, 785.0, 775.0, 740.0, 630.0], 1.0, (14.5, 0.012)),
    ];
    for note in &notes {
        let mut voice = sing(&mut rng, note, [gain(-20.0), gain(-31.0)]);
        let quaver = note.4.0;
        let breath = band_noise(&mut rng, voice.len().max(4_800), 450.0, 1_300.0);
        let len = voice.len() as f64;
        for (i, y) in voice.iter_mut().enumerate() {
            let (t, x) = (i as f64 / RATE, i as f64 / len);
            let air = 0.02 * libm::sin(PI * x) * breath[i];
            // The quaver fades as the hoot steadies.
            let depth = if quaver > 0.0 { 0.42 * (1.0 - x) } else { 0.0 };
            *y = (*y + air) * (1.0 - depth * (0.5 + 0.5 * libm::sin(TAU * quaver * t)));
        }
        add(&mut out, note.0, &voice, 1.0);
    }
    scatter(&mut rng, &mut out, 0.22, gain(-6.0));
    Sound::shot("sfx/owl", out, 0.4, -8.0)
}

/// No warble.
fn still_air() -> (f64, f64) {
    (0.0, 0.0)
}
