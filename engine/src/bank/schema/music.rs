//! Music as it is written: segments on a grid of bars, what plays when, and how one goes over to another.
//!
//! May be named here: `decode`, the syntax tree, `serde`. Runs on any thread.

use super::choices::bare_words;
use super::play::Play;
use super::{ANY, FADE, FILE_TIME, NEEDED};
use crate::bank::decode::{Field, Fields, Keyed, Read, Reader, Rule, Shape, Text, fields};
use crate::bank::diagnostic::suggest;
use crate::bank::syntax::{Kind, Node, Slot};
use serde::Deserialize;

const COUNT: Rule = Rule::range(0.0, 10_000.0, "");
/// How many times a segment is played in its turn.
const TIMES: Rule = Rule::range(1.0, 10_000.0, "");

fields! {
    /// Music: segments on a grid of bars, one after another without a gap, and ways between them at beats, bars and markers. It plays until it is stopped; without `on` also until its part has been played as often as that says.
    Music verified by verify_music {
        /// The segments by name.
        segments: Keyed<Segment> = Keyed::default(), NEEDED;
        /// What plays when: lists of segments by the labels of `on`, or by a name of their own: `{"calm": ["a", ("b", 2)], "fight": (of: ["c", "d"], order: Shuffle)}`. Without it, all segments play in their order, again and again.
        parts: Keyed<Listed> = Keyed::default(), ANY;
        /// The parameter or group of states whose label says which part plays; where a label has no part, nothing does. Without it, the first part plays.
        on: Option<Text> = None, ANY;
        /// How one part goes over to another. The most exact way counts: one that names the segment, then both parts, then `to` alone, then `from` alone, then neither.
        transitions: Vec<MusicTransition> = Vec::new(), ANY;
        /// What is played over it when the game asks for it, on the grid, by name.
        stingers: Keyed<Stinger> = Keyed::default(), ANY;
    }

    /// A piece of music with its grid. From its entry to its exit it takes its turn; what is before and after overlaps with its neighbours.
    Segment verified by verify_segment {
        /// What is played: a sound, or several at once as a `Layer` or `Blend`. Its pitch is left as it is, so that it keeps to the grid.
        play: Play = Play::default(), NEEDED;
        /// The beats of a minute.
        tempo: f32 = 120.0, Rule::range(10.0, 999.0, "/min");
        /// The beats of a bar.
        beats: u32 = 4, Rule::range(1.0, 64.0, "");
        /// Where its first bar begins.
        entry: f32 = 0.0, FILE_TIME;
        /// Where the next one's entry is.
        exit: Option<f32> = None, FILE_TIME.says("the end of what is played");
        /// Places in it, by name: `{"solo": 12.5}`. Ways may leave and enter there, and the game is told when one is passed.
        markers: Keyed<f32> = Keyed::default(), FILE_TIME;
    }

    /// A list of segments: `["a", "b"]`, one name, or `(of: […], order: Shuffle)`.
    Playlist verified by verify_playlist {
        /// The segments: `"a"`, `("a", 2)` twice, or a list within it.
        of: Vec<Turn> = Vec::new(), NEEDED;
        /// In which order.
        order: PlayOrder = PlayOrder::Sequence, ANY;
        /// How many times all of it is played; 0 is without end, as a part is by default.
        repeat: Option<u32> = None, COUNT.says("1 within another list, else without end");
    }

    /// How one part of the music goes over to another.
    MusicTransition {
        /// The part, or the label without a part, that is left.
        from: Option<Text> = None, ANY.says("any");
        /// The segment that is left.
        segment: Option<Text> = None, ANY.says("any");
        /// The part, or the label without a part, that follows.
        to: Option<Text> = None, ANY.says("any");
        /// When: `Immediate`, at the next `Beat`, `Bar`, `Marker` or `Marker("solo")`, or at the `Exit` of the segment.
        at: SyncPoint = SyncPoint::Bar, ANY.says("Bar");
        /// Where what follows is entered: at its `Entry`, at the `SameTime` as what is left, at any `Marker` or at `Marker("solo")`.
        into: Destination = Destination::Entry, ANY.says("Entry");
        /// A segment in between.
        via: Option<Text> = None, ANY;
        /// The fade of what is left, from that moment on.
        fade_out: Option<f32> = None, FADE.says("0.02; none at the exit");
        /// The fade of what follows.
        fade_in: f32 = 0.0, FADE;
    }

    /// A sound over the music, on its grid.
    Stinger {
        /// The name of a sound, the path of a sound file, or a sound.
        play: Play = Play::default(), NEEDED;
        /// When: `Immediate`, at the next `Beat`, `Bar`, `Marker` or `Marker("solo")`, or at the `Exit` of the segment.
        at: SyncPoint = SyncPoint::Beat, ANY.says("Beat");
        /// How soon it may be played again.
        cooldown: f32 = 0.0, FADE;
    }
}

