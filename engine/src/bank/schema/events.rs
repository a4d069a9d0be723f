//! Events as they are written: what a game posts, where it is heard, how many of it at once.
//!
//! May be named here: `decode`, the syntax tree, `serde`. Runs on any thread.

use super::choices::{bare_words, verify_points};
use super::{ANY, Action, FADE, FREQ, GAIN, MASTER, NEEDED, PITCH, Play, Point, Scope};
use crate::bank::decode::{Field, Read, Reader, Rule, Text, fields};
use crate::bank::diagnostic::suggest;
use crate::bank::syntax::Node;
use crate::effects::FadeShape;
use serde::Deserialize;

fields! {
    /// What a game posts.
    Event verified by verify_event {
        /// The name of a sound, the path of a sound file, or a sound written in place: `Random(of: […])`. May be left out if there are `actions`.
        play: Option<Play> = None, ANY.says("nothing");
        /// What else it does when it is posted, in this order and before it plays; with a `line`, when it is that line's turn. Neither `limit` nor `cooldown` keeps it from that. 4096 may wait at once for their `delay`; what comes beyond is left out.
        actions: Vec<Action> = Vec::new(), ANY;
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
        /// The course of both fades.
        fade_shape: FadeShape = FadeShape::Linear, Rule::choice(FadeShape::NAMES);
        /// How it sits in the world; without it, it sounds the same everywhere.
        space: Option<Space> = None, ANY;
        /// Who stays when there are too many voices: 0 least, 100 most.
        priority: u32 = 50, Rule::range(0.0, 100.0, "");
        /// The priority at the space's `max`, where it differs from that within `min`; it goes evenly from the one to the other.
        far_priority: Option<u32> = None, Rule::range(0.0, 100.0, "").says("priority");
        /// The curves by which parameters, levels, modulators and its place move it.
        curves: Vec<EventCurve> = Vec::new(), ANY;
        /// The snapshot that it brings in as long as it plays.
        snapshot: Option<Text> = None, ANY;
        /// How many of it may sound at once.
        limit: Option<Limit> = None, ANY;
        /// The queue in which it is spoken: one line after another.
        line: Option<Line> = None, ANY;
        /// How soon it may sound again.
        cooldown: Option<Cooldown> = None, ANY;
        /// What becomes of it while it is not heard.
        virtually called "virtual": Option<Virtual> = None, ANY.says("Elapsed for what loops, Kill for the rest");
    }

    /// A curve by which something moves what an event plays. Several on one property add up in the order in which they stand, gains in dB; of cut-offs the lowest counts.
    EventCurve verified by verify_event_curve {
        /// What it goes by: a parameter, a level, a modulator, or `"distance"` in metres, `"azimuth"` (to the right) and `"elevation"` in degrees as the listener looks, `"angle"` between where the listener looks and the emitter from 0 to 180 degrees, `"speed"` of the emitter and `"approach"` of it and the listener in metres a second (over some 50 ms; what leaps has not moved), `"occlusion"`, or `"time"` in seconds since the start. What comes from a bus, a level or a `Follow`, is heard an update late.
        from: Text = Text::default(), NEEDED;
        /// What it moves: `"gain"` in dB, `"pitch"` in semitones, `"cutoff"`, a low-pass in Hz, or `"reverb"`, the sends into the zones' reverbs in dB.
        property: Text = Text::default(), NEEDED;
        /// Where it goes, such as `[(0, -12), (8000, 0)]`, the lowest first; straight lines between them, unless a point says otherwise: `(0, -12, Smooth)` is slow at both ends on the way to the next, `Exponential` slow and then fast, `Logarithmic` fast and then slow, `Constant` holds. Beyond the ends it is the same as at them.
        points: Vec<Point> = Vec::new(), Rule::range(-1e6, 1e6, "").required();
    }

    /// How many may sound at once. Those that are not heard don't count.
    ///
    /// The everyday policies: for the whole project, a limit on the bus `"master"`. For each emitter, `scope: Emitter`. One at
    /// a time that begins anew when it is posted again, `(max: 1, scope: Emitter)`; that goes on instead, with `steal: Refuse`.
    /// The most important stay, `steal: Lowest`. An event's own limit is asked first, then its bus's and each above; nobody gives
    /// way unless all let the new one in.
    Limit verified by verify_limit {
        /// The most that may.
        max: u32 = 1, Rule::range(1.0, 4096.0, "").required();
        /// Who gives way when there are as many: another one, or (`Refuse`) the new one.
        steal: Steal = Steal::Oldest, ANY;
        /// Who counts: all of them, or those of one emitter.
        scope: Scope = Scope::Global, ANY;
        /// The distance within which they count, from the new one on.
        radius: Option<f32> = None, Rule::range(0.01, 100_000.0, "m").says("everywhere");
    }

    /// Where lines of dialogue wait for one another: one at a time is spoken.
    Queue {
        /// The silence between two lines.
        gap: f32 = 0.0, Rule::range(0.0, 60.0, "s");
        /// How many lines may wait. Of more the one of the lowest priority goes, of several the latest.
        most: u32 = 8, Rule::range(0.0, 1000.0, "");
        /// Who waits for one another: all lines, or those of one emitter, so that each character has a mouth of its own.
        scope: Scope = Scope::Global, ANY;
    }

    /// How an event is spoken in its queue. `limit` and `cooldown` are asked when it is its turn.
    Line {
        /// The queue.
        queue: Text = Text::default(), NEEDED;
        /// Whose turn comes first: the highest; of equal ones whoever came first.
        priority: u32 = 50, Rule::range(0.0, 100.0, "");
        /// What it does while another is spoken: it waits, interrupts (unless what is spoken or waits has a higher priority: then it waits), or is dropped.
        when_busy: WhenBusy = WhenBusy::Wait, ANY;
        /// How long it waits for its turn before it is dropped.
        patience: Option<f32> = None, Rule::range(0.0, 3600.0, "s").says("for ever");
    }

    /// How soon an event may sound again. What comes too soon is dropped; what was not heard does not count.
    Cooldown {
        /// The time that must pass.
        time: f32 = 0.1, Rule::range(0.0, 3600.0, "s").required();
        /// Who counts: all of them, or those of one emitter.
        scope: Scope = Scope::Global, ANY;
        /// The distance within which they count, from the new one on.
        radius: Option<f32> = None, Rule::range(0.01, 100_000.0, "m").says("everywhere");
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
        /// The cut-off of a low-pass at `max`, towards which it falls from 20 kHz at `min`; 20 kHz is none.
        air: f32 = 20_000.0, FREQ;
        /// What becomes of it behind something: as far as the game says, from nothing to this.
        occluded: Occluded = Occluded::default(), ANY;
    }

    /// What is heard through what stands in the way.
    Occluded {
        /// How loud.
        gain: f32 = -12.0, Rule::range(-120.0, 0.0, "dB");
        /// The cut-off of a low-pass.
        cutoff: f32 = 900.0, FREQ;
    }
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

/// Who gives way when a limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Steal {
    /// The one that began first.
    Oldest,
    /// The one with the lowest gain, the new one included.
    Quietest,
    /// The one that is farthest from the listener, the new one included.
    Farthest,
    /// The one with the lowest priority, if it is lower than the new one's; of several the oldest.
    Lowest,
    /// The new one.
    Refuse,
}

