//! Events into voices: what is drawn, where it is heard, what gets a voice.
//!
//! Lives here: playbacks and their state, the random draws, the ceiling on voices, virtual loops. May be named
//! here: `bank`, `space`, `link`, `units`. Runs on the game thread. No clock, no input or output, no ECS: time
//! comes in as frames, orders go out as a list, and the same calls give the same orders.
//!
//! A playback is one posted event. It is *real* while a voice plays it and *virtual* while only its time goes
//! on: a loop out of earshot costs one distance test per update and comes back at the place it would have
//! reached.

mod admit;
mod adopt;
mod decide;
mod deeds;
mod draw;
mod group;
mod halt;
mod loaded;
mod markers;
mod mix;
mod modulation;
mod motion;
mod music;
mod notices;
mod parameters;
mod playback;
mod queue;
mod release;
mod rng;
mod sleepers;
mod states;
mod strand;
mod strands;
mod take;
mod voices;
mod world;

pub use deeds::Request;
pub use music::MusicPosition;
pub use notices::{Happened, Notice};
pub use parameters::ParameterReading;
pub use playback::{Ended, PlaybackId, State};
pub use queue::QueueLine;
pub use states::{Holder, Weighed};
pub use world::EmitterKey;

use crate::bank::{Bank, EventId, ReverbId, SoundId};
use crate::link::{Command, Report};
use crate::space::{Pose, ZoneField};
use crate::units::{Amount, Decibels};
use admit::Recent;
use deeds::Deeds;
use draw::{Circumstances, Drawer};
use glam::Vec3;
use halt::Whom;
use markers::Way;
use modulation::Needs;
use music::Player;
use notices::Stage;
use parameters::Parameters;
use playback::{Playback, Playbacks};
use queue::Queues;
use rng::Rng;
use states::States;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use strand::Strands;
use take::Take;
use voices::Voices;
use world::World;

/// What the director must know of a clip's sound file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClipFacts {
    /// Its length in frames, at the engine's rate.
    pub frames: u32,
    /// Whether it has two channels.
    pub stereo: bool,
    /// Whether it plays from the disk.
    pub streamed: bool,
    /// A number that changes with its contents.
    pub content: u64,
    /// The frames that repeat, the first and one beyond the last, if it loops.
    pub lap: Option<(u32, u32)>,
    /// The place from which on it is too late to leave the loop at the lap's end, so that it takes one lap more. Beyond the
    /// lap's end if it is never too late.
    pub exit: u32,
}

/// Slots that the mixer needs for a ceiling of `voices`: as many again, at least 32, in which voices that were
/// stopped or gave way fade out.
pub const fn slots(voices: u16) -> u16 {
    voices.saturating_add(if voices > 32 { voices } else { 32 })
}

/// How long before its time something scheduled is looked at, in milliseconds: until then it needs no voice.
const HORIZON_MILLISECONDS: u64 = 100;

/// What the director is told at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// The engine's rate in frames per second.
    pub sample_rate: u32,
    /// The most voices at once, those fading out not counted. The mixer needs [`slots`].
    pub voices: u16,
    /// The seed of all draws.
    pub seed: u64,
}

/// An order for the mixer, with the frame from which it is due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// The frame of the mixer's clock; zero is at once.
    pub at: u64,
    /// The order.
    pub command: Command,
}

