//! A place for one band: its filters at rest, on their way from one design to another, or moved by a level.
//!
//! Lives here: [`Slot`]. May be named here: the band's designs, its motion, the stages of `lanes`. Runs on the
//! audio thread.

use super::TICK;
use super::bands::{Bell, SECTIONS};
use super::lanes::Stage;
use super::motion::Motion;
use crate::dsp::svf::{Coefficients, Design};
use crate::effects::EqBand;

/// One filter of the second order.
#[derive(Debug, Clone, Copy)]
struct Section {
    /// Whether it is there at all.
    live: bool,
    /// Whether it stays when the glide has ended.
    stays: bool,
    from: Design,
    /// Where it stands at the end of the tick.
    now: Design,
    to: Design,
    /// The numbers at the end of the tick.
    next: Coefficients,
    stage: Stage,
}

impl Section {
    fn new(design: Option<Design>) -> Self {
        let at = design.unwrap_or(Design::OPEN);
        let next = design.map_or(Coefficients::OPEN, |design| design.coefficients());
        let live = design.is_some();
        Self { live, stays: live, from: at, now: at, to: at, next, stage: Stage::new(next) }
    }

    /// Begins a glide to a design, or away.
    fn set(&mut self, design: Option<Design>) {
        self.stays = design.is_some();
        self.to = design.unwrap_or(self.now.bypassed());
        if !self.live && self.stays {
            // A new filter starts empty and unheard, with its own frequency.
            *self = Self { to: self.to, ..Self::new(Some(self.to.bypassed())) };
        }
        self.from = self.now;
    }

    /// Begins a tick that ends with these numbers.
    fn head_for(&mut self, next: Coefficients) {
        self.next = next;
        let steps = self.stage.slope.iter_mut().zip(self.next.0.iter().zip(&self.stage.now.0));
        for (slope, (next, now)) in steps {
            *slope = (next - now) / f64::from(TICK);
        }
    }

    /// Stands exactly where the tick ends.
    fn land(&mut self) {
        self.stage.now = self.next;
        self.stage.slope = [0.0; 6];
    }
}

/// A place for one band.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    wanted: Option<EqBand>,
    sections: [Section; SECTIONS],
    /// What a level does to a dynamic band, and how that is designed in a hurry.
    motion: Motion,
    bell: Option<Bell>,
    /// Whether it is on its way to what is wanted.
    glides: bool,
    /// Frames of the glide beyond the current tick.
    left: u32,
}

impl Slot {
    pub(super) fn new(wanted: Option<EqBand>, sample_rate: u32) -> Self {
        let designs = wanted.map_or([None; SECTIONS], |band| band.designs(sample_rate, 0.0));
        Self {
            wanted,
            sections: designs.map(Section::new),
            motion: Motion::new(wanted.as_ref(), sample_rate),
            bell: wanted.and_then(|band| band.bell(sample_rate)),
            glides: false,
            left: 0,
        }
    }

    /// Whether it changes with the ticks.
    pub(super) fn moves(&self) -> bool {
        self.glides || self.motion.is_active()
    }

    /// What a level does to it.
    pub(super) fn motion(&mut self) -> &mut Motion {
        &mut self.motion
    }

    /// By how much its gain is moved, in decibels.
    pub(super) fn moved(&self) -> f32 {
        self.motion.moved()
    }

    pub(super) fn set(&mut self, wanted: Option<EqBand>, sample_rate: u32, glide: u32) {
        if wanted == self.wanted {
            return;
        }
        let moved = self.motion.moved();
        if self.motion.is_active() && !self.glides {
            self.stand_at(self.wanted.map(|band| band.designs(sample_rate, moved)));
        }
        self.wanted = wanted;
        self.bell = wanted.and_then(|band| band.bell(sample_rate));
        self.motion.set(wanted.as_ref(), sample_rate, glide);
        let designs = wanted.map_or([None; SECTIONS], |band| band.designs(sample_rate, moved));
        for (section, design) in self.sections.iter_mut().zip(designs) {
            section.set(design);
        }
        self.glides = true;
        self.left = glide;
    }

    /// Takes note of where a level has brought the filters.
    fn stand_at(&mut self, designs: Option<[Option<Design>; SECTIONS]>) {
        for (section, design) in self.sections.iter_mut().zip(designs.into_iter().flatten()) {
            section.now = design.unwrap_or(section.now);
        }
    }

    /// Begins a tick, for a slot that moves. `glide`: the frames of a whole glide.
    pub(super) fn begin_tick(&mut self, sample_rate: u32, glide: u32) {
        let before = self.motion.moved();
        if self.motion.is_active() {
            self.motion.step();
        }
        let moved = self.motion.moved();
        if self.glides {
            if moved != 0.0 || before != 0.0 {
                self.lead_to(self.wanted.map(|band| band.designs(sample_rate, moved)));
            }
            self.glide(glide);
        } else if moved != before {
            let exact = || self.wanted.and_then(|band| band.designs(sample_rate, 0.0)[0]);
            let next = match &self.bell {
                Some(bell) if moved != 0.0 => Some(bell.moved(moved)),
                _ => exact().map(|design| design.coefficients()),
            };
            if let (Some(next), Some(section)) = (next, self.sections.first_mut()) {
                section.head_for(next);
            }
        }
    }

    /// A tick of a glide.
    fn glide(&mut self, glide: u32) {
        self.left -= TICK.min(self.left);
        let part = 1.0 - f64::from(self.left) / f64::from(glide);
        // Begins and ends gently: through steep filters even a bend of what goes in is heard as a tick.
        let t = part * part * (3.0 - 2.0 * part);
        for section in self.sections.iter_mut().filter(|section| section.live) {
            section.now = if self.left == 0 { section.to } else { section.from.towards(&section.to, t) };
            section.head_for(section.now.coefficients());
        }
    }

    /// Gives a glide another end.
    fn lead_to(&mut self, designs: Option<[Option<Design>; SECTIONS]>) {
        for (section, design) in self.sections.iter_mut().zip(designs.into_iter().flatten()) {
            section.to = design.unwrap_or(section.to);
        }
    }

    /// Ends a tick, for a slot that moves.
    pub(super) fn end_tick(&mut self) {
        let arrived = self.left == 0;
        for section in &mut self.sections {
            section.land();
            section.live &= section.stays || !arrived;
        }
        self.glides &= !arrived;
        if self.wanted.is_none() && arrived {
            self.motion.stop();
        }
    }

    /// The filters that are there.
    pub(super) fn stages(&mut self) -> impl Iterator<Item = &mut Stage> {
        self.sections.iter_mut().filter(|section| section.live).map(|section| &mut section.stage)
    }

    /// Drops what is too small to be heard.
    pub(super) fn tidy(&mut self) {
        self.stages().for_each(Stage::flush);
        self.motion.ear().flush();
    }

    /// Whether there is no filter.
    pub(super) fn is_empty(&self) -> bool {
        self.sections.iter().all(|section| !section.live)
    }

    /// The band that it is, or becomes.
    pub(super) fn wanted(&self) -> Option<EqBand> {
        self.wanted
    }

    /// Frames in which its ringing falls by 100 dB.
    pub(super) fn tail(&self) -> f64 {
        let rings: f64 =
            self.sections.iter().filter(|section| section.live).map(|section| section.to.tail()).sum();
        rings + self.motion.recovery() as f64
    }
}
