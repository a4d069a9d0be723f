//! What may be written in a bank, version 1: every group, field, default, unit and range.
//!
//! Lives here: one declaration of each group, which is at once the struct, the parser, the defaults and the
//! description that help texts and the comparison of banks go by ([`groups`]). May be named here: `decode`,
//! diagnostics, the syntax tree, `serde`. Runs on any thread.
//!
//! A field's name fixes its unit everywhere: gain in dB, time in seconds, frequency in Hz, distance in metres,
//! pitch in semitones, amounts from 0 to 1. Integers may stand for any number.

use super::decode::{Between, Field, Fields, Keyed, Read, Reader, Rule, Text, entries_of, fields};
use super::syntax::{Kind, Node};
use serde::Deserialize;

/// The version of the language that this engine reads.
pub const VERSION: u32 = 1;
/// How many bands an equaliser may have.
pub const MAX_BANDS: usize = 16;

const GAIN: Rule = Rule::range(-120.0, 24.0, "dB");
const PITCH: Rule = Rule::range(-48.0, 48.0, "st");
const FADE: Rule = Rule::range(0.0, 60.0, "s");
const AMOUNT: Rule = Rule::range(0.0, 1.0, "");
const FREQ: Rule = Rule::range(10.0, 20_000.0, "Hz");
const Q: Rule = Rule::range(0.1, 20.0, "");
const BAND_GAIN: Rule = Rule::range(-30.0, 30.0, "dB");
const RT60: Rule = Rule::range(0.1, 20.0, "s").required();
const PREDELAY: Rule = Rule::range(0.0, 0.5, "s");
const DUCK_TIME: Rule = Rule::range(0.0, 20.0, "s");
const ANY: Rule = Rule::free();
const NEEDED: Rule = Rule::free().required();
const MASTER: Rule = Rule::free().says("\"master\"");

