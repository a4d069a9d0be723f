//! What a reload makes of what plays, waits and comes next.

use super::*;

/// Takes another bank over.
fn adopt(director: &mut Director, bank: &str) {
    let (bank, facts) = compiled(bank);
    director.adopt(bank, facts, 0);
}

/// Updates every 480 frames until `to`; a voice that is stopped has ended by the next. Gives the sounds that began, with the
/// frame of the update, and keeps those that still have a voice.
fn play(director: &mut Director, now: &mut u64, to: u64, voices: &mut Vec<VoiceId>) -> Vec<(String, u64)> {
    let mut begun = Vec::new();
    while *now < to {
        director.update(*now, 0, 480);
        let orders: Vec<_> = director.take_orders().collect();
        let bank = director.bank().clone();
        for order in orders {
            match order.command {
                Command::Start(start) => {
                    begun.push((bank.sounds[start.sample as usize].name.clone(), *now));
                    voices.push(start.voice);
                }
                Command::Stop { voice, at, .. } if at <= *now => {
                    voices.retain(|&one| one != voice);
                    director.report(Report::Ended { voice, stopped: true });
                }
                _ => {}
            }
        }
        *now += 480;
    }
    begun
}

#[test]
fn a_loop_in_a_sequence_whose_sound_is_gone_fades_out_and_leaves_no_voice() {
    let bank = r#"Bank(
        sounds: {
            "hum": Clip(file: "hum.ogg", looping: true),
            "run": Sequence(mode: Continuous, loops: 1, of: ["hum", "end.ogg"]),
        },
        events: {"e": (play: "run")},
    )"#;
    let mut director = director(bank, 8, 0);
    let id = director.post(event(&director, "e"), None, 0);
    let (mut now, mut voices) = (0, Vec::new());
    play(&mut director, &mut now, 4800, &mut voices);
    assert_eq!(voices.len(), 1);
    adopt(&mut director, &bank.replace("\"hum\"", "\"drone\""));
    let begun = play(&mut director, &mut now, 9600, &mut voices);
    assert_eq!(begun.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["end.ogg"]);
    assert_eq!(voices.len(), 1, "only what comes after it sounds");
    director.stop_all(Some(0), 0);
    play(&mut director, &mut now, 14_400, &mut voices);
    assert!(voices.is_empty() && director.state(id).is_none(), "nothing is left in the mixer");
}
