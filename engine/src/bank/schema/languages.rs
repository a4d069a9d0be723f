//! The languages of a project as they are written, and the sounds that speak them.
//!
//! May be named here: `decode`, the syntax tree. Runs on any thread.

use super::choices::Entry;
use super::play::Play;
use super::sounds::Change;
use super::{
    ANY, Bank, Clip, FILE_TIME, FREQ, GAIN, Initial, MAX_LANGUAGES, NEEDED, PITCH, Parameter, Sound,
};
use crate::bank::decode::{Between, Field, Fields, Keyed, Read, Reader, Rule, Shape, Text, fields};
use crate::bank::diagnostic::suggest;
use crate::bank::is_path;
use crate::bank::syntax::{Kind, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The name of the parameter that the languages are.
pub const LANGUAGE: &str = "language";

/// What stands for a language in the path of a sound file.
pub const PLACEHOLDER: &str = "{language}";

fields! {
    /// The languages of a project; one of its files has them. They are the labels of a parameter called "language": a game sets it, and from then on what is drawn speaks that language. All languages stay loaded.
    Languages verified by verify_languages {
        /// The languages, as they stand in paths: `["en", "de", "pt-br"]`.
        of: Vec<Text> = Vec::new(), NEEDED;
        /// The language before a game sets one, in which nothing may be missing.
        default: Option<Text> = None, ANY.says("the first");
        /// What is spoken where something is missing in a language, before the default is: `{"pt-br": "pt"}`.
        fallback: Keyed<Text> = Keyed::default(), ANY;
    }

    /// A sound in each language. Where one is missing, its fallback is played, or else the default.
    Localized verified by verify_localized {
        /// The sounds by language: names of sounds, paths of sound files, or sounds written in place. Short for a whole table of files: a path with `{language}` in it, wherever a sound is named.
        of: Keyed<Play> = Keyed::default(), NEEDED;
        /// What becomes of what loops when the language changes: it plays on (`Continue`), goes over to the other language within a time (`Crossfade(0.3)`), or comes to the end of its lap, where the other begins (`AtEnd`). What does not loop finishes in its language.
        change: Option<Change> = None, Rule::range(0.0, 60.0, "s").says("Continue");
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }
}

/// The languages and where they are declared.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// The languages.
    pub languages: Languages,
    /// The place of their declaration.
    pub span: Range<usize>,
}

impl Read for Spoken {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let languages = reader.group(node, field)?;
        Some(Self { languages, span: node.head() })
    }

    fn shape() -> Shape {
        Shape::Group(Languages::NAME)
    }
}

impl Languages {
    /// The names in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.of.iter().map(|name| name.value.as_str())
    }

    /// The default language.
    pub fn default(&self) -> &str {
        let first = self.of.first();
        self.default.as_ref().or(first).map_or("", |name| name.value.as_str())
    }

    /// What is written as a language's own fallback.
    pub fn fallback(&self, language: &str) -> Option<&str> {
        let pair = self.fallback.0.iter().find(|(from, _)| from.value == language);
        pair.map(|(_, to)| to.value.as_str())
    }

    /// A language, what is spoken where something is missing in it, and so on to the default.
    pub fn chain<'a>(&'a self, language: &'a str) -> Vec<&'a str> {
        let mut chain = vec![language];
        while let Some(next) = chain.last().and_then(|last| self.fallback(last))
            && !chain.contains(&next)
        {
            chain.push(next);
        }
        if !chain.contains(&self.default()) {
            chain.push(self.default());
        }
        chain
    }

    /// The parameter that they are.
    pub fn parameter(&self, span: Range<usize>) -> Entry<Parameter> {
        let parameter = Parameter {
            labels: self.of.clone(),
            default: self.default.clone().map(Initial::Label),
            ..Parameter::default()
        };
        let name = Text { value: LANGUAGE.to_owned(), span: span.clone() };
        Entry { name, span, value: Some(parameter), owner: None }
    }
}

