//! Taking a new bank under what plays: by names, without a restart.

use super::playback::REMOVED_FADE_FRAMES;
use super::{ClipFacts, Director, Order, PlaybackId};
use crate::bank::Bank;
use crate::link::{Command, StartFrom};
use std::sync::Arc;

/// The crossfade between the old and new file of a running loop.
const SWAP_FADE_SECONDS: f32 = 0.05;

impl Director {
    /// Goes on with another bank, whose graph must reach the mixer before the orders of the next
    /// [`Director::update`]. Playbacks keep playing: gains, pitch and places glide at the next update; a voice
    /// whose event goes to another bus follows; a loop whose file changed crossfades to the new one at the
    /// same place; what is no longer in the bank fades out.
    pub fn adopt(&mut self, bank: Arc<Bank>, facts: Vec<Option<ClipFacts>>, stamp: u64) {
        self.stamp = stamp;
        let old_bank = std::mem::replace(&mut self.bank, bank);
        let old_facts = std::mem::replace(&mut self.facts, facts);
        self.drawer.follow(&old_bank, &self.bank);
        // Zones are set anew before the next update; until then no send points into the old graph.
        self.reverbs.clear();
        for id in self.playbacks.ids() {
            self.carry_over(id, &old_bank, &old_facts);
        }
    }

    fn carry_over(&mut self, id: PlaybackId, old_bank: &Bank, old_facts: &[Option<ClipFacts>]) {
        let Some(playback) = self.playbacks.get_mut(id) else {
            return;
        };
        playback.sent = None;
        let Some(old_event) = playback.event else { return };
        let event = self.bank.event(&old_bank.events[old_event.index()].name);
        let sound = self.bank.sound(&old_bank.sounds[playback.take.sound.index()].name);
        let old_sound = playback.take.sound;
        let clip = sound.filter(|sound| self.facts.get(sound.index()).copied().flatten().is_some());
        let (Some(event), Some(sound)) = (event, clip) else {
            playback.event = event;
            let sleeping = playback.voice.is_none();
            match event {
                // The event is still there but plays something else: what sleeps is drawn anew.
                Some(event) if sleeping => playback.take = self.drawer.draw(&self.bank, event, &mut self.rng),
                _ => {
                    playback.event = None;
                    self.stop(id, Some(REMOVED_FADE_FRAMES), 0);
                }
            }
            return;
        };
        playback.event = Some(event);
        playback.take.sound = sound;
        let bus = self.bank.events[event.index()].bus;
        let moved = self.bank.buses[bus.index()].name != old_bank.buses[playback.bus.index()].name;
        playback.bus = bus;
        if let Some(voice) = playback.voice.filter(|_| moved) {
            let command = Command::Route { voice, bus: bus.0 as u16 };
            self.orders.push(Order { at: self.stamp, command });
        }
        let content = |facts: &[Option<ClipFacts>], index: usize| {
            facts.get(index).copied().flatten().map(|f| f.content)
        };
        let replaced = content(old_facts, old_sound.index()) != content(&self.facts, sound.index());
        if let Some(voice) =
            playback.voice.filter(|_| replaced && playback.take.looping && !playback.stopping)
        {
            let fade = (SWAP_FADE_SECONDS * self.config.sample_rate as f32) as u32;
            if self.start_voice(id, StartFrom::SameAs(voice), 0, fade) {
                self.orders.push(Order { at: self.stamp, command: Command::Stop { voice, at: 0, fade } });
            }
        }
    }
}
