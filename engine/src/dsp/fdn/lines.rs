//! The network's delay lines: their lengths, and how these move.
//!
//! Lives here: [`Lines`] and [`Motion`]. May be named here: `interp`, [`Ramp`]. Runs on the audio thread.
//!
//! A change of size crossfades between two places of every line. Modulation slides four of the lines to and
//! fro, each at its own pace, so that no two rounds of the network have quite the same resonances; they are read
//! between the frames by a windowed sinc.

use super::{BEFORE as SILENCE, CHUNK, LINES, Rows};
use crate::dsp::Ramp;
use crate::dsp::math::flush;
use crate::dsp::point::{BEFORE, Points, TAPS};
use crate::dsp::simd::dispatched;
use std::ops::Range;

/// Lengths of the lines in milliseconds; each becomes the next prime number of frames, so that no two share
/// a factor. Ordered so that both outputs read short and long ones.
const MILLISECONDS: [f64; LINES] =
    [17.3, 19.1, 21.7, 23.3, 25.3, 27.9, 30.7, 32.9, 35.3, 38.3, 41.3, 44.9, 48.7, 53.3, 57.1, 62.9];
/// Their mean in seconds.
pub(crate) const MEAN_SECONDS: f64 = 0.036_25;
/// The largest size.
pub(crate) const LARGEST: f32 = 2.0;
/// How long a change of size or of modulation's depth takes, in seconds.
const FADE_SECONDS: f32 = 0.06;

/// The lines that are modulated: two for each output, long ones, which bend least per second of sound.
const MODULATED: [usize; 4] = [9, 11, 12, 14];
/// How fast each of them goes, relative to the rate.
const PACES: [f64; 4] = [1.0, 0.871, 1.137, 0.763];
/// How far they go at most, in seconds either way.
pub(crate) const DEEPEST_SECONDS: f32 = 0.000_5;
/// Frames between two places of a modulated line, with a straight way between them.
const TICK: usize = 16;
/// Frames by which a modulated line may move in a chunk.
const SPAN: usize = 6;
/// Added to what modulation adds, so that it is never negative: more than [`DEEPEST_SECONDS`] at any rate.
const BASE: f32 = 128.0;
/// A modulated line's frames for a chunk.
const WINDOW: usize = CHUNK + TAPS + SPAN;

/// How long the lines are and how they move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Motion {
    /// A factor of all lengths.
    pub(crate) size: f32,
    /// How far the modulated lines move, in seconds either way.
    pub(crate) depth: f32,
    /// How often, in hertz.
    pub(crate) rate: f32,
}

/// Sixteen delay lines.
#[derive(Debug)]
pub(super) struct Lines {
    lines: [Box<[f32]>; LINES],
    /// Where each is written.
    at: [usize; LINES],
    now: [usize; LINES],
    /// The lengths that a fade leads to; the same if there is none.
    next: [usize; LINES],
    fade: Ramp,
    /// The size of `next`, and the one that is wanted.
    size: f32,
    wanted: f32,
    fade_frames: u32,
    depth: Ramp,
    /// Where each wave is and how far it goes in a tick, in parts of 2^-32 of its period.
    phases: [u32; 4],
    steps: [u32; 4],
    sample_rate: u32,
    table: &'static Points,
    window: [f32; WINDOW],
}

/// The smallest odd prime not below `from`. Quick enough for the audio thread: a few microseconds for all lines.
pub(crate) fn next_prime(from: usize) -> usize {
    let from = (from as u32).max(3) | 1;
    let is_prime = |n: u32| (3..).step_by(2).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d));
    (from..).step_by(2).find(|n| is_prime(*n)).unwrap_or(from) as usize
}

/// Different primes, long enough for a chunk and the modulation.
fn lengths(size: f32, sample_rate: u32) -> [usize; LINES] {
    let rate = f64::from(sample_rate);
    let deepest = f64::from(DEEPEST_SECONDS) * rate;
    let mut least = CHUNK + TAPS + 2 + deepest as usize;
    MILLISECONDS.map(|ms| {
        let length = next_prime(((ms * 0.001 * f64::from(size) * rate) as usize).max(least));
        least = length + 1;
        length
    })
}

