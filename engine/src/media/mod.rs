//! Sound files into samples the mixer can play: decoding, resampling at load, and the store of what is loaded.
//!
//! Lives here: Ogg Vorbis and WAV decoding, [`Sample`], the parallel loader, the [`Pack`] for shipping, what plays from
//! the disk ([`stream`]), and the facts `inspect` shows.
//! May be named here: `units` and `dsp`. Runs on workers, never on the audio thread; a finished [`Sample`] is
//! immutable and is read by the audio thread.
//!
//! Everything read from a file is untrusted: a bad file gives a [`MediaError`] that names it, never a panic,
//! never an unbounded allocation.

pub mod decode;
mod edit;
mod error;
mod files;
pub mod inspect;
mod ogg;
pub mod pack;
pub mod sample;
pub mod store;
pub mod stream;
mod vorbis;
mod vorbis_header;
mod vorbis_setup;
mod vorbis_timing;
mod wav;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vorbis_tests;

pub use crate::dsp::wave::{Synth, Wave};
pub use decode::{Codec, Decoded, decode, decode_bytes};
pub use edit::{Edit, Micros};
pub use error::{MediaError, Problem};
pub use files::Files;
pub use inspect::{FileInfo, inspect};
pub use pack::{Pack, PackError};
pub use sample::{Lap, Sample};
pub use store::{LoadOutcome, Request, Store, load_all};
pub use stream::{Cursor, HEAD_SECONDS, STREAM_SECONDS, Source};

/// The longest file that loads, in seconds of its own rate: 30 minutes.
pub const MAX_SECONDS: u32 = 30 * 60;
/// The largest file that is read, in bytes: 1 GiB, half an hour of 24-bit stereo at 96 kHz.
pub const MAX_FILE_BYTES: u64 = 1 << 30;
/// The most channels a file may have to be looked at; to play it needs one or two.
pub const MAX_CHANNELS: usize = 8;
/// The lowest sample rate that loads, in hertz.
pub const MIN_SAMPLE_RATE: u32 = 1_000;
/// The highest sample rate that loads, in hertz.
pub const MAX_SAMPLE_RATE: u32 = 384_000;
/// The rates at which an engine runs, and for which a pack is made, in hertz.
pub const ENGINE_RATES: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// Checks what every codec's header promises before anything is allocated for it.
fn check_shape(channels: usize, sample_rate: u32, frames: u64) -> Result<(), Problem> {
    if channels == 0 || channels > MAX_CHANNELS {
        return Err(Problem::Channels { channels, most: MAX_CHANNELS });
    }
    if !(MIN_SAMPLE_RATE..=MAX_SAMPLE_RATE).contains(&sample_rate) {
        return Err(Problem::Corrupt(format!("a sample rate of {sample_rate} Hz")));
    }
    if frames == 0 {
        return Err(Problem::Empty);
    }
    if frames > u64::from(MAX_SECONDS) * u64::from(sample_rate) {
        return Err(Problem::TooLong { seconds: frames / u64::from(sample_rate) });
    }
    Ok(())
}
