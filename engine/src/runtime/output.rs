//! Where an engine's sound goes.

use crate::mixer::Mixer;
use crate::mixer::backend::offline::{OfflineBackend, OfflineSettings};
use crate::mixer::backend::{Change, DeviceBackend, DeviceSettings};
use kira::{AudioManager, AudioManagerSettings, Capacities};

/// Where an engine's sound goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// To the system's device. None is a normal state: the engine's clock runs silently and it keeps looking.
    #[default]
    Device,
    /// Nowhere by itself: [`Engine::render`](super::Engine::render) pulls it, as fast as it likes.
    Offline,
}

/// What an engine plays to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceStatus {
    /// Such as `PulseAudio, 48000 Hz`.
    pub description: String,
    /// Why there is no device and how to get one; `None` when all is well.
    pub problem: Option<String>,
}

pub(super) enum Host {
    Device(Box<AudioManager<DeviceBackend>>),
    Offline(Box<AudioManager<OfflineBackend>>),
}

/// kira hosts one sound, the mixer; it needs room for nothing else.
fn settings<B: kira::backend::Backend>(backend_settings: B::Settings) -> AudioManagerSettings<B> {
    AudioManagerSettings {
        capacities: Capacities {
            sub_track_capacity: 1,
            send_track_capacity: 1,
            clock_capacity: 1,
            modulator_capacity: 1,
            listener_capacity: 1,
        },
        main_track_builder: Default::default(),
        internal_buffer_size: crate::mixer::BLOCK,
        backend_settings,
    }
}

impl Host {
    /// Opens the output and says at what rate it runs; `None` when kira refuses, which only a backend without
    /// a fallback can.
    pub(super) fn open(output: Output, sample_rate: u32, latency: u32) -> Option<(Self, u32)> {
        match output {
            Output::Offline => {
                let manager = AudioManager::new(settings(OfflineSettings { sample_rate })).ok()?;
                Some((Self::Offline(Box::new(manager)), sample_rate))
            }
            Output::Device => {
                let device = DeviceSettings { sample_rate, latency, allow_silent: true };
                let mut manager: AudioManager<DeviceBackend> = AudioManager::new(settings(device)).ok()?;
                let rate = manager.backend_mut().sample_rate();
                Some((Self::Device(Box::new(manager)), rate))
            }
        }
    }

    /// Puts the mixer on kira's main track; says whether there was room, as there always is.
    pub(super) fn play(&mut self, mixer: Mixer) -> bool {
        match self {
            Self::Device(manager) => manager.play(mixer).is_ok(),
            Self::Offline(manager) => manager.play(mixer).is_ok(),
        }
    }

    /// Renders the next frames of an offline host; says whether it is one.
    pub(super) fn render(&mut self, out: &mut [f32]) -> bool {
        match self {
            Self::Offline(manager) => {
                manager.backend_mut().render(out);
                true
            }
            Self::Device(_) => false,
        }
    }

    /// Goes on at another rate; says whether it is an offline host.
    pub(super) fn set_rate(&mut self, sample_rate: u32) -> bool {
        match self {
            Self::Offline(manager) => {
                manager.backend_mut().set_sample_rate(sample_rate);
                true
            }
            Self::Device(_) => false,
        }
    }

    pub(super) fn is_offline(&self) -> bool {
        matches!(self, Self::Offline(_))
    }

    /// Looks after the device: falls back to silence when it goes, returns when it is there again.
    pub(super) fn tend(&mut self) {
        let Self::Device(manager) = self else { return };
        let backend = manager.backend_mut();
        match backend.tend() {
            Some(Change::Lost) => {
                tracing::warn!("{}", backend.problem().unwrap_or("the sound device went away"))
            }
            Some(Change::Found) => tracing::info!("sound goes to {}", backend.description()),
            None => {}
        }
    }

    pub(super) fn status(&mut self) -> DeviceStatus {
        match self {
            Self::Device(manager) => {
                let backend = manager.backend_mut();
                DeviceStatus {
                    description: backend.description(),
                    problem: backend.problem().map(str::to_owned),
                }
            }
            Self::Offline(_) => DeviceStatus { description: "offline".into(), problem: None },
        }
    }
}