impl Lines {
    pub(super) fn new(motion: &Motion, fade_frames: u32, sample_rate: u32) -> Self {
        let now = lengths(motion.size, sample_rate);
        let deepest = (DEEPEST_SECONDS * sample_rate as f32) as usize;
        let lines = lengths(LARGEST, sample_rate).map(|length| vec![0.0; length + deepest + WINDOW].into());
        let mut made = Self {
            lines,
            at: [0; LINES],
            now,
            next: now,
            fade: Ramp::new(0.0),
            size: motion.size,
            wanted: motion.size,
            fade_frames: fade_frames.max((FADE_SECONDS * sample_rate as f32) as u32),
            depth: Ramp::new(motion.depth * sample_rate as f32),
            phases: START,
            steps: [0; 4],
            sample_rate,
            table: Points::shared(),
            window: [0.0; WINDOW],
        };
        made.set_pace(motion.rate);
        made
    }

    /// The lengths in frames; those it fades to.
    pub(super) fn lengths(&self) -> &[usize; LINES] {
        &self.next
    }

    pub(super) fn set(&mut self, motion: &Motion) {
        self.wanted = motion.size;
        self.depth.set(motion.depth * self.sample_rate as f32, self.fade_frames);
        self.set_pace(motion.rate);
    }

    fn set_pace(&mut self, hertz: f32) {
        let per_tick = f64::from(hertz) * TICK as f64 / f64::from(self.sample_rate);
        self.steps = PACES.map(|pace| (pace * per_tick * 4_294_967_296.0) as u32);
    }

    /// Forgets everything; whether lengths have changed.
    pub(super) fn reset(&mut self) -> bool {
        self.lines.iter_mut().for_each(|line| line.fill(0.0));
        self.at = [0; LINES];
        self.depth.jump(self.depth.target());
        self.phases = START;
        self.fade.jump(0.0);
        self.now = self.next;
        let other = self.wanted != self.size;
        if other {
            self.size = self.wanted;
            self.now = lengths(self.size, self.sample_rate);
            self.next = self.now;
        }
        other
    }

    /// Before a chunk: ends a fade of lengths, or begins one; whether it has begun.
    pub(super) fn begin(&mut self) -> bool {
        if self.now != self.next && self.fade.is_steady() {
            self.now = self.next;
            self.fade.jump(0.0);
        }
        let begins = self.now == self.next && self.wanted != self.size;
        if begins {
            self.size = self.wanted;
            self.next = lengths(self.size, self.sample_rate);
            self.fade.set(1.0, self.fade_frames);
        }
        begins
    }

    /// Reads the chunk that comes out of all lines.
    #[inline(always)]
    pub(super) fn read(&mut self, rows: &mut Rows) {
        let still = self.depth.is_steady() && self.depth.current() == 0.0;
        let offsets = if still { None } else { Some(self.move_on()) };
        for (j, row) in rows.iter_mut().enumerate() {
            if let Some(row) = row.last_chunk_mut() {
                self.read_line(j, self.now[j], offsets.as_ref(), row);
            }
        }
        if self.now == self.next {
            return;
        }
        let mut fade = [0.0; CHUNK];
        self.fade.fill(&mut fade);
        for (j, row) in rows.iter_mut().enumerate() {
            let mut new = [0.0; CHUNK];
            self.read_line(j, self.next[j], offsets.as_ref(), &mut new);
            for ((out, new), fade) in row[SILENCE..].iter_mut().zip(&new).zip(&fade) {
                *out += fade * (new - *out);
            }
        }
    }

    /// How far the modulated lines are off at the chunk's ticks and at its end.
    fn move_on(&mut self) -> [[f32; CHUNK / TICK + 1]; 4] {
        let mut depths = [0.0; CHUNK];
        let first = self.depth.current();
        self.depth.fill(&mut depths);
        let mut offsets = [[0.0; CHUNK / TICK + 1]; 4];
        for ((offsets, phase), step) in offsets.iter_mut().zip(&mut self.phases).zip(self.steps) {
            for (tick, offset) in offsets.iter_mut().enumerate() {
                let depth = if tick == 0 { first } else { depths[tick * TICK - 1] };
                *offset = depth * wave(phase.wrapping_add(step.wrapping_mul(tick as u32)));
            }
            *phase = phase.wrapping_add(step.wrapping_mul((CHUNK / TICK) as u32));
        }
        offsets
    }

