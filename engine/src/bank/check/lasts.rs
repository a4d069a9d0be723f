//! How long sounds go on, and what can't follow what never ends.
//!
//! All of it goes over the sounds in an order, parts first, so that however deep they stand in one another takes no stack.

use super::Checker;
use crate::bank::graph::order_and_circles;
use crate::bank::project::Project;
use crate::bank::schema::{Listed, Mode, Music, Play, Random, Sequence, Sound};
use std::collections::BTreeMap;

/// How long what a sound comes to can last, with the name of what lasts longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lasts<'a> {
    /// It is silent.
    Silent,
    /// It ends on its own.
    Ends,
    /// It may go on without end, because of that sound.
    Endless(&'a str),
}

/// What sounds come to over time.
#[derive(Debug, Default)]
pub(super) struct Lasting<'a> {
    lasts: BTreeMap<&'a str, Lasts<'a>>,
    /// What plays one thing after another, by the sound that comes to it.
    runs: BTreeMap<&'a str, &'a str>,
}

impl<'a> Lasting<'a> {
    /// Of all sounds of a project in which none plays itself.
    pub(super) fn of(project: &Project<'a>) -> Self {
        let names: Vec<&str> = project.sounds.keys().copied().collect();
        let ids: BTreeMap<&str, usize> = names.iter().enumerate().map(|(id, name)| (*name, id)).collect();
        let edges = project.sounds.values().enumerate().flat_map(|(own, item)| {
            let parts = item.value.map(Sound::plays).unwrap_or_default();
            let ids = &ids;
            parts.into_iter().filter_map(move |part| Some((*ids.get(part.name.value.as_str())?, own)))
        });
        let mut all = Self::default();
        for own in order_and_circles(names.len(), &edges.collect::<Vec<_>>()).0 {
            let name = names[own];
            let Some(sound) = project.sounds.get(name).and_then(|item| item.value) else { continue };
            let parts = sound.plays();
            let lasts = if goes_on(sound) {
                Lasts::Endless(name)
            } else if parts.is_empty() {
                if matches!(sound, Sound::Silence(_)) { Lasts::Silent } else { Lasts::Ends }
            } else {
                // The first that never ends is the one to name.
                let parts = || parts.iter().map(|part| all.lasts(&part.name.value));
                let endless = parts().find(|lasts| matches!(lasts, Lasts::Endless(_)));
                endless.or_else(|| parts().max()).unwrap_or(Lasts::Silent)
            };
            let runs = if is_run(sound) {
                Some(name)
            } else {
                parts.iter().find_map(|part| all.runs.get(part.name.value.as_str()).copied())
            };
            all.lasts.insert(name, lasts);
            if let Some(runs) = runs {
                all.runs.insert(name, runs);
            }
        }
        all
    }

    /// How long what is called so lasts: a sound, or else a file.
    pub(super) fn lasts(&self, name: &str) -> Lasts<'a> {
        self.lasts.get(name).copied().unwrap_or(Lasts::Ends)
    }

    /// The name of what never ends among what a sound comes to.
    fn endless(&self, name: &str) -> Option<&'a str> {
        match self.lasts(name) {
            Lasts::Endless(name) => Some(name),
            _ => None,
        }
    }
}

/// Whether a sound goes on without end, whatever it plays.
fn goes_on(sound: &Sound) -> bool {
    match sound {
        Sound::Clip(clip) => clip.looping,
        Sound::Tone(tone) => tone.length.is_none(),
        Sound::Noise(noise) => noise.length.is_none(),
        Sound::Random(random) => random.mode == Mode::Continuous && random.loops == 0,
        Sound::Sequence(sequence) => sequence.mode == Mode::Continuous && sequence.loops == 0,
        Sound::Scatter(scatter) => scatter.count.is_none(),
        Sound::Music(music) => music_goes_on(music),
        _ => false,
    }
}

/// Music ends with its only part, if that says how often it is played; by a parameter another one may always come.
fn music_goes_on(music: &Music) -> bool {
    let repeat = music.parts.0.first().and_then(|(_, Listed(list))| list.repeat);
    music.on.is_some() || repeat.is_none_or(|repeat| repeat == 0)
}

/// Whether a sound plays one thing after another.
fn is_run(sound: &Sound) -> bool {
    match sound {
        Sound::Random(random) => random.mode == Mode::Continuous,
        Sound::Sequence(sequence) => sequence.mode == Mode::Continuous,
        Sound::Scatter(_) | Sound::Music(_) => true,
        _ => false,
    }
}

impl<'a> Checker<'a> {
    /// Says what can't follow something, and what can't keep to a grid.
    pub(super) fn lasting(&mut self) {
        let project = self.project;
        let lasting = Lasting::of(project);
        for item in project.sounds.values() {
            let Some(sound) = item.value else { continue };
            for play in followed(sound) {
                if let Some(endless) = lasting.endless(&play.name.value) {
                    let name = &play.name.value;
                    let what = if play.in_place { "this".to_owned() } else { format!("{name:?}") };
                    self.never_ends(item.file, play, &what, endless, "nothing comes after it".to_owned());
                }
            }
            let Sound::Music(music) = sound else { continue };
            for (_, segment) in &music.segments.0 {
                let name = &segment.play.name;
                if let Some(running) = lasting.runs.get(name.value.as_str()) {
                    let message = format!("{running:?} goes on by itself, and can't keep to a grid of bars");
                    let help = "a segment plays clips, and what chooses and layers them".to_owned();
                    self.error("bad-segment", item.file, name, message, Some(help));
                }
            }
        }
        for item in project.events.values() {
            let Some((event, line)) = item.value.and_then(|event| Some((event, event.line.as_ref()?))) else {
                continue;
            };
            let known = project.queues.contains_key(line.queue.value.as_str());
            let Some(play) = event.play.as_ref().filter(|_| known) else { continue };
            if let Some(endless) = lasting.endless(&play.name.value) {
                let none = format!("none in {:?} comes after it", line.queue.value);
                self.never_ends(item.file, play, "this line", endless, none);
            }
        }
    }

    fn never_ends(&mut self, file: usize, play: &Play, what: &str, endless: &str, so: String) {
        let name = &play.name.value;
        let by = if endless == name { String::new() } else { format!(", because of {endless:?}") };
        let help = if what == "this line" {
            "play something that ends, or leave `line` out"
        } else {
            "play something here that ends, or play this one beside it in a `Layer`"
        };
        self.warn("never-ends", file, &play.name, format!("{what} never ends{by}, so {so}"), help);
    }
}

/// What a sound plays that something comes after.
fn followed(sound: &Sound) -> Vec<&Play> {
    match sound {
        Sound::Random(Random { mode: Mode::Continuous, of, .. }) if of.len() > 1 => sound.plays(),
        Sound::Sequence(Sequence { mode: Mode::Continuous, of, .. }) if of.len() > 1 => sound.plays(),
        Sound::Scatter(_) => sound.plays(),
        _ => Vec::new(),
    }
}
