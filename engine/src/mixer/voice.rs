//! One voice: a sample on its way through loops, pitch and fades into its bus and sends.
//!
//! A block is cut at what happens inside it (the start, a stop, the loop's seam, the fade before the end), so
//! each of these is exact to the sample. A voice at its sample's own rate is a multiply-add straight from the
//! sample's memory; only a pitched one interpolates.

use super::bus::Buffer;
use super::envelope::Envelope;
use super::outputs::{Outputs, scale};
use crate::dsp::BLOCK;
use crate::dsp::interp::Interpolator;
use crate::dsp::ramp::Ramp;
use crate::link::{Start, VoiceId, VoiceMix};
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
    start_at: u64,
    stop_at: Option<(u64, u32)>,
    /// The place in the sample, in its frames.
    position: f64,
    looping: bool,
    fold: bool,
    outputs: Outputs,
    rate: Ramp,
    envelope: Envelope,
    /// Frames of fade before the natural end.
    fade_out: u32,
    life: Life,
}

impl Voice {
    pub(super) fn vacant() -> Self {
        Self {
            id: VoiceId { slot: 0, generation: 0 },
            sample: None,
            start_at: 0,
            stop_at: None,
            position: 0.0,
            looping: false,
            fold: false,
            outputs: Outputs::new(),
            rate: Ramp::new(1.0),
            envelope: Envelope::new(0),
            fade_out: 0,
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

    /// Takes a vacant slot only to report that nothing came of it.
    pub(super) fn refuse(&mut self, id: VoiceId) {
        (self.id, self.life) = (id, Life::Stopped);
    }

    /// Begins a new life in a vacant slot. `position` is in the sample's frames.
    pub(super) fn start(&mut self, order: &Start, sample: Arc<Sample>, position: f64) {
        let frames = sample.frames() as f64;
        self.id = order.voice;
        self.position = if order.looping { position.rem_euclid(frames) } else { position.clamp(0.0, frames) };
        self.start_at = order.at;
        self.stop_at = None;
        self.looping = order.looping;
        self.fold = order.fold && sample.is_stereo();
        self.envelope = Envelope::new(order.fade_in);
        self.fade_out = if order.looping { 0 } else { order.fade_out };
        self.life = Life::Goes;
        self.sample = Some(sample);
        self.outputs.start(order.bus);
        self.set_mix(&order.mix, 0);
    }

    /// Glides to new gains, sends and pitch; before the voice's first sample there is nothing to glide from.
    pub(super) fn mix(&mut self, mix: &VoiceMix, glide: u32, now: u64) {
        self.set_mix(mix, if self.start_at > now { 0 } else { glide });
    }

    fn set_mix(&mut self, mix: &VoiceMix, glide: u32) {
        self.outputs.set(mix, glide);
        self.rate.set(mix.rate.max(0.0), glide);
    }

    pub(super) fn route(&mut self, bus: u16) {
        self.outputs.route(bus);
    }

    /// Stops from frame `at` on; of several stops, the one that ends first counts. What is stopped before its
    /// start is never heard.
    pub(super) fn stop(&mut self, at: u64, fade: u32, now: u64) {
        if self.start_at > now && at <= self.start_at {
            self.life = Life::Stopped;
        }
        let end = |(at, fade): (u64, u32)| at.max(now) + u64::from(fade);
        if self.stop_at.is_none_or(|other| end((at, fade)) < end(other)) {
            self.stop_at = Some((at, fade));
        }
    }

    /// Follows its buses into a new graph. One whose bus is gone, faded out with all on it, ends.
    pub(super) fn follow(&mut self, successor: impl Fn(u16) -> Option<u16>) {
        if !self.outputs.follow(successor) {
            self.life = Life::Stopped;
        }
    }

    /// Renders the block that begins at `now` into the buses.
    pub(super) fn render(&mut self, now: u64, buffers: &mut [Buffer], scratch: &mut Scratch) {
        let Some(sample) = self.sample.take() else { return };
        let begin = self.start_at.saturating_sub(now).min(BLOCK as u64) as usize;
        let mut at = begin;
        while at < BLOCK && self.life == Life::Goes {
            let until = self.cut(&sample, now, at);
            if self.envelope.stops_in() == Some(0) {
                self.life = Life::Stopped;
                break;
            }
            let count = self.span(&sample, at..until, buffers, scratch);
            at += count;
            let over = !self.looping && self.position >= sample.frames() as f64;
            if over || count == 0 {
                self.life = if self.envelope.is_stopping() { Life::Stopped } else { Life::Ended };
            }
        }
        self.outputs.end_block(begin..at, buffers);
        self.sample = Some(sample);
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
        if self.fade_out > 0 {
            let left = self.frames_left(sample);
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
        let natural = self.rate.is_steady() && self.rate.current() == 1.0 && self.position.fract() == 0.0;
        let Scratch { source, gains, interpolator } = scratch;
        let [first, second] = source;
        let stereo = sample.is_stereo();

        let (count, left, right): (usize, &mut [f32], Option<&mut [f32]>);
        let from = self.position as usize;
        let steady = self.envelope.is_unity();
        if natural && steady && !self.fold {
            // The common case reads the sample where it lies.
            let count = range.len().min(sample.frames().saturating_sub(from));
            let range = range.start..range.start + count;
            let source = from..from + count;
            let right = stereo.then(|| &sample.channel(1)[source.clone()]);
            self.outputs.emit(&range, &sample.channel(0)[source.clone()], right, buffers, gains);
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
            self.envelope.fill(&mut gains[..count]);
            scale(left, &gains[..count]);
        }
        let right = right.map(|right| {
            if !steady {
                scale(right, &gains[..count]);
            }
            &*right
        });
        self.outputs.emit(&(range.start..range.start + count), left, right, buffers, gains);
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
            // The loop may be shorter than one step.
            self.position = self.position.rem_euclid(sample.frames() as f64);
        }
        crossed
    }
}
