//! Hot reload as a transaction: nothing changes by halves, nothing clicks, nothing starts over.

use crate::common::{RATE, Studio, envelope_1k, near, run, stem, tone};
use std::fs;
use std::time::{Duration, Instant};
use tonmeister::director::State;
use tonmeister::dsp::measure;
use tonmeister::reload::Reload;
use tonmeister::runtime::Engine;

const BANK: &str = r#"Bank(
    buses: {"music": (gain: 0.0)},
    sounds: {"tone": Clip(file: "tone.wav", looping: true)},
    events: {"music": (play: "tone", bus: "music")},
)"#;

fn studio() -> Studio {
    Studio::new(BANK).tone("tone.wav", 1000.0, 0.25, 1.0)
}

/// Half a second of music, `between`, and a second more; the whole mix's left channel and the engine.
fn around(studio: &Studio, between: impl FnOnce(&mut Engine)) -> (Vec<f32>, Engine) {
    let mut engine = studio.builder().stems(true).build().unwrap();
    engine.post("music", None);
    let [mut left, _] = run(&mut engine, 0.5);
    between(&mut engine);
    left.extend(&run(&mut engine, 1.0)[0]);
    (left, engine)
}

#[test]
fn a_reload_that_changes_nothing_changes_no_byte() {
    let studio = studio();
    let (without, _) = around(&studio, |_| {});
    let (same, _) = around(&studio, |engine| {
        let project = studio.load(&engine.project().store);
        assert_eq!(engine.reload(project), [""; 0]);
    });
    studio.save(&BANK.replace("Bank(", "// a comment\nBank(").replace("gain: 0.0", "gain:   0"));
    let (comment, _) = around(&studio, |engine| {
        let project = studio.load(&engine.project().store);
        assert_eq!(engine.reload(project), [""; 0]);
    });
    assert!(without == same, "the same project again");
    assert!(without == comment, "a comment and blanks");
}

