//! Music: from what is written to what is run.

use super::{Names, seconds};
use crate::bank::compiled::{
    Destination, Music, MusicTransition, Playlist, Segment, Stinger, SyncPoint, Turn,
};
use crate::bank::decode::Text;
use crate::bank::schema::{self, PlayOrder};

impl Names<'_> {
    pub(super) fn music(&self, written: &schema::Music) -> Music {
        let place = |name: &Text| written.segments.0.iter().position(|(known, _)| known.value == name.value);
        let mut lists = Vec::new();
        let mut parts: Vec<_> = written
            .parts
            .0
            .iter()
            .map(|(name, schema::Listed(list))| {
                (name.value.clone(), add_list(list, None, &place, &mut lists))
            })
            .collect();
        if parts.is_empty() {
            let all = (0..written.segments.0.len()).map(|segment| Turn::Segment(segment, 1)).collect();
            lists.push(Playlist { of: all, order: PlayOrder::Sequence, repeat: None });
            parts.push((String::new(), 0));
        }
        let parameter =
            written.on.as_ref().and_then(|on| self.project.parameters.get(on.value.as_str())?.value);
        let case = |label: &Text| parts.iter().position(|(name, _)| *name == label.value);
        let name = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
        let way = |way: &schema::MusicTransition| MusicTransition {
            from: name(&way.from),
            segment: way.segment.as_ref().and_then(place),
            to: name(&way.to),
            at: sync(&way.at),
            into: match &way.into {
                schema::Destination::Entry => Destination::Entry,
                schema::Destination::SameTime => Destination::SameTime,
                schema::Destination::Marker(marker) => Destination::Marker(name(marker)),
            },
            via: way.via.as_ref().and_then(place),
            fade_out: way.fade_out.map(seconds),
            fade_in: seconds(way.fade_in),
        };
        let stinger = |(name, stinger): &(Text, schema::Stinger)| Stinger {
            name: name.value.clone(),
            play: self.play(&stinger.play),
            at: sync(&stinger.at),
            cooldown: seconds(stinger.cooldown),
        };
        let segment = |(name, segment): &(Text, schema::Segment)| Segment {
            name: name.value.clone(),
            play: self.play(&segment.play),
            tempo: segment.tempo,
            beats: segment.beats,
            entry: seconds(segment.entry),
            exit: segment.exit.map(seconds),
            markers: segment.markers.0.iter().map(|(name, at)| (name.value.clone(), seconds(*at))).collect(),
        };
        Music {
            segments: written.segments.0.iter().map(segment).collect(),
            cases: parameter.map_or_else(Vec::new, |parameter| parameter.labels.iter().map(case).collect()),
            on: written.on.as_ref().map(|on| self.parameter(&on.value)),
            transitions: written.transitions.iter().map(way).collect(),
            stingers: written.stingers.0.iter().map(stinger).collect(),
            parts,
            lists,
        }
    }
}

/// Adds a list and those within it; gives its place. Within another list it is played once by default.
fn add_list(
    written: &schema::Playlist,
    default: Option<u32>,
    place: &impl Fn(&Text) -> Option<usize>,
    lists: &mut Vec<Playlist>,
) -> usize {
    let turn = |turn: &schema::Turn| match turn {
        schema::Turn::Segment(name, count) => place(name).map(|segment| Turn::Segment(segment, *count)),
        schema::Turn::List(list) => Some(Turn::List(add_list(list, Some(1), place, lists))),
    };
    let of = written.of.iter().filter_map(turn).collect();
    let repeat = written.repeat.map_or(default, |repeat| (repeat > 0).then_some(repeat));
    lists.push(Playlist { of, order: written.order, repeat });
    lists.len() - 1
}

fn sync(written: &schema::SyncPoint) -> SyncPoint {
    match written {
        schema::SyncPoint::Immediate => SyncPoint::Immediate,
        schema::SyncPoint::Beat => SyncPoint::Beat,
        schema::SyncPoint::Bar => SyncPoint::Bar,
        schema::SyncPoint::Marker(marker) => {
            SyncPoint::Marker(marker.as_ref().map(|marker| marker.value.clone()))
        }
        schema::SyncPoint::Exit => SyncPoint::Exit,
    }
}
