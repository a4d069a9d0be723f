//! A split into three bands whose sum is flat.
//!
//! Lives here: [`Crossover`]. May be named here: `simd` and the designs of `svf`. Runs on the audio thread.
//!
//! Source: S. H. Linkwitz, "Active Crossover Networks for Noncoincident Drivers", JAES 24 (1), 1976: both
//! sides of each crossover are two Butterworth filters of the second order in a row, 24 dB per octave, in phase
//! with one another, and their sum is an all-pass of the second order. What lies below the lower crossover goes
//! through the all-pass of the upper one, so that all three bands have the same phase and add up to the input
//! through both all-passes, whatever the two frequencies. The filters are those of `svf`; one of them gives the
//! low and the high side at once. As there, state and arithmetic are double.

use super::simd::dispatched;
use super::svf::Design;
use super::{BLOCK, Stereo, glide_frames};
use crate::units::Hertz;
use std::f64::consts::SQRT_2;

/// Frames between two exact designs of a gliding crossover; its coefficients are straight lines in between.
const TICK: u32 = 16;

/// Bands of channels of frames.
pub(super) type Bands = [[[f32; BLOCK]; 2]; 3];
/// a1, a2, a3 of each crossover's filters.
type Coefficients = [[f64; 3]; 2];
/// The two capacitors' charges of filters that run side by side, each for left and right.
type Charges<const N: usize> = [[f64; N]; 2];

/// The charges of all seven filters. Two with the same coefficients run side by side.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// Of the lower crossover.
    first: Charges<2>,
    /// The second filters below and above it.
    second: Charges<4>,
    /// The all-pass for the low band, and the upper crossover's first filter.
    third: Charges<4>,
    /// The second filters below and above the upper crossover.
    fourth: Charges<4>,
}

impl State {
    /// Drops charges too small to be heard before they become subnormal.
    fn flush(&mut self) {
        let pairs = self.first.iter_mut().flatten();
        let fours = [&mut self.second, &mut self.third, &mut self.fourth];
        for charge in pairs.chain(fours.into_iter().flatten().flatten()) {
            if !(charge.abs() > 1e-20 && charge.abs() < 1e20) {
                *charge = 0.0;
            }
        }
    }
}

/// Splits a signal, and a key beside it, at two frequencies that glide.
#[derive(Debug)]
pub(super) struct Crossover {
    sample_rate: u32,
    /// Frames of a glide, a multiple of [`TICK`].
    glide: u32,
    /// Logarithms of the filters' integrator gains.
    from: [f64; 2],
    now: [f64; 2],
    to: [f64; 2],
    /// Frames of the glide beyond the current tick, and of the current tick.
    left: u32,
    tick: u32,
    coefficients: Coefficients,
    slope: Coefficients,
    /// Of the signal and of the key.
    states: [State; 2],
}

impl Crossover {
    pub(super) fn new(freqs: [Hertz; 2], sample_rate: u32) -> Self {
        let at = Self::logs(freqs, sample_rate);
        Self {
            sample_rate,
            glide: glide_frames(sample_rate).next_multiple_of(TICK),
            from: at,
            now: at,
            to: at,
            left: 0,
            tick: 0,
            coefficients: design(at),
            slope: [[0.0; 3]; 2],
            states: [State::default(); 2],
        }
    }

    fn logs(freqs: [Hertz; 2], sample_rate: u32) -> [f64; 2] {
        let rate = f64::from(sample_rate.max(1));
        freqs.map(|freq| {
            let freq = f64::from(freq.get()).min(0.49 * rate);
            libm::log2(libm::tan(std::f64::consts::PI * freq / rate))
        })
    }

    pub(super) fn set(&mut self, freqs: [Hertz; 2]) {
        let to = Self::logs(freqs, self.sample_rate);
        if to != self.to {
            (self.from, self.to, self.left, self.tick) = (self.now, to, self.glide, 0);
        }
    }

    /// Frames in which the filters' ringing falls by 100 dB.
    pub(super) fn tail(&self) -> usize {
        // The longest way leads through two filters of each.
        let tails = self.to.map(|log| 2.0 * Design::new(libm::exp2(log), SQRT_2, [0.0; 3]).tail());
        tails.iter().sum::<f64>() as usize
    }

    fn next_tick(&mut self) {
        self.left -= TICK.min(self.left);
        let t = 1.0 - f64::from(self.left) / f64::from(self.glide);
        self.now = std::array::from_fn(|i| self.from[i] + (self.to[i] - self.from[i]) * t);
        if self.left == 0 {
            self.now = self.to;
        }
        let next = design(self.now);
        self.slope = std::array::from_fn(|i| {
            std::array::from_fn(|j| (next[i][j] - self.coefficients[i][j]) / f64::from(TICK))
        });
        self.tick = TICK;
    }

