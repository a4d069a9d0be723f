//! One bus: its chain, its ducking and fader, its sends, and whether it has anything to say.

use super::duck::{Amount, Ducker};
use super::effect::{Outcome, Slot};
use super::graph::BusSpec;
use crate::dsp::math::fast_db_to_amplitude;
use crate::dsp::meter::{Levels, Meter};
use crate::dsp::ramp::Ramp;
use crate::dsp::simd::dispatched;
use crate::dsp::{BLOCK, Stereo, StereoMut};
use crate::link::BusReading;
use kira::info::Info;
use std::ops::Range;

/// A bus's signal over one block: what was summed in, then what came out.
pub(super) struct Buffer {
    pub(super) left: [f32; BLOCK],
    pub(super) right: [f32; BLOCK],
    /// Whether anything was summed in.
    pub(super) fed: bool,
    /// The frames in which a voice sounds on the bus or below it.
    pub(super) active: Range<usize>,
}

impl Buffer {
    pub(super) const SILENT: Self =
        Self { left: [0.0; BLOCK], right: [0.0; BLOCK], fed: false, active: 0..0 };

    /// Makes ready for the next block.
    pub(super) fn clear(&mut self) {
        if self.fed {
            self.left.fill(0.0);
            self.right.fill(0.0);
            self.fed = false;
        }
        self.active = 0..0;
    }

    /// Notes that a voice sounds in these frames.
    pub(super) fn mark_active(&mut self, frames: &Range<usize>) {
        if frames.is_empty() {
            return;
        }
        self.active = if self.active.is_empty() {
            frames.clone()
        } else {
            self.active.start.min(frames.start)..self.active.end.max(frames.end)
        };
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.fed = true;
        add(&mut self.left, &other.left);
        add(&mut self.right, &other.right);
    }

    fn as_ref(&self) -> Stereo<'_> {
        Stereo { left: &self.left, right: &self.right }
    }
}

dispatched! {
    fn add(out: &mut [f32; BLOCK], from: &[f32; BLOCK]) {
        for (out, from) in out.iter_mut().zip(from) {
            *out += from;
        }
    }
}

pub(super) struct Bus {
    pub(super) parent: Option<u16>,
    /// The parent before a reload, which still gets its falling share.
    pub(super) old_parent: Option<u16>,
    /// The share of the parent, and of the one before it.
    pub(super) shares: [Ramp; 2],
    pub(super) inherits: Option<u16>,
    /// Rules that listen to this bus.
    pub(super) triggers: Vec<u16>,
    /// Rules that hold this bus down, each with its depth in dB.
    pub(super) ducks: Vec<(u16, f32)>,
    pub(super) sends: Vec<(u16, Ramp)>,
    slots: Vec<Slot>,
    fader: Ramp,
    gain: f32,
    glide: u32,
    /// What a reload's other ducking would change at once, in dB, on its way to nothing.
    duck_offset: Ramp,
    /// Frames since the bus was last fed, and how many of them its chain may still ring.
    quiet: usize,
    tail: usize,
    meter: BusReading,
    ballistics: Ballistics,
}

/// What a bus has to tell after a block.
pub(super) struct Spoken {
    /// Whether there is a signal; if not, the buffer is silent and was not touched.
    pub(super) sounding: bool,
    /// A plug-in that failed in this block.
    pub(super) failed: Option<u16>,
}

impl Bus {
    pub(super) fn new(spec: &BusSpec, slots: Vec<Slot>, glide: u32, ballistics: Ballistics) -> Self {
        let share = if spec.old_parent.is_some() { 0.0 } else { 1.0 };
        let mut shares = [Ramp::new(share), Ramp::new(1.0 - share)];
        shares[0].set(1.0, glide);
        shares[1].set(0.0, glide);
        Self {
            parent: spec.parent,
            old_parent: spec.old_parent,
            shares,
            inherits: spec.inherits,
            triggers: Vec::new(),
            ducks: Vec::new(),
            sends: spec.sends.iter().map(|&(bus, gain)| (bus, Ramp::new(gain))).collect(),
            slots,
            fader: Ramp::new(spec.gain),
            gain: spec.gain,
            glide,
            duck_offset: Ramp::new(0.0),
            quiet: usize::MAX,
            tail: 0,
            meter: BusReading::default(),
            ballistics,
        }
    }

