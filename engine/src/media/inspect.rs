//! The facts of one sound file, for `tonmeister inspect`.

use std::path::{Path, PathBuf};

use super::{Codec, MediaError, decode};
use crate::units::Decibels;

/// What a file is and how loud it gets.
#[derive(Debug, Clone, PartialEq)]
pub struct FileInfo {
    /// The file.
    pub path: PathBuf,
    /// How it is coded.
    pub codec: Codec,
    /// How many channels it has. Only one or two play.
    pub channels: usize,
    /// Frames per second.
    pub sample_rate: u32,
    /// The length in frames.
    pub frames: usize,
    /// The length in seconds.
    pub seconds: f64,
    /// The highest sample of all channels in dB of full scale; -120 for digital silence.
    pub peak_db: f32,
    /// Whether a clip of all of it plays from the disk, unless the clip says otherwise.
    pub streamed: bool,
    /// What such a clip keeps in memory at 48 kHz, in bytes: all of it or, if it plays from the disk, its head.
    pub memory_bytes: usize,
    /// The file's texts as `(name, value)`, in file order.
    pub tags: Vec<(String, String)>,
}

/// Decodes a file on the calling thread and tells its facts.
///
/// # Errors
/// Whatever keeps the file from being decoded. More than two channels are no error here.
pub fn inspect(path: &Path) -> Result<FileInfo, MediaError> {
    let decoded = decode(path)?;
    let peak = decoded.channels.iter().flatten().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    let frames = decoded.frames();
    let (streamed, memory_bytes) =
        super::stream::by_itself(frames as u64, decoded.sample_rate, decoded.channels.len());
    Ok(FileInfo {
        path: path.to_owned(),
        codec: decoded.codec,
        channels: decoded.channels.len(),
        sample_rate: decoded.sample_rate,
        frames,
        seconds: frames as f64 / f64::from(decoded.sample_rate),
        peak_db: Decibels::from_amplitude(peak).get(),
        streamed,
        memory_bytes,
        tags: decoded.tags,
    })
}
