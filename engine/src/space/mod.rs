//! Pure geometry: how far, from where, through which zone.
//!
//! Lives here: distance laws, panning, reverb-zone weights. May be named here: `units` and glam. Runs on the
//! game thread. Distances are metres; directions follow Bevy: +X right, +Y up, -Z ahead.

mod distance;
mod pan;
mod zone;

pub use distance::{exponential, inverse, linear};
pub use pan::{Pose, equal_power, pan};
pub use zone::{MAX_ZONES, Shape, ZoneField, blend};
