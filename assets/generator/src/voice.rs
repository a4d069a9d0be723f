//! The narrator's post-production: from a raw speech file to a line that sits in a mix.

use crate::synth::{RATE, Svf, fade, frames, gain, peak, rms, squash};
use std::f64::consts::PI;

/// RMS of the finished speech, pauses left out, in dBFS.
pub const LEVEL: f64 = -20.0;

/// Changes the rate with a windowed sinc (64 taps, Blackman-Harris).
fn resample(line: &[f64], from: f64) -> Vec<f64> {
    const REACH: i64 = 32;
    let cut = (RATE / from).min(1.0) * 0.97;
    let at = |i: i64| usize::try_from(i).ok().and_then(|i| line.get(i)).copied().unwrap_or(0.0);
    (0..(line.len() as f64 * RATE / from) as usize)
        .map(|i| {
            let x = i as f64 * from / RATE;
            let middle = libm::floor(x) as i64;
            (middle - REACH + 1..=middle + REACH)
                .map(|j| {
                    let d = x - j as f64;
                    let w = 0.5 + 0.5 * d / REACH as f64;
                    let window = 0.358_75 - 0.488_29 * libm::cos(2.0 * PI * w)
                        + 0.141_28 * libm::cos(4.0 * PI * w)
                        - 0.011_68 * libm::cos(6.0 * PI * w);
                    let arg = PI * d * cut;
                    let sinc = if arg.abs() < 1e-9 { 1.0 } else { libm::sin(arg) / arg };
                    at(j) * sinc * cut * window
                })
                .sum()
        })
        .collect()
}

/// The speech's RMS over the 20 ms blocks that are within 30 dB of the loudest one.
pub fn speech_rms(line: &[f64]) -> f64 {
    let blocks: Vec<f64> = line.chunks(frames(0.02)).map(rms).collect();
    let floor = blocks.iter().fold(0.0, |a: f64, &b| a.max(b)) * gain(-30.0);
    let (sum, count) =
        blocks.iter().filter(|&&b| b > floor).fold((0.0, 0.0), |(s, n), b| (s + b * b, n + 1.0));
    libm::sqrt(sum / f64::max(count, 1.0))
}

/// Shapes raw speech at `rate`: 48 kHz, high-pass at 80 Hz, warmth at 190 Hz, less glare at 3 kHz, gentle
/// compression, the ends trimmed to 20 ms of air, speech at [`LEVEL`], peaks below -3.5 dBFS.
pub fn produce(raw: &[f64], rate: f64) -> Vec<f64> {
    let mut line = resample(raw, rate);
    let (mut cut, mut warm, mut glare, mut top) =
        (Svf::new(80.0, 0.7), Svf::new(190.0, 0.8), Svf::new(3_000.0, 1.1), Svf::new(7_500.0, 0.7));
    for x in &mut line {
        let y = cut.tick(*x).high;
        let y = y + 0.3 * warm.tick(y).band;
        let y = y - 0.32 * glare.tick(y).band;
        *x = y - 0.35 * top.tick(y).high;
    }
    compress(&mut line);
    let edge = peak(&line) * gain(-42.0);
    let (Some(first), Some(last)) =
        (line.iter().position(|x| x.abs() > edge), line.iter().rposition(|x| x.abs() > edge))
    else {
        return Vec::new();
    };
    let air = frames(0.02);
    let mut line = line[first.saturating_sub(air)..(last + air).min(line.len())].to_vec();
    fade(&mut line, 0.008, 0.018);
    // Rounding off the peaks costs a little level, so the gain is found by trying; it settles within 0.01 dB.
    let mut level = 1.0;
    for _ in 0..6 {
        level *= gain(LEVEL) / speech_rms(&rounded(&line, level)).max(1e-9);
    }
    rounded(&line, level)
}

/// The line at `level`, its peaks rounded off below -3.5 dBFS.
fn rounded(line: &[f64], level: f64) -> Vec<f64> {
    let mut out: Vec<f64> = line.iter().map(|x| x * level).collect();
    squash(&mut out, gain(-3.5));
    out
}

/// 2.2:1 above a threshold 4 dB under the speech's own RMS, 6 ms attack, 110 ms release.
fn compress(line: &mut [f64]) {
    let threshold = speech_rms(line) * gain(-4.0);
    let (rise, fall) = (1.0 - libm::exp(-1.0 / (0.006 * RATE)), 1.0 - libm::exp(-1.0 / (0.11 * RATE)));
    let mut power = 0.0;
    for x in line.iter_mut() {
        let now = *x * *x;
        power += (now - power) * if now > power { rise } else { fall };
        let level = libm::sqrt(power) / threshold.max(1e-9);
        if level > 1.0 {
            *x *= libm::pow(level, 1.0 / 2.2 - 1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::decibels;
    use std::f64::consts::TAU;

    /// A second of silence, a second of a 220 Hz buzz that swells, half a second of silence, at 22.05 kHz.
    fn utterance() -> Vec<f64> {
        (0..55_125)
            .map(|i| {
                let t = f64::from(i) / 22_050.0 - 1.0;
                let shape = if (0.0..1.0).contains(&t) { libm::sin(PI * t) } else { 0.0 };
                0.3 * shape
                    * (1..9).map(|h| libm::sin(TAU * 220.0 * f64::from(h) * t) / f64::from(h)).sum::<f64>()
            })
            .collect()
    }

    #[test]
    fn speech_is_levelled_trimmed_and_never_hot() {
        let line = produce(&utterance(), 22_050.0);
        let level = decibels(speech_rms(&line));
        assert!((level - LEVEL).abs() < 0.1, "{level} dBFS");
        assert!(decibels(peak(&line)) <= -3.5);
        let seconds = line.len() as f64 / RATE;
        assert!((0.95..1.05).contains(&seconds), "{seconds} s");
        assert!(line.first().is_some_and(|x| x.abs() < 1e-4) && line.last().is_some_and(|x| x.abs() < 1e-4));
    }

    #[test]
    fn resampling_keeps_pitch_and_level() {
        let tone: Vec<f64> =
            (0..22_050).map(|i| libm::sin(TAU * 1_000.0 * f64::from(i) / 22_050.0)).collect();
        let out = resample(&tone, 22_050.0);
        let middle = &out[4_800..43_200];
        let crossings = middle.windows(2).filter(|w| w[0] <= 0.0 && w[1] > 0.0).count();
        assert!(crossings.abs_diff(800) <= 1, "{crossings} periods in 0.8 s");
        assert!((decibels(rms(middle)) + 3.01).abs() < 0.02);
    }

    #[test]
    fn silence_gives_nothing() {
        assert!(produce(&[0.0; 1_000], 22_050.0).is_empty());
    }
}
