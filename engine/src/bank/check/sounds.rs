//! What only the whole project shows of sounds, events and parameters: what they name is there.

use super::{Checker, Edge, is_path};
use crate::bank::decode::Text;
use crate::bank::diagnostic::suggest;
use crate::bank::schema::{self, Play, Sound};

impl<'a> Checker<'a> {
    /// A string that names a sound or a sound file; gives the sound's id.
    fn play(&mut self, file: usize, play: &'a Play) -> Option<usize> {
        let text = &play.name;
        if !text.is_given() {
            return None;
        }
        let owner = self.project.sounds.get(text.value.as_str()).and_then(|item| item.owner);
        if let Some(owner) = owner.filter(|_| !play.in_place) {
            let message =
                format!("{:?} is written inside {owner:?}, and can't be played from elsewhere", text.value);
            let help = Some("give it a name of its own under `sounds`".to_owned());
            self.error("unknown-sound", file, text, message, help);
            return None;
        }
        if let Some((name, id)) = self.sound_ids.get_key_value(text.value.as_str()) {
            self.used.insert(name);
            return Some(*id);
        }
        if is_path(&text.value) {
            self.media(file, text);
        } else if self.whole {
            let named = self.project.sounds.iter().filter(|(_, item)| item.owner.is_none());
            let names = named.map(|(name, _)| *name);
            let help = suggest(&text.value, names, '"');
            let dotted = text.value.rsplit_once('.').is_some_and(|(_, ending)| ending.len() <= 4);
            let help = if dotted { None } else { help };
            let help = help.or_else(|| Some("sound files end in .ogg or .wav".to_owned()));
            self.error("unknown-sound", file, text, format!("no sound is called {:?}", text.value), help);
        }
        None
    }

    /// A string that must be the path of a sound file.
    pub(super) fn media(&mut self, file: usize, text: &Text) {
        if !text.is_given() {
            return;
        }
        if self.asks_for_language(file, text) {
            return;
        }
        let path = &text.value;
        let letters = path.as_bytes();
        let drive = letters.get(1) == Some(&b':') && letters[0].is_ascii_alphabetic();
        let (code, message, help) = if path.contains('\\') {
            ("path-escapes", "has a backslash", "write `/` between the parts of a path")
        } else if drive || path.starts_with('/') {
            (
                "path-escapes",
                "does not start in the project's folder",
                "write it relative to the project's folder",
            )
        } else if path.split('/').any(|part| part == "..") {
            ("path-escapes", "leads out of the project", "move the file into the project's folder")
        } else if path.split('/').any(|part| part.is_empty() || part == ".")
            || path.contains(char::is_control)
        {
            ("bad-file", "is no path of a file", "write it like `sfx/fire.ogg`")
        } else if !is_path(path) {
            ("bad-file", "is no sound file", "sound files end in .ogg or .wav")
        } else {
            let place = self.place(file, text);
            self.facts.media.entry(path.clone()).or_default().push(place);
            return;
        };
        self.error(code, file, text, format!("the path {path:?} {message}"), Some(help.to_owned()));
    }

    pub(super) fn sounds(&mut self) {
        for (own, item) in self.project.sounds.values().enumerate() {
            let Some(sound) = item.value else { continue };
            if let Sound::Clip(clip) = sound {
                self.media(item.file, &clip.file);
            }
            if let Sound::Switch(switch) = sound {
                self.switch(item.file, switch);
            }
            if let Sound::Localized(localized) = sound {
                self.localized(item.file, item.name, localized);
            }
            if let Sound::Music(music) = sound {
                self.music(item.file, music);
            }
            if let Sound::Blend(blend) = sound {
                self.source(item.file, &blend.on);
            }
            for play in sound.plays() {
                if let Some(to) = self.play(item.file, play) {
                    let (from, why, file, text) = (own, "plays", item.file, &play.name);
                    self.sound_edges.push(Edge { from, to, why, file, text });
                }
            }
        }
    }

    /// The queue of a line.
    fn line(&mut self, file: usize, queue: &Text) {
        if !self.whole || !queue.is_given() || self.project.queues.contains_key(queue.value.as_str()) {
            return;
        }
        let help = suggest(&queue.value, self.project.queues.keys().copied(), '"');
        let help = help.or_else(|| Some(format!("declare it: `queues: {{{:?}: ()}}`", queue.value)));
        self.error("unknown-queue", file, queue, format!("no queue is called {:?}", queue.value), help);
    }

