//! The reverb's early reflections: the first few echoes off the walls.
//!
//! Lives here: [`Early`]. May be named here: [`Line`], [`Ramp`]. Runs on the audio thread.
//!
//! The pattern is made, not measured: eight times for each side that grow in uneven steps, as the reflections of a
//! room crowd together (their number grows with the cube of time; H. Kuttruff, "Room Acoustics", chapter 4),
//! each as loud as one over its way, with signs and sources that change so that no comb stands out.

use super::line::Line;
use super::simd::dispatched;
use super::{BLOCK, Ramp};

/// Reflections to a side.
const TAPS: usize = 8;
/// When they come, in milliseconds at size 1.
const MILLISECONDS: [[f32; TAPS]; 2] = [
    [3.91, 9.73, 16.13, 22.97, 28.51, 35.07, 41.91, 47.29],
    [5.47, 11.39, 15.33, 24.23, 30.57, 33.59, 40.11, 50.03],
];
/// Those that come from the other side's input, a bit each.
const CROSSED: [u16; 2] = [0b0100_1010, 0b0101_0100];
/// Those that are turned over, a bit each.
const TURNED: [u16; 2] = [0b0010_0110, 0b1001_1010];

/// The reflections of a size, in frames.
type Places = [[usize; TAPS]; 2];

fn places(size: f32, sample_rate: u32) -> Places {
    MILLISECONDS.map(|side| side.map(|ms| (ms * 0.001 * size * sample_rate as f32) as usize + 1))
}

/// The pattern's gains; the squares of a side add up to one, so that noise comes out as loud as it went in.
fn gains() -> [[f32; TAPS]; 2] {
    let mut gains = [[0.0; TAPS]; 2];
    for ((gains, times), turned) in gains.iter_mut().zip(MILLISECONDS).zip(TURNED) {
        let way = |ms: f32| 1.0 / (ms + 10.0);
        let power = times.iter().map(|ms| way(*ms) * way(*ms)).sum::<f32>();
        for (i, (gain, ms)) in gains.iter_mut().zip(times).enumerate() {
            let sign = if turned >> i & 1 == 1 { -1.0 } else { 1.0 };
            *gain = sign * way(ms) / libm::sqrtf(power);
        }
    }
    gains
}

/// The first echoes off the walls of a room, whose size may change by a crossfade.
#[derive(Debug)]
pub(crate) struct Early {
    line: Line,
    gains: [[f32; TAPS]; 2],
    now: Places,
    next: Places,
    size: f32,
    wanted: f32,
    fade: Ramp,
    level: Ramp,
    glide: u32,
    sample_rate: u32,
    /// For stretches that pass the line's end.
    scratch: [[f32; BLOCK]; 4],
}

impl Early {
    /// Reflections at `level`, for sizes up to `largest`.
    pub(crate) fn new(level: f32, size: f32, largest: f32, glide: u32, sample_rate: u32) -> Self {
        let longest = places(largest, sample_rate).into_iter().flatten().max().unwrap_or(0);
        let now = places(size, sample_rate);
        Self {
            line: Line::new(longest + BLOCK),
            gains: gains(),
            now,
            next: now,
            size,
            wanted: size,
            fade: Ramp::new(0.0),
            level: Ramp::new(level),
            glide,
            sample_rate,
            scratch: [[0.0; BLOCK]; 4],
        }
    }

    pub(crate) fn set(&mut self, level: f32, size: f32) {
        self.level.set(level, self.glide);
        self.wanted = size;
    }

    pub(crate) fn reset(&mut self) {
        self.line.clear();
        self.level.jump(self.level.target());
        (self.size, self.now) = (self.wanted, places(self.wanted, self.sample_rate));
        self.next = self.now;
        self.fade.jump(0.0);
    }

    /// Frames that may be processed at once: a fade's end is not passed.
    pub(crate) fn room(&mut self) -> usize {
        if self.fade.is_steady() {
            self.now = self.next;
            if self.wanted != self.size {
                (self.size, self.next) = (self.wanted, places(self.wanted, self.sample_rate));
                self.fade.jump(0.0);
                self.fade.set(1.0, self.glide);
            }
        }
        if self.fade.is_steady() { BLOCK } else { self.fade.remaining() as usize }
    }

    /// Takes frames into the line.
    pub(crate) fn write(&mut self, input: [&[f32]; 2]) {
        self.line.write(input);
    }

    /// Adds the reflections of what was written last, at most [`Early::room`] frames.
    pub(crate) fn add_to(&mut self, out: [&mut [f32]; 2]) {
        let n = out[0].len().min(BLOCK);
        if !self.level.is_steady() || !self.fade.is_steady() {
            self.add_moving(out);
        } else if self.level.current() != 0.0 {
            let level = self.level.current();
            for (side, out) in out.into_iter().enumerate() {
                let gains = self.gains[side].map(|gain| gain * level);
                gather(&self.line, side, &self.now[side], &gains, &mut self.scratch, out);
            }
        }
        self.level.skip(n as u32);
        self.fade.skip(n as u32);
    }

    /// The same while level or size change.
    fn add_moving(&mut self, out: [&mut [f32]; 2]) {
        let (mut level, mut fade) = ([0.0; BLOCK], [0.0; BLOCK]);
        let n = out[0].len().min(BLOCK);
        self.level.clone().fill(&mut level[..n]);
        self.fade.clone().fill(&mut fade[..n]);
        for (side, out) in out.into_iter().enumerate() {
            let (mut old, mut new) = ([0.0; BLOCK], [0.0; BLOCK]);
            let gains = &self.gains[side];
            gather(&self.line, side, &self.now[side], gains, &mut self.scratch, &mut old[..n]);
            gather(&self.line, side, &self.next[side], gains, &mut self.scratch, &mut new[..n]);
            for (i, out) in out.iter_mut().enumerate() {
                *out += level[i] * (old[i] + fade[i] * (new[i] - old[i]));
            }
        }
    }
}

/// Adds the reflections of a side.
fn gather(
    line: &Line,
    side: usize,
    places: &[usize; TAPS],
    gains: &[f32; TAPS],
    scratch: &mut [[f32; BLOCK]; 4],
    out: &mut [f32],
) {
    let n = out.len().min(BLOCK);
    for (start, (places, gains)) in
        (0..TAPS).step_by(4).zip(places.as_chunks::<4>().0.iter().zip(gains.as_chunks::<4>().0))
    {
        let mut frames = [&[][..]; 4];
        for (i, (frames, scratch)) in frames.iter_mut().zip(&mut *scratch).enumerate() {
            let from = if CROSSED[side] >> (start + i) & 1 == 1 { 1 - side } else { side };
            let (head, tail) = line.parts(from, places[i] + n, n);
            *frames = if tail.is_empty() {
                head
            } else {
                scratch[..head.len()].copy_from_slice(head);
                scratch[head.len()..n].copy_from_slice(tail);
                &scratch[..n]
            };
        }
        add(out, frames, *gains);
    }
}

dispatched! {
    fn add(out: &mut [f32], frames: [&[f32]; 4], gains: [f32; 4]) {
        let [a, b, c, d] = frames;
        for (out, ((a, b), (c, d))) in out.iter_mut().zip(a.iter().zip(b).zip(c.iter().zip(d))) {
            *out += (gains[0] * a + gains[1] * b) + (gains[2] * c + gains[3] * d);
        }
    }
}