fields! {
    /// A file: `Bank(version: 1, …)`.
    Bank {
        /// The version of the language.
        version: u32 = 1, ANY;
        /// The buses by name.
        buses: Entries<Bus> = Entries::default(), ANY;
        /// The ducking rules.
        ducking: Rules = Rules::default(), ANY;
        /// The reverb presets by name.
        reverbs: Entries<Preset> = Entries::default(), ANY;
        /// The sounds by name.
        sounds: Entries<Sound> = Entries::default(), ANY;
        /// The events by name.
        events: Entries<Event> = Entries::default(), ANY;
    }

    /// A mixing point.
    Bus {
        /// The bus that the output goes to.
        parent: Option<Text> = None, MASTER;
        /// The fader, after the effects and before the sends.
        gain: f32 = 0.0, GAIN;
        /// The effects, first to last.
        effects: Vec<Effect> = Vec::new(), ANY;
        /// Other buses that get a copy of the output, each at its own gain.
        sends: Keyed<f32> = Keyed::default(), GAIN;
    }

    /// A ducking rule: when one bus speaks, others step back.
    Duck {
        /// The bus that is listened to.
        trigger: Text = Text::default(), NEEDED;
        /// What sets the rule off: `Level(dB)` or `Activity`.
        by: Trigger = Trigger::Level(-40.0), Rule::range(-80.0, 0.0, "dB").says("Level(-40)");
        /// The buses that step back.
        targets: Keyed<Target> = Keyed::default(), NEEDED;
        /// The time from no reduction to the full depth.
        attack: f32 = 0.06, DUCK_TIME;
        /// How long the reduction stays after the trigger falls silent.
        hold: f32 = 0.25, DUCK_TIME;
        /// The time from the full depth back to none.
        release: f32 = 0.7, DUCK_TIME;
    }

    /// How far a bus steps back.
    Target {
        /// How many decibels quieter the bus becomes.
        depth: f32 = 0.0, Rule::range(0.0, 60.0, "dB").required();
    }

    /// A reverb that zones bring in; its return is the bus `reverb/` and its name.
    Preset {
        /// The time in which the tail falls by 60 dB.
        rt60: f32 = 1.0, RT60;
        /// How much faster high frequencies die.
        damping: f32 = 0.4, AMOUNT;
        /// The time before the tail begins.
        predelay: f32 = 0.02, PREDELAY;
        /// The fader of the return.
        gain: f32 = 0.0, GAIN;
        /// The bus that the return goes to.
        bus: Option<Text> = None, MASTER;
    }

    /// One sound file and how it is played.
    Clip {
        /// The path of an .ogg or .wav file, relative to the project's folder.
        file: Text = Text::default(), NEEDED;
        /// Gain.
        gain: f32 = 0.0, GAIN;
        /// Pitch.
        pitch: f32 = 0.0, PITCH;
        /// Whether the end is followed by the start.
        looping: bool = false, ANY;
        /// The fade at the start.
        fade_in: f32 = 0.0, FADE;
        /// The fade before the end; loops have none.
        fade_out: f32 = 0.0, FADE;
    }

    /// A choice between sounds, drawn anew for each playback.
    Random verified by verify_random {
        /// What there is to choose from: names of sounds or paths of sound files.
        of: Vec<Weighted> = Vec::new(), NEEDED;
        /// How many of the last choices are not chosen again.
        avoid: Option<u32> = None, ANY.says("1");
        /// The range of gains.
        gain: Between = Between(0.0, 0.0), GAIN.says("(0, 0)");
        /// The range of pitches.
        pitch: Between = Between(0.0, 0.0), PITCH.says("(0, 0)");
    }

    /// One of several sounds: `"name"`, `("name", weight)` or `(play: "name", weight: …)`.
    Choice {
        /// The name of a sound or the path of a sound file.
        play: Text = Text::default(), NEEDED;
        /// How likely it is beside the others.
        weight: f32 = 1.0, Rule::range(1e-6, 1e6, "");
    }

    /// What a game posts.
    Event {
        /// The name of a sound or the path of a sound file.
        play: Text = Text::default(), NEEDED;
        /// The bus that it plays on.
        bus: Option<Text> = None, MASTER;
        /// Gain.
        gain: f32 = 0.0, GAIN;
        /// Pitch.
        pitch: f32 = 0.0, PITCH;
        /// The fade when it starts.
        fade_in: f32 = 0.0, FADE;
        /// The fade when it is stopped.
        fade_out: f32 = 0.05, FADE;
        /// How it sits in the world; without it, it sounds the same everywhere.
        space: Option<Space> = None, ANY;
        /// Who stays when there are too many voices: 0 least, 100 most.
        priority: u32 = 50, Rule::range(0.0, 100.0, "");
    }

    /// How loudness falls with distance.
    Space verified by verify_space {
        /// The distance within which it is at full level.
        min: f32 = 1.0, Rule::range(0.01, 100_000.0, "m");
        /// The distance from which nothing is heard.
        max: f32 = 30.0, Rule::range(0.01, 100_000.0, "m");
        /// What happens between the two.
        curve: Curve = Curve::Inverse, ANY;
        /// The level of the sends into the zones' reverbs.
        reverb: f32 = 0.0, GAIN;
    }

    /// A bell of an equaliser.
    Peak {
        /// The centre frequency.
        freq: f32 = 1000.0, FREQ.required();
        /// How much it raises or lowers.
        gain: f32 = 0.0, BAND_GAIN.required();
        /// The quality: the higher, the narrower.
        q: f32 = 1.0, Q;
    }

    /// A shelf below a frequency.
    LowShelf {
        /// The middle of the slope.
        freq: f32 = 1000.0, FREQ.required();
        /// How much it raises or lowers.
        gain: f32 = 0.0, BAND_GAIN.required();
        /// The quality: the higher, the steeper.
        q: f32 = 0.707, Q;
    }

    /// A shelf above a frequency.
    HighShelf {
        /// The middle of the slope.
        freq: f32 = 1000.0, FREQ.required();
        /// How much it raises or lowers.
        gain: f32 = 0.0, BAND_GAIN.required();
        /// The quality: the higher, the steeper.
        q: f32 = 0.707, Q;
    }

    /// Removes what is below a frequency: an effect, or a band of an equaliser.
    HighPass {
        /// The corner frequency.
        freq: f32 = 1000.0, FREQ.required();
        /// The quality.
        q: f32 = 0.707, Q;
    }

    /// Removes what is above a frequency: an effect, or a band of an equaliser.
    LowPass {
        /// The corner frequency.
        freq: f32 = 1000.0, FREQ.required();
        /// The quality.
        q: f32 = 0.707, Q;
    }

    /// A downward compressor.
    Compressor {
        /// The level above which gain is reduced.
        threshold: f32 = -18.0, Rule::range(-80.0, 0.0, "dB");
        /// Input change over output change above the threshold.
        ratio: f32 = 3.0, Rule::range(1.0, 100.0, ":1");
        /// The width of the soft knee.
        knee: f32 = 6.0, Rule::range(0.0, 24.0, "dB");
        /// The time constant of falling gain.
        attack: f32 = 0.01, Rule::range(0.0, 2.0, "s");
        /// The time constant of recovering gain.
        release: f32 = 0.15, Rule::range(0.001, 5.0, "s");
        /// Gain after compression.
        makeup: f32 = 0.0, Rule::range(0.0, 30.0, "dB");
        /// How much of the compressed signal is heard beside the untouched one.
        mix: f32 = 1.0, AMOUNT;
        /// The bus whose output is measured instead of the own one.
        key: Option<Text> = None, ANY.says("none");
    }

    /// A peak limiter.
    Limiter {
        /// The level that no sample exceeds.
        ceiling: f32 = -1.0, Rule::range(-40.0, 0.0, "dB");
        /// How far it looks ahead; its latency.
        lookahead: f32 = 0.005, Rule::range(0.0005, 0.02, "s");
        /// The time constant of recovering gain.
        release: f32 = 0.08, Rule::range(0.001, 2.0, "s");
    }

    /// An echo.
    Delay {
        /// The time between repeats.
        time: f32 = 0.35, Rule::range(0.001, 4.0, "s").required();
        /// How much of each repeat feeds the next.
        feedback: f32 = 0.35, Rule::range(0.0, 0.98, "");
        /// How much of the echo is heard beside the untouched signal.
        mix: f32 = 0.3, AMOUNT;
    }

    /// A reverb as an effect.
    Reverb {
        /// The time in which the tail falls by 60 dB.
        rt60: f32 = 1.0, RT60;
        /// How much faster high frequencies die.
        damping: f32 = 0.4, AMOUNT;
        /// The time before the tail begins.
        predelay: f32 = 0.02, PREDELAY;
        /// How much of the tail is heard beside the untouched signal.
        mix: f32 = 0.25, AMOUNT;
    }

    /// An effect that the game registered.
    Custom {
        /// The name it was registered under.
        name: Text = Text::default(), NEEDED;
        /// Its parameters by name.
        params: Keyed<f32> = Keyed::default(), Rule::range(-1e9, 1e9, "");
    }
}

