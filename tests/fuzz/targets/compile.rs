//! Projects of one to three files, between form feeds, through the compiler. What compiles is compared with itself laid
//! out anew, and a director plays it: posts, stops, pauses, leaps, parameters, snapshots, places, and reloads without its last
//! file and back. Nothing panics, no order holds what is no number.
#![no_main]

use glam::Vec3;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;
use tonmeister::bank::{Bank, EventId, ParameterId, SnapshotId, SoundKind, Sources, compile, diff, format};
use tonmeister::director::{ClipFacts, Config, Director, Holder, PlaybackId};
use tonmeister::link::{Command, Report, VoiceId};
use tonmeister::space::Pose;
use tonmeister::units::{Amount, Decibels};

const RATE: u32 = 48_000;

fuzz_target!(|text: &str| {
    let files = text.splitn(3, '\u{c}').enumerate();
    let sources = Sources::from_texts(files.map(|(place, text)| (format!("{place}.bank.ron"), text)));
    let checked = compile(&sources);
    assert_eq!(checked.bank.is_some(), !checked.diagnostics.has_errors());
    let _ = checked.diagnostics.to_string();
    let Some(bank) = checked.bank else { return };

    let laid_out = sources.files().iter().map(|source| match format(source) {
        Ok(text) => (source.path().to_owned(), text),
        Err(findings) => panic!("it compiles, but can't be laid out:\n{findings}"),
    });
    let laid_out = Sources::from_texts(laid_out);
    let changes = diff(&sources, &laid_out);
    assert!(changes.is_empty(), "its layout changed what it says: {changes:?}");
    assert_eq!(compile(&laid_out).bank.as_ref(), Some(&bank), "its layout changed what it means");
    // Without its last file, if there is something to it.
    let fewer = Sources::from_texts(
        sources
            .files()
            .iter()
            .rev()
            .skip(1)
            .map(|source| (source.path().to_owned(), source.text().to_owned())),
    );
    play(bank, compile(&fewer).bank);
});

/// Files of a second each; what loops does so from end to end.
fn facts(bank: &Bank) -> Vec<Option<ClipFacts>> {
    let facts = bank.sounds.iter().map(|sound| {
        let SoundKind::Clip(clip) = &sound.kind else { return None };
        let lap = clip.cut.looping.then_some((0, RATE));
        Some(ClipFacts {
            frames: RATE,
            stereo: clip.media.0 % 2 == 1,
            streamed: clip.media.0 % 3 == 1,
            content: u64::from(clip.media.0),
            lap,
            exit: RATE - 8,
        })
    });
    facts.collect()
}

fn play(bank: Bank, other: Option<Bank>) {
    let bank = Arc::new(bank);
    let other = other.map_or_else(|| bank.clone(), Arc::new);
    let mut director =
        Director::new(Config { sample_rate: RATE, voices: 8, seed: 1 }, bank.clone(), facts(&bank));
    director.set_listener(Some(Pose::ORIGIN));
    let emitter = director.add_emitter(Vec3::new(3.0, 0.0, 1.0), Decibels::UNITY);
    let (mut frame, mut posted, mut playing) = (0, Vec::new(), Vec::new());
    for round in 0..4_u32 {
        for event in 0..bank.events.len().min(8) as u32 {
            let on = (round % 2 == 0).then_some(emitter);
            let now = director.bank().clone();
            if event as usize >= now.events.len() {
                continue;
            }
            let ahead = u64::from(event % 3) * 7000;
            let playback = director.post(EventId(event), on, frame + ahead);
            posted.push(playback);
            if (event + round) % 5 == 4 {
                director.stop(playback, None, frame + 4800);
            }
        }
        for (place, parameter) in bank.parameters.iter().enumerate().take(8) {
            let on = (round % 2 == 1).then_some(emitter);
            let value = if round < 2 { parameter.max } else { parameter.min };
            director.set_parameter(on, ParameterId(place as u32), value);
        }
        director.move_emitter(emitter, Vec3::X * (30.0 * round as f32));
        for _ in 0..3 {
            director.update(frame, 0, 4800);
            frame += 9600;
            follow(&mut director, &mut playing, frame);
            meddle(&mut director, &posted, frame);
        }
        let next = if round % 2 == 0 { &other } else { &bank };
        director.adopt(next.clone(), facts(next), 0);
    }
    director.remove_emitter(emitter);
    director.stop_all(Some(0), frame);
    director.update(frame, 0, 4800);
    follow(&mut director, &mut playing, frame);
    let _ = director.take_notices().count();
}

/// Does with what plays whatever a game may do.
fn meddle(director: &mut Director, posted: &[PlaybackId], frame: u64) {
    let bank = director.bank().clone();
    for (place, &playback) in posted.iter().enumerate() {
        match (place as u64 + frame / 9600) % 6 {
            0 => director.pause(playback, true),
            1 => director.pause(playback, false),
            2 => director.release(playback),
            3 => director.break_loop(playback),
            4 => director.seek(playback, 12_000.0),
            _ => {}
        }
        let _ = (director.state(playback), director.music(playback));
    }
    for name in &bank.triggers {
        director.trigger(name);
    }
    for snapshot in 0..bank.snapshots.len() as u32 {
        let amount = if (frame / 9600) % 2 == 0 { Amount::MAX } else { Amount::MIN };
        director.hold_snapshot(Holder::Game, SnapshotId(snapshot), amount, None);
    }
}

/// Does what a mixer would: what is stopped ends, and so does every other voice after a while.
fn follow(director: &mut Director, playing: &mut Vec<(VoiceId, u64)>, now: u64) {
    let mut ended = Vec::new();
    for order in director.take_orders() {
        match order.command {
            Command::Start(start) => {
                let mix = start.mix;
                assert!(mix.left.is_finite() && mix.right.is_finite(), "a gain that is no number");
                assert!(mix.rate.is_finite() && mix.rate > 0.0, "a rate of {}", mix.rate);
                playing.push((start.voice, now + 24_000));
            }
            Command::Stop { voice, .. } => ended.push(voice),
            _ => {}
        }
    }
    for voice in ended {
        director.report(Report::Ended { voice, stopped: true });
    }
    for (voice, _) in playing.extract_if(.., |&mut (_, end)| end <= now).step_by(2) {
        director.report(Report::Ended { voice, stopped: false });
    }
}
