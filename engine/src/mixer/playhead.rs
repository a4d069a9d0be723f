//! Where a voice is in its sample, and how it reads on from there: at which rate, and round which loop.
//!
//! Near a loop's end the interpolators would look beyond it. There the head reads the sample's seam, a few frames
//! around the end as they are heard, counts on beyond it, and then goes back by a lap.

use super::BLOCK;
use super::stream::{Room, Stream};
use crate::dsp::interp::{AFTER, BEFORE, Interpolation, Interpolator};
use crate::dsp::math::{ceil, floor};
use crate::dsp::ramp::Ramp;
use crate::link::Start;
use crate::media::Sample;
use crate::media::sample::{GUARD, Lap, SEAM};

const _: () = assert!(GUARD >= AFTER && GUARD >= BEFORE && SEAM >= BEFORE + AFTER);

/// The frames after which a gliding pitch is looked at again.
const PITCH_STEP: usize = 16;

/// Before any place in a sample.
pub(super) const NEVER: f64 = -1.0;

pub(super) struct Playhead {
    /// In the sample's frames. On a loop it may be up to [`BEFORE`] frames beyond the end before it goes back.
    position: f64,
    rate: Ramp,
    looping: bool,
    /// Whether it is to leave the loop.
    leaving: bool,
    interpolation: Interpolation,
}

/// What can be read in one go: up to which position, and where.
struct Stretch<'a> {
    limit: f64,
    /// The loop whose seam or exit is read, if it is that.
    aside: Option<Aside<'a>>,
}

/// Frames around a loop's end that lie beside the sample.
#[derive(Clone, Copy)]
enum Aside<'a> {
    /// As they are heard in the next lap.
    Seam(&'a Lap),
    /// As they are heard without the crossfade, by who leaves the loop.
    Exit(&'a Lap),
}

impl<'a> Aside<'a> {
    fn channel(self, i: usize) -> &'a [f32] {
        match self {
            Self::Seam(lap) => lap.seam(i),
            Self::Exit(lap) => lap.exit(i),
        }
    }

    /// How far a place in the sample lies from their first frame.
    fn within(self, position: f64) -> f64 {
        let first = match self {
            Self::Seam(lap) => lap.frames().end as f64,
            Self::Exit(lap) => (lap.frames().end - lap.crossfade()) as f64,
        };
        position + SEAM as f64 - first
    }
}

impl Playhead {
    pub(super) fn vacant() -> Self {
        Self {
            position: 0.0,
            rate: Ramp::new(1.0),
            looping: false,
            leaving: false,
            interpolation: Interpolation::default(),
        }
    }

    pub(super) fn new(order: &Start, sample: &Sample, position: f64) -> Self {
        let mut head = Self {
            looping: order.looping && sample.lap().is_some(),
            interpolation: order.interpolation,
            ..Self::vacant()
        };
        head.jump(position, sample);
        head
    }

    /// Goes to another place; on a loop, to where that is after so many laps.
    pub(super) fn jump(&mut self, position: f64, sample: &Sample) {
        self.position = match sample.lap().filter(|_| self.looping) {
            Some(lap) => lap.fold(position),
            None => position.clamp(0.0, sample.frames() as f64),
        };
        self.try_leave(sample);
    }

    /// Leaves the loop at the end of the lap.
    pub(super) fn leave_loop(&mut self, sample: &Sample) {
        self.leaving = self.looping;
        self.try_leave(sample);
    }

    /// Leaves the loop if that is not heard yet: before its crossfade and its seam. Later it takes another lap.
    fn try_leave(&mut self, sample: &Sample) {
        let Some(lap) = sample.lap().filter(|_| self.leaving) else { return };
        if lap.last_exit().is_none_or(|exit| self.position < exit as f64) {
            self.position = lap.fold(self.position);
            (self.looping, self.leaving) = (false, false);
        }
    }

    /// Glides to another rate; says whether it is another.
    pub(super) fn set_rate(&mut self, rate: f32, glide: u32) -> bool {
        let other = rate.max(0.0) != self.rate.target();
        self.rate.set(rate.max(0.0), glide);
        other
    }

