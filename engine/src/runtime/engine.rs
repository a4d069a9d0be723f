//! A running engine.

use super::banks::Parts;
use super::builder::Plugins;
use super::desk::Desk;
use super::faults::EffectFault;
use super::output::{DeviceStatus, Host};
use super::plan::Layout;
use super::plan::curves::{place_of, place_of_share};
use super::stems::{MOST_FRAMES, Recorder, Stems};
use super::streams::Streams;
use crate::bank::{self, Bank};
use crate::director::{ClipFacts, Director, EmitterKey, MusicPosition, Notice, PlaybackId, State};
use crate::link::{Command, Report};
use crate::mixer::{BLOCK, MixerEnd};
use crate::reload::{Project, Reload, Watcher};
use crate::space::{Pose, ZoneField};
use crate::units::{Amount, Decibels, Seconds};
use glam::Vec3;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The longest time between two updates over which gains glide, in seconds.
const LONGEST_GLIDE: f32 = 0.05;

/// How many notices are kept for a game that doesn't take them.
const MOST_NOTICES: usize = 16_384;

/// A project that plays. In an ECS it lives in [`ecs::Tonmeister`](crate::ecs::Tonmeister); a game without one
/// calls it directly: place emitters and the listener, post events, and [`Engine::update`] once a frame.
pub struct Engine {
    pub(super) host: Host,
    pub(super) control: MixerEnd,
    pub(super) director: Director,
    pub(super) project: Project,
    pub(super) layout: Layout,
    pub(super) desk: Desk,
    pub(super) plugins: Arc<Plugins>,
    pub(super) watcher: Option<Watcher>,
    pub(super) recorder: Option<Recorder>,
    pub(super) streams: Streams,
    pub(super) rate: u32,
    /// Threads for decoding; 0 is one for each core.
    pub(super) threads: usize,
    pub(super) parts: Parts,
    clock: Clock,
    updated: u64,
    /// When the last reload was taken live.
    pub(super) reloaded: u64,
    pub(super) bank_version: u64,
    /// What plug-ins did wrong since the game last asked.
    pub(super) faults: Vec<EffectFault>,
    /// Buses whose programme levels are measured.
    pub(super) measured: BTreeSet<String>,
    /// Reverbs that zones name and the bank does not have, each told once.
    pub(super) unknown_reverbs: BTreeSet<String>,
    /// How many graphs were sent to the mixer.
    pub(super) editions: u64,
    rendered: u64,
    pub(super) reloads: Vec<Reload>,
    pub(super) notices: Vec<Notice>,
    lost_notices: u64,
}

/// What time it is for orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    /// The mixer's; orders take effect at once.
    Mixer,
    /// A frame that the owner sets ahead of the mixer; orders take effect when the mixer gets there.
    Set(u64),
}

pub(super) struct Made {
    pub(super) host: Host,
    pub(super) control: MixerEnd,
    pub(super) director: Director,
    pub(super) project: Project,
    pub(super) layout: Layout,
    pub(super) plugins: Arc<Plugins>,
    pub(super) watcher: Option<Watcher>,
    pub(super) recorder: Option<Recorder>,
    pub(super) rate: u32,
    pub(super) threads: usize,
    pub(super) parts: Parts,
}

/// What the director must know of each of the project's clips.
pub(super) fn facts(project: &Project) -> Vec<Option<ClipFacts>> {
    let facts = |sample: &Option<Arc<crate::media::Sample>>| {
        sample.as_ref().map(|sample| ClipFacts {
            frames: sample.frames() as u32,
            stereo: sample.is_stereo(),
            streamed: sample.source().is_some(),
            content: sample.edition(),
            lap: sample.lap().map(|lap| (lap.frames().start as u32, lap.frames().end as u32)),
            exit: sample.lap().and_then(crate::media::Lap::last_exit).map_or(u32::MAX, |exit| exit as u32),
        })
    };
    project.samples.iter().map(facts).collect()
}

impl Engine {
    pub(super) fn new(made: Made) -> Self {
        let Made {
            host,
            control,
            director,
            project,
            layout,
            plugins,
            watcher,
            recorder,
            rate,
            threads,
            parts,
        } = made;
        let mut engine = Self {
            host,
            control,
            director,
            project,
            layout,
            desk: Desk::default(),
            plugins,
            watcher,
            recorder,
            streams: Streams::default(),
            rate,
            threads,
            parts,
            clock: Clock::Mixer,
            updated: 0,
            reloaded: 0,
            bank_version: 0,
            measured: BTreeSet::new(),
            faults: Vec::new(),
            unknown_reverbs: BTreeSet::new(),
            editions: 1,
            rendered: 0,
            reloads: Vec::new(),
            notices: Vec::new(),
            lost_notices: 0,
        };
        engine.note_start();
        engine
    }

