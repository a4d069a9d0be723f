//! The small kit all sounds are made of: filters, noise, grains, modes and the circular buffers
//! that make a loop seamless.
//!
//! A loop is written on a circle: what runs past the end continues at the start, filters run over
//! the circle twice and keep the second round, slow movements are closed curves. The last sample
//! then leads into the first by construction; no crossfade is needed.

use crate::rng::Rng;
use std::f64::consts::{PI, TAU};

/// Frames per second of everything generated.
pub const RATE: f64 = 48_000.0;

/// Decibels to a factor of amplitude.
pub fn gain(db: f64) -> f64 {
    libm::pow(10.0, db / 20.0)
}

/// A factor of amplitude to decibels.
pub fn decibels(gain: f64) -> f64 {
    20.0 * libm::log10(gain.max(1e-12))
}

/// Seconds to whole frames, rounded.
pub fn frames(seconds: f64) -> usize {
    (seconds * RATE + 0.5) as usize
}

/// A state-variable filter in the trapezoidal form (Zavalishin, "The Art of VA Filter Design", ch. 4).
pub struct Svf {
    g: f64,
    k: f64,
    s1: f64,
    s2: f64,
}

/// What [`Svf::tick`] gives for one sample.
pub struct Bands {
    /// 12 dB per octave below the corner.
    pub low: f64,
    /// Around the corner; its peak is 1 whatever the Q.
    pub band: f64,
    /// 12 dB per octave above the corner.
    pub high: f64,
}

impl Svf {
    /// A filter with its corner at `hz` and the given Q (0.707 is maximally flat).
    pub fn new(hz: f64, q: f64) -> Self {
        Self { g: libm::tan(PI * (hz / RATE).min(0.45)), k: 1.0 / q, s1: 0.0, s2: 0.0 }
    }

    /// Feeds one sample.
    pub fn tick(&mut self, x: f64) -> Bands {
        let high = (x - (self.g + self.k) * self.s1 - self.s2) / (1.0 + self.g * (self.g + self.k));
        let v = self.g * high;
        let band = v + self.s1;
        self.s1 = band + v;
        let w = self.g * band;
        let low = w + self.s2;
        self.s2 = low + w;
        Bands { low, band: band * self.k, high }
    }
}

/// Runs `step` over the circle twice and keeps the second round, when all state has become periodic.
pub fn around(ring: &mut [f64], mut step: impl FnMut(f64) -> f64) {
    for &x in ring.iter() {
        step(x);
    }
    for x in ring.iter_mut() {
        *x = step(*x);
    }
}

/// White noise on a circle, kept between `low_hz` and `high_hz` (24 dB per octave outside), at RMS 1.
pub fn band_noise(rng: &mut Rng, len: usize, low_hz: f64, high_hz: f64) -> Vec<f64> {
    let mut ring: Vec<f64> = (0..len).map(|_| rng.bipolar()).collect();
    let mut chain =
        [(low_hz, 0.541), (low_hz, 1.307), (high_hz, 0.541), (high_hz, 1.307)].map(|(f, q)| Svf::new(f, q));
    around(&mut ring, |x| {
        let [a, b, c, d] = &mut chain;
        let x = b.tick(a.tick(x).high).high;
        d.tick(c.tick(x).low).low
    });
    let level = 1.0 / rms(&ring).max(1e-12);
    ring.iter_mut().for_each(|x| *x *= level);
    ring
}

/// A slow, smooth, closed random curve in 0..1 with `points` turning points around the circle.
pub fn drift(rng: &mut Rng, len: usize, points: usize) -> Vec<f64> {
    let values: Vec<f64> = (0..points).map(|_| rng.unit()).collect();
    (0..len)
        .map(|i| {
            let x = i as f64 * points as f64 / len as f64;
            let (at, t) = (x as usize, x - libm::floor(x));
            let s = t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
            values[at % points] * (1.0 - s) + values[(at + 1) % points] * s
        })
        .collect()
}

/// Reads a circle `by` frames later: the same movement, arriving later.
pub fn delayed(ring: &[f64], by: usize) -> Vec<f64> {
    let mut out = ring.to_vec();
    out.rotate_right(by % ring.len().max(1));
    out
}

/// Adds `grain` to the circle from `seconds` on, wrapping past the end as often as needed.
pub fn add_around(ring: &mut [f64], seconds: f64, grain: &[f64], level: f64) {
    let len = ring.len();
    let start = frames(seconds);
    for (i, &x) in grain.iter().enumerate() {
        ring[(start + i) % len] += x * level;
    }
}

/// Adds `grain` to a one-shot from `seconds` on; what runs past the end is dropped.
pub fn add(line: &mut [f64], seconds: f64, grain: &[f64], level: f64) {
    for (y, &x) in line.iter_mut().skip(frames(seconds)).zip(grain) {
        *y += x * level;
    }
}

/// A burst of noise that dies away with time constant `decay` (seconds), heard through a resonance
/// at `hz`. Its peak is 1.
pub fn burst(rng: &mut Rng, hz: f64, q: f64, decay: f64) -> Vec<f64> {
    let mut filter = Svf::new(hz, q);
    let ring_time = q / (PI * hz);
    let mut out: Vec<f64> = (0..frames(7.0 * (decay + ring_time)))
        .map(|i| {
            let t = i as f64 / RATE;
            filter.tick(rng.bipolar() * libm::exp(-t / decay)).band
        })
        .collect();
    unit_peak(&mut out);
    out
}

