//! One bus: its chain, its ducking and fader, its sends, and whether it has anything to say.

use super::buffer::{Buffer, multiply};
use super::duck::{Ducked, Ducker};
use super::effect::Slot;
use super::fader::Fader;
use super::graph::{BusSpec, Gates, Source, TapBuffer};
use super::hold::{Depth, Hold};
use super::path::{Path, Wait};
use super::profile::Cost;
use super::programme::ProgrammeMeter;
use super::steer::Property;
use super::voice_gates::VoiceGates;
use crate::dsp::BLOCK;
use crate::dsp::math::fast_db_to_amplitude;
use crate::dsp::meter::{Levels, Meter};
use crate::dsp::ramp::Ramp;
use crate::link::{BusReading, Fault};
use kira::info::Info;

pub(super) struct Bus {
    pub(super) parent: Option<u16>,
    pub(super) inherits: Option<u16>,
    /// Rules that listen to this bus.
    pub(super) triggers: Vec<u16>,
    /// What holds this bus down: its gain, its voices, bands of it.
    pub(super) holds: Vec<Hold>,
    pub(super) paths: Vec<Path>,
    /// What makes voices as late as what comes from buses below.
    pub(super) direct: Option<Box<Wait>>,
    /// Where the signal before the fader is copied to, if anyone listens to it.
    pub(super) pre: Option<u16>,
    pub(super) slots: Vec<Slot>,
    fader: Fader,
    /// Closed while the bus is muted or another is soloed.
    gate: Ramp,
    /// The gates of the voices on this bus, into the bus and into their sends.
    pub(super) voices: VoiceGates,
    /// Whether it ends with this graph: then its gates stay as they were.
    leaves: bool,
    glide: u32,
    /// Frames since the bus was last fed, and how many of them its chain may still ring.
    quiet: usize,
    tail: usize,
    asleep: bool,
    /// Whether all that can be told of it at rest is told.
    told_rest: bool,
    pub(super) programme: Option<Box<ProgrammeMeter>>,
    pub(super) cost: Cost,
    meter: BusReading,
    ballistics: Ballistics,
}

/// What a bus has to tell after a block.
pub(super) struct Spoken {
    /// Whether there is a signal; if not, the buffer is silent and was not touched.
    pub(super) sounding: bool,
    /// A plug-in that failed in this block.
    pub(super) failed: Option<(u16, Fault)>,
}

impl Bus {
    pub(super) fn new(spec: BusSpec, glide: u32, sample_rate: u32) -> Self {
        let paths = spec.paths.into_iter().map(|path| Path::new(path, 0, glide)).collect();
        let gates = spec.gates.unwrap_or(Gates::OPEN);
        Self {
            parent: spec.parent,
            inherits: spec.inherits,
            triggers: Vec::new(),
            holds: Vec::new(),
            paths,
            direct: None,
            pre: None,
            slots: spec.slots.into_iter().map(|slot| Slot::new(slot, sample_rate)).collect(),
            fader: Fader::new(spec.gain),
            gate: Ramp::new(f32::from(u8::from(gates.open))),
            voices: VoiceGates::new(gates),
            leaves: spec.gates.is_none(),
            glide,
            quiet: usize::MAX,
            tail: 0,
            asleep: true,
            told_rest: false,
            programme: None,
            cost: Cost::default(),
            meter: BusReading::default(),
            ballistics: Ballistics::new(sample_rate),
        }
        .gated(gates)
    }

    /// With the ways of a closed parent closed from the beginning.
    fn gated(mut self, gates: Gates) -> Self {
        for path in self.paths.iter_mut().filter(|path| path.spec.parent && !gates.parent) {
            path.gain.jump(0.0);
        }
        self
    }

