//! kira: a sound on the main track for each flat voice, a spatial track with a sound for each in space.

use super::Render;
use crate::BLOCK;
use crate::scene::{BUSES, LOW_PASS_HZ, RATE, SEND_DB, SOUND_RATE, Scene, Sound, Voice};
use kira::backend::{Backend, Renderer};
use kira::effect::compressor::CompressorBuilder;
use kira::effect::filter::FilterBuilder;
use kira::effect::reverb::ReverbBuilder;
use kira::sound::static_sound::{StaticSoundData, StaticSoundSettings};
use kira::track::{
    MainTrackBuilder, SendTrackBuilder, SpatialTrackBuilder, SpatialTrackHandle, TrackBuilder,
};
use kira::{AudioManager, AudioManagerSettings, Capacities, Frame, Mix};
use std::any::Any;
use std::sync::Arc;

/// A backend that is pulled.
struct Pulled(Option<Renderer>);

impl Backend for Pulled {
    type Settings = ();
    type Error = ();

    fn setup((): (), _internal_buffer_size: usize) -> Result<(Self, u32), ()> {
        Ok((Self(None), RATE))
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), ()> {
        self.0 = Some(renderer);
        Ok(())
    }
}

/// The handles are kept: to drop one ends what it stands for.
struct Kira {
    manager: AudioManager<Pulled>,
    _handles: Vec<Box<dyn Any>>,
}

impl Render for Kira {
    fn block(&mut self, out: &mut [f32]) {
        if let Some(renderer) = &mut self.manager.backend_mut().0 {
            renderer.on_start_processing();
            renderer.process(out, 2);
        }
    }
}

pub(super) fn build(scene: Scene, voices: usize, sounds: &[Sound]) -> Result<Box<dyn Render>, String> {
    let frames: Vec<Arc<[Frame]>> =
        sounds.iter().map(|sound| sound.iter().map(|&sample| Frame::from_mono(sample)).collect()).collect();
    let data = |voice: &Voice| StaticSoundData {
        sample_rate: SOUND_RATE,
        frames: frames[voice.sound].clone(),
        settings: StaticSoundSettings::new()
            .loop_region(0.0..)
            .volume(voice.gain_db)
            .playback_rate(voice.rate),
        slice: None,
    };
    let mut main = MainTrackBuilder::new().sound_capacity(voices);
    if scene == Scene::Buses {
        main = main.with_effect(CompressorBuilder::new().threshold(-1.0).ratio(20.0));
    }
    let settings = AudioManagerSettings::<Pulled> {
        capacities: Capacities { sub_track_capacity: voices.max(BUSES), ..Capacities::default() },
        main_track_builder: main,
        internal_buffer_size: BLOCK,
        backend_settings: (),
    };
    let mut manager = AudioManager::new(settings).map_err(|()| "kira did not start")?;
    let mut handles: Vec<Box<dyn Any>> = Vec::new();
    if scene == Scene::Flat {
        for voice in Voice::all(voices) {
            handles.push(Box::new(manager.play(data(&voice)).map_err(|error| error.to_string())?));
        }
        return Ok(Box::new(Kira { manager, _handles: handles }));
    }

    let ahead = mint::Quaternion { v: mint::Vector3::from([0.0; 3]), s: 1.0 };
    let listener =
        manager.add_listener(mint::Vector3::from([0.0; 3]), ahead).map_err(|error| error.to_string())?;
    let id = listener.id();
    handles.push(Box::new(listener));
    let mut buses = Vec::new();
    if scene == Scene::Buses {
        let hall = SendTrackBuilder::new().with_effect(ReverbBuilder::new().mix(Mix::WET));
        let hall = manager.add_send_track(hall).map_err(|error| error.to_string())?;
        for _ in 0..BUSES {
            let bus = TrackBuilder::new()
                .sub_track_capacity(voices.div_ceil(BUSES))
                .with_effect(FilterBuilder::new().cutoff(f64::from(LOW_PASS_HZ)))
                .with_send(&hall, SEND_DB);
            buses.push(manager.add_sub_track(bus).map_err(|error| error.to_string())?);
        }
        handles.push(Box::new(hall));
    }
    for voice in Voice::all(voices) {
        let place = mint::Vector3::from(voice.place);
        // As small as they can be: with the defaults a thousand tracks take 226 MB.
        let builder =
            SpatialTrackBuilder::new().sound_capacity(1).sub_track_capacity(0).distances((1.0, 200.0));
        let track = match buses.get_mut(voice.bus) {
            Some(bus) => bus.add_spatial_sub_track(id, place, builder),
            None => manager.add_spatial_sub_track(id, place, builder),
        };
        let mut track: SpatialTrackHandle = track.map_err(|error| error.to_string())?;
        handles.push(Box::new(track.play(data(&voice)).map_err(|error| error.to_string())?));
        handles.push(Box::new(track));
    }
    handles.extend(buses.into_iter().map(|bus| Box::new(bus) as Box<dyn Any>));
    Ok(Box::new(Kira { manager, _handles: handles }))
}
