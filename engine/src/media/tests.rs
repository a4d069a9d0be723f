//! The decoders, the sample and the store against known signals and hostile bytes.

use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Mutex;

use super::sample::GUARD;
use super::*;

/// 5000 frames of a 441 Hz sine of amplitude 0.5, mono, 22 050 Hz, made with `oggenc -q 0`.
const TONE: &[u8] = include_bytes!("testdata/tone.ogg");
/// A stream of long and short blocks.
const CLICKS: &[u8] = include_bytes!("testdata/clicks.ogg");

fn problem(bytes: &[u8]) -> Problem {
    let error = decode_bytes("thing.ogg", bytes).expect_err("hostile bytes must not decode");
    assert!(error.to_string().starts_with("thing.ogg: "), "{error}");
    error.problem
}

/// Writes the checksums of all pages anew, so that changed bytes reach the decoder.
fn reseal(bytes: &mut [u8]) {
    let mut at = 0;
    while at + 27 <= bytes.len() && bytes[at..].starts_with(b"OggS") {
        let lacing = usize::from(bytes[at + 26]);
        let body: usize = bytes[at + 27..].iter().take(lacing).map(|&lace| usize::from(lace)).sum();
        let end = (at + 27 + lacing + body).min(bytes.len());
        bytes[at + 22..at + 26].fill(0);
        let sum = ogg::checksum(0, &bytes[at..end]);
        bytes[at + 22..at + 26].copy_from_slice(&sum.to_le_bytes());
        at = end;
    }
}

fn wav(spec: hound::WavSpec, samples: impl Iterator<Item = f64>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
    for sample in samples {
        if spec.sample_format == hound::SampleFormat::Float {
            writer.write_sample(sample as f32).unwrap();
        } else {
            let full = (1_i64 << (spec.bits_per_sample - 1)) as f64;
            writer.write_sample((sample * full).round().clamp(-full, full - 1.0) as i32).unwrap();
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}

fn spec(channels: u16, bits_per_sample: u16) -> hound::WavSpec {
    let sample_format =
        if bits_per_sample == 0 { hound::SampleFormat::Float } else { hound::SampleFormat::Int };
    let bits_per_sample = if bits_per_sample == 0 { 32 } else { bits_per_sample };
    hound::WavSpec { channels, sample_rate: 48_000, bits_per_sample, sample_format }
}

fn sine(frames: usize) -> impl Iterator<Item = f64> {
    (0..frames).map(|i| 0.5 * libm::sin(std::f64::consts::TAU * 1000.0 * i as f64 / 48_000.0))
}

/// A folder that is removed again.
fn folder(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let paths = files.iter().map(|(name, bytes)| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    });
    let paths = paths.collect();
    (folder, paths)
}

#[test]
fn vorbis_gives_the_tone_that_was_encoded() {
    let decoded = decode_bytes("tone.ogg", TONE).unwrap();
    assert_eq!((decoded.channels.len(), decoded.frames(), decoded.sample_rate), (1, 5000, 22_050));
    assert_eq!(decoded.codec, Codec::Vorbis);
    assert!(decoded.tags.contains(&("ARTIST".to_owned(), "Tonmeister".to_owned())), "{:?}", decoded.tags);
    // The sine's own amplitude in phase, over whole periods of 50 frames.
    let in_phase: f64 = (0..5000)
        .map(|i| f64::from(decoded.channels[0][i]) * libm::sin(std::f64::consts::TAU * i as f64 / 50.0))
        .sum();
    let amplitude = in_phase / 2500.0;
    assert!((20.0 * libm::log10(amplitude / 0.5)).abs() < 0.1, "{amplitude}");
}

#[test]
fn a_chain_of_equal_streams_plays_in_a_row() {
    let mut second = TONE.to_vec();
    let mut at = 0;
    while let Some(step) = second[at..].windows(4).position(|window| window == b"OggS") {
        second[at + step + 14] = 2; // another serial number
        at += step + 4;
    }
    reseal(&mut second);
    let one = decode_bytes("tone.ogg", TONE).unwrap();
    let two = decode_bytes("chain.ogg", &[TONE, &second].concat()).unwrap();
    assert_eq!(two.frames(), 10_000);
    assert_eq!(two.channels[0][..5000], one.channels[0]);
    assert_eq!(two.channels[0][5000..], one.channels[0]);
}

#[test]
fn every_cut_of_an_ogg_is_an_error() {
    for cut in 1..TONE.len() {
        match problem(&TONE[..cut]) {
            Problem::Truncated(_) => {}
            Problem::UnknownFormat(_) if cut < 4 => {}
            other => panic!("cut at {cut}: {other}"),
        }
    }
}

#[test]
fn changed_bytes_are_noticed_by_the_checksum() {
    for at in (4..TONE.len()).step_by(7) {
        let mut bytes = TONE.to_vec();
        bytes[at] ^= 0x10;
        problem(&bytes);
    }
}

#[test]
fn malicious_bytes_under_a_right_checksum_never_panic() {
    let mut seed = 1_u32;
    let mut random = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize
    };
    for round in 0..3000 {
        let mut bytes = if round % 2 == 0 { TONE } else { CLICKS }.to_vec();
        for _ in 0..1 + random() % 4 {
            let at = 58 + random() % (bytes.len() - 58);
            bytes[at] = random() as u8;
        }
        reseal(&mut bytes);
        if let Ok(decoded) = decode_bytes("x", &bytes) {
            assert!(decoded.channels.iter().flatten().all(|sample| sample.is_finite()));
        }
    }
}

