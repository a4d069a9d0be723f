//! Packs there and back, and packs that are not what they were.

use super::layout::{Content, HEADER, Header, Part};
use super::*;
use crate::media::sample::GUARD;
use crate::media::{Edit, Files, MediaError, Micros, Store, load_all};
use std::fs;
use tempfile::TempDir;

const RATE: u32 = 48_000;
const TONE: &[u8] = include_bytes!("../testdata/tone.ogg");

/// A WAV file of 16 bit.
fn wav(channels: u16, frames: u32) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for sample in 0..frames * u32::from(channels) {
        writer.write_sample((sample * 7919 % 20_011) as i16 - 10_005).unwrap();
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

/// A folder of sounds, all the ways in which they are wanted, and those made from the folder.
struct Shelf {
    folder: TempDir,
    ways: Vec<(&'static str, Edit)>,
    store: Store,
}

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("long.ogg"), TONE).unwrap();
        fs::write(folder.path().join("mono.wav"), wav(1, 40)).unwrap();
        fs::write(folder.path().join("stereo.wav"), wav(2, 48)).unwrap();
        fs::write(folder.path().join("room.wav"), wav(4, 30)).unwrap();
        let cut = Edit {
            looping: true,
            reverse: true,
            start: Micros(100),
            end: Some(Micros(900)),
            loop_start: Some(Micros(300)),
            crossfade: Micros(60),
            ..Edit::default()
        };
        let ways = vec![
            ("long.ogg", Edit::default()),
            ("mono.wav", Edit::default()),
            ("mono.wav", Edit::whole(true)),
            ("room.wav", Edit::impulse()),
            ("stereo.wav", cut),
        ];
        let mut shelf = Self { folder, ways, store: Store::default() };
        shelf.store = load_all(&shelf.requests(), RATE, 1, &Store::default(), &|_, _| {}).store;
        assert_eq!(shelf.store.len(), 5);
        shelf
    }

    fn requests(&self) -> Vec<Request> {
        self.ways.iter().map(|&(file, edit)| Request { file: self.folder.path().join(file), edit }).collect()
    }

    fn pack(&self) -> PathBuf {
        self.folder.path().join("game.tmpack")
    }

    fn write(&self) -> Vec<u8> {
        let mut writer = PackWriter::create(&self.pack(), RATE).unwrap();
        writer.text("a.bank.ron", "Bank()").unwrap();
        for ((file, _), request) in self.ways.iter().zip(self.requests()) {
            let sample = self.store.get(&request.file, request.edit).unwrap();
            if *file == "long.ogg" {
                assert!(writer.file(&Files::Disk, file, &request.file, sample.content()).unwrap());
            } else {
                writer.sample(file, sample).unwrap();
            }
        }
        let length = writer.finish().unwrap();
        let bytes = fs::read(self.pack()).unwrap();
        assert_eq!(bytes.len() as u64, length);
        bytes
    }

    /// Whether what `wanted` picks comes out of the pack as it was made from the folder, or the first error.
    fn compare(&self, pack: Arc<Pack>, wanted: impl Fn(&str) -> bool) -> Result<bool, MediaError> {
        let (ways, own) = (self.ways.iter(), self.requests());
        let both = ways.zip(own).filter(|((file, _), _)| wanted(file));
        let (requests, own): (Vec<_>, Vec<_>) = both
            .map(|((file, edit), own)| (Request { file: self.pack().join(file), edit: *edit }, own))
            .unzip();
        let text = pack.texts().next().map(|(path, text)| (path.to_owned(), text.to_owned()));
        let outcome = Files::Pack(pack).load(&requests, RATE, 1, &Store::default(), &|_, _| {});
        let samples: Vec<_> = outcome.samples.into_iter().collect::<Result<_, _>>()?;
        let mut same =
            own.iter().zip(samples).map(|(own, sample)| self.store.get(&own.file, own.edit) == Some(&sample));
        Ok(same.all(|same| same) && text == Some(("a.bank.ron".to_owned(), "Bank()".to_owned())))
    }
}

