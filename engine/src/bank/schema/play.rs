//! Where a sound is named, it may as well be written: `cases: {"gravel": Random(of: […])}`.
//!
//! What is written in place is taken out when its file has been read, and gets an entry of its own among the sounds. Its
//! name is made of its owner's and its place there, so that it is the same after edits elsewhere: `"step/gravel"` for a case,
//! `"step/2"` for the second of a list. From there on it is a sound like any other.
//! May be named here: `decode`, the syntax tree. Runs on any thread.

use super::choices::Entry;
use super::{Bank, Sound};
use crate::bank::decode::{Field, Read, Reader, Shape, Text};
use crate::bank::is_path;
use crate::bank::syntax::{Kind, Node};

/// A sound where one is named: by its name, by the path of a file, or written in place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Play {
    /// The name or path; of what was written in place the name that was made for it, at the place where it is written.
    pub name: Text,
    /// Whether it was written in place.
    pub in_place: bool,
    /// What was written in place, until it is taken out.
    sound: Option<Box<Sound>>,
}

impl Play {
    /// A name or path.
    pub fn named(name: Text) -> Self {
        Self { name, in_place: false, sound: None }
    }

    /// What was written in place and has been taken out, under this name.
    pub(super) fn lifted(name: Text) -> Self {
        Self { name, in_place: true, sound: None }
    }

    /// Takes out what is written here, and what is written in that.
    fn lift(&mut self, owner: &str, place: &str, into: &mut Vec<Entry<Sound>>) {
        let Some(sound) = self.sound.take() else { return };
        let mut sound = *sound;
        self.name.value = format!("{owner}/{place}");
        lift_from(&mut sound, &self.name.value, into);
        let (name, span) = (self.name.clone(), self.name.span.clone());
        into.push(Entry { name, span, value: Some(sound), owner: Some(owner.to_owned()) });
    }
}

impl Read for Play {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match &node.kind {
            Kind::Str(_) => Text::read(reader, node, field).map(Self::named),
            Kind::Group { name: Some(_), .. } => {
                let sound = Sound::read(reader, node, field)?;
                let name = Text { value: String::new(), span: node.head() };
                Some(Self { name, in_place: true, sound: Some(Box::new(sound)) })
            }
            _ => {
                reader.wrong_type(
                    node,
                    field,
                    "the name of a sound, a path, or a sound such as `Random(of: […])`",
                );
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::OneOf(vec![Shape::Text, Sound::shape()])
    }
}

/// Whether a sound is written here, rather than a group that names one.
pub(super) fn is_sound(node: &Node) -> bool {
    matches!(node.kind, Kind::Group { name: Some(_), .. })
}

fn lift_from(sound: &mut Sound, owner: &str, into: &mut Vec<Entry<Sound>>) {
    for (place, play) in sound.places() {
        play.lift(owner, &place, into);
    }
}

impl Bank {
    /// Gives each sound that is written in place an entry of its own.
    pub(in crate::bank) fn lift_sounds(&mut self) {
        let mut lifted = Vec::new();
        for entry in &mut self.sounds.0 {
            if let Some(sound) = &mut entry.value {
                lift_from(sound, &entry.name.value, &mut lifted);
            }
        }
        for entry in &mut self.events.0 {
            if let Some(event) = &mut entry.value {
                let play = event.play.iter_mut();
                play.for_each(|play| play.lift(&entry.name.value, "(play)", &mut lifted));
            }
        }
        self.sounds.0.extend(lifted);
    }
}

/// The place of a case: its label, or, if that would look like a file, its number.
pub(super) fn place_of_case(number: usize, label: &str) -> String {
    if is_path(label) { format!("({})", number + 1) } else { label.to_owned() }
}
