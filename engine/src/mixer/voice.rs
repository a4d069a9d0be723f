//! One voice: a sample on its way through loops, pitch, filter and fades into its bus and sends.
//!
//! A block is cut at what happens inside it (the start, a stop, the loop's seam, the fade before the end), so
//! each of these is exact to the sample. A voice at its sample's own rate is a multiply-add straight from the
//! sample's memory; only a pitched one interpolates. One that nothing is heard of only counts on.

use super::BLOCK;
use super::buffers::Buffers;
use super::bus::Bus;
use super::envelope::Envelope;
use super::outputs::{Lines, Outputs, Rest};
use super::playhead::{NEVER, Playhead};
use super::stream::{EMPTY, Room, Stream};
use super::voice_filter::Filter;
use super::voice_gates::VoiceScale;
use crate::dsp::gains::scale;
use crate::dsp::interp::{Interpolation, Interpolator};
use crate::dsp::one_pole::share;
use crate::dsp::simd::{FETCHED, fetch, fetch_value};
use crate::link::{PageReader, Start, VoiceId, VoiceMix};
use crate::media::Sample;
use std::ops::Range;
use std::sync::Arc;

/// What a bus does to its voices over this block.
fn scale_of(buses: &[Bus], bus: u16) -> VoiceScale {
    buses.get(usize::from(bus)).map_or(VoiceScale::UNITY, |bus| bus.voices.scale())
}

/// Memory for one block of one voice, shared by all voices in turn.
pub(super) struct Scratch {
    source: [[f32; BLOCK]; 2],
    filtered: [[f32; BLOCK]; 2],
    gains: [f32; BLOCK],
    lines: Lines,
    room: Room,
    /// Whether the voice that was rendered last fell short of its stream.
    pub(super) starved: bool,
}

impl Scratch {
    pub(super) fn new() -> Self {
        // Built here, before anything sounds.
        Interpolator::shared(Interpolation::default());
        let room = [[0.0; BLOCK]; 2];
        Self {
            source: room,
            filtered: room,
            gains: [0.0; BLOCK],
            lines: Lines::new(),
            room: EMPTY,
            starved: false,
        }
    }
}

/// Whether a voice goes on after a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    Goes,
    /// The sample came to its end.
    Ended,
    /// A stop's fade came to its end.
    Stopped,
}

/// What a block of a voice that rests needs comes first, in two cache lines: with thousands of voices the rest of them
/// isn't even looked at.
#[repr(C, align(64))]
pub(super) struct Voice {
    sample: Option<Arc<Sample>>,
    /// The place in the sample before which nothing happens but reading on: no fade, no glide of the pitch, no order that
    /// waits. Not above any place while something does.
    calm_until: f64,
    head: Playhead,
    id: VoiceId,
    life: Life,
    paused: bool,
    fold: bool,
    /// Whether the gains rest, and at what.
    rests: bool,
    rest: Rest,
    filter: Filter,
    outputs: Outputs,
    envelope: Envelope,
    start_at: u64,
    stop_at: Option<(u64, u32)>,
    /// Frames of fade before the natural end.
    fade_out: u32,
    /// Where to go on once the gate is closed, and how long it then takes to open.
    leap: Option<(f64, u32)>,
    /// Where the sample's frames come from, if they are not all in memory. Such a voice never takes the short way.
    stream: Option<Stream>,
}

const _: () = assert!(std::mem::offset_of!(Voice, outputs) <= FETCHED);

impl Voice {
    pub(super) fn vacant() -> Self {
        Self {
            id: VoiceId { slot: 0, generation: 0 },
            sample: None,
            start_at: 0,
            stop_at: None,
            head: Playhead::vacant(),
            fold: false,
            outputs: Outputs::new(),
            filter: Filter::new(),
            envelope: Envelope::vacant(),
            fade_out: 0,
            paused: false,
            leap: None,
            stream: None,
            life: Life::Goes,
            calm_until: NEVER,
            rests: false,
            rest: Rest::SILENT,
        }
    }

    pub(super) fn id(&self) -> VoiceId {
        self.id
    }

    pub(super) fn is_vacant(&self) -> bool {
        self.sample.is_none()
    }

    pub(super) fn life(&self) -> Life {
        self.life
    }

    /// Empties the slot; the sample and the stream's pages must go home to be freed.
    pub(super) fn vacate(&mut self) -> (Option<Arc<Sample>>, Option<Box<PageReader>>) {
        (self.sample.take(), self.stream.take().map(Stream::into_pages))
    }

