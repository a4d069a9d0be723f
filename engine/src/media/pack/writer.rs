//! Writing a pack: under a name of its own until it is whole.

use super::super::sample::{Hasher, Lap, Sample};
use super::super::{Files, Problem};
use super::layout::{ALIGN, Content, HEADER, Header, Part, Shape};
use super::{Entry, PackError};
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How many unfinished files of a name are passed over before that is an error.
const MOST_LEFT: u32 = 100;

/// A pack on its way. Until [`PackWriter::finish`] it has another name in the same folder; dropped before, it vanishes.
pub struct PackWriter {
    path: PathBuf,
    // Closed before the file is removed.
    file: BufWriter<File>,
    unfinished: Unfinished,
    at: usize,
    sample_rate: u32,
    parts: Vec<Part>,
}

/// A file that is removed unless it gets its name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already when it has its name.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl PackWriter {
    /// Begins a pack that is to be `path`, with samples at `sample_rate` in hertz.
    ///
    /// # Errors
    /// [`PackError::Unwritable`].
    pub fn create(path: &Path, sample_rate: u32) -> Result<Self, PackError> {
        let refused = |error| PackError::Unwritable { path: path.to_owned(), error };
        let name = path.file_name().ok_or_else(|| {
            refused(std::io::Error::new(ErrorKind::InvalidInput, "it is no name of a file"))
        })?;
        // What another run left behind when it was killed is not ours to remove, and must not be in the way.
        let part = |number: u32| {
            let (name, process) = (name.to_string_lossy(), std::process::id());
            path.with_file_name(format!(".{name}.{process}.{number}.part"))
        };
        let mut number = 0;
        let file = loop {
            match File::create_new(part(number)) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists && number < MOST_LEFT => number += 1,
                made => break made.map_err(refused)?,
            }
        };
        let unfinished = Unfinished(part(number));
        let mut writer = Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            unfinished,
            at: 0,
            sample_rate,
            parts: Vec::new(),
        };
        // Its place is kept for the header, which is known last.
        writer.put(&[0; HEADER])?;
        Ok(writer)
    }

    /// Adds a bank's text.
    ///
    /// # Errors
    /// [`PackError::Unwritable`], and [`PackError::TooMuch`] for a path beyond 65535 bytes.
    pub fn text(&mut self, path: &str, text: &str) -> Result<(), PackError> {
        self.add(path, Content::Text, text.as_bytes())
    }

    /// Adds a sound file's own bytes, which must be the content that its sample was made of. Says whether it is Ogg Vorbis.
    ///
    /// # Errors
    /// As [`PackWriter::text`]; also if it can't be read, or [`PackError::Changed`].
    pub fn file(&mut self, from: &Files, path: &str, file: &Path, content: u64) -> Result<bool, PackError> {
        let unreadable = |problem: Problem| PackError::Unreadable {
            path: file.to_owned(),
            error: std::io::Error::other(problem.to_string()),
        };
        let bytes = from.read(file).map_err(unreadable)?;
        if Hasher::of(&bytes) != content {
            return Err(PackError::Changed(file.to_owned()));
        }
        self.add(path, Content::Source, &bytes)?;
        Ok(bytes.starts_with(b"OggS"))
    }

    /// Adds a sound as it is played; it must have the pack's rate.
    ///
    /// # Errors
    /// As [`PackWriter::text`].
    pub fn sample(&mut self, path: &str, sample: &Sample) -> Result<(), PackError> {
        debug_assert_eq!(sample.sample_rate(), self.sample_rate);
        let shape = Shape {
            edit: sample.edit(),
            channels: sample.channels(),
            frames: sample.frames(),
            content: sample.content(),
            lap: sample.lap().map(|lap| lap.frames().clone()),
            fade: sample.lap().map_or(0, Lap::crossfade),
        };
        let mut bytes = Vec::with_capacity(sample.bytes());
        for channel in 0..sample.channels() {
            bytes.extend(sample.padded(channel).iter().flat_map(|sample| sample.to_le_bytes()));
        }
        if let Some(lap) = sample.lap() {
            for channel in 0..sample.channels() {
                bytes.extend(lap.exit(channel).iter().flat_map(|sample| sample.to_le_bytes()));
            }
        }
        self.add(path, Content::Pcm(shape), &bytes)
    }

    fn add(&mut self, path: &str, content: Content, bytes: &[u8]) -> Result<(), PackError> {
        if path.len() > usize::from(u16::MAX) {
            let what = format!("a path of {} bytes", path.len());
            return Err(PackError::TooMuch { what });
        }
        self.align()?;
        let range = self.at..self.at + bytes.len();
        self.put(bytes)?;
        self.parts.push(Part { path: path.to_owned(), content, range, sum: Hasher::of(bytes) });
        Ok(())
    }

    fn align(&mut self) -> Result<(), PackError> {
        let over = self.at % ALIGN;
        if over > 0 { self.put(&[0; ALIGN][over..]) } else { Ok(()) }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), PackError> {
        self.at += bytes.len();
        let written = self.file.write_all(bytes);
        written.map_err(|error| PackError::Unwritable { path: self.path.clone(), error })
    }

    /// What was added so far.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.parts.iter().map(Part::entry)
    }

    /// Writes the index and the header, and gives the pack its name; what had that name before is replaced as a whole.
    /// Gives its length in bytes.
    ///
    /// # Errors
    /// [`PackError::Unwritable`].
    pub fn finish(mut self) -> Result<u64, PackError> {
        self.align()?;
        let mut index = Vec::new();
        self.parts.iter().for_each(|part| part.write(&mut index));
        let range = self.at..self.at + index.len();
        self.put(&index)?;
        let header =
            Header { sample_rate: self.sample_rate, index: range, index_sum: Hasher::of(&index) }.write();
        let mut seal = || -> std::io::Result<()> {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(&header)?;
            self.file.flush()?;
            // Its name must not be there before its bytes are, should the machine stop between.
            self.file.get_ref().sync_all()?;
            std::fs::rename(&self.unfinished.0, &self.path)
        };
        seal().map_err(|error| PackError::Unwritable { path: self.path.clone(), error })?;
        Ok(self.at as u64)
    }
}