#[test]
fn what_comes_out_of_a_pack_is_what_the_loader_made() {
    let shelf = Shelf::new();
    let bytes = shelf.write();
    assert_eq!(bytes, shelf.write(), "the same things give the same bytes");
    let pack = Pack::open(&shelf.pack()).unwrap();
    assert!(Pack::is_pack(&shelf.pack()) && !Pack::is_pack(&shelf.folder.path().join("mono.wav")));
    for part in &pack.parts {
        assert_eq!(part.range.start % 16, 0, "{}", part.path);
    }
    assert!(shelf.compare(pack.clone(), |_| true).unwrap());
    // Loops, cuts and responses included, and the guards to the bit.
    let mono = Request { file: shelf.pack().join("mono.wav"), edit: Edit::whole(true) };
    let sample = load(&pack, std::slice::from_ref(&mono), (RATE, 1), &Store::default(), &|_, _| {}).store;
    let sample = sample.get(&mono.file, mono.edit).unwrap();
    assert_eq!(sample.bytes(), (40 + 2 * GUARD) * 4);
    assert_eq!(sample.lap().unwrap().frames(), &(0..40));
    // A stream takes any range of a long file's bytes.
    assert_eq!(&pack.source(&shelf.pack().join("long.ogg")).unwrap()[100..200], &TONE[100..200]);
    assert_eq!(pack.source(&shelf.pack().join("mono.wav")).err(), Some(Problem::NotPacked));
    assert!(pack.holds(&shelf.pack().join("room.wav")) && !pack.holds(&shelf.pack().join("roo")));
}

#[test]
fn a_pack_that_is_cut_anywhere_says_so() {
    let shelf = Shelf::new();
    let bytes = shelf.write();
    let open = |bytes: &[u8]| Pack::of(&shelf.pack(), Map::Read(bytes.to_vec()));
    for length in 0..bytes.len() {
        match open(&bytes[..length]) {
            Err(PackError::NotAPack(_)) if length < 8 => {}
            Err(PackError::Truncated { is, should, .. }) if length >= 8 => {
                let whole = if length < HEADER { HEADER } else { bytes.len() };
                assert_eq!((is, should), (length as u64, whole as u64));
            }
            other => panic!("{length} bytes: {other:?}"),
        }
    }
    let more = [bytes, vec![0]].concat();
    assert!(matches!(open(&more), Err(PackError::Damaged { .. })));
    // As a file, too; of an empty one there is nothing to map.
    for length in [0, 100] {
        fs::remove_file(shelf.pack()).unwrap();
        fs::write(shelf.pack(), &more[..length]).unwrap();
        assert!(Pack::open(&shelf.pack()).is_err());
    }
}

#[test]
fn every_changed_byte_is_found_or_changes_nothing() {
    let shelf = Shelf::new();
    let bytes = shelf.write();
    let whole = Pack::open(&shelf.pack()).unwrap();
    let [mut others, mut versions, mut damaged, mut sounds, mut unnoticed] = [0; 5];
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        let pack = Pack::of(&shelf.pack(), Map::Read(changed));
        // Of a sound only itself need be looked at.
        let hit = whole.parts.iter().find(|part| part.range.contains(&at)).map(|part| &part.path);
        match pack.map(|pack| shelf.compare(pack, |file| hit.is_none_or(|hit| hit == file))) {
            Err(PackError::NotAPack(_)) => others += 1,
            Err(PackError::Version { .. }) => versions += 1,
            Err(PackError::Damaged { .. }) => damaged += 1,
            Ok(Err(error)) if error.problem == Problem::Damaged => sounds += 1,
            Ok(Ok(true)) if hit.is_none() => unnoticed += 1,
            other => panic!("byte {at}: {other:?}"),
        }
    }
    assert_eq!((others, versions), (8, 4));
    assert!(damaged > 300 && sounds > 4000, "{damaged} and {sounds}");
    assert!(unnoticed < 7 * 16, "only what lies between the parts: {unnoticed}");
}