/// Turns posted events into orders for voices.
pub struct Director {
    config: Config,
    bank: Arc<Bank>,
    facts: Vec<Option<ClipFacts>>,
    /// Clips whose sound is not loaded.
    absent: BTreeSet<SoundId>,
    rng: Rng,
    drawer: Drawer,
    parameters: Parameters,
    states: States,
    playbacks: Playbacks,
    voices: Voices,
    world: World,
    /// The reverbs heard at the listener's place, by bus, with linear gains.
    reverbs: Vec<(u16, f32)>,
    /// Stops that are not due yet: when, over how many frames, and what.
    timed_stops: Vec<(u64, Option<u32>, Whom)>,
    /// The sounds of playbacks that have several at once.
    groups: BTreeMap<PlaybackId, Vec<PlaybackId>>,
    /// What plays one after another.
    strands: Strands,
    /// Music that plays.
    players: BTreeMap<PlaybackId, Player>,
    /// When sleeping one-shots come to their end.
    expiries: Vec<(u64, PlaybackId)>,
    /// What cooldowns go by.
    recent: BTreeMap<EventId, Vec<Recent>>,
    /// What the bank's levels and followers were when they were last heard.
    levels: Vec<f32>,
    /// What must be looked at from update to update.
    needs: Needs,
    /// Playbacks whose envelopes are let go with the next update, and those whose envelopes fall.
    let_go: Vec<PlaybackId>,
    falling: BTreeSet<PlaybackId>,
    now: u64,
    stamp: u64,
    glide: u32,
    orders: Vec<Order>,
    notices: Vec<Notice>,
    /// What is to be told when its time has come.
    upcoming: Vec<Notice>,
    /// What was told of playbacks of several sounds.
    stages: BTreeMap<PlaybackId, Stage>,
    /// The ways of voices through samples with markers.
    ways: BTreeMap<PlaybackId, Way>,
    deeds: Deeds,
    /// Lines of dialogue.
    queues: Queues,
    /// Emitters on which something may be heard otherwise than at the last update.
    touched: BTreeSet<EmitterKey>,
}

impl Director {
    /// Starts with a bank. `facts` has an entry for each of the bank's sounds, by id; those that are no clips
    /// have none, nor have clips whose sound is not loaded.
    pub fn new(config: Config, bank: Arc<Bank>, facts: Vec<Option<ClipFacts>>) -> Self {
        let parameters = Parameters::new(&bank);
        Self {
            config,
            drawer: Drawer::new(&bank),
            states: States::new(&bank, &parameters),
            parameters,
            levels: modulation::silent(&bank),
            needs: Needs::of(&bank),
            let_go: Vec::new(),
            falling: BTreeSet::new(),
            absent: loaded::absent(&bank, &facts),
            bank,
            facts,
            rng: Rng::new(config.seed),
            playbacks: Playbacks::default(),
            voices: Voices::new(slots(config.voices)),
            world: World::default(),
            reverbs: Vec::new(),
            timed_stops: Vec::new(),
            groups: BTreeMap::new(),
            strands: Strands::default(),
            players: BTreeMap::new(),
            expiries: Vec::new(),
            recent: BTreeMap::new(),
            now: 0,
            stamp: 0,
            glide: 0,
            orders: Vec::new(),
            notices: Vec::new(),
            upcoming: Vec::new(),
            stages: BTreeMap::new(),
            ways: BTreeMap::new(),
            deeds: Deeds::default(),
            queues: Queues::default(),
            touched: BTreeSet::new(),
        }
    }

    /// The bank in force.
    pub fn bank(&self) -> &Arc<Bank> {
        &self.bank
    }

    /// Adds a place in the world from which events can sound.
    pub fn add_emitter(&mut self, position: Vec3, gain: Decibels) -> EmitterKey {
        self.world.add(position, gain.amplitude())
    }

    /// Moves an emitter. Places that are not finite are ignored.
    pub fn move_emitter(&mut self, emitter: EmitterKey, position: Vec3) {
        if position.is_finite() && self.world.place(emitter, position) {
            let roots = self.world.playbacks(emitter).iter();
            for owner in roots.flat_map(|&root| self.deeds.children(root).chain([root])) {
                match self.groups.get(&owner) {
                    Some(members) => {
                        for &member in members {
                            let Some(playback) = self.playbacks.get(member) else { continue };
                            let place = playback.take.place(position);
                            self.playbacks.sleepers.place(member, place);
                        }
                    }
                    None => self.playbacks.sleepers.place(owner, position),
                }
            }
        }
    }