/// One entry of a section: its name and what is left of it after reading; `None` where nothing sound is.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// The name.
    pub name: Text,
    /// The place of the value.
    pub span: std::ops::Range<usize>,
    /// The value.
    pub value: Option<T>,
}

/// A section's entries in the order of the text. Bad ones keep their name, so that it is not unknown elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Entries<T>(pub Vec<Entry<T>>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Read> Read for Entries<T> {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let mut entries = Vec::new();
        let one = match field.name {
            "buses" => "bus",
            "reverbs" => "reverb",
            "sounds" => "sound",
            _ => "event",
        };
        let one = Field { name: one, ..*field };
        entries_of(reader, node, field, |reader, name, node| {
            let value = T::read(reader, node, &one);
            entries.push(Entry {
                name,
                span: node.head(),
                value,
            });
        })?;
        Some(Self(entries))
    }
}

/// The ducking rules of a file in the order of the text.
pub type Rules = Vec<Duck>;

/// What sets a ducking rule off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trigger {
    /// The bus reaches this level in dB.
    Level(f32),
    /// A voice plays on the bus.
    Activity,
}

/// What happens between the distances of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Curve {
    /// As in free air.
    Inverse,
    /// Evenly in amplitude.
    Linear,
    /// Evenly in decibels.
    Exponential,
}

/// A sound: `Clip(…)` or `Random(…)`.
#[derive(Debug, Clone, PartialEq)]
pub enum Sound {
    /// One sound file.
    Clip(Clip),
    /// One of several sounds.
    Random(Random),
}

/// A band of an equaliser.
#[derive(Debug, Clone, PartialEq)]
pub enum Band {
    /// A bell.
    Peak(Peak),
    /// A shelf below a frequency.
    LowShelf(LowShelf),
    /// A shelf above a frequency.
    HighShelf(HighShelf),
    /// Removes what is below a frequency.
    HighPass(HighPass),
    /// Removes what is above a frequency.
    LowPass(LowPass),
}

