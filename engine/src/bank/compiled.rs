//! A bank as it is run: ids instead of names, units instead of numbers, nothing left to check.
//!
//! What was written and what it means are two things: `schema` is the first, this is the second. No value
//! here is out of range, no id dangles, and the bus graph has no cycle.

mod actions;
mod events;
mod languages;
mod modulators;
mod music;
mod sounds;
mod states;

pub use super::schema::{Scope, Steal, Virtual, WhenBusy};
pub use actions::*;
pub use events::*;
pub use languages::*;
pub use modulators::*;
pub use music::*;
pub use sounds::*;
pub use states::*;

use crate::effects::{self, Course};
use crate::units::{CurvePoint, Decibels, Hertz, Seconds};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// The id as an index into the bank's table.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    )+};
}

ids! {
    /// A bus of one bank. [`BusId::MASTER`] is always there.
    BusId,
    /// A ducking rule of one bank.
    DuckId,
    /// A level of one bank.
    LevelId,
    /// A modulator of one bank.
    ModulatorId,
    /// A parameter of one bank.
    ParameterId,
    /// A reverb preset of one bank.
    ReverbId,
    /// A snapshot of one bank.
    SnapshotId,
    /// A sound of one bank.
    SoundId,
    /// A queue of dialogue of one bank.
    QueueId,
    /// An event of one bank.
    EventId,
    /// A sound file of one bank.
    MediaId,
}

impl BusId {
    /// The bus that everything ends in.
    pub const MASTER: Self = Self(0);
}

/// A whole project, checked and ready to run. Tables are sorted by name (the master bus first), so the same
/// text gives the same ids whatever the order of files.
#[derive(Debug, Clone, PartialEq)]
pub struct Bank {
    /// All buses: the master first, then the declared ones by name, then a return for each reverb preset.
    pub buses: Vec<Bus>,
    /// The order in which buses are rendered: every bus after all that it listens to (children, sends,
    /// sidechain keys, duck triggers); the master last.
    pub order: Vec<BusId>,
    /// Faders for groups of buses, by name.
    pub vcas: Vec<Vca>,
    /// Ducking rules in the order of files and text.
    pub ducking: Vec<DuckRule>,
    /// Levels by name.
    pub levels: Vec<Level>,
    /// Modulators by name.
    pub modulators: Vec<Modulator>,
    /// Curves in the order of files and text.
    pub curves: Vec<PropertyCurve>,
    /// Parameters by name.
    pub parameters: Vec<Parameter>,
    /// The languages, if the project has any.
    pub languages: Option<Languages>,
    /// Snapshots by name.
    pub snapshots: Vec<Snapshot>,
    /// Groups of states by name.
    pub states: Vec<StateGroup>,
    /// The names of all stingers, sorted, each once.
    pub triggers: Vec<String>,
    /// Reverb presets by name.
    pub reverbs: Vec<ReverbPreset>,
    /// Sounds by name; files that are played without a sound of their own have one named by their path.
    pub sounds: Vec<Sound>,
    /// Queues of dialogue by name.
    pub queues: Vec<Queue>,
    /// Events by name.
    pub events: Vec<Event>,
    /// Sound files by path, each once.
    pub media: Vec<Media>,
}

/// A sound file that the bank plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// The path as written, relative to the project's folder, with `/` between its parts.
    pub path: String,
    /// Where the file is.
    pub file: PathBuf,
}

/// A mixing point: sums its inputs, runs its effects, applies its fader and goes to its parent.
#[derive(Debug, Clone, PartialEq)]
pub struct Bus {
    /// The name in the bank; a reverb's return is `reverb/` and the preset's name.
    pub name: String,
    /// Where the output goes; `None` for the master alone.
    pub parent: Option<BusId>,
    /// The fader, after the effects and before the sends.
    pub gain: Decibels,
    /// The effects, first to last.
    pub effects: Vec<Effect>,
    /// Copies of the output for other buses.
    pub sends: Vec<Send>,
    /// How many voices may sound at once on it and below it.
    pub limit: Option<Limit>,
    /// Whether nothing of it is heard.
    pub mute: bool,
    /// Whether only it and other soloed buses are heard.
    pub solo: bool,
}

/// A copy of a bus's output for another bus.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Send {
    /// The other bus.
    pub to: BusId,
    /// How loud.
    pub gain: Decibels,
    /// Whether it is taken before ducking and fader.
    pub pre: bool,
    /// Whether it comes a block late, so that it may lead back.
    pub delayed: bool,
}

