//! The parametric equaliser.
//!
//! Lives here: [`struct@Eq`], its bands and their exact response. May be named here: `units` and the filter of `svf`.
//! Runs on the audio thread; [`EqBand::response_db`] on any.

use super::svf::{self, Coefficients, Design, Pair, State};
use super::{BLOCK, Processor, Stereo, StereoMut, glide_frames};
pub use crate::effects::{EqBand, EqParams, EqShape, MAX_BANDS};

/// Frames between two exact designs of a gliding filter; its coefficients are straight lines in between.
const TICK: u32 = 16;

impl EqBand {
    fn design(&self, sample_rate: u32) -> Design {
        let rate = f64::from(sample_rate.max(1));
        let freq = f64::from(self.freq.get()).min(0.49 * rate);
        let g = libm::tan(std::f64::consts::PI * freq / rate);
        let q = if self.q.is_nan() { std::f32::consts::FRAC_1_SQRT_2 } else { self.q.clamp(0.05, 50.0) };
        let k = 1.0 / f64::from(q);
        let a = libm::exp10(f64::from(self.gain.get()) / 40.0);
        match self.shape {
            EqShape::Peak => {
                let k = k / a;
                Design::new(g, k, [1.0, k * (a * a - 1.0), 0.0])
            }
            EqShape::LowShelf => Design::new(g / libm::sqrt(a), k, [1.0, k * (a - 1.0), a * a - 1.0]),
            EqShape::HighShelf => Design::new(g * libm::sqrt(a), k, [a * a, k * (1.0 - a) * a, 1.0 - a * a]),
            EqShape::HighPass => Design::new(g, k, [1.0, -k, -1.0]),
            EqShape::LowPass => Design::new(g, k, [0.0, 0.0, 1.0]),
        }
    }

    /// The band's exact response at `freq_hz`, in decibels, as the filter has it at `sample_rate`.
    pub fn response_db(&self, freq_hz: f32, sample_rate: u32) -> f32 {
        self.design(sample_rate).response_db(f64::from(freq_hz), f64::from(sample_rate)) as f32
    }
}

/// A slot: a filter at rest, or on its way from one design to another.
#[derive(Debug, Clone, Copy)]
struct Slot {
    wanted: Option<EqBand>,
    /// Whether there is a filter at all.
    active: bool,
    /// Frames of the glide beyond the current tick; with `tick` zero too, the filter rests.
    left: u32,
    /// Frames of the current tick left.
    tick: u32,
    from: Design,
    now: Design,
    to: Design,
    coefficients: Coefficients,
    /// Added to the coefficients each frame of the tick.
    slope: [f64; 6],
    state: State,
}

impl Slot {
    fn new(wanted: Option<EqBand>, sample_rate: u32) -> Self {
        let design = wanted.map_or(Design::new(1.0, 1.0, [1.0, 0.0, 0.0]), |band| band.design(sample_rate));
        Self {
            wanted,
            active: wanted.is_some(),
            left: 0,
            tick: 0,
            from: design,
            now: design,
            to: design,
            coefficients: design.coefficients(),
            slope: [0.0; 6],
            state: State::default(),
        }
    }

    fn glides(&self) -> bool {
        self.left > 0 || self.tick > 0
    }

    fn set(&mut self, wanted: Option<EqBand>, sample_rate: u32, glide: u32) {
        if wanted == self.wanted {
            return;
        }
        self.wanted = wanted;
        self.to = wanted.map_or(self.now.bypassed(), |band| band.design(sample_rate));
        if !self.active {
            // A new filter starts empty and unheard, with its own frequency.
            self.active = true;
            self.now = self.to.bypassed();
            self.coefficients = self.now.coefficients();
            self.state = State::default();
        }
        self.from = self.now;
        self.left = glide;
        self.tick = 0;
    }

    /// Begins the next tick of a glide of `glide` frames, or ends it.
    fn next_tick(&mut self, glide: u32) {
        if self.left == 0 {
            return;
        }
        self.left -= TICK.min(self.left);
        self.now = if self.left == 0 {
            self.to
        } else {
            self.from.towards(&self.to, 1.0 - f64::from(self.left) / f64::from(glide))
        };
        let next = self.now.coefficients().0;
        for ((slope, old), new) in self.slope.iter_mut().zip(&self.coefficients.0).zip(next) {
            *slope = (new - old) / f64::from(TICK);
        }
        self.tick = TICK;
    }

