//! Where a voice's signal goes: its bus, pan and sends, each by its own gliding gain.

use super::BLOCK;
use super::buffers::Buffers;
use super::voice_gates::VoiceScale;
use crate::dsp::gains::{Line, add, add_mono, add_mono_part};
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

    /// The voice's bus.
    pub(super) fn bus(&self) -> u16 {
        self.bus
    }

    /// Whether nothing of the voice comes through.
    pub(super) fn is_silent(&self) -> bool {
        self.count == 0 && self.direct == [0.0; 2]
    }

    /// Adds a whole block to the bus and the sends.
    #[inline]
    pub(super) fn emit(&self, signals: [&[f32; BLOCK]; 2], buffers: &mut Buffers) {
        let sends = self.sends.map(|(bus, gain)| (bus, Line::level(gain)));
        let sends = sends.get(..usize::from(self.count)).unwrap_or_default();
        give_block((self.bus, self.direct.map(Line::level)), sends, signals, buffers);
    }
}

/// Adds a whole block to a voice's bus and sends.
#[inline]
fn give_block(
    (bus, direct): (u16, [Line; 2]),
    sends: &[(u16, Line)],
    signals: [&[f32; BLOCK]; 2],
    buffers: &mut Buffers,
) {
    let heard = !direct.iter().all(Line::is_silent);
    if heard && std::ptr::eq(signals[0], signals[1]) {
        let (own, right, signal) = ((bus, direct[0]), direct[1], signals[0]);
        let done = match *sends {
            [] => fan([own], right, signal, buffers),
            [a] => fan([own, a], right, signal, buffers),
            [a, b] => fan([own, a, b], right, signal, buffers),
            [a, b, c] => fan([own, a, b, c], right, signal, buffers),
            [a, b, c, d] => fan([own, a, b, c, d], right, signal, buffers),
            _ => false,
        };
        if done {
            return;
        }
    }
    let signals = signals.map(|signal| &signal[..]);
    if heard {
        give(bus, direct, signals, 0, buffers);
    }
    for &(bus, line) in sends {
        give(bus, [line; 2], signals, 0, buffers);
    }
}

/// Adds a whole block of a mono voice to the bus that comes first and to the sends behind it, in one pass, unless two are
/// the same; says whether it did. `right` is the gain on the bus's right side.
#[inline(always)]
fn fan<const N: usize>(
    targets: [(u16, Line); N],
    right: Line,
    signal: &[f32; BLOCK],
    buffers: &mut Buffers,
) -> bool {
    let Some(buffers) = buffers.feed_all(targets.map(|(bus, _)| bus)) else { return false };
    let lines = targets.map(|(_, line)| line);
    let mut panned = lines.first().is_some_and(|left| *left != right);
    let mut side = None;
    let outs = buffers.map(|buffer| {
        if std::mem::take(&mut panned) {
            side = Some((&mut buffer.right, right));
            return &mut buffer.left;
        }
        buffer.centred = true;
        &mut buffer.centre
    });
    add_mono(outs, lines, side, signal);
    true
}

/// Adds a stretch of signal, from frame `first` of the block on, to a bus or a send.
fn give(bus: u16, lines: [Line; 2], signals: [&[f32]; 2], first: usize, buffers: &mut Buffers) {
    if lines.iter().all(Line::is_silent) {
        return;
    }
    let Some(buffer) = buffers.feed(bus) else { return };
    let frames = first..first + signals[0].len();
    if std::ptr::eq(signals[0], signals[1]) && lines[0] == lines[1] {
        if let Some(centre) = buffer.centre.get_mut(frames) {
            buffer.centred = true;
            add_mono_part(centre, signals[0], lines[0], first);
        }
    } else if let (Some(left), Some(right)) =
        (buffer.left.get_mut(frames.clone()), buffer.right.get_mut(frames))
    {
        add([left, right], signals, lines, first);
    }
}

impl Lines {
    pub(super) fn new() -> Self {
        Self {
            direct: [Line::SILENT; 2],
            next: None,
            sends: [(0, Line::SILENT); SEND_SLOTS],
            count: 0,
            silent: true,
        }
    }

    fn sends(&self) -> &[(u16, Line)] {
        self.sends.get(..self.count).unwrap_or_default()
    }

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
    /// by a block, so a glide that ends within one is there at its end. Written in place, since moving voices ask for it
    /// in every block.
    pub(super) fn lines(&mut self, lines: &mut Lines, scale: impl Fn(u16) -> VoiceScale) {
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
        // The voice leaves one bus and enters the other; together they stay whole.
        lines.direct = part(own.direct, 1.0 - from, 1.0 - to);
        lines.next = self.next.map(|(next, _)| (next, part(other.direct, from, to)));
        lines.count = 0;
        let blend =
            |place: usize, share: f32| own.sends[place] + share * (other.sends[place] - own.sends[place]);
        let sends = [blend(0, from), blend(1, to)];
        for (bus, ramp) in self.sends.iter_mut().take(self.used) {
            let line = glide_line(ramp, sends);
            if let Some(place) = lines.sends.get_mut(lines.count).filter(|_| !line.is_silent()) {
                *place = (*bus, line);
                lines.count += 1;
            }
        }
        self.forget_ended();
        let still = |lines: &[Line; 2]| lines.iter().all(Line::is_silent);
        lines.silent = lines.count == 0
            && still(&lines.direct)
            && lines.next.as_ref().is_none_or(|(_, next)| still(next));
    }

    /// Adds a whole block of a voice that stays on its bus; the same as [`Outputs::emit`].
    #[inline]
    pub(super) fn emit_block(&self, lines: &Lines, signals: [&[f32; BLOCK]; 2], buffers: &mut Buffers) {
        give_block((self.bus, lines.direct), lines.sends(), signals, buffers);
    }

    /// Ends a block in which the voice was there in these frames.
    pub(super) fn end_block(&mut self, frames: Range<usize>, buffers: &mut Buffers) {
        if frames.is_empty() {
            return;
        }
        if let Some((next, _)) = self.next.take_if(|(_, share)| share.is_steady()) {
            self.bus = next;
            self.set_out();
        }
        buffers.count_voice(self.bus, frames);
    }

    /// Adds a stretch of signal, from frame `first` of the block on, to the bus and the sends.
    pub(super) fn emit(&self, lines: &Lines, signals: [&[f32]; 2], first: usize, buffers: &mut Buffers) {
        give(self.bus, lines.direct, signals, first, buffers);
        if let Some((bus, gains)) = lines.next {
            give(bus, gains, signals, first, buffers);
        }
        for &(bus, gain) in lines.sends() {
            give(bus, [gain; 2], signals, first, buffers);
        }
    }
}
