//! A project into one file, for shipping.

use super::Project;
use crate::media::pack::{PackWriter, Stored};
use crate::media::{PackError, Request, Sample};
use std::collections::BTreeSet;
use std::path::Path;

/// How sounds are stored in a pack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PackSettings {
    /// Sounds of at most so many seconds, as they are cut, lie in it as they are played; longer ones keep the bytes of
    /// their file, and are decoded when they are loaded, or play from the pack as they would from the disk. 5 by default; 0 is
    /// none.
    pub pcm_below: f32,
}

impl Default for PackSettings {
    fn default() -> Self {
        Self { pcm_below: 5.0 }
    }
}

/// What a pack holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PackSummary {
    /// Bank files.
    pub banks: usize,
    /// Sounds that lie ready; one for each way in which a file is cut.
    pub pcm: usize,
    /// Bytes of these.
    pub pcm_bytes: u64,
    /// Files that are kept as Ogg Vorbis.
    pub vorbis: usize,
    /// Files that are kept as WAV.
    pub wav: usize,
    /// Bytes of the files that are kept.
    pub source_bytes: u64,
    /// The pack's length in bytes.
    pub bytes: u64,
}

/// Writes a project with all of its sounds as one file, `output`. The project must be loaded from a folder, at the rate
/// that the pack is to have. The same project gives the same bytes. `progress` is told how many of its parts are written.
///
/// # Errors
/// If the file can't be written, a sound file has changed since the project was loaded, or the project is a pack itself.
pub fn pack(
    project: &Project,
    sample_rate: u32,
    output: &Path,
    settings: PackSettings,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<PackSummary, PackError> {
    // Of what plays from the disk there is only a beginning here.
    let is_short = |sample: &Sample| {
        sample.source().is_none()
            && sample.frames() as f64 <= f64::from(settings.pcm_below) * f64::from(sample.sample_rate())
    };
    let path_of = |request: &Request| {
        let media = project.bank.media.iter().find(|media| media.file == request.file);
        media.map_or_else(String::new, |media| media.path.clone())
    };
    let (short, long): (Vec<_>, Vec<_>) = project.store.iter().partition(|(_, sample)| is_short(sample));
    let long: BTreeSet<(String, &Path, u64)> = long
        .into_iter()
        .map(|(request, sample)| (path_of(request), request.file.as_path(), sample.content()))
        .collect();
    let texts = project.sources.files();
    let of = texts.len() + short.len() + long.len();
    let mut done = 0;
    let mut advance = || {
        done += 1;
        progress(done, of);
    };

    let mut writer = PackWriter::create(output, sample_rate)?;
    for text in texts {
        writer.text(text.path(), text.text())?;
        advance();
    }
    for (request, sample) in short {
        writer.sample(&path_of(request), sample)?;
        advance();
    }
    let (mut vorbis, mut wav) = (0, 0);
    for (path, file, content) in long {
        let is_vorbis = writer.file(&project.files, &path, file, content)?;
        *(if is_vorbis { &mut vorbis } else { &mut wav }) += 1;
        advance();
    }
    let mut summary = PackSummary { banks: texts.len(), vorbis, wav, ..PackSummary::default() };
    for entry in writer.entries() {
        match entry.stored {
            Stored::Text => {}
            Stored::Pcm { .. } => {
                summary.pcm += 1;
                summary.pcm_bytes += entry.bytes;
            }
            Stored::Source => summary.source_bytes += entry.bytes,
        }
    }
    summary.bytes = writer.finish()?;
    Ok(summary)
}
