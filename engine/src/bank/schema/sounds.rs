//! Sounds as they are written: clips and what chooses between them.
//!
//! May be named here: `decode`, the syntax tree, `serde`. Runs on any thread.

mod kinds;
mod verify;

use super::play::Play;
use super::{ANY, FADE, FILE_TIME, FREQ, GAIN, NEEDED, PITCH, VALUE};
use crate::bank::decode::{Between, Keyed, Rule, Text, fields};
use crate::effects::{FadeShape, Interpolation, NoiseColor, ToneShape};
use verify::{
    verify_around, verify_blend, verify_clip, verify_layer, verify_random, verify_scatter, verify_sequence,
    verify_switch, verify_transition,
};

pub use kinds::{AtEnd, Change, Layered, Mode, Scope, Silence, Sound, TransitionKind, Weighted};

/// How long what loops takes to go over to another case.
const CROSSFADE: Rule = Rule::range(0.0, 60.0, "s");

/// How long a computed sound may be.
const LENGTH: Rule = Rule::range(0.001, 600.0, "s");

fields! {
    /// One sound file and how it is played.
    Clip verified by verify_clip {
        /// The path of an .ogg or .wav file, relative to the project's folder.
        file: Text = Text::default(), NEEDED;
        /// Gain.
        gain: f32 = 0.0, GAIN;
        /// Pitch.
        pitch: f32 = 0.0, PITCH;
        /// Whether the end is followed by the start.
        looping: bool = false, ANY;
        /// Where in the file it begins.
        start: f32 = 0.0, FILE_TIME;
        /// Where in the file it ends.
        end: Option<f32> = None, FILE_TIME.says("the file's end");
        /// How far into what is played it begins: a number, or a range from which it is drawn for each playback, so that ten torches don't burn in step. Beyond a loop's end it counts on from the loop's start.
        offset: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// Whether it runs backwards.
        reverse: bool = false, ANY;
        /// Where in the file what repeats begins; what comes before is heard once.
        loop_start: Option<f32> = None, FILE_TIME.says("start");
        /// Where in the file what repeats ends.
        loop_end: Option<f32> = None, FILE_TIME.says("end");
        /// The crossfade across the loop's seam, at most half of the loop: its end fades into what comes before its start, so it starts no earlier than this.
        crossfade: f32 = 0.0, FADE;
        /// The fade at the start.
        fade_in: f32 = 0.0, FADE;
        /// The fade before the end; loops have none.
        fade_out: f32 = 0.0, FADE;
        /// The course of both fades.
        fade_shape: FadeShape = FadeShape::Linear, Rule::choice(FadeShape::NAMES);
        /// How it is read between its samples when it is pitched.
        interpolation: Interpolation = Interpolation::Sinc, Rule::choice(Interpolation::NAMES);
        /// Whether it is read from the disk while it plays: its first half second is in memory, so it starts at once, and then about two seconds ahead. Otherwise all of it is decoded into memory when it is loaded. It sounds the same. At most 64 sounds are read so at once: for what would be one more there is no voice.
        stream: Option<bool> = None, ANY.says("by its length: what lasts longer than a minute does");
        /// Places in the file by name, such as `{"hit": 0.52}`: a game is told when a voice comes to one, in each lap of a loop.
        markers: Keyed<f32> = Keyed::default(), FILE_TIME;
    }

    /// A tone that is computed: for trying things out before there are sounds.
    Tone {
        /// What it is made of. Nothing of it is above half the engine's rate.
        shape: ToneShape = ToneShape::Sine, Rule::choice(ToneShape::NAMES);
        /// The frequency.
        freq: f32 = 440.0, FREQ;
        /// How long it is; without it, it goes on until it is stopped.
        length: Option<f32> = None, LENGTH.says("goes on");
        /// Gain below full scale.
        gain: f32 = -12.0, GAIN;
        /// The fade at the start.
        fade_in: f32 = 0.005, FADE;
        /// The fade before the end, if it has one.
        fade_out: f32 = 0.005, FADE;
        /// The course of both fades.
        fade_shape: FadeShape = FadeShape::Linear, Rule::choice(FadeShape::NAMES);
    }

    /// A noise that is computed: for trying things out before there are sounds. One that goes on begins at another place each time.
    Noise {
        /// How its power lies in the spectrum.
        color: NoiseColor = NoiseColor::White, Rule::choice(NoiseColor::NAMES);
        /// How long it is; without it, it goes on until it is stopped.
        length: Option<f32> = None, LENGTH.says("goes on");
        /// Gain below full scale, which is -4.8 dB as an RMS.
        gain: f32 = -12.0, GAIN;
        /// The fade at the start.
        fade_in: f32 = 0.005, FADE;
        /// The fade before the end, if it has one.
        fade_out: f32 = 0.005, FADE;
        /// The course of both fades.
        fade_shape: FadeShape = FadeShape::Linear, Rule::choice(FadeShape::NAMES);
        /// Another number is another noise of the same kind.
        seed: u32 = 0, Rule::range(0.0, 16_777_216.0, "");
    }

    /// A choice between sounds, drawn anew for each playback.
    Random verified by verify_random {
        /// What there is to choose from: names of sounds, paths of sound files, or sounds written in place.
        of: Vec<Weighted> = Vec::new(), NEEDED;
        /// How many of the last choices are not chosen again, whatever their weights.
        avoid: Option<u32> = None, ANY.says("1");
        /// Whether each is chosen once before any is chosen again. What is heavy comes earlier in each round, and `avoid` holds from one round to the next.
        shuffle: bool = false, ANY;
        /// Whose past choices count: those of all emitters together, or each one's own.
        scope: Scope = Scope::Global, ANY;
        /// Whether each playback plays the next one, or (`Continuous`) one after another: then each of them draws what is drawn anew.
        mode: Mode = Mode::Step, ANY;
        /// How many times a continuous playback goes through all of them; 0 is until it is stopped.
        loops: u32 = 1, Rule::range(0.0, 1e6, "");
        /// How a continuous playback goes over to the next: `(kind: Crossfade, time: 0.5)`.
        transition: Transition = Transition::default(), ANY;
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// One of several sounds: `"name"`, `Clip(…)`, `("name", weight)` or `(play: "name", weight: …)`.
    Choice {
        /// The name of a sound, the path of a sound file, or a sound written in place.
        play: Play = Play::default(), NEEDED;
        /// How likely it is beside the others.
        weight: f32 = 1.0, Rule::range(1e-6, 1e6, "");
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// One sound after another: the next with each playback.
    Sequence verified by verify_sequence {
        /// The sounds in their order: names of sounds, paths of sound files, or sounds written in place.
        of: Vec<Play> = Vec::new(), NEEDED;
        /// What follows the last: the first, or the last but one and so on back.
        at_end: AtEnd = AtEnd::Restart, ANY;
        /// After how long without a playback it begins anew; 0 is never.
        reset: f32 = 0.0, FILE_TIME;
        /// Whose playbacks count: those of all emitters together, or each one's own.
        scope: Scope = Scope::Global, ANY;
        /// Whether each playback plays the next one, or (`Continuous`) one after another: then each of them draws what is drawn anew.
        mode: Mode = Mode::Step, ANY;
        /// How many times a continuous playback goes through all of them; 0 is until it is stopped.
        loops: u32 = 1, Rule::range(0.0, 1e6, "");
        /// How a continuous playback goes over to the next: `(kind: Crossfade, time: 0.5)`.
        transition: Transition = Transition::default(), ANY;
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// How one sound goes over to the next.
    Transition verified by verify_transition {
        /// Whether the next begins where the one before ends (`Gap`), while that fades out and it fades in, by equal power (`Crossfade`), or a time after that one began, whether it has ended or not (`Trigger`).
        kind: TransitionKind = TransitionKind::Gap, ANY;
        /// How long the silence between them, how long they overlap (at most half of either), or how much later the next begins.
        time: f32 = 0.0, Rule::range(0.0, 3600.0, "s");
    }

    /// Sounds that begin by chance, in time and around the emitter, until the playback is stopped. Where none of them could be heard it rests, and costs next to nothing.
    Scatter verified by verify_scatter {
        /// What there is to choose from: names of sounds, paths of sound files, or sounds written in place.
        of: Vec<Weighted> = Vec::new(), NEEDED;
        /// The time from one to the next: a range from which it is drawn each time. The first comes within one such time.
        every: Between = Between(1.0, 1.0), Rule::range(0.02, 3600.0, "s").required();
        /// After how many it ends.
        count: Option<u32> = None, Rule::range(1.0, 1e6, "").says("never");
        /// How far around the emitter they are; without it, they are where it is.
        around: Option<Around> = None, ANY;
        /// How many may sound at once; one that would be more is left out.
        max: u32 = 8, Rule::range(1.0, 64.0, "");
        /// How many of the last choices are not chosen again, whatever their weights.
        avoid: Option<u32> = None, ANY.says("1");
        /// Whether each is chosen once before any is chosen again.
        shuffle: bool = false, ANY;
        /// Whose past choices count: those of all emitters together, or each one's own.
        scope: Scope = Scope::Global, ANY;
        /// Gain: a number, or a range from which it is drawn for each of them.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each of them.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than drawn each begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// A ring around an emitter, in which places are drawn evenly.
    Around verified by verify_around {
        /// The least distance on the ground.
        min: f32 = 0.0, Rule::range(0.0, 10_000.0, "m");
        /// The greatest distance on the ground.
        max: f32 = 10.0, Rule::range(0.0, 10_000.0, "m").required();
        /// How high above the emitter; a range is drawn from.
        height: Between = Between(0.0, 0.0), Rule::range(-10_000.0, 10_000.0, "m").says("0");
    }

    /// The sound that a parameter's label asks for.
    Switch verified by verify_switch {
        /// The parameter; it must have labels.
        on: Text = Text::default(), NEEDED;
        /// The sounds by label: names of sounds, paths of sound files, or sounds written in place: `{"wood": Random(of: […])}`.
        cases: Keyed<Play> = Keyed::default(), NEEDED;
        /// The sound for labels without a case; without it nothing is played for them.
        default: Option<Play> = None, ANY;
        /// What becomes of what loops when the label changes: it plays on (`Continue`), goes over to the other case within a time (`Crossfade(0.3)`), or comes to the end of its lap, where the other case begins (`AtEnd`).
        change: Option<Change> = None, Rule::range(0.0, 60.0, "s").says("Continue");
        /// The short form of `change: Crossfade(…)`: how long what loops takes to go over to another case.
        crossfade: Option<f32> = None, CROSSFADE.says("plays on");
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// Several sounds at once.
    Layer verified by verify_layer {
        /// The sounds: `"name"`, `Clip(…)` or `(play: "name", gain: -3, delay: 0.1)`.
        of: Vec<Layered> = Vec::new(), NEEDED;
        /// Gain: a number, or a range from which it is drawn once for all.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn once for all.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// One of several sounds at once.
    Part {
        /// The name of a sound, the path of a sound file, or a sound written in place.
        play: Play = Play::default(), NEEDED;
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How long after the others it begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// Several sounds at once, each heard in its own range of a parameter; where ranges meet, they crossfade.
    Blend verified by verify_blend {
        /// What it goes by: a parameter, or what curves of events know, such as `"distance"`.
        on: Text = Text::default(), NEEDED;
        /// The sounds and their ranges: `[(play: "idle", to: 1000, fade: 500), (play: "high", from: 1500, fade: 500)]`.
        of: Vec<Blended> = Vec::new(), NEEDED;
        /// Gain: a number, or a range from which it is drawn once for all.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn once for all.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// How much later than without it what it plays begins; a range is drawn from.
        delay: Between = Between(0.0, 0.0), FILE_TIME.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }

    /// A sound and the range in which it is heard.
    Blended {
        /// The name of a sound, the path of a sound file, or a sound written in place.
        play: Play = Play::default(), NEEDED;
        /// Where it begins to be heard in full.
        from: f32 = -1e6, VALUE.says("the lowest");
        /// Where it ends to be heard in full.
        to: f32 = 1e6, VALUE.says("the highest");
        /// How far beyond either end it is still heard, falling by equal power.
        fade: f32 = 0.0, Rule::range(0.0, 1e6, "");
        /// Gain: a number, or a range from which it is drawn for each playback.
        gain: Between = Between(0.0, 0.0), GAIN.says("0");
        /// Pitch: a number, or a range from which it is drawn for each playback.
        pitch: Between = Between(0.0, 0.0), PITCH.says("0");
        /// The cut-off of a low-pass; a range is drawn from, evenly in octaves. Of several on the way the lowest counts.
        cutoff: Option<Between> = None, FREQ.says("none");
    }
}
