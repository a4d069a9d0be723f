//! A read head on a delay line, and how it moves.
//!
//! Lives here: [`Tap`]. May be named here: [`Line`], [`Ramp`], [`Points`]. Runs on the audio thread.
//!
//! It moves in one of two ways. A fade crosses over to the new place: no bend of pitch. A slide goes there like
//! the head of a tape echo: the speed follows the distance by two smoothings in a row, never more than half the
//! line's own, so that the pitch bends within 0.5 and 1.5 times and begins and ends to bend without a kink.

use super::line::Line;
use super::point::{BEFORE, Points, TAPS};
use super::{BLOCK, Ramp};

/// The shortest delay of a slide in frames: what an interpolated place reads must be written already.
const CLOSEST: f64 = 8.0;
/// Frames that an interpolated place needs behind it, and one for rounding.
const AHEAD: f64 = (TAPS - BEFORE) as f64 + 1.0;
/// The fastest slide in frames per frame.
const FASTEST: f64 = 0.5;
/// The slide's time constants in seconds: of the distance, and of the speed. The second is less than a quarter
/// of the first, so it never swings past its end.
const SLIDE_SECONDS: [f64; 2] = [0.1, 0.02];
/// A slide has arrived within so many frames, and at so many per frame: what is then skipped is below -90 dB.
const ARRIVED: [f64; 2] = [1e-4, 1e-6];

/// Where one side of a line is read.
#[derive(Debug)]
pub(crate) struct Tap {
    side: usize,
    now: usize,
    wanted: usize,
    motion: Motion,
    glide: u32,
    /// The shares of distance and of speed that one frame makes up for.
    follow: [f64; 2],
    table: &'static Points,
}

#[derive(Debug)]
enum Motion {
    Rest,
    Fade { next: usize, share: Ramp },
    Slide { at: f64, speed: f64 },
}

impl Tap {
    /// A head on `side` 0 or 1 that rests `delay` frames behind.
    pub(crate) fn new(side: usize, delay: usize, glide: u32, sample_rate: u32) -> Self {
        let follow = SLIDE_SECONDS.map(|seconds| 1.0 / (seconds * f64::from(sample_rate)).max(1.0));
        let table = Points::shared();
        Self { side, now: delay, wanted: delay, motion: Motion::Rest, glide, follow, table }
    }

    /// Wants another delay. A running slide turns there; a running fade ends first.
    pub(crate) fn set(&mut self, delay: usize) {
        self.wanted = delay;
    }

    /// Stands at the wanted delay at once.
    pub(crate) fn jump(&mut self) {
        self.now = self.wanted;
        self.motion = Motion::Rest;
    }

    /// The longest delay that it reads or heads for.
    pub(crate) fn longest(&self) -> usize {
        let far = match self.motion {
            Motion::Rest => self.now,
            Motion::Fade { next, .. } => self.now.max(next),
            Motion::Slide { at, .. } => at as usize + 1,
        };
        far.max(self.wanted)
    }

    /// Begins a motion that waits, by sliding or fading. Then how many frames may be read before the next are
    /// written, at least one; a fade's end is not passed.
    pub(crate) fn begin(&mut self, slides: bool) -> usize {
        if matches!(self.motion, Motion::Rest) && self.wanted != self.now {
            let next = if slides { self.target() as usize } else { self.wanted };
            if slides && self.now as f64 >= CLOSEST && next != self.now {
                self.motion = Motion::Slide { at: self.now as f64, speed: 0.0 };
            } else if next != self.now {
                let mut share = Ramp::new(0.0);
                share.set(1.0, self.glide);
                self.motion = Motion::Fade { next, share };
            }
        }
        match &self.motion {
            Motion::Rest => self.now.max(1),
            Motion::Fade { next, .. } => self.now.min(*next).min(self.room()).max(1),
            Motion::Slide { at, .. } => ((at - AHEAD) / (1.0 + FASTEST)).max(1.0) as usize,
        }
    }

    /// Frames until a fade ends; any number if there is none.
    pub(crate) fn room(&self) -> usize {
        match &self.motion {
            Motion::Fade { share, .. } => share.remaining() as usize,
            _ => usize::MAX,
        }
    }

    fn arrive(&mut self, at: usize) {
        self.now = at;
        self.motion = Motion::Rest;
    }

    /// Where a slide ends.
    fn target(&self) -> f64 {
        (self.wanted as f64).max(CLOSEST)
    }

    /// Reads at most [`BLOCK`] frames, and no more than [`Tap::begin`] allowed; `more` is added to the delay.
    /// With at least as many `more` as are read, [`Tap::room`] alone limits them.
    pub(crate) fn read(&mut self, line: &Line, more: usize, out: &mut [f32]) {
        let target = self.target();
        match &mut self.motion {
            Motion::Rest => line.read_side(self.side, self.now + more, out),
            Motion::Fade { next, share } => {
                line.read_side(self.side, self.now + more, out);
                let n = out.len().min(BLOCK);
                let (mut new, mut shares) = ([0.0; BLOCK], [0.0; BLOCK]);
                line.read_side(self.side, *next + more, &mut new[..n]);
                share.fill(&mut shares[..n]);
                for ((out, new), share) in out.iter_mut().zip(&new).zip(&shares) {
                    *out += share * (new - *out);
                }
                if share.is_steady() {
                    let next = *next;
                    self.arrive(next);
                }
            }
            Motion::Slide { at, speed } => {
                for (i, out) in out.iter_mut().enumerate() {
                    let wish = ((target - *at) * self.follow[0]).clamp(-FASTEST, FASTEST);
                    *speed += (wish - *speed) * self.follow[1];
                    *at = (*at + *speed).max(CLOSEST);
                    if (*at - target).abs() < ARRIVED[0] && speed.abs() < ARRIVED[1] {
                        (*at, *speed) = (target, 0.0);
                    }
                    // `whole` frames behind, and the rest of a frame towards the newer ones.
                    let whole = libm::ceil(*at);
                    let back = whole as usize + more + BEFORE;
                    let mut taps = [0.0; TAPS];
                    line.read_side(self.side, back.saturating_sub(i), &mut taps);
                    *out = self.table.sample(&taps, (whole - *at) as f32);
                }
                if *at == target && *speed == 0.0 {
                    self.arrive(target as usize);
                }
            }
        }
    }
}
