//! A delay line whose read places move all the time.
//!
//! Lives here: [`SweptLine`], and [`Sweep`], a delay that goes in straight lines from tick to tick. May be named
//! here: `simd`, `lfo`. Runs on the audio thread.
//!
//! Between samples the line is read by the cubic through the four around (Lagrange's; see T. I. Laakso et al.,
//! "Splitting the Unit Delay", IEEE Signal Processing Magazine 13, 1996). Places are whole numbers of 2^-16
//! frames: exact whatever the cut into blocks, and 96 dB above what their steps do to a tone of 10 kHz.

use super::lfo::TICK;
use super::simd::dispatched;

/// One frame in the fixed point of places.
const ONE: f64 = 65_536.0;
/// The samples around a chunk: a delay may grow or shrink by two frames a frame.
const WINDOW: usize = 68;
/// The shortest delay in frames.
pub(crate) const SHORTEST: f64 = 3.0;
/// A delay within a tick.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sweep {
    start: i32,
    step: i32,
}

impl Sweep {
    /// A delay that stands still, in frames.
    pub(crate) fn at(frames: f64) -> Self {
        Self { start: (frames.max(SHORTEST) * ONE) as i32, step: 0 }
    }

    /// Goes on from the end of the last tick to `frames` at the end of the next.
    pub(crate) fn next(&mut self, frames: f64) {
        self.start += self.step * TICK as i32;
        self.step = ((frames.max(SHORTEST) * ONE) as i32 - self.start) / TICK as i32;
    }

    fn back(&self, frame: usize) -> i32 {
        self.start + self.step * (frame as i32 + 1)
    }

    /// The whole frames of the shortest delay from that frame of the tick on.
    pub(crate) fn shortest(&self, frame: usize) -> usize {
        (self.back(frame).min(self.back(TICK - 1)) >> 16).max(0) as usize
    }
}

/// The last frames of a stereo signal.
#[derive(Debug)]
pub(crate) struct SweptLine {
    sides: [Box<[f32]>; 2],
    /// Where the next frame is written.
    at: usize,
}

impl SweptLine {
    /// A line that can look `frames` back, beside a block.
    pub(crate) fn new(frames: usize) -> Self {
        let length = (frames + super::BLOCK + 2 * WINDOW).next_power_of_two();
        Self { sides: [vec![0.0; length].into(), vec![0.0; length].into()], at: 0 }
    }

    pub(crate) fn clear(&mut self) {
        self.sides.iter_mut().for_each(|side| side.fill(0.0));
        self.at = 0;
    }

    /// Writes frames, both sides equally many, and moves on.
    pub(crate) fn write(&mut self, input: [&[f32]; 2]) {
        let length = self.sides[0].len();
        for (side, input) in self.sides.iter_mut().zip(input) {
            let first = input.len().min(length - self.at);
            let (a, b) = input.split_at(first);
            side[self.at..self.at + first].copy_from_slice(a);
            side[..b.len()].copy_from_slice(b);
        }
        self.at = (self.at + input[0].len()) & (length - 1);
    }

    /// Reads one side into `out`, which lies within a tick from its frame `frame` on, and whose first frame is
    /// `behind` frames behind the writing place. All that is read must be written: the delay at least
    /// [`SHORTEST`], and more by what `out` reaches beyond the writing place.
    pub(crate) fn read(&self, side: usize, sweep: &Sweep, frame: usize, behind: usize, out: &mut [f32]) {
        let Some(samples) = self.sides.get(side) else { return };
        let mask = samples.len() - 1;
        // Places relative to the chunk's first frame; the window begins before the earliest.
        let first = -sweep.back(frame);
        let slope = 65_536 - sweep.step;
        let last = first + slope * (out.len() as i32 - 1);
        let base = (first.min(last) >> 16) - 1;
        let start = self.at.wrapping_sub(behind).wrapping_add_signed(base as isize) & mask;
        let place = first - (base << 16) - 65_536;
        if let Some(window) = samples.get(start..).and_then(|samples| samples.first_chunk()) {
            return interpolate(window, place, slope, out);
        }
        let window = std::array::from_fn(|i| samples[(start + i) & mask]);
        interpolate(&window, place, slope, out);
    }
}

dispatched! {
    /// Values from `place` on, in the fixed point, each a `slope` further; 0 is the window's second sample.
    fn interpolate(window: &[f32; WINDOW], place: i32, slope: i32, out: &mut [f32]) {
        for (i, out) in out.iter_mut().enumerate().take(TICK) {
            *out = value(window, place + slope * i as i32);
        }
    }
}

/// The cubic at a place.
#[inline(always)]
fn value(window: &[f32; WINDOW], at: i32) -> f32 {
    let t = (at & 0xffff) as f32 * (1.0 / 65_536.0);
    let first = ((at >> 16) & 63) as usize;
    let [a, b, c, d] = std::array::from_fn(|k| window[first + k]);
    let one = c - (1.0 / 3.0) * a - 0.5 * b - (1.0 / 6.0) * d;
    let two = 0.5 * (a + c) - b;
    let three = (1.0 / 6.0) * (d - a) + 0.5 * (b - c);
    b + t * (one + t * (two + t * three))
}