/// A pack of one part, with sums that fit.
fn forged(part: Part, body: usize) -> Vec<u8> {
    let mut index = Vec::new();
    part.write(&mut index);
    let mut bytes = vec![0; HEADER + body];
    let header = Header {
        sample_rate: RATE,
        index: bytes.len()..bytes.len() + index.len(),
        index_sum: Hasher::of(&index),
    };
    bytes[..HEADER].copy_from_slice(&header.write());
    bytes.extend(index);
    bytes
}

#[test]
fn sizes_that_no_file_has_are_not_believed() {
    let shape =
        |frames, channels, lap| Shape { edit: Edit::default(), channels, frames, content: 0, lap, fade: 0 };
    let huge = usize::MAX / 8;
    let sound = 16 + 2 * GUARD;
    let cases = [
        (Content::Text, HEADER..huge),
        (Content::Source, 0..64),
        (Content::Source, usize::MAX - 8..usize::MAX - 8),
        (Content::Pcm(shape(huge, 2, None)), HEADER..HEADER + 64),
        (Content::Pcm(shape(0, 1, None)), HEADER..HEADER + 64),
        (Content::Pcm(shape(16, 255, None)), HEADER..HEADER + 64),
        (Content::Pcm(shape(16, 1, Some(3..17))), HEADER..HEADER + sound * 4),
        (Content::Pcm(shape(16, 1, Some(9..9))), HEADER..HEADER + sound * 4),
        (Content::Pcm(Shape { fade: huge, ..shape(16, 1, Some(3..9)) }), HEADER..HEADER + sound * 4),
        (Content::Pcm(Shape { fade: usize::MAX, ..shape(16, 1, Some(3..9)) }), HEADER..HEADER + sound * 4),
        (Content::Pcm(Shape { fade: 2, ..shape(16, 1, None) }), HEADER..HEADER + (sound + 34) * 4),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("forged.tmpack");
    for (content, range) in cases {
        let name = format!("{content:?}");
        fs::write(&path, forged(Part { path: "a.wav".into(), content, range, sum: 0 }, 4096)).unwrap();
        match Pack::open(&path) {
            Err(PackError::Damaged { what, .. }) => assert!(what.contains("index"), "{name}: {what}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    // Three channels fit their bytes, and still no voice can play them; nor can it play what is no number.
    for (channels, sum, value) in [(3, true, 0.0), (1, true, f32::NAN), (1, false, 0.0)] {
        let length = channels * sound * 4;
        let body: Vec<u8> = (0..channels * sound).flat_map(|_| value.to_le_bytes()).collect();
        let part = Part {
            path: "a.wav".into(),
            content: Content::Pcm(shape(16, channels, None)),
            range: HEADER..HEADER + length,
            sum: if sum { Hasher::of(&body) } else { 1 },
        };
        let mut bytes = forged(part, length);
        bytes[HEADER..HEADER + length].copy_from_slice(&body);
        fs::write(&path, bytes).unwrap();
        let pack = Pack::open(&path).unwrap();
        let request = Request { file: path.join("a.wav"), edit: Edit::default() };
        let outcome = Files::Pack(pack).load(&[request], RATE, 1, &Store::default(), &|_, _| {});
        let problem = outcome.samples[0].as_ref().unwrap_err().problem.clone();
        match (channels, sum) {
            (3, _) => assert!(matches!(problem, Problem::Channels { channels: 3, .. })),
            (_, true) => assert!(matches!(problem, Problem::NotFinite { .. })),
            _ => assert_eq!(problem, Problem::Damaged),
        }
    }
}

#[test]
fn a_shape_whose_sizes_add_up_beyond_all_memory_has_none() {
    let shape = |frames, fade| Shape {
        edit: Edit::default(),
        channels: 1,
        frames,
        content: 0,
        lap: Some(0..frames),
        fade,
    };
    assert_eq!(shape(usize::MAX, usize::MAX).exit(), None);
    assert_eq!(shape(5, usize::MAX).bytes(), None);
    assert_eq!(shape(usize::MAX, 0).bytes(), None);
}

#[test]
fn a_rate_that_no_engine_has_is_refused() {
    let shelf = Shelf::new();
    let good = shelf.write();
    let index = Header::read(&good).unwrap_or_else(|flaw| panic!("{}", flaw.of(&shelf.pack())));
    for (sample_rate, opens) in
        [(0, false), (7_999, false), (8_000, true), (192_000, true), (192_001, false), (u32::MAX, false)]
    {
        let mut bytes = good.clone();
        bytes[..HEADER].copy_from_slice(&Header { sample_rate, ..index.clone() }.write());
        match Pack::of(&shelf.pack(), Map::Read(bytes)) {
            Ok(pack) => assert!(opens && pack.sample_rate() == sample_rate),
            Err(PackError::Damaged { what, .. }) => assert!(!opens && what.contains("rate"), "{what}"),
            other => panic!("{sample_rate}: {other:?}"),
        }
    }
}

#[test]
fn samples_are_in_memory_of_their_own_wherever_they_lay() {
    let frames: Vec<f32> = (0..GUARD + 5 + GUARD).map(|n| n as f32).collect();
    let shape = Shape { edit: Edit::default(), channels: 1, frames: 5, content: 7, lap: Some(1..4), fade: 0 };
    let made = [0, 1, 2, 3].map(|off| {
        let mut bytes = vec![0; off];
        bytes.extend(frames.iter().flat_map(|sample| sample.to_le_bytes()));
        Sample::packed(&shape, RATE, &bytes[off..]).unwrap()
    });
    assert!(made.iter().all(|sample| *sample == made[0] && sample.padded(0) == frames));
    assert_eq!(made[0].lap().unwrap().seam(0)[..], made[3].lap().unwrap().seam(0)[..]);
    // With the pack the map goes: no voice reads in it.
    let shelf = Shelf::new();
    shelf.write();
    let pack = Pack::open(&shelf.pack()).unwrap();
    let map = Arc::downgrade(&pack.map);
    let request = |file: &str, edit| Request { file: shelf.pack().join(file), edit };
    let requests = [request("mono.wav", Edit::whole(true)), request("room.wav", Edit::impulse())];
    let outcome = Files::Pack(pack).load(&requests, RATE, 1, &Store::default(), &|_, _| {});
    assert_eq!((outcome.store.len(), map.strong_count()), (2, 0));
}

#[test]
fn another_version_is_named_and_what_to_do_about_it() {
    let shelf = Shelf::new();
    let mut bytes = shelf.write();
    bytes[8] = 9;
    // Whatever comes behind it.
    bytes.truncate(40);
    let path = shelf.folder.path().join("new.tmpack");
    fs::write(&path, bytes).unwrap();
    let error = Pack::open(&path).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "is a pack of version 9, this engine reads version 1; pack it again with this version"
        ),
        "{error}"
    );
    let error = Pack::open(&shelf.folder.path().join("mono.wav")).unwrap_err().to_string();
    assert!(error.contains("is no pack; give a project's folder"), "{error}");
    assert!(matches!(Pack::open(&shelf.folder.path().join("none")), Err(PackError::Unreadable { .. })));
}

#[test]
fn what_a_killed_run_left_behind_is_not_in_the_way() {
    let shelf = Shelf::new();
    let whole = shelf.write();
    // As left by a process of our number: one that a container gives each of its runs.
    let one = PackWriter::create(&shelf.pack(), RATE).unwrap();
    let other = PackWriter::create(&shelf.pack(), RATE).unwrap();
    other.finish().unwrap();
    drop(one);
    assert_eq!(shelf.write(), whole);
    assert_eq!(fs::read_dir(shelf.folder.path()).unwrap().count(), 5);
}

#[test]
fn a_pack_that_is_not_finished_leaves_nothing_behind() {
    let shelf = Shelf::new();
    let whole = shelf.write();
    let mut writer = PackWriter::create(&shelf.pack(), RATE).unwrap();
    writer.text("b.bank.ron", "Bank()").unwrap();
    let changed = writer.file(&Files::Disk, "long.ogg", &shelf.folder.path().join("long.ogg"), 5);
    assert!(matches!(changed, Err(PackError::Changed(_))));
    drop(writer);
    assert_eq!(fs::read(shelf.pack()).unwrap(), whole, "the one before is still there");
    assert_eq!(fs::read_dir(shelf.folder.path()).unwrap().count(), 5);
}
