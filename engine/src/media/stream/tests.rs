//! What is read from the disk against what is in memory: the same bits, wherever it is read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::sample::GUARD;
use super::super::{Edit, Micros, Problem, Request, Sample, Store, load_all};

/// 10 000 frames, mono, 44 100 Hz, of long and short blocks.
const CLICKS: &[u8] = include_bytes!("../testdata/clicks.ogg");

/// Noise in stereo, as 16-bit WAV.
fn wav(path: &Path, rate: u32, frames: usize) {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let noise = crate::dsp::measure::noise(11, 0.4, frames * 2);
    noise.iter().for_each(|x| writer.write_sample((x * 32_000.0) as i16).unwrap());
    writer.finalize().unwrap();
}

/// Many streams of [`CLICKS`] in a row, each under a serial number of its own.
fn chain(path: &Path, links: u8) {
    let mut bytes = Vec::new();
    for serial in 1..=links {
        let mut link = CLICKS.to_vec();
        let mut at = 0;
        while at + 27 <= link.len() {
            let lacing = usize::from(link[at + 26]);
            let body: usize = link[at + 27..at + 27 + lacing].iter().map(|&lace| usize::from(lace)).sum();
            let end = at + 27 + lacing + body;
            link[at + 14..at + 18].copy_from_slice(&[serial, 0, 0, 0]);
            link[at + 22..at + 26].fill(0);
            let sum = super::super::ogg::checksum(0, &link[at..end]);
            link[at + 22..at + 26].copy_from_slice(&sum.to_le_bytes());
            at = end;
        }
        bytes.extend(link);
    }
    std::fs::write(path, bytes).unwrap();
}

fn files() -> (tempfile::TempDir, [PathBuf; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["long.wav", "long.ogg"].map(|name| folder.path().join(name));
    wav(&paths[0], 44_100, 100_000);
    chain(&paths[1], 10);
    (folder, paths)
}

fn load(file: &Path, edit: Edit, rate: u32) -> Result<Arc<Sample>, Problem> {
    let request = Request { file: file.to_owned(), edit };
    let mut outcome = load_all(&[request], rate, 1, &Store::default(), &|_, _| {});
    outcome.samples.remove(0).map_err(|error| error.problem)
}

fn edits() -> Vec<Edit> {
    let at = |seconds: f32| Micros::from_seconds(seconds);
    let region = Edit {
        looping: true,
        loop_start: Some(at(0.7)),
        loop_end: Some(at(1.9)),
        crossfade: at(0.3),
        ..Edit::default()
    };
    vec![
        Edit::default(),
        Edit::whole(true),
        Edit { start: at(0.3), end: Some(at(2.0)), ..Edit::default() },
        Edit { start: at(0.25), end: Some(at(2.1)), reverse: true, ..Edit::default() },
        region,
        Edit { reverse: true, start: at(0.1), ..region },
        Edit { loop_end: Some(at(0.7002)), crossfade: at(0.0), ..region },
        Edit { looping: true, crossfade: at(1.0), ..Edit::default() },
    ]
}

#[test]
fn every_stretch_of_a_stream_has_the_bits_of_the_whole() {
    let (_folder, paths) = files();
    for (path, rate) in [(&paths[0], 44_100), (&paths[0], 48_000), (&paths[1], 48_000), (&paths[1], 44_100)] {
        for edit in edits() {
            let whole = load(path, Edit { stream: Some(false), ..edit }, rate).unwrap();
            let streamed = load(path, Edit { stream: Some(true), ..edit }, rate).unwrap();
            let source = streamed.source().expect("it is streamed");
            assert!(whole.source().is_none());
            let what = format!("{} at {rate}, {edit:?}", path.display());
            assert_eq!(
                (streamed.frames(), streamed.channels()),
                (whole.frames(), whole.channels()),
                "{what}"
            );
            assert!(streamed.lap() == whole.lap(), "the loop and its seam: {what}");
            let head = streamed.resident();
            assert_eq!(head, rate as usize / 2);
            for channel in 0..whole.channels() {
                let (a, b) = (whole.padded(channel), streamed.padded(channel));
                assert!(
                    a[..GUARD + head] == b[..GUARD + head] && a[a.len() - GUARD..] == b[b.len() - GUARD..],
                    "{what}"
                );
            }
            // Forwards in pages, then leaps.
            let mut cursor = source.open().unwrap();
            let pages = (0..whole.frames()).step_by(8192).map(|first| (first, 8192));
            let leaps =
                [(whole.frames() - 5, 100), (17, 1), (whole.frames() / 2, 20_000), (0, whole.frames())];
            for (first, count) in pages.chain(leaps) {
                let got = cursor.read(first, count).unwrap();
                let end = (first + count).min(whole.frames());
                for (channel, got) in got.iter().enumerate() {
                    assert!(*got == whole.channel(channel)[first..end], "{first} on: {what}");
                }
            }
        }
    }
}

#[test]
fn what_is_long_is_streamed_unless_it_says_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.wav");
    wav(&path, 8_000, 8_000 * 61);
    let streamed = |edit: Edit| load(&path, edit, 8_000).unwrap().source().is_some();
    assert!(streamed(Edit::default()));
    assert!(!streamed(Edit { stream: Some(false), ..Edit::default() }));
    let short = Edit { end: Some(Micros::from_seconds(59.0)), ..Edit::default() };
    assert!(!streamed(short), "what counts is what is left of the file");
    assert!(streamed(Edit { stream: Some(true), ..short }));
    let tiny = Edit { end: Some(Micros::from_seconds(0.9)), stream: Some(true), ..Edit::default() };
    assert!(!streamed(tiny), "what is hardly longer than the head is in memory");
    assert!(!streamed(Edit { stream: Some(true), ..Edit::impulse() }), "a response is needed at once");
    // What it keeps is the head and a short list; all of it would be 3.9 MB.
    let sample = load(&path, Edit::default(), 8_000).unwrap();
    assert!(sample.bytes() < 4 * 8_000 + 4_000, "{} bytes", sample.bytes());
}

