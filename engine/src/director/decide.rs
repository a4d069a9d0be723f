//! Who gets a voice, update by update.
//!
//! In this order: playing voices follow the world (loops out of earshot give their voice back); what was
//! posted is admitted; what sleeps in earshot wakes. Who is let in is decided in `admit`.

use super::admit::Worth;
use super::group::{Over, Playing};
use super::mix::{Heard, Scenery, heard};
use super::playback::Playback;
use super::take::Take;
use super::{ClipFacts, Director, Ended, Order, PlaybackId};
use crate::bank::{EventId, SoundId, SoundKind, SwitchChange};
use crate::effects::{FadeShape, Interpolation};
use crate::link::{Command, Start, StartFrom};
use std::collections::BTreeMap;

/// The fade of a voice that gives way or goes to sleep: short, and not a click.
const YIELD_FADE_SECONDS: f32 = 0.01;

/// The fade before and after a leap to another place of a sound.
const LEAP_FADE_SECONDS: f32 = 0.005;

/// What a sleeping loop's gain counts for beside one that plays: 3 dB less.
const CLEARLY: f32 = 0.707;

impl Director {
    pub(super) fn facts(&self, playback: &Playback) -> Option<ClipFacts> {
        self.facts_of(&playback.take)
    }

    pub(super) fn facts_of(&self, take: &Take) -> Option<ClipFacts> {
        self.facts.get(take.sound.index()).copied().flatten()
    }

    pub(super) fn heard(&self, playback: &Playback) -> Option<Heard> {
        let stereo = self.facts(playback)?.stereo;
        let Self { bank, world, parameters, levels, reverbs, config, .. } = self;
        // What moves by itself is asked for where it will be when the glide to it has ended.
        let glide = if playback.voice.is_some() { self.glide } else { 0 };
        let ahead = (self.now + u64::from(glide)).max(playback.start);
        let (now, sample_rate, seed) = (self.now, config.sample_rate, config.seed);
        let scenery = Scenery { bank, world, parameters, levels, reverbs, now, ahead, sample_rate, seed };
        heard(&scenery, playback, stereo)
    }

    pub(super) fn yield_fade(&self) -> u32 {
        (YIELD_FADE_SECONDS * self.config.sample_rate as f32) as u32
    }

    /// The fade before and after a leap to another place.
    pub(super) fn leap_fade(&self) -> u32 {
        (LEAP_FADE_SECONDS * self.config.sample_rate as f32) as u32
    }

    pub(super) fn update_real(&mut self) {
        for id in self.playbacks.real() {
            let Some(playback) = self.playbacks.get(id) else {
                continue;
            };
            let (Some(heard), Some(voice)) = (self.heard(playback), playback.voice) else {
                continue;
            };
            let facts = self.facts(playback);
            if heard.out_of_earshot && self.gives_way_unheard(playback) && !playback.stopping {
                self.take_voice(id, Ended::OutOfEarshot);
                continue;
            }
            let now = self.now;
            let Some(playback) = self.playbacks.get_mut(id) else {
                continue;
            };
            if playback.gain != heard.gain {
                playback.gain = heard.gain;
                self.touched.extend(playback.emitter);
            }
            playback.set_rate(heard.mix.rate, now, facts);
            if playback.sent != Some(heard.mix) {
                playback.sent = Some(heard.mix);
                let command = Command::Mix { voice, mix: heard.mix, glide: self.glide };
                self.orders.push(Order { at: self.stamp, command });
            }
        }
    }

    /// Lets what loops go over to other cases of its switches, where they ask for it.
    pub(super) fn switch_over(&mut self) {
        let mut changed: BTreeMap<PlaybackId, (EventId, SwitchChange, Vec<SoundId>)> = BTreeMap::new();
        for Playing { owner, event, on, take, .. } in self.playing().filter(|one| one.lasts) {
            let Some(event) = event else { continue };
            let other_case = |&(id, before): &(SoundId, Option<SoundId>)| {
                let SoundKind::Switch(switch) = &self.bank.sounds.get(id.index())?.kind else {
                    return None;
                };
                let label = self.parameters.value(on, switch.on) as usize;
                let now = switch.cases.get(label).copied().flatten();
                switch.change.filter(|_| now != before).map(|change| (id, change))
            };
            for (switch, change) in take.switches.iter().filter_map(other_case) {
                let entry = changed.entry(owner).or_insert((event, change, Vec::new()));
                entry.2.push(switch);
            }
        }
        for (owner, (event, change, switches)) in changed {
            let over = match change {
                SwitchChange::Crossfade(time) => Over::Within(time.frames(self.config.sample_rate)),
                SwitchChange::AtEnd => Over::AtEnd,
            };
            self.redraw(owner, event, over, |take| {
                take.switches.iter().any(|(switch, _)| switches.contains(switch))
            });
        }
    }

