//! How a level moves a band's gain.
//!
//! Lives here: [`Motion`], which is a dynamic band's detector, curve and times; what a band listens to and how
//! far it then moves. May be named here: `curve`, the stages of `lanes`. Runs on the audio
//! thread; [`EqBand::move_db`] and [`EqBand::heard_db`] on any.
//!
//! The curve is the compressor's, kept within the band's range; the detector takes the highest peak of a tick,
//! holds it for half a period of the band's frequency, and smooths what the curve makes of it in decibels, as the
//! compressor does (source there). The times are shortened by what holding and the tick add to them.

use super::TICK;
use super::bands::integrator_gain;
use super::lanes::Stage;
use crate::dsp::Ramp;
use crate::dsp::curve::Curve;
use crate::dsp::detector::recovery;
use crate::dsp::math::fast_amplitude_to_db;
use crate::dsp::svf::{Coefficients, Design};
use crate::effects::{EqBand, EqShape};

/// The width of the curve's soft knee, in decibels.
const KNEE: f32 = 6.0;
/// The longest hold of peaks: half a period of 20 Hz.
const HOLD_SECONDS: f64 = 0.025;
/// Levels below this, -200 dB, are taken as this.
const FLOOR: f32 = 1e-10;
/// A movement of less than this is none, in decibels.
const LEAST: f32 = 1e-3;

impl EqBand {
    /// Whether a level may move the gain.
    pub fn is_dynamic(&self) -> bool {
        let raises = matches!(self.shape, EqShape::Peak | EqShape::LowShelf | EqShape::HighShelf);
        raises && self.range.get() != 0.0
    }

    /// How far the gain settles from where it is set, in decibels, at a steady peak level in the band's region.
    pub fn move_db(&self, level_db: f32) -> f32 {
        let over = Curve { threshold: self.threshold.get(), slope: share(self.ratio), knee: KNEE }
            .reduction(level_db);
        if self.is_dynamic() { over.min(self.range.get().abs()).copysign(self.range.get()) } else { 0.0 }
    }

    /// At which level the band hears a tone of `freq_hz`, in decibels relative to the tone itself.
    pub fn heard_db(&self, freq_hz: f32, sample_rate: u32) -> f32 {
        let (g, k) = self.region(sample_rate);
        let ear = Design::new(g, k, [0.0, k, 0.0]);
        ear.response_db(f64::from(freq_hz), f64::from(sample_rate)) as f32
    }

    /// The frequency in whose surroundings the band listens: a shelf's is an octave inside it.
    fn ear_freq(&self) -> f64 {
        let freq = f64::from(self.freq.get());
        match self.shape {
            EqShape::LowShelf => 0.5 * freq,
            EqShape::HighShelf => 2.0 * freq,
            _ => freq,
        }
    }

    /// Integrator gain and damping of the band-pass that the band listens through.
    fn region(&self, sample_rate: u32) -> (f64, f64) {
        let k = if self.shape == EqShape::Peak { self.damping() } else { 2.0 };
        (integrator_gain(self.ear_freq(), sample_rate), k)
    }
}

/// The share of the overshoot that is taken away, `1 - 1/ratio`.
fn share(ratio: f32) -> f32 {
    if ratio > 1.0 { 1.0 - 1.0 / ratio.min(100.0) } else { 0.0 }
}

/// The largest of the last ticks' peaks.
#[derive(Debug, Clone, Copy)]
struct Hold {
    parts: [f32; 8],
    used: usize,
    oldest: usize,
    filling: f32,
    /// Ticks of a part.
    part: u32,
    left: u32,
}

impl Hold {
    fn new(ticks: u32) -> Self {
        let part = ticks.div_ceil(8).max(1);
        let used = ticks.div_ceil(part).min(8) as usize;
        Self { parts: [0.0; 8], used, oldest: 0, filling: 0.0, part, left: part }
    }

    fn ticks(&self) -> u32 {
        self.part * self.used as u32
    }

    /// Holds so many ticks from now on.
    fn resize(&mut self, ticks: u32) {
        let new = Self::new(ticks);
        if new.ticks() != self.ticks() {
            let top = self.parts.iter().take(self.used).fold(self.filling, |top, part| top.max(*part));
            *self = Self { filling: if new.used > 0 { top } else { 0.0 }, ..new };
        }
    }

    fn next(&mut self, peak: f32) -> f32 {
        if self.used == 0 {
            return peak;
        }
        self.filling = self.filling.max(peak);
        let top = self.parts.iter().take(self.used).fold(self.filling, |top, part| top.max(*part));
        self.left -= 1;
        if self.left == 0 {
            if let Some(part) = self.parts.get_mut(self.oldest) {
                *part = self.filling;
            }
            self.oldest = (self.oldest + 1) % self.used;
            self.filling = 0.0;
            self.left = self.part;
        }
        top
    }
}

