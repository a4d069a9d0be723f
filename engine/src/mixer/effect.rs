//! One place in a bus's chain: an effect, its key, and how much of it is there.

use super::graph::{Origin, SlotSpec, Source};
use super::plugin::Plugin;
use super::{PRESENCE_SECONDS, frames};
use crate::dsp;
use crate::dsp::line::Line;
use crate::dsp::ramp::Ramp;
use crate::dsp::{BLOCK, Processor, Stereo, StereoMut};
use crate::effects::{Effect, for_each_effect};
use crate::link::Fault;
use kira::effect::Effect as KiraEffect;
use kira::info::Info;

/// An effect's kind and settings.
#[derive(Clone, PartialEq)]
pub enum EffectParams {
    /// One of ours.
    Own(Effect),
    /// A plug-in; it has its settings from whoever built it.
    Plugin,
}

macro_rules! declare_units {
    ($($name:ident($params:ident) in $module:ident,)*) => {
        /// An effect at work. Boxed, so that a chain moves cheaply from graph to graph.
        enum Unit {
            $($name(Box<dsp::$module::$name>),)*
            Plugin(Plugin),
            /// Moved out by a newer graph, or never there.
            Nothing,
        }

        /// Calls the same method on whichever processor it is.
        macro_rules! each {
            ($unit:expr, $p:ident => $call:expr, plugin $plugin:ident => $other:expr, nothing => $none:expr) => {
                match $unit {
                    $(Unit::$name($p) => $call,)*
                    Unit::Plugin($plugin) => $other,
                    Unit::Nothing => $none,
                }
            };
        }

        impl Unit {
            fn new(params: &EffectParams, plugin: Option<Box<dyn KiraEffect>>, sample_rate: u32) -> Self {
                match params {
                    $(EffectParams::Own(Effect::$name(params)) => {
                        Self::$name(Box::new(Processor::new(&**params, sample_rate)))
                    })*
                    EffectParams::Plugin => {
                        plugin.map_or(Self::Nothing, |effect| Self::Plugin(Plugin::new(effect, sample_rate)))
                    }
                }
            }

            /// A plug-in keeps its settings; a unit never meets another kind's parameters.
            fn set(&mut self, params: &EffectParams) {
                match (self, params) {
                    $((Self::$name(unit), EffectParams::Own(Effect::$name(params))) => unit.set(params),)*
                    _ => {}
                }
            }
        }
    };
}
for_each_effect!(declare_units);

pub(super) struct Slot {
    unit: Unit,
    params: EffectParams,
    /// What curves add to the parameters, for effects that they lead to.
    steering: Option<Steering>,
    key: Option<Source>,
    origin: Origin,
    bypass: bool,
    /// Frames by which the effect is late, whether it is heard or bypassed.
    latency: usize,
    /// The untouched signal, to be as late as the effect; for those that are.
    dry: Option<Line>,
    /// Whether what is heard beside or instead of the effect is as late as it: so when it is bypassed, but not when
    /// it comes or goes with a graph, where the way without it has no latency.
    late_dry: bool,
    /// How much of the signal goes in. An effect that enters a running chain is fed gently before it is heard:
    /// else its memory would hold the signal's sudden beginning, and an echo or a tail would bring it out.
    feed: Ramp,
    /// How much of what comes out is heard.
    presence: Ramp,
    presence_frames: u32,
    /// What was wrong with what it gave, told already.
    fault: Option<Fault>,
}

/// An effect's parameters with what curves add to them.
struct Steering {
    params: EffectParams,
    /// Places in the table, and what is added there.
    offsets: Vec<(u16, f32)>,
}

impl Slot {
    /// Builds the slot with all the memory it will need, on the game thread.
    pub(super) fn new(spec: SlotSpec, sample_rate: u32) -> Self {
        let (mut unit, presence) = match spec.origin {
            Origin::Fresh => (Unit::new(&spec.params, spec.plugin, sample_rate), 1.0),
            Origin::Entering => (Unit::new(&spec.params, spec.plugin, sample_rate), 0.0),
            Origin::Kept(_) | Origin::Leaving(_) => (Unit::Nothing, 1.0),
        };
        if let Some(impulse) = &spec.impulse {
            let sides: Vec<&[f32]> = (0..impulse.channels()).map(|side| impulse.channel(side)).collect();
            each!(&mut unit, p => p.load(&sides), plugin _p => (), nothing => ());
        }
        let latency = each!(&unit, p => p.latency(), plugin _p => 0, nothing => spec.latency);
        let presence = if spec.bypass { 0.0 } else { presence };
        let presence_frames = frames(PRESENCE_SECONDS, sample_rate);
        let mut slot = Self {
            unit,
            params: spec.params,
            steering: None,
            key: None,
            origin: spec.origin,
            bypass: spec.bypass,
            latency,
            dry: (latency > 0).then(|| Line::new(latency + BLOCK)),
            late_dry: spec.origin == Origin::Fresh,
            feed: Ramp::new(presence),
            presence: Ramp::new(presence),
            presence_frames,
            fault: None,
        };
        if spec.bypass {
            slot.feed.jump(1.0);
        } else {
            slot.feed.set(1.0, presence_frames);
        }
        slot
    }