/// In which order a list is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum PlayOrder {
    /// As written.
    Sequence,
    /// As drawn, none twice in a row.
    Random,
    /// Each once, as drawn, and then anew.
    Shuffle,
}

bare_words!(PlayOrder);

/// When music goes over.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum SyncPoint {
    /// As soon as possible.
    Immediate,
    /// At the next beat.
    Beat,
    /// At the next bar.
    #[default]
    Bar,
    /// At the next marker, or the next of that name.
    Marker(Option<Text>),
    /// At the exit.
    Exit,
}

/// Where a segment is entered.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Destination {
    /// At its entry.
    #[default]
    Entry,
    /// As far from its entry as what is left was from its own.
    SameTime,
    /// At one of its markers, or at the one of that name.
    Marker(Option<Text>),
}

/// One of a list: a segment or a list, so many times.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// A segment.
    Segment(Text, u32),
    /// A list.
    List(Playlist),
}

const SYNC_POINTS: [&str; 5] = ["Immediate", "Beat", "Bar", "Marker", "Exit"];
const DESTINATIONS: [&str; 3] = ["Entry", "SameTime", "Marker"];

fn word_or_marker_shape(words: &'static [&'static str]) -> Shape {
    Shape::OneOf(vec![Shape::Words(words), Shape::Named("Marker", Box::new(Shape::Text))])
}

/// A word, or `Marker("name")`.
fn word_or_marker(
    reader: &mut Reader<'_>,
    node: &Node,
    field: &Field,
    words: &[&str],
) -> Option<(String, Option<Text>)> {
    let name = node.name().unwrap_or("").to_owned();
    match (&node.kind, node.slots()) {
        (Kind::Word(_), _) if words.contains(&name.as_str()) => Some((name, None)),
        (Kind::Group { .. }, [only]) if name == "Marker" && only.key.is_none() => {
            Text::read(reader, &only.value, field).map(|marker| (name, Some(marker)))
        }
        (Kind::Word(_), _) => {
            reader.unknown_variant(&name, node.head(), field.name, words.iter().copied());
            None
        }
        _ => {
            reader.wrong_type(node, field, &format!("one of {} or `Marker(\"…\")`", words.join(", ")));
            None
        }
    }
}

impl Read for SyncPoint {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let (word, marker) = word_or_marker(reader, node, field, &SYNC_POINTS)?;
        Some(match word.as_str() {
            "Immediate" => Self::Immediate,
            "Beat" => Self::Beat,
            "Marker" => Self::Marker(marker),
            "Exit" => Self::Exit,
            _ => Self::Bar,
        })
    }

    fn shape() -> Shape {
        word_or_marker_shape(&SYNC_POINTS)
    }
}

impl Read for Destination {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let (word, marker) = word_or_marker(reader, node, field, &DESTINATIONS)?;
        Some(match word.as_str() {
            "SameTime" => Self::SameTime,
            "Marker" => Self::Marker(marker),
            _ => Self::Entry,
        })
    }

    fn shape() -> Shape {
        word_or_marker_shape(&DESTINATIONS)
    }
}

/// A list in any of its forms.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listed(pub Playlist);

impl Read for Listed {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match &node.kind {
            Kind::Str(_) => {
                let one = Text::read(reader, node, field)?;
                Some(Self(Playlist { of: vec![Turn::Segment(one, 1)], ..Playlist::default() }))
            }
            Kind::List(_) => {
                Some(Self(Playlist { of: Vec::read(reader, node, field)?, ..Playlist::default() }))
            }
            _ => reader.group(node, field).map(Self),
        }
    }

    fn shape() -> Shape {
        let of = Shape::Field(Playlist::NAME, "of");
        Shape::OneOf(vec![Shape::Text, of, Shape::Group(Playlist::NAME)])
    }
}

