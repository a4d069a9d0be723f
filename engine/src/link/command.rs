//! What the game thread orders and what the audio thread reports.

use crate::effects::{FadeShape, Interpolation};

/// The most reverb sends a voice feeds at once: one for each zone that can be heard at a time.
pub const MAX_SENDS: usize = 4;

/// A voice's place in the mixer, with a count that tells its successive tenants apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VoiceId {
    /// The slot, below the mixer's voice ceiling.
    pub slot: u16,
    /// Which tenant of the slot.
    pub generation: u32,
}

/// One send of a voice into a bus.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SendGain {
    /// The bus's index in the running graph.
    pub bus: u16,
    /// The linear gain.
    pub gain: f32,
}

/// Where a voice's signal goes and how loud: linear gains and a ratio of playback rates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VoiceMix {
    /// Gain into the left channel.
    pub left: f32,
    /// Gain into the right channel.
    pub right: f32,
    /// Sends; those with zero gain are not rendered.
    pub sends: [SendGain; MAX_SENDS],
    /// Playback rate: 1 is the sample's own.
    pub rate: f32,
    /// The cut-off in Hz of the low-pass that all of it goes through; open from 20 kHz on.
    pub cutoff: f32,
}

impl VoiceMix {
    /// Full level on both sides, no sends, natural pitch, unfiltered.
    pub const UNITY: Self = Self {
        left: 1.0,
        right: 1.0,
        sends: [SendGain { bus: 0, gain: 0.0 }; MAX_SENDS],
        rate: 1.0,
        cutoff: f32::INFINITY,
    };
}

/// Where in its sample a voice begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StartFrom {
    /// At this frame of the sample (fractions between frames), however late the order arrives.
    Frame(f64),
    /// Where it would be if it had passed this frame of the sample at the order's `at`: a late order skips
    /// ahead.
    Running(f64),
    /// Where that voice is now, in the same proportion if the lengths differ; and about where that is, as a share of its
    /// length, for who reads ahead.
    SameAs(VoiceId, f32),
}

/// The order to start a voice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Start {
    /// The slot to take. It must be free: its last tenant's end was reported.
    pub voice: VoiceId,
    /// The sample's index in the running graph's table.
    pub sample: u32,
    /// The bus's index in the running graph.
    pub bus: u16,
    /// The frame of the mixer's clock at which the first sample sounds; the past means now.
    pub at: u64,
    /// Where in the sample it begins.
    pub from: StartFrom,
    /// Gains, sends and pitch.
    pub mix: VoiceMix,
    /// Frames of fade at the start.
    pub fade_in: u32,
    /// Its course.
    pub fade_in_shape: FadeShape,
    /// Frames of fade before the natural end; loops have none.
    pub fade_out: u32,
    /// The course of that one.
    pub fade_out_shape: FadeShape,
    /// The course of the fade when it is stopped.
    pub stop_shape: FadeShape,
    /// How it is read when it is pitched.
    pub interpolation: Interpolation,
    /// Whether the end is followed by the start.
    pub looping: bool,
    /// Whether a stereo sample is summed to one channel first, as one point in space.
    pub fold: bool,
}

/// A change of a running bus. All of them glide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BusOrder {
    /// Move the fader.
    Fader {
        /// The linear gain, of groups it belongs to included.
        gain: f32,
        /// In how many frames.
        glide: u32,
    },
    /// Mute and solo: what is let through.
    Gates {
        /// The bus's own signal, sends and keys included.
        open: bool,
        /// Its way to its parent.
        parent: bool,
        /// The voices on it, into it.
        voices: bool,
        /// The voices on it, into their sends.
        voice_sends: bool,
    },
    /// Send the signal past an effect, or through it again.
    Bypass {
        /// The effect's place in the running chain.
        effect: u16,
        /// Whether past it.
        on: bool,
    },
    /// Give one of an effect's parameters another value.
    Parameter {
        /// The effect's place in the running chain.
        effect: u16,
        /// The parameter's place in the effect's table.
        place: u16,
        /// The value, in the parameter's unit; kept within its range.
        value: f32,
    },
}

/// One order. `Copy`, so that the ring never owns memory through it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Command {
    /// Start a voice.
    Start(Start),
    /// Glide a voice to new gains, sends and pitch.
    Mix {
        /// The voice; gone ones are ignored.
        voice: VoiceId,
        /// Where to.
        mix: VoiceMix,
        /// In how many frames.
        glide: u32,
    },
    /// Move a voice to another bus, crossfading over a few blocks.
    Route {
        /// The voice; gone ones are ignored.
        voice: VoiceId,
        /// The bus's index in the running graph.
        bus: u16,
    },
    /// Hold a voice where it is, or let it go on; the gain fades, and what is held costs nothing.
    Pause {
        /// The voice; gone ones are ignored.
        voice: VoiceId,
        /// Whether to hold it.
        on: bool,
        /// Frames of fade.
        fade: u32,
    },
    /// Go on at another place of the sample: the gain dips to nothing and back.
    Seek {
        /// The voice; gone ones are ignored.
        voice: VoiceId,
        /// The place, in the sample's frames.
        to: f64,
        /// Frames of fade, each way.
        fade: u32,
    },
    /// Leave the loop: finish the lap, then play to the sample's end. What is within the loop's crossfade already finishes
    /// one lap more.
    Break {
        /// The voice; gone ones are ignored.
        voice: VoiceId,
    },
    /// Change something of a bus.
    Bus {
        /// The bus's index in the running graph.
        bus: u16,
        /// What.
        order: BusOrder,
    },
    /// Glide a given number that curves go by.
    Level {
        /// Its index among the running graph's levels.
        level: u16,
        /// Where to.
        value: f32,
        /// In how many frames.
        glide: u32,
    },
    /// Measure what the mixer's parts cost, or stop doing so.
    Profile(bool),
    /// Fade a voice out and free its slot.
    Stop {
        /// The voice; gone ones are ignored.
        voice: VoiceId,
        /// The frame of the mixer's clock at which the fade begins; the past means now.
        at: u64,
        /// Frames of fade.
        fade: u32,
    },
}

/// What travels to the audio thread.
#[derive(Debug)]
pub enum Body<P> {
    /// A plain order.
    Command(Command),
    /// Something with memory of its own.
    Parcel(Box<P>),
}

/// An order and the moment it is due.
#[derive(Debug)]
pub struct Message<P> {
    /// The frame of the mixer's clock by whose block this takes effect; zero is at once. Messages are taken
    /// in the order sent, so a later one waits behind an earlier one that is not yet due.
    pub at: u64,
    /// The order.
    pub body: Body<P>,
}

/// A fact from the audio thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// The voice is silent and its slot free.
    Ended {
        /// Which voice.
        voice: VoiceId,
        /// Whether it was stopped, rather than reaching its natural end.
        stopped: bool,
    },
    /// What a voice reads from the disk did not come in time: it fades to silence, keeps its place in time, and is heard
    /// again when it can be.
    Starved {
        /// Which voice.
        voice: VoiceId,
    },
    /// A plug-in gave numbers that nobody can hear; told once.
    EffectFault {
        /// The bus's index in the running graph.
        bus: u16,
        /// The effect's place in the bus's running chain.
        effect: u16,
        /// What was wrong.
        fault: Fault,
    },
}

/// What a plug-in can do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It gave numbers that are not finite, or beyond +120 dB; the signal goes past it from now on.
    Wild,
    /// It gave denormal numbers, which are slow and silent: they are taken as zero from now on.
    Denormal,
}