    /// Takes the stream of the sample that is to start in this vacant slot. Gives it back if it can't.
    pub(super) fn expect(&mut self, pages: Box<PageReader>) -> Option<Box<PageReader>> {
        if !self.is_vacant() || self.stream.is_some() {
            return Some(pages);
        }
        self.stream = Some(Stream::new(pages));
        None
    }

    /// The stream, if it fell short.
    pub(super) fn starved(&mut self) -> Option<&mut Stream> {
        self.stream.as_mut().filter(|stream| stream.is_untold())
    }

    /// The place in the sample as a share of its length.
    pub(super) fn progress(&self) -> f64 {
        self.sample.as_ref().map_or(0.0, |sample| self.head.place(sample) / sample.frames() as f64)
    }

    /// Takes a vacant slot only to report that nothing came of it.
    pub(super) fn refuse(&mut self, id: VoiceId) {
        (self.id, self.life) = (id, Life::Stopped);
    }

    /// Begins a new life in a vacant slot. `position` is in the sample's frames.
    pub(super) fn start(&mut self, order: &Start, sample: Arc<Sample>, position: f64, sample_rate: u32) {
        *self = Self {
            id: order.voice,
            start_at: order.at,
            head: Playhead::new(order, &sample, position),
            fold: order.fold && sample.is_stereo(),
            envelope: Envelope::new(order),
            fade_out: if order.looping { 0 } else { order.fade_out },
            sample: Some(sample),
            stream: self.stream.take(),
            ..Self::vacant()
        };
        self.outputs.start(order.bus);
        self.set_mix(&order.mix, 0, sample_rate);
    }

    /// Glides to new gains, sends and pitch; before the voice's first sample there is nothing to glide from.
    pub(super) fn mix(&mut self, mix: &VoiceMix, glide: u32, now: u64, sample_rate: u32) {
        self.set_mix(mix, if self.start_at > now { 0 } else { glide }, sample_rate);
    }

    fn set_mix(&mut self, mix: &VoiceMix, glide: u32, sample_rate: u32) {
        self.rests = false;
        self.outputs.set(mix, glide);
        if self.head.set_rate(mix.rate, glide) {
            self.calm_until = NEVER;
        }
        self.filter.share.set(share(mix.cutoff, sample_rate), glide);
    }

    /// Moves to another bus: in a crossfade, or at once if nothing is heard of the voice.
    pub(super) fn route(&mut self, bus: u16, now: u64) {
        self.disturb();
        if self.start_at > now || self.is_held() {
            self.outputs.place(bus);
        } else {
            self.outputs.route(bus);
        }
    }

    /// Stops from frame `at` on; of several stops, the one that ends first counts. What is stopped before its
    /// start, or while it is held, is not heard again.
    pub(super) fn stop(&mut self, at: u64, fade: u32, now: u64) {
        self.disturb();
        if (self.start_at > now && at <= self.start_at) || self.is_held() {
            self.life = Life::Stopped;
        }
        let end = |(at, fade): (u64, u32)| at.max(now) + u64::from(fade);
        if self.stop_at.is_none_or(|other| end((at, fade)) < end(other)) {
            self.stop_at = Some((at, fade));
        }
    }

    /// Holds the voice where it is, or lets it go on.
    pub(super) fn pause(&mut self, on: bool, fade: u32, now: u64) {
        self.disturb();
        self.paused = on;
        if self.leap.is_none() {
            self.envelope.set_gate(!on, if self.start_at > now { 0 } else { fade });
        }
    }

    /// Goes on at another place of the sample.
    pub(super) fn seek(&mut self, to: f64, fade: u32, now: u64) {
        self.disturb();
        let Some(sample) = &self.sample else { return };
        if self.leap.is_none() && (self.start_at > now || self.envelope.is_gate_closed()) {
            self.head.jump(to, sample);
            self.envelope.forget_end();
            if let Some(stream) = &mut self.stream {
                stream.land();
            }
            return;
        }
        if let Some(stream) = &mut self.stream {
            stream.lead(to);
        }
        self.leap = Some((to, fade));
        self.envelope.set_gate(false, fade);
    }

    /// Leaves the loop at the lap's end.
    pub(super) fn leave_loop(&mut self) {
        self.disturb();
        if let Some(sample) = &self.sample {
            self.head.leave_loop(sample);
        }
    }

    /// Whether it is paused, and silent by now.
    fn is_held(&self) -> bool {
        self.paused && self.leap.is_none() && self.envelope.is_gate_closed()
    }

