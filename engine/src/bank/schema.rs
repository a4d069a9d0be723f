//! What may be written in a bank, version 1: every group, field, default, unit and range.
//!
//! Lives here: one declaration of each group, which is at once the struct, the parser, the defaults and the
//! description that help texts and the comparison of banks go by ([`groups`]). May be named here: `decode`,
//! diagnostics, the syntax tree, `serde`. Runs on any thread.
//!
//! A field's name fixes its unit everywhere: gain in dB, time in seconds, frequency in Hz, distance in metres,
//! pitch in semitones, amounts from 0 to 1. Integers may stand for any number.

mod actions;
mod choices;
mod effects;
mod events;
mod languages;
mod modulators;
mod music;
mod play;
mod sounds;
mod states;

use super::decode::{Between, Field, Fields, Keyed, Rule, Shape, Text, fields};
use crate::effects::Course;
use choices::{verify_curve, verify_parameter, verify_target};
use effects::{verify_high_pass, verify_high_shelf, verify_low_pass, verify_low_shelf, verify_peak};

pub use actions::{
    Action, Break, Mute, Pause, Post, Release, Resume, Seek, Set, SetSnapshot, Stop, StopAll, TriggerStinger,
    Unmute, name_first,
};
pub use choices::{Combine, Entries, Entry, Gauge, Initial, Point, Rules, Sent, Trigger};
pub use effects::{Band, Common, Effect, EffectKind, Key, Preset};
pub use events::{
    BUILT_IN, Cooldown, Curve, Event, EventCurve, Limit, Line, Occluded, Queue, RESERVED, Space, Steal,
    Virtual, WhenBusy,
};
pub use languages::{LANGUAGE, Languages, Localized, PLACEHOLDER, Spoken, spoken_path};
pub use modulators::{Envelope, Follow, Lfo, Modulator, Walk};
pub use music::{
    Destination, Listed, Music, MusicTransition, PlayOrder, Playlist, Segment, Stinger, SyncPoint, Turn,
};
pub use play::Play;
pub use sounds::{
    Around, AtEnd, Blend, Blended, Change, Choice, Clip, Layer, Layered, Mode, Noise, Part, Random, Scatter,
    Scope, Sequence, Silence, Sound, Switch, Tone, Transition, TransitionKind, Weighted,
};
pub use states::{Settings, Snapshot, SnapshotMode, State, StateTransition, States};

/// The version of the language that this engine reads.
pub const VERSION: u32 = 1;
/// How many buses a project may have, the reverbs' returns included.
pub const MAX_BUSES: usize = 512;
/// How many ducking rules a project may have.
pub const MAX_RULES: usize = 256;
/// How many levels a project may have.
pub const MAX_LEVELS: usize = 256;
/// How many modulators a project may have.
pub const MAX_MODULATORS: usize = 256;
/// How many languages a project may have.
pub const MAX_LANGUAGES: usize = 64;
/// How deep sounds may stand in one another: a choice of choices of clips is 3 deep.
pub const MAX_NESTED: usize = 64;
/// How many sounds one may play at once, layers of layers included.
pub const MAX_AT_ONCE: usize = 256;