#[test]
fn a_granule_position_beyond_the_limit_changes_nothing() {
    let mut bytes = TONE.to_vec();
    let last = bytes.windows(4).rposition(|window| window == b"OggS").unwrap();
    bytes[last + 6..last + 14].copy_from_slice(&i64::MAX.to_le_bytes());
    reseal(&mut bytes);
    let frames = decode_bytes("x", &bytes).unwrap().frames();
    assert!((5000..6100).contains(&frames), "{frames}");
}

#[test]
fn other_formats_are_named() {
    for (bytes, name) in [
        (&b"fLaC\0\0\0\x22"[..], "FLAC"),
        (b"ID3\x04\0\0\0\0\0\0", "MP3"),
        (b"RIFF\x04\0\0\0AVI ", "RIFF"),
        (b"hello, this is text", "no known sound format"),
    ] {
        assert!(problem(bytes).to_string().contains(name), "{name}");
    }
    assert_eq!(problem(b""), Problem::Empty);
}

#[test]
fn wav_of_every_width_comes_back_within_its_rounding() {
    for (bits, worst_db) in [(8, -47.0), (16, -95.0), (24, -143.0), (32, -149.0), (0, -149.0)] {
        let bytes = wav(spec(1, bits), sine(4800));
        let decoded = decode_bytes("x.wav", &bytes).unwrap();
        assert_eq!((decoded.frames(), decoded.sample_rate), (4800, 48_000));
        let worst = sine(4800)
            .zip(&decoded.channels[0])
            .map(|(want, &got)| (want - f64::from(got)).abs())
            .fold(1e-12, f64::max);
        assert!(20.0 * libm::log10(worst) <= worst_db, "{bits} bit: {} dB", 20.0 * libm::log10(worst));
    }
}

#[test]
fn wav_headers_that_lie() {
    let good = wav(spec(2, 16), sine(200));
    assert!(matches!(problem(&good[..good.len() - 1]), Problem::Truncated(_)));
    assert!(matches!(problem(&good[..30]), Problem::Truncated(_)));
    let mut huge = good.clone();
    huge[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(problem(&huge), Problem::Truncated(_)));
    for at in 12..44 {
        for value in [0, 1, 0x7f, 0xff] {
            let mut bytes = good.clone();
            bytes[at] = value;
            let _ = decode_bytes("x.wav", &bytes);
        }
    }
    let nan = wav(spec(1, 0), [0.0, f64::NAN, 0.0].into_iter());
    assert_eq!(problem(&nan), Problem::NotFinite { channel: 0, frame: 1 });
    assert_eq!(problem(&wav(spec(1, 16), std::iter::empty())), Problem::Empty);
}

#[test]
fn a_chunk_of_odd_length_is_stepped_over_with_its_padding() {
    let good = wav(spec(1, 16), sine(100));
    let mut bytes = good[..36].to_vec();
    bytes.extend_from_slice(b"LIST\x11\0\0\0INFOINAM\x05\0\0\0Gong\0\0");
    bytes.extend_from_slice(&good[36..]);
    let decoded = decode_bytes("x.wav", &bytes).unwrap();
    assert_eq!(decoded.channels, decode_bytes("y.wav", &good).unwrap().channels);
    assert_eq!(decoded.tags, [("TITLE".to_owned(), "Gong".to_owned())]);
}

#[test]
fn guards_hold_silence_or_the_loop() {
    let ramp: Vec<f32> = (1..=5).map(|i| i as f32 / 10.0).collect();
    let once = Sample::from_channels(vec![ramp.clone()], 48_000, false).unwrap();
    assert_eq!((once.frames(), once.is_stereo(), once.bytes()), (5, false, 4 * (5 + 2 * GUARD)));
    assert_eq!(once.channel(0), ramp);
    assert_eq!(once.channel(1), ramp);
    assert!(once.padded(0)[..GUARD].iter().chain(&once.padded(0)[GUARD + 5..]).all(|&sample| sample == 0.0));
    let round = Sample::from_channels(vec![ramp.clone()], 48_000, true).unwrap();
    for (i, &sample) in round.padded(0).iter().enumerate() {
        assert_eq!(sample, ramp[(i + 5 * GUARD - GUARD) % 5], "{i}");
    }
    assert_eq!(once.content(), round.content());
}

