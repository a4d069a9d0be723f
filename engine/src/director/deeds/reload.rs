//! What waits, under another bank: it goes on where the new one still says so.

use super::{Deeds, Request, Task};
use crate::bank::{Action, Bank, BusId, Deed, EventId, ParameterId};
use crate::director::{Director, PlaybackId};

impl Director {
    /// Carries what waits over to another bank: by events' names, and their actions by what they do and to whom.
    pub(in crate::director) fn follow_deeds(&mut self, old: &Bank) -> Vec<PlaybackId> {
        let new = self.bank.clone();
        let named = |event: EventId| new.event(&old.events[event.index()].name);
        for family in self.deeds.families.values_mut() {
            family.event = family.event.and_then(named);
        }
        let bus = |bus: BusId| new.bus(&old.buses[bus.index()].name);
        let requests = std::mem::take(&mut self.deeds.requests).into_iter();
        self.deeds.requests = requests
            .filter_map(|request| match request {
                Request::Mute { bus: before, on } => Some(Request::Mute { bus: bus(before)?, on }),
            })
            .collect();
        let passage = |task: Task| match task {
            Task::Event(event) => named(event).map(Task::Event),
            Task::Action(event, place) => {
                let now = named(event)?;
                let (before, after) = (&old.events[event.index()].actions, &new.events[now.index()].actions);
                let does = does(old, before.get(place)?);
                let nth = before[..place].iter().filter(|other| self::does(old, other) == does).count();
                let same = after.iter().enumerate().filter(|(_, other)| self::does(&new, other) == does);
                same.map(|(place, _)| Task::Action(now, place)).nth(nth)
            }
        };
        let lost = self.deeds.forget(|one| passage(one.task).is_none());
        let Deeds { waiting, fresh, .. } = &mut self.deeds;
        for one in waiting.values_mut().chain(fresh.iter_mut().map(|(_, one)| one)) {
            if let Some(task) = passage(one.task) {
                one.task = task;
            }
        }
        lost
    }
}

/// What an action does and to whom, by names.
fn does<'b>(bank: &'b Bank, action: &Action) -> (u8, &'b str) {
    let event = |event: EventId| bank.events[event.index()].name.as_str();
    let bus = |bus: BusId| bank.buses[bus.index()].name.as_str();
    let parameter = |parameter: ParameterId| bank.parameters[parameter.index()].name.as_str();
    match action.deed {
        Deed::Post(of) => (0, event(of)),
        Deed::Stop { event: of, .. } => (1, event(of)),
        Deed::StopAll { bus: of, .. } => (2, bus(of)),
        Deed::Pause { event: of, on } => (3 + u8::from(on), event(of)),
        Deed::Seek { event: of, .. } => (5, event(of)),
        Deed::Break(of) => (6, event(of)),
        Deed::Release(of) => (7, event(of)),
        Deed::Set { parameter: of, .. } => (8, parameter(of)),
        Deed::Mute { bus: of, on } => (9 + u8::from(on), bus(of)),
        Deed::SetSnapshot { snapshot: of, .. } => (11, bank.snapshots[of.index()].name.as_str()),
        Deed::TriggerStinger(of) => (12, bank.triggers.get(of).map_or("", String::as_str)),
    }
}
