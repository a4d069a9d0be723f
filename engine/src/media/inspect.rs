//! The facts of one sound file, for `tonmeister inspect`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::pack::{Pack, Stored};
use super::{Codec, Decoded, Files, MediaError, Request, Store, decode, decode_bytes};
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
    Ok(facts(path, decode(path)?))
}

fn facts(path: &Path, decoded: Decoded) -> FileInfo {
    let frames = decoded.frames();
    let (streamed, memory_bytes) =
        super::stream::by_itself(frames as u64, decoded.sample_rate, decoded.channels.len());
    FileInfo {
        peak_db: peak_db(decoded.channels.iter().flatten()),
        path: path.to_owned(),
        codec: decoded.codec,
        channels: decoded.channels.len(),
        sample_rate: decoded.sample_rate,
        frames,
        seconds: frames as f64 / f64::from(decoded.sample_rate),
        streamed,
        memory_bytes,
        tags: decoded.tags,
    }
}

fn peak_db<'a>(samples: impl Iterator<Item = &'a f32>) -> f32 {
    Decibels::from_amplitude(samples.fold(0.0_f32, |peak, sample| peak.max(sample.abs()))).get()
}

/// The facts of every sound in a pack, in its order. What lies ready is told as it is played, at the pack's rate, once for
/// each way in which it is cut.
pub fn inspect_pack(pack: &Arc<Pack>) -> Vec<Result<FileInfo, MediaError>> {
    let mut all = Vec::new();
    for (entry, edit) in pack.entries().zip(pack.edits()) {
        let path = pack.path().join(entry.path);
        let name = || path.display().to_string();
        all.push(match (entry.stored, edit) {
            (Stored::Text, _) => continue,
            (Stored::Pcm { .. }, Some(edit)) => {
                let request = Request { file: path.clone(), edit };
                let files = Files::Pack(pack.clone());
                let outcome = files.load(&[request], pack.sample_rate(), 1, &Store::default(), &|_, _| {});
                let sample = outcome.samples.into_iter().next();
                let sample = sample.unwrap_or_else(|| Err(super::Problem::NotPacked.of(name())));
                sample.map(|sample| FileInfo {
                    path: path.clone(),
                    codec: Codec::Packed,
                    channels: sample.channels(),
                    sample_rate: sample.sample_rate(),
                    frames: sample.frames(),
                    seconds: sample.frames() as f64 / f64::from(sample.sample_rate()),
                    peak_db: peak_db((0..sample.channels()).flat_map(|i| sample.channel(i))),
                    streamed: false,
                    memory_bytes: sample.bytes(),
                    tags: Vec::new(),
                })
            }
            _ => {
                let bytes = pack.source(&path).map_err(|problem| problem.of(name()));
                bytes.and_then(|bytes| decode_bytes(&name(), &bytes)).map(|decoded| facts(&path, decoded))
            }
        });
    }
    all
}