    /// Lays a playback to sleep where it is; it wakes when the listener comes near.
    pub(super) fn sleep(&mut self, id: PlaybackId) {
        self.playbacks.sleepers.remove(id);
        self.playbacks.unheard.remove(&id);
        self.rest(id);
        let Some(playback) = self.playbacks.get(id) else { return };
        self.touched.extend(playback.emitter);
        let space = playback.event.and_then(|event| self.bank.events[event.index()].space);
        let place = playback.emitter.and_then(|emitter| self.world.position(emitter));
        match (space, place) {
            (Some(space), Some(place)) => {
                let place = playback.take.place(place);
                self.playbacks.sleepers.insert(id, place, space.max.get());
            }
            _ => {
                self.playbacks.unheard.insert(id);
            }
        }
    }

    pub(super) fn wake(&mut self) {
        for id in self.playbacks.take_fresh(self.horizon()) {
            self.admit_fresh(id);
        }
        let mut waking = match self.world.listener {
            Some(listener) => self.playbacks.sleepers.heard_at(listener.position),
            None => Vec::new(),
        };
        waking.extend(&self.playbacks.unheard);
        // The weightiest first, so that a ceiling admits them and not whoever came first.
        let mut waking: Vec<(Worth, PlaybackId)> = waking
            .into_iter()
            .filter(|&id| {
                self.playbacks.get(id).is_some_and(|playback| !playback.is_fresh() && !playback.paused)
            })
            .filter_map(|id| Some((self.worth(id)?, id)))
            .collect();
        waking.sort_by(|(a, a_id), (b, b_id)| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(a_id.cmp(b_id)));
        for ((priority, gain), id) in waking {
            // Near equals must not take turns: what plays stays until another is clearly louder.
            if !self.come_back(id, (priority, gain * CLEARLY)) {
                break;
            }
        }
    }

    pub(super) fn fade_in(&self, playback: &Playback) -> u32 {
        if let Some(rise) = playback.rise {
            return rise;
        }
        let rate = self.config.sample_rate;
        let event = playback.event.map_or(0, |event| self.bank.events[event.index()].fade_in.frames(rate));
        let clip = playback.take.clip(&self.bank).map_or(0, |clip| clip.fade_in.frames(rate));
        event.max(clip)
    }

    /// Whether a playback would play from the disk.
    pub(super) fn streams(&self, playback: &Playback) -> bool {
        self.facts(playback).is_some_and(|facts| facts.streamed)
    }

    /// Every slot is taken, many by long fades: ends those quickly, for whoever comes next.
    pub(super) fn hasten(&mut self) {
        for id in self.playbacks.real() {
            if let Some(voice) =
                self.playbacks.get(id).filter(|playback| playback.stopping).and_then(|p| p.voice)
            {
                let command = Command::Stop { voice, at: 0, fade: self.yield_fade() };
                self.orders.push(Order { at: self.stamp, command });
            }
        }
    }

    /// Starts a voice in a free slot, the ceiling notwithstanding.
    pub(super) fn start_voice(&mut self, id: PlaybackId, from: StartFrom, at: u64, fade_in: u32) -> bool {
        let Some(playback) = self.playbacks.get(id) else {
            return false;
        };
        let Some(heard) = self.heard(playback) else {
            return false;
        };
        let rate = self.config.sample_rate;
        let (paused, clip) = (playback.paused, playback.take.clip(&self.bank));
        let event = playback.event.map(|event| &self.bank.events[event.index()]);
        let event_shape = event.map_or_else(FadeShape::default, |event| event.fade_shape);
        let clip_shape = clip.map_or_else(FadeShape::default, |clip| clip.fade_shape);
        // Of the clip's fade and the event's the longer is heard, with its own shape.
        let clip_rises = clip.is_some_and(|clip| clip.fade_in.frames(rate) == fade_in && fade_in > 0);
        let clip_fall = clip.map_or(0, |clip| clip.fade_out.frames(rate));
        let falls = playback.fall > clip_fall;
        let order = Start {
            voice: match self.voices.take(id, self.streams(playback)) {
                Some(voice) => voice,
                None => return false,
            },
            sample: playback.take.sound.0,
            bus: playback.bus.0 as u16,
            at,
            from,
            mix: heard.mix,
            fade_in,
            fade_in_shape: match playback.crosses {
                Some(shape) if playback.rise == Some(fade_in) => shape,
                _ if clip_rises => clip_shape,
                _ => event_shape,
            },
            fade_out: if falls { playback.fall } else { clip_fall },
            fade_out_shape: playback.crosses.filter(|_| falls).unwrap_or(clip_shape),
            stop_shape: event_shape,
            interpolation: clip.map_or_else(Interpolation::default, |clip| clip.interpolation),
            looping: playback.take.looping,
            fold: event.is_some_and(|event| event.space.is_some()),
        };
        self.orders.push(Order { at: self.stamp, command: Command::Start(order) });
        if paused {
            let command = Command::Pause { voice: order.voice, on: true, fade: 0 };
            self.orders.push(Order { at: self.stamp, command });
        }
        self.touched.extend(playback.emitter);
        self.playbacks.realise(id, order.voice, heard.mix, heard.gain);
        self.follow_way(id, from, at);
        self.retell(id, at.max(self.now), Ended::Finished);
        self.move_on(id);
        true
    }
}