/// A fader for several buses at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Vca {
    /// The name in the bank.
    pub name: String,
    /// The fader: it adds to theirs.
    pub gain: Decibels,
    /// The buses.
    pub buses: Vec<BusId>,
}

/// One effect of a chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// What it does, with its parameters.
    pub kind: EffectKind,
    /// The bus whose signal is measured; `None` is the effect's own.
    pub key: Option<Key>,
    /// The sound file it works with: a convolution's impulse response.
    pub file: Option<MediaId>,
    /// Whether the signal goes past it.
    pub bypass: bool,
}

/// What an effect does.
#[derive(Debug, Clone, PartialEq)]
pub enum EffectKind {
    /// One of the engine's own.
    Own(effects::Effect),
    /// An effect that the game registered under this name.
    Custom(CustomEffect),
}

/// Where a side chain comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The bus.
    pub bus: BusId,
    /// Whether its signal is taken before ducking and fader.
    pub pre: bool,
    /// Whether its signal of the block before is taken, so that it may be any bus.
    pub delayed: bool,
}

/// An effect registered by the game.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomEffect {
    /// The name it was registered under.
    pub name: String,
    /// Its parameters by name.
    pub params: BTreeMap<String, f32>,
}

/// What sets a ducking rule off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DuckTrigger {
    /// The trigger bus's output reaches the first level; the rule stays set off while it reaches the second.
    Level(Decibels, Decibels),
    /// Any voice plays on the trigger bus or on a bus below it, however quiet.
    Activity,
}

/// What of a bus steps back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ducked {
    /// Its output.
    Gain,
    /// The voices on it, their sends included.
    Voices,
    /// What lies between two frequencies, the lower first.
    Band(Hertz, Hertz),
}

/// What becomes of several rules on one target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Combine {
    /// The deepest of them counts.
    Deepest,
    /// They add up, at most to this depth.
    Sum(Decibels),
}

/// A bus that steps back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DuckTarget {
    /// The bus.
    pub bus: BusId,
    /// What of it.
    pub what: Ducked,
    /// How far: positive, in dB.
    pub depth: Decibels,
    /// The time from no reduction to the full depth.
    pub attack: Seconds,
    /// How long the reduction stays after the trigger falls silent.
    pub hold: Seconds,
    /// The time from the full depth back to none.
    pub release: Seconds,
    /// The way there and back.
    pub curve: Course,
}

/// When one bus speaks, others step back.
#[derive(Debug, Clone, PartialEq)]
pub struct DuckRule {
    /// The bus that is listened to.
    pub trigger: BusId,
    /// What sets the rule off.
    pub by: DuckTrigger,
    /// The buses that step back.
    pub targets: Vec<DuckTarget>,
    /// Beside other rules on the same target.
    pub combine: Combine,
}

/// How a level is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gauge {
    /// The highest sample, in dB.
    Peak,
    /// The root mean square of both channels, in dB.
    Rms,
    /// The momentary loudness, in LUFS.
    Loudness,
}

/// How loud a bus is, as a number that curves go by.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The name in the bank.
    pub name: String,
    /// The bus that is listened to, after its fader.
    pub bus: BusId,
    /// What is measured.
    pub by: Gauge,
    /// The time constant of rising.
    pub attack: Seconds,
    /// The time constant of falling.
    pub release: Seconds,
}

/// A number of a bus that curves can move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Property {
    /// The gain, in dB.
    Gain,
    /// The gain of the send at that place among the bus's sends, in dB.
    Send(usize),
    /// A parameter of an effect, in the parameter's unit.
    Parameter {
        /// The effect's place in the bus's chain.
        effect: usize,
        /// The parameter's place in the effect's table.
        place: usize,
    },
}

/// What a curve of a bus goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurveSource {
    /// A level of a bus.
    Level(LevelId),
    /// A parameter, as it is for everything.
    Parameter(ParameterId),
    /// A modulator: the one that all buses have together. Never an envelope.
    Modulator(ModulatorId),
}

/// A curve by which a level, a parameter or a modulator moves a property. What several curves give to one property adds up, in the order of
/// [`Bank::curves`], and to what the property is set to.
#[derive(Debug, Clone, PartialEq)]
pub struct PropertyCurve {
    /// What it goes by.
    pub from: CurveSource,
    /// The bus.
    pub to: BusId,
    /// What of it.
    pub property: Property,
    /// Where it goes, the lowest first; at least one point.
    pub points: Vec<CurvePoint>,
}

