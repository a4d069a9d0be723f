//! Where a voice's signal goes: its bus, pan and sends, each by its own gliding gain.

use super::BLOCK;
use super::buffer::Buffer;
use super::voice_gates::VoiceScale;
use crate::dsp::gains::{Line, add, add_block, add_centre, add_lines};
use crate::dsp::ramp::Ramp;
use crate::link::{MAX_SENDS, SendGain, VoiceMix};
use std::ops::Range;

/// Sends in use at once: those wanted, and as many that are gliding out.
const SEND_SLOTS: usize = 2 * MAX_SENDS;

/// How long a move to another bus takes.
const MOVE_FRAMES: u32 = 4 * BLOCK as u32;

pub(super) struct Outputs {
    bus: u16,
    /// The bus that the voice moves to, and how much of it is there.
    next: Option<(u16, Ramp)>,
    /// The bus to move to after that.
    wanted: Option<u16>,
    left: Ramp,
    right: Ramp,
    sends: [(u16, Ramp); SEND_SLOTS],
    /// How many of the first slots of sends are in use.
    used: usize,
}

/// The gains of one block, each a straight line.
pub(super) struct Lines {
    direct: [Line; 2],
    /// Into the bus that the voice moves to.
    next: Option<(u16, [Line; 2])>,
    sends: [(u16, Line); SEND_SLOTS],
    count: usize,
    silent: bool,
}

/// Gains that rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rest {
    bus: u16,
    count: u16,
    direct: [f32; 2],
    sends: [(u16, f32); MAX_SENDS],
}

impl Rest {
    pub(super) const SILENT: Self = Self { bus: 0, count: 0, direct: [0.0; 2], sends: [(0, 0.0); MAX_SENDS] };

    /// Whether nothing of the voice comes through.
    pub(super) fn is_silent(&self) -> bool {
        self.count == 0 && self.direct == [0.0; 2]
    }

    /// Adds a whole block to the bus and the sends.
    #[inline]
    pub(super) fn emit(&self, signals: [&[f32; BLOCK]; 2], buffers: &mut [Buffer]) {
        if self.direct != [0.0; 2]
            && let Some(buffer) = buffers.get_mut(usize::from(self.bus))
        {
            buffer.fed = true;
            add_block([&mut buffer.left, &mut buffer.right], signals, self.direct);
        }
        for &(bus, gain) in self.sends.iter().take(usize::from(self.count)) {
            send_block(bus, signals, Line::level(gain), buffers);
        }
    }
}

/// Adds a whole block to a send.
#[inline]
fn send_block(bus: u16, signals: [&[f32; BLOCK]; 2], line: Line, buffers: &mut [Buffer]) {
    let Some(buffer) = buffers.get_mut(usize::from(bus)) else { return };
    buffer.fed = true;
    let out = [&mut buffer.left, &mut buffer.right];
    if std::ptr::eq(signals[0], signals[1]) {
        add_centre(out, signals[0], line);
    } else {
        add_lines(out, signals, [line; 2]);
    }
}

impl Lines {
    /// Whether nothing of the voice comes through.
    pub(super) fn is_silent(&self) -> bool {
        self.silent
    }
}

/// A gain over the block that begins, and where its glide then is.
#[inline(always)]
fn glide_line(ramp: &mut Ramp, scale: [f32; 2]) -> Line {
    let from = ramp.current() * scale[0];
    ramp.skip(BLOCK as u32);
    Line::new(from, ramp.current() * scale[1])
}

impl Outputs {
    pub(super) fn new() -> Self {
        let silent = Ramp::new(0.0);
        Self {
            bus: 0,
            next: None,
            wanted: None,
            left: silent,
            right: silent,
            sends: [(0, silent); SEND_SLOTS],
            used: 0,
        }
    }

    /// Begins anew on a bus, with nothing sent anywhere.
    pub(super) fn start(&mut self, bus: u16) {
        *self = Self { bus, ..Self::new() };
    }

    /// The bus that the voice plays on.
    pub(super) fn bus(&self) -> u16 {
        self.bus
    }