    /// Takes the running effect of the old graph's chain, if this slot continues one of its slots.
    pub(super) fn take_over(&mut self, old: &mut [Self]) {
        let (Origin::Kept(index) | Origin::Leaving(index)) = self.origin else {
            return;
        };
        let Some(old) = old.get_mut(usize::from(index)) else {
            return;
        };
        self.unit = std::mem::replace(&mut old.unit, Unit::Nothing);
        std::mem::swap(&mut self.dry, &mut old.dry);
        (self.feed, self.presence, self.fault) = (old.feed, old.presence, old.fault);
        self.late_dry = old.late_dry;
        if matches!(self.origin, Origin::Kept(_)) {
            self.apply();
            let bypass = std::mem::replace(&mut self.bypass, old.bypass);
            self.set_bypass(bypass);
        } else {
            self.feed.jump(1.0);
            self.late_dry = false;
            self.presence.set(0.0, self.presence_frames);
        }
    }

    pub(super) fn key(&self) -> Option<Source> {
        self.key
    }

    /// Says where the key is found, now that the graph's taps are known.
    pub(super) fn set_key(&mut self, key: Option<Source>) {
        self.key = key;
    }

    /// Frames by which what comes out is late.
    pub(super) fn latency(&self) -> usize {
        self.latency
    }

    /// Whether it is part of the chain, and not on its way out.
    pub(super) fn stays(&self) -> bool {
        !matches!(self.origin, Origin::Leaving(_))
    }

    /// Sends the signal past the effect, or through it again: a crossfade. What is bypassed costs nothing and
    /// forgets what it held.
    pub(super) fn set_bypass(&mut self, bypass: bool) {
        if bypass == self.bypass {
            return;
        }
        self.bypass = bypass;
        self.late_dry = true;
        if bypass {
            self.feed.jump(1.0);
            self.presence.set(0.0, self.presence_frames);
        } else if self.presence.current() == 0.0 {
            each!(&mut self.unit, p => p.reset(), plugin _p => (), nothing => ());
            self.feed.jump(0.0);
            self.feed.set(1.0, self.presence_frames);
        } else {
            self.presence.set(1.0, self.presence_frames);
        }
    }

    /// Nothing is heard: what fades may as well be there.
    pub(super) fn settle(&mut self) {
        self.feed.jump(1.0);
        self.presence.jump(if self.stays() && !self.bypass { 1.0 } else { 0.0 });
    }

    /// Gives one of the effect's parameters another value.
    pub(super) fn set_parameter(&mut self, place: u16, value: f32) {
        if let EffectParams::Own(effect) = &mut self.params {
            effect.set(usize::from(place), value);
            self.apply();
        }
    }

    /// What the parameter at that place is set to.
    pub(super) fn set_to(&self, place: u16) -> f32 {
        match &self.params {
            EffectParams::Own(effect) => effect.get(usize::from(place)).unwrap_or(0.0),
            EffectParams::Plugin => 0.0,
        }
    }

    /// Makes room for what curves will add to the parameter at that place.
    pub(super) fn expect_steering(&mut self, place: u16) {
        let steering = self
            .steering
            .get_or_insert_with(|| Steering { params: self.params.clone(), offsets: Vec::new() });
        steering.offsets.push((place, 0.0));
    }

    /// Adds that much to the parameter at that place.
    pub(super) fn steer(&mut self, place: u16, value: f32) {
        let offsets = self.steering.iter_mut().flat_map(|steering| &mut steering.offsets);
        if let Some((_, offset)) = offsets.into_iter().find(|(at, _)| *at == place) {
            *offset = value;
            self.apply();
        }
    }

    /// Stands where curves put it before anything is heard.
    pub(super) fn settle_steering(&mut self) {
        if self.steering.is_some() {
            each!(&mut self.unit, p => p.reset(), plugin _p => (), nothing => ());
        }
    }