    /// Goes on from where the same bus of the old graph was. `moved` tells where old buses have gone.
    pub(super) fn take_over(&mut self, old: &mut Self, moved: &impl Fn(u16) -> Option<u16>) {
        self.fader = old.fader;
        self.fader.set(self.gain, self.glide);
        (self.quiet, self.meter) = (old.quiet, old.meter);
        for (bus, send) in &mut self.sends {
            let target = send.target();
            *send = match old.sends.iter().find(|(old_bus, _)| moved(*old_bus) == Some(*bus)) {
                Some((_, old_send)) => *old_send,
                None => Ramp::new(0.0),
            };
            send.set(target, self.glide);
        }
        for slot in &mut self.slots {
            slot.take_over(&mut old.slots);
        }
        // What still rings goes on ringing, though nothing new may come in.
        self.tail = old.tail.max(self.tail());
    }

    /// Takes over how far the bus was held down, in dB: what the new rules would change at once, they change
    /// in a glide.
    pub(super) fn glide_ducking(&mut self, old_db: f32, rules: &[Ducker]) {
        self.duck_offset = Ramp::new(old_db - self.duck_db(rules));
        self.duck_offset.set(0.0, self.glide);
    }

    /// Frames after the last input in which the chain may still be heard.
    fn tail(&self) -> usize {
        self.slots.iter().map(Slot::tail).fold(0, usize::saturating_add)
    }

    /// Runs the chain and the fader over the bus's buffer, in place.
    pub(super) fn process(
        &mut self,
        index: usize,
        buffers: &mut [Buffer],
        rules: &[Ducker],
        info: &Info<'_>,
    ) -> Spoken {
        if buffers[index].fed {
            self.quiet = 0;
            // Chains change only with the graph, but a plug-in or a leaving effect can change its mind.
            self.tail = self.tail();
        } else if self.quiet > self.tail {
            self.fader.jump(self.fader.target());
            self.duck_offset.jump(0.0);
            self.shares = [Ramp::new(1.0), Ramp::new(0.0)];
            for (_, send) in &mut self.sends {
                send.jump(send.target());
            }
            return Spoken { sounding: false, failed: None };
        } else {
            self.quiet = self.quiet.saturating_add(BLOCK);
        }
        // From here on the buffer holds something, if only a tail, and must be cleared for the next block.
        buffers[index].fed = true;

        let mut failed = None;
        for (place, slot) in self.slots.iter_mut().enumerate() {
            let outcome = match slot.key().map(usize::from) {
                Some(key) => match buffers.get_disjoint_mut([index, key]) {
                    Ok([own, key]) => slot.process(&mut own.stereo_mut(), Some(key.as_ref()), info),
                    Err(_) => Outcome::Fine,
                },
                None => slot.process(&mut buffers[index].stereo_mut(), None, info),
            };
            if outcome == Outcome::Failed {
                failed = Some(place as u16);
            }
        }
        self.fade(&mut buffers[index], rules);
        Spoken { sounding: true, failed }
    }

    /// Ducking and fader in one pass. Of several rules on this bus, the deepest at each frame wins.
    fn fade(&mut self, buffer: &mut Buffer, rules: &[Ducker]) {
        let curved = |&(rule, _): &(u16, f32)| rules[usize::from(rule)].shape() == Amount::Curve;
        if self.fader.is_steady() && self.duck_offset.is_steady() && !self.ducks.iter().any(curved) {
            let gain = self.fader.current() * db_to_gain(-self.duck_db(rules));
            if gain != 1.0 {
                buffer.left.iter_mut().chain(&mut buffer.right).for_each(|sample| *sample *= gain);
            }
            return;
        }
        let mut depth = [0.0_f32; BLOCK];
        for &(rule, rule_depth) in &self.ducks {
            let rule = &rules[usize::from(rule)];
            match rule.shape() {
                Amount::Flat(amount) => {
                    depth.iter_mut().for_each(|depth| *depth = depth.max(amount * rule_depth))
                }
                Amount::Curve => {
                    for (depth, amount) in depth.iter_mut().zip(rule.curve()) {
                        *depth = depth.max(amount * rule_depth);
                    }
                }
            }
        }
        let (mut gains, mut offset) = ([0.0; BLOCK], [0.0; BLOCK]);
        self.fader.fill(&mut gains);
        self.duck_offset.fill(&mut offset);
        for ((gain, depth), offset) in gains.iter_mut().zip(&depth).zip(&offset) {
            *gain *= db_to_gain(-(depth + offset));
        }
        for channel in [&mut buffer.left, &mut buffer.right] {
            for (sample, gain) in channel.iter_mut().zip(&gains) {
                *sample *= gain;
            }
        }
    }