    /// The engine's rate in frames per second.
    pub fn sample_rate(&self) -> u32 {
        self.rate
    }

    /// The bank in force.
    pub fn bank(&self) -> &Arc<Bank> {
        self.director.bank()
    }

    /// Which bank is in force: a number that grows with each reload that changes anything.
    pub fn bank_version(&self) -> u64 {
        self.bank_version
    }

    /// The project in force.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Whether [`Engine::render`] pulls the sound, rather than a device.
    pub fn is_offline(&self) -> bool {
        self.host.is_offline()
    }

    /// What the engine plays to.
    pub fn device(&mut self) -> DeviceStatus {
        self.host.status()
    }

    /// The frame up to which the mixer has rendered.
    pub fn mixer_frame(&self) -> u64 {
        self.control.board().clock()
    }

    /// The frame that counts as now: the mixer's, or the one set with [`Engine::set_clock`].
    pub fn now(&self) -> u64 {
        match self.clock {
            Clock::Mixer => self.mixer_frame(),
            Clock::Set(frame) => frame,
        }
    }

    /// Takes the clock over: from now on orders are stamped with the frame set here and take effect when the
    /// mixer gets there. Whoever does so must stay ahead of the mixer, and gets the same sound however late
    /// the device or this thread is.
    pub fn set_clock(&mut self, frame: u64) {
        self.clock = Clock::Set(frame);
    }

    /// Adds a place in the world.
    pub fn add_emitter(&mut self, position: Vec3, gain: Decibels) -> EmitterKey {
        self.director.add_emitter(position, gain)
    }

    /// Moves an emitter.
    pub fn move_emitter(&mut self, emitter: EmitterKey, position: Vec3) {
        self.director.move_emitter(emitter, position);
    }

    /// Sets an emitter's own gain.
    pub fn set_emitter_gain(&mut self, emitter: EmitterKey, gain: Decibels) {
        self.director.set_emitter_gain(emitter, gain);
    }

    /// Removes an emitter; what plays on it fades out.
    pub fn remove_emitter(&mut self, emitter: EmitterKey) {
        self.director.remove_emitter(emitter);
    }

    /// Sets where the listener is. Without one, events in space are not heard.
    pub fn set_listener(&mut self, listener: Option<Pose>) {
        self.director.set_listener(listener);
    }

