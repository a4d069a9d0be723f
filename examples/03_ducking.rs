//! Music plays; a narrator speaks, the music steps back by 9 dB, and returns when the narrator is done.
//!
//! ```sh
//! cargo run --example 03_ducking                 # to the sound device, eight seconds
//! cargo run --example 03_ducking out.wav         # into a file, in a blink
//! ```
//!
//! No code ducks anything here: the rule stands in `assets/demo/mix.bank.ron`, under `ducking`. There is no ECS
//! either; an `Engine` can be called directly.

mod common;

use common::{Speaker, demo};
use tonmeister::director::Happened;
use tonmeister::prelude::*;

const SECONDS: u32 = 8;
const UPDATES_PER_SECOND: u32 = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut speaker = Speaker::from_args();
    let mut engine = Engine::builder(demo()).output(speaker.output()).build()?;

    engine.post("music/pluck", None);
    engine.post("music/drum", None);
    let mut narrator = None;
    println!("time      music     ducked by");
    for update in 1..=SECONDS * UPDATES_PER_SECOND {
        if update == UPDATES_PER_SECOND {
            println!(
                "       \"When I speak, the music and the forest step back, and return when I am done.\""
            );
            narrator = engine.post("narrator/ducking", None);
        }
        engine.update();
        for notice in engine.take_notices() {
            if Some(notice.playback) == narrator && matches!(notice.what, Happened::Ended(_)) {
                println!("       the narrator is done");
            }
        }
        speaker.play(&mut engine, 1.0 / UPDATES_PER_SECOND as f32);

        // A line each 100 ms: the music's level, and how far it is ducked.
        let music = engine.bus("music").unwrap_or_default();
        if update.is_multiple_of(10) {
            let seconds = update as f32 / UPDATES_PER_SECOND as f32;
            let bar = "█".repeat((music.duck_db * 3.0).round() as usize);
            println!("{seconds:3.1} s {:7.1} dB {:7.1} dB  {bar}", music.rms_db(), music.duck_db);
        }
    }
    speaker.finish(&mut engine)
}