    /// How deep sounds stand in one another, and how many of them one comes to at once: each post walks all of them. `order`
    /// has every sound before what it plays.
    pub(super) fn sizes(&mut self, order: &[usize]) {
        let project = self.project;
        let items: Vec<_> = project.sounds.values().collect();
        // Each sound's depth, and the most voices of one playback of it.
        let mut sizes = vec![(0_usize, 0_usize); items.len()];
        for &own in order.iter().rev() {
            let Some(sound) = items[own].value else { continue };
            let size =
                |play: &Play| self.sound_ids.get(play.name.value.as_str()).map_or((0, 1), |&id| sizes[id]);
            let parts: Vec<_> = sound.plays().into_iter().map(size).collect();
            let deepest = parts.iter().map(|part| part.0).max().unwrap_or(0);
            let most = parts.iter().map(|part| part.1).max().unwrap_or(0);
            let at_once = match sound {
                Sound::Clip(_) | Sound::Tone(_) | Sound::Noise(_) => 1,
                Sound::Layer(_) | Sound::Blend(_) => {
                    parts.iter().fold(0_usize, |sum, part| sum.saturating_add(part.1))
                }
                _ => most,
            };
            sizes[own] = (deepest + 1, at_once);
            // What holds such a sound is not told again.
            let (file, name) = (items[own].file, items[own].name);
            if deepest == schema::MAX_NESTED {
                let message = format!("{:?} holds sounds within sounds, {} deep", name.value, deepest + 1);
                let help =
                    format!("{} are the most: let one on the way play sound files", schema::MAX_NESTED);
                self.error("too-deep", file, name, message, Some(help));
            }
            if at_once > schema::MAX_AT_ONCE && most <= schema::MAX_AT_ONCE {
                let message = format!("{:?} plays {at_once} sounds at once", name.value);
                let help = format!("{} are the most", schema::MAX_AT_ONCE);
                self.error("too-many", file, name, message, Some(help));
            }
        }
    }

    pub(super) fn parameters(&mut self) {
        for (name, item) in &self.project.parameters {
            if schema::RESERVED.contains(name) {
                let help = Some("call it something else".to_owned());
                let message = format!("{name:?} is what curves of events know already");
                self.error("duplicate-name", item.file, item.name, message, help);
            } else if self.project.levels.contains_key(name) {
                let help = Some("curves go by either: call one of them something else".to_owned());
                let message = format!("{name:?} is already the name of a level");
                self.error("duplicate-name", item.file, item.name, message, help);
            }
        }
    }

    /// The parameter of a switch, and its cases among the labels.
    fn switch(&mut self, file: usize, switch: &schema::Switch) {
        let Some(labels) = self.labels(file, &switch.on) else { return };
        let labels = || labels.iter().copied();
        for (case, _) in &switch.cases.0 {
            if !labels().any(|label| label == case.value) {
                let message = format!("{:?} is no label of {:?}", case.value, switch.on.value);
                self.error("unknown-label", file, case, message, suggest(&case.value, labels(), '"'));
            }
        }
        let missing: Vec<_> =
            labels().filter(|label| !switch.cases.0.iter().any(|(case, _)| case.value == *label)).collect();
        if switch.default.is_none() && !missing.is_empty() && !switch.cases.0.is_empty() {
            let names: Vec<_> = missing.iter().map(|label| format!("{label:?}")).collect();
            let message = format!("nothing is played for {}", names.join(", "));
            let help = "add a case or a `default`; `Silence()` says that it is meant";
            self.warn("missing-case", file, &switch.on, message, help);
        }
    }

    pub(super) fn events(&mut self) {
        for item in self.project.events.values() {
            let Some(event) = item.value else { continue };
            if let Some(play) = &event.play {
                self.play(item.file, play);
            }
            if let Some(bus) = &event.bus {
                self.bus(item.file, bus, "unknown-bus");
            }
            if let Some(line) = &event.line {
                self.line(item.file, &line.queue);
            }
            if let Some(snapshot) = &event.snapshot {
                self.snapshot(item.file, snapshot);
            }
            for curve in &event.curves {
                self.source(item.file, &curve.from);
                if curve.property.value == "reverb" && event.space.is_none() {
                    let message = "an event without a `space` sends nothing into reverbs".to_owned();
                    let help = Some("give the event a `space`".to_owned());
                    self.error("unknown-property", item.file, &curve.property, message, help);
                }
            }
        }
    }
}