    /// The highest rate of the near future.
    pub(super) fn fastest(&self) -> f32 {
        self.rate.current().max(self.rate.target())
    }

    /// Whether it goes round a loop.
    pub(super) fn is_looping(&self) -> bool {
        self.looping
    }

    /// The place in the sample.
    pub(super) fn place(&self, sample: &Sample) -> f64 {
        sample.lap().filter(|_| self.looping).map_or(self.position, |lap| lap.fold(self.position))
    }

    /// Whether the sample has come to its end.
    pub(super) fn is_over(&self, sample: &Sample) -> bool {
        !self.looping && self.position >= sample.frames() as f64
    }

    /// Output frames until the sample ends, at the present rate.
    pub(super) fn frames_left(&self, sample: &Sample) -> usize {
        frames(sample.frames() as f64 - self.position, f64::from(self.rate.current()))
    }

    fn stretch<'a>(&self, sample: &'a Sample) -> Stretch<'a> {
        let Some(lap) = sample.lap() else {
            return Stretch { limit: sample.frames() as f64, aside: None };
        };
        if !self.looping {
            let (from, to) = (lap.parts_at() as f64, (lap.frames().end + BEFORE) as f64);
            return if lap.crossfade() == 0 || self.position >= to {
                Stretch { limit: sample.frames() as f64, aside: None }
            } else if self.position < from {
                Stretch { limit: from, aside: None }
            } else {
                Stretch { limit: to.min(sample.frames() as f64), aside: Some(Aside::Exit(lap)) }
            };
        }
        // What comes before a tiny loop is heard as it is.
        let (start, end) = (lap.frames().start as f64, lap.frames().end as f64);
        let near = (end - AFTER as f64).max(start);
        if self.position < near {
            Stretch { limit: near, aside: None }
        } else {
            Stretch { limit: end + BEFORE as f64, aside: Some(Aside::Seam(lap)) }
        }
    }

    /// Where nothing but reading on happens: up to which position, if the rate stays as it is.
    pub(super) fn calm_until(&self, sample: &Sample, fade_out: u32) -> f64 {
        if !self.rate.is_steady() {
            return NEVER;
        }
        match sample.lap() {
            Some(lap) if self.looping => lap.frames().end as f64 - AFTER as f64,
            Some(lap) if lap.crossfade() > 0 && self.position < (lap.frames().end + BEFORE) as f64 => {
                lap.parts_at() as f64
            }
            _ => sample.frames() as f64 - f64::from(fade_out + 1) * f64::from(self.rate.current()),
        }
    }

    /// Whether a whole block from here lies before `until`.
    #[inline]
    pub(super) fn fits(&self, until: f64) -> bool {
        self.position + f64::from(self.rate.current()) * BLOCK as f64 <= until
    }

    /// A whole block from here, for what [fits](Self::fits): the frames where they lie or, if they must be read, in `room`;
    /// the left side and the right one. The same as [`Playhead::lend`] and [`Playhead::read`] give.
    #[inline]
    pub(super) fn block<'a>(
        &mut self,
        sample: &'a Sample,
        room: &'a mut [[f32; BLOCK]; 2],
    ) -> Option<[&'a [f32; BLOCK]; 2]> {
        let (at, step) = (self.position, f64::from(self.rate.current()));
        self.position = at + step * BLOCK as f64;
        let stereo = sample.is_stereo();
        if step == 1.0 && at == floor(at) {
            let side = |channel: usize| sample.padded(channel).get(at as usize + GUARD..)?.first_chunk();
            let left = side(0)?;
            return Some([left, if stereo { side(1)? } else { left }]);
        }
        let table = Interpolator::shared(self.interpolation);
        let [left, right] = room;
        table.render(sample.padded(0), at + GUARD as f64, step, left);
        if !stereo {
            return Some([left, left]);
        }
        table.render(sample.padded(1), at + GUARD as f64, step, right);
        Some([left, right])
    }

    /// What lies before it on the left side.
    #[inline]
    pub(super) fn ahead<'a>(&self, sample: &'a Sample) -> &'a [f32] {
        sample.padded(0).get(self.position as usize..).unwrap_or_default()
    }

    /// Passes a whole block, for what [fits](Self::fits).
    #[inline]
    pub(super) fn pass_block(&mut self) {
        self.position += f64::from(self.rate.current()) * BLOCK as f64;
    }

    fn is_natural(&self) -> bool {
        self.rate.is_steady() && self.rate.current() == 1.0 && self.position.fract() == 0.0
    }

    /// At natural pitch, the next frames where they lie in the sample's memory: up to `most`. `None` where they must
    /// be read.
    pub(super) fn lend<'a>(&mut self, sample: &'a Sample, most: usize) -> Option<(&'a [f32], &'a [f32])> {
        if !self.is_natural() {
            return None;
        }
        let Stretch { limit, aside } = self.stretch(sample);
        let count = most.min((limit - self.position).max(0.0) as usize);
        let at = self.position as usize;
        let side = |channel: usize| match aside {
            Some(aside) => aside.channel(channel).get(aside.within(self.position) as usize..)?.get(..count),
            None => sample.channel(channel).get(at..at + count),
        };
        let sides = (side(0)?, side(1)?);
        self.advance(count as f64, sample);
        Some(sides)
    }

    /// Moves on by up to `most` frames that nobody hears, exactly as if they were read; says by how many.
    pub(super) fn pass(&mut self, sample: &Sample, most: usize) -> usize {
        self.go(sample, most, |_, _, _, _, _| {})
    }

    /// Fills a block, or a part of it, with the next frames of the left and, if wanted, the right channel, up to the
    /// sample's end; says how many. What is not in memory comes from the stream.
    pub(super) fn read(
        &mut self,
        sample: &Sample,
        mut stream: Option<(&Stream, &mut Room)>,
        left: &mut [f32],
        mut right: Option<&mut [f32]>,
    ) -> usize {
        let table = Interpolator::shared(self.interpolation);
        self.go(sample, left.len().min(BLOCK), |at, count, position, step, aside| {
            let end = at + count;
            let mut render = |channel: usize, out: &mut [f32]| match (aside, &mut stream) {
                (Some(aside), _) => table.render(aside.channel(channel), aside.within(position), step, out),
                (None, None) => table.render(sample.padded(channel), position + GUARD as f64, step, out),
                (None, Some((stream, room))) => {
                    let position = position + GUARD as f64;
                    stream.render((sample, channel), table, (position, step), out, room);
                }
            };
            if let Some(out) = left.get_mut(at..end) {
                render(0, out);
            }
            if let Some(out) = right.as_mut().and_then(|right| right.get_mut(at..end)) {
                render(1, out);
            }
        })
    }

    /// Goes on by up to `most` frames, stretch by stretch: at which frame, how many, from which position, by which step,
    /// and on which seam or exit.
    fn go<'a>(
        &mut self,
        sample: &'a Sample,
        most: usize,
        mut visit: impl FnMut(usize, usize, f64, f64, Option<Aside<'a>>),
    ) -> usize {
        let mut done = 0;
        while done < most {
            let Stretch { limit, aside } = self.stretch(sample);
            let step = f64::from(self.rate.current());
            let mut count = (most - done).min(frames(limit - self.position, step));
            if !self.rate.is_steady() {
                count = count.min(PITCH_STEP);
            }
            if count == 0 {
                break;
            }
            visit(done, count, self.position, step, aside);
            self.rate.skip(count as u32);
            done += count;
            self.advance(step * count as f64, sample);
        }
        done
    }

    /// Moves on; beyond a loop's end, back by as many laps as it takes.
    fn advance(&mut self, by: f64, sample: &Sample) {
        self.position += by;
        let Some(lap) = sample.lap().filter(|_| self.looping) else { return };
        let beyond = self.position - (lap.frames().end + BEFORE) as f64;
        if beyond >= 0.0 {
            let length = lap.frames().len() as f64;
            self.position -= length * (floor(beyond / length) + 1.0);
            self.try_leave(sample);
        }
    }
}

/// Steps until that much is passed.
fn frames(way: f64, step: f64) -> usize {
    if step > 0.0 { ceil(way / step).max(0.0) as usize } else { usize::MAX / 2 }
}