    /// Glides to other gains. A send keeps its slot while it is heard; one that is no longer wanted glides out.
    pub(super) fn set(&mut self, mix: &VoiceMix, glide: u32) {
        self.left.set(mix.left, glide);
        self.right.set(mix.right, glide);
        for (bus, ramp) in self.sends.iter_mut().take(self.used) {
            let wanted = mix.sends.iter().find(|send| send.gain > 0.0 && send.bus == *bus);
            ramp.set(wanted.map_or(0.0, |send| send.gain), glide);
        }
        for send in mix.sends.iter().filter(|send| send.gain > 0.0) {
            self.open(send, glide);
        }
    }

    fn open(&mut self, send: &SendGain, glide: u32) {
        let sends = &mut self.sends;
        if sends[..self.used].iter().any(|(bus, ramp)| *bus == send.bus && ramp.target() > 0.0) {
            return;
        }
        let free = |(_, ramp): &(u16, Ramp)| ramp.is_steady() && ramp.current() == 0.0;
        if let Some(place) = sends.iter().position(free) {
            self.used = self.used.max(place + 1);
            let (bus, ramp) = &mut sends[place];
            *bus = send.bus;
            ramp.set(send.gain, glide);
        }
    }

    /// Moves to another bus over the next blocks that sound; a move that is under way ends first.
    pub(super) fn route(&mut self, bus: u16) {
        self.wanted = Some(bus);
        self.set_out();
    }

    /// Begins the move that is wanted, if no other is under way.
    fn set_out(&mut self) {
        if self.next.is_none()
            && let Some(bus) = self.wanted.take().filter(|bus| *bus != self.bus)
        {
            let mut share = Ramp::new(0.0);
            share.set(1.0, MOVE_FRAMES);
            self.next = Some((bus, share));
        }
    }

    /// Follows its buses into a new graph; says whether its own has a successor.
    pub(super) fn follow(&mut self, successor: impl Fn(u16) -> Option<u16>) -> bool {
        let bus = successor(self.bus);
        self.bus = bus.unwrap_or(0);
        self.next = self.next.and_then(|(bus, share)| Some((successor(bus)?, share)));
        self.wanted = self.wanted.and_then(&successor);
        self.set_out();
        for (bus, ramp) in &mut self.sends {
            match successor(*bus) {
                Some(new) => *bus = new,
                None => ramp.jump(0.0),
            }
        }
        bus.is_some()
    }

    /// Notes that the voice is there for a whole block.
    #[inline]
    pub(super) fn count_in(&self, buffers: &mut [Buffer]) {
        if let Some(buffer) = buffers.get_mut(usize::from(self.bus)) {
            buffer.active = 0..BLOCK;
            buffer.voices = buffer.voices.saturating_add(1);
        }
    }

    /// Whether the voice is on its way to another bus.
    pub(super) fn moves(&self) -> bool {
        self.next.is_some()
    }

    /// Is on another bus from now on.
    pub(super) fn place(&mut self, bus: u16) {
        (self.bus, self.next, self.wanted) = (bus, None, None);
    }

    /// Gives slots of sends that came to nothing back.
    fn forget_ended(&mut self) {
        let ended = |(_, ramp): &(u16, Ramp)| ramp.is_steady() && ramp.current() == 0.0;
        while self.sends[..self.used].last().is_some_and(ended) {
            self.used -= 1;
        }
    }

    /// Writes what the gains rest at, and says whether all of them rest and the voice stays on its bus. Written in place,
    /// since this is asked of every moving voice in every block.
    pub(super) fn rest(&self, rest: &mut Rest) -> bool {
        let sends = self.sends.get(..self.used).unwrap_or_default();
        let steady = self.next.is_none() && self.left.is_steady() && self.right.is_steady();
        if !steady || !sends.iter().all(|(_, ramp)| ramp.is_steady()) {
            return false;
        }
        rest.bus = self.bus;
        rest.direct = [self.left.current(), self.right.current()];
        rest.count = 0;
        for (bus, ramp) in sends.iter().filter(|(_, ramp)| ramp.current() != 0.0) {
            let Some(place) = rest.sends.get_mut(usize::from(rest.count)) else { return false };
            *place = (*bus, ramp.current());
            rest.count += 1;
        }
        true
    }