/// What moves a band.
#[derive(Debug, Clone, Copy)]
pub(super) struct Motion {
    active: bool,
    /// The band-pass it listens through.
    ear: Stage,
    /// The highest level of the tick so far.
    peak: f32,
    hold: Hold,
    threshold: Ramp,
    share: Ramp,
    range: Ramp,
    attack_keep: f32,
    release_keep: f32,
    /// The first stage: falls by the release, rises at once. Decibels, as the next.
    crest: f32,
    /// The second stage: rises by the attack, falls with the first.
    smooth: f32,
    /// By how much the gain is moved at the end of the tick.
    moved: f32,
}

impl Motion {
    /// Frames until it is at rest, if nothing more is heard.
    pub(super) fn recovery(&self) -> usize {
        recovery(self.crest.max(self.smooth), self.release_keep) * TICK as usize
    }

    pub(super) fn new(band: Option<&EqBand>, sample_rate: u32) -> Self {
        let of = band.copied().unwrap_or_default();
        let mut made = Self {
            active: false,
            ear: Stage::new(Coefficients::OPEN),
            peak: 0.0,
            hold: Hold::new(0),
            threshold: Ramp::new(of.threshold.get()),
            share: Ramp::new(share(of.ratio)),
            range: Ramp::new(0.0),
            attack_keep: 0.0,
            release_keep: 0.0,
            crest: 0.0,
            smooth: 0.0,
            moved: 0.0,
        };
        made.set(band, sample_rate, 0);
        made
    }

    /// Begins to act as the band says, in `glide` frames.
    pub(super) fn set(&mut self, band: Option<&EqBand>, sample_rate: u32, glide: u32) {
        let Some(band) = band.filter(|band| band.is_dynamic()) else {
            self.range.set(0.0, glide);
            return;
        };
        if !self.active {
            self.active = true;
            self.ear.state = Default::default();
            self.threshold.jump(band.threshold.get());
            self.share.jump(share(band.ratio));
        }
        self.threshold.set(band.threshold.get(), glide);
        self.share.set(share(band.ratio), glide);
        self.range.set(band.range.get(), glide);
        let (g, k) = band.region(sample_rate);
        self.ear.now = Coefficients::new(g, k, [0.0, k, 0.0]);
        let rate = f64::from(sample_rate.max(1)) / f64::from(TICK);
        let [attack, release] =
            [band.attack, band.release].map(|time| f64::from(time.get()).max(1e-4) * rate);
        let half_period = (0.5 / band.ear_freq().max(1.0)).min(HOLD_SECONDS) * rate;
        // What turns within a tick needs no hold. Else never more than a quarter of the release, as with the
        // compressor.
        let held = if half_period < 1.0 { 0.0 } else { half_period.min(0.25 * release) };
        self.hold.resize(libm::ceil(held) as u32);
        // A tick is heard at its end and has moved the band at the end of the next.
        let keep = |ticks: f64, late: f64| libm::exp(-1.0 / (ticks - late).max(0.5 * ticks)) as f32;
        self.attack_keep = keep(attack, 1.5);
        self.release_keep = keep(release, 1.5 + f64::from(self.hold.ticks()));
    }

    /// Whether it listens.
    pub(super) fn is_active(&self) -> bool {
        self.active
    }

    /// By how much it moves the gain at the end of the tick.
    pub(super) fn moved(&self) -> f32 {
        self.moved
    }

    /// The filter it listens through.
    pub(super) fn ear(&mut self) -> &mut Stage {
        &mut self.ear
    }

    /// Takes notice of a level.
    pub(super) fn notice(&mut self, peak: f64) {
        self.peak = self.peak.max(peak as f32);
    }

    /// Stops at once.
    pub(super) fn stop(&mut self) {
        (self.active, self.peak, self.crest, self.smooth, self.moved) = (false, 0.0, 0.0, 0.0, 0.0);
        self.range.jump(0.0);
        self.hold = Hold::new(self.hold.ticks());
    }

    /// Ends a tick's listening and moves on by a tick.
    pub(super) fn step(&mut self) {
        for ramp in [&mut self.threshold, &mut self.share, &mut self.range] {
            ramp.skip(TICK);
        }
        let range = self.range.current();
        if range == 0.0 && self.range.is_steady() {
            self.stop();
            return;
        }
        let level = fast_amplitude_to_db(self.hold.next(self.peak).max(FLOOR));
        self.peak = 0.0;
        let curve = Curve { threshold: self.threshold.current(), slope: self.share.current(), knee: KNEE };
        let target = curve.reduction(level).min(range.abs());
        self.crest = target.max(target + self.release_keep * (self.crest - target));
        self.smooth = self.crest.min(self.crest + self.attack_keep * (self.smooth - self.crest));
        if self.crest < LEAST {
            (self.crest, self.smooth) = (0.0, 0.0);
        }
        self.moved = self.smooth.min(range.abs()).copysign(range);
        if self.smooth == 0.0 {
            self.moved = 0.0;
        }
    }
}