    /// Sets the reverb zones of the world, each naming a preset of the bank. A name that the bank does not have is
    /// logged once and passed over; so is a zone whose place is no number.
    pub fn set_zones<'a>(&mut self, zones: impl IntoIterator<Item = ZoneField<&'a str>>) {
        let bank = self.director.bank().clone();
        let mut known = Vec::new();
        for ZoneField { zone: name, shape, position, rotation, fade, priority } in zones {
            let Some(zone) = bank.reverb(name) else {
                if self.unknown_reverbs.insert(name.to_owned()) {
                    let names = bank.reverbs.iter().map(|reverb| reverb.name.as_str());
                    let near = bank::nearest(name, names).map(|near| format!("; did you mean \"{near}\"?"));
                    tracing::warn!(
                        "a zone names the reverb \"{name}\", which no bank has{}",
                        near.unwrap_or_default()
                    );
                }
                continue;
            };
            if position.is_finite() && rotation.is_finite() && fade.is_finite() {
                known.push(ZoneField { zone, shape, position, rotation, fade, priority });
            }
        }
        self.director.set_zones(&known);
    }

    /// Posts an event by name, on an emitter or on none. Its actions are carried out, and it sounds with the next block
    /// after the next [`Engine::update`]. One playback stands for all of it, what its actions post included. `None` if the bank has no such event; that is logged once for each call.
    pub fn post(&mut self, event: &str, on: Option<EmitterKey>) -> Option<PlaybackId> {
        self.post_at(event, on, 0)
    }

    /// As [`Engine::post`], to sound exactly at frame `at` of the mixer's clock; the past means now.
    pub fn post_at(&mut self, event: &str, on: Option<EmitterKey>, at: u64) -> Option<PlaybackId> {
        let playback = self.director.reserve();
        self.post_as(playback, event, on, at).then_some(playback)
    }

    /// Reserves a playback for [`Engine::post_as`], for one whose emitter is not known yet.
    pub fn reserve(&mut self) -> PlaybackId {
        self.director.reserve()
    }

    /// As [`Engine::post_at`], under a reserved id; says whether the bank has the event.
    pub fn post_as(&mut self, playback: PlaybackId, event: &str, on: Option<EmitterKey>, at: u64) -> bool {
        let Some(id) = self.director.bank().event(event) else {
            let names = self.director.bank().events.iter().map(|event| event.name.as_str());
            match bank::nearest(event, names) {
                Some(near) => tracing::warn!("no event is called \"{event}\"; did you mean \"{near}\"?"),
                None => tracing::warn!("no event is called \"{event}\""),
            }
            return false;
        };
        self.warn_if_silent(id);
        self.director.post_as(playback, id, on, at);
        true
    }

    /// Stops a playback over `fade`, or over the event's own fade. Without a `fade`, envelopes that move its gain are let go
    /// and heard to their ends first, the event's fade being the last part of that.
    pub fn stop(&mut self, playback: PlaybackId, fade: Option<Seconds>) {
        self.stop_at(playback, fade, 0);
    }

    /// As [`Engine::stop`], from exactly frame `at` of the mixer's clock on.
    pub fn stop_at(&mut self, playback: PlaybackId, fade: Option<Seconds>, at: u64) {
        let rate = self.rate;
        self.director.stop(playback, fade.map(|fade| fade.frames(rate)), at);
    }

    /// Holds a playback where it is, within a few milliseconds and without a click; held, it costs nothing.
    pub fn pause(&mut self, playback: PlaybackId) {
        self.director.pause(playback, true);
    }

    /// Lets a playback that was held go on.
    pub fn resume(&mut self, playback: PlaybackId) {
        self.director.pause(playback, false);
    }

    /// Makes a playback go on at another place of its sound, in seconds from its beginning at natural pitch; of a
    /// loop, at where that place is after so many laps. What has not begun yet begins there. Of what plays one after
    /// another it is a place in the one that is heard. What plays from the disk is read there ahead; if that is late, it is
    /// heard as soon as it is there, and in time with what leapt with it.
    pub fn seek(&mut self, playback: PlaybackId, to: Seconds) {
        self.director.seek(playback, (f64::from(to.get()) * f64::from(self.rate)).round());
    }

    /// Makes what loops of a playback leave its loop: the lap is finished, then the rest of the file plays out, without a
    /// gap. What is within the loop's crossfade already finishes one lap more.
    pub fn break_loop(&mut self, playback: PlaybackId) {
        self.director.break_loop(playback);
    }

    /// Says how far something stands between an emitter and the listener: 0 is nothing, 1 all that the event's
    /// `occluded` says.
    pub fn set_emitter_occlusion(&mut self, emitter: EmitterKey, occlusion: Amount) {
        self.director.set_emitter_occlusion(emitter, occlusion);
    }

    /// Lets go what envelopes hold of a playback: they fall in their own time, and nothing else is stopped. Where one of
    /// them moves the gain, the playback ends with it. What is to sound later falls from its start on.
    pub fn release(&mut self, playback: PlaybackId) {
        self.director.release(playback);
    }

    /// Stops everything, over `fade` or each over its own.
    pub fn stop_all(&mut self, fade: Option<Seconds>) {
        let rate = self.rate;
        self.director.stop_all(fade.map(|fade| fade.frames(rate)), 0);
    }

    /// Asks for a stinger in all music that plays and has one of that name: it comes at its place on the grid, unless it came
    /// too short a time ago.
    pub fn trigger(&mut self, stinger: &str) {
        self.director.trigger(stinger);
    }

    /// Where the music of a playback is: its segment, bar and beat. `None` if it has none, or none of it plays now.
    pub fn music(&self, playback: PlaybackId) -> Option<MusicPosition> {
        self.director.music(playback)
    }

    /// What a playback is doing; `None` when it has ended.
    pub fn state(&self, playback: PlaybackId) -> Option<State> {
        self.director.state(playback)
    }

    /// What plays on an emitter.
    pub fn on_emitter(&self, emitter: EmitterKey) -> &[PlaybackId] {
        self.director.on_emitter(emitter)
    }

    /// Emitters on which something may be heard otherwise than at the last call; the others are as they were.
    pub fn take_touched(&mut self) -> BTreeSet<EmitterKey> {
        self.director.take_touched()
    }

    /// One frame of a game's loop: takes what the mixer reported and what was saved, decides, and hands the
    /// orders over as one group.
    ///
    /// A game with reverb zones calls the three steps itself, with [`Engine::set_zones`] before the second, as
    /// the ECS does.
    pub fn update(&mut self) {
        self.receive();
        self.decide();
        self.flush();
    }

    /// Takes what the mixer reported and what was saved since the last call, and looks after the device. After
    /// a reload zones must be set again before [`Engine::decide`].
    pub fn receive(&mut self) {
        while let Some(report) = self.control.report() {
            match report {
                Report::EffectFault { bus, effect, fault } => {
                    self.name_fault(usize::from(bus), effect, fault)
                }
                Report::Starved { voice } => self.streams.note_starved(voice),
                Report::Ended { .. } => {}
            }
            self.director.report(report);
        }
        self.control.free_retired();
        self.streams.tidy();
        self.keep_notices();
        while let Some(saved) = self.watcher.as_ref().and_then(Watcher::poll) {
            self.take_live(saved);
        }
        self.tend_banks();
        self.host.tend();
    }

    /// Decides what plays and how, for the world as it was last told.
    pub fn decide(&mut self) {
        let now = self.now();
        let longest = (LONGEST_GLIDE * self.rate as f32) as u64;
        let glide = (now - self.updated.min(now)).clamp(BLOCK as u64, longest.max(BLOCK as u64));
        self.updated = now;
        let stamp = self.stamp();
        let board = self.control.board();
        // Until the mixer has taken a reload over, its readings are in the old bank's places.
        if self.director.listens() && board.edition() == self.editions {
            self.director.hear(|place| board.level(place));
        }
        self.director.update(now, stamp, glide as u32);
        for (parameter, value) in self.director.take_moved_parameters() {
            let level = place_of(self.director.bank(), parameter);
            self.control.order(stamp, Command::Level { level, value, glide: glide as u32 });
        }
        for (of, share) in self.director.take_moved_states() {
            let level = place_of_share(self.director.bank(), of);
            self.control.order(stamp, Command::Level { level, value: share, glide: glide as u32 });
        }
        for request in self.director.take_requests() {
            self.carry_out(request);
        }
        self.keep_notices();
    }

    fn keep_notices(&mut self) {
        self.notices.extend(self.director.take_notices());
        if self.notices.len() > MOST_NOTICES {
            // Half of them at a time, so that what nobody takes costs next to nothing.
            let gone = self.notices.len() - MOST_NOTICES / 2;
            self.notices.drain(..gone);
            self.lost_notices += gone as u64;
        }
    }

    /// Hands the orders since the last call to the mixer, as one group.
    pub fn flush(&mut self) {
        self.pass_on_orders();
        self.control.flush();
    }

    /// Queues what the director decided. A voice's stream goes before its start.
    pub(super) fn pass_on_orders(&mut self) {
        for mut order in self.director.take_orders() {
            if let Some(parcel) = self.streams.prepare(&mut order.command, &self.project.samples) {
                self.control.send(order.at, parcel);
            }
            self.control.order(order.at, order.command);
        }
    }

    pub(super) fn stamp(&self) -> u64 {
        match self.clock {
            Clock::Mixer => 0,
            Clock::Set(frame) => frame,
        }
    }

    /// What saves came to since the last call.
    pub fn take_reloads(&mut self) -> Vec<Reload> {
        std::mem::take(&mut self.reloads)
    }

    /// What happened to playbacks since the last call. Take them once an update, after it: what is to be heard until the
    /// next one is told already. Of what nobody takes, the latest thousands are kept.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// How many notices were dropped because nobody took them.
    pub fn lost_notices(&self) -> u64 {
        self.lost_notices
    }

    /// Renders the next frames of an offline engine, left and right in turn. Of an engine on a device it
    /// leaves `out` silent and gives `false`.
    pub fn render(&mut self, out: &mut [f32]) -> bool {
        // What is streamed is waited for before each block: nothing but the sound itself tells how far it has come.
        let most = if self.streams.is_empty() { MOST_FRAMES } else { BLOCK };
        for chunk in out.chunks_mut(most * 2) {
            if self.host.is_offline() {
                self.streams.settle();
            }
            if !self.host.render(chunk) {
                chunk.fill(0.0);
                return false;
            }
            self.rendered += chunk.len() as u64 / 2;
            if let Some(recorder) = &mut self.recorder {
                recorder.collect();
            }
        }
        true
    }

    /// Changes the rate of what an offline engine renders, as a device may while it plays: everything goes on, heard
    /// at the new rate, while the mixer keeps its own. Of an engine on a device it does nothing and gives `false`.
    pub fn set_output_rate(&mut self, sample_rate: u32) -> bool {
        self.host.set_rate(sample_rate)
    }

    /// Ends the recording of stems and gives them; `None` unless the engine was built to record them.
    pub fn take_stems(&mut self) -> Option<Stems> {
        let samples = self.rendered as usize * 2;
        self.recorder.take().map(|recorder| recorder.finish(samples))
    }
}
