//! Modulators as they are written: numbers that move by themselves, for curves to go by.
//!
//! May be named here: `decode`, the syntax tree, `modulators`. Runs on any thread.

use super::choices::choice;
use super::{ANY, Gauge, LEVEL_TIME, NEEDED};
use crate::bank::decode::{Field, Read, Reader, Rule, Shape, Text, fields};
use crate::bank::syntax::Node;
use crate::modulators::{LfoShape, MAX_RATE};
use crate::units::Segment;

const RATE: Rule = Rule::range(0.001, MAX_RATE, "Hz");
const TURN: Rule = Rule::range(0.0, 360.0, "°");
const STAGE: Rule = Rule::range(0.0, 60.0, "s");
const LOUD: Rule = Rule::range(-120.0, 24.0, "dB");

fields! {
    /// What swings between -1 and 1. Each playback has one of its own, from its start on; buses have one together.
    Lfo {
        /// The course of a turn; `Random` is another number with each.
        shape: LfoShape = LfoShape::Sine, Rule::choice(LfoShape::NAMES);
        /// How many turns it makes in a second. What moves a playback goes in straight lines from update to update: at 60 updates a second a sine keeps its shape up to some 8 Hz.
        rate: f32 = 1.0, RATE;
        /// Where in its turn it begins.
        phase: f32 = 0.0, TURN;
        /// How much farther in its turn each playback's may begin, drawn for each; 0 lets all begin alike.
        spread: f32 = 0.0, TURN;
        /// The time in which its swing grows from nothing to all.
        fade_in: f32 = 0.0, STAGE;
    }

    /// What rises from 0 to 1 with the start of a playback, settles, and falls to 0 when the playback is stopped or released. A stop waits for it where it moves the gain.
    Envelope {
        /// How long it waits at 0.
        delay: f32 = 0.0, STAGE;
        /// The time from 0 to 1.
        attack: f32 = 0.0, STAGE;
        /// How long it stays at 1.
        hold: f32 = 0.0, STAGE;
        /// The time from 1 to the sustain.
        decay: f32 = 0.0, STAGE;
        /// Where it stays until it is let go.
        sustain: f32 = 1.0, Rule::range(0.0, 1.0, "");
        /// The time to 0 once it is let go, from wherever it is.
        release: f32 = 0.0, STAGE;
        /// The course of attack, decay and release.
        curve: Segment = Segment::Linear, Rule::choice(Segment::NAMES);
    }

    /// What wanders between 0 and 1: with each step it heads for another place, drawn anew, and gets there smoothly. Each playback has one of its own; buses have one together.
    Walk {
        /// How many steps it makes in a second.
        rate: f32 = 1.0, RATE;
    }

    /// What follows the level of a bus, from 0 to 1: a side chain to anything.
    Follow verified by verify_follow {
        /// The bus that is listened to, after its fader.
        bus: Text = Text::default(), NEEDED;
        /// How its loudness is told.
        by: Gauge = Gauge::Rms, ANY;
        /// The level up to which it is 0.
        threshold: f32 = -40.0, LOUD;
        /// The level from which on it is 1; between the two it goes evenly in decibels.
        full: f32 = 0.0, LOUD;
        /// The time constant of rising.
        attack: f32 = 0.01, LEVEL_TIME;
        /// How long it stays before it falls.
        hold: f32 = 0.0, LEVEL_TIME;
        /// The time constant of falling.
        release: f32 = 0.3, LEVEL_TIME;
    }
}

/// Checks what concerns more than one field.
fn verify_follow(follow: &Follow, reader: &mut Reader<'_>, node: &Node) {
    if follow.full <= follow.threshold {
        let span =
            node.field("full").or(node.field("threshold")).map_or(node.head(), |field| field.span.clone());
        let message =
            format!("`full` ({} dB) is not above `threshold` ({} dB)", follow.full, follow.threshold);
        let help = Some("give it room to move: write `full` some dB higher".to_owned());
        reader.error("bad-range", span, message, help);
    }
}

/// A modulator, such as `Lfo(…)` or `Envelope(…)`.
#[derive(Debug, Clone, PartialEq)]
pub enum Modulator {
    /// What swings.
    Lfo(Lfo),
    /// What rises and falls with a playback.
    Envelope(Envelope),
    /// What wanders.
    Walk(Walk),
    /// What follows the level of a bus.
    Follow(Follow),
}

impl Modulator {
    /// The names of the kinds.
    pub const KINDS: &'static [&'static str] = &["Lfo", "Envelope", "Walk", "Follow"];
}

impl Read for Modulator {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match choice(reader, node, field, Self::KINDS)? {
            "Lfo" => reader.group(node, field).map(Self::Lfo),
            "Envelope" => reader.group(node, field).map(Self::Envelope),
            "Walk" => reader.group(node, field).map(Self::Walk),
            "Follow" => reader.group(node, field).map(Self::Follow),
            _ => None,
        }
    }

    fn shape() -> Shape {
        Shape::OneOf(Self::KINDS.iter().map(|kind| Shape::choice(kind)).collect())
    }
}