    fn run_gliding(&mut self, glide: u32, frames: &mut [Pair]) {
        for frame in frames {
            if self.tick == 0 {
                self.next_tick(glide);
            }
            if self.tick > 0 {
                for (c, slope) in self.coefficients.0.iter_mut().zip(&self.slope) {
                    *c += slope;
                }
                self.tick -= 1;
                if self.tick == 0 && self.left == 0 {
                    self.coefficients = self.to.coefficients();
                    self.active = self.wanted.is_some();
                }
            }
            *frame = svf::step(&self.coefficients.0, &mut self.state, *frame);
        }
    }
}

/// A parametric equaliser of up to [`MAX_BANDS`] second-order bands, without latency.
///
/// A change glides on a logarithmic frequency scale. A band that appears or goes, or becomes another shape,
/// has its share of the output faded, so nothing clicks or rings.
#[derive(Debug)]
pub struct Eq {
    slots: [Slot; MAX_BANDS],
    sample_rate: u32,
    /// Frames of a glide, a multiple of [`TICK`].
    glide: u32,
}

impl Eq {
    /// Runs up to four resting filters, given by their slots' numbers.
    fn run_group(&mut self, group: &[usize], frames: &mut [Pair]) {
        match *group {
            [a] => self.run_some([a], frames),
            [a, b] => self.run_some([a, b], frames),
            [a, b, c] => self.run_some([a, b, c], frames),
            [a, b, c, d] => self.run_some([a, b, c, d], frames),
            _ => {}
        }
    }

    fn run_some<const N: usize>(&mut self, which: [usize; N], frames: &mut [Pair]) {
        let filters = which.map(|i| self.slots[i].coefficients);
        let mut states = which.map(|i| self.slots[i].state);
        svf::run(&filters, &mut states, frames);
        for (i, state) in which.into_iter().zip(states) {
            self.slots[i].state = state;
            self.slots[i].state.flush();
        }
    }
}

impl Processor for Eq {
    type Params = EqParams;

    fn new(params: &EqParams, sample_rate: u32) -> Self {
        Self {
            slots: params.bands.map(|band| Slot::new(band, sample_rate)),
            sample_rate,
            glide: glide_frames(sample_rate).next_multiple_of(TICK),
        }
    }

    fn set(&mut self, params: &EqParams) {
        for (slot, band) in self.slots.iter_mut().zip(params.bands) {
            slot.set(band, self.sample_rate, self.glide);
        }
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        if self.slots.iter().all(|slot| !slot.active) {
            return;
        }
        let n = block.len();
        let mut buffer = [[0.0; 2]; BLOCK];
        let frames = &mut buffer[..n];
        for ((frame, l), r) in frames.iter_mut().zip(&*block.left).zip(&*block.right) {
            *frame = [f64::from(*l), f64::from(*r)];
        }
        let (mut group, mut count) = ([0; 4], 0);
        for i in 0..MAX_BANDS {
            if !self.slots[i].active {
                continue;
            }
            if self.slots[i].glides() {
                self.run_group(&group[..count], frames);
                count = 0;
                self.slots[i].run_gliding(self.glide, frames);
                continue;
            }
            group[count] = i;
            count += 1;
            if count == group.len() {
                self.run_group(&group, frames);
                count = 0;
            }
        }
        self.run_group(&group[..count], frames);
        for ((frame, l), r) in frames.iter().zip(block.left.iter_mut()).zip(block.right.iter_mut()) {
            (*l, *r) = (frame[0] as f32, frame[1] as f32);
        }
    }

    fn reset(&mut self) {
        for slot in &mut self.slots {
            *slot = Slot::new(slot.wanted, self.sample_rate);
        }
    }

    fn tail(&self) -> usize {
        self.slots.iter().filter(|slot| slot.active).map(|slot| slot.to.tail()).sum::<f64>() as usize
    }
}
