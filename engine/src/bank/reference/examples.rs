//! What a description of fields can't know: where a group is written, and examples of what is no plain number.
//!
//! May be named here: the description of fields. Runs on any thread.

use super::{Field, Part, groups};

/// What the examples refer to; no example defines one of these names itself.
pub const AROUND: &str = r#"Bank(
    buses: {"music": (), "dialogue": (), "room": ()},
    queues: {"speech": ()},
    snapshots: {"quiet": (set: {"music": {"gain": -12}})},
    vcas: {"all": (buses: ["music", "room"])},
    levels: {"speech": (bus: "dialogue")},
    parameters: {"rpm": (max: 8000), "surface": (labels: ["gravel", "wood"])},
    curves: [(from: "speech", to: "room", property: "gain", points: [(-60, 0), (-20, -6)])],
    sounds: {"step": Clip(file: "sfx/step.ogg")},
    events: {"player/step": (play: "step")},
)"#;

/// Where a group is written.
pub struct Form {
    /// The section of the bank that holds it.
    pub section: Option<&'static str>,
    /// With what it belongs together.
    pub part: Part,
    /// Its surroundings, `…` for its fields.
    pub text: String,
    /// A field that is given beside any other.
    pub also: &'static str,
}

/// The forms: the group, the section whose entries it is, its part, its surroundings.
const FORMS: &[(&str, &str, Part, &str)] = &[
    ("Bank", "", Part::Mixing, "Bank(…)"),
    ("Bus", "buses", Part::Mixing, r#"buses: {"sfx": (…)}"#),
    ("Send", "", Part::Mixing, r#"buses: {"sfx": (sends: {"room": (…)})}"#),
    ("Vca", "vcas", Part::Mixing, r#"vcas: {"all music": (…)}"#),
    ("Duck", "ducking", Part::Mixing, "ducking: [(…)]"),
    ("Target", "", Part::Mixing, r#"ducking: [(trigger: "dialogue", targets: {"music": (…)})]"#),
    ("Level", "levels", Part::Mixing, r#"levels: {"action": (…)}"#),
    ("PropertyCurve", "curves", Part::Mixing, "curves: [(…)]"),
    ("Snapshot", "snapshots", Part::Mixing, r#"snapshots: {"paused": (…)}"#),
    ("States", "states", Part::Mixing, r#"states: {"mood": (…)}"#),
    ("State", "", Part::Mixing, r#"states: {"mood": (of: {"calm": (…)})}"#),
    (
        "StateTransition",
        "",
        Part::Mixing,
        r#"states: {"mood": (of: {"calm": (), "fight": ()}, transitions: [(…)])}"#,
    ),
    ("Parameter", "parameters", Part::Sounds, r#"parameters: {"health": (…)}"#),
    ("Lfo", "modulators", Part::Sounds, r#"modulators: {"wobble": Lfo(…)}"#),
    ("Envelope", "modulators", Part::Sounds, r#"modulators: {"swell": Envelope(…)}"#),
    ("Walk", "modulators", Part::Sounds, r#"modulators: {"drift": Walk(…)}"#),
    ("Follow", "modulators", Part::Sounds, r#"modulators: {"pump": Follow(…)}"#),
    ("Languages", "", Part::Sounds, "languages: (…)"),
    ("Preset", "reverbs", Part::Mixing, r#"reverbs: {"cave": (…)}"#),
    ("Clip", "sounds", Part::Sounds, r#"sounds: {"fire": Clip(…)}"#),
    ("Tone", "sounds", Part::Sounds, r#"sounds: {"beep": Tone(…)}"#),
    ("Noise", "sounds", Part::Sounds, r#"sounds: {"rain": Noise(…)}"#),
    ("Random", "sounds", Part::Sounds, r#"sounds: {"steps": Random(…)}"#),
    ("Choice", "", Part::Sounds, r#"sounds: {"steps": Random(of: [(…)])}"#),
    ("Sequence", "sounds", Part::Sounds, r#"sounds: {"steps": Sequence(…)}"#),
    (
        "Transition",
        "",
        Part::Sounds,
        r#"sounds: {"speech": Sequence(of: ["step"], mode: Continuous, transition: (…))}"#,
    ),
    ("Scatter", "sounds", Part::Sounds, r#"sounds: {"birds": Scatter(…)}"#),
    ("Around", "", Part::Sounds, r#"sounds: {"birds": Scatter(of: ["step"], every: (1, 5), around: (…))}"#),
    ("Switch", "sounds", Part::Sounds, r#"sounds: {"steps": Switch(…)}"#),
    ("Localized", "sounds", Part::Sounds, r#"languages: (of: ["en", "de"]), sounds: {"halt": Localized(…)}"#),
    ("Layer", "sounds", Part::Sounds, r#"sounds: {"shot": Layer(…)}"#),
    ("Part", "", Part::Sounds, r#"sounds: {"shot": Layer(of: [(…)])}"#),
    ("Blend", "sounds", Part::Sounds, r#"sounds: {"engine": Blend(…)}"#),
    ("Blended", "", Part::Sounds, r#"sounds: {"engine": Blend(on: "rpm", of: [(…)])}"#),
    ("Music", "sounds", Part::Sounds, r#"sounds: {"score": Music(…)}"#),
    ("Segment", "", Part::Sounds, r#"sounds: {"score": Music(segments: {"calm": (…)})}"#),
    (
        "Playlist",
        "",
        Part::Sounds,
        r#"sounds: {"score": Music(segments: {"a": (play: "music/a.ogg"), "b": (play: "music/b.ogg")}, parts: {"calm": (…)})}"#,
    ),
    (
        "MusicTransition",
        "",
        Part::Sounds,
        r#"sounds: {"score": Music(segments: {"a": (play: "music/a.ogg", markers: {"solo": 8})}, parts: {"gravel": "a"}, on: "surface", transitions: [(…)])}"#,
    ),
    (
        "Stinger",
        "",
        Part::Sounds,
        r#"sounds: {"score": Music(segments: {"a": (play: "music/a.ogg")}, stingers: {"kill": (…)})}"#,
    ),
    ("Silence", "sounds", Part::Sounds, r#"sounds: {"nothing": Silence(…)}"#),
    ("EventCurve", "", Part::Sounds, r#"events: {"engine": (play: "sfx/engine.ogg", curves: [(…)])}"#),
    ("Limit", "", Part::Sounds, r#"events: {"gun/shot": (play: "sfx/shot.ogg", limit: (…))}"#),
    ("Cooldown", "", Part::Sounds, r#"events: {"gun/shot": (play: "sfx/shot.ogg", cooldown: (…))}"#),
    ("Post", "", Part::Sounds, r#"events: {"gun/shot": (play: "sfx/shot.ogg", actions: [Post(…)])}"#),
    ("Stop", "", Part::Sounds, r#"events: {"door/shut": (actions: [Stop(…)])}"#),
    ("StopAll", "", Part::Sounds, r#"events: {"level/end": (actions: [StopAll(…)])}"#),
    ("Pause", "", Part::Sounds, r#"events: {"menu/open": (actions: [Pause(…)])}"#),
    ("Resume", "", Part::Sounds, r#"events: {"menu/close": (actions: [Resume(…)])}"#),
    ("Seek", "", Part::Sounds, r#"events: {"tape/wind": (actions: [Seek(…)])}"#),
    ("Break", "", Part::Sounds, r#"events: {"car/brake": (actions: [Break(…)])}"#),
    ("Release", "", Part::Sounds, r#"events: {"key/up": (actions: [Release(…)])}"#),
    ("Set", "", Part::Sounds, r#"events: {"fight/begin": (actions: [Set(…)])}"#),
    ("SetSnapshot", "", Part::Sounds, r#"events: {"pause": (actions: [SetSnapshot(…)])}"#),
    (
        "TriggerStinger",
        "",
        Part::Sounds,
        r#"sounds: {"score": Music(segments: {"a": (play: "music/a.ogg")}, stingers: {"kill": (play: "sfx/kill.ogg")})}, events: {"score": (play: "score"), "kill": (actions: [TriggerStinger(…)])}"#,
    ),
    ("Mute", "", Part::Sounds, r#"events: {"menu/open": (actions: [Mute(…)])}"#),
    ("Unmute", "", Part::Sounds, r#"events: {"menu/close": (actions: [Unmute(…)])}"#),
    ("Queue", "queues", Part::Sounds, r#"queues: {"barks": (…)}"#),
    (
        "Line",
        "",
        Part::Sounds,
        r#"queues: {"story": ()}, events: {"guard/halt": (play: "voice/halt.ogg", line: (…))}"#,
    ),
    ("Event", "events", Part::Sounds, r#"events: {"camp/fire": (…)}"#),
    ("Space", "", Part::Sounds, r#"events: {"camp/fire": (play: "sfx/fire.ogg", space: (…))}"#),
    (
        "Occluded",
        "",
        Part::Sounds,
        r#"events: {"camp/fire": (play: "sfx/fire.ogg", space: (occluded: (…)))}"#,
    ),
];

const BANDS: &[&str] =
    &["Peak", "LowShelf", "HighShelf", "HighPass", "LowPass", "Notch", "BandPass", "AllPass"];
/// Bands that do nothing without a gain.
const WITH_GAIN: &[&str] = &["Peak", "LowShelf", "HighShelf"];

impl Form {
    /// The form of a group; what has no other is an effect.
    pub fn of(group: &str) -> Self {
        if let Some((_, section, part, text)) = FORMS.iter().find(|(name, ..)| *name == group) {
            let section = Some(*section).filter(|section| !section.is_empty());
            let also = match group {
                // It must play or act.
                "Event" => r#"play: "sfx/fire.ogg""#,
                "StateTransition" => r#"to: "fight""#,
                _ => "",
            };
            return Self { section, part: *part, text: (*text).to_owned(), also };
        }
        let (part, effect) = if BANDS.contains(&group) {
            (Part::Bands, format!("Eq([{group}(…)])"))
        } else {
            (Part::Effects, format!("{group}(…)"))
        };
        let also = if WITH_GAIN.contains(&group) { "gain: -3" } else { "" };
        Self { section: None, part, text: format!(r#"buses: {{"sfx": (effects: [{effect}])}}"#), also }
    }
}

/// Lines that can't be made from a field's rule: the group, or nothing for any, the field, the line.
const LINES: &[(&str, &str, &str)] = &[
    ("Bank", "version", "version: 1"),
    ("Bank", "buses", r#"buses: {"sfx": (gain: -6), "sfx/steps": (parent: "sfx")}"#),
    ("Bank", "vcas", r#"vcas: {"all music": (gain: -3, buses: ["music"])}"#),
    ("Bank", "ducking", r#"ducking: [(trigger: "dialogue", targets: {"music": (depth: 9)})]"#),
    ("Bank", "levels", r#"levels: {"action": (bus: "music", by: Rms)}"#),
    (
        "Bank",
        "modulators",
        r#"modulators: {"wobble": Lfo(rate: 4), "swell": Envelope(attack: 0.5, release: 1), "pump": Follow(bus: "music")}"#,
    ),
    (
        "Bank",
        "curves",
        r#"curves: [(from: "speech", to: "music", property: "gain", points: [(-60, 0), (-20, -6)])]"#,
    ),
    (
        "Bank",
        "parameters",
        r#"parameters: {"rain": (default: 0.5), "time of day": (labels: ["day", "night"])}"#,
    ),
    ("Bank", "languages", r#"languages: (of: ["en", "de", "fr"], fallback: {"fr": "de"})"#),
    ("Languages", "of", r#"of: ["en", "de"]"#),
    ("Languages", "default", r#"default: "de""#),
    ("Languages", "fallback", r#"fallback: {"de": "en"}"#),
    ("Localized", "of", r#"of: {"en": "voice/en/halt.ogg", "de": "voice/de/halt.ogg"}"#),
    ("Localized", "change", "change: AtEnd"),
    ("Localized", "gain", "gain: (-2, 0)"),
    ("Localized", "pitch", "pitch: (-1, 1)"),
    ("Bank", "queues", r#"queues: {"story": (gap: 0.2, most: 4)}"#),
    ("Line", "queue", r#"queue: "story""#),
    ("Line", "when_busy", "when_busy: Interrupt"),
    ("Line", "patience", "patience: 5"),
    ("Event", "line", r#"line: (queue: "speech", priority: 60)"#),
    ("Bank", "snapshots", r#"snapshots: {"paused": (set: {"music": {"gain": -12}})}"#),
    (
        "Bank",
        "states",
        r#"states: {"mood": (of: {"calm": (mode: Blend), "fight": (set: {"music": {"gain": 3}})})}"#,
    ),
    ("Snapshot", "set", r#"set: {"music": {"gain": -12}}"#),
    ("Snapshot", "vcas", r#"vcas: {"all": -6}"#),
    ("States", "of", r#"of: {"calm": (mode: Blend), "fight": (set: {"music": {"gain": 3}})}"#),
    ("States", "default", r#"default: "fight""#),
    ("States", "transitions", r#"transitions: [(from: "calm", to: "fight", time: 0.1)]"#),
    ("State", "set", r#"set: {"music": {"gain": -12}}"#),
    ("State", "vcas", r#"vcas: {"all": -6}"#),
    ("StateTransition", "from", r#"from: "calm""#),
    ("StateTransition", "to", r#"to: "fight""#),
    ("StateTransition", "time", "time: 0.1"),
    ("Bank", "reverbs", r#"reverbs: {"cave": (rt60: 3.2, damping: 0.4)}"#),
    ("Bank", "sounds", r#"sounds: {"fire": Clip(file: "sfx/fire.ogg", looping: true)}"#),
    ("Bank", "events", r#"events: {"camp/fire": (play: "sfx/fire.ogg", bus: "music")}"#),
    ("Bus", "parent", r#"parent: "music""#),
    ("Bus", "effects", "effects: [HighPass(freq: 90), Compressor(threshold: -18, ratio: 3)]"),
    ("Bus", "sends", r#"sends: {"room": -12}"#),
    ("Vca", "buses", r#"buses: ["music", "room"]"#),
    ("Duck", "trigger", r#"trigger: "dialogue""#),
    ("Duck", "by", "by: Level(-36)"),
    ("Duck", "targets", r#"targets: {"music": (depth: 9)}"#),
    ("Duck", "floor", "floor: 18, combine: Sum"),
    ("Target", "depth", "depth: 9"),
    ("Target", "band", "band: (300, 4000)"),
    ("Level", "bus", r#"bus: "music""#),
    ("PropertyCurve", "from", r#"from: "speech""#),
    ("PropertyCurve", "to", r#"to: "music""#),
    ("PropertyCurve", "property", r#"property: "gain""#),
    ("PropertyCurve", "points", "points: [(-60, 0), (-20, -6)]"),
    ("Lfo", "rate", "rate: 4"),
    ("Lfo", "phase", "phase: 90"),
    ("Lfo", "spread", "spread: 360"),
    ("Envelope", "sustain", "sustain: 0.6, decay: 0.3"),
    ("Follow", "bus", r#"bus: "music""#),
    ("Follow", "full", "full: -6"),
    ("Preset", "bus", r#"bus: "music""#),
    ("Clip", "file", r#"file: "sfx/fire.ogg""#),
    ("Clip", "loop_start", "loop_start: 0.5, looping: true"),
    ("Clip", "loop_end", "loop_end: 4.5, looping: true"),
    ("Clip", "crossfade", "crossfade: 0.5, loop_start: 1, looping: true"),
    ("Clip", "stream", "stream: true"),
    ("Random", "of", r#"of: ["step", "sfx/gravel.ogg", ("sfx/twig.ogg", 0.2)]"#),
    ("Noise", "seed", "seed: 7"),
    ("Random", "avoid", "avoid: 2"),
    ("Random", "loops", "loops: 3, mode: Continuous"),
    ("Random", "transition", "transition: (kind: Gap, time: 0.5), mode: Continuous"),
    ("Sequence", "loops", "loops: 0, mode: Continuous"),
    ("Sequence", "transition", "transition: (kind: Crossfade, time: 0.5), mode: Continuous"),
    ("Scatter", "of", r#"of: ["step", Clip(file: "sfx/bird.ogg", gain: -3), ("sfx/twig.ogg", 0.2)]"#),
    ("Scatter", "every", "every: (0.5, 3)"),
    ("Scatter", "count", "count: 12"),
    ("Scatter", "around", "around: (min: 2, max: 15, height: (0, 8))"),
    ("Scatter", "avoid", "avoid: 2"),
    ("Scatter", "gain", "gain: (-6, 0)"),
    ("Scatter", "pitch", "pitch: (-1, 1)"),
    ("Around", "max", "max: 15"),
    ("Random", "gain", "gain: (-2, 0)"),
    ("Random", "pitch", "pitch: (-1, 1)"),
    ("Choice", "play", r#"play: "step""#),
    ("Parameter", "labels", r#"labels: ["whole", "hurt"]"#),
    ("Parameter", "default", "default: 1"),
    ("Random", "shuffle", "shuffle: true"),
    ("Sequence", "of", r#"of: ["step", "sfx/gravel.ogg"]"#),
    ("Sequence", "gain", "gain: (-2, 0)"),
    ("Sequence", "pitch", "pitch: (-1, 1)"),
    ("Switch", "on", r#"on: "surface""#),
    (
        "Switch",
        "cases",
        r#"cases: {"gravel": Random(of: ["sfx/gravel_1.ogg", "sfx/gravel_2.ogg"]), "wood": "step"}"#,
    ),
    ("Switch", "change", "change: AtEnd"),
    ("Switch", "default", r#"default: "step""#),
    ("Layer", "of", r#"of: ["sfx/body.ogg", (play: "sfx/tail.ogg", delay: 0.1)]"#),
    ("Layer", "gain", "gain: (-2, 0)"),
    ("Layer", "pitch", "pitch: (-1, 1)"),
    ("Part", "play", r#"play: "step""#),
    ("Blend", "on", r#"on: "rpm""#),
    (
        "Blend",
        "of",
        r#"of: [(play: "sfx/idle.ogg", to: 1500, fade: 500), (play: "sfx/high.ogg", from: 2000, fade: 500)]"#,
    ),
    ("Blended", "play", r#"play: "step""#),
    ("Blended", "from", "from: 1000"),
    ("Blended", "to", "to: 3000"),
    ("EventCurve", "from", r#"from: "rpm""#),
    ("EventCurve", "property", r#"property: "pitch""#),
    ("EventCurve", "points", "points: [(0, -12, Smooth), (8000, 4)]"),
    ("Bus", "limit", "limit: (max: 24, steal: Quietest)"),
    ("Event", "curves", r#"curves: [(from: "rpm", property: "pitch", points: [(0, -12), (8000, 4)])]"#),
    ("Event", "snapshot", r#"snapshot: "quiet""#),
    ("Event", "limit", "limit: (max: 4, steal: Oldest)"),
    ("Event", "cooldown", "cooldown: (time: 0.08, radius: 5)"),
    ("Event", "far_priority", "far_priority: 20"),
    ("Limit", "max", "max: 4"),
    ("Event", "virtual", "virtual: Resume"),
    ("Event", "play", r#"play: "sfx/fire.ogg""#),
    ("Event", "actions", r#"actions: [Stop("player/step"), Set(parameter: "rpm", to: 800)]"#),
    ("Clip", "markers", r#"markers: {"hit": 0.52}"#),
    ("Seek", "to", "to: 1.5"),
    ("Set", "parameter", r#"parameter: "rpm""#),
    ("Set", "to", "to: 3000"),
    ("StopAll", "bus", r#"bus: "music""#),
    ("", "event", r#"event: "player/step""#),
    ("Mute", "bus", r#"bus: "music""#),
    ("Unmute", "bus", r#"bus: "music""#),
    ("Event", "bus", r#"bus: "music""#),
    ("Event", "space", "space: (min: 1, max: 25)"),
    ("Space", "occluded", "occluded: (gain: -9, cutoff: 700)"),
    ("Music", "segments", r#"segments: {"a": (play: "music/a.ogg", tempo: 96)}"#),
    ("Music", "parts", r#"parts: {"gravel": ["a"]}"#),
    ("Music", "on", r#"on: "surface""#),
    ("Music", "transitions", "transitions: [(at: Beat, fade_out: 0.5)]"),
    ("Music", "stingers", r#"stingers: {"kill": (play: "sfx/kill.ogg", at: Bar)}"#),
    ("Segment", "play", r#"play: "music/calm.ogg""#),
    ("Segment", "exit", "exit: 32.5"),
    ("Segment", "markers", r#"markers: {"solo": 8}"#),
    ("Playlist", "of", r#"of: ["a", ("b", 2)]"#),
    ("Playlist", "repeat", "repeat: 2"),
    ("MusicTransition", "from", r#"from: "gravel""#),
    ("MusicTransition", "segment", r#"segment: "a""#),
    ("MusicTransition", "to", r#"to: "wood""#),
    ("MusicTransition", "at", "at: Beat"),
    ("MusicTransition", "into", "into: SameTime"),
    ("MusicTransition", "via", r#"via: "a""#),
    ("MusicTransition", "fade_out", "fade_out: 0.5"),
    ("Stinger", "play", r#"play: "sfx/kill.ogg""#),
    ("Stinger", "at", "at: Bar"),
    ("SetSnapshot", "snapshot", r#"snapshot: "quiet""#),
    ("SetSnapshot", "fade", "fade: 0.5"),
    ("TriggerStinger", "stinger", r#"stinger: "kill""#),
    ("Custom", "name", r#"name: "crush""#),
    ("Custom", "params", r#"params: {"bits": 6}"#),
    ("Eq", "bands", "bands: [HighPass(freq: 35), Peak(freq: 2500, gain: -2, q: 0.8)]"),
    ("", "key", r#"key: "dialogue""#),
    ("", "file", r#"file: "rooms/hall.wav""#),
];

/// A field as it may be written.
pub fn line(group: &str, field: &Field, choices: &[&str]) -> String {
    let by_hand =
        |(of, name, _): &&(&str, &str, &str)| *name == field.name && (*of == group || of.is_empty());
    if let Some((.., line)) = LINES.iter().find(by_hand) {
        return (*line).to_owned();
    }
    let value = match (field.default, field.rule.range, choices) {
        ("true", ..) => "false".to_owned(),
        ("false", ..) => "true".to_owned(),
        (_, Some(range), _) => format!("{}", number(field.default, range, field.rule.unit)),
        // Another than the default, which need not be written.
        (default, _, [first, second, ..]) => {
            (if default.ends_with(first) { second } else { first }).to_string()
        }
        (default, ..) => default.to_owned(),
    };
    format!("{}: {value}", field.name)
}

/// A number in the range that is not the default.
fn number(default: &str, (low, high): (f32, f32), unit: &str) -> f32 {
    let default = plain(default).unwrap_or(0.0);
    let near = match unit {
        _ if default != 0.0 => [default * 1.5, default / 2.0, default * 0.75],
        "dB" => [-3.0, 3.0, 0.5],
        "st" => [2.0, 1.0, 0.5],
        _ => [0.5, 0.1, 2.0],
    };
    let fits = |number: &f32| (low..=high).contains(number);
    rounded(near.into_iter().find(fits).unwrap_or((low + high) / 2.0)).clamp(low, high)
}

/// A number with at most two digits that count.
fn rounded(number: f32) -> f32 {
    format!("{number:.1e}").parse().unwrap_or(number)
}

/// A field's default as it would be written in a bank, or in words.
pub fn default(field: &Field) -> String {
    let (of, bare) = field.default.rsplit_once("::").unwrap_or(("", field.default));
    match (bare, plain(bare)) {
        (_, Some(number)) => format!("{number}"),
        ("default()", _) if groups().iter().any(|group| group.name == of) => format!("as `{of}` says"),
        ("default()" | "new()" | "None" | "[]", _) => "none".to_owned(),
        _ => bare.to_owned(),
    }
}

/// A number as it stands in the program: `20_000.0`.
fn plain(text: &str) -> Option<f32> {
    text.replace('_', "").parse().ok()
}