    /// Goes on from where the same bus of the old graph was.
    pub(super) fn take_over(&mut self, old: &mut Self, moved: &impl Fn(u16) -> Option<u16>) {
        self.fader.take_over(&old.fader, self.glide);
        let open = self.gate.target();
        self.gate = old.gate;
        let VoiceGates { direct, sends, .. } = self.voices;
        self.voices = old.voices;
        if !self.leaves {
            self.gate.set(open, self.glide);
            self.voices.direct.set(direct.target(), self.glide);
            self.voices.sends.set(sends.target(), self.glide);
        }
        (self.quiet, self.meter, self.asleep) = (old.quiet, old.meter, old.asleep);
        (self.programme, self.cost) = (old.programme.take(), old.cost);
        // Where the old way to the parent can't be kept beside the new one, the new one is there at once.
        let parents = |path: &&Path| path.spec.parent;
        let handed_on = self
            .paths
            .iter()
            .filter(parents)
            .any(|path| old.paths.iter().any(|old| path.continues(old, moved)));
        for path in &mut self.paths {
            let closed = old.paths.iter().any(|old| path.continues(old, moved) && old.gain.target() == 0.0);
            path.take_over(&mut old.paths, moved, self.glide);
            if self.leaves && closed {
                path.gain.jump(0.0);
            }
            if path.spec.parent && !handed_on {
                path.gain.jump(path.gain.target());
            }
        }
        match (&mut self.direct, &mut old.direct) {
            (Some(wait), Some(old)) => wait.take_over(old),
            (Some(wait), None) => wait.enter(),
            (None, Some(old_wait)) => {
                old_wait.end();
                self.direct = old.direct.take();
            }
            (None, None) => {}
        }
        for slot in &mut self.slots {
            slot.take_over(&mut old.slots);
        }
        // What still rings goes on ringing, though nothing new may come in.
        self.tail = old.tail.max(self.tail());
    }

    /// Takes over how far the bus was held down.
    pub(super) fn take_over_holds(&mut self, old: &mut Self, old_rules: &[Ducker], rules: &[Ducker]) {
        for hold in &mut self.holds {
            match old.holds.iter_mut().find(|old| old.what == hold.what) {
                Some(old) => hold.take_over(old, old_rules, rules, self.glide),
                None => hold.enter(rules, self.glide),
            }
        }
    }

    /// What holds that thing of the bus down, made if there is nothing yet.
    pub(super) fn hold(&mut self, what: Ducked, sample_rate: u32) -> &mut Hold {
        let place = self.holds.iter().position(|hold| hold.what == what).unwrap_or_else(|| {
            self.holds.push(Hold::new(what, sample_rate));
            self.holds.len() - 1
        });
        &mut self.holds[place]
    }

    /// Moves the fader.
    pub(super) fn set_fader(&mut self, gain: f32, glide: u32) {
        self.fader.set(gain, glide);
    }

    /// Opens and closes the gates.
    pub(super) fn set_gates(&mut self, gates: Gates) {
        self.gate.set(f32::from(u8::from(gates.open)), self.glide);
        self.voices.set(gates, self.glide);
        for path in self.paths.iter_mut().filter(|path| path.spec.parent) {
            path.gain.set(if gates.parent { path.spec.gain } else { 0.0 }, self.glide);
        }
    }

    /// Moves a property by what curves say: gains and sends within a block, effects as they glide. `other` curves
    /// than in the block before are taken up in a glide.
    pub(super) fn steer(&mut self, property: Property, value: f32, other: bool) {
        let glide = if other { self.glide } else { BLOCK as u32 };
        let asleep = self.asleep;
        let steer = |fader: &mut Fader| {
            fader.steer(db_to_gain(value), glide);
            if asleep {
                fader.settle();
            }
        };
        match property {
            Property::Gain => steer(&mut self.fader),
            Property::Send(to, tap) => {
                let send = |path: &&mut Path| {
                    path.spec.to == to && path.spec.tap == tap && !path.spec.parent && path.spec.gain > 0.0
                };
                self.paths.iter_mut().filter(send).for_each(|path| steer(&mut path.gain));
            }
            Property::Parameter { effect, place } => {
                if let Some(slot) = self.slots.get_mut(usize::from(effect)) {
                    slot.steer(place, value);
                }
            }
        }
    }

