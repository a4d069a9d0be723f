//! The composition root: one engine from a project, a director, a mixer and an output.
//!
//! Lives here: [`Engine`] and its builder, the plan that turns a bank into a mixer graph, and the reload's last
//! step. May be named here: every room but `ecs` and `scene`. Runs on the game thread. It is the only place
//! that sees both the director and the mixer.

mod banks;
mod builder;
mod desk;
mod engine;
mod faults;
mod live;
mod meters;
mod output;
mod parameters;
mod plan;
mod queues;
mod snapshots;
mod stems;
mod streams;

pub use crate::director::{Holder, ParameterReading};
pub use crate::link::Fault;
pub use banks::{BankChange, BankError, BankState, BankStatus, SampleMemory};
pub use builder::{BuildError, Builder, MOST_VOICES, PluginFactory};
pub use desk::DeskError;
pub use engine::Engine;
pub use faults::EffectFault;
pub use meters::{BusMeter, CpuMeter, DuckMeter, EffectMeter};
pub use output::{DeviceStatus, Output};
pub use parameters::{ParameterError, ParameterValue};
pub use queues::{QueueReading, SpokenLine};
pub use snapshots::UnknownSnapshot;
pub use stems::Stems;
pub use streams::MOST_STREAMS;
