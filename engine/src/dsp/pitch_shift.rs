//! The pitch shifter.
//!
//! Lives here: [`PitchShift`]. May be named here: `units`, `splice`, [`Interpolator`], [`struct@Eq`], `line`, `lfo`'s
//! tick, [`Ramp`]. Runs on the audio thread.
//!
//! A head reads the last stretch of the signal faster or slower than it is written. Before it runs out of it, it
//! fades to one that stands about a window earlier or later, where the sound fits best: a steady tone goes on
//! in phase. So there is one search for each window at most, and one of bounded cost.

use super::eq::Eq;
use super::interp::{AFTER, BEFORE, Interpolation, Interpolator};
use super::lfo::TICK;
use super::line::Line;
use super::splice::Memory;
use super::{BLOCK, EqBand, EqParams, EqShape, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::PitchShiftParams;
use crate::units::{Decibels, Hertz, Seconds};

/// Frames that a head stays behind the newest: what it reads in a tick at four times the speed, and the taps.
const CLOSEST: f64 = 80.0;
/// The highest ratio: two octaves.
const FASTEST: usize = 4;
/// What a search looks through, in seconds: the period of the lowest tone that fits, 40 Hz.
const SEARCH_SECONDS: f64 = 0.025;
/// Samples that a tick reads at most.
const SPAN: usize = TICK * FASTEST + BEFORE + AFTER + 1;
/// The qualities that make four filters one of Butterworth's, of the eighth order.
const QUALITIES: [f32; 4] = [0.5098, 0.6013, 0.9, 2.5629];
/// Where the filter before a faster head ends, as a part of the sample rate, divided by the ratio.
const EDGE: f32 = 0.43;

/// A pitch shifter for anything: voices, music, noises.
#[derive(Debug)]
pub struct PitchShift {
    params: PitchShiftParams,
    sample_rate: u32,
    glide: u32,
    /// In semitones.
    pitch: Ramp,
    ratio: f64,
    mix: Ramp,
    window: f64,
    memory: Memory,
    /// Takes away what would pass half the sample rate.
    filter: Eq,
    /// Whether that is needed: heard from the middle of the ramp on, when the filter has come to swing.
    filtered: Ramp,
    dry: Line,
    table: &'static Interpolator,
    /// How far behind the newest frame the head is.
    head: f64,
    fade: Option<Fade>,
    /// The tick's output, rendered at its beginning.
    out: [[f32; TICK]; 2],
    left: usize,
}

/// On the way to another head.
#[derive(Debug, Clone, Copy)]
struct Fade {
    head: f64,
    likeness: f32,
    frames: u32,
    done: u32,
}

impl Fade {
    /// The shares of the old head and the new one in a frame: together as loud as one alone.
    fn shares(&self, frame: usize) -> [f32; 2] {
        let t = ((self.done + frame as u32) as f32 / self.frames.max(1) as f32).min(1.0);
        let new = t * t * (3.0 - 2.0 * t);
        let old = 1.0 - new;
        let level = (old * old + new * new + 2.0 * old * new * self.likeness).max(0.25).sqrt();
        [old / level, new / level]
    }
}

/// The filter before a head of that speed; a slower one needs none.
fn filter(pitch: f32, sample_rate: u32) -> EqParams {
    let mut params = EqParams::default();
    let freq = EDGE * sample_rate as f32 / libm::exp2f(pitch.max(0.0) / 12.0);
    for (band, q) in params.bands.iter_mut().zip(QUALITIES) {
        let (freq, gain) = (Hertz::clamped(freq), Decibels::UNITY);
        *band = Some(EqBand { shape: EqShape::LowPass, freq, gain, q, ..Default::default() });
    }
    params
}

fn window(params: &PitchShiftParams, sample_rate: u32) -> f64 {
    f64::from(Seconds::clamped(params.window.get().clamp(0.03, 0.2)).frames(sample_rate))
}

impl PitchShift {
    /// Where a head rests at the natural pitch: in whole frames, so that it gives back every bit.
    fn home(&self) -> f64 {
        CLOSEST + libm::round(0.5 * self.window)
    }

    fn farthest(&self) -> f64 {
        CLOSEST + 1.25 * self.window
    }

    fn is_unfiltered(&self) -> bool {
        self.filtered.is_steady() && self.filtered.current() == 0.0
    }

    fn filter(&mut self, left: &mut [f32], right: &mut [f32]) {
        if self.is_unfiltered() {
            return;
        }
        let n = left.len().min(right.len());
        let (mut copy, mut shares) = ([[0.0; BLOCK]; 2], [0.0; BLOCK]);
        let [l, r] = &mut copy;
        l[..n].copy_from_slice(left);
        r[..n].copy_from_slice(right);
        self.filter.process(&mut StereoMut { left: &mut l[..n], right: &mut r[..n] }, None);
        self.filtered.fill(&mut shares[..n]);
        for (out, filtered) in [left, right].into_iter().zip(&copy) {
            for ((out, filtered), share) in out.iter_mut().zip(filtered).zip(&shares) {
                *out += (2.0 * share - 1.0).max(0.0) * (filtered - *out);
            }
        }
    }

    /// Begins a fade if the head comes to its end, or need not be where it is.
    fn turn(&mut self) {
        let drift = 1.0 - self.ratio;
        let longest = 0.25 * self.window;
        let frames = if drift == 0.0 { longest } else { longest.min(longest / drift.abs()) };
        let frames = (frames as u32).next_multiple_of(TICK as u32);
        let end = self.head + drift * f64::from(frames + TICK as u32);
        let search = (SEARCH_SECONDS * f64::from(self.sample_rate)).min(0.5 * self.window);
        let (low, high) = ((self.window - search) as i64, self.window as i64);
        let at = self.memory.written() as i64 - self.head as i64;
        let (head, likeness) = if drift < 0.0 && end < CLOSEST {
            let fit = self.memory.find(at, low, high);
            (self.head + fit.back, fit.likeness)
        } else if drift > 0.0 && end > self.farthest() {
            let fit = self.memory.find(at, -high, -low);
            (self.head + fit.back, fit.likeness)
        } else if drift == 0.0 && self.pitch.is_steady() && self.head != self.home() {
            (self.home(), 1.0)
        } else {
            return;
        };
        self.fade = Some(Fade { head, likeness, frames, done: 0 });
    }

    /// Reads one side from a head on.
    fn read(&self, side: usize, head: f64, out: &mut [f32; TICK]) {
        let whole = libm::floor(-head);
        let first = self.memory.written() as i64 + whole as i64 - BEFORE as i64;
        let mut source = [0.0; SPAN];
        self.memory.copy(side, first, &mut source);
        self.table.render(&source, BEFORE as f64 + (-head - whole), self.ratio, out);
    }

    fn moved(&self, head: f64) -> f64 {
        (head + (1.0 - self.ratio) * TICK as f64).max(CLOSEST).min(self.farthest())
    }

    fn next_tick(&mut self) {
        if !self.pitch.is_steady() {
            self.pitch.skip(TICK as u32);
            let pitch = self.pitch.current();
            self.ratio = if pitch == 0.0 { 1.0 } else { libm::exp2(f64::from(pitch) / 12.0) };
        }
        if self.fade.is_none() {
            self.turn();
        }
        for side in 0..2 {
            let mut old = [0.0; TICK];
            self.read(side, self.head, &mut old);
            if let Some(fade) = self.fade {
                let mut new = [0.0; TICK];
                self.read(side, fade.head, &mut new);
                for (i, (old, new)) in old.iter_mut().zip(&new).enumerate() {
                    let shares = fade.shares(i + 1);
                    *old = shares[0] * *old + shares[1] * new;
                }
            }
            self.out[side] = old;
        }
        self.head = self.moved(self.head);
        if let Some(mut fade) = self.fade.take() {
            fade.head = self.moved(fade.head);
            fade.done += TICK as u32;
            if fade.done >= fade.frames {
                self.head = fade.head;
            } else {
                self.fade = Some(fade);
            }
        }
        self.left = TICK;
    }
}

impl Processor for PitchShift {
    type Params = PitchShiftParams;

    fn new(params: &PitchShiftParams, sample_rate: u32) -> Self {
        let window = window(params, sample_rate);
        let mut made = Self {
            params: *params,
            sample_rate,
            glide: glide_frames(sample_rate).next_multiple_of(TICK as u32),
            pitch: Ramp::new(params.pitch.get()),
            ratio: 1.0,
            mix: Ramp::new(params.mix.get()),
            window,
            memory: Memory::new((CLOSEST + 2.5 * window) as usize, sample_rate),
            filter: Eq::new(&filter(params.pitch.get(), sample_rate), sample_rate),
            filtered: Ramp::new(0.0),
            dry: Line::new((CLOSEST + window) as usize + BLOCK),
            table: Interpolator::shared(Interpolation::Sinc),
            head: 0.0,
            fade: None,
            out: [[0.0; TICK]; 2],
            left: 0,
        };
        made.reset();
        made
    }

    fn set(&mut self, params: &PitchShiftParams) {
        if *params == self.params {
            return;
        }
        self.params = PitchShiftParams { window: self.params.window, ..*params };
        self.pitch.set(params.pitch.get(), self.glide);
        self.mix.set(params.mix.get(), self.glide);
        let faster = params.pitch.get() > 0.0;
        if faster {
            self.filter.set(&filter(params.pitch.get(), self.sample_rate));
            if self.is_unfiltered() {
                self.filter.reset();
            }
        }
        self.filtered.set(if faster { 1.0 } else { 0.0 }, 2 * self.glide);
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let n = block.len();
        let (mut wet_l, mut wet_r, mut mix) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
        let (wet_l, wet_r) = (&mut wet_l[..n], &mut wet_r[..n]);
        let (left, right) = (&mut block.left[..n], &mut block.right[..n]);
        wet_l.copy_from_slice(left);
        wet_r.copy_from_slice(right);
        self.filter(wet_l, wet_r);
        let mut at = 0;
        while at < n {
            if self.left == 0 {
                self.next_tick();
            }
            let count = self.left.min(n - at);
            let from = TICK - self.left;
            let (l, r) = (&mut wet_l[at..at + count], &mut wet_r[at..at + count]);
            self.memory.write(l, r);
            l.copy_from_slice(&self.out[0][from..from + count]);
            r.copy_from_slice(&self.out[1][from..from + count]);
            self.left -= count;
            at += count;
        }
        self.dry.write([&*left, &*right]);
        self.dry.read(self.latency() + n, [&mut *left, &mut *right]);
        self.mix.fill(&mut mix[..n]);
        for (dry, wet) in [(left, wet_l), (right, wet_r)] {
            for ((dry, wet), mix) in dry.iter_mut().zip(wet).zip(&mix) {
                *dry = *dry * (1.0 - mix) + *wet * mix;
            }
        }
    }

    fn reset(&mut self) {
        self.pitch.jump(self.pitch.target());
        self.mix.jump(self.mix.target());
        let pitch = self.pitch.current();
        self.ratio = if pitch == 0.0 { 1.0 } else { libm::exp2(f64::from(pitch) / 12.0) };
        self.memory.clear();
        self.filter.reset();
        self.filtered.jump(if pitch > 0.0 { 1.0 } else { 0.0 });
        self.dry.clear();
        (self.head, self.fade, self.left) = (self.home(), None, 0);
    }

    fn latency(&self) -> usize {
        self.home() as usize
    }

    fn tail(&self) -> usize {
        self.farthest() as usize - self.latency()
            + TICK
            + if self.is_unfiltered() { 0 } else { self.filter.tail() }
    }
}
