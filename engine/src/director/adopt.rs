//! Taking a new bank under what plays: by names, without a restart.

use super::group::Over;
use super::playback::{Playback, REMOVED_FADE_FRAMES};
use super::take::Take;
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
        self.carry_modulators(&old_bank);
        self.drawer.follow(&old_bank, &self.bank);
        self.parameters.follow(&old_bank, &self.bank);
        self.states.follow(&old_bank, &self.bank, &self.parameters);
        let lost = self.follow_deeds(&old_bank);
        self.follow_queues(&old_bank);
        // Zones are set anew before the next update; until then no send points into the old graph.
        self.reverbs.clear();
        let passage = Passage::new(&old_bank, &self.bank, old_facts, &self.facts);
        // First all ids, then what follows from them: what is chosen anew is compared with what plays beside it.
        let ids = self.playbacks.ids();
        let renamed: Vec<_> = ids.into_iter().filter_map(|id| self.rename(id, &passage)).collect();
        self.rename_strands(&passage);
        self.rename_music(&old_bank, |event| passage.event(event), |sound| passage.sound(sound));
        for (id, event, sound, share) in renamed {
            self.carry_over(id, event, sound, share, &passage);
        }
        self.carry_strands_over(&passage);
        self.carry_music_over(&passage);
        // What begins now is drawn with the new bank's ids, so all that had the old one's have theirs by now.
        self.speak_plain_lines();
        lost.into_iter().for_each(|root| self.close(root, Ended::Removed));
    }

    /// Gives a playback the ids of the new bank; its event before, its sound, and whether the sound's file was replaced; and
    /// where in its sample it is.
    fn rename(&mut self, id: PlaybackId, passage: &Passage) -> Option<Renamed> {
        let now = |sound: SoundId| passage.sounds.get(sound.index()).copied().unwrap_or((None, false));
        let time = self.now;
        let playback = self.playbacks.get_mut(id)?;
        let facts = passage.facts.get(playback.take.sound.index()).copied().flatten();
        let place = playback.position(time.max(playback.start), facts);
        let share = facts.map_or(0.0, |facts| place / f64::from(facts.frames.max(1))) as f32;
        let before = playback.event;
        playback.event = before.and_then(|event| passage.event(event));
        let sound = now(playback.take.sound);
        playback.take.follow(|sound| now(sound).0.unwrap_or(NO_SOUND), &self.bank);
        Some((id, before, sound, share))
    }

    /// Gives strands the ids of the new bank; those whose event is gone end.
    fn rename_strands(&mut self, passage: &Passage) {
        let now = |sound: SoundId| passage.sound(sound);
        for strand in self.strands.values_mut() {
            strand.event = strand.event.and_then(|event| passage.event(event));
            let drawn = strand.items.iter_mut().flat_map(|item| &mut item.takes);
            for take in drawn.chain(strand.again.iter_mut().flatten()).chain([&mut strand.take]) {
                take.follow(now, &self.bank);
            }
            // What was drawn to come again may not be there any more.
            let there = |takes: &Vec<Take>| takes.iter().all(|take| take.sound != NO_SOUND);
            strand.again.retain(there);
        }
        for id in self.strands.ids() {
            let Some((on, None)) = self.strands.get(id).map(|strand| (strand.on, strand.event)) else {
                continue;
            };
            for sound in self.remove_strand(id) {
                if let Some(playback) = self.playbacks.get_mut(sound) {
                    playback.strand = None;
                }
            }
            self.end_if_over(id.0, on, Ended::Removed);
        }
    }

    /// Strands go on, unless their event plays something else now: then that begins.
    fn carry_strands_over(&mut self, passage: &Passage) {
        let gone = |event: EventId, sound: SoundId| {
            let events = passage.events.iter();
            let reaches =
                events.filter(|known| known.event == Some(event)).any(|known| known.reaches.contains(&sound));
            !reaches || !self.bank.sounds[sound.index()].kind.runs()
        };
        let roots = self.strands.roots();
        let changed = roots.filter_map(|(id, strand)| Some((id, strand.event?, strand)));
        let changed: Vec<_> = changed
            .filter(|(_, event, strand)| gone(*event, strand.take.sound))
            .map(|(id, event, strand)| (id, event, strand.take.layers.clone()))
            .collect();
        let fade = self.swap_fade();
        for (id, event, layers) in changed {
            // First what comes, so that the playback does not end between the two.
            let sounds = self.remove_strand(id);
            for &sound in &sounds {
                if let Some(playback) = self.playbacks.get_mut(sound) {
                    (playback.strand, playback.stopping) = (None, true);
                }
            }
            self.redraw(id.0, event, Over::Within(fade), |take| take.layers == layers);
            sounds.into_iter().for_each(|sound| self.stop_one(sound, Some(fade), 0));
        }
    }

    fn carry_music_over(&mut self, passage: &Passage) {
        let reaches = |event: EventId, sound: SoundId| {
            passage.events.iter().any(|known| known.event == Some(event) && known.reaches.contains(&sound))
        };
        self.follow_music(reaches, self.swap_fade());
    }

    fn carry_over(
        &mut self,
        id: PlaybackId,
        before: Option<EventId>,
        (sound, replaced): (Option<SoundId>, bool),
        share: f32,
        passage: &Passage,
    ) {
        let Some(playback) = self.playbacks.get_mut(id) else { return };
        playback.sent = None;
        let Some(old_event) = before else { return };
        let EventPassage { event: Some(event), moved, respaced, plays, .. } =
            &passage.events[old_event.index()]
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
        // What keeps time goes when its music leaves it.
        let kept = playback.keeps_time && self.players.contains_key(&playback.owner);
        let plays_out = playback.voice.is_some() && (running.is_none() || kept);
        match sound {
            Some(sound) => {
                playback.take.sound = sound;
                if playback.voice.is_none()
                    && let Some(clip) = playback.take.clip(&self.bank)
                {
                    playback.take.looping = clip.cut.looping && !playback.broken;
                }
                if let Some(voice) = running.filter(|_| replaced) {
                    self.swap(id, voice, StartFrom::SameAs(voice, share), self.swap_fade());
                }
            }
            // A one-shot plays out as it is; its sound is no longer the event's.
            None if plays_out => playback.take.sound = NO_SOUND,
            None if playback.keeps_time => return self.stop_one(id, Some(self.swap_fade()), 0),
            // What comes after it comes all the same, when a loop has faded out.
            None if playback.strand.is_some() => {
                if running.is_none() {
                    return self.end(id, Ended::Finished);
                }
                playback.strand = None;
                return self.stop_one(id, Some(self.swap_fade()), 0);
            }
            // The event plays something else now: so does what runs on it.
            None => {
                let (owner, layers) = (playback.owner, playback.take.layers.clone());
                self.redraw(owner, event, Over::Within(self.swap_fade()), |take| take.layers == layers);
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

/// A playback, its event in the old bank, its sound in the new one with whether the file was replaced, and where in the old
/// one it is, as a share of its length.
type Renamed = (PlaybackId, Option<EventId>, (Option<SoundId>, bool), f32);

/// What becomes of each of the old bank's events and sounds, worked out once for all playbacks.
struct Passage {
    events: Vec<EventPassage>,
    /// The sound of the same name, and whether its file's contents changed.
    sounds: Vec<(Option<SoundId>, bool)>,
    /// What there was to know of the old ones.
    facts: Vec<Option<ClipFacts>>,
}

struct EventPassage {
    event: Option<EventId>,
    /// Whether it goes to another bus.
    moved: bool,
    /// Whether it sits in the world otherwise, or something else becomes of it while it is not heard.
    respaced: bool,
    /// The clips it can play now.
    plays: BTreeSet<SoundId>,
    /// Everything that it can come by now.
    reaches: BTreeSet<SoundId>,
}

impl Passage {
    fn event(&self, before: EventId) -> Option<EventId> {
        self.events.get(before.index())?.event
    }

    fn sound(&self, before: SoundId) -> SoundId {
        self.sounds.get(before.index()).and_then(|sound| sound.0).unwrap_or(NO_SOUND)
    }

    fn new(
        old: &Bank,
        new: &Bank,
        old_facts: Vec<Option<ClipFacts>>,
        new_facts: &[Option<ClipFacts>],
    ) -> Self {
        let pass_event = |event: &Event| {
            let id = new.event(&event.name);
            let now = id.map(|id| &new.events[id.index()]);
            let bus = |bank: &Bank, bus: BusId| bank.buses[bus.index()].name.clone();
            EventPassage {
                event: id,
                moved: now.is_some_and(|now| bus(new, now.bus) != bus(old, event.bus)),
                respaced: now.is_some_and(|now| now.space != event.space || now.virtually != event.virtually),
                plays: now.and_then(|now| now.play).map(|play| new.clips(play)).unwrap_or_default(),
                reaches: now.and_then(|now| now.play).map(|play| new.reach(play)).unwrap_or_default(),
            }
        };
        let content = |facts: &[Option<ClipFacts>], index: usize| {
            facts.get(index).copied().flatten().map(|facts| facts.content)
        };
        let pass_sound = |(index, sound): (usize, &Sound)| {
            let id = new.sound(&sound.name);
            let replaced = id.is_some_and(|id| content(&old_facts, index) != content(new_facts, id.index()));
            (id, replaced)
        };
        Self {
            events: old.events.iter().map(pass_event).collect(),
            sounds: old.sounds.iter().enumerate().map(pass_sound).collect(),
            facts: old_facts,
        }
    }
}
