//! Events as they are run: what a game posts, where it is heard, and how many of it at once.

use super::{
    Action, BusId, LevelId, ModulatorId, ParameterId, QueueId, Scope, SnapshotId, SoundId, Steal, Virtual,
    WhenBusy,
};
use crate::effects::FadeShape;
use crate::units::{CurvePoint, Decibels, Hertz, Metres, Seconds, Semitones};

/// What a game posts.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The name in the bank.
    pub name: String,
    /// What is played, if anything is.
    pub play: Option<SoundId>,
    /// What else it does when it is posted, in this order and before it plays.
    pub actions: Vec<Action>,
    /// Where its voices go.
    pub bus: BusId,
    /// Gain.
    pub gain: Decibels,
    /// Pitch.
    pub pitch: Semitones,
    /// The fade when it starts, on top of the clip's own.
    pub fade_in: Seconds,
    /// The fade when it is stopped.
    pub fade_out: Seconds,
    /// The course of both.
    pub fade_shape: FadeShape,
    /// How it sits in the world; `None` plays as it is, wherever the emitter stands.
    pub space: Option<Space>,
    /// Who stays when there are more voices than the ceiling admits: 0 least, 100 most.
    pub priority: u8,
    /// The priority at the space's `max`; on the way there it goes evenly.
    pub far_priority: u8,
    /// The curves that move it.
    pub curves: Vec<EventCurve>,
    /// The snapshot that it brings in as long as it plays.
    pub snapshot: Option<SnapshotId>,
    /// How many of it may sound at once.
    pub limit: Option<Limit>,
    /// How soon it may sound again.
    pub cooldown: Option<Cooldown>,
    /// The queue in which it is spoken.
    pub line: Option<Line>,
    /// What becomes of it while it is not heard; `None` is [`Virtual::Elapsed`] for what loops and [`Virtual::Kill`] for
    /// the rest.
    pub virtually: Option<Virtual>,
}

/// A curve by which something moves what an event plays. What several curves give to one property adds up, in the order
/// of [`Event::curves`].
#[derive(Debug, Clone, PartialEq)]
pub struct EventCurve {
    /// What it goes by.
    pub from: Driver,
    /// What it moves.
    pub property: EventProperty,
    /// Where it goes, the lowest first; at least one point.
    pub points: Vec<CurvePoint>,
}

/// What a curve of an event goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// A parameter: the emitter's own, or else the one for everything.
    Parameter(ParameterId),
    /// How far it is from the listener, in metres.
    Distance,
    /// How far to the right of where the listener looks, -180 to 180 degrees.
    Azimuth,
    /// How far above the listener's own plane, -90 to 90 degrees.
    Elevation,
    /// How far something stands before it, from 0 to 1.
    Occlusion,
    /// How long it has played, in seconds.
    Time,
    /// How far it is from where the listener looks, 0 to 180 degrees.
    Angle,
    /// How fast its emitter moves through the world, in metres a second, with a time constant of 50 ms. A step faster than
    /// 500 m/s is a leap and leaves it as it was.
    Speed,
    /// How fast it and the listener come nearer to each other, in metres a second, as for the speed; negative where they
    /// part.
    Approach,
    /// A level of a bus, as the mixer had it when the update began: an update late, and on a device at other moments than
    /// in a render.
    Level(LevelId),
    /// A modulator: the playback's own, but for one that follows a bus.
    Modulator(ModulatorId),
}

/// What a curve moves of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventProperty {
    /// The gain, in dB: several add up.
    Gain,
    /// The pitch, in semitones: several add up.
    Pitch,
    /// The cut-off of its low-pass, in Hz: the lowest counts.
    Cutoff,
    /// The level of its sends into the zones' reverbs, in dB: several add up, and to the space's own.
    Reverb,
}

/// How many may sound at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The most that may; at least one.
    pub max: u32,
    /// Who gives way.
    pub steal: Steal,
    /// Who counts.
    pub scope: Scope,
    /// The distance within which they count, from the new one on.
    pub radius: Option<Metres>,
}

/// Where lines of dialogue wait for one another.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// The name in the bank.
    pub name: String,
    /// The silence between two lines.
    pub gap: Seconds,
    /// How many may wait.
    pub most: u32,
    /// Who waits for one another.
    pub scope: Scope,
}

/// How an event is spoken in its queue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// The queue.
    pub queue: QueueId,
    /// Whose turn comes first: 0 last, 100 first.
    pub priority: u8,
    /// What it does while another is spoken.
    pub when_busy: WhenBusy,
    /// How long it waits for its turn; `None` for ever.
    pub patience: Option<Seconds>,
}

/// How soon an event may sound again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cooldown {
    /// The time that must pass.
    pub time: Seconds,
    /// Who counts.
    pub scope: Scope,
    /// The distance within which they count, from the new one on.
    pub radius: Option<Metres>,
}

/// How loudness falls with distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rolloff {
    /// `min / distance`, as in free air; eased to silence over the last tenth before `max`.
    #[default]
    Inverse,
    /// Falls evenly in amplitude from `min` to silence at `max`.
    Linear,
    /// Falls evenly in decibels from `min` to -60 dB at `max`.
    Exponential,
}

/// An event's place in the world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Space {
    /// The distance within which the sound is at full level.
    pub min: Metres,
    /// The distance from which nothing is heard; above `min`.
    pub max: Metres,
    /// What happens between the two.
    pub curve: Rolloff,
    /// The level of the sends into the zones' reverbs.
    pub reverb: Decibels,
    /// The cut-off of the low-pass at `max`; 20 kHz is none.
    pub air: Hertz,
    /// The gain behind something that occludes all of it.
    pub occluded_gain: Decibels,
    /// The cut-off behind something that occludes all of it.
    pub occluded_cutoff: Hertz,
}
