//! What is never heard: what is muted, and what its own gains keep below -80 dB.

use super::desk::{Desk, above, is_muted, past};
use super::gains::{Loudest, event_gain, steps, way};
use super::{Doubts, signed};
use crate::bank::compiled::BusId;

/// What is quieter, in dB, is not heard.
const UNHEARD: f32 = -80.0;

impl Doubts<'_> {
    pub(super) fn never_heard(&mut self, desk: &Desk<'_>, loudest: &[Loudest]) {
        self.muted();
        self.soloed();
        self.too_quiet(desk, loudest);
    }

    /// Buses that are muted with events on them or below.
    fn muted(&mut self) {
        let bank = self.bank;
        let mut by_bus = vec![Vec::new(); bank.buses.len()];
        let playing = bank.events.iter().filter(|event| event.play.is_some());
        playing.for_each(|event| by_bus[event.bus.index()].push(event.name.as_str()));
        let muted = |index: &usize| is_muted(bank, BusId(*index as u32));
        for (index, bus) in (0..bank.buses.len()).filter(muted).map(|index| (index, &bank.buses[index])) {
            let below = |id: usize| above(bank, BusId(id as u32)).any(|id| id.index() == index);
            let silent = by_bus.iter().enumerate().filter(|(id, on)| !on.is_empty() && below(*id));
            let mut silent: Vec<&str> = silent.flat_map(|(_, on)| on.iter().copied()).collect();
            silent.sort_unstable();
            let message = format!("{:?} is muted: {} never heard", bus.name, events(&silent));
            self.silenced(&bus.name, &silent, message, "take `mute` out, unless the game lets it sound");
        }
    }

    /// A bus that is soloed while events play elsewhere.
    fn soloed(&mut self) {
        let bank = self.bank;
        let Some(soloed) = bank.buses.iter().find(|bus| bus.solo) else { return };
        let ids = || (0..bank.buses.len() as u32).map(BusId);
        let solo = |id: BusId| bank.buses[id.index()].solo;
        let under: Vec<bool> = ids().map(|id| above(bank, id).any(solo)).collect();
        // What sends to a soloed bus is heard there.
        let feeds: Vec<bool> =
            bank.buses.iter().map(|bus| bus.sends.iter().any(|send| under[send.to.index()])).collect();
        let heard = |id: BusId| under[id.index()] || above(bank, id).any(|id| feeds[id.index()]);
        let heard: Vec<bool> = ids().map(heard).collect();
        let silent = bank.events.iter().filter(|event| event.play.is_some() && !heard[event.bus.index()]);
        let silent: Vec<&str> = silent.map(|event| event.name.as_str()).collect();
        let message = format!("{:?} is soloed: on other buses {} never heard", soloed.name, events(&silent));
        self.silenced(&soloed.name, &silent, message, "take `solo` out before the game gets it");
    }

    fn silenced(&mut self, bus: &str, silent: &[&str], message: String, help: &str) {
        let project = self.project;
        let Some(item) = project.buses.get(bus).filter(|_| !silent.is_empty()) else { return };
        let mut warning = self.warning("never-heard", (item.file, item.name), message, help);
        for event in silent.iter().filter_map(|name| project.events.get(name)).take(4) {
            let place = self.files[event.file].0.place(event.name.span.clone());
            warning = warning.related(format!("{:?}", event.name.value), &place);
        }
        self.diagnostics.push(warning);
    }

    /// Events that come to the master below what is heard, whatever happens.
    fn too_quiet(&mut self, desk: &Desk<'_>, loudest: &[Loudest]) {
        let (project, bank) = (self.project, self.bank);
        let lifts = desk.lifts();
        // Zones bring a sound to their reverbs past its bus.
        let returns =
            bank.reverbs.iter().map(|reverb| lifts[reverb.bus.index()]).fold(f32::NEG_INFINITY, f32::max);
        for event in &bank.events {
            let Some(play) = event.play else { continue };
            let sound = loudest[play.index()];
            // Muted buses are told of themselves, and silence is meant.
            if desk.muted[event.bus.index()] || sound.sum == f32::NEG_INFINITY || self.diagnostics.is_full() {
                continue;
            }
            let own = event_gain(bank, event) + sound.sum;
            // What may sleep gets no voice below that, whatever its buses add.
            let asleep = own < UNHEARD && (sound.loops || event.virtually.is_some());
            let by_zones = event.space.map_or(f32::NEG_INFINITY, |space| past(space.reverb.get(), returns));
            let most = own + lifts[event.bus.index()].max(by_zones);
            let Some(item) = project.events.get(event.name.as_str()).filter(|_| asleep || most < UNHEARD)
            else {
                continue;
            };
            let mut steps = steps(bank, event, loudest);
            if !asleep {
                let fader =
                    |id: BusId| (format!("bus {:?}", bank.buses[id.index()].name), desk.faders[id.index()]);
                steps.extend(above(bank, event.bus).map(fader));
            }
            let level = if asleep { own } else { most };
            let what = match level.is_finite() {
                true => format!("it comes to {} dB at the most", signed(level)),
                false => "a fader on its way is shut".to_owned(),
            };
            let message = format!("{:?} is never heard: {what}: {}", event.name, way(&steps));
            let help = format!("below {UNHEARD} dB nothing is heard; raise one of these");
            self.warn("never-heard", (item.file, item.name), message, &help);
        }
    }
}

/// `the event "steps" is`, `3 events are`.
fn events(names: &[&str]) -> String {
    match names {
        [only] => format!("the event {only:?} is"),
        _ => format!("{} events are", names.len()),
    }
}
