//! End-to-end tests, black-box through the public API. Each asserts what a listener would notice, measured in
//! decibels, milliseconds, hertz or bytes.

mod actions;
mod banks;
mod callbacks;
mod clicks;
mod clips;
mod common;
mod containers;

mod curves;
mod desk;
mod device;
mod dialogue;
mod dialogue_lines;
mod ecs;
mod effects;
mod guide;
mod loops;
mod meters;
mod modulators;
mod music;
mod music_changes;
mod music_holds;
mod pack;
mod parameters;
mod readme;
mod regressions;
mod reload;
mod render;
mod rooms;
mod routing;
mod scene;
mod snapshots;
mod space;
mod streams;
mod threads;
mod voices;