    /// How far ducking holds the bus down at the block's end, in dB.
    pub(super) fn duck_db(&self, rules: &[Ducker]) -> f32 {
        let depths = self.ducks.iter().map(|&(rule, depth)| rules[usize::from(rule)].amount() * depth);
        depths.fold(0.0, f32::max) + self.duck_offset.current()
    }

    /// Gives the bus's signal to its parent, and for the length of a glide to the parent it had before.
    pub(super) fn pass_on(&mut self, index: usize, buffers: &mut [Buffer]) {
        let Some(parent) = self.parent.map(usize::from) else { return };
        if self.shares[0].is_steady() {
            if let Ok([own, parent]) = buffers.get_disjoint_mut([index, parent]) {
                parent.add(own);
            }
            return;
        }
        let [share, old_share] = &mut self.shares;
        if let Ok([own, parent]) = buffers.get_disjoint_mut([index, parent]) {
            parent.add_scaled(own, share);
        }
        if let Some(old) = self.old_parent.map(usize::from)
            && let Ok([own, old]) = buffers.get_disjoint_mut([index, old])
        {
            old.add_scaled(own, old_share);
        }
    }

    /// The readings after a block.
    pub(super) fn reading(&mut self, buffer: &Buffer, rules: &[Ducker], sounding: bool) -> BusReading {
        let (peaks, square) = if sounding {
            let mut meter = Meter::new();
            meter.accumulate(buffer.as_ref());
            let Levels { peak, mean_square: [left, right] } = meter.take();
            (peak, 0.5 * (left + right))
        } else {
            ([0.0; 2], 0.0)
        };
        let duck_db = self.duck_db(rules).max(0.0);
        let meter = &mut self.meter;
        for (held, peak) in meter.peak.iter_mut().zip(peaks) {
            *held = peak.max(*held * self.ballistics.peak_fall);
        }
        meter.mean_square += (square - meter.mean_square) * self.ballistics.square_share;
        meter.duck_db = duck_db;
        meter.reduction_db =
            if sounding { self.slots.iter().map(Slot::reduction_db).fold(0.0, f32::max) } else { 0.0 };
        // Far below anything heard, so that a meter at rest does not creep through denormals.
        if meter.mean_square < 1e-14 {
            (meter.mean_square, meter.peak) =
                (0.0, meter.peak.map(|peak| if peak < 1e-7 { 0.0 } else { peak }));
        }
        self.meter
    }
}

/// How a bus's meter moves from block to block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ballistics {
    /// What is left of a peak after a block: 40 dB less after a second.
    peak_fall: f32,
    /// How much of a block's mean square goes into the average of a twentieth of a second.
    square_share: f32,
}

impl Ballistics {
    pub(super) fn new(sample_rate: u32) -> Self {
        let seconds = BLOCK as f32 / sample_rate as f32;
        Self { peak_fall: libm::powf(10.0, -2.0 * seconds), square_share: 1.0 - libm::expf(-seconds / 0.05) }
    }
}

impl Buffer {
    fn stereo_mut(&mut self) -> StereoMut<'_> {
        StereoMut { left: &mut self.left, right: &mut self.right }
    }

    /// Adds `other` times a gliding gain.
    pub(super) fn add_scaled(&mut self, other: &Self, gain: &mut Ramp) {
        let mut gains = [0.0; BLOCK];
        gain.fill(&mut gains);
        self.fed = true;
        for (out, from) in [(&mut self.left, &other.left), (&mut self.right, &other.right)] {
            for ((out, from), gain) in out.iter_mut().zip(from).zip(&gains) {
                *out += from * gain;
            }
        }
    }
}

/// `10^(db / 20)` by the fast exponential: within 0.001 dB.
fn db_to_gain(db: f32) -> f32 {
    if db == 0.0 { 1.0 } else { fast_db_to_amplitude(db) }
}