    /// What a parameter of an effect is set to; of anything else nobody asks.
    pub(super) fn set_to(&self, property: Property) -> f32 {
        let Property::Parameter { effect, place } = property else { return 0.0 };
        self.slots.get(usize::from(effect)).map_or(0.0, |slot| slot.set_to(place))
    }

    /// Stands where curves put it before anything is heard.
    pub(super) fn settle_steering(&mut self) {
        self.fader.settle();
        self.paths.iter_mut().for_each(Path::settle);
        self.slots.iter_mut().for_each(Slot::settle_steering);
    }

    /// Whether nothing was heard of the bus in the last block.
    pub(super) fn is_asleep(&self) -> bool {
        self.asleep
    }

    /// Frames after the last input in which the chain may still be heard.
    fn tail(&self) -> usize {
        let chain = self.slots.iter().map(Slot::tail).fold(0, usize::saturating_add);
        let ways = self.paths.iter().map(Path::tail).max().unwrap_or(0);
        let direct = self.direct.as_ref().map_or(0, |wait| wait.tail());
        chain.saturating_add(ways).saturating_add(direct)
    }

    /// Before buses are rendered: makes what voices gave as late as the rest.
    pub(super) fn delay_voices(&mut self, buffer: &mut Buffer) {
        if let Some(wait) = &mut self.direct
            && (buffer.fed || !self.asleep)
        {
            wait.process(buffer);
            buffer.ringing = true;
        }
    }

    /// Runs the chain and the fader over the bus's buffer, in place.
    pub(super) fn process(
        &mut self,
        index: usize,
        buffers: &mut [Buffer],
        taps: &mut [TapBuffer],
        rules: &[Ducker],
        info: &Info<'_>,
    ) -> Spoken {
        if buffers[index].fed {
            // How long it rings is asked for when it begins to.
            (self.quiet, self.tail) = (0, 0);
        } else if self.quiet > self.tail {
            if !self.asleep {
                self.fall_asleep();
            }
            return Spoken { sounding: false, failed: None };
        } else {
            // A tail without end, such as a frozen reverb's, may get one, or one with an end lose it.
            let before = if self.tail == usize::MAX { 0 } else { self.tail };
            self.tail = self.tail().max(before);
            self.quiet = if self.tail == usize::MAX { 0 } else { self.quiet.saturating_add(BLOCK) };
        }
        (self.asleep, self.told_rest) = (false, false);
        buffers[index].ringing = true;

        let mut failed = None;
        for (place, slot) in self.slots.iter_mut().enumerate() {
            let fault = match slot.key() {
                Some(Source::Bus(key)) => match buffers.get_disjoint_mut([index, usize::from(key)]) {
                    Ok([own, key]) => slot.process(&mut own.stereo_mut(), Some(key.as_ref()), info),
                    Err(_) => None,
                },
                Some(Source::Tap(tap)) => {
                    let key = taps.get(usize::from(tap)).map(|tap| tap.buffer.as_ref());
                    slot.process(&mut buffers[index].stereo_mut(), key, info)
                }
                None => slot.process(&mut buffers[index].stereo_mut(), None, info),
            };
            failed = fault.map(|fault| (place as u16, fault)).or(failed);
        }
        self.pass_gate(&mut buffers[index]);
        if let Some(tap) = self.pre.and_then(|tap| taps.get_mut(usize::from(tap))) {
            tap.buffer.copy_from(&buffers[index]);
        }
        self.fade(&mut buffers[index], rules);
        Spoken { sounding: true, failed }
    }

    /// Nothing is heard any more: whatever glides may as well be there.
    fn fall_asleep(&mut self) {
        self.asleep = true;
        self.fader.settle();
        self.gate.jump(self.gate.target());
        self.holds.iter_mut().for_each(Hold::settle);
        self.paths.iter_mut().for_each(Path::settle);
        self.slots.iter_mut().for_each(Slot::settle);
        if let Some(wait) = &mut self.direct {
            wait.settle();
        }
    }