    /// Sets an emitter's own gain.
    pub fn set_emitter_gain(&mut self, emitter: EmitterKey, gain: Decibels) {
        self.world.set_gain(emitter, gain.amplitude());
    }

    /// Says how far something stands between an emitter and the listener.
    pub fn set_emitter_occlusion(&mut self, emitter: EmitterKey, occlusion: Amount) {
        self.world.set_occlusion(emitter, occlusion.get());
    }

    /// Removes an emitter; what plays on it fades out.
    pub fn remove_emitter(&mut self, emitter: EmitterKey) {
        for id in self.world.remove(emitter) {
            // Without a place nothing of it moves any more, so no envelope is waited for.
            self.stop_over(id, |director, member| Some(director.own_fade(member)), self.now);
        }
        self.parameters.forget(emitter);
        self.drawer.forget(emitter);
    }

    /// Sets where the listener is; without one, events in space are not heard.
    pub fn set_listener(&mut self, listener: Option<Pose>) {
        self.world.listener = listener.filter(|pose| pose.position.is_finite() && pose.rotation.is_finite());
    }

    /// Sets the reverbs around the listener from the zones in the world.
    pub fn set_zones(&mut self, zones: &[ZoneField<ReverbId>]) {
        self.reverbs = mix::reverbs(&self.bank, self.world.listener, zones);
    }

    /// The reverbs heard at the listener's place, each with its share of power.
    pub fn reverbs(&self) -> Vec<(String, f32)> {
        let name = |bus: u16| self.bank.reverbs.iter().find(|reverb| reverb.bus.0 == u32::from(bus));
        let named = |&(bus, gain): &(u16, f32)| Some((name(bus)?.name.clone(), gain * gain));
        self.reverbs.iter().filter_map(named).collect()
    }

    /// Posts an event, on an emitter or on none, to sound from frame `at` of the mixer's clock on (the past
    /// means now).
    pub fn post(&mut self, event: EventId, on: Option<EmitterKey>, at: u64) -> PlaybackId {
        let id = self.playbacks.next_id();
        self.post_as(id, event, on, at);
        id
    }

    /// Reserves an id for [`Director::post_as`].
    pub fn reserve(&mut self) -> PlaybackId {
        self.playbacks.next_id()
    }

    /// As [`Director::post`], under an id from [`Director::reserve`].
    pub fn post_as(&mut self, id: PlaybackId, event: EventId, on: Option<EmitterKey>, at: u64) {
        if !self.post_line(id, event, on, at) {
            self.post_at_once(id, event, on, at);
        }
    }

    /// Posts an event that waits for no other.
    fn post_at_once(&mut self, id: PlaybackId, event: EventId, on: Option<EmitterKey>, at: u64) {
        if on.is_some_and(|emitter| self.world.position(emitter).is_none()) {
            return self.tell(id, on, self.now, Happened::Ended(Ended::Stopped));
        }
        if !self.bank.events[event.index()].actions.is_empty() {
            return self.post_family(id, event, on, at);
        }
        if !self.sound(id, event, on, at.max(self.now)) {
            return self.tell(id, on, self.now, Happened::Ended(Ended::Finished));
        }
        if let Some(emitter) = on {
            self.world.attach(emitter, id);
        }
    }

    /// Adds the sound of an event, if its choices come to any.
    fn sound(&mut self, id: PlaybackId, event: EventId, on: Option<EmitterKey>, start: u64) -> bool {
        let takes = self.draw(event, on, start);
        if takes.is_empty() {
            return false;
        }
        self.touched.extend(on);
        if let Some(snapshot) = self.bank.events[event.index()].snapshot {
            self.states.expect(start, id, snapshot);
        }
        self.add(id, event, on, start, takes);
        true
    }

    /// Makes all choices of an event that sounds from frame `at` on.
    fn draw(&mut self, event: EventId, on: Option<EmitterKey>, at: u64) -> Vec<Take> {
        let Self { drawer, bank, parameters, rng, config, .. } = self;
        let sample_rate = config.sample_rate;
        drawer.draw(&Circumstances { bank, parameters, on, at, sample_rate }, event, rng)
    }

