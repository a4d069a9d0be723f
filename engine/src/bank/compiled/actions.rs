//! Actions as they are run: what an event does beside playing.

use super::{BusId, EventId, ParameterId, Scope, SnapshotId};
use crate::units::{Amount, Seconds};

/// Something that an event does when it is posted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Action {
    /// What.
    pub deed: Deed,
    /// How long after the post.
    pub delay: Seconds,
    /// How likely it is.
    pub probability: Amount,
    /// What it concerns: what the emitter has that the event was posted on, or everything. Without an emitter it is
    /// everything.
    pub scope: Scope,
}

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Deed {
    /// Posts another event.
    Post(EventId),
    /// Stops what plays of an event.
    Stop {
        /// The event.
        event: EventId,
        /// The fade; `None` is the event's own.
        fade: Option<Seconds>,
    },
    /// Stops all that plays on a bus and below it.
    StopAll {
        /// The bus; the master is everything.
        bus: BusId,
        /// The fade; `None` is each event's own.
        fade: Option<Seconds>,
    },
    /// Holds what plays of an event, or lets it go on.
    Pause {
        /// The event.
        event: EventId,
        /// Whether to hold it.
        on: bool,
    },
    /// Makes what plays of an event go on at another place.
    Seek {
        /// The event.
        event: EventId,
        /// The place in its sound.
        to: Seconds,
    },
    /// Lets what plays of an event leave its loop at the lap's end.
    Break(EventId),
    /// Lets go of what plays of an event.
    Release(EventId),
    /// Sets a parameter.
    Set {
        /// The parameter.
        parameter: ParameterId,
        /// A number within its range, or the place of a label.
        to: f32,
    },
    /// Brings a snapshot in, or lets it go.
    SetSnapshot {
        /// The snapshot.
        snapshot: SnapshotId,
        /// How much of it.
        to: Amount,
        /// The time from nothing to all of it; `None` is its own.
        fade: Option<Seconds>,
    },
    /// Asks for a stinger, by its place in [`Bank::triggers`](super::Bank::triggers).
    TriggerStinger(usize),
    /// Mutes a bus, or lets it be heard.
    Mute {
        /// The bus.
        bus: BusId,
        /// Whether it is silent from now on.
        on: bool,
    },
}