    fn pass_gate(&mut self, buffer: &mut Buffer) {
        if self.gate.is_steady() && self.gate.current() == 1.0 {
            return;
        }
        let mut gains = [0.0; BLOCK];
        self.gate.fill(&mut gains);
        multiply(&mut buffer.left, &gains);
        multiply(&mut buffer.right, &gains);
    }

    /// Ducking and fader in one pass.
    fn fade(&mut self, buffer: &mut Buffer, rules: &[Ducker]) {
        for hold in self.holds.iter_mut().filter(|hold| matches!(hold.what, Ducked::Band(..))) {
            hold.lower_band(&mut buffer.stereo_mut(), rules);
        }
        let gain = self.holds.iter_mut().find(|hold| hold.what == Ducked::Gain);
        let depth = gain.map_or(Depth::Flat(0.0), |hold| hold.depth(rules));
        let mut gains = [0.0; BLOCK];
        match (depth, self.fader.steady()) {
            (Depth::Flat(db), Some(fader)) => {
                let gain = fader * db_to_gain(-db);
                if gain == 1.0 {
                    return;
                }
                gains.fill(gain);
            }
            (Depth::Flat(db), None) => {
                let ducked = db_to_gain(-db);
                self.fader.fill(&mut gains);
                gains.iter_mut().for_each(|gain| *gain *= ducked);
            }
            (Depth::Curve(curve), _) => {
                self.fader.fill(&mut gains);
                gains.iter_mut().zip(curve).for_each(|(gain, depth)| *gain *= db_to_gain(-depth));
            }
        }
        multiply(&mut buffer.left, &gains);
        multiply(&mut buffer.right, &gains);
    }

    /// How far ducking holds one thing of the bus down at the block's end, in dB; the deepest of all by default.
    fn duck_db(&self, rules: &[Ducker], which: impl Fn(&Ducked) -> bool) -> f32 {
        let holds = self.holds.iter().filter(|hold| which(&hold.what));
        holds.map(|hold| hold.db(rules)).fold(0.0, f32::max)
    }

    /// After the block's last bus: what the voices of the next block are multiplied with.
    pub(super) fn advance_voices(&mut self, rules: &[Ducker]) {
        let ducks = self.holds.iter().any(|hold| hold.what == Ducked::Voices);
        if !ducks && self.voices.rests() {
            return;
        }
        let ducked = db_to_gain(-self.duck_db(rules, |what| *what == Ducked::Voices));
        for hold in self.holds.iter_mut().filter(|hold| hold.what == Ducked::Voices) {
            hold.skip_block();
        }
        self.voices.advance(ducked);
    }

    /// Whether nothing is left to tell of a bus that has nothing to say: its meters are at rest, and no rule holds it.
    pub(super) fn rests(&mut self, rules: &[Ducker]) -> bool {
        let BusReading { peak, mean_square, duck_db, reduction_db, voices, .. } = self.meter;
        let silent = peak == [0.0; 2] && mean_square == 0.0 && reduction_db == 0.0 && voices == 0;
        let rests =
            silent && duck_db == 0.0 && self.programme.is_none() && self.duck_db(rules, |_| true) == 0.0;
        // Once more, to tell just that.
        std::mem::replace(&mut self.told_rest, rests) && rests
    }

    /// Whether a bus that [rests](Self::rests) has nothing under way either.
    pub(super) fn is_still(&self) -> bool {
        let alone = self.holds.is_empty() && self.triggers.is_empty() && self.direct.is_none();
        alone && self.voices.rests()
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
        let duck_db = self.duck_db(rules, |_| true).max(0.0);
        let meter = &mut self.meter;
        meter.voices = u32::from(buffer.voices);
        if peaks.iter().any(|peak| *peak > 1.0) {
            let clips = buffer.left.iter().chain(&buffer.right).filter(|sample| sample.abs() > 1.0).count();
            meter.clips = meter.clips.saturating_add(clips as u32);
        }
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

/// `10^(db / 20)` by the fast exponential: within 0.001 dB.
fn db_to_gain(db: f32) -> f32 {
    if db == 0.0 { 1.0 } else { fast_db_to_amplitude(db) }
}
