//! What only the whole project shows of languages: that sounds speak them, and which files can be done without.

use super::Checker;
use crate::bank::decode::Text;
use crate::bank::diagnostic::suggest;
use crate::bank::schema::{Localized, PLACEHOLDER, Sound};
use std::collections::BTreeMap;

impl<'a> Checker<'a> {
    /// The languages of a sound among those of the project.
    pub(super) fn localized(&mut self, file: usize, name: &Text, localized: &Localized) {
        let Some((first, _)) = localized.of.0.first().filter(|_| self.whole) else { return };
        let Some(languages) = self.project.languages else {
            let help = Some("declare `languages: (of: [\"en\", \"de\"])` in one of its files".to_owned());
            let message = "the project has no languages".to_owned();
            return self.error("no-languages", file, first, message, help);
        };
        let written = |language: &str| localized.of.0.iter().any(|(label, _)| label.value == language);
        let mut known = true;
        for (label, _) in &localized.of.0 {
            if !languages.names().any(|language| language == label.value) {
                known = false;
                let message = format!("{:?} is none of the languages", label.value);
                self.error(
                    "unknown-label",
                    file,
                    label,
                    message,
                    suggest(&label.value, languages.names(), '"'),
                );
            }
        }
        if !known {
            return;
        }
        let default = languages.default();
        if !written(default) {
            let message = format!("nothing is played for {default:?}, the default language");
            let help = Some("add an entry: it is what is heard where the others are missing".to_owned());
            return self.error("missing-language", file, first, message, help);
        }
        // Whoever writes a fallback means to leave some of a language out.
        let missing = languages.names().filter(|language| {
            let chain = languages.chain(language);
            let heard = chain.into_iter().find(|language| written(language));
            heard == Some(default) && *language != default && languages.fallback(language).is_none()
        });
        let missing: Vec<_> = missing.map(|language| format!("{language:?}")).collect();
        if !missing.is_empty() {
            let text = if name.is_given() { name } else { first };
            let message =
                format!("nothing is played for {}: {default:?} is heard instead", missing.join(", "));
            let help = "add an entry, or say with a `fallback` of the languages that it is meant";
            self.warn("missing-language", file, text, message, help);
        }
    }

    /// Whether a path asks for a language where there is none; says so.
    pub(super) fn asks_for_language(&mut self, file: usize, text: &Text) -> bool {
        let path = &text.value;
        if path.contains(PLACEHOLDER) {
            let (message, help) = match self.project.languages {
                None => (
                    format!("the path {path:?} asks for a language, but the project has none"),
                    "declare `languages: (of: [\"en\", \"de\"])` in one of its files",
                ),
                Some(_) => {
                    (format!("the path {path:?} asks for a language, but only sounds speak"), "name one file")
                }
            };
            if self.whole || self.project.languages.is_some() {
                self.error("no-languages", file, text, message, Some(help.to_owned()));
            }
            return true;
        }
        let braced = path.split_once('{').and_then(|(_, rest)| Some(rest.split_once('}')?.0));
        let Some(braced) = braced else { return false };
        let Some(help) = suggest(&format!("{{{braced}}}"), [PLACEHOLDER].into_iter(), '`') else {
            return false;
        };
        let message = format!("`{{{braced}}}` stands for nothing in the path {path:?}");
        self.error("no-languages", file, text, message, Some(help));
        true
    }

    /// Finds the files that can be done without: all that plays them is the entry of another language than the default.
    pub(super) fn spare(&mut self) {
        let Some(languages) = self.project.languages else { return };
        // For each name of a sound or path of a file, the language for which it is played, or nothing.
        let mut uses: BTreeMap<&str, Vec<Option<&str>>> = BTreeMap::new();
        // For each path of a file, the sounds that play it.
        let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, item) in &self.project.sounds {
            match item.value {
                Some(Sound::Localized(localized)) => {
                    for (label, play) in &localized.of.0 {
                        let language =
                            Some(label.value.as_str()).filter(|label| *label != languages.default());
                        uses.entry(&play.name.value).or_default().push(language);
                    }
                }
                Some(Sound::Clip(clip)) => files.entry(&clip.file.value).or_default().push(name),
                Some(sound) => {
                    sound
                        .plays()
                        .iter()
                        .for_each(|play| uses.entry(&play.name.value).or_default().push(None));
                }
                None => {}
            }
        }
        let events = self.project.events.values().filter_map(|item| item.value?.play.as_ref());
        events.for_each(|play| uses.entry(&play.name.value).or_default().push(None));
        let effects = self.project.buses.values().filter_map(|item| item.value).flat_map(|bus| &bus.effects);
        let effects: Vec<_> = effects.filter_map(|effect| effect.common.file.as_ref()).collect();
        for path in self.facts.media.keys() {
            let path = path.as_str();
            if effects.iter().any(|file| file.value == path) {
                continue;
            }
            let names = files.get(path).into_iter().flatten().copied();
            let names = names.chain(uses.contains_key(path).then_some(path));
            let mut language = None;
            let spare = names.clone().all(|name| {
                uses.get(name).is_some_and(|uses| {
                    language = language.or(uses.iter().flatten().next().copied());
                    uses.iter().all(Option::is_some)
                })
            });
            if let Some(language) = language.filter(|_| spare) {
                self.facts.spare.insert(path.to_owned(), language.to_owned());
            }
        }
    }
}
