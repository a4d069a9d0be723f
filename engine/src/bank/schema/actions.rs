//! Actions as they are written: what an event does beside playing.
//!
//! May be named here: `decode`, the syntax tree. Runs on any thread.

use super::choices::choice;
use super::{ANY, FADE, FILE_TIME, Initial, NEEDED, Scope, VALUE};
use crate::bank::decode::{Field, Fields, Read, Reader, Rule, Shape, Text, fields};
use crate::bank::syntax::{Kind, Node};

/// How long after the post an action is carried out.
const DELAY: Rule = Rule::range(0.0, 3600.0, "s");
/// How likely an action is.
const CHANCE: Rule = Rule::range(0.0, 1.0, "");

fields! {
    /// Posts another event where this one was posted. Who posted this one has both as one playback. `Post("gun/tail", delay: 0.2)` is the short form.
    Post {
        /// The event. Events may post each other in a circle only if that takes time.
        event: Text = Text::default(), NEEDED;
        /// How long after the post, to the sample.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
    }

    /// Stops what plays of an event, and takes back what waits to post it. `Stop("music/calm")` is the short form.
    Stop {
        /// The event.
        event: Text = Text::default(), NEEDED;
        /// The fade.
        fade: Option<f32> = None, FADE.says("the event's fade_out");
        /// How long after the post, to the sample.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
        /// What it concerns: what plays on the emitter that this event was posted on, or all. Without an emitter it is all.
        scope: Scope = Scope::Emitter, ANY;
    }

    /// Stops everything, or all that plays on a bus and below it, and takes back what waits to be posted there.
    StopAll {
        /// The bus. `StopAll("sfx")` is the short form.
        bus: Option<Text> = None, ANY.says("all buses");
        /// The fade.
        fade: Option<f32> = None, FADE.says("each event's fade_out");
        /// How long after the post, to the sample.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
        /// What it concerns: what plays on the emitter that this event was posted on, or all. Without an emitter it is all.
        scope: Scope = Scope::Emitter, ANY;
    }

    /// Holds what plays of an event where it is, and what it waits to do. `Pause("radio")` is the short form.
    Pause {
        /// The event.
        event: Text = Text::default(), NEEDED;
        /// How long after the post.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
        /// What it concerns: what plays on the emitter that this event was posted on, or all. Without an emitter it is all.
        scope: Scope = Scope::Emitter, ANY;
    }

    /// Lets what `Pause` held go on. `Resume("radio")` is the short form.
    Resume {
        /// The event.
        event: Text = Text::default(), NEEDED;
        /// How long after the post.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
        /// What it concerns: what plays on the emitter that this event was posted on, or all. Without an emitter it is all.
        scope: Scope = Scope::Emitter, ANY;
    }

    /// Makes what plays of an event go on at another place.
    Seek {
        /// The event.
        event: Text = Text::default(), NEEDED;
        /// The place in its sound, from the beginning at natural pitch.
        to: f32 = 0.0, FILE_TIME.required();
        /// How long after the post.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
        /// What it concerns: what plays on the emitter that this event was posted on, or all. Without an emitter it is all.
        scope: Scope = Scope::Emitter, ANY;
    }

    /// Lets what loops of an event leave its loop: the lap is finished, then the rest of the file plays out. `Break("engine")` is the short form.
    Break {
        /// The event.
        event: Text = Text::default(), NEEDED;
        /// How long after the post.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
        /// What it concerns: what plays on the emitter that this event was posted on, or all. Without an emitter it is all.
        scope: Scope = Scope::Emitter, ANY;
    }

    /// Lets envelopes of what plays of an event go, as of a key: they fall in their own time, and nothing else is stopped. Where one of them moves the gain, the playback ends with it. `Release("organ")` is the short form.
    Release {
        /// The event.
        event: Text = Text::default(), NEEDED;
        /// How long after the post, to the sample.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
        /// What it concerns: what plays on the emitter that this event was posted on, or all. Without an emitter it is all.
        scope: Scope = Scope::Emitter, ANY;
    }

    /// Sets a parameter; what the same event plays goes by it already.
    Set {
        /// The parameter.
        parameter: Text = Text::default(), NEEDED;
        /// What to: a number or one of its labels.
        to: Option<Initial> = None, VALUE.required();
        /// How long after the post.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
        /// Whose: that of the emitter that this event was posted on, or the one for everything. Without an emitter it is the latter.
        scope: Scope = Scope::Emitter, ANY;
    }

    /// Brings a snapshot in, or lets it go, as a game does. `SetSnapshot("quiet")` is the short form.
    SetSnapshot {
        /// The snapshot.
        snapshot: Text = Text::default(), NEEDED;
        /// How much of it; 0 lets it go.
        to: f32 = 1.0, Rule::range(0.0, 1.0, "");
        /// The time from nothing to all of it.
        fade: Option<f32> = None, FADE.says("the snapshot's own");
        /// How long after the post.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
    }

    /// Asks for a stinger in all music that plays and has one of that name. `TriggerStinger("kill")` is the short form.
    TriggerStinger {
        /// The stinger.
        stinger: Text = Text::default(), NEEDED;
        /// How long after the post.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
    }

    /// Mutes a bus and all below it, as a hand on the desk does. `Mute("music")` is the short form.
    Mute {
        /// The bus.
        bus: Text = Text::default(), NEEDED;
        /// How long after the post.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
    }

    /// Lets a bus be heard again. `Unmute("music")` is the short form.
    Unmute {
        /// The bus.
        bus: Text = Text::default(), NEEDED;
        /// How long after the post.
        delay: f32 = 0.0, DELAY;
        /// How likely it is, drawn for each post.
        probability: f32 = 1.0, CHANCE;
    }
}