/// An effect of a bus.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A gain change in dB.
    Gain(f32),
    /// An equaliser, at most [`MAX_BANDS`] bands.
    Eq(Vec<Band>),
    /// An equaliser of one band.
    Pass(Band),
    /// A compressor.
    Compressor(Compressor),
    /// A limiter.
    Limiter(Limiter),
    /// An echo.
    Delay(Delay),
    /// A reverb.
    Reverb(Reverb),
    /// An effect of the game.
    Custom(Custom),
}

const SOUNDS: [&str; 2] = ["Clip", "Random"];
const BANDS: [&str; 5] = ["Peak", "LowShelf", "HighShelf", "HighPass", "LowPass"];
const EFFECTS: [&str; 9] = [
    "Gain",
    "Eq",
    "HighPass",
    "LowPass",
    "Compressor",
    "Limiter",
    "Delay",
    "Reverb",
    "Custom",
];
const GAIN_FIELD: Field = Field {
    name: "Gain",
    doc: "A gain change.",
    default: "0.0",
    rule: GAIN,
};
const EQ_FIELD: Field = Field {
    name: "Eq",
    doc: "The bands.",
    default: "[]",
    rule: ANY,
};

/// The name of a choice that has a bracket, or what is wrong.
fn choice<'n>(reader: &mut Reader<'_>, node: &'n Node, field: &Field, known: &[&str]) -> Option<&'n str> {
    let names = known.iter().copied();
    match (&node.kind, node.name()) {
        (Kind::Group { .. } | Kind::Word(_), Some(name)) if !known.contains(&name) => {
            reader.unknown_variant(name, node.head(), field.name, names);
        }
        (Kind::Group { .. }, Some(name)) => return Some(name),
        (Kind::Word(_), Some(name)) => {
            reader.wrong_type(node, field, &format!("written with brackets: `{name}(…)`"));
        }
        _ => {
            let names: Vec<_> = names.map(|name| format!("`{name}(…)`")).collect();
            reader.wrong_type(node, field, &format!("made of {}", names.join(", ")));
        }
    }
    None
}

/// The one value by position in `Name(value)`.
fn only<'n>(reader: &mut Reader<'_>, node: &'n Node, field: &Field) -> Option<&'n Node> {
    match node.slots() {
        [only] if only.key.is_none() => Some(&only.value),
        _ => {
            let name = field.name;
            reader.error(
                "wrong-type",
                node.head(),
                format!("`{name}` takes one value without a name"),
                Some(format!("for example `{name}({})`", field.default)),
            );
            None
        }
    }
}

impl Read for Sound {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match choice(reader, node, field, &SOUNDS)? {
            "Clip" => reader.group(node, field).map(Self::Clip),
            _ => reader.group(node, field).map(Self::Random),
        }
    }
}

impl Read for Band {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match choice(reader, node, field, &BANDS)? {
            "Peak" => reader.group(node, field).map(Self::Peak),
            "LowShelf" => reader.group(node, field).map(Self::LowShelf),
            "HighShelf" => reader.group(node, field).map(Self::HighShelf),
            "HighPass" => reader.group(node, field).map(Self::HighPass),
            _ => reader.group(node, field).map(Self::LowPass),
        }
    }
}

impl Read for Effect {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match choice(reader, node, field, &EFFECTS)? {
            "Gain" => {
                let gain = only(reader, node, &GAIN_FIELD)?;
                f32::read(reader, gain, &GAIN_FIELD).map(Self::Gain)
            }
            "Eq" => {
                let list = only(reader, node, &EQ_FIELD)?;
                if list.slots().len() > MAX_BANDS {
                    let message = format!("an `Eq` of {} bands is out of range", list.slots().len());
                    let help = format!("it has at most {MAX_BANDS} bands; use two of them");
                    reader.error("out-of-range", node.head(), message, Some(help));
                }
                Vec::read(reader, list, &EQ_FIELD).map(Self::Eq)
            }
            "HighPass" | "LowPass" => Band::read(reader, node, field).map(Self::Pass),
            "Compressor" => reader.group(node, field).map(Self::Compressor),
            "Limiter" => reader.group(node, field).map(Self::Limiter),
            "Delay" => reader.group(node, field).map(Self::Delay),
            "Reverb" => reader.group(node, field).map(Self::Reverb),
            _ => reader.group(node, field).map(Self::Custom),
        }
    }
}