#[test]
fn samples_that_cannot_play_are_refused() {
    let make = |channels| Sample::from_channels(channels, 48_000, false).map(|_| ()).unwrap_err().problem;
    assert_eq!(make(vec![]), Problem::Channels { channels: 0, most: MAX_CHANNELS });
    assert_eq!(make(vec![vec![]]), Problem::Empty);
    assert_eq!(
        make(vec![vec![0.0]; 3]).to_string(),
        "has 3 channels; only mono and stereo play: mix it down"
    );
    assert_eq!(make(vec![vec![0.0, f32::INFINITY]]), Problem::NotFinite { channel: 0, frame: 1 });
    assert!(matches!(make(vec![vec![0.0; 2], vec![0.0]]), Problem::Corrupt(_)));
    let long = vec![vec![0.0; MAX_SECONDS as usize * 1000 + 1]];
    let error = Sample::from_channels(long, 1000, false).unwrap_err();
    assert_eq!(error.problem, Problem::TooLong { seconds: 1800 });
}

#[test]
fn the_store_loads_the_same_on_any_number_of_threads_and_reuses() {
    let gong = wav(spec(2, 24), sine(2 * 48_000));
    let six = wav(spec(6, 16), sine(60));
    let (_folder, paths) =
        folder(&[("a.ogg", TONE), ("b.wav", &gong), ("c.ogg", b"no"), ("d.wav", &six), ("e.ogg", TONE)]);
    let mut requests: Vec<Request> =
        paths.iter().map(|file| Request { file: file.clone(), edit: Edit::whole(false) }).collect();
    requests.push(Request { file: paths[0].clone(), edit: Edit::whole(true) });
    requests.push(Request { file: PathBuf::from("missing.ogg"), edit: Edit::whole(false) });
    requests.push(requests[1].clone());

    let calls = Mutex::new(Vec::new());
    let note = |done, of| calls.lock().unwrap().push((done, of));
    let first = load_all(&requests, 48_000, 1, &Store::default(), &note);
    let calls = calls.into_inner().unwrap();
    assert!(calls.is_sorted() && calls.last() == Some(&(8, 8)), "{calls:?}");
    let problems: Vec<_> = first.samples.iter().map(|result| result.as_ref().err()).collect();
    assert!(problems[0].is_none() && problems[1].is_none() && problems[4].is_none() && problems[5].is_none());
    assert!(matches!(problems[2].unwrap().problem, Problem::UnknownFormat(_)));
    assert_eq!(problems[3].unwrap().problem, Problem::Channels { channels: 6, most: 2 });
    assert_eq!(problems[6].unwrap().problem, Problem::NotFound);
    assert_eq!((first.store.len(), first.reused), (4, 0));
    assert!(first.store.get(&paths[0], Edit::whole(true)).unwrap().lap().is_some());
    assert_eq!(first.store.get(&paths[1], Edit::whole(false)).unwrap().frames(), 48_000);
    assert!(first.samples.iter().flatten().all(|sample| sample.sample_rate() == 48_000));

    for threads in [2, 7] {
        let again = load_all(&requests, 48_000, threads, &Store::default(), &|_, _| ());
        assert_eq!(again.samples, first.samples, "{threads} threads");
    }
    std::fs::write(&paths[1], &gong[..gong.len() - 6]).unwrap();
    std::fs::write(&paths[4], wav(spec(1, 16), sine(10))).unwrap();
    let next = load_all(&requests, 48_000, 2, &first.store, &|_, _| ());
    assert_eq!(next.reused, 2);
    assert!(std::sync::Arc::ptr_eq(next.samples[0].as_ref().unwrap(), first.samples[0].as_ref().unwrap()));
    assert_eq!(next.samples[4].as_ref().unwrap().frames(), 10);
    let slower = load_all(&requests[..1], 44_100, 2, &first.store, &|_, _| ());
    assert_eq!((slower.reused, slower.samples[0].as_ref().unwrap().sample_rate()), (0, 44_100));
}

#[test]
fn inspect_tells_the_facts() {
    let (_folder, paths) = folder(&[("six.wav", &wav(spec(6, 16), sine(4800 * 6)))]);
    let info = inspect(&paths[0]).unwrap();
    assert_eq!((info.channels, info.frames, info.sample_rate), (6, 4800, 48_000));
    assert_eq!(info.codec, Codec::Wav { bits: 16, float: false });
    assert!((info.seconds - 0.1).abs() < 1e-9 && (info.peak_db + 6.0206).abs() < 0.01, "{info:?}");
    let folder_error = inspect(paths[0].parent().unwrap()).unwrap_err();
    assert!(matches!(folder_error.problem, Problem::Unreadable(_)));
}