/// A struck body: a sum of decaying sines `(hz, time constant in seconds, level)`, whose pitch falls
/// from `1 + bend` times its rest value with a time constant of 15 ms.
pub fn struck(modes: &[(f64, f64, f64)], bend: f64) -> Vec<f64> {
    let longest = modes.iter().fold(0.0, |a: f64, m| a.max(m.1));
    let mut out = vec![0.0; frames(7.0 * longest)];
    for &(hz, decay, level) in modes {
        let mut phase = 0.0;
        for (i, y) in out.iter_mut().enumerate() {
            let t = i as f64 / RATE;
            phase += hz * (1.0 + bend * libm::exp(-t / 0.015)) / RATE;
            *y += level * libm::exp(-t / decay) * libm::sin(TAU * phase);
        }
    }
    out
}

/// A bubble of `radius` metres under water: Minnaert's resonance (3.26 / r hertz) whose pitch rises as
/// it nears the surface. Damping after van den Doel, "Physically based models for liquid sounds" (2005).
/// `rise` is the share of pitch gained per damping time: 0 for a deep bubble, 0.1 to 1 near the surface.
pub fn bubble(radius: f64, rise: f64) -> Vec<f64> {
    let hz = 3.26 / radius;
    let damping = 0.13 / radius + 0.0072 / (radius * libm::sqrt(radius));
    let mut phase = 0.0;
    (0..frames(7.0 / damping))
        .map(|i| {
            let t = i as f64 / RATE;
            phase += hz * (1.0 + rise * damping * t).min(3.0) / RATE;
            libm::exp(-damping * t) * libm::sin(TAU * phase)
        })
        .collect()
}

/// Adds the scattered echoes of trunks and leaves: sparse taps of random sign that die away with time
/// constant `tail`, at `level` altogether, dulled above 2.5 kHz.
pub fn scatter(rng: &mut Rng, line: &mut [f64], tail: f64, level: f64) {
    let mut filter = Svf::new(2_500.0, 0.6);
    let dull: Vec<f64> = line.iter().map(|&x| filter.tick(x).low).collect();
    let mut t = 0.012;
    let taps = 160.0;
    while t < 5.0 * tail {
        let sign = if rng.unit() < 0.5 { -1.0 } else { 1.0 };
        add(line, t, &dull, sign * level * libm::exp(-t / tail) * libm::sqrt(2.0 / (taps * tail)));
        t += rng.wait(taps);
    }
}

/// Root mean square.
pub fn rms(line: &[f64]) -> f64 {
    libm::sqrt(line.iter().map(|x| x * x).sum::<f64>() / line.len().max(1) as f64)
}

/// The largest magnitude.
pub fn peak(line: &[f64]) -> f64 {
    line.iter().fold(0.0, |a, x| a.max(x.abs()))
}

/// Scales so that the peak is 1; silence stays silence.
pub fn unit_peak(line: &mut [f64]) {
    let level = 1.0 / peak(line).max(1e-12);
    line.iter_mut().for_each(|x| *x *= level);
}

/// Rounds off peaks softly: what is far below `ceiling` stays, nothing passes it.
pub fn squash(line: &mut [f64], ceiling: f64) {
    line.iter_mut().for_each(|x| *x = ceiling * libm::tanh(*x / ceiling));
}

/// Fades the ends of a one-shot along a raised cosine, over `head` and `tail` seconds.
pub fn fade(line: &mut [f64], head: f64, tail: f64) {
    let shape = |i: usize, n: usize| 0.5 - 0.5 * libm::cos(PI * (i as f64 + 0.5) / n as f64);
    let n = frames(head);
    line.iter_mut().take(n).enumerate().for_each(|(i, x)| *x *= shape(i, n));
    let n = frames(tail);
    line.iter_mut().rev().take(n).enumerate().for_each(|(i, x)| *x *= shape(i, n));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_on_a_circle_has_no_seam() {
        let ring = band_noise(&mut Rng::named("seam"), 24_000, 100.0, 400.0);
        let step = |i: usize| (ring[(i + 1) % ring.len()] - ring[i]).abs();
        let largest = (0..ring.len() - 1).map(step).fold(0.0, f64::max);
        assert!(step(ring.len() - 1) <= largest, "{} of {largest}", step(ring.len() - 1));
        assert!((rms(&ring) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_filter_passes_its_corner_at_minus_3_db() {
        let mut filter = Svf::new(1_000.0, core::f64::consts::FRAC_1_SQRT_2);
        let out: Vec<f64> =
            (0..48_000).map(|i| filter.tick(libm::sin(TAU * 1_000.0 * i as f64 / RATE)).low).collect();
        let level = decibels(rms(&out[24_000..]) * libm::sqrt(2.0));
        assert!((level + 3.01).abs() < 0.02, "{level} dB");
    }

    #[test]
    fn a_bubble_of_one_millimetre_rings_at_minnaerts_frequency() {
        let sound = bubble(0.001, 0.0);
        let crossings = sound.windows(2).take(480).filter(|w| w[0] <= 0.0 && w[1] > 0.0).count();
        assert!((31..=33).contains(&crossings), "{crossings} periods in 10 ms, expected 32.6");
    }

    #[test]
    fn what_runs_past_the_end_of_a_circle_comes_back_at_its_start() {
        let mut ring = vec![0.0; 48];
        add_around(&mut ring, 46.0 / RATE, &[1.0, 2.0, 3.0], 1.0);
        assert_eq!((ring[46], ring[47], ring[0]), (1.0, 2.0, 3.0));
    }
}
