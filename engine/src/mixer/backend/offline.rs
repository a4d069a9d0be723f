//! No device at all: the owner pulls the sound, as fast as it likes. For scenes, renders and tests.

use std::convert::Infallible;

use kira::backend::{Backend, Renderer};

/// Settings of the [`OfflineBackend`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfflineSettings {
    /// Frames per second.
    pub sample_rate: u32,
}

impl Default for OfflineSettings {
    /// 48 000 Hz.
    fn default() -> Self {
        Self { sample_rate: 48_000 }
    }
}

/// A kira backend that renders when asked, reached through `AudioManager::backend_mut`.
pub struct OfflineBackend {
    renderer: Option<Renderer>,
    sample_rate: u32,
}

impl OfflineBackend {
    /// Frames per second.
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// Goes on at another rate, as a device may.
    pub fn set_sample_rate(&mut self, sample_rate: u32) {
        self.sample_rate = sample_rate.max(1);
        if let Some(renderer) = &mut self.renderer {
            renderer.on_change_sample_rate(self.sample_rate);
        }
    }

    /// Renders the next frames into `out`, left and right in turn, clamped to ±1 by kira. Orders given before the
    /// call are taken up at its first frame. A last odd sample is left silent, and so is everything before
    /// `AudioManager::new` has returned.
    pub fn render(&mut self, out: &mut [f32]) {
        let even = out.len() - out.len() % 2;
        let (frames, odd) = out.split_at_mut(even);
        odd.fill(0.0);
        match &mut self.renderer {
            Some(renderer) => {
                renderer.on_start_processing();
                renderer.process(frames, 2);
            }
            None => frames.fill(0.0),
        }
    }
}

impl Backend for OfflineBackend {
    type Settings = OfflineSettings;
    type Error = Infallible;

    fn setup(settings: Self::Settings, _block: usize) -> Result<(Self, u32), Self::Error> {
        Ok((Self { renderer: None, sample_rate: settings.sample_rate }, settings.sample_rate))
    }

    fn start(&mut self, renderer: Renderer) -> Result<(), Self::Error> {
        self.renderer = Some(renderer);
        Ok(())
    }
}