/// What a game sets and sounds go by.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The name in the bank.
    pub name: String,
    /// The lowest value.
    pub min: f32,
    /// The highest value.
    pub max: f32,
    /// How far apart its values are, from the lowest on; 0 for any value.
    pub step: f32,
    /// The labels; a parameter with labels has their places, from 0 on, as its values.
    pub labels: Vec<String>,
    /// What it is before a game sets it.
    pub default: f32,
    /// The time it takes to rise across the whole range.
    pub attack: Seconds,
    /// The time it takes to fall across the whole range.
    pub release: Seconds,
}

/// A reverb that zones bring in, with a return bus of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct ReverbPreset {
    /// The name in the bank.
    pub name: String,
    /// The return bus; its one effect is the reverb, fully wet.
    pub bus: BusId,
}

/// Finds entries by name. Tables are sorted, so a look-up is a binary search.
fn find<T>(table: &[T], name: &str, name_of: impl Fn(&T) -> &str) -> Option<u32> {
    table.binary_search_by(|entry| name_of(entry).cmp(name)).ok().map(|index| index as u32)
}

impl Bank {
    /// The event of that name.
    pub fn event(&self, name: &str) -> Option<EventId> {
        find(&self.events, name, |event| &event.name).map(EventId)
    }

    /// The queue of that name.
    pub fn queue(&self, name: &str) -> Option<QueueId> {
        find(&self.queues, name, |queue| &queue.name).map(QueueId)
    }

    /// The sound of that name.
    pub fn sound(&self, name: &str) -> Option<SoundId> {
        find(&self.sounds, name, |sound| &sound.name).map(SoundId)
    }

    /// The reverb preset of that name.
    pub fn reverb(&self, name: &str) -> Option<ReverbId> {
        find(&self.reverbs, name, |reverb| &reverb.name).map(ReverbId)
    }

    /// The parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<ParameterId> {
        find(&self.parameters, name, |parameter| &parameter.name).map(ParameterId)
    }

    /// The snapshot of that name.
    pub fn snapshot(&self, name: &str) -> Option<SnapshotId> {
        find(&self.snapshots, name, |snapshot| &snapshot.name).map(SnapshotId)
    }

    /// The level of that name.
    pub fn level(&self, name: &str) -> Option<LevelId> {
        find(&self.levels, name, |level| &level.name).map(LevelId)
    }

    /// Whether curves, snapshots or states move a number.
    pub fn moves(&self, what: Settable) -> bool {
        let states = self.states.iter().flat_map(|group| &group.states);
        let settings = self.snapshots.iter().map(|snapshot| &snapshot.settings).chain(states).flatten();
        let curves = self.curves.iter().map(|curve| Settable::Bus(curve.to, curve.property));
        settings.map(|setting| setting.what).chain(curves).any(|moved| moved == what)
    }

    /// The modulator of that name.
    pub fn modulator(&self, name: &str) -> Option<ModulatorId> {
        find(&self.modulators, name, |modulator| &modulator.name).map(ModulatorId)
    }

    /// The bus of that name.
    pub fn bus(&self, name: &str) -> Option<BusId> {
        self.buses.iter().position(|bus| bus.name == name).map(|index| BusId(index as u32))
    }

    /// The clips that a sound can come to, directly or by choice.
    pub fn clips(&self, sound: SoundId) -> BTreeSet<SoundId> {
        let is_clip = |sound: &SoundId| matches!(self.sounds[sound.index()].kind, SoundKind::Clip(_));
        self.reach(sound).into_iter().filter(is_clip).collect()
    }

    /// Everything that a sound can come to, and itself.
    pub fn reach(&self, sound: SoundId) -> BTreeSet<SoundId> {
        let (mut open, mut seen) = (vec![sound], BTreeSet::new());
        while let Some(next) = open.pop() {
            if let Some(sound) = self.sounds.get(next.index())
                && seen.insert(next)
            {
                open.extend(sound.kind.plays());
            }
        }
        seen
    }

    /// The clips that an event can come to, by what it plays and by the events that its actions post.
    pub fn clips_of(&self, event: EventId) -> BTreeSet<SoundId> {
        let (mut open, mut seen) = (vec![event], BTreeSet::new());
        let mut clips = BTreeSet::new();
        while let Some(next) = open.pop() {
            if let Some(event) = self.events.get(next.index())
                && seen.insert(next)
            {
                clips.extend(event.play.into_iter().flat_map(|sound| self.clips(sound)));
                open.extend(event.actions.iter().filter_map(|action| match action.deed {
                    Deed::Post(event) => Some(event),
                    _ => None,
                }));
            }
        }
        clips
    }

    /// The sound file of that path.
    pub fn media(&self, path: &str) -> Option<MediaId> {
        find(&self.media, path, |media| &media.path).map(MediaId)
    }
}