impl Bank {
    /// Makes a sound in each language of each clip whose path asks for one; the other paths that do, and where.
    pub(in crate::bank) fn speak(&mut self, languages: &Languages) -> BTreeMap<String, Text> {
        let mut spoken = Vec::new();
        let mut paths = BTreeMap::new();
        let mut note = |play: &Play| {
            if !play.in_place && is_path(&play.name.value) && play.name.value.contains(PLACEHOLDER) {
                paths.entry(play.name.value.clone()).or_insert_with(|| play.name.clone());
            }
        };
        for entry in &mut self.sounds.0 {
            let Some(sound) = &mut entry.value else { continue };
            sound.plays().into_iter().for_each(&mut note);
            let Sound::Clip(clip) = sound else { continue };
            if clip.file.value.contains(PLACEHOLDER) && is_path(&clip.file.value) {
                let table = in_each(languages, |language| {
                    let owner = &entry.name.value;
                    let name = Text { value: format!("{owner}/{language}"), span: clip.file.span.clone() };
                    let clip = Clip { file: in_language(&clip.file, language), ..clip.clone() };
                    spoken.push(Entry {
                        name: name.clone(),
                        span: name.span.clone(),
                        value: Some(Sound::Clip(clip)),
                        owner: Some(owner.clone()),
                    });
                    Play::lifted(name)
                });
                *sound = table;
            }
        }
        let events = self.events.0.iter().filter_map(|entry| entry.value.as_ref()?.play.as_ref());
        events.for_each(&mut note);
        self.sounds.0.extend(spoken);
        paths
    }
}

/// The sound that a path with a language in it stands for.
pub fn spoken_path(path: &Text, languages: &Languages) -> Entry<Sound> {
    let table = in_each(languages, |language| Play::named(in_language(path, language)));
    Entry { name: path.clone(), span: path.span.clone(), value: Some(table), owner: None }
}

fn in_language(path: &Text, language: &str) -> Text {
    Text { value: path.value.replace(PLACEHOLDER, language), span: path.span.clone() }
}

fn in_each(languages: &Languages, mut play: impl FnMut(&str) -> Play) -> Sound {
    let of = languages.of.iter().map(|language| (language.clone(), play(&language.value)));
    Sound::Localized(Localized { of: Keyed(of.collect()), ..Localized::default() })
}

/// Checks what concerns more than one field.
fn verify_languages(languages: &Languages, reader: &mut Reader<'_>, node: &Node) {
    if languages.of.is_empty() {
        if let Some(of) =
            node.field("of").filter(|of| matches!(of.kind, Kind::List(_)) && of.slots().is_empty())
        {
            let help = Some("give it at least one, such as `of: [\"en\", \"de\"]`".to_owned());
            reader.error("bad-range", of.span.clone(), "there is no language", help);
        }
        return;
    }
    if let Some(beyond) = languages.of.get(MAX_LANGUAGES) {
        let message = format!("{} languages are too many", languages.of.len());
        let help = Some(format!("a project may have {MAX_LANGUAGES}"));
        return reader.error("too-many", beyond.span.clone(), message, help);
    }
    let mut seen = BTreeSet::new();
    for name in &languages.of {
        let fits = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
        if !seen.insert(name.value.as_str()) {
            let message = format!("the language {:?} is given twice", name.value);
            reader.error("duplicate-key", name.span.clone(), message, None);
        } else if name.value.is_empty() || !name.value.chars().all(fits) {
            let message = format!("{:?} can't stand in a path", name.value);
            let help = Some("a language is made of letters, digits, `-` and `_`".to_owned());
            reader.error("bad-range", name.span.clone(), message, help);
        }
    }
    let pairs = languages.fallback.0.iter().flat_map(|(from, to)| [from, to]);
    let mut known = true;
    for name in languages.default.iter().chain(pairs) {
        if name.is_given() && !seen.contains(name.value.as_str()) {
            known = false;
            let message = format!("{:?} is none of the languages", name.value);
            let help = suggest(&name.value, languages.names(), '"');
            reader.error("unknown-label", name.span.clone(), message, help);
        }
    }
    for (from, to) in languages.fallback.0.iter().filter(|_| known) {
        if from.value == languages.default() {
            let message = format!("{:?} is the default: what is missing in it is missing", from.value);
            let help = Some("leave its fallback out".to_owned());
            reader.error("bad-range", from.span.clone(), message, help);
        } else if languages.chain(&to.value).contains(&from.value.as_str()) {
            let message = format!("{:?} and {:?} fall back to each other", from.value, to.value);
            let help = Some("let the fallbacks end in a language that has none".to_owned());
            reader.error("language-cycle", to.span.clone(), message, help);
        }
    }
}

/// Checks what concerns more than one field.
fn verify_localized(localized: &Localized, reader: &mut Reader<'_>, node: &Node) {
    let of = node.field("of").filter(|of| matches!(of.kind, Kind::Map(_)) && of.slots().is_empty());
    if let Some(of) = of.filter(|_| localized.of.0.is_empty()) {
        let help = Some("give it a language, such as `of: {\"en\": \"voice/en/halt.ogg\"}`".to_owned());
        reader.error("empty-random", of.span.clone(), "there is nothing to play", help);
    }
}