impl Read for Trigger {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match (&node.kind, node.name()) {
            (Kind::Word(_), Some("Activity")) => Some(Self::Activity),
            (Kind::Group { .. }, Some("Level")) => {
                let level = Field {
                    name: "Level",
                    default: "-40",
                    ..*field
                };
                let value = only(reader, node, &level)?;
                f32::read(reader, value, &level).map(Self::Level)
            }
            (Kind::Word(_) | Kind::Group { .. }, Some(name)) if name != "Level" && name != "Activity" => {
                reader.unknown_variant(name, node.head(), field.name, ["Level", "Activity"].into_iter());
                None
            }
            _ => {
                reader.wrong_type(node, field, "`Level(…)` or `Activity`");
                None
            }
        }
    }
}

impl Read for Curve {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        reader.choice(node, field)
    }
}

/// A choice in any of its three forms.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighted(pub Choice);

impl Read for Weighted {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let by_position = |slots: &[super::syntax::Slot]| slots.iter().all(|slot| slot.key.is_none());
        match &node.kind {
            Kind::Str(_) => Text::read(reader, node, field).map(|play| Self(Choice { play, weight: 1.0 })),
            Kind::Group { name: None, slots } if slots.len() == 2 && by_position(slots) => {
                let play = Text::read(reader, &slots[0].value, field);
                let weight = Choice::FIELDS.iter().find(|field| field.name == "weight")?;
                let weight = f32::read(reader, &slots[1].value, weight);
                Some(Self(Choice {
                    play: play?,
                    weight: weight?,
                }))
            }
            Kind::Group { name: None, slots } if !slots.is_empty() && !by_position(slots) => {
                reader.group(node, field).map(Self)
            }
            _ => {
                reader.wrong_type(node, field, "made of `\"name\"` or `(\"name\", weight)`");
                None
            }
        }
    }
}

fn verify_random(random: &Random, reader: &mut Reader<'_>, node: &Node) {
    let choices = node.field("of").map_or(0, |of| of.slots().len());
    if choices == 0 {
        if node
            .field("of")
            .is_some_and(|of| matches!(of.kind, Kind::List(_)))
        {
            let help = Some("give it at least one sound, such as `of: [\"sfx/step.ogg\"]`".to_owned());
            reader.error(
                "empty-random",
                node.head(),
                "there is nothing to choose from",
                help,
            );
        }
    } else if let (Some(avoid), Some(field)) = (random.avoid, node.field("avoid"))
        && avoid as usize >= choices
    {
        let message = format!("`avoid` of {avoid} is out of range: there are only {choices} choices");
        reader.error(
            "out-of-range",
            field.span.clone(),
            message,
            Some(format!("it goes from 0 to {}", choices - 1)),
        );
    }
}

fn verify_space(space: &Space, reader: &mut Reader<'_>, node: &Node) {
    if space.max <= space.min {
        let span = node
            .field("max")
            .or(node.field("min"))
            .map_or(node.head(), |field| field.span.clone());
        let message = format!("`max` ({} m) is not above `min` ({} m)", space.max, space.min);
        reader.error(
            "bad-range",
            span,
            message,
            Some("nothing would ever be heard".to_owned()),
        );
    }
}

/// Every group that may be written, by name, with its fields: for help texts and for comparing banks.
pub fn groups() -> [(&'static str, &'static [Field]); 20] {
    fn group<T: Fields>() -> (&'static str, &'static [Field]) {
        (T::NAME, T::FIELDS)
    }
    [
        group::<Bank>(),
        group::<Bus>(),
        group::<Duck>(),
        group::<Target>(),
        group::<Preset>(),
        group::<Clip>(),
        group::<Random>(),
        group::<Choice>(),
        group::<Event>(),
        group::<Space>(),
        group::<Peak>(),
        group::<LowShelf>(),
        group::<HighShelf>(),
        group::<HighPass>(),
        group::<LowPass>(),
        group::<Compressor>(),
        group::<Limiter>(),
        group::<Delay>(),
        group::<Reverb>(),
        group::<Custom>(),
    ]
}
