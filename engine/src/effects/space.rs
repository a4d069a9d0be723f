//! Echoes and rooms.

use super::table::{choices, params};
use crate::units::{Amount, Decibels, Hertz, Seconds};

choices! {
    /// How an echo goes from one time to another.
    DelayGlide {
        /// It crossfades: the pitch stays.
        Fade,
        /// It slides there like the head of a tape echo: the pitch bends by up to half on the way.
        Tape,
    }
}

params! {
    /// An echo.
    DelayParams as "Delay" {
        /// The time between repeats.
        time: Seconds = 0.35, [0.001 to 4.0 "s"];
        /// The time between repeats in beats at the tempo, such as 0.75 for a dotted eighth, of at most 4 s; 0 goes by the time instead.
        beats: f32 = 0.0, [0.0 to 16.0 "beats"];
        /// The beats in a minute, for a time in beats.
        tempo: f32 = 120.0, [20.0 to 300.0 "BPM"];
        /// How much later the right side repeats.
        spread: Seconds = 0.0, [0.0 to 0.1 "s"];
        /// How much of each repeat feeds the next.
        feedback: Amount = 0.35, [0.0 to 0.98 ""];
        /// How much the repeats change sides: at 1 the first is on the left, the next on the right, and so on.
        ping_pong: Amount = 0.0, [0.0 to 1.0 ""];
        /// Each repeat loses what is below, 6 dB per octave, against the one before; 10 Hz is off.
        low_cut: Hertz = 10.0, [10.0 to 5000.0 "Hz"];
        /// Each repeat loses what is above, 6 dB per octave, against the one before; 20 kHz is off.
        high_cut: Hertz = 20000.0, [100.0 to 20000.0 "Hz"];
        /// How a change of time is heard.
        glide: DelayGlide = DelayGlide::Fade, [choice];
        /// How much of the echo is heard beside the untouched signal.
        mix: Amount = 0.3, [0.0 to 1.0 ""];
    }

    /// A reverb.
    ReverbParams as "Reverb" {
        /// The time in which the tail falls by 60 dB.
        rt60: Seconds = 1.0, [0.1 to 20.0 "s" required];
        /// How much faster high frequencies die.
        damping: Amount = 0.4, [0.0 to 1.0 ""];
        /// How much longer low frequencies live, as a factor of `rt60`.
        low_ratio: f32 = 1.0, [0.1 to 2.0 ""];
        /// Below this frequencies are low.
        low_freq: Hertz = 250.0, [50.0 to 1000.0 "Hz"];
        /// The time before the first reflection.
        predelay: Seconds = 0.02, [0.0 to 0.5 "s"];
        /// How loud the first reflections off the walls are; at 1 as loud as the tail of a steady sound.
        early: Amount = 0.3, [0.0 to 1.0 ""];
        /// How large the room is: a factor of all distances between reflections.
        size: f32 = 1.0, [0.25 to 2.0 ""];
        /// How much the sound is scattered before the tail: at 0 single echoes are heard in its beginning.
        diffusion: Amount = 1.0, [0.0 to 1.0 ""];
        /// How far the tail wavers, which keeps long ones from ringing. At 1 its pitch moves by 5 cents and more.
        modulation: Amount = 0.25, [0.0 to 1.0 ""];
        /// How often it wavers in a second.
        modulation_rate: f32 = 0.8, [0.05 to 5.0 "Hz"];
        /// How wide the reverb is: at 0 it is the same on both sides.
        width: Amount = 1.0, [0.0 to 1.0 ""];
        /// Holds the tail as it is, without end, and lets nothing more in.
        freeze: bool = false, [switch];
        /// How much of the reverb is heard beside the untouched signal.
        mix: Amount = 0.25, [0.0 to 1.0 ""];
    }

    /// The convolution with an impulse response: a recorded room, or a loudspeaker. It has no latency.
    ConvolutionParams as "Convolution" filed {
        /// The gain of what is convolved.
        gain: Decibels = 0.0, [-60.0 to 24.0 "dB"];
        /// The time before the response begins.
        predelay: Seconds = 0.0, [0.0 to 0.5 "s"];
        /// Shortens the response by a fade that falls by 60 dB in this time; 0 leaves it as it is.
        decay: Seconds = 0.0, [0.0 to 20.0 "s" fixed];
        /// How much of what is convolved is heard beside the untouched signal.
        mix: Amount = 1.0, [0.0 to 1.0 ""];
    }
}