impl Read for Turn {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let by_position = |slots: &[Slot]| slots.iter().all(|slot| slot.key.is_none());
        match &node.kind {
            Kind::Str(_) => Text::read(reader, node, field).map(|name| Self::Segment(name, 1)),
            Kind::Group { name: None, slots } if slots.len() == 2 && by_position(slots) => {
                let name = Text::read(reader, &slots[0].value, field)?;
                let count = Field { name: "repeat", rule: TIMES, ..*field };
                Some(Self::Segment(name, u32::read(reader, &slots[1].value, &count)?))
            }
            Kind::List(_) => Listed::read(reader, node, field).map(|Listed(list)| Self::List(list)),
            Kind::Group { name: None, .. } => reader.group(node, field).map(Self::List),
            _ => {
                reader.wrong_type(node, field, "made of `\"segment\"`, `(\"segment\", 2)` or lists");
                None
            }
        }
    }

    fn shape() -> Shape {
        let times = Shape::Tuple(vec![Shape::Text, Shape::Whole(Some(TIMES))]);
        let of = Shape::Field(Playlist::NAME, "of");
        Shape::OneOf(vec![Shape::Text, times, of, Shape::Group(Playlist::NAME)])
    }
}

impl Playlist {
    /// The segments that it names, and those of lists within it.
    pub fn segments(&self) -> Vec<&Text> {
        self.of
            .iter()
            .flat_map(|turn| match turn {
                Turn::Segment(name, _) => vec![name],
                Turn::List(list) => list.segments(),
            })
            .collect()
    }
}

fn verify_playlist(list: &Playlist, reader: &mut Reader<'_>, node: &Node) {
    if list.of.is_empty()
        && let Some(of) = node.field("of").filter(|of| of.slots().is_empty())
    {
        let help = Some("give it at least one segment".to_owned());
        reader.error("empty-random", of.span.clone(), "there is nothing to play", help);
    }
}

fn verify_segment(segment: &Segment, reader: &mut Reader<'_>, node: &Node) {
    if let (Some(exit), Some(field)) = (segment.exit, node.field("exit"))
        && exit <= segment.entry
    {
        let message = format!("`exit` ({exit} s) is not after `entry` ({} s)", segment.entry);
        reader.error("bad-range", field.span.clone(), message, Some("nothing would be left".to_owned()));
    }
}

/// Names within the music that are there.
fn verify_music(music: &Music, reader: &mut Reader<'_>, node: &Node) {
    let segments = || music.segments.0.iter().map(|(name, _)| name.value.as_str());
    if music.segments.0.is_empty() {
        if let Some(written) = node.field("segments").filter(|written| written.slots().is_empty()) {
            let help = Some("give it one, such as `segments: {\"a\": (play: \"music/a.ogg\")}`".to_owned());
            reader.error("empty-random", written.span.clone(), "there is nothing to play", help);
        }
        return;
    }
    let listed = music.parts.0.iter().flat_map(|(_, Listed(list))| list.segments());
    let ways = music.transitions.iter().flat_map(|way| way.segment.iter().chain(&way.via));
    for name in listed.chain(ways).filter(|name| name.is_given()) {
        if !segments().any(|known| known == name.value) {
            let help = suggest(&name.value, segments(), '"');
            reader.error(
                "unknown-segment",
                name.span.clone(),
                format!("no segment is called {:?}", name.value),
                help,
            );
        }
    }
    let markers = || music.segments.0.iter().flat_map(|(_, segment)| &segment.markers.0);
    let marker = |name: &Text| {
        let known = markers().map(|(known, _)| known.value.as_str());
        (!known.clone().any(|known| known == name.value)).then(|| suggest(&name.value, known, '"'))
    };
    let leave = music
        .transitions
        .iter()
        .map(|way| &way.at)
        .chain(music.stingers.0.iter().map(|(_, stinger)| &stinger.at));
    let leave = leave.filter_map(|at| match at {
        SyncPoint::Marker(name) => name.as_ref(),
        _ => None,
    });
    let enter = music.transitions.iter().filter_map(|way| match &way.into {
        Destination::Marker(name) => name.as_ref(),
        _ => None,
    });
    for name in leave.chain(enter) {
        if let Some(help) = marker(name) {
            let message = format!("no segment has a marker called {:?}", name.value);
            reader.error("unknown-marker", name.span.clone(), message, help);
        }
    }
    let written = node.field("transitions").map_or(&[][..], Node::slots);
    let ends = |place: usize| {
        let name = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
        music.transitions.get(place).map(|way| (name(&way.from), name(&way.segment), name(&way.to)))
    };
    for place in 1..music.transitions.len() {
        if (0..place).any(|before| ends(before) == ends(place))
            && let Some(slot) = written.get(place)
        {
            let help =
                Some("leave one of them out: the most exact one counts, whatever their order".to_owned());
            reader.error("duplicate-key", slot.value.head(), "this way is told already", help);
        }
    }
}
