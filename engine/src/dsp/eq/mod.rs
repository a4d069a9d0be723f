//! The parametric equaliser.
//!
//! Lives here: [`struct@Eq`]; in `bands` what a band is as filters, with its exact response; in `motion` how a
//! level moves it; in `slot` how it glides; in `lanes` and `cascade` the loops. May be named here: `units`, the
//! filter of `svf`, the compressor's curve. Runs on the audio thread.

mod bands;
mod cascade;
mod lanes;
mod motion;
mod slot;

use super::{BLOCK, Processor, Stereo, StereoMut, glide_frames};
pub use crate::effects::{EqBand, EqParams, EqShape, EqSlope, MAX_BANDS};
use lanes::{GROUP, Group, Pair, listen, narrow, widen};
use motion::Motion;
use slot::Slot;

/// Frames between two exact designs of a moving filter; its coefficients are straight lines in between.
const TICK: u32 = 16;
/// Frames between two looks for charges that are too small to be heard.
const TIDY: u32 = 128;

/// A parametric equaliser of up to [`MAX_BANDS`] bands, without latency.
///
/// A change glides on a logarithmic frequency scale. A band that appears or goes, or becomes another shape or
/// steeper, has its share of the output faded, so nothing clicks or rings.
#[derive(Debug)]
pub struct Eq {
    slots: [Slot; MAX_BANDS],
    sample_rate: u32,
    /// Frames of a glide, a multiple of [`TICK`].
    glide: u32,
    /// Frames since the beginning, modulo [`TIDY`]: ticks don't depend on how the sound is cut into blocks.
    clock: u32,
    /// The slots from here on are empty.
    end: usize,
    /// The largest downward move of a band in the last block, in decibels.
    reported: f32,
}

impl Eq {
    /// Whether no band is there or fading, so that what goes in comes out. Then so many frames have passed by it.
    pub(super) fn pass_by(&mut self, frames: usize) -> bool {
        if self.end == 0 {
            self.clock = (self.clock + frames as u32) % TIDY;
        }
        self.end == 0
    }

    /// The slots that may hold filters.
    fn used(&mut self) -> &mut [Slot] {
        self.slots.get_mut(..self.end).unwrap_or_default()
    }

    /// Looks where the used slots end.
    fn measure(&mut self) {
        self.end = self.slots.iter().rposition(|slot| !slot.is_empty()).map_or(0, |last| last + 1);
    }

    /// Whether anything changes with the ticks.
    fn moves(&mut self) -> bool {
        self.used().iter().any(Slot::moves)
    }

    /// The frames from now to the end of what can run in one piece.
    fn piece(&mut self) -> usize {
        let period = if self.moves() { TICK } else { TIDY };
        (period - self.clock % period) as usize
    }

    /// Begins a tick of all that moves.
    fn begin_tick(&mut self) {
        let (rate, glide) = (self.sample_rate, self.glide);
        for slot in self.used().iter_mut().filter(|slot| slot.moves()) {
            slot.begin_tick(rate, glide);
        }
        self.report();
    }

    fn report(&mut self) {
        let so_far = self.reported;
        self.reported = self.used().iter().fold(so_far, |top, slot| top.max(-slot.moved()));
    }

    /// Lets dynamic bands listen.
    fn listen(&mut self, heard: Stereo<'_>) {
        let mut motions = self.used().iter_mut().map(Slot::motion).filter(|motion| motion.is_active());
        loop {
            let mut group: [Option<&mut Motion>; GROUP] = std::array::from_fn(|_| motions.next());
            if group[0].is_none() {
                return;
            }
            let mut ears = group.each_mut().map(|motion| motion.as_mut().map(|motion| motion.ear()));
            let peaks = listen(&mut ears, heard);
            for (motion, peak) in group.into_iter().flatten().zip(peaks) {
                motion.notice(peak);
            }
        }
    }

    /// Runs all filters, in groups.
    fn run(&mut self, frames: &mut [Pair]) {
        let mut stages = self.used().iter_mut().flat_map(Slot::stages);
        loop {
            let group: Group<'_> = std::array::from_fn(|_| stages.next());
            if group[0].is_none() {
                return;
            }
            cascade::run(group, frames);
        }
    }
}

impl Processor for Eq {
    type Params = EqParams;

    fn new(params: &EqParams, sample_rate: u32) -> Self {
        let mut made = Self {
            slots: params.bands.map(|band| Slot::new(band, sample_rate)),
            sample_rate,
            glide: glide_frames(sample_rate).next_multiple_of(TICK),
            clock: 0,
            end: 0,
            reported: 0.0,
        };
        made.measure();
        made
    }

    fn set(&mut self, params: &EqParams) {
        for (slot, band) in self.slots.iter_mut().zip(params.bands) {
            slot.set(band, self.sample_rate, self.glide);
        }
        self.measure();
    }

    fn process(&mut self, block: &mut StereoMut<'_>, key: Option<Stereo<'_>>) {
        let n = block.len();
        self.reported = 0.0;
        if self.pass_by(n) {
            return;
        }
        self.report();
        let mut buffer = [[0.0; 2]; BLOCK];
        let frames = &mut buffer[..n];
        widen(block.as_ref(), frames);
        let mut heard = key.unwrap_or(block.as_ref());
        let mut rest = &mut *frames;
        while !rest.is_empty() {
            if self.clock.is_multiple_of(TICK) {
                self.begin_tick();
            }
            let length = self.piece().min(rest.len());
            let (piece, more) = rest.split_at_mut(length);
            rest = more;
            let (now, later) = split(heard, length);
            self.listen(now);
            heard = later;
            self.run(piece);
            self.clock = (self.clock + length as u32) % TIDY;
            if self.clock.is_multiple_of(TICK) && self.moves() {
                self.used().iter_mut().filter(|slot| slot.moves()).for_each(Slot::end_tick);
                self.measure();
            }
            if self.clock == 0 {
                self.used().iter_mut().for_each(Slot::tidy);
            }
        }
        narrow(frames, block);
    }

    fn reset(&mut self) {
        for slot in &mut self.slots {
            *slot = Slot::new(slot.wanted(), self.sample_rate);
        }
        (self.clock, self.reported) = (0, 0.0);
        self.measure();
    }

    fn tail(&self) -> usize {
        self.slots.iter().map(Slot::tail).sum::<f64>() as usize
    }

    fn reduction_db(&self) -> f32 {
        self.reported
    }
}

/// The first frames of a block, and the rest.
fn split(block: Stereo<'_>, at: usize) -> (Stereo<'_>, Stereo<'_>) {
    let at = at.min(block.len());
    let ((l, left), (r, right)) = (block.left.split_at(at), block.right.split_at(at));
    (Stereo { left: l, right: r }, Stereo { left, right })
}
