//! A stereo delay line and a read head that moves by crossfade.
//!
//! Lives here: what the delay and the reverb's pre-delay share. May be named here: [`Ramp`]. Runs on the
//! audio thread.

use super::{BLOCK, Ramp};

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
        for (side, out) in self.sides.iter().zip(out) {
            let back = back.min(side.len());
            let start = (self.at + side.len() - back) % side.len();
            let first = out.len().min(side.len() - start);
            let (a, b) = out.split_at_mut(first);
            a.copy_from_slice(&side[start..start + first]);
            let rest = b.len().min(side.len());
            b[..rest].copy_from_slice(&side[..rest]);
        }
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
        self.at = (self.at + input[0].len()) % length;
    }
}

/// Where a line is read: one place, or two while it fades from one to the other.
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