/// Reads an action: `Name(field: …)`. What it concerns may stand first without its name: `Name("…")`, `Name("…", field: …)`.
fn read_group<T: Fields>(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<T> {
    let mut named = node.clone();
    name_first(&mut named);
    reader.group(&named, field)
}

/// What stands in the brackets of an action: its fields, or what it concerns alone, if that is all that it needs.
fn inside<T: Fields>() -> Shape {
    let group = Shape::Group(T::NAME);
    match T::FIELDS.iter().skip(1).any(|field| field.rule.required) {
        true => group,
        false => Shape::OneOf(vec![Shape::Text, group]),
    }
}

/// Gives what an action concerns its name, where it stands without one.
pub fn name_first(node: &mut Node) {
    let first = node.name().and_then(Action::concerns);
    if let Kind::Group { slots, .. } = &mut node.kind
        && let (Some(slot), Some(first)) = (slots.first_mut(), first)
        && slot.key.is_none()
        && matches!(slot.value.kind, Kind::Str(_))
    {
        let span = slot.value.span.clone();
        slot.key = Some(Node { span, kind: Kind::Word(first.to_owned()) });
    }
}

/// Declares the kinds of action: the choice, its reading, and what all of them have.
macro_rules! kinds {
    ($($kind:ident $(scoped $scope:ident)?,)*) => {
        /// An action, such as `Post(…)` or `Stop(…)`.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Action {
            $(
                #[doc = concat!("`", stringify!($kind), "(…)`.")]
                $kind($kind),
            )*
        }

        impl Action {
            /// The names of the kinds.
            pub const KINDS: &'static [&'static str] = &[$(stringify!($kind)),*];

            /// The name of the field that says what an action of that kind concerns: its first.
            fn concerns(kind: &str) -> Option<&'static str> {
                let fields = match kind {
                    $(stringify!($kind) => $kind::FIELDS,)*
                    _ => return None,
                };
                fields.first().map(|field| field.name)
            }

            /// How long after the post, in seconds.
            pub fn delay(&self) -> f32 {
                match self {
                    $(Self::$kind(action) => action.delay,)*
                }
            }

            /// How likely it is, from 0 to 1.
            pub fn probability(&self) -> f32 {
                match self {
                    $(Self::$kind(action) => action.probability,)*
                }
            }

            /// What it concerns, for those that can choose.
            pub fn scope(&self) -> Scope {
                match self {
                    $($(Self::$kind(action) => action.$scope,)?)*
                    _ => Scope::Global,
                }
            }
        }

        impl Read for Action {
            fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
                match choice(reader, node, field, Self::KINDS)? {
                    $(stringify!($kind) => read_group(reader, node, field).map(Self::$kind),)*
                    _ => None,
                }
            }

            fn shape() -> Shape {
                Shape::OneOf(vec![$(Shape::Named(stringify!($kind), Box::new(inside::<$kind>()))),*])
            }
        }
    };
}

kinds! {
    Post,
    Stop scoped scope,
    StopAll scoped scope,
    Pause scoped scope,
    Resume scoped scope,
    Seek scoped scope,
    Break scoped scope,
    Release scoped scope,
    Set scoped scope,
    SetSnapshot,
    TriggerStinger,
    Mute,
    Unmute,
}

impl Action {
    /// The event that it names.
    pub fn event(&self) -> Option<&Text> {
        match self {
            Self::Post(action) => Some(&action.event),
            Self::Stop(action) => Some(&action.event),
            Self::Pause(action) => Some(&action.event),
            Self::Resume(action) => Some(&action.event),
            Self::Seek(action) => Some(&action.event),
            Self::Break(action) => Some(&action.event),
            Self::Release(action) => Some(&action.event),
            Self::StopAll(_)
            | Self::Set(_)
            | Self::SetSnapshot(_)
            | Self::TriggerStinger(_)
            | Self::Mute(_)
            | Self::Unmute(_) => None,
        }
    }

    /// The bus that it names.
    pub fn bus(&self) -> Option<&Text> {
        match self {
            Self::StopAll(action) => action.bus.as_ref(),
            Self::Mute(action) => Some(&action.bus),
            Self::Unmute(action) => Some(&action.bus),
            _ => None,
        }
    }
}