    /// Gives the effect its parameters and what curves add to them.
    fn apply(&mut self) {
        let (Some(steering), EffectParams::Own(own)) = (&mut self.steering, &self.params) else {
            return self.unit.set(&self.params);
        };
        if let EffectParams::Own(steered) = &mut steering.params {
            // Parameter by parameter, since a copy of the whole would take new memory.
            let mut place = 0;
            while let Some(value) = own.get(place) {
                steered.set(place, value);
                place += 1;
            }
            for &(place, offset) in &steering.offsets {
                if let Some(value) = own.get(usize::from(place)) {
                    steered.set(usize::from(place), value + offset);
                }
            }
        }
        self.unit.set(&steering.params);
    }

    /// Frames after its last input in which the effect may still be heard.
    pub(super) fn tail(&self) -> usize {
        let unit = each!(&self.unit, p => p.tail() + p.latency(), plugin _p => usize::MAX, nothing => 0);
        unit.saturating_add(self.presence_frames as usize)
    }

    pub(super) fn reduction_db(&self) -> f32 {
        each!(&self.unit, p => p.reduction_db(), plugin _p => 0.0, nothing => 0.0)
    }

    /// Runs one block through the effect. What is wrong with a plug-in is told once.
    pub(super) fn process(
        &mut self,
        block: &mut StereoMut<'_>,
        key: Option<Stereo<'_>>,
        info: &Info<'_>,
    ) -> Option<Fault> {
        if self.fault == Some(Fault::Wild) {
            return None;
        }
        if let Some(dry) = &mut self.dry {
            dry.write([block.left, block.right]);
        }
        if !self.feed.is_steady() {
            let fault = self.prime(block, key, info);
            self.pass_by(block);
            return fault;
        }
        if self.presence.is_steady() {
            if self.presence.current() == 0.0 {
                self.pass_by(block);
                return None;
            }
            return self.run(block, key, info);
        }
        let count = block.len();
        let mut dry = Aside::of(block);
        self.delay(&mut dry, count);
        let fault = self.run(block, key, info);
        let mut wet = [0.0; BLOCK];
        self.presence.fill(&mut wet[..count]);
        for (channel, dry) in [&mut *block.left, &mut *block.right].into_iter().zip(&mut dry.0) {
            for ((sample, dry), wet) in channel.iter_mut().zip(dry).zip(&wet) {
                *sample = *dry + (*sample - *dry) * wet;
            }
        }
        fault
    }

    /// Leaves the signal as it is, but as late as the effect would make it.
    fn pass_by(&self, block: &mut StereoMut<'_>) {
        if let Some(dry) = self.dry.as_ref().filter(|_| self.late_dry) {
            dry.read(self.latency + block.len(), [&mut *block.left, &mut *block.right]);
        }
    }

    fn delay(&self, dry: &mut Aside, count: usize) {
        let [left, right] = &mut dry.0;
        self.pass_by(&mut StereoMut { left: &mut left[..count], right: &mut right[..count] });
    }

    /// Feeds the effect a rising share of the signal without hearing it; when it has all, it begins to be heard.
    fn prime(&mut self, block: &StereoMut<'_>, key: Option<Stereo<'_>>, info: &Info<'_>) -> Option<Fault> {
        let count = block.len();
        let mut copy = Aside::of(block);
        let mut feed = [0.0; BLOCK];
        self.feed.fill(&mut feed[..count]);
        for channel in &mut copy.0 {
            for (sample, feed) in channel.iter_mut().zip(&feed) {
                *sample *= feed;
            }
        }
        if self.feed.is_steady() {
            self.presence.set(1.0, self.presence_frames);
        }
        let [left, right] = &mut copy.0;
        self.run(&mut StereoMut { left: &mut left[..count], right: &mut right[..count] }, key, info)
    }

    fn run(&mut self, block: &mut StereoMut<'_>, key: Option<Stereo<'_>>, info: &Info<'_>) -> Option<Fault> {
        let result = each!(
            &mut self.unit,
            p => { p.process(block, key); Ok(()) },
            plugin p => p.process(block, info),
            nothing => Ok(())
        );
        let fault = result.err().filter(|fault| self.fault != Some(*fault));
        self.fault = fault.or(self.fault);
        fault
    }
}

/// A block's signal set aside.
struct Aside([[f32; BLOCK]; 2]);

impl Aside {
    fn of(block: &StereoMut<'_>) -> Self {
        let mut copy = [[0.0; BLOCK]; 2];
        for (copy, channel) in copy.iter_mut().zip([&*block.left, &*block.right]) {
            copy[..channel.len()].copy_from_slice(channel);
        }
        Self(copy)
    }
}
