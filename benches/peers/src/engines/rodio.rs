//! rodio: a mixer of sources, one of mixers for the buses. It has no sends, and its reverb needs a source that can
//! be cloned, which a mixer can't.

use super::Render;
use crate::scene::{BUSES, LOW_PASS_HZ, RATE, SOUND_RATE, Scene, Sound, Voice};
use rodio::mixer::{Mixer, mixer};
use rodio::source::{LimitSettings, Spatial};
use rodio::{ChannelCount, SampleRate, Source};
use std::num::NonZero;
use std::time::Duration;

const STEREO: ChannelCount = NonZero::new(2).unwrap();
const MONO: ChannelCount = NonZero::new(1).unwrap();

fn hertz(rate: u32) -> SampleRate {
    NonZero::new(rate).unwrap_or(NonZero::<u32>::MIN)
}

/// A sound that goes round and round. rodio's own `repeat_infinite` copies the sound for every voice.
struct Looped {
    sound: Sound,
    at: usize,
}

impl Iterator for Looped {
    type Item = f32;

    #[inline]
    fn next(&mut self) -> Option<f32> {
        let sample = self.sound[self.at];
        self.at += 1;
        if self.at == self.sound.len() {
            self.at = 0;
        }
        Some(sample)
    }
}

impl Source for Looped {
    fn current_span_len(&self) -> Option<usize> {
        None
    }
    fn channels(&self) -> ChannelCount {
        MONO
    }
    fn sample_rate(&self) -> SampleRate {
        hertz(SOUND_RATE)
    }
    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

struct Rodio(Box<dyn Source>);

impl Render for Rodio {
    fn block(&mut self, out: &mut [f32]) {
        for (out, sample) in out.iter_mut().zip(&mut self.0) {
            *out = sample;
        }
    }
}

fn play(mixer: &Mixer, scene: Scene, voice: &Voice, sounds: &[Sound]) {
    let looped = Looped { sound: sounds[voice.sound].clone(), at: 0 };
    let pitched = looped.speed(voice.rate as f32).amplify_decibel(voice.gain_db);
    if scene == Scene::Flat {
        mixer.add(pitched);
    } else {
        mixer.add(Spatial::new(pitched, voice.place, [-0.1, 0.0, 0.0], [0.1, 0.0, 0.0]));
    }
}

pub(super) fn build(scene: Scene, voices: usize, sounds: &[Sound]) -> Result<Box<dyn Render>, String> {
    let (main, output) = mixer(STEREO, hertz(RATE));
    if scene != Scene::Buses {
        for voice in Voice::all(voices) {
            play(&main, scene, &voice, sounds);
        }
        return Ok(Box::new(Rodio(Box::new(output))));
    }
    let (inputs, outputs): (Vec<_>, Vec<_>) = (0..BUSES).map(|_| mixer(STEREO, hertz(RATE))).unzip();
    for voice in Voice::all(voices) {
        play(&inputs[voice.bus], scene, &voice, sounds);
    }
    // A mixer ends when it has nothing to play.
    for bus in outputs.into_iter().take(voices) {
        main.add(bus.low_pass(LOW_PASS_HZ as u32));
    }
    Ok(Box::new(Rodio(Box::new(output.limit(LimitSettings::default())))))
}
