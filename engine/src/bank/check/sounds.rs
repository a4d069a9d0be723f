//! What only the whole project shows of sounds, events and parameters: what they name is there.

use super::{Checker, Edge, is_path};
use crate::bank::decode::Text;
use crate::bank::diagnostic::{Diagnostic, suggest};
use crate::bank::schema::{self, Sound};

impl<'a> Checker<'a> {
    /// A string that names a sound or a sound file; gives the sound's id.
    fn play(&mut self, file: usize, text: &'a Text) -> Option<usize> {
        if !text.is_given() {
            return None;
        }
        if let Some((name, id)) = self.sound_ids.get_key_value(text.value.as_str()) {
            self.used.insert(name);
            return Some(*id);
        }
        if is_path(&text.value) {
            self.media(file, text);
        } else if self.whole {
            let names = self.sound_ids.keys().copied();
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
            if let Sound::Blend(blend) = sound {
                self.source(item.file, &blend.on);
            }
            for text in sound.plays() {
                if let Some(to) = self.play(item.file, text) {
                    let (from, why, file) = (own, "plays", item.file);
                    self.sound_edges.push(Edge { from, to, why, file, text });
                }
            }
        }
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
            let size = |text: &Text| self.sound_ids.get(text.value.as_str()).map_or((0, 1), |&id| sizes[id]);
            let parts: Vec<_> = sound.plays().into_iter().map(size).collect();
            let deepest = parts.iter().map(|part| part.0).max().unwrap_or(0);
            let most = parts.iter().map(|part| part.1).max().unwrap_or(0);
            let at_once = match sound {
                Sound::Clip(_) => 1,
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

    /// What a curve of an event goes by: a parameter, or something that goes without saying.
    fn source(&mut self, file: usize, text: &Text) {
        let known = || self.project.parameters.keys().copied().chain(schema::BUILT_IN);
        if self.whole && text.is_given() && !known().any(|name| name == text.value) {
            let help = suggest(&text.value, known(), '"');
            let message = format!("no parameter is called {:?}", text.value);
            self.error("unknown-parameter", file, text, message, help);
        }
    }

    pub(super) fn parameters(&mut self) {
        for (name, item) in &self.project.parameters {
            if schema::BUILT_IN.contains(name) {
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
        let project = self.project;
        if !switch.on.is_given() {
            return;
        }
        let Some(item) = project.parameters.get(switch.on.value.as_str()) else {
            if self.whole {
                let help = suggest(&switch.on.value, project.parameters.keys().copied(), '"');
                let help = help.or_else(|| Some("declare it under `parameters`".to_owned()));
                let message = format!("no parameter is called {:?}", switch.on.value);
                self.error("unknown-parameter", file, &switch.on, message, help);
            }
            return;
        };
        let Some(parameter) = item.value else { return };
        if parameter.labels.is_empty() {
            let message = format!("the parameter {:?} has no labels to switch by", switch.on.value);
            let help = Some("give it `labels: […]`".to_owned());
            return self.error("unknown-label", file, &switch.on, message, help);
        }
        let labels = || parameter.labels.iter().map(|label| label.value.as_str());
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
            let place = self.place(file, &switch.on);
            let help = "add a case or a `default`; `Silence()` says that it is meant";
            self.diagnostics.push(Diagnostic::warning("missing-case", place, message).help(help));
        }
    }

    pub(super) fn events(&mut self) {
        for item in self.project.events.values() {
            let Some(event) = item.value else { continue };
            self.play(item.file, &event.play);
            if let Some(bus) = &event.bus {
                self.bus(item.file, bus, "unknown-bus");
            }
            for curve in &event.curves {
                self.source(item.file, &curve.from);
            }
        }
    }
}
