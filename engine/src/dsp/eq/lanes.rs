//! Filters at work, and several of them beside one another in the lanes of vectors.
//!
//! Lives here: [`Stage`], [`Lanes`] and one step of either; [`listen`], which runs filters side by side over the
//! same sound. May be named here: the coefficients of `svf`. Runs on the audio thread.

use crate::dsp::simd::dispatched;
use crate::dsp::svf::Coefficients;
use crate::dsp::{Stereo, StereoMut};

/// One frame of both channels.
pub(super) type Pair = [f64; 2];

/// The most filters that run together.
pub(super) const GROUP: usize = 4;

/// A filter at work: its numbers, what is added to them each frame, and its two charges for both channels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage {
    pub(super) now: Coefficients,
    pub(super) slope: [f64; 6],
    pub(super) state: [Pair; 2],
}

impl Stage {
    pub(super) fn new(now: Coefficients) -> Self {
        Self { now, slope: [0.0; 6], state: [[0.0; 2]; 2] }
    }

    /// Whether its numbers change with each frame.
    pub(super) fn moves(&self) -> bool {
        self.slope != [0.0; 6]
    }

    /// Drops charges too small to be heard before they become subnormal, and what is no sound at all.
    pub(super) fn flush(&mut self) {
        for charge in self.state.iter_mut().flatten() {
            if !(charge.abs() > 1e-20 && charge.abs() < 1e20) {
                *charge = 0.0;
            }
        }
    }

    /// Runs this filter alone.
    pub(super) fn run(&mut self, frames: &mut [Pair]) {
        if self.moves() {
            self.run_alone::<true>(frames);
        } else {
            self.run_alone::<false>(frames);
        }
    }

    fn run_alone<const MOVING: bool>(&mut self, frames: &mut [Pair]) {
        let [mut now, slope] = [self.now.0, self.slope].map(|numbers| numbers.map(|number| [number; 2]));
        let mut state = self.state;
        for frame in frames {
            *frame = step::<2, MOVING>(&mut now, &slope, &mut state, *frame);
        }
        self.now.0 = now.map(|[number, _]| number);
        self.state = state;
    }
}

/// One frame through filters beside one another: each lane of a vector is a channel of one.
#[inline(always)]
pub(super) fn step<const L: usize, const MOVING: bool>(
    now: &mut [[f64; L]; 6],
    slope: &[[f64; L]; 6],
    state: &mut [[f64; L]; 2],
    x: [f64; L],
) -> [f64; L] {
    if MOVING {
        for (now, slope) in now.iter_mut().zip(slope) {
            for (now, slope) in now.iter_mut().zip(slope) {
                *now += slope;
            }
        }
    }
    let [p, q, r, c1, c2, d] = now;
    let [s1, s2] = *state;
    let mut y = [0.0; L];
    for i in 0..L {
        state[0][i] = p[i] * s1[i] + q[i] * (x[i] - s2[i]);
        state[1][i] = (q[i] * s1[i] + (1.0 - r[i]) * s2[i]) + r[i] * x[i];
        y[i] = d[i] * x[i] + (c1[i] * s1[i] + c2[i] * s2[i]);
    }
    y
}

/// Filters to run together; the first places are filled.
pub(super) type Group<'a> = [Option<&'a mut Stage>; GROUP];

/// Two filters, both channels of each.
pub(super) type Vector = [f64; 4];

/// The filters of a group as `V` vectors: filter `i` is in vector `i % V`, in its half `i / V`. So a vector hands
/// its outputs to the next as they are.
pub(super) struct Lanes<const V: usize> {
    pub(super) now: [[Vector; 6]; V],
    pub(super) slope: [[Vector; 6]; V],
    pub(super) state: [[Vector; 2]; V],
}

impl<const V: usize> Lanes<V> {
    /// Lanes in which nothing is.
    pub(super) fn new() -> Self {
        Self { now: [[[0.0; 4]; 6]; V], slope: [[[0.0; 4]; 6]; V], state: [[[0.0; 4]; 2]; V] }
    }

    /// Puts filter `i` into its lanes.
    pub(super) fn put(&mut self, i: usize, stage: &Stage) {
        let (vector, half) = (i % V, 2 * (i / V));
        for n in 0..6 {
            self.now[vector][n][half..half + 2].fill(stage.now.0[n]);
            self.slope[vector][n][half..half + 2].fill(stage.slope[n]);
        }
        for (lanes, charge) in self.state[vector].iter_mut().zip(&stage.state) {
            lanes[half..half + 2].copy_from_slice(charge);
        }
    }

    /// Takes filter `i` from its lanes as it is now.
    pub(super) fn take(&self, i: usize, stage: &mut Stage) {
        let (vector, half) = (i % V, 2 * (i / V));
        for (number, lanes) in stage.now.0.iter_mut().zip(&self.now[vector]) {
            *number = lanes[half];
        }
        for (charge, lanes) in stage.state.iter_mut().zip(&self.state[vector]) {
            charge.copy_from_slice(&lanes[half..half + 2]);
        }
    }
}

/// Runs resting filters side by side over a sound; the highest output of each.
pub(super) fn listen(group: &mut Group<'_>, heard: Stereo<'_>) -> [f64; GROUP] {
    let mut lanes = Lanes::<2>::new();
    for (i, stage) in group.iter().flatten().enumerate() {
        lanes.put(i, stage);
    }
    let peaks = peaks(&mut lanes, heard.left, heard.right);
    for (i, stage) in group.iter_mut().flatten().enumerate() {
        lanes.take(i, stage);
    }
    std::array::from_fn(|i| {
        let half = 2 * (i / 2);
        peaks[i % 2][half].max(peaks[i % 2][half + 1])
    })
}

/// Writes both channels as frames of doubles.
pub(super) fn widen(from: Stereo<'_>, frames: &mut [Pair]) {
    for ((frame, l), r) in frames.iter_mut().zip(from.left).zip(from.right) {
        *frame = [f64::from(*l), f64::from(*r)];
    }
}

/// Writes frames of doubles as both channels.
pub(super) fn narrow(frames: &[Pair], block: &mut StereoMut<'_>) {
    for ((frame, l), r) in frames.iter().zip(block.left.iter_mut()).zip(block.right.iter_mut()) {
        // Adding nothing makes one zero of both, whichever the filters gave.
        (*l, *r) = ((frame[0] + 0.0) as f32, (frame[1] + 0.0) as f32);
    }
}

dispatched! {
    fn peaks(lanes: &mut Lanes<2>, left: &[f32], right: &[f32]) -> [Vector; 2] {
        let (mut now, mut state) = (lanes.now, lanes.state);
        let mut peaks = [[0.0; 4]; 2];
        for (left, right) in left.iter().zip(right) {
            let [left, right] = [*left, *right].map(f64::from);
            for v in 0..2 {
                let x = [left, right, left, right];
                let y = step::<4, false>(&mut now[v], &[[0.0; 4]; 6], &mut state[v], x);
                for (peak, y) in peaks[v].iter_mut().zip(y) {
                    let size = f64::abs(y);
                    *peak = if size > *peak { size } else { *peak };
                }
            }
        }
        lanes.state = state;
        peaks
    }
}
