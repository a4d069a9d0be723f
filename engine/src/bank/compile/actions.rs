//! Actions: from what is written to what is run.

use super::{Names, seconds};
use crate::bank::compiled::{Action, Deed, EventId, SnapshotId};
use crate::bank::schema::{self, Initial};
use crate::units::Amount;

impl Names<'_> {
    /// The id of an event.
    fn event(&self, name: &str) -> EventId {
        let known = self.project.events.iter().filter(|(_, item)| item.value.is_some());
        EventId(known.map(|(name, _)| *name).position(|known| known == name).unwrap_or(0) as u32)
    }

    pub(super) fn action(&self, written: &schema::Action) -> Action {
        use schema::Action as Written;
        let event = || written.event().map_or(EventId(0), |text| self.event(&text.value));
        let deed = match written {
            Written::Post(_) => Deed::Post(event()),
            Written::Stop(stop) => Deed::Stop { event: event(), fade: stop.fade.map(seconds) },
            Written::StopAll(stop) => {
                Deed::StopAll { bus: self.bus(stop.bus.as_ref()), fade: stop.fade.map(seconds) }
            }
            Written::Pause(_) => Deed::Pause { event: event(), on: true },
            Written::Resume(_) => Deed::Pause { event: event(), on: false },
            Written::Seek(seek) => Deed::Seek { event: event(), to: seconds(seek.to) },
            Written::Break(_) => Deed::Break(event()),
            Written::Release(_) => Deed::Release(event()),
            Written::Set(set) => Deed::Set {
                parameter: self.parameter(&set.parameter.value),
                to: self.setting(&set.parameter.value, set.to.as_ref()),
            },
            Written::SetSnapshot(set) => Deed::SetSnapshot {
                snapshot: self.snapshot(&set.snapshot.value).unwrap_or(SnapshotId(0)),
                to: Amount::clamped(set.to),
                fade: set.fade.map(seconds),
            },
            Written::TriggerStinger(trigger) => {
                let mut known = self.project.stingers().into_iter();
                Deed::TriggerStinger(
                    known.position(|known| known == trigger.stinger.value).unwrap_or(usize::MAX),
                )
            }
            Written::Mute(mute) => Deed::Mute { bus: self.bus(Some(&mute.bus)), on: true },
            Written::Unmute(mute) => Deed::Mute { bus: self.bus(Some(&mute.bus)), on: false },
        };
        Action {
            deed,
            delay: seconds(written.delay()),
            probability: Amount::clamped(written.probability()),
            scope: written.scope(),
        }
    }

    /// The number that a parameter is set to.
    fn setting(&self, parameter: &str, to: Option<&Initial>) -> f32 {
        match to {
            Some(Initial::Number(number, _)) => *number,
            Some(Initial::Label(label)) => {
                let parameter = self.project.parameters.get(parameter).and_then(|item| item.value);
                let mut labels = parameter.iter().flat_map(|parameter| &parameter.labels);
                labels.position(|known| known.value == label.value).unwrap_or(0) as f32
            }
            None => 0.0,
        }
    }
}