/// What a line does while another is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum WhenBusy {
    /// It waits for its turn.
    Wait,
    /// It takes the other's place.
    Interrupt,
    /// It is not spoken.
    Drop,
}

/// What becomes of a playback while it is not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Virtual {
    /// Its time goes on; it comes back where it would have been.
    Elapsed,
    /// It waits; it comes back where it was.
    Resume,
    /// It comes back at its beginning.
    Restart,
    /// It ends.
    Kill,
}

bare_words!(Curve, Steal, Virtual, WhenBusy);

/// Checks what concerns more than one field.
fn verify_event(event: &Event, reader: &mut Reader<'_>, node: &Node) {
    // What is there but could not be read has been told of.
    let written = node.field("actions").is_some_and(|actions| !actions.slots().is_empty());
    if event.play.is_none() && node.field("play").is_none_or(|play| play.name() == Some("None")) && !written {
        let help = "`play` is the name of a sound or the path of a sound file; `actions` are such as `[Stop(\"music\")]`";
        reader.error(
            "missing-field",
            node.head(),
            "`Event` needs `play` or `actions`",
            Some(help.to_owned()),
        );
    }
}

/// Checks what concerns more than one field.
fn verify_limit(limit: &Limit, reader: &mut Reader<'_>, node: &Node) {
    if limit.scope == Scope::Emitter
        && limit.radius.is_some()
        && let Some(radius) = node.field("radius")
    {
        let help = Some("leave one of them out".to_owned());
        reader.error("bad-range", radius.span.clone(), "what plays on one emitter is in one place", help);
    }
}

/// Checks what concerns more than one field.
fn verify_event_curve(curve: &EventCurve, reader: &mut Reader<'_>, node: &Node) {
    verify_points(&curve.points, reader, node);
    let property = &curve.property;
    if property.is_given() && !EVENT_PROPERTIES.contains(&property.value.as_str()) {
        let message = format!("an event has no property called {:?}", property.value);
        let help = suggest(&property.value, EVENT_PROPERTIES.into_iter(), '"').or_else(|| {
            Some(format!("it has {}", EVENT_PROPERTIES.map(|name| format!("{name:?}")).join(", ")))
        });
        reader.error("unknown-property", property.span.clone(), message, help);
    }
}

/// What curves can move of an event.
pub const EVENT_PROPERTIES: [&str; 4] = ["gain", "pitch", "cutoff", "reverb"];

/// What curves of events can go by beside parameters, levels and modulators. Parameters and modulators can't have these
/// names; of a level of such a name curves of events see nothing.
pub const RESERVED: [&str; 5] = ["distance", "azimuth", "elevation", "occlusion", "time"];

/// What curves of events can go by, too. Parameters and levels may have these names, and count instead.
pub const BUILT_IN: [&str; 3] = ["speed", "approach", "angle"];

/// Checks what concerns more than one field.
fn verify_space(space: &Space, reader: &mut Reader<'_>, node: &Node) {
    if space.max <= space.min {
        let span = node.field("max").or(node.field("min")).map_or(node.head(), |field| field.span.clone());
        let message = format!("`max` ({} m) is not above `min` ({} m)", space.max, space.min);
        reader.error("bad-range", span, message, Some("nothing would ever be heard".to_owned()));
    }
}
