//! oddio: a mixer of cycles, or spatial scenes of them. Its spatial voices are resampled once for each ear and have
//! doppler; it has no filters and no reverb.

use super::Render;
use crate::scene::{BUSES, RATE, SOUND_RATE, Scene, Sound, Voice};
use oddio::{
    Cycle, FixedGain, Frames, Mixer, MixerControl, MonoToStereo, Reinhard, Seek, Signal, SpatialOptions,
    SpatialScene, SpatialSceneControl,
};
use std::any::Any;
use std::sync::Arc;

/// A signal at another rate. oddio's own `Speed` can't be put into a spatial scene, which must seek.
struct Pitched<S> {
    rate: f32,
    inner: S,
}

impl<S: Signal> Signal for Pitched<S> {
    type Frame = S::Frame;

    fn sample(&mut self, interval: f32, out: &mut [S::Frame]) {
        self.inner.sample(interval * self.rate, out);
    }
}

impl<S: Seek> Seek for Pitched<S> {
    fn seek(&mut self, seconds: f32) {
        self.inner.seek(seconds * self.rate);
    }
}

/// The controls are kept: to drop them might end what they steer.
struct Oddio {
    signal: Box<dyn Signal<Frame = [f32; 2]>>,
    _controls: Vec<Box<dyn Any>>,
}

impl Render for Oddio {
    fn block(&mut self, out: &mut [f32]) {
        oddio::run(&mut self.signal, RATE, oddio::frame_stereo(out));
    }
}

pub(super) fn build(scene: Scene, voices: usize, sounds: &[Sound]) -> Result<Box<dyn Render>, String> {
    let frames: Vec<Arc<Frames<f32>>> =
        sounds.iter().map(|sound| Frames::from_slice(SOUND_RATE, sound)).collect();
    let signal = |voice: &Voice| {
        let pitched = Pitched { rate: voice.rate as f32, inner: Cycle::new(frames[voice.sound].clone()) };
        FixedGain::new(pitched, voice.gain_db)
    };
    let play = |control: &mut SpatialSceneControl, voice: &Voice| -> Box<dyn Any> {
        let options = SpatialOptions { position: voice.place.into(), velocity: [0.0; 3].into(), radius: 1.0 };
        Box::new(control.play(signal(voice), options))
    };
    let mut controls: Vec<Box<dyn Any>> = Vec::new();
    let signal: Box<dyn Signal<Frame = [f32; 2]>> = match scene {
        Scene::Flat => {
            let (mut control, mixer): (MixerControl<[f32; 2]>, Mixer<[f32; 2]>) = Mixer::new();
            for voice in Voice::all(voices) {
                controls.push(Box::new(control.play(MonoToStereo::new(signal(&voice)))));
            }
            controls.push(Box::new(control));
            Box::new(mixer)
        }
        Scene::Spatial => {
            let (mut control, space) = SpatialScene::new();
            for voice in Voice::all(voices) {
                controls.push(play(&mut control, &voice));
            }
            controls.push(Box::new(control));
            Box::new(space)
        }
        Scene::Buses => {
            let (mut mix, mixer) = Mixer::new();
            let mut buses = Vec::new();
            for _ in 0..BUSES {
                let (control, space) = SpatialScene::new();
                controls.push(Box::new(mix.play(space)));
                buses.push(control);
            }
            for voice in Voice::all(voices) {
                controls.push(play(&mut buses[voice.bus], &voice));
            }
            controls.extend(buses.into_iter().map(|bus| Box::new(bus) as Box<dyn Any>));
            controls.push(Box::new(mix));
            Box::new(Reinhard::new(mixer))
        }
    };
    Ok(Box::new(Oddio { signal, _controls: controls }))
}