const GAIN: Rule = Rule::range(-120.0, 24.0, "dB");
const PITCH: Rule = Rule::range(-48.0, 48.0, "st");
const FILE_TIME: Rule = Rule::range(0.0, 1800.0, "s");
const FADE: Rule = Rule::range(0.0, 60.0, "s");
const FREQ: Rule = Rule::range(10.0, 20_000.0, "Hz");
const Q: Rule = Rule::range(0.1, 20.0, "");
const BAND_GAIN: Rule = Rule::range(-30.0, 30.0, "dB");
const SLOPE: Rule = Rule::range(6.0, 48.0, "dB/oct");
const THRESHOLD: Rule = Rule::range(-80.0, 0.0, "dB");
const RATIO: Rule = Rule::range(1.0, 100.0, ":1");
const ATTACK: Rule = Rule::range(0.001, 2.0, "s");
const RELEASE: Rule = Rule::range(0.01, 5.0, "s");
const DUCK_TIME: Rule = Rule::range(0.0, 20.0, "s");
const LEVEL_TIME: Rule = Rule::range(0.0, 20.0, "s");
const COURSE: Rule = Rule::choice(Course::NAMES);
const VALUE: Rule = Rule::range(-1e6, 1e6, "");
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
        /// The faders for groups of buses by name.
        vcas: Entries<Vca> = Entries::default(), ANY;
        /// The ducking rules.
        ducking: Rules = Rules::default(), ANY;
        /// The levels that curves go by, by name.
        levels: Entries<Level> = Entries::default(), ANY;
        /// The modulators that curves go by, by name.
        modulators: Entries<Modulator> = Entries::default(), ANY;
        /// The curves by which levels, parameters and modulators move properties of buses.
        curves: Vec<PropertyCurve> = Vec::new(), ANY;
        /// The parameters that a game sets and sounds go by, by name.
        parameters: Entries<Parameter> = Entries::default(), ANY;
        /// The languages that are spoken.
        languages: Option<Spoken> = None, ANY;
        /// The snapshots of the mix by name.
        snapshots: Entries<Snapshot> = Entries::default(), ANY;
        /// The groups of states by name.
        states: Entries<States> = Entries::default(), ANY;
        /// The reverb presets by name.
        reverbs: Entries<Preset> = Entries::default(), ANY;
        /// The sounds by name.
        sounds: Entries<Sound> = Entries::default(), ANY;
        /// The queues of dialogue by name.
        queues: Entries<Queue> = Entries::default(), ANY;
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
        /// Other buses that get a copy of the output, each at its own gain: `{"echo": -12}` or `{"echo": (gain: -12, pre: true)}`.
        sends: Keyed<Sent> = Keyed::default(), GAIN;
        /// How many voices may sound at once on it and on the buses below it.
        limit: Option<Limit> = None, ANY;
        /// Whether nothing of it is heard.
        mute: bool = false, ANY;
        /// Whether only it and other soloed buses are heard, with what they need on their way.
        solo: bool = false, ANY;
    }

    /// A copy of a bus's output for another bus.
    Send {
        /// How loud.
        gain: f32 = 0.0, GAIN;
        /// Whether it is taken before ducking and fader.
        pre: bool = false, ANY;
        /// Whether it comes a block late, so that it may lead back.
        delayed: bool = false, ANY;
    }

    /// A fader for several buses at once, wherever they lead to.
    Vca {
        /// The fader.
        gain: f32 = 0.0, GAIN;
        /// The buses whose faders it moves.
        buses: Vec<Text> = Vec::new(), NEEDED;
    }

    /// A ducking rule: when one bus speaks, others step back.
    Duck {
        /// The bus that is listened to.
        trigger: Text = Text::default(), NEEDED;
        /// What sets the rule off: `Level(dB)` or `Activity`.
        by: Trigger = Trigger::Level(-40.0), Rule::range(-80.0, 0.0, "dB").says("Level(-40)");
        /// How far the level may fall below its trigger before the rule lets go.
        hysteresis: f32 = 3.0, Rule::range(0.0, 40.0, "dB");
        /// The buses that step back.
        targets: Keyed<Target> = Keyed::default(), NEEDED;
        /// The time from no reduction to the full depth.
        attack: f32 = 0.06, DUCK_TIME;
        /// How long the reduction stays after the trigger falls silent.
        hold: f32 = 0.25, DUCK_TIME;
        /// The time from the full depth back to none.
        release: f32 = 0.7, DUCK_TIME;
        /// The way there and back.
        curve: Course = Course::Linear, COURSE;
        /// What becomes of several rules on one target: the deepest of them, or their sum.
        combine: Combine = Combine::Deepest, ANY;
        /// How far rules that add up may bring a target down.
        floor: f32 = 24.0, Rule::range(0.0, 96.0, "dB");
    }

    /// How far a bus steps back.
    Target verified by verify_target {
        /// How many decibels quieter the bus becomes.
        depth: f32 = 0.0, Rule::range(0.0, 60.0, "dB").required();
        /// The only part of the spectrum that steps back.
        band: Option<Between> = None, FREQ.says("all of it");
        /// Whether the bus's voices step back instead of its output, so that their sends do too.
        voices: bool = false, ANY;
        /// Another attack than the rule's.
        attack: Option<f32> = None, DUCK_TIME.says("the rule's");
        /// Another hold than the rule's.
        hold: Option<f32> = None, DUCK_TIME.says("the rule's");
        /// Another release than the rule's.
        release: Option<f32> = None, DUCK_TIME.says("the rule's");
        /// Another curve than the rule's.
        curve: Option<Course> = None, COURSE.says("the rule's");
    }

    /// How loud a bus is, as a number to go by.
    Level {
        /// The bus that is listened to, after its fader.
        bus: Text = Text::default(), NEEDED;
        /// How its loudness is told: `Peak` and `Rms` (over 20 ms) in dB, `Loudness` in LUFS over 400 ms.
        by: Gauge = Gauge::Rms, ANY;
        /// The time constant of rising.
        attack: f32 = 0.01, LEVEL_TIME;
        /// The time constant of falling.
        release: f32 = 0.3, LEVEL_TIME;
    }

    /// A number, or one of several labels, that a game sets: for everything, or for one emitter.
    Parameter verified by verify_parameter {
        /// The lowest value.
        min: f32 = 0.0, VALUE;
        /// The highest value.
        max: f32 = 1.0, VALUE;
        /// How far apart the values are that it can have, from `min` on: what is set is brought to the nearest, and on its way it goes from one to the next. 0 is any value.
        step: f32 = 0.0, Rule::range(0.0, 1e6, "");
        /// The labels it can have instead of numbers, such as `["gravel", "wood"]`.
        labels: Vec<Text> = Vec::new(), ANY;
        /// What it is before a game sets it: a number or a label.
        default: Option<Initial> = None, VALUE.says("min, or the first label");
        /// The time it takes to rise across the whole range; 0 jumps.
        attack: f32 = 0.0, LEVEL_TIME;
        /// The time it takes to fall across the whole range; 0 jumps.
        release: f32 = 0.0, LEVEL_TIME;
    }

    /// A curve by which a level, a parameter or a modulator moves a property of a bus. It adds to what the property is set to; several on one property add up in the order in which they stand.
    PropertyCurve verified by verify_curve {
        /// The level, the parameter as it is for everything, or the modulator; of an `Lfo` or a `Walk` all buses have one together.
        from: Text = Text::default(), NEEDED;
        /// The bus.
        to: Text = Text::default(), NEEDED;
        /// What of the bus: `"gain"`, a send's gain as `"send.echo"`, or an effect's number as `"Compressor.threshold"`, `"Eq.2.gain"`, `"LowPass.freq"` or, of the second of its kind, `"Delay[2].mix"`.
        property: Text = Text::default(), NEEDED;
        /// Where it goes and what is added there, such as `[(-60, 0), (-20, -6)]`, the lowest first; straight lines between them, unless a point says otherwise: `(-60, 0, Smooth)` is slow at both ends on the way to the next, `Exponential` slow and then fast, `Logarithmic` fast and then slow, `Constant` holds. Beyond the ends it is the same as at them.
        points: Vec<Point> = Vec::new(), Rule::range(-20_000.0, 20_000.0, "").required();
    }

    /// A bell of an equaliser; with a `range` a dynamic one.
    Peak verified by verify_peak {
        /// The centre frequency.
        freq: f32 = 1000.0, FREQ.required();
        /// How much it raises or lowers. Needed unless there is a `range`.
        gain: f32 = 0.0, BAND_GAIN;
        /// The quality: the higher, the narrower.
        q: f32 = 1.0, Q;
        /// How far the level there may move the gain: down where it is negative, up where it is positive.
        range: f32 = 0.0, BAND_GAIN;
        /// The level from which on it moves.
        threshold: f32 = -30.0, THRESHOLD;
        /// Input change over output change above the threshold, within the range.
        ratio: f32 = 3.0, RATIO;
        /// The time constant of moving.
        attack: f32 = 0.01, ATTACK;
        /// The time constant of coming back.
        release: f32 = 0.15, RELEASE;
    }

    /// A shelf below a frequency; with a `range` a dynamic one.
    LowShelf verified by verify_low_shelf {
        /// The middle of the slope.
        freq: f32 = 1000.0, FREQ.required();
        /// How much it raises or lowers. Needed unless there is a `range`.
        gain: f32 = 0.0, BAND_GAIN;
        /// The quality: the higher, the steeper.
        q: f32 = 0.707, Q;
        /// How far the level there may move the gain: down where it is negative, up where it is positive.
        range: f32 = 0.0, BAND_GAIN;
        /// The level from which on it moves.
        threshold: f32 = -30.0, THRESHOLD;
        /// Input change over output change above the threshold, within the range.
        ratio: f32 = 3.0, RATIO;
        /// The time constant of moving.
        attack: f32 = 0.01, ATTACK;
        /// The time constant of coming back.
        release: f32 = 0.15, RELEASE;
    }

    /// A shelf above a frequency; with a `range` a dynamic one.
    HighShelf verified by verify_high_shelf {
        /// The middle of the slope.
        freq: f32 = 1000.0, FREQ.required();
        /// How much it raises or lowers. Needed unless there is a `range`.
        gain: f32 = 0.0, BAND_GAIN;
        /// The quality: the higher, the steeper.
        q: f32 = 0.707, Q;
        /// How far the level there may move the gain: down where it is negative, up where it is positive.
        range: f32 = 0.0, BAND_GAIN;
        /// The level from which on it moves.
        threshold: f32 = -30.0, THRESHOLD;
        /// Input change over output change above the threshold, within the range.
        ratio: f32 = 3.0, RATIO;
        /// The time constant of moving.
        attack: f32 = 0.01, ATTACK;
        /// The time constant of coming back.
        release: f32 = 0.15, RELEASE;
    }

    /// Removes what is below a frequency: an effect, or a band of an equaliser.
    HighPass verified by verify_high_pass {
        /// The corner frequency.
        freq: f32 = 1000.0, FREQ.required();
        /// The quality: 0.707 is flat, more resonates at the corner. Without effect at 6 dB per octave.
        q: f32 = 0.707, Q;
        /// How steep it is: 6, 12, 18, 24, 36 or 48.
        slope: f32 = 12.0, SLOPE;
    }

    /// Removes what is above a frequency: an effect, or a band of an equaliser.
    LowPass verified by verify_low_pass {
        /// The corner frequency.
        freq: f32 = 1000.0, FREQ.required();
        /// The quality: 0.707 is flat, more resonates at the corner. Without effect at 6 dB per octave.
        q: f32 = 0.707, Q;
        /// How steep it is: 6, 12, 18, 24, 36 or 48.
        slope: f32 = 12.0, SLOPE;
    }

    /// Removes a frequency itself.
    Notch {
        /// The frequency.
        freq: f32 = 1000.0, FREQ.required();
        /// The quality: the higher, the narrower.
        q: f32 = 1.0, Q;
    }

    /// Removes what is below and above a frequency.
    BandPass {
        /// The centre frequency.
        freq: f32 = 1000.0, FREQ.required();
        /// The quality: the higher, the narrower.
        q: f32 = 1.0, Q;
    }

    /// Turns the phase around a frequency and leaves all levels.
    AllPass {
        /// The frequency at which it is turned by half.
        freq: f32 = 1000.0, FREQ.required();
        /// The quality: the higher, the more suddenly.
        q: f32 = 0.707, Q;
    }

    /// An effect that the game registered.
    Custom {
        /// The name it was registered under.
        name: Text = Text::default(), NEEDED;
        /// Its parameters by name.
        params: Keyed<f32> = Keyed::default(), Rule::range(-1e9, 1e9, "");
    }
}

