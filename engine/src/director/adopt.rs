//! Taking a new bank under what plays: by names, without a restart.

use super::playback::{Playback, REMOVED_FADE_FRAMES};
use super::{ClipFacts, Director, Ended, Order, PlaybackId};
use crate::bank::{Bank, BusId, Event, EventId, Sound, SoundId};
use crate::link::{Command, StartFrom, VoiceId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The crossfade between the old and new file of a running loop.
const SWAP_FADE_SECONDS: f32 = 0.05;

/// A sound that no bank has.
const NO_SOUND: SoundId = SoundId(u32::MAX);

impl Director {
    /// Goes on with another bank, whose graph must reach the mixer before the orders of the next
    /// [`Director::update`]. Playbacks keep playing: gains, pitch and places glide at the next update; a voice
    /// whose event goes to another bus follows; a loop whose file changed crossfades to the new one at the
    /// same place; what is no longer in the bank fades out.
    pub fn adopt(&mut self, bank: Arc<Bank>, facts: Vec<Option<ClipFacts>>, stamp: u64) {
        self.stamp = stamp;
        let old_bank = std::mem::replace(&mut self.bank, bank);
        let old_facts = std::mem::replace(&mut self.facts, facts);
        self.absent = super::loaded::absent(&self.bank, &self.facts);
        let recent = std::mem::take(&mut self.recent).into_iter();
        let now = |event: EventId| self.bank.event(&old_bank.events[event.index()].name);
        self.recent = recent.filter_map(|(event, recent)| Some((now(event)?, recent))).collect();
        self.drawer.follow(&old_bank, &self.bank);
        self.parameters.follow(&old_bank, &self.bank);
        // Zones are set anew before the next update; until then no send points into the old graph.
        self.reverbs.clear();
        let passage = Passage::new(&old_bank, &self.bank, &old_facts, &self.facts);
        // First all ids, then what follows from them: what is chosen anew is compared with what plays beside it.
        let ids = self.playbacks.ids();
        let renamed: Vec<_> = ids.into_iter().filter_map(|id| self.rename(id, &passage)).collect();
        for (id, event, sound) in renamed {
            self.carry_over(id, event, sound, &passage);
        }
    }

    /// Gives a playback the ids of the new bank; its event before, its sound, and whether the sound's file was replaced.
    fn rename(&mut self, id: PlaybackId, passage: &Passage) -> Option<Renamed> {
        let now = |sound: SoundId| passage.sounds.get(sound.index()).copied().unwrap_or((None, false));
        let playback = self.playbacks.get_mut(id)?;
        let before = playback.event;
        playback.event = before.and_then(|event| passage.events.get(event.index())?.event);
        let take = &mut playback.take;
        let sound = now(take.sound);
        take.sound = sound.0.unwrap_or(NO_SOUND);
        for (of, _) in &mut take.layers {
            *of = now(*of).0.unwrap_or(NO_SOUND);
        }
        for (switch, case) in &mut take.switches {
            *switch = now(*switch).0.unwrap_or(NO_SOUND);
            *case = case.map(|case| now(case).0.unwrap_or(NO_SOUND));
        }
        Some((id, before, sound))
    }

    fn carry_over(
        &mut self,
        id: PlaybackId,
        before: Option<EventId>,
        (sound, replaced): (Option<SoundId>, bool),
        passage: &Passage,
    ) {
        let Some(playback) = self.playbacks.get_mut(id) else { return };
        playback.sent = None;
        let Some(old_event) = before else { return };
        let EventPassage { event: Some(event), moved, respaced, plays } = &passage.events[old_event.index()]
        else {
            return self.stop_one(id, Some(REMOVED_FADE_FRAMES), 0);
        };
        let event = *event;
        playback.bus = self.bank.events[event.index()].bus;
        if let Some(voice) = playback.voice.filter(|_| *moved) {
            let command = Command::Route { voice, bus: playback.bus.0 as u16 };
            self.orders.push(Order { at: self.stamp, command });
        }

        let sound = sound.filter(|sound| plays.contains(sound));
        let running = playback.voice.filter(|_| playback.take.looping && !playback.stopping);
        let one_shot = playback.voice.is_some() && running.is_none();
        match sound {
            Some(sound) => {
                playback.take.sound = sound;
                if playback.voice.is_none()
                    && let Some(clip) = playback.take.clip(&self.bank)
                {
                    playback.take.looping = clip.cut.looping;
                }
                if let Some(voice) = running.filter(|_| replaced) {
                    self.swap(id, voice, StartFrom::SameAs(voice), self.swap_fade());
                }
            }
            // A one-shot plays out as it is; its sound is no longer the event's.
            None if one_shot => playback.take.sound = NO_SOUND,
            // The event plays something else now: so does what runs on it.
            None => {
                let (owner, layers) = (playback.owner, playback.take.layers.clone());
                self.redraw(owner, event, self.swap_fade(), |take| take.layers == layers);
            }
        }
        // What sleeps may reach farther now, or have a place no more.
        let sleeps = |playback: &Playback| playback.voice.is_none() && !playback.is_fresh();
        if *respaced && self.playbacks.get(id).is_some_and(sleeps) {
            if let Some(playback) = self.playbacks.get_mut(id) {
                playback.waits = false;
            }
            self.lay_down(id, Ended::OutOfEarshot);
        }
    }

    fn swap_fade(&self) -> u32 {
        (SWAP_FADE_SECONDS * self.config.sample_rate as f32) as u32
    }

    /// Crossfades a running loop to what its take says now.
    fn swap(&mut self, id: PlaybackId, voice: VoiceId, from: StartFrom, fade: u32) {
        let start = self.playbacks.get(id).map_or(0, |playback| playback.start);
        let at = if start > self.now { start } else { 0 };
        if self.start_voice(id, from, at, fade) {
            self.orders.push(Order { at: self.stamp, command: Command::Stop { voice, at: 0, fade } });
        }
    }
}

/// A playback, its event in the old bank, and its sound in the new one with whether the file was replaced.
type Renamed = (PlaybackId, Option<EventId>, (Option<SoundId>, bool));

/// What becomes of each of the old bank's events and sounds, worked out once for all playbacks.
struct Passage {
    events: Vec<EventPassage>,
    /// The sound of the same name, and whether its file's contents changed.
    sounds: Vec<(Option<SoundId>, bool)>,
}

struct EventPassage {
    event: Option<EventId>,
    /// Whether it goes to another bus.
    moved: bool,
    /// Whether it sits in the world otherwise, or something else becomes of it while it is not heard.
    respaced: bool,
    /// The clips it can play now.
    plays: BTreeSet<SoundId>,
}

impl Passage {
    fn new(old: &Bank, new: &Bank, old_facts: &[Option<ClipFacts>], new_facts: &[Option<ClipFacts>]) -> Self {
        let pass_event = |event: &Event| {
            let id = new.event(&event.name);
            let now = id.map(|id| &new.events[id.index()]);
            let bus = |bank: &Bank, bus: BusId| bank.buses[bus.index()].name.clone();
            EventPassage {
                event: id,
                moved: now.is_some_and(|now| bus(new, now.bus) != bus(old, event.bus)),
                respaced: now.is_some_and(|now| now.space != event.space || now.virtually != event.virtually),
                plays: now.map(|now| new.clips(now.play)).unwrap_or_default(),
            }
        };
        let content = |facts: &[Option<ClipFacts>], index: usize| {
            facts.get(index).copied().flatten().map(|facts| facts.content)
        };
        let pass_sound = |(index, sound): (usize, &Sound)| {
            let id = new.sound(&sound.name);
            let replaced = id.is_some_and(|id| content(old_facts, index) != content(new_facts, id.index()));
            (id, replaced)
        };
        Self {
            events: old.events.iter().map(pass_event).collect(),
            sounds: old.sounds.iter().enumerate().map(pass_sound).collect(),
        }
    }
}