#[test]
fn a_file_that_was_written_over_is_not_played() {
    let (folder, paths) = files();
    let edit = Edit { stream: Some(true), ..Edit::default() };
    let samples = paths.each_ref().map(|path| load(path, edit, 48_000).unwrap());
    // Another file under the same name: the one that was loaded is still there, for what begins later too.
    let other = folder.path().join("other.wav");
    wav(&other, 44_100, 50);
    let mut cursor = samples[0].source().unwrap().open().unwrap();
    let before = cursor.read(60_000, 10).unwrap();
    std::fs::rename(&other, &paths[0]).unwrap();
    cursor.read(90_000, 50_000).unwrap();
    assert_eq!(cursor.read(60_000, 10).unwrap(), before);
    drop(cursor);
    assert_eq!(samples[0].source().unwrap().open().unwrap().read(60_000, 10).unwrap(), before);
    // The same file, written over in place: from the headers to the last part.
    let mut bytes = std::fs::read(&paths[1]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x55);
    let mut cursor = samples[1].source().unwrap().open().unwrap();
    std::fs::write(&paths[1], &bytes).unwrap();
    assert!(cursor.read(1000, 100).is_ok(), "what is as it was");
    assert_eq!(cursor.read(90_000, 100), Err(Problem::Changed));
    std::fs::write(&paths[1], b"short").unwrap();
    assert_eq!(cursor.read(60_000, 100), Err(Problem::Changed));
    drop(cursor);
    assert_eq!(samples[1].source().unwrap().open().err(), Some(Problem::Changed), "its headers are gone");
}

#[test]
fn a_stream_that_can_not_be_is_refused_when_it_is_loaded() {
    let (_folder, paths) = files();
    let edit = Edit { stream: Some(true), ..Edit::default() };
    let mut bytes = std::fs::read(&paths[1]).unwrap();
    let last = bytes.len() - 100;
    bytes[last] ^= 1;
    std::fs::write(&paths[1], &bytes).unwrap();
    assert!(
        matches!(load(&paths[1], edit, 48_000), Err(Problem::Corrupt(_))),
        "a checksum far behind the head"
    );
    let beyond = Edit { start: Micros::from_seconds(9.0), ..edit };
    assert!(matches!(load(&paths[0], beyond, 48_000), Err(Problem::Beyond { .. })));
    let float = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(&paths[0], float).unwrap();
    (0..90_000).for_each(|n| writer.write_sample(if n == 80_000 { f32::NAN } else { 0.1 }).unwrap());
    writer.finalize().unwrap();
    assert!(matches!(load(&paths[0], edit, 48_000), Err(Problem::NotFinite { .. })));
}