/// A group that may be written.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its fields.
    pub fields: Vec<Field>,
    /// What their values look like, one for each field.
    pub shapes: Vec<Shape>,
}

/// Every group that may be written: for help texts and for comparing banks.
pub fn groups() -> Vec<Group> {
    fn group<T: Fields>() -> Group {
        let fields: Vec<_> = T::FIELDS.iter().chain(T::more()).copied().collect();
        let shapes = fields.iter().map(|field| T::shape(field.name)).collect();
        Group { name: T::NAME, doc: T::DOC, fields, shapes }
    }
    let mut groups = vec![
        group::<Bank>(),
        group::<Bus>(),
        group::<Send>(),
        group::<Vca>(),
        group::<Duck>(),
        group::<Target>(),
        group::<Level>(),
        group::<Parameter>(),
        group::<PropertyCurve>(),
        group::<Lfo>(),
        group::<Envelope>(),
        group::<Walk>(),
        group::<Follow>(),
        group::<Languages>(),
        group::<Snapshot>(),
        group::<States>(),
        group::<State>(),
        group::<StateTransition>(),
        group::<Preset>(),
        group::<Clip>(),
        group::<Tone>(),
        group::<Noise>(),
        group::<Random>(),
        group::<Choice>(),
        group::<Sequence>(),
        group::<Transition>(),
        group::<Scatter>(),
        group::<Around>(),
        group::<Switch>(),
        group::<Localized>(),
        group::<Layer>(),
        group::<Part>(),
        group::<Blend>(),
        group::<Blended>(),
        group::<Silence>(),
        group::<Music>(),
        group::<Segment>(),
        group::<Playlist>(),
        group::<MusicTransition>(),
        group::<Stinger>(),
        group::<Event>(),
        group::<EventCurve>(),
        group::<Post>(),
        group::<Stop>(),
        group::<StopAll>(),
        group::<Pause>(),
        group::<Resume>(),
        group::<Seek>(),
        group::<Break>(),
        group::<Release>(),
        group::<Set>(),
        group::<SetSnapshot>(),
        group::<TriggerStinger>(),
        group::<Mute>(),
        group::<Unmute>(),
        group::<Queue>(),
        group::<Line>(),
        group::<Limit>(),
        group::<Cooldown>(),
        group::<Space>(),
        group::<Occluded>(),
        group::<Peak>(),
        group::<LowShelf>(),
        group::<HighShelf>(),
        group::<HighPass>(),
        group::<LowPass>(),
        group::<Notch>(),
        group::<BandPass>(),
        group::<AllPass>(),
        group::<Custom>(),
    ];
    groups.extend(crate::effects::Effect::all().iter().map(|effect| {
        let fields = effect.fields().iter().chain(effects::common_fields(effect.takes()));
        let bands = (effect.name() == "Eq").then_some(effects::EQ_BANDS);
        let fields: Vec<_> = bands.into_iter().chain(fields.copied()).collect();
        let shapes = fields.iter().map(effects::shape_of).collect();
        Group { name: effect.name(), doc: effect.doc(), fields, shapes }
    }));
    groups
}