    /// The frame before which things are looked at now.
    fn horizon(&self) -> u64 {
        self.now + u64::from(self.config.sample_rate) * HORIZON_MILLISECONDS / 1000
    }

    /// What a playback is doing; `None` when it has ended.
    pub fn state(&self, id: PlaybackId) -> Option<State> {
        if self.queues.waits(id) {
            return Some(State::Waiting);
        }
        let family = self.is_family(id);
        if !family && !self.groups.contains_key(&id) {
            return self.playbacks.get(id).map(Playback::state);
        }
        // The most that any of its sounds does; what only has actions left waits for them.
        let members = self.family(id);
        let states = members.iter().filter_map(|&member| self.playbacks.get(member)).map(Playback::state);
        let all = states.reduce(|one, other| match (one, other) {
            (State::Real(a), State::Real(b)) => State::Real(a.max(b)),
            (State::Real(gain), _) | (_, State::Real(gain)) => State::Real(gain),
            (State::Waiting, _) | (_, State::Waiting) => State::Waiting,
            _ => State::Virtual,
        });
        // Between two sounds only its time goes on; what only has actions left waits for them.
        let runs = self.groups.contains_key(&id);
        all.or(Some(if runs { State::Virtual } else { State::Waiting }))
    }

    /// What plays on an emitter.
    pub fn on_emitter(&self, emitter: EmitterKey) -> &[PlaybackId] {
        self.world.playbacks(emitter)
    }

    /// Brings the world up to `now` (a frame of the mixer's clock) and writes orders that are due from
    /// `stamp` on. Gains glide over `glide` frames, the time until the next update.
    pub fn update(&mut self, now: u64, stamp: u64, glide: u32) {
        let seconds = now.saturating_sub(self.now) as f32 / self.config.sample_rate as f32;
        self.now = now;
        self.stamp = stamp;
        self.glide = glide;
        self.tell_upcoming();
        self.act_on_time();
        self.playbacks.see_fresh(now);
        if self.needs.motion {
            self.world.follow_motion(seconds);
        }
        self.let_fall();
        self.parameters.advance(&self.bank, seconds);
        if self.parameters.take_relabelled() {
            self.switch_over();
        }
        self.expire();
        self.update_real();
        self.end_absent();
        self.run_strands();
        self.run_music();
        self.run_queues();
        self.wake();
        let horizon = self.horizon();
        for (at, fade, whom) in
            self.timed_stops.extract_if(.., |&mut (at, _, _)| at < horizon).collect::<Vec<_>>()
        {
            match whom {
                Whom::Playback(id) => self.stop(id, fade, at),
                Whom::Sound(id) => self.stop_one(id, fade, at),
            }
        }
        // After it is known who was let in: what was refused brings no snapshot in.
        self.states.advance(&self.bank, &self.parameters, seconds, now);
        self.tell_markers();
    }

    /// Takes a fact from the mixer.
    pub fn report(&mut self, report: Report) {
        if let Report::Ended { voice, stopped } = report
            && let Some(id) = self.voices.free(voice)
            && let Some(playback) = self.playbacks.get(id).filter(|playback| playback.voice == Some(voice))
        {
            let why = if stopped { playback.stopped() } else { Ended::Finished };
            self.end(id, why);
        }
    }

    /// The orders since the last call, in order.
    pub fn take_orders(&mut self) -> std::vec::Drain<'_, Order> {
        self.orders.drain(..)
    }

    /// What happened to playbacks since the last call.
    pub fn take_notices(&mut self) -> std::vec::Drain<'_, Notice> {
        self.notices.drain(..)
    }

    /// Emitters on which something may be heard otherwise than at the last call; the others are as they were.
    pub fn take_touched(&mut self) -> BTreeSet<EmitterKey> {
        std::mem::take(&mut self.touched)
    }
}

#[cfg(test)]
mod tests;
