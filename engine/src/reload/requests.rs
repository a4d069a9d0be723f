//! What a bank wants of its sound files, in the words of those who load them.

use super::Wanted;
use crate::bank::{Bank, Clip, MediaId, Part, Sound, SoundId, SoundKind};
use crate::media::{Edit, Micros, Request};
use crate::units::Seconds;
use std::collections::BTreeSet;

/// What wanted files play and what effects work with, each way once, sorted.
pub(super) fn wanted(bank: &Bank, parts: &[Part], wanted: &Wanted) -> Vec<Request> {
    let wanted = parts.iter().filter(|part| wanted.wants(&part.file));
    let clips: BTreeSet<SoundId> = wanted.flat_map(|part| &part.clips).copied().collect();
    let clips = clips.into_iter().filter_map(|sound| clip(bank, sound));
    let files = bank.buses.iter().flat_map(|bus| &bus.effects).filter_map(|effect| effect.file);
    let requests: BTreeSet<Request> = clips.chain(files.map(|file| impulse(bank, file))).collect();
    requests.into_iter().collect()
}

/// The clip, if it plays a file.
pub(super) fn of_a_file(sound: &Sound) -> Option<&Clip> {
    match &sound.kind {
        SoundKind::Clip(clip) if clip.synth.is_none() => Some(clip),
        _ => None,
    }
}

/// The file that a clip plays, and how; what is computed plays none.
pub(super) fn clip(bank: &Bank, sound: SoundId) -> Option<Request> {
    let clip = of_a_file(bank.sounds.get(sound.index())?)?;
    let file = bank.media[clip.media.index()].file.clone();
    Some(Request { file, edit: edit(clip) })
}

/// What an effect works with.
pub(super) fn impulse(bank: &Bank, file: MediaId) -> Request {
    Request { file: bank.media[file.index()].file.clone(), edit: Edit::impulse() }
}

/// What a clip makes of its file, in the media's own words.
pub(super) fn edit(clip: &Clip) -> Edit {
    let cut = &clip.cut;
    let time = |seconds: Seconds| Micros::from_seconds(seconds.get());
    Edit {
        impulse: false,
        looping: cut.looping,
        start: time(cut.start),
        end: cut.end.map(time),
        reverse: cut.reverse,
        loop_start: cut.loop_start.map(time),
        loop_end: cut.loop_end.map(time),
        crossfade: time(cut.crossfade),
        stream: clip.stream,
    }
}