    /// Follows its buses into a new graph. One whose bus is gone, faded out with all on it, ends.
    pub(super) fn follow(&mut self, successor: impl Fn(u16) -> Option<u16>) {
        self.disturb();
        if !self.outputs.follow(successor) {
            self.life = Life::Stopped;
        }
    }

    /// Brings near what the next block looks at first.
    #[inline]
    pub(super) fn fetch(&self) {
        fetch_value(self);
    }

    /// Brings near what the next block will read, if it is heard.
    #[inline]
    pub(super) fn fetch_sound(&self) {
        if let Some(sample) = &self.sample
            && self.calm_until > NEVER
        {
            fetch(self.head.ahead(sample));
        }
    }

    /// Renders the block that begins at `now` into the buses.
    pub(super) fn render(&mut self, now: u64, buses: &[Bus], buffers: &mut Buffers, scratch: &mut Scratch) {
        if self.is_held() {
            // Nobody hears it fade: what is stopped while it is held ends at once.
            if self.stop_at.is_some() || self.envelope.is_stopping() {
                self.life = Life::Stopped;
            }
            if let (Some(stream), Some(sample)) = (&mut self.stream, &self.sample) {
                if !self.head.is_looping() {
                    stream.leave_loop();
                }
                stream.idle(self.head.place(sample));
            }
            return;
        }
        if self.render_calm(buses, buffers, scratch) {
            return;
        }
        let Some(sample) = self.sample.take() else { return };
        self.outputs.lines(&mut scratch.lines, |bus| scale_of(buses, bus));
        let begin = self.start_at.saturating_sub(now).min(BLOCK as u64) as usize;
        self.tend_stream(&sample, begin < BLOCK);
        let mut at = begin;
        while at < BLOCK && self.life == Life::Goes && !self.is_held() {
            let until = self.cut(&sample, now, at);
            if self.envelope.stops_in() == Some(0) {
                self.life = Life::Stopped;
                break;
            }
            if until == at {
                break;
            }
            let count = self.span(&sample, at..until, buffers, scratch);
            at += count;
            if count == 0 || self.head.is_over(&sample) {
                if let Some((to, fade)) = self.leap.take() {
                    // The end came before the gate was closed.
                    self.envelope.set_gate(false, 0);
                    self.land(to, fade, &sample);
                    continue;
                }
                self.life = if self.envelope.is_stopping() { Life::Stopped } else { Life::Ended };
            }
        }
        scratch.starved = self.starved().is_some();
        self.outputs.end_block(begin..at, buffers);
        self.calm_until = self.calm_until(&sample, now);
        self.rests = self.outputs.rest(&mut self.rest);
        self.sample = Some(sample);
    }

    /// Something is on its way: the next block takes the long way.
    fn disturb(&mut self) {
        (self.calm_until, self.rests) = (NEVER, false);
    }

    /// The place in the sample before which nothing happens.
    fn calm_until(&self, sample: &Sample, now: u64) -> f64 {
        let calm = self.life == Life::Goes
            && self.start_at <= now
            && self.stream.is_none()
            && self.stop_at.is_none()
            && !self.outputs.moves()
            && self.leap.is_none()
            && !self.envelope.is_stopping()
            && self.envelope.is_unity();
        if calm { self.head.calm_until(sample, self.fade_out) } else { NEVER }
    }

    /// Renders a whole block of a voice that only reads on, as the long way does; says whether it did.
    fn render_calm(&mut self, buses: &[Bus], buffers: &mut Buffers, scratch: &mut Scratch) -> bool {
        let Self {
            calm_until: until, rests, rest, sample: Some(sample), head, filter, outputs, fold, ..
        } = self
        else {
            return false;
        };
        if *until == NEVER || *fold {
            return false;
        }
        if !head.fits(*until) {
            return false;
        }
        let Scratch { source, filtered, lines, .. } = scratch;
        let bus = if *rests { rest.bus() } else { outputs.bus() };
        let at_rest = *rests && buffers.get(bus).is_some_and(|buffer| buffer.plain);
        if !at_rest {
            outputs.lines(lines, |bus| scale_of(buses, bus));
            *rests = outputs.rest(rest);
        }
        let silent = if at_rest { rest.is_silent() } else { lines.is_silent() };
        if silent {
            head.pass_block();
            filter.share.skip(BLOCK as u32);
            buffers.count_voice(bus, 0..BLOCK);
            return true;
        }
        let Some(mut signals) = head.block(sample, source) else { return false };
        if filter.is_open() {
            filter.pass(signals.map(|signal| &signal[..]));
        } else {
            signals = filter.block(signals, filtered);
        }
        if at_rest {
            rest.emit(signals, buffers);
        } else {
            outputs.emit_block(lines, signals, buffers);
        }
        buffers.count_voice(bus, 0..BLOCK);
        true
    }

