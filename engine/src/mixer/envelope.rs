//! A voice's fades: in at its start, out before its natural end, out when it is stopped. Each has a ramp of its
//! own and they multiply, so that any may begin while another is on its way.

use crate::dsp::BLOCK;
use crate::dsp::ramp::Ramp;

pub(super) struct Envelope {
    rise: Ramp,
    end: Ramp,
    stop: Ramp,
    ending: bool,
    stopping: bool,
}

/// Heads for silence in that many frames, from wherever the ramp is.
fn fall(ramp: &mut Ramp, frames: u32) {
    ramp.jump(ramp.current());
    ramp.set(0.0, frames);
}

impl Envelope {
    /// Rises over `fade_in` frames.
    pub(super) fn new(fade_in: u32) -> Self {
        let mut rise = Ramp::new(if fade_in > 0 { 0.0 } else { 1.0 });
        rise.set(1.0, fade_in);
        Self { rise, end: Ramp::new(1.0), stop: Ramp::new(1.0), ending: false, stopping: false }
    }

    /// The natural end is `left` frames away: silent by then. Called again when the pitch brings it nearer.
    pub(super) fn end_in(&mut self, left: u32) {
        if !self.ending || left < self.end.remaining() {
            self.ending = true;
            fall(&mut self.end, left);
        }
    }

    /// A stop: silent after `fade` frames, or sooner if another stop is quicker.
    pub(super) fn stop_in(&mut self, fade: u32) {
        if !self.stopping || fade < self.stop.remaining() {
            self.stopping = true;
            fall(&mut self.stop, fade);
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// Frames until a stop's fade is over; `None` when nothing was stopped.
    pub(super) fn stops_in(&self) -> Option<usize> {
        self.stopping.then_some(self.stop.remaining() as usize)
    }

    /// Whether the signal passes as it is.
    pub(super) fn is_unity(&self) -> bool {
        [&self.rise, &self.end, &self.stop].iter().all(|ramp| ramp.is_steady() && ramp.current() == 1.0)
    }

    /// Writes the next gains.
    pub(super) fn fill(&mut self, gains: &mut [f32]) {
        self.rise.fill(gains);
        let mut more = [0.0; BLOCK];
        let more = &mut more[..gains.len()];
        for ramp in [&mut self.end, &mut self.stop] {
            if ramp.is_steady() && ramp.current() == 1.0 {
                continue;
            }
            ramp.fill(more);
            for (gain, more) in gains.iter_mut().zip(&*more) {
                *gain *= more;
            }
        }
    }
}
