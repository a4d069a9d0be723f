//! What a game puts on its entities.

use crate::runtime::ParameterValue;
use crate::space::Shape;
use crate::units::{Amount, Decibels, Metres};
use bevy_ecs::component::Component;
use bevy_transform::components::GlobalTransform;
use std::collections::BTreeMap;

/// A place from which events sound. Needs a [`GlobalTransform`], which it brings along if there is none.
///
/// If it names an event, that plays from when the component is added until it is removed or names another.
/// Further events are posted on the entity with [`Tonmeister::post_on`](super::Tonmeister::post_on).
#[derive(Component, Debug, Clone, PartialEq, Default)]
#[require(GlobalTransform, EmitterStatus)]
pub struct Emitter {
    /// The event that plays as long as the emitter is there; `None` by default.
    pub event: Option<String>,
    /// Gain of all that plays on it; 0 dB by default.
    pub gain: Decibels,
    /// How far something stands between it and the listener, as the game finds out: 0, the default, is nothing, 1 is all
    /// that the event's `occluded` says. It dulls and lowers what plays, in a glide.
    pub occlusion: Amount,
}

impl Emitter {
    /// An emitter that plays this event.
    pub fn new(event: impl Into<String>) -> Self {
        Self { event: Some(event.into()), ..Self::default() }
    }

    /// An emitter that is silent until events are posted on it.
    pub fn silent() -> Self {
        Self::default()
    }

    /// The same behind something.
    pub fn with_occlusion(mut self, occlusion: Amount) -> Self {
        self.occlusion = occlusion;
        self
    }

    /// The same with a gain of its own.
    pub fn with_gain(mut self, gain: Decibels) -> Self {
        self.gain = gain;
        self
    }
}

/// An emitter's own values of the bank's parameters, which count there instead of those for everything. Put it beside an
/// [`Emitter`].
///
/// ```
/// use tonmeister::ecs::Parameters;
///
/// let mut feet = Parameters::new().with("surface", "wood");
/// feet.set("weight", 0.8);
/// ```
#[derive(Component, Debug, Clone, PartialEq, Default)]
pub struct Parameters(pub BTreeMap<String, ParameterSetting>);

/// What an emitter's parameter is set to.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterSetting {
    /// A number.
    Number(f32),
    /// A label.
    Label(String),
}

impl ParameterSetting {
    /// The same for [`Engine::set_parameter`](crate::runtime::Engine::set_parameter).
    pub fn value(&self) -> ParameterValue<'_> {
        match self {
            Self::Number(number) => ParameterValue::Number(*number),
            Self::Label(label) => ParameterValue::Label(label),
        }
    }
}

impl From<f32> for ParameterSetting {
    fn from(number: f32) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for ParameterSetting {
    fn from(label: &str) -> Self {
        Self::Label(label.to_owned())
    }
}

impl Parameters {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<ParameterSetting>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets one.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<ParameterSetting>) {
        self.0.insert(name.into(), value.into());
    }
}

/// Brings a snapshot of the bank in as long as the component is there. Of several that name the same one, the one that
/// wants most of it has it.
#[derive(Component, Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The snapshot in the bank.
    pub name: String,
    /// How much of it.
    pub amount: Amount,
}

impl Snapshot {
    /// All of it.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), amount: Amount::MAX }
    }

    /// The same, but only so much of it.
    pub fn with_amount(mut self, amount: Amount) -> Self {
        self.amount = amount;
        self
    }
}

/// What is heard of an emitter. Written by the engine, only when it changes.
#[derive(Component, Debug, Clone, Copy, PartialEq, Default)]
pub struct EmitterStatus {
    /// How many of its playbacks have a voice.
    pub real: u32,
    /// How many go on without one, out of earshot or for want of a voice.
    pub virtual_: u32,
    /// The largest linear gain among the real ones, after distance and before pan and buses.
    pub gain: f32,
}

/// Who hears. Needs a [`GlobalTransform`], which it brings along if there is none: looks along -Z, +X is right.
///
/// One listener is heard at a time: the one with the highest priority, and of several the entity with the
/// lowest index. Without a listener, events in space are not heard.
#[derive(Component, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[require(GlobalTransform)]
pub struct Listener {
    /// Which listener counts; 0 by default.
    pub priority: i32,
}

/// A part of the world that answers with a reverb of the bank. Needs a [`GlobalTransform`], its centre and
/// orientation, which it brings along if there is none; scale is ignored.
///
/// Inside its shape the zone is whole; over `fade` outside it goes down to nothing. Zones of a higher priority
/// take their share first; zones of the same priority share in proportion. The four heaviest are heard.
#[derive(Component, Debug, Clone, PartialEq)]
#[require(GlobalTransform)]
pub struct ReverbZone {
    /// The reverb preset in the bank.
    pub reverb: String,
    /// The zone's form.
    pub shape: Shape,
    /// How far outside its shape it reaches.
    pub fade: Metres,
    /// Which zones come first; 0 by default.
    pub priority: i32,
}

impl ReverbZone {
    /// A ball of `radius` metres that fades over as many as half of them.
    pub fn sphere(reverb: impl Into<String>, radius: f32) -> Self {
        let fade = Metres::clamped(radius / 2.0);
        Self { reverb: reverb.into(), shape: Shape::Sphere { radius: radius.max(0.0) }, fade, priority: 0 }
    }

    /// A box with these half extents in metres that fades over 2 m.
    pub fn cuboid(reverb: impl Into<String>, half: glam::Vec3) -> Self {
        let half = half.max(glam::Vec3::ZERO);
        Self { reverb: reverb.into(), shape: Shape::Box { half }, fade: Metres::clamped(2.0), priority: 0 }
    }

    /// The same with another fade, in metres.
    pub fn with_fade(mut self, metres: f32) -> Self {
        self.fade = Metres::clamped(metres);
        self
    }

    /// The same with another priority.
    pub fn with_priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }
}
