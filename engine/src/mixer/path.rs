//! A bus's way into another bus: how loud, from before or after the fader, and by how much it waits for others.

use super::buffer::Buffer;
use super::fader::Fader;
use crate::dsp::BLOCK;
use crate::dsp::line::{Head, Line};

/// Where a bus's signal is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tap {
    /// After ducking and fader.
    Post,
    /// After the effects, before ducking and fader.
    Pre,
    /// As [`Tap::Post`], a block late: the one way that may lead back.
    Delayed,
}

/// One way from a bus.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PathSpec {
    /// The bus it leads to.
    pub to: u16,
    /// The linear gain; zero for one that ends with a reload.
    pub gain: f32,
    /// Where the signal is taken.
    pub tap: Tap,
    /// Whether it is the way to the parent, and no send.
    pub parent: bool,
}

/// The longest wait for other ways, in frames.
pub(super) const LONGEST_WAIT: usize = 16_384 - BLOCK;

pub(super) struct Path {
    pub(super) spec: PathSpec,
    pub(super) gain: Fader,
    /// What makes it as long as the other ways into the same bus.
    pub(super) wait: Option<Box<Wait>>,
}

impl Path {
    pub(super) fn new(spec: PathSpec, wait: usize, glide: u32) -> Self {
        let wait = (wait > 0).then(|| Box::new(Wait::new(wait, glide)));
        Self { spec, gain: Fader::new(spec.gain), wait }
    }

    /// Whether this is the way that `other` was, before buses moved.
    pub(super) fn continues(&self, other: &Self, moved: &impl Fn(u16) -> Option<u16>) -> bool {
        let same_tap = self.spec.tap == other.spec.tap && self.spec.parent == other.spec.parent;
        same_tap && moved(other.spec.to) == Some(self.spec.to)
    }

    /// Goes on from where the same way of the old graph was; a new one opens in a glide.
    pub(super) fn take_over(&mut self, old: &mut [Self], moved: &impl Fn(u16) -> Option<u16>, glide: u32) {
        match old.iter_mut().find(|old| self.continues(old, moved)) {
            Some(old) => {
                self.gain.take_over(&old.gain, glide);
                match (&mut self.wait, &mut old.wait) {
                    (Some(wait), Some(old)) => wait.take_over(old),
                    (Some(wait), None) => wait.enter(),
                    (None, Some(_)) => {
                        self.wait = old.wait.take();
                        self.wait.iter_mut().for_each(|wait| wait.end());
                    }
                    (None, None) => {}
                }
            }
            None => {
                let gain = self.gain.target();
                self.gain.jump(0.0);
                self.gain.set(gain, glide);
            }
        }
    }

    /// Rests at its gain, with nothing on the way: what a bus that falls asleep may do unheard.
    pub(super) fn settle(&mut self) {
        self.gain.settle();
        if let Some(wait) = &mut self.wait {
            wait.settle();
        }
    }

    /// Frames until what went in last has come out.
    pub(super) fn tail(&self) -> usize {
        self.wait.as_ref().map_or(0, |wait| wait.tail())
    }

    /// Gives the bus's signal to the one it leads to, and a copy to a stem.
    pub(super) fn give(&mut self, own: &Buffer, target: &mut Buffer, stem: Option<&mut Buffer>) {
        let mut late = Buffer::SILENT;
        let from = match &mut self.wait {
            Some(wait) => {
                (late.left, late.right) = (own.left, own.right);
                wait.process(&mut late);
                &late
            }
            None => own,
        };
        if let Some(stem) = stem {
            stem.add_scaled(from, &mut self.gain.clone());
        }
        target.add_scaled(from, &mut self.gain);
    }
}

/// A delay that makes parallel ways equally long. A change crossfades.
pub(super) struct Wait {
    line: Line,
    head: Head,
    wanted: usize,
    /// Frames written since the line began empty.
    filled: usize,
}

impl Wait {
    pub(super) fn new(frames: usize, glide: u32) -> Self {
        let wanted = frames.min(LONGEST_WAIT);
        Self {
            line: Line::new(LONGEST_WAIT + BLOCK),
            head: Head::new(wanted, glide),
            wanted,
            filled: usize::MAX,
        }
    }

    /// Frames until what went in last has come out.
    pub(super) fn tail(&self) -> usize {
        self.wanted.max(self.head.longest())
    }

    /// Begins in the middle of a sound: what came before is not in the line, so it is heard without delay until
    /// the line is full enough.
    pub(super) fn enter(&mut self) {
        self.head.set(0);
        self.head.jump();
        self.filled = 0;
    }

    /// Goes on from another one, towards its own delay.
    pub(super) fn take_over(&mut self, old: &mut Self) {
        std::mem::swap(&mut self.line, &mut old.line);
        std::mem::swap(&mut self.head, &mut old.head);
        self.filled = old.filled;
    }

    /// Is no longer wanted: fades to no delay.
    pub(super) fn end(&mut self) {
        self.wanted = 0;
    }

    /// Stands at its own delay at once, in silence.
    pub(super) fn settle(&mut self) {
        self.line.clear();
        self.head.set(self.wanted);
        self.head.jump();
        self.filled = usize::MAX;
    }

    /// Delays a block in place.
    pub(super) fn process(&mut self, block: &mut Buffer) {
        self.line.write([&block.left, &block.right]);
        self.filled = self.filled.saturating_add(BLOCK);
        if self.filled >= self.wanted + BLOCK {
            self.head.set(self.wanted);
        }
        self.head.begin();
        self.head.read(&self.line, BLOCK, &mut block.left, &mut block.right);
    }
}
