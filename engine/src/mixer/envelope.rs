//! A voice's fades: in at its start, out before its natural end, out when it is stopped, and the gate that closes for a
//! pause or a leap. Each has a ramp of its own and they multiply, so that any may begin while another is on its way.

use crate::dsp::BLOCK;
use crate::dsp::fade::{FadeShape, bend};
use crate::dsp::gains::scale;
use crate::dsp::ramp::Ramp;
use crate::link::Start;

/// An even way between silence and all, and the course of the gain on it.
#[derive(Debug, Clone, Copy)]
struct Fade {
    way: Ramp,
    shape: FadeShape,
}

impl Fade {
    fn open(shape: FadeShape) -> Self {
        Self { way: Ramp::new(1.0), shape }
    }

    /// Heads for silence in that many frames, from wherever it is.
    fn fall(&mut self, frames: u32) {
        self.way.jump(self.way.current());
        self.way.set(0.0, frames);
    }

    fn is_open(&self) -> bool {
        self.way.is_steady() && self.way.current() == 1.0
    }

    fn is_closed(&self) -> bool {
        self.way.is_steady() && self.way.current() == 0.0
    }

    fn fill(&mut self, gains: &mut [f32]) {
        self.way.fill(gains);
        bend(self.shape, gains);
    }
}

pub(super) struct Envelope {
    rise: Fade,
    end: Fade,
    stop: Fade,
    gate: Fade,
    ending: bool,
    stopping: bool,
}

impl Envelope {
    pub(super) fn new(order: &Start) -> Self {
        let mut rise = Fade::open(order.fade_in_shape);
        if order.fade_in > 0 {
            rise.way = Ramp::new(0.0);
            rise.way.set(1.0, order.fade_in);
        }
        Self {
            rise,
            end: Fade::open(order.fade_out_shape),
            stop: Fade::open(order.stop_shape),
            gate: Fade::open(FadeShape::Linear),
            ending: false,
            stopping: false,
        }
    }

    /// Open, for a slot without a tenant.
    pub(super) fn vacant() -> Self {
        let open = Fade::open(FadeShape::Linear);
        Self { rise: open, end: open, stop: open, gate: open, ending: false, stopping: false }
    }

    /// The natural end is `left` frames away: silent by then. Called again when the pitch brings it nearer.
    pub(super) fn end_in(&mut self, left: u32) {
        if !self.ending || left < self.end.way.remaining() {
            self.ending = true;
            self.end.fall(left);
        }
    }

    /// The natural end is somewhere else now.
    pub(super) fn forget_end(&mut self) {
        self.ending = false;
        self.end.way.jump(1.0);
    }

    /// A stop: silent after `fade` frames, or sooner if another stop is quicker.
    pub(super) fn stop_in(&mut self, fade: u32) {
        if !self.stopping || fade < self.stop.way.remaining() {
            self.stopping = true;
            self.stop.fall(fade);
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// Frames until a stop's fade is over; `None` when nothing was stopped.
    pub(super) fn stops_in(&self) -> Option<usize> {
        self.stopping.then_some(self.stop.way.remaining() as usize)
    }

    /// Closes the gate, or opens it again.
    pub(super) fn set_gate(&mut self, open: bool, fade: u32) {
        self.gate.way.set(f32::from(u8::from(open)), fade);
    }

    /// Whether the gate is closed and stays so.
    pub(super) fn is_gate_closed(&self) -> bool {
        self.gate.is_closed()
    }

    /// Frames until the gate is closed, if it closes.
    pub(super) fn closes_in(&self) -> Option<usize> {
        (self.gate.way.target() == 0.0).then_some(self.gate.way.remaining() as usize)
    }

    /// Whether the signal passes as it is.
    pub(super) fn is_unity(&self) -> bool {
        [&self.rise, &self.end, &self.stop, &self.gate].iter().all(|fade| fade.is_open())
    }

    /// Writes the next gains, at most a block of them.
    pub(super) fn fill(&mut self, gains: &mut [f32]) {
        self.rise.fill(gains);
        let mut more = [0.0; BLOCK];
        let more = &mut more[..gains.len().min(BLOCK)];
        for fade in [&mut self.end, &mut self.stop, &mut self.gate] {
            if fade.is_open() {
                continue;
            }
            fade.fill(more);
            scale(gains, more);
        }
    }

    /// Moves on by frames that nobody hears.
    pub(super) fn skip(&mut self, frames: u32) {
        for fade in [&mut self.rise, &mut self.end, &mut self.stop, &mut self.gate] {
            fade.way.skip(frames);
        }
    }
}
