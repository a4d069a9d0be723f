//! A voice's stream: where its frames are, and what is heard when they are not there.
//!
//! What was decoded ahead is looked at before each block. If it will not do for long enough to fade, the voice fades to
//! silence while there still is something to fade, counts on as if it were heard, and fades in again when enough has come:
//! so stems that play together stay together. Nothing here waits.

use super::BLOCK;
use crate::dsp::gains::scale;
use crate::dsp::interp::{AFTER, BEFORE, FIXED, Interpolator};
use crate::dsp::ramp::Ramp;
use crate::link::{PageReader, REACH};
use crate::media::Sample;
use crate::media::sample::GUARD;

const _: () = assert!(REACH as usize >= BEFORE);

/// How many frames it takes to fade to silence and back: 5 ms at 48 kHz.
const FADE: u32 = 240;
/// Frames that a block needs at most in one piece: four octaves up.
const ROOM: usize = 16 * BLOCK + 2 * GUARD;

/// For how many blocks what begins in the middle, or has leapt, may be awaited before that counts as falling short: a
/// quarter of a second at 48 kHz.
const PATIENCE: u32 = 94;

/// Room for frames that lie in several places.
pub(super) type Room = [f32; ROOM];

pub(super) const EMPTY: Room = [0.0; ROOM];

pub(super) struct Stream {
    pages: Box<PageReader>,
    /// The gain of what is there.
    presence: Ramp,
    /// Whether it begins, or has leapt, and nothing was heard since.
    fresh: bool,
    /// For how many blocks more it is awaited.
    patience: u32,
    /// Whether something that was to be heard was not there.
    short: bool,
    /// Whether that is still to be told.
    untold: bool,
}

impl Stream {
    pub(super) fn new(pages: Box<PageReader>) -> Self {
        Self { pages, presence: Ramp::new(1.0), fresh: true, patience: 0, short: false, untold: false }
    }

    pub(super) fn into_pages(self) -> Box<PageReader> {
        self.pages
    }

    /// Whether it fell short, and nobody was told.
    pub(super) fn is_untold(&self) -> bool {
        self.untold
    }

    /// It was told that it fell short.
    pub(super) fn told(&mut self) {
        self.untold = false;
    }

    /// Before a block in which nothing is read.
    pub(super) fn idle(&mut self, place: f64) {
        self.pages.tend(place as u64);
    }

    /// Before something is read from `place` on, at a rate of up to `rate`.
    pub(super) fn tend(&mut self, place: f64, rate: f32) {
        self.pages.tend(place as u64);
        // Enough to fade, in this block and the next.
        let enough = ((FADE as usize + 2 * BLOCK) as f64 * f64::from(rate)) as u64 + 2 * GUARD as u64;
        let absent = !self.fresh && self.presence.target() == 0.0;
        let ahead = self.pages.ahead(place as u64);
        let there = ahead > if absent { 2 * enough } else { enough };
        if self.fresh {
            self.fresh = false;
            self.presence.jump(if there { 1.0 } else { 0.0 });
            self.patience = if there { 0 } else { PATIENCE };
        } else if there {
            self.presence.set(1.0, FADE);
            // Nobody heard it, or it was told.
            self.short = false;
        } else if !absent {
            // A loop that is left shortly before its end may leave less to fade than there otherwise is.
            let left = ahead.saturating_sub(2 * GUARD as u64) as f64 / f64::from(rate.max(1e-3));
            self.presence.set(0.0, FADE.min(left as u32));
            (self.patience, self.short) = (0, true);
        } else if self.patience > 0 {
            self.patience -= 1;
            self.short = self.patience == 0;
        }
    }

    /// The voice has left its loop.
    pub(super) fn leave_loop(&mut self) {
        self.pages.leave_loop();
    }

    /// Makes ready for a leap.
    pub(super) fn lead(&mut self, to: f64) {
        self.pages.lead(to.max(0.0) as u64);
    }

    /// Has leapt.
    pub(super) fn land(&mut self) {
        self.pages.land();
        self.fresh = true;
    }

    /// Moves on without being heard.
    pub(super) fn pass(&mut self, frames: usize) {
        self.presence.skip(frames as u32);
    }

    /// Fades what was read; see [`Stream::tend`].
    pub(super) fn fade(&mut self, sides: [Option<&mut [f32]>; 2], gains: &mut [f32]) {
        self.untold |= std::mem::take(&mut self.short);
        if self.presence.is_steady() && self.presence.current() == 1.0 {
            return;
        }
        self.presence.fill(gains);
        for side in sides.into_iter().flatten() {
            scale(side, gains);
        }
    }

    /// As the sample's [padded](Sample::padded) frames would be rendered, were they all there, with the same bits. Where they
    /// are not there it is silent.
    pub(super) fn render(
        &self,
        (sample, channel): (&Sample, usize),
        table: &Interpolator,
        (position, step): (f64, f64),
        out: &mut [f32],
        room: &mut Room,
    ) {
        // Positions as the interpolator counts them.
        let fixed = (step.max(0.0) * FIXED + 0.5) as u64;
        let mut at = (position.max(0.0) * FIXED) as u64;
        let mut rest = out;
        while !rest.is_empty() {
            let first = ((at >> 32) as usize).saturating_sub(BEFORE);
            let from = at - ((first as u64) << 32);
            let most = (((ROOM - AFTER) as u64) << 32).saturating_sub(from + 1).checked_div(fixed);
            let count = most.map_or(rest.len(), |most| rest.len().min(most as usize).max(1));
            let (now, later) = rest.split_at_mut(count);
            let last = ((from + fixed * (count as u64 - 1)) >> 32) as usize;
            let frames = room.get_mut(..last + AFTER + 1).unwrap_or_default();
            // What the last of them lack is not there: beyond that the table gives silence.
            let there = self.gather(sample, channel, first, frames);
            table.render(frames.get(..there).unwrap_or_default(), from as f64 / FIXED, step, now);
            at += fixed * count as u64;
            rest = later;
        }
    }

    /// Gathers frames of the sample as it is padded, from index `first` on; says how many there are before the first that is
    /// not there.
    fn gather(&self, sample: &Sample, channel: usize, first: usize, out: &mut [f32]) -> usize {
        let (padded, head, end) =
            (sample.padded(channel), GUARD + sample.resident(), GUARD + sample.frames());
        let (mut at, mut rest) = (first, out);
        let all = rest.len();
        while !rest.is_empty() {
            let source = if at < head {
                padded.get(at..head)
            } else if at < end {
                let page = self.pages.from(at - GUARD, channel);
                page.and_then(|page| page.get(..page.len().min(end - at)))
            } else {
                padded.get(head + (at - end)..)
            };
            let Some(source) = source.filter(|source| !source.is_empty()) else {
                return all - rest.len();
            };
            let count = source.len().min(rest.len());
            let (now, later) = rest.split_at_mut(count);
            now.copy_from_slice(&source[..count]);
            (at, rest) = (at + count, later);
        }
        all
    }
}
