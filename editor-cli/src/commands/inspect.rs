//! `tonmeister inspect`: what sound files are, and what memory the sounds of a project's banks take.

mod banks;

use super::files::{missing as not_there, walk};
use super::{json, load_project};
use crate::Outcome;
use crate::args::{Format, Inspect};
use crate::report::Failure;
use crate::terminal::{Io, printable};
use banks::{Bank, Use};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tonmeister::bank::Sources;
use tonmeister::media::inspect::inspect_pack;
use tonmeister::media::{Codec, FileInfo, Pack, inspect};

/// The rate at which a project's memory is measured, the engine's own; a pack has one of its own.
const RATE: u32 = 48_000;

/// The endings of the files that are looked for in folders.
const ENDINGS: [&str; 2] = ["ogg", "wav"];

/// A file for machines.
#[derive(Serialize)]
struct Entry<'a> {
    path: String,
    codec: String,
    channels: usize,
    sample_rate: u32,
    frames: usize,
    seconds: f64,
    peak_db: f32,
    streamed: bool,
    /// What it takes in memory: as its banks use it, if a whole project is shown, or else if a clip played all of it.
    memory_bytes: usize,
    tags: BTreeMap<&'a str, Tag<'a>>,
    /// The bank files that need it, if a whole project is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    banks: Option<Vec<String>>,
}

/// A tag's text, or its texts if it stands there more than once.
#[derive(Serialize)]
#[serde(untagged)]
enum Tag<'a> {
    One(&'a str),
    Many(Vec<&'a str>),
}

impl<'a> Entry<'a> {
    fn new(file: &'a FileInfo, uses: Option<&Use>) -> Self {
        let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, text) in &file.tags {
            texts.entry(name).or_default().push(text);
        }
        let tag = |(name, texts): (&'a str, Vec<&'a str>)| match texts.as_slice() {
            [only] => (name, Tag::One(only)),
            _ => (name, Tag::Many(texts)),
        };
        Self {
            path: file.path.display().to_string(),
            codec: codec(file.codec),
            channels: file.channels,
            sample_rate: file.sample_rate,
            frames: file.frames,
            seconds: file.seconds,
            peak_db: file.peak_db,
            streamed: file.streamed,
            memory_bytes: uses.map_or(file.memory_bytes, |uses| uses.memory_bytes),
            tags: texts.into_iter().map(tag).collect(),
            banks: uses.map(|uses| uses.banks.clone()),
        }
    }
}

fn codec(codec: Codec) -> String {
    match codec {
        Codec::Vorbis => "vorbis".to_owned(),
        Codec::Packed => "pcm".to_owned(),
        Codec::Wav { bits, float: false } => format!("wav {bits}-bit"),
        Codec::Wav { bits, float: true } => format!("wav {bits}-bit float"),
    }
}

/// Shows what `args` names. A bad file is told on stderr, and the others are shown all the same.
///
/// # Errors
/// If a path is missing (after showing the others), or the output can't be written.
pub fn run(args: &Inspect, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    let (mut paths, mut missing, mut bad) = (Vec::new(), Vec::new(), false);
    let mut found = Found::default();
    for path in &args.files {
        found.look(path, args.banks, io)?;
        if args.banks && path.exists() {
            // Its banks are all that is asked for.
        } else if Pack::is_pack(path) {
            for file in inspect_pack(&Pack::open(path)?) {
                match file {
                    Ok(file) => found.files.push(file),
                    Err(error) => found.errors.push(error.to_string()),
                }
            }
        } else if path.is_dir() {
            let before = paths.len();
            walk(path, &is_sound, &mut paths)?;
            paths.get_mut(before..).unwrap_or_default().sort();
            if paths.len() == before {
                bad = true;
                writeln!(io.err, "error: no *.ogg or *.wav file in {} or below it", path.display())?;
            }
        } else if path.exists() {
            paths.push(path.clone());
        } else {
            missing.push(path);
        }
    }
    let bar = io.bar("decoding", paths.len() as u64);
    let Found { mut files, mut errors, banks, uses } = found;
    for path in &paths {
        match inspect(path) {
            Ok(file) => files.push(file),
            Err(error) => errors.push(error.to_string()),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    for error in &errors {
        writeln!(io.err, "error: {}", printable(error))?;
    }
    match args.format {
        Format::Json if args.banks => json(io, &banks)?,
        Format::Json => {
            let list: Vec<Entry<'_>> =
                files.iter().map(|file| Entry::new(file, uses.get(&file.path))).collect();
            json(io, &list)?;
        }
        Format::Text => {
            if !args.banks {
                write!(io.out, "{}", table(&files))?;
            }
            if !banks.is_empty() {
                let gap = if args.banks || files.is_empty() { "" } else { "\n" };
                write!(io.out, "{gap}{}", align(&banks::rows(&banks), &(1..=3)))?;
            }
        }
    }
    if !missing.is_empty() {
        let names: Vec<_> = missing.iter().map(|path| path.display().to_string()).collect();
        return Err(not_there(&names));
    }
    Ok(if bad || !errors.is_empty() { Outcome::Findings } else { Outcome::Fine })
}

/// What projects and packs tell before their files are looked at one by one.
#[derive(Default)]
struct Found {
    files: Vec<FileInfo>,
    errors: Vec<String>,
    banks: Vec<Bank>,
    uses: BTreeMap<PathBuf, Use>,
}

impl Found {
    /// Looks what memory the banks of a project take, if it is one. What is wrong with a project is for `check` to say,
    /// unless its banks are asked for.
    fn look(&mut self, path: &Path, asked: bool, io: &Io<'_>) -> Result<(), Failure> {
        let is_project = Pack::is_pack(path) || Sources::read(path).is_ok();
        if !is_project && asked && path.exists() {
            return Err(Failure::not_run(format!("{} is no project", path.display()))
                .help("give a project's folder or a pack"));
        }
        if !is_project {
            return Ok(());
        }
        match load_project(path, RATE, io) {
            Ok(project) => {
                self.banks.extend(banks::banks(&project, &path.display().to_string()));
                self.uses.extend(banks::uses(&project));
                Ok(())
            }
            Err(failure) if asked => Err(failure),
            Err(_) => Ok(()),
        }
    }
}

fn is_sound(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// An aligned table; nothing if there are no files.
fn table(files: &[FileInfo]) -> String {
    if files.is_empty() {
        return String::new();
    }
    let titles =
        ["file", "codec", "channels", "rate", "frames", "seconds", "peak", "memory", "plays from", "tags"]
            .map(str::to_owned);
    let row = |file: &FileInfo| {
        let tags: Vec<_> = file.tags.iter().map(|(name, text)| format!("{name}={text}")).collect();
        [
            printable(&file.path.display().to_string()),
            codec(file.codec),
            file.channels.to_string(),
            format!("{} Hz", file.sample_rate),
            file.frames.to_string(),
            format!("{:.3}", file.seconds),
            format!("{:.1} dB", file.peak_db),
            format!("{:.2} MB", file.memory_bytes as f64 / 1e6),
            if file.streamed { "disk" } else { "memory" }.to_owned(),
            printable(&tags.join(", ")),
        ]
    };
    let rows: Vec<_> = std::iter::once(titles).chain(files.iter().map(row)).collect();
    align(&rows, &(2..=7))
}

/// An aligned table. Numbers stand to the right, names and tags to the left.
fn align<const N: usize>(rows: &[[String; N]], numbers: &std::ops::RangeInclusive<usize>) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            line += &if numbers.contains(&column) {
                format!("{cell:>width$}  ")
            } else {
                format!("{cell:<width$}  ")
            };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
