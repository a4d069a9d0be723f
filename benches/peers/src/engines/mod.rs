//! The engines, each built for a scene and asked for one block after another.

mod firewheel;
mod kira;
mod oddio;
mod rodio;
mod tight;
mod tonmeister;

use crate::scene::{Scene, Sound};

/// What builds a scene of so many voices, or says why it can't.
pub type Build = fn(Scene, usize, &[Sound]) -> Result<Box<dyn Render>, String>;

/// A scene at work.
pub trait Render {
    /// Renders one block, left and right in turn.
    fn block(&mut self, out: &mut [f32]);
}

/// One that takes part.
pub struct Engine {
    /// Its name in the tables.
    pub name: &'static str,
    /// How it resamples.
    pub interpolation: &'static str,
    /// Builds a scene.
    pub build: Build,
    /// Whether what it renders is what the reference renders: the plain copy can't resample.
    pub comparable: bool,
    /// What it lacks of the third scene.
    pub lacks: &'static str,
}

/// All that take part; the hand-written loops first.
pub const ENGINES: [Engine; 7] = [
    Engine {
        name: "loop: copy",
        interpolation: "none",
        build: tight::copy,
        comparable: false,
        lacks: "buses, reverb, limiter",
    },
    Engine {
        name: "loop: sinc",
        interpolation: "8-tap sinc",
        build: tight::sinc,
        comparable: true,
        lacks: "buses, reverb, limiter",
    },
    Engine {
        name: "Tonmeister",
        interpolation: "8-tap sinc",
        build: tonmeister::build,
        comparable: true,
        lacks: "",
    },
    Engine {
        name: "oddio",
        interpolation: "linear",
        build: oddio::build,
        comparable: true,
        lacks: "low-pass, reverb; limits softly at any level",
    },
    Engine {
        name: "firewheel",
        interpolation: "linear",
        build: firewheel::build,
        comparable: true,
        lacks: "limiter; its low-pass is of the first order",
    },
    Engine {
        name: "kira",
        interpolation: "4-point",
        build: kira::build,
        comparable: true,
        lacks: "limiter: its compressor stands in",
    },
    Engine { name: "rodio", interpolation: "linear", build: rodio::build, comparable: true, lacks: "reverb" },
];
