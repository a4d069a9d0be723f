//! What becomes of a loop when its switch asks for another case.

use super::*;

const BEDS: &str = r#"Bank(
    parameters: {"mood": (labels: ["calm", "tense"])},
    sounds: {
        "bed": Switch(on: "mood", CHANGE cases: {
            "calm": Clip(file: "calm.ogg", looping: true),
            "tense": Clip(file: "tense.ogg", looping: true),
        }),
    },
    events: {"e": (play: "bed", PITCH fade_in: 0.5)},
)"#;

/// What was started and stopped: the sound or the fade of its stop, and the frame.
fn told(director: &mut Director) -> Vec<(String, u64)> {
    let bank = director.bank().clone();
    let told = |order: Order| match order.command {
        Command::Start(start) => {
            let name = bank.sounds[start.sample as usize].name.replace("bed/", "");
            Some((format!("{name} rises {}", start.fade_in), start.at))
        }
        Command::Stop { at, fade, .. } => Some((format!("falls {fade}"), at)),
        _ => None,
    };
    director.take_orders().filter_map(told).collect()
}

/// Plays, sets the mood at each of the frames in turn, and goes on to a frame.
fn play(change: &str, pitch: &str, moods: &[u64], to: u64) -> (Vec<(String, u64)>, Director, PlaybackId) {
    let mut director = director(&BEDS.replace("CHANGE", change).replace("PITCH", pitch), 8, 0);
    let mood = director.bank().parameter("mood").unwrap();
    let id = director.post(event(&director, "e"), None, 0);
    let mut all = Vec::new();
    let mut now = 0;
    let mut value = 0.0;
    while now < to {
        if moods.contains(&now) {
            value = 1.0 - value;
            director.set_parameter(None, mood, value);
        }
        director.update(now, 0, 480);
        all.extend(told(&mut director));
        now += 480;
    }
    (all, director, id)
}

fn is(found: &[(String, u64)], expected: &[(&str, u64)]) {
    let found: Vec<_> = found.iter().map(|(what, at)| (what.as_str(), *at)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_loop_plays_on_crosses_over_or_comes_to_the_end_of_its_lap() {
    for plays_on in ["", "change: Continue,"] {
        is(&play(plays_on, "", &[24_000], 200_000).0, &[("calm rises 24000", 0)]);
    }
    for crosses in ["crossfade: 0.1,", "change: Crossfade(0.1),"] {
        let (told, ..) = play(crosses, "", &[24_000], 200_000);
        is(&told, &[("calm rises 24000", 0), ("falls 4800", 0), ("tense rises 4800", 24_000)]);
    }
    // A lap is a second: the other begins on the frame after its last.
    let (told, director, id) = play("change: AtEnd,", "", &[24_000], 200_000);
    is(&told, &[("calm rises 24000", 0), ("falls 0", 48_000), ("tense rises 0", 48_000)]);
    assert!(matches!(director.state(id), Some(State::Real(_))), "it is one playback all the time");
    let (told, ..) = play("change: AtEnd,", "", &[100_320], 200_000);
    is(&told, &[("calm rises 24000", 0), ("falls 0", 144_000), ("tense rises 0", 144_000)]);
    // An octave up a lap is half as long; too near its end the next one counts.
    let (told, ..) = play("change: AtEnd,", "pitch: 12,", &[24_480], 200_000);
    is(&told, &[("calm rises 24000", 0), ("falls 0", 48_000), ("tense rises 0", 48_000)]);
    let (told, ..) = play("change: AtEnd,", "", &[47_520], 200_000);
    is(&told, &[("calm rises 24000", 0), ("falls 0", 96_000), ("tense rises 0", 96_000)]);
}

#[test]
fn a_label_that_flips_back_before_the_end_of_the_lap_begins_the_same_anew_there() {
    let (told, ..) = play("change: AtEnd,", "", &[9600, 19_200], 200_000);
    is(&told, &[("calm rises 24000", 0), ("falls 0", 48_000), ("calm rises 0", 48_000)]);
    let (told, ..) = play("change: AtEnd,", "", &[9600, 19_200, 28_800], 200_000);
    is(&told, &[("calm rises 24000", 0), ("falls 0", 48_000), ("tense rises 0", 48_000)]);
}
