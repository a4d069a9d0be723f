//! A stereo delay line, a read head that moves by crossfade, and a delay that never moves.
//!
//! Lives here: what everything that looks back in time, or ahead, shares. May be named here: [`Ramp`]. Runs on the audio
//! thread.

use super::{BLOCK, Ramp, StereoMut};

/// The last frames of a stereo signal.
#[derive(Debug)]
pub(crate) struct Line {
    sides: [Box<[f32]>; 2],
    at: usize,
}

impl Line {
    /// A line that can look `frames` back.
    pub(crate) fn new(frames: usize) -> Self {
        let frames = frames.max(1);
        Self { sides: [vec![0.0; frames].into(), vec![0.0; frames].into()], at: 0 }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.sides.iter_mut().for_each(|side| side.fill(0.0));
    }

    /// Reads frames from `back` frames behind the writing place on; `back` at least as long as `out`.
    pub(crate) fn read(&self, back: usize, out: [&mut [f32]; 2]) {
        for (side, out) in out.into_iter().enumerate() {
            self.read_side(side, back, out);
        }
    }

    /// The same of one side.
    pub(crate) fn read_side(&self, side: usize, back: usize, out: &mut [f32]) {
        let (head, tail) = self.parts(side, back, out.len());
        let (a, b) = out.split_at_mut(head.len());
        a.copy_from_slice(head);
        let rest = b.len().min(tail.len());
        b[..rest].copy_from_slice(&tail[..rest]);
    }

    /// Where those frames lie: one stretch of memory, or two where the line's end comes between.
    pub(crate) fn parts(&self, side: usize, back: usize, frames: usize) -> (&[f32], &[f32]) {
        let side = &self.sides[usize::from(side != 0)];
        // Without a division: it would cost as much as the copy.
        let back = back.min(side.len());
        let start = if back <= self.at { self.at - back } else { self.at + side.len() - back };
        let first = frames.min(side.len() - start);
        (&side[start..start + first], &side[..(frames - first).min(side.len())])
    }

    /// Writes frames, both sides equally many, and moves on.
    pub(crate) fn write(&mut self, input: [&[f32]; 2]) {
        let length = self.sides[0].len();
        for (side, input) in self.sides.iter_mut().zip(input) {
            let first = input.len().min(length - self.at);
            let (a, b) = input.split_at(first);
            side[self.at..self.at + first].copy_from_slice(a);
            let rest = b.len().min(length);
            side[..rest].copy_from_slice(&b[..rest]);
        }
        self.at += input[0].len();
        if self.at >= length {
            self.at %= length;
        }
    }
}

/// Where both sides of a line are read: one place, or two while it fades from one to the other.
#[derive(Debug)]
pub(crate) struct Head {
    now: usize,
    next: usize,
    wanted: usize,
    fade: Ramp,
    glide: u32,
}

impl Head {
    pub(crate) fn new(delay: usize, glide: u32) -> Self {
        Self { now: delay, next: delay, wanted: delay, fade: Ramp::new(0.0), glide }
    }

    /// Wants another delay; it is begun once a running fade has ended.
    pub(crate) fn set(&mut self, delay: usize) {
        self.wanted = delay;
    }

    /// The longest delay now read.
    pub(crate) fn longest(&self) -> usize {
        self.now.max(self.next)
    }

    /// Stands at the wanted delay at once.
    pub(crate) fn jump(&mut self) {
        *self = Self::new(self.wanted, self.glide);
    }

    /// Ends a fade that has arrived and begins one that waits; then the shortest delay now read.
    pub(crate) fn begin(&mut self) -> usize {
        if self.next != self.now && self.fade.is_steady() {
            self.now = self.next;
            self.fade.jump(0.0);
        }
        if self.next == self.now && self.wanted != self.now {
            self.next = self.wanted;
            self.fade.set(1.0, self.glide);
        }
        self.now.min(self.next)
    }

    /// Reads a chunk of at most [`BLOCK`] frames; `more` is added to the delay.
    pub(crate) fn read(&mut self, line: &Line, more: usize, left: &mut [f32], right: &mut [f32]) {
        line.read(self.now + more, [&mut *left, &mut *right]);
        if self.next == self.now {
            return;
        }
        let n = left.len().min(BLOCK);
        let (mut l, mut r, mut fade) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        line.read(self.next + more, [&mut l[..n], &mut r[..n]]);
        self.fade.fill(&mut fade[..n]);
        for (out, new) in [(left, &l), (right, &r)] {
            for ((out, new), fade) in out.iter_mut().zip(new).zip(&fade) {
                *out += fade * (new - *out);
            }
        }
    }
}

/// A fixed delay of a stereo signal, in place.
#[derive(Debug, Default)]
pub(crate) struct Lag {
    sides: [Box<[f32]>; 2],
    at: usize,
}

impl Lag {
    pub(crate) fn new(frames: usize) -> Self {
        Self { sides: [vec![0.0; frames].into(), vec![0.0; frames].into()], at: 0 }
    }

    /// By how many frames the output is later.
    pub(crate) fn frames(&self) -> usize {
        self.sides[0].len()
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.sides.iter_mut().for_each(|side| side.fill(0.0));
        self.at = 0;
    }

    /// Swaps the block for that of so many frames ago.
    pub(crate) fn process(&mut self, block: &mut StereoMut<'_>) {
        if self.frames() == 0 {
            return;
        }
        let n = block.len();
        for (side, samples) in self.sides.iter_mut().zip([&mut *block.left, &mut *block.right]) {
            let (mut at, mut samples) = (self.at, &mut samples[..n]);
            while !samples.is_empty() {
                if at >= side.len() {
                    at = 0;
                }
                let (now, rest) = samples.split_at_mut(samples.len().min(side.len() - at));
                side[at..at + now.len()].swap_with_slice(now);
                at += now.len();
                samples = rest;
            }
        }
        self.at = (self.at + n) % self.frames();
    }
}