#[test]
fn six_decibels_less_glide_without_a_click_and_without_a_restart() {
    let studio = studio();
    let (left, mut engine) = around(&studio, |engine| {
        studio.save(&BANK.replace("gain: 0.0", "gain: -6"));
        let project = studio.load(&engine.project().store);
        assert_eq!(engine.reload(project), ["bus music: gain 0.0 → -6 dB"]);
        studio.save(BANK);
    });
    let music = stem(&engine.take_stems().unwrap(), "music");
    let envelope = envelope_1k(&music);
    near(envelope[700] - envelope[400], -6.0, 0.01, "after the glide");
    let glide = envelope[495..560].windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
    assert!(glide < 0.5, "the steepest millisecond of the glide is {glide} dB");
    assert_eq!(measure::find_clicks(&left[480..], RATE), []);
    // The tone goes on in phase: with the gain taken out it is the tone that started at the beginning.
    let reference = tone(1000.0, 0.25 * 0.5_f64.sqrt() * 10_f64.powf(-6.0 / 20.0), 72_000);
    let off =
        music[40_000..].iter().zip(&reference[40_000..]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(off < 1e-5, "the voice has lost its place by {off}");
    assert_eq!(engine.voices(), 1);
}

#[test]
fn effects_come_and_go_without_a_click_and_keep_their_state() {
    let steps = [
        r#"effects: [Reverb(rt60: 2, mix: 0.5)], "#,
        r#"effects: [Eq([Peak(freq: 1000, gain: 12)]), Reverb(rt60: 2, mix: 0.5)], "#,
        r#"effects: [Reverb(rt60: 1, mix: 0.2), Compressor(threshold: -30, ratio: 10)], "#,
        r#"effects: [Limiter(ceiling: -12)], "#,
        r#"effects: [Delay(time: 0.05), Gain(-3)], "#,
        "",
    ];
    let studio = studio();
    // Slowly, and so fast that the fades of one save are not over when the next comes.
    for pause in [0.3, 0.03] {
        let mut engine = studio.engine();
        engine.post("music", None);
        let mut left = run(&mut engine, 0.3)[0].clone();
        for step in steps {
            studio.save(&BANK.replace("gain: 0.0", &format!("{step}gain: 0.0")));
            let project = studio.load(&engine.project().store);
            engine.reload(project);
            left.extend(&run(&mut engine, pause)[0]);
        }
        left.extend(&run(&mut engine, 0.5)[0]);
        assert_eq!(measure::find_clicks(&left[480..], RATE), [], "{pause} s apart");
        assert!(left.iter().all(|s| s.is_finite()));
        studio.save(BANK);
    }
}

#[test]
fn a_voice_follows_its_event_to_another_bus_and_a_removed_event_fades() {
    let studio = studio();
    let (left, engine) = around(&studio, |engine| {
        let bank = BANK
            .replace(r#""music": (gain: 0.0)"#, r#""score": ()"#)
            .replace(r#"bus: "music""#, r#"bus: "score""#);
        studio.save(&bank);
        let project = studio.load(&engine.project().store);
        engine.reload(project);
    });
    assert_eq!(measure::find_clicks(&left[480..], RATE), []);
    near(
        f64::from(measure::rms_db(&left[48_000..])),
        f64::from(measure::rms_db(&left[4800..19_200])),
        0.01,
        "level",
    );
    assert!(engine.bus("score").unwrap().peak[0] > 0.1 && engine.bus("music").is_none());

    let studio = self::studio();
    let (left, engine) = around(&studio, |engine| {
        let bank = BANK.replace(r#"{"music": (play: "tone", bus: "music")}"#, r#"{"other": (play: "tone")}"#);
        studio.save(&bank);
        let project = studio.load(&engine.project().store);
        engine.reload(project);
    });
    assert_eq!(measure::find_clicks(&left[480..], RATE), []);
    assert!(left[36_000..].iter().all(|&s| s == 0.0) && engine.voices() == 0);
}

#[test]
fn a_changed_file_is_taken_up_by_a_running_loop_at_the_same_place() {
    let studio = studio();
    let (left, engine) = around(&studio, |engine| {
        // The same tone, 6 dB louder: in phase it crossfades cleanly, out of phase it would dip.
        crate::common::write_wav(&studio.path().join("tone.wav"), &[&tone(1000.0, 0.5, 48_000)]);
        let project = studio.load(&engine.project().store);
        assert_eq!(engine.reload(project), ["tone.wav replaced"]);
    });
    let envelope = envelope_1k(&left[240..]);
    near(envelope[900] - envelope[400], 6.02, 0.01, "the new file's level");
    let lowest = envelope[490..600].iter().fold(f64::MAX, |low, &value| low.min(value - envelope[400]));
    assert!(lowest > -0.05, "the crossfade dips by {lowest} dB");
    assert_eq!(engine.voices(), 1);
}

/// Updates the engine until a save came to something.
fn wait(engine: &mut Engine) -> Reload {
    let begin = Instant::now();
    loop {
        engine.update();
        if let Some(reload) = engine.take_reloads().pop() {
            return reload;
        }
        assert!(begin.elapsed() < Duration::from_secs(10), "the save was never noticed");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_broken_save_keeps_the_old_bank_and_the_next_good_one_goes_live() {
    let studio = studio();
    let mut engine = studio.builder().watch(true).build().unwrap();
    let playback = engine.post("music", None).unwrap();
    let before = run(&mut engine, 0.5)[0].clone();

    studio.save(&BANK.replace(r#"bus: "music""#, r#"bus: "musik""#));
    let Reload::Refused(error) = wait(&mut engine) else { panic!("the broken bank went live") };
    let error = error.to_string();
    assert!(error.contains("test.bank.ron:4:") && error.contains("did you mean \"music\"?"), "{error}");
    let after = run(&mut engine, 0.5)[0].clone();
    near(
        f64::from(measure::rms_db(&after)),
        f64::from(measure::rms_db(&before[4800..])),
        0.05,
        "what plays plays on",
    );

    // As editors save: a new file renamed over the old one.
    let aside = studio.path().join("test.bank.ron~");
    fs::write(&aside, BANK.replace("gain: 0.0", "gain: -12")).unwrap();
    fs::rename(&aside, studio.path().join("test.bank.ron")).unwrap();
    let Reload::Live(changes) = wait(&mut engine) else { panic!("the good bank was refused") };
    assert_eq!(changes.lines, ["bus music: gain 0.0 → -12 dB"]);
    run(&mut engine, 0.1);
    let quiet = run(&mut engine, 0.2)[0].clone();
    near(f64::from(measure::rms_db(&quiet) - measure::rms_db(&after)), -12.0, 0.05, "the new gain");
    assert!(matches!(engine.state(playback), Some(State::Real(_))), "and the voice never stopped");
}

#[test]
fn a_burst_of_saves_is_one_reload() {
    let studio = studio();
    let mut engine = studio.builder().watch(true).build().unwrap();
    for gain in 1..=20 {
        studio.save(&BANK.replace("gain: 0.0", &format!("gain: -{gain}")));
    }
    let Reload::Live(changes) = wait(&mut engine) else { panic!("refused") };
    assert_eq!(changes.lines, ["bus music: gain 0.0 → -20 dB"]);
    std::thread::sleep(Duration::from_millis(300));
    engine.update();
    assert!(engine.take_reloads().is_empty(), "nothing more comes of the same burst");
}

#[test]
fn a_missing_sound_appears_and_the_project_goes_live() {
    let studio = studio();
    let mut engine = studio.builder().watch(true).build().unwrap();
    studio.save(&BANK.replace("events: {", r#"events: {"new": (play: "new.wav"), "#));
    let Reload::Refused(error) = wait(&mut engine) else { panic!("went live without its sound") };
    assert!(error.to_string().contains("missing-file"), "{error}");
    crate::common::write_wav(&studio.path().join("new.wav"), &[&tone(500.0, 0.1, 4800)]);
    // A first notice may catch the file half-written; the last one is what counts.
    loop {
        if let Reload::Live(changes) = wait(&mut engine) {
            assert_eq!(changes.lines, ["event new added"]);
            break;
        }
    }
    assert!(engine.post("new", None).is_some());
}

#[cfg(unix)]
#[test]
fn a_sound_behind_a_link_that_leads_out_of_the_project_is_refused() {
    let elsewhere = Studio::new("Bank()").tone("secret.wav", 500.0, 0.1, 0.1);
    let studio = studio();
    std::os::unix::fs::symlink(elsewhere.path().join("secret.wav"), studio.path().join("link.wav")).unwrap();
    studio.save(&BANK.replace("events: {", r#"events: {"new": (play: "link.wav"), "#));
    let error = studio.builder().build().err().expect("it is refused").to_string();
    assert!(error.contains("path-escapes") && error.contains("test.bank.ron:4:"), "{error}");
}
