//! One voice: a sample on its way through loops, pitch and fades into its bus and sends.
//!
//! A block is cut at what happens inside it (the start, a stop, the loop's seam, the fade before the end), so
//! each of these is exact to the sample. A voice at its sample's own rate is a multiply-add straight from the
//! sample's memory; only a pitched one interpolates.

use super::bus::Buffer;
use crate::dsp::BLOCK;
use crate::dsp::interp::Interpolator;
use crate::dsp::ramp::Ramp;
use crate::link::{MAX_SENDS, SendGain, Start, VoiceId, VoiceMix};
use crate::media::Sample;
use crate::media::sample::GUARD;
use std::ops::Range;
use std::sync::Arc;

/// The frames after which a gliding pitch is looked at again.
const PITCH_STEP: usize = 16;

/// Memory for one block of one voice, shared by all voices in turn.
pub(super) struct Scratch {
    source: [[f32; BLOCK]; 2],
    gains: [f32; BLOCK],
    pub(super) interpolator: &'static Interpolator,
}

impl Scratch {
    pub(super) fn new() -> Self {
        Self { source: [[0.0; BLOCK]; 2], gains: [0.0; BLOCK], interpolator: Interpolator::shared() }
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

pub(super) struct Voice {
    id: VoiceId,
    sample: Option<Arc<Sample>>,
    bus: u16,
    /// The bus to move to over the next block.
    next_bus: Option<u16>,
    start_at: u64,
    stop_at: Option<(u64, u32)>,
    /// The place in the sample, in its frames.
    position: f64,
    looping: bool,
    fold: bool,
    left: Ramp,
    right: Ramp,
    rate: Ramp,
    sends: [(u16, Ramp); MAX_SENDS],
    fade: Ramp,
    fade_out: u32,
    stopping: bool,
    life: Life,
}

impl Voice {
    pub(super) fn vacant() -> Self {
        Self {
            id: VoiceId { slot: 0, generation: 0 },
            sample: None,
            bus: 0,
            next_bus: None,
            start_at: 0,
            stop_at: None,
            position: 0.0,
            looping: false,
            fold: false,
            left: Ramp::new(0.0),
            right: Ramp::new(0.0),
            rate: Ramp::new(1.0),
            sends: std::array::from_fn(|_| (0, Ramp::new(0.0))),
            fade: Ramp::new(1.0),
            fade_out: 0,
            stopping: false,
            life: Life::Goes,
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

    /// Empties the slot; the sample must go home to be freed.
    pub(super) fn vacate(&mut self) -> Option<Arc<Sample>> {
        self.sample.take()
    }

    /// The place in the sample as a share of its length.
    pub(super) fn progress(&self) -> f64 {
        self.sample.as_ref().map_or(0.0, |sample| self.position / sample.frames() as f64)
    }

    /// Begins a new life in a vacant slot. `position` is in the sample's frames.
    pub(super) fn start(&mut self, order: &Start, sample: Arc<Sample>, position: f64) {
        let frames = sample.frames() as f64;
        self.id = order.voice;
        self.position = if order.looping { position.rem_euclid(frames) } else { position.clamp(0.0, frames) };
        self.bus = order.bus;
        self.next_bus = None;
        self.start_at = order.at;
        self.stop_at = None;
        self.looping = order.looping;
        self.fold = order.fold && sample.is_stereo();
        self.fade.jump(if order.fade_in > 0 { 0.0 } else { 1.0 });
        self.fade.set(1.0, order.fade_in);
        self.fade_out = if order.looping { 0 } else { order.fade_out };
        self.stopping = false;
        self.life = Life::Goes;
        self.sample = Some(sample);
        for (_, send) in &mut self.sends {
            send.jump(0.0);
        }
        self.set_mix(&order.mix, 0);
    }

    /// Glides to new gains, sends and pitch; before the voice's first sample there is nothing to glide from.
    pub(super) fn mix(&mut self, mix: &VoiceMix, glide: u32, now: u64) {
        self.set_mix(mix, if self.start_at > now { 0 } else { glide });
    }

    fn set_mix(&mut self, mix: &VoiceMix, glide: u32) {
        self.left.set(mix.left, glide);
        self.right.set(mix.right, glide);
        self.rate.set(mix.rate.max(0.0), glide);
        // A send keeps its place while it is heard; one that is no longer wanted glides out where it is.
        for (bus, ramp) in &mut self.sends {
            let wanted = mix.sends.iter().find(|send| send.gain > 0.0 && send.bus == *bus);
            ramp.set(wanted.map_or(0.0, |send| send.gain), glide);
        }
        for send in mix.sends.iter().filter(|send| send.gain > 0.0) {
            self.open_send(send, glide);
        }
    }

    fn open_send(&mut self, send: &SendGain, glide: u32) {
        if self.sends.iter().any(|(bus, ramp)| *bus == send.bus && ramp.target() > 0.0) {
            return;
        }
        if let Some((bus, ramp)) =
            self.sends.iter_mut().find(|(_, ramp)| ramp.is_steady() && ramp.current() == 0.0)
        {
            *bus = send.bus;
            ramp.set(send.gain, glide);
        }
    }

    pub(super) fn route(&mut self, bus: u16) {
        self.next_bus = (bus != self.bus).then_some(bus);
    }

    pub(super) fn stop(&mut self, at: u64, fade: u32) {
        if !self.stopping {
            self.stop_at = Some((at, fade));
        }
    }

    /// Follows its buses into a new graph.
    pub(super) fn follow(&mut self, successor: impl Fn(u16) -> u16) {
        self.bus = successor(self.bus);
        self.next_bus = self.next_bus.map(&successor);
        for (bus, _) in &mut self.sends {
            *bus = successor(*bus);
        }
    }

    /// Renders the block that begins at `now` into the buses.
    pub(super) fn render(&mut self, now: u64, buffers: &mut [Buffer], scratch: &mut Scratch) {
        let Some(sample) = self.sample.take() else { return };
        let begin = self.start_at.saturating_sub(now).min(BLOCK as u64) as usize;
        let mut at = begin;
        while at < BLOCK && self.life == Life::Goes {
            let until = self.cut(&sample, now, at);
            at += self.span(&sample, at..until, buffers, scratch);
            if self.stopping && self.fade.is_steady() {
                self.life = Life::Stopped;
            } else if !self.looping && self.position >= sample.frames() as f64 {
                self.life = if self.stop_at.is_some() { Life::Stopped } else { Life::Ended };
            }
        }
        if let Some(bus) = self.next_bus.take_if(|_| begin < BLOCK) {
            self.bus = bus;
        }
        if let Some(buffer) = buffers.get_mut(usize::from(self.bus)) {
            buffer.mark_active(&(begin..at));
        }
        self.sample = Some(sample);
    }

    /// Starts the fades that are due at frame `at` of the block and says how far the block goes on
    /// undisturbed.
    fn cut(&mut self, sample: &Sample, now: u64, at: usize) -> usize {
        let mut until = BLOCK;
        if let Some((stop_at, fade)) = self.stop_at.filter(|_| !self.stopping) {
            let frame = stop_at.saturating_sub(now).min(BLOCK as u64) as usize;
            if frame <= at {
                self.begin_stop(fade);
            } else {
                until = frame;
            }
        }
        if self.fade_out > 0 && !self.stopping {
            let left = self.frames_left(sample);
            if left <= self.fade_out as usize {
                // The natural end: silent when the sample is.
                self.fade.set(0.0, left as u32);
                self.fade_out = 0;
            } else {
                until = until.min(at + (left - self.fade_out as usize));
            }
        }
        if self.stopping && !self.fade.is_steady() {
            until = until.min(at + self.fade.remaining() as usize);
        }
        until
    }

    fn begin_stop(&mut self, fade: u32) {
        self.stopping = true;
        self.fade_out = 0;
        self.fade.set(0.0, fade);
    }

    /// Output frames until the sample ends, at the present rate.
    fn frames_left(&self, sample: &Sample) -> usize {
        let rate = f64::from(self.rate.current());
        let left = sample.frames() as f64 - self.position;
        if rate > 0.0 { (left / rate).max(0.0).ceil() as usize } else { usize::MAX / 2 }
    }

    /// Renders at most the frames in `range`, fewer where the sample ends or loops; says how many.
    fn span(
        &mut self,
        sample: &Sample,
        range: Range<usize>,
        buffers: &mut [Buffer],
        scratch: &mut Scratch,
    ) -> usize {
        if self.stopping && self.fade.is_steady() && self.fade.current() == 0.0 {
            return 0;
        }
        let natural = self.rate.is_steady() && self.rate.current() == 1.0 && self.position.fract() == 0.0;
        let Scratch { source, gains, interpolator } = scratch;
        let [first, second] = source;
        let stereo = sample.is_stereo();

        let (count, left, right): (usize, &mut [f32], Option<&mut [f32]>);
        let from = self.position as usize;
        let steady = self.fade.is_steady() && self.fade.current() == 1.0;
        if natural && steady && !self.fold {
            // The common case reads the sample where it lies.
            let count = range.len().min(sample.frames().saturating_sub(from));
            let range = range.start..range.start + count;
            let source = from..from + count;
            let right = stereo.then(|| &sample.channel(1)[source.clone()]);
            self.emit(&range, &sample.channel(0)[source.clone()], right, buffers, gains);
            self.advance(count as f64, sample);
            return count;
        }
        if natural {
            count = range.len().min(sample.frames().saturating_sub(from));
            first[..count].copy_from_slice(&sample.channel(0)[from..from + count]);
            if stereo {
                second[..count].copy_from_slice(&sample.channel(1)[from..from + count]);
            }
            self.advance(count as f64, sample);
        } else {
            count = self.interpolate(sample, range.len(), first, second, interpolator);
        }
        left = &mut first[..count];
        right = stereo.then_some(&mut second[..count]);
        let right = match right {
            Some(right) if self.fold => {
                for (left, right) in left.iter_mut().zip(right) {
                    *left = 0.5 * (*left + *right);
                }
                None
            }
            other => other,
        };
        if !steady {
            self.fade.fill(&mut gains[..count]);
            scale(left, &gains[..count]);
        }
        let right = right.map(|right| {
            if !steady {
                scale(right, &gains[..count]);
            }
            &*right
        });
        self.emit(&(range.start..range.start + count), left, right, buffers, gains);
        count
    }

    /// Fills the scratch with pitched frames up to the sample's end or seam; says how many.
    fn interpolate(
        &mut self,
        sample: &Sample,
        want: usize,
        first: &mut [f32; BLOCK],
        second: &mut [f32; BLOCK],
        interpolator: &Interpolator,
    ) -> usize {
        let mut done = 0;
        while done < want {
            let step = f64::from(self.rate.current());
            let mut count = want - done;
            if !self.rate.is_steady() {
                count = count.min(PITCH_STEP);
            }
            let ahead = (sample.frames() as f64 - self.position) / step.max(1e-9);
            count = count.min(ahead.ceil().max(0.0) as usize);
            if count == 0 {
                break;
            }
            let position = self.position + GUARD as f64;
            interpolator.render(sample.padded(0), position, step, &mut first[done..done + count]);
            if sample.is_stereo() {
                interpolator.render(sample.padded(1), position, step, &mut second[done..done + count]);
            }
            self.rate.skip(count as u32);
            done += count;
            if self.advance(step * count as f64, sample) {
                break;
            }
        }
        done
    }

    /// Moves on through the sample; says whether that crossed the loop's seam.
    fn advance(&mut self, frames: f64, sample: &Sample) -> bool {
        self.position += frames;
        let crossed = self.looping && self.position >= sample.frames() as f64;
        if crossed {
            self.position -= sample.frames() as f64;
        }
        crossed
    }

    /// Adds a stretch of signal to the bus and the sends.
    fn emit(
        &mut self,
        range: &Range<usize>,
        left: &[f32],
        right: Option<&[f32]>,
        buffers: &mut [Buffer],
        gains: &mut [f32; BLOCK],
    ) {
        let right = right.unwrap_or(left);
        for (bus, send) in &mut self.sends {
            if send.is_steady() && send.current() == 0.0 {
                continue;
            }
            let gains = &mut gains[..range.len()];
            send.fill(gains);
            if let Some(buffer) = buffers.get_mut(usize::from(*bus)) {
                buffer.fed = true;
                add_ramped(&mut buffer.left[range.clone()], left, gains);
                add_ramped(&mut buffer.right[range.clone()], right, gains);
            }
        }
        let moving = self.next_bus.is_some();
        for (side, source, ramp) in [(0, left, &mut self.left), (1, right, &mut self.right)] {
            if !moving && ramp.is_steady() {
                let gain = ramp.current();
                if gain != 0.0
                    && let Some(out) = side_of(buffers, self.bus, side)
                {
                    add_scaled(&mut out[range.clone()], source, gain);
                }
                continue;
            }
            let gains = &mut gains[..range.len()];
            ramp.fill(gains);
            if let Some(next) = self.next_bus {
                // Over one block the voice leaves one bus and enters the other; together they stay whole.
                let mut entering = [0.0; BLOCK];
                for ((frame, gain), entering) in range.clone().zip(gains.iter_mut()).zip(&mut entering) {
                    *entering = *gain * (frame + 1) as f32 / BLOCK as f32;
                    *gain -= *entering;
                }
                if let Some(out) = side_of(buffers, next, side) {
                    add_ramped(&mut out[range.clone()], source, &entering[..range.len()]);
                }
            }
            if let Some(out) = side_of(buffers, self.bus, side) {
                add_ramped(&mut out[range.clone()], source, gains);
            }
        }
    }
}

/// One channel of a bus, marked as fed.
fn side_of(buffers: &mut [Buffer], bus: u16, side: usize) -> Option<&mut [f32; BLOCK]> {
    let buffer = buffers.get_mut(usize::from(bus))?;
    buffer.fed = true;
    Some(if side == 0 { &mut buffer.left } else { &mut buffer.right })
}

fn scale(signal: &mut [f32], gains: &[f32]) {
    for (sample, gain) in signal.iter_mut().zip(gains) {
        *sample *= gain;
    }
}

fn add_scaled(out: &mut [f32], source: &[f32], gain: f32) {
    for (out, source) in out.iter_mut().zip(source) {
        *out += source * gain;
    }
}

fn add_ramped(out: &mut [f32], source: &[f32], gains: &[f32]) {
    for ((out, source), gain) in out.iter_mut().zip(source).zip(gains) {
        *out += source * gain;
    }
}