    #[inline(always)]
    fn read_line(
        &mut self,
        j: usize,
        length: usize,
        offsets: Option<&[[f32; CHUNK / TICK + 1]; 4]>,
        row: &mut [f32; CHUNK],
    ) {
        let moved = MODULATED.iter().position(|line| *line == j);
        match offsets.and_then(|offsets| offsets.get(moved?)) {
            None => copy(&self.lines[j], self.at[j], length, row),
            Some(offsets) => {
                // The farthest place is the window's first.
                let farthest = offsets.iter().fold(0.0_f32, |far, offset| far.max(*offset + BASE));
                let whole = farthest as usize + 1;
                let back = length + whole + BEFORE - BASE as usize;
                copy(&self.lines[j], self.at[j], back, &mut self.window);
                let mut places = [(0, [0.0; TAPS]); CHUNK / TICK + 1];
                for (place, offset) in places.iter_mut().zip(offsets) {
                    let from = whole as f32 - (offset + BASE);
                    let skip = (from as usize).min(SPAN);
                    *place = (skip, self.table.taps(((from - skip as f32) * 4_294_967_040.0) as u32));
                }
                for (tick, out) in row.as_chunks_mut::<TICK>().0.iter_mut().enumerate() {
                    slide(&self.window[tick * TICK..], &places[tick], &places[tick + 1], out);
                }
            }
        }
    }

    /// Writes rows with their input and moves on.
    pub(super) fn write(&mut self, rows: &Rows, part: Range<usize>, input: [&[f32]; 2]) {
        write(&mut self.lines, &mut self.at, rows, part, input);
    }
}

/// Where the waves begin: all over the period.
const START: [u32; 4] = [0, 0x4f00_0000, 0x9100_0000, 0xd300_0000];

/// A wave of parabolas, within a tenth of a sine.
fn wave(phase: u32) -> f32 {
    let x = phase as i32 as f32 * (1.0 / 2_147_483_648.0);
    4.0 * x * (1.0 - x.abs())
}

/// Copies frames out of a ring, from `back` frames behind its writing place on.
#[inline(always)]
fn copy<const N: usize>(line: &[f32], at: usize, back: usize, out: &mut [f32; N]) {
    let start = if at >= back { at - back } else { (at + line.len()).saturating_sub(back) };
    match line.get(start..).and_then(|rest| rest.first_chunk()) {
        Some(frames) => *out = *frames,
        None => {
            for (out, x) in out.iter_mut().zip(line.iter().skip(start).chain(line)) {
                *out = *x;
            }
        }
    }
}

/// Frames at a place that moves from one to the other.
#[inline(always)]
fn slide(window: &[f32], from: &(usize, [f32; TAPS]), to: &(usize, [f32; TAPS]), out: &mut [f32; TICK]) {
    let (one, other) = (between(window, from), between(window, to));
    for i in 0..TICK {
        out[i] = one[i] + (i + 1) as f32 * (1.0 / TICK as f32) * (other[i] - one[i]);
    }
}

#[inline(always)]
fn between(window: &[f32], place: &(usize, [f32; TAPS])) -> [f32; TICK] {
    let mut sum = [0.0; TICK];
    let frames = window.get(place.0..).and_then(|rest| rest.first_chunk::<{ TICK + TAPS - 1 }>());
    if let Some(frames) = frames {
        for k in 0..TAPS {
            for i in 0..TICK {
                sum[i] += place.1[k] * frames[k + i];
            }
        }
    }
    sum
}

dispatched! {
    fn write(
        lines: &mut [Box<[f32]>; LINES],
        at: &mut [usize; LINES],
        rows: &Rows,
        part: Range<usize>,
        input: [&[f32]; 2],
    ) {
        let whole: [Option<&[f32; CHUNK]>; 2] = input.map(|side| side.first_chunk());
        for (j, ((line, at), row)) in lines.iter_mut().zip(at).zip(rows).enumerate() {
            let (side, sign) = entry(j);
            let room = line.get_mut(*at..).and_then(|rest| rest.first_chunk_mut::<CHUNK>());
            if let (Some(line), Some(row), Some(input)) = (room, row.last_chunk::<CHUNK>(), whole[side]) {
                for i in 0..CHUNK {
                    line[i] = flush(row[i] + sign * input[i]);
                }
            } else {
                let row = &row[SILENCE..][part.clone()];
                let first = row.len().min(line.len() - *at);
                let (a, b) = input[side].split_at(first.min(input[side].len()));
                join(&mut line[*at..*at + first], &row[..first], a, sign);
                join(line, &row[first..], b, sign);
            }
            *at += part.len();
            if *at >= line.len() {
                *at -= line.len();
            }
        }
    }
}

/// A row with its input.
fn join(line: &mut [f32], row: &[f32], input: &[f32], sign: f32) {
    for ((line, row), input) in line.iter_mut().zip(row).zip(input) {
        *line = flush(row + sign * input);
    }
}

/// Which input enters a line, and with which sign: the one whose output hears it; a third of the signs is turned.
#[inline(always)]
fn entry(line: usize) -> (usize, f32) {
    (usize::from((line ^ (line >> 1)) & 1 == 1), if line.is_multiple_of(3) { -1.0 } else { 1.0 })
}
