//! Music as it is run: segments on a grid, lists of them, ways between them.

use super::{ParameterId, SoundId};
use crate::units::Seconds;

/// Music: segments one after another, and ways between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Music {
    /// The segments by their place.
    pub segments: Vec<Segment>,
    /// The parts: their names and their lists.
    pub parts: Vec<(String, usize)>,
    /// All lists, those within others too.
    pub lists: Vec<Playlist>,
    /// The parameter whose label says which part plays.
    pub on: Option<ParameterId>,
    /// The part for each label of the parameter.
    pub cases: Vec<Option<usize>>,
    /// The ways from one part to another.
    pub transitions: Vec<MusicTransition>,
    /// What is played over it, by name.
    pub stingers: Vec<Stinger>,
}

/// A piece of music with its grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// The name.
    pub name: String,
    /// What is played.
    pub play: SoundId,
    /// The beats of a minute.
    pub tempo: f32,
    /// The beats of a bar.
    pub beats: u32,
    /// Where its first bar begins.
    pub entry: Seconds,
    /// Where the next one's entry is, if not at the end of what is played.
    pub exit: Option<Seconds>,
    /// Places in it.
    pub markers: Vec<(String, Seconds)>,
}

/// A list of segments.
#[derive(Debug, Clone, PartialEq)]
pub struct Playlist {
    /// What it holds; at least one.
    pub of: Vec<Turn>,
    /// In which order.
    pub order: PlayOrder,
    /// How many times all of it is played; `None` is without end.
    pub repeat: Option<u32>,
}

/// One of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// A segment, so many times.
    Segment(usize, u32),
    /// A list, by its place among the lists.
    List(usize),
}

pub use crate::bank::schema::PlayOrder;

/// When music goes over.
#[derive(Debug, Clone, PartialEq)]
pub enum SyncPoint {
    /// As soon as possible.
    Immediate,
    /// At the next beat.
    Beat,
    /// At the next bar.
    Bar,
    /// At the next marker, or the next of that name.
    Marker(Option<String>),
    /// At the exit.
    Exit,
}

/// Where a segment is entered.
#[derive(Debug, Clone, PartialEq)]
pub enum Destination {
    /// At its entry.
    Entry,
    /// As far from its entry as what is left was from its own.
    SameTime,
    /// At one of its markers, or at the one of that name.
    Marker(Option<String>),
}

/// A way from one part to another.
#[derive(Debug, Clone, PartialEq)]
pub struct MusicTransition {
    /// The part or label that is left; `None` is any.
    pub from: Option<String>,
    /// The segment that is left.
    pub segment: Option<usize>,
    /// The part or label that follows.
    pub to: Option<String>,
    /// When.
    pub at: SyncPoint,
    /// Where what follows is entered.
    pub into: Destination,
    /// The segment in between.
    pub via: Option<usize>,
    /// The fade of what is left; `None` is short, and at the exit there is none.
    pub fade_out: Option<Seconds>,
    /// The fade of what follows.
    pub fade_in: Seconds,
}

/// A sound over the music.
#[derive(Debug, Clone, PartialEq)]
pub struct Stinger {
    /// The name by which it is asked for.
    pub name: String,
    /// What is played.
    pub play: SoundId,
    /// When.
    pub at: SyncPoint,
    /// How soon it may be played again.
    pub cooldown: Seconds,
}

impl Music {
    /// The way that counts from a segment of one part to another part: the most exact one. Parts go by their names, or by
    /// the label for which there is none.
    pub fn way(&self, from: &str, segment: Option<usize>, to: &str) -> Option<&MusicTransition> {
        let fits = |way: &&MusicTransition| {
            way.from.as_ref().is_none_or(|name| name == from)
                && way.to.as_ref().is_none_or(|name| name == to)
                && way.segment.is_none_or(|own| Some(own) == segment)
        };
        let exact = |way: &&MusicTransition| {
            4 * u8::from(way.segment.is_some())
                + 2 * u8::from(way.to.is_some())
                + u8::from(way.from.is_some())
        };
        self.transitions.iter().filter(fits).max_by_key(exact)
    }
}