    /// Splits the signal and the key, if there is one, into as many bands; at most [`BLOCK`] frames.
    pub(super) fn process(&mut self, heard: Stereo<'_>, key: Option<Stereo<'_>>, bands: &mut [Bands; 2]) {
        let frames = heard.len().min(BLOCK);
        let mut at = 0;
        while at < frames {
            if self.tick == 0 && self.left > 0 {
                self.next_tick();
            }
            let moving = self.tick > 0;
            let end = if moving { frames.min(at + self.tick as usize) } else { frames };
            let signals = [Some(heard), key].into_iter().zip(&mut self.states).zip(bands.iter_mut());
            let mut reached = self.coefficients;
            for ((signal, state), bands) in signals {
                let Some(signal) = signal else { continue };
                let c = self.coefficients;
                reached = if moving {
                    split::<true>(signal, at, end, c, &self.slope, state, bands)
                } else {
                    split::<false>(signal, at, end, c, &self.slope, state, bands)
                };
            }
            self.coefficients = reached;
            if moving {
                self.tick -= (end - at) as u32;
                if self.tick == 0 && self.left == 0 {
                    self.coefficients = design(self.to);
                }
            }
            at = end;
        }
        self.states.iter_mut().for_each(State::flush);
    }
}

fn design(logs: [f64; 2]) -> Coefficients {
    logs.map(|log| {
        let g = libm::exp2(log);
        let a1 = 1.0 / (1.0 + g * (g + SQRT_2));
        [a1, g * a1, g * g * a1]
    })
}

/// One frame through filters side by side: their band-passes, low-passes and high-passes.
#[inline(always)]
fn step<const N: usize>(c: &[f64; 3], charges: &mut Charges<N>, input: &[f64; N]) -> [[f64; N]; 3] {
    let [a1, a2, a3] = *c;
    let (mut band, mut low, mut high) = ([0.0; N], [0.0; N], [0.0; N]);
    for i in 0..N {
        let v3 = input[i] - charges[1][i];
        band[i] = a1 * charges[0][i] + a2 * v3;
        low[i] = charges[1][i] + (a2 * charges[0][i] + a3 * v3);
        charges[0][i] = 2.0 * band[i] - charges[0][i];
        charges[1][i] = 2.0 * low[i] - charges[1][i];
        high[i] = input[i] - SQRT_2 * band[i] - low[i];
    }
    [band, low, high]
}

/// What is below the lower crossover, left and right, and what is above, by half of its filters.
#[inline(always)]
fn first(c: &Coefficients, s: &mut State, frame: usize, signal: Stereo<'_>) -> [f64; 4] {
    let x = [f64::from(signal.left[frame]), f64::from(signal.right[frame])];
    let [_, low, high] = step(&c[0], &mut s.first, &x);
    [low[0], low[1], high[0], high[1]]
}

/// The same by all of them.
#[inline(always)]
fn second(c: &Coefficients, s: &mut State, x: [f64; 4]) -> [f64; 4] {
    let [_, low, high] = step(&c[0], &mut s.second, &x);
    [low[0], low[1], high[2], high[3]]
}

/// The low band is done; the rest is below or above the upper crossover by half of its filters.
#[inline(always)]
fn third(c: &Coefficients, s: &mut State, x: [f64; 4], frame: usize, bands: &mut Bands) -> [f64; 4] {
    let [band, low, high] = step(&c[1], &mut s.third, &x);
    for side in 0..2 {
        bands[0][side][frame] = (x[side] - 2.0 * SQRT_2 * band[side]) as f32;
    }
    [low[2], low[3], high[2], high[3]]
}

/// The other two bands.
#[inline(always)]
fn fourth(c: &Coefficients, s: &mut State, x: [f64; 4], frame: usize, bands: &mut Bands) {
    let [_, low, high] = step(&c[1], &mut s.fourth, &x);
    for side in 0..2 {
        bands[1][side][frame] = low[side] as f32;
        bands[2][side][frame] = high[side + 2] as f32;
    }
}

dispatched! {
    /// Splits the frames from `at` to `end`; the coefficients they led to.
    fn split<const MOVING: bool>(
        signal: Stereo<'_>,
        at: usize,
        end: usize,
        coefficients: Coefficients,
        slope: &Coefficients,
        state: &mut State,
        bands: &mut Bands,
    ) -> Coefficients {
        let mut c = coefficients;
        let mut s = *state;
        let end = end.min(signal.len()).min(BLOCK);
        if MOVING {
            for frame in at..end {
                for (c, slope) in c.iter_mut().flatten().zip(slope.iter().flatten()) {
                    *c += slope;
                }
                let parts = first(&c, &mut s, frame, signal);
                let parts = second(&c, &mut s, parts);
                let parts = third(&c, &mut s, parts, frame, bands);
                fourth(&c, &mut s, parts, frame, bands);
            }
        } else {
            // Each stage a frame behind the one before it, so that none waits for another.
            let mut between = [[0.0; 4]; 3];
            for frame in at..end.max(at) + 3 {
                if frame >= at + 3 {
                    fourth(&c, &mut s, between[2], frame - 3, bands);
                }
                if frame >= at + 2 && frame < end + 2 {
                    between[2] = third(&c, &mut s, between[1], frame - 2, bands);
                }
                if frame > at && frame < end + 1 {
                    between[1] = second(&c, &mut s, between[0]);
                }
                if frame < end {
                    between[0] = first(&c, &mut s, frame, signal);
                }
            }
        }
        *state = s;
        c
    }
}