    /// Goes on from another place, behind a closed gate that opens again.
    fn land(&mut self, to: f64, fade: u32, sample: &Sample) {
        self.head.jump(to, sample);
        self.envelope.forget_end();
        self.envelope.set_gate(!self.paused, fade);
        if let Some(stream) = &mut self.stream {
            stream.land();
        }
        self.tend_stream(sample, true);
    }

    /// Lets the stream look ahead, if there is one.
    fn tend_stream(&mut self, sample: &Sample, reads: bool) {
        let Some(stream) = &mut self.stream else { return };
        let place = self.head.place(sample);
        if !self.head.is_looping() {
            stream.leave_loop();
        }
        if reads {
            stream.tend(place, self.head.fastest());
        } else {
            stream.idle(place);
        }
    }

    /// Starts the fades that are due at frame `at` of the block and says how far the block goes on
    /// undisturbed.
    fn cut(&mut self, sample: &Sample, now: u64, at: usize) -> usize {
        let mut until = BLOCK;
        if let Some((stop_at, fade)) = self.stop_at {
            let frame = stop_at.saturating_sub(now).min(BLOCK as u64) as usize;
            if frame <= at {
                self.envelope.stop_in(fade);
                self.stop_at = None;
            } else {
                until = frame;
            }
        }
        if let Some((to, fade)) = self.leap.filter(|_| self.envelope.is_gate_closed()) {
            self.leap = None;
            self.land(to, fade, sample);
        }
        if let Some(left) = self.envelope.closes_in() {
            until = until.min(at + left);
        }
        if self.fade_out > 0 {
            let left = self.head.frames_left(sample);
            if left <= self.fade_out as usize {
                self.envelope.end_in(left as u32);
            } else {
                until = until.min(at + (left - self.fade_out as usize));
            }
        }
        if let Some(left) = self.envelope.stops_in() {
            until = until.min(at + left);
        }
        until
    }

    /// Renders at most the frames in `range`, fewer where the sample ends or loops; says how many.
    fn span(
        &mut self,
        sample: &Sample,
        range: Range<usize>,
        buffers: &mut Buffers,
        scratch: &mut Scratch,
    ) -> usize {
        let Self { head, envelope, filter, outputs, fold, stream, .. } = self;
        let Scratch { source: [first, second], gains, lines, room, .. } = scratch;
        if lines.is_silent() {
            let count = head.pass(sample, range.len());
            if let Some(stream) = stream {
                stream.pass(count);
            }
            envelope.skip(count as u32);
            filter.share.skip(count as u32);
            return count;
        }
        let (plain, open, stereo) = (envelope.is_unity(), filter.is_open(), sample.is_stereo());
        if plain
            && open
            && !*fold
            && stream.is_none()
            && let Some((left, right)) = head.lend(sample, range.len())
        {
            // The common case reads the sample where it lies.
            filter.pass([left, right]);
            outputs.emit(lines, [left, right], range.start, buffers);
            return left.len();
        }
        let (left, right) = (&mut first[..range.len()], &mut second[..range.len()]);
        let from = stream.as_ref().map(|stream| (stream, room));
        let count = head.read(sample, from, left, stereo.then_some(right));
        let (left, right) = (&mut first[..count], &mut second[..count]);
        if let Some(stream) = stream {
            stream.fade([Some(left), stereo.then_some(right)], &mut gains[..count]);
        }
        let (left, right) = (&mut first[..count], &mut second[..count]);
        if *fold {
            for (left, right) in left.iter_mut().zip(&*right) {
                *left = 0.5 * (*left + *right);
            }
        }
        let mut right = (stereo && !*fold).then_some(right);
        if open {
            filter.pass([left, right.as_deref().unwrap_or(left)]);
        } else {
            filter.run(left, right.as_deref_mut());
        }
        if !plain {
            envelope.fill(&mut gains[..count]);
            scale(left, &gains[..count]);
            if let Some(right) = &mut right {
                scale(right, &gains[..count]);
            }
        }
        outputs.emit(lines, [left, right.as_deref().unwrap_or(left)], range.start, buffers);
        count
    }
}