    /// The gains over the block that begins, with what buses do to their voices: `scale` tells it of each. Glides move on
    /// by a block, so a glide that ends within one is there at its end.
    pub(super) fn lines(&mut self, scale: impl Fn(u16) -> VoiceScale) -> Lines {
        let own = scale(self.bus);
        let (from, to, other) = match &mut self.next {
            Some((next, share)) => {
                let from = share.current();
                share.skip(BLOCK as u32);
                (from, share.current(), scale(*next))
            }
            None => (0.0, 0.0, own),
        };
        let gains = [&mut self.left, &mut self.right].map(|ramp| glide_line(ramp, [1.0; 2]));
        let part = |scale: [f32; 2], from: f32, to: f32| {
            gains.map(|line| Line::new(line.start() * scale[0] * from, line.end() * scale[1] * to))
        };
        let mut lines = Lines {
            // The voice leaves one bus and enters the other; together they stay whole.
            direct: part(own.direct, 1.0 - from, 1.0 - to),
            next: self.next.map(|(next, _)| (next, part(other.direct, from, to))),
            sends: [(0, Line::SILENT); SEND_SLOTS],
            count: 0,
            silent: false,
        };
        let blend =
            |place: usize, share: f32| own.sends[place] + share * (other.sends[place] - own.sends[place]);
        let sends = [blend(0, from), blend(1, to)];
        for (bus, ramp) in self.sends.iter_mut().take(self.used) {
            let line = glide_line(ramp, sends);
            if !line.is_silent() {
                lines.sends[lines.count] = (*bus, line);
                lines.count += 1;
            }
        }
        self.forget_ended();
        let still = |lines: &[Line; 2]| lines.iter().all(Line::is_silent);
        lines.silent = lines.count == 0
            && still(&lines.direct)
            && lines.next.as_ref().is_none_or(|(_, next)| still(next));
        lines
    }

    /// Adds a whole block of a voice that stays on its bus; the same as [`Outputs::emit`].
    #[inline]
    pub(super) fn emit_block(&self, lines: &Lines, signals: [&[f32; BLOCK]; 2], buffers: &mut [Buffer]) {
        if !lines.direct.iter().all(Line::is_silent)
            && let Some(buffer) = buffers.get_mut(usize::from(self.bus))
        {
            buffer.fed = true;
            add_lines([&mut buffer.left, &mut buffer.right], signals, lines.direct);
        }
        for &(bus, line) in lines.sends.iter().take(lines.count) {
            send_block(bus, signals, line, buffers);
        }
    }

    /// Ends a block in which the voice was there in these frames.
    pub(super) fn end_block(&mut self, frames: Range<usize>, buffers: &mut [Buffer]) {
        if frames.is_empty() {
            return;
        }
        if let Some((next, _)) = self.next.take_if(|(_, share)| share.is_steady()) {
            self.bus = next;
            self.set_out();
        }
        if let Some(buffer) = buffers.get_mut(usize::from(self.bus)) {
            buffer.mark_active(&frames);
            buffer.voices = buffer.voices.saturating_add(1);
        }
    }

    /// Adds a stretch of signal, from frame `first` of the block on, to the bus and the sends.
    pub(super) fn emit(&self, lines: &Lines, signals: [&[f32]; 2], first: usize, buffers: &mut [Buffer]) {
        let mut give = |bus: u16, gains: [Line; 2]| {
            if gains.iter().all(Line::is_silent) {
                return;
            }
            let Some(buffer) = buffers.get_mut(usize::from(bus)) else { return };
            let frames = first..first + signals[0].len();
            if let (Some(left), Some(right)) =
                (buffer.left.get_mut(frames.clone()), buffer.right.get_mut(frames))
            {
                buffer.fed = true;
                add([left, right], signals, gains, first);
            }
        };
        give(self.bus, lines.direct);
        if let Some((bus, gains)) = lines.next {
            give(bus, gains);
        }
        for &(bus, gain) in &lines.sends[..lines.count] {
            give(bus, [gain; 2]);
        }
    }
}
