//! The mixer: takes orders, renders voices and buses block by block, reports back.

use super::BLOCK;
use super::buffer::Buffer;
use super::graph::Graph;
use super::profile::{Cost, Stopwatch};
use super::programme::ProgrammeMeter;
use super::schedule::Told;
use super::voice::{Life, Scratch, Voice};
use crate::link::{
    Audio, Body, Command, Control, PageReader, Report, Retired, Start, StartFrom, TapWriter, VoiceId, channel,
};
use crate::media::Sample;
use kira::info::Info;
use std::sync::Arc;

/// What travels to a mixer and owns memory. The same parcel comes back with what it replaced.
pub enum Parcel {
    /// The graph to run.
    Graph(Box<Graph>),
    /// Another table of samples for the running graph, with the same indices: some came, some went. What voices play
    /// already they keep.
    Samples(Vec<Option<Arc<Sample>>>),
    /// A new measurement of a bus, or the end of one.
    Meter {
        /// The bus's index in the running graph.
        bus: u16,
        /// What measures.
        meter: Option<Box<ProgrammeMeter>>,
    },
    /// The stream of a voice that is about to start.
    Stream {
        /// The voice.
        voice: VoiceId,
        /// What it reads.
        pages: Option<Box<PageReader>>,
    },
}

/// The game thread's end of a mixer.
pub type MixerEnd = Control<Parcel, Sample>;

/// How many voices ahead of its turn a voice's samples are brought near; and as many before that the voice itself.
const FETCH_AHEAD: usize = 2;

/// Everything that sounds. Lives on the audio thread; built by [`mixer`].
pub struct Mixer {
    link: Audio<Parcel, Sample>,
    graph: Box<Graph>,
    /// A parcel on its way back that found the return ring full.
    outgoing: Option<Box<Parcel>>,
    voices: Box<[Voice]>,
    /// Slots in use, in the order of their starts.
    active: Vec<u16>,
    scratch: Box<Scratch>,
    clock: u64,
    /// How many graphs were taken over.
    edition: u64,
    failures: [Option<Report>; 8],
    taps: Option<Taps>,
    /// Whether costs are measured, and what voices and the whole cost so far.
    profile: bool,
    costs: [Cost; 2],
    block_seconds: f32,
    sample_rate: u32,
}

pub(super) struct Taps {
    writer: TapWriter,
    /// What each tapped bus gives to the master, or to its parent when that is another bus.
    pub(super) stems: Vec<Buffer>,
    /// All that enters the master.
    pub(super) sum: Buffer,
}

/// Makes a mixer with at most `voices` voices at once, and its other end. `taps` carries stems: one track for
/// each of the graph's stems and one more for the sum that enters the master.
pub fn mixer(sample_rate: u32, voices: u16, taps: Option<TapWriter>) -> (MixerEnd, Mixer) {
    // A frame of orders touches each voice once or twice; more waits on the game thread.
    let (control, audio) = channel(usize::from(voices) * 2 + 256);
    let mixer = Mixer {
        link: audio,
        graph: Graph::empty(sample_rate),
        outgoing: None,
        voices: (0..voices).map(|_| Voice::vacant()).collect(),
        active: Vec::with_capacity(usize::from(voices)),
        scratch: Box::new(Scratch::new()),
        clock: 0,
        edition: 0,
        failures: [None; 8],
        profile: false,
        costs: [Cost::default(); 2],
        block_seconds: BLOCK as f32 / sample_rate as f32,
        sample_rate,
        taps: taps.map(|writer| Taps {
            stems: (1..writer.tracks()).map(|_| Buffer::SILENT).collect(),
            writer,
            sum: Buffer::SILENT,
        }),
    };
    (control, mixer)
}

impl Mixer {
    /// Frames per second of the mixer's own clock.
    pub(super) fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// Renders the next block of the mixer's clock and gives the master's output.
    pub(super) fn block(&mut self, info: &Info<'_>) -> (&[f32; BLOCK], &[f32; BLOCK]) {
        let watch = self.profile.then(Stopwatch::start);
        self.obey();
        self.graph.begin();
        let mut lap = watch;
        lap.as_mut().map(Stopwatch::lap);
        self.render_voices();
        let voices = lap.as_mut().map(Stopwatch::lap);
        self.render_buses(info);
        self.write_taps();
        self.clock += BLOCK as u64;
        let board = self.link.board();
        if let (Some(mut watch), Some(voices), true) = (watch, voices, self.profile) {
            let [voice_cost, all] = &mut self.costs;
            let seconds = self.block_seconds;
            board.set_cpu([voice_cost.add(voices, seconds), all.add(watch.lap(), seconds)]);
        }
        board.set_voices(self.active.len() as u32);
        board.set_edition(self.edition);
        board.set_clock(self.clock);
        let master = self.graph.buffers.get(0).unwrap_or(&Buffer::SILENT);
        (&master.left, &master.right)
    }

    /// Carries out what is due before the block's end.
    fn obey(&mut self) {
        self.report_failures();
        let end = self.clock + BLOCK as u64;
        loop {
            if let Some(parcel) = self.outgoing.take()
                && let Err(Retired::Parcel(parcel)) = self.link.retire(Retired::Parcel(parcel))
            {
                // Another one can only come when this one has gone home.
                self.outgoing = Some(parcel);
                return;
            }
            let Some(message) = self.link.due(end) else { return };
            match message.body {
                Body::Command(command) => self.carry_out(&command),
                Body::Parcel(parcel) => self.adopt(parcel),
            }
        }
    }

    fn carry_out(&mut self, command: &Command) {
        let now = self.clock;
        match *command {
            Command::Start(ref start) => self.start(start),
            Command::Mix { voice, ref mix, glide } => {
                let rate = self.sample_rate;
                if let Some(voice) = self.voice(voice) {
                    voice.mix(mix, glide, now, rate);
                }
            }
            Command::Pause { voice, on, fade } => {
                if let Some(voice) = self.voice(voice) {
                    voice.pause(on, fade, now);
                }
            }
            Command::Seek { voice, to, fade } => {
                if let Some(voice) = self.voice(voice) {
                    voice.seek(to, fade, now);
                }
            }
            Command::Break { voice } => {
                if let Some(voice) = self.voice(voice) {
                    voice.leave_loop();
                }
            }
            Command::Route { voice, bus } => {
                if let Some(voice) = self.voice(voice) {
                    voice.route(bus, now);
                }
            }
            Command::Bus { bus, order } => self.graph.carry_out(bus, order),
            Command::Level { level, value, glide } => {
                if let Some(level) = self.graph.levels.get_mut(usize::from(level)) {
                    level.give(value, glide);
                }
            }
            Command::Profile(on) => self.profile(on),
            Command::Stop { voice, at, fade } => {
                if let Some(voice) = self.voice(voice) {
                    voice.stop(at, fade, now);
                }
            }
        }
    }

    fn voice(&mut self, id: VoiceId) -> Option<&mut Voice> {
        self.voices.get_mut(usize::from(id.slot)).filter(|voice| voice.id() == id && !voice.is_vacant())
    }

    fn start(&mut self, order: &Start) {
        let sample = self.graph.samples.get(order.sample as usize).cloned().flatten();
        let progress = match order.from {
            StartFrom::SameAs(other, _) => self.voice(other).map_or(0.0, |voice| voice.progress()),
            StartFrom::Frame(_) | StartFrom::Running(_) => 0.0,
        };
        // A slot is only handed out again after its end was reported, so it is vacant here.
        let slot = order.voice.slot;
        let Some(voice) = self.voices.get_mut(usize::from(slot)).filter(|voice| voice.is_vacant()) else {
            return;
        };
        match sample {
            Some(sample) => {
                let late = self.clock.saturating_sub(order.at) as f64 * f64::from(order.mix.rate);
                let position = match order.from {
                    StartFrom::Frame(frame) => frame,
                    StartFrom::Running(frame) => frame + late,
                    StartFrom::SameAs(..) => progress * sample.frames() as f64,
                };
                voice.start(order, sample, position, self.sample_rate);
            }
            // Whoever ordered it waits for its end.
            None => voice.refuse(order.voice),
        }
        self.active.push(slot);
    }

    fn adopt(&mut self, mut parcel: Box<Parcel>) {
        match &mut *parcel {
            Parcel::Graph(graph) => {
                graph.take_over(&mut self.graph);
                for &slot in &self.active {
                    self.voices[usize::from(slot)].follow(|bus| graph.successor(bus));
                }
                std::mem::swap(&mut self.graph, graph);
                self.edition += 1;
            }
            Parcel::Samples(samples) => std::mem::swap(&mut self.graph.samples, samples),
            Parcel::Meter { bus, meter } => self.graph.exchange_meter(*bus, meter),
            Parcel::Stream { voice, pages } => {
                if let (Some(voice), Some(given)) =
                    (self.voices.get_mut(usize::from(voice.slot)), pages.take())
                {
                    *pages = voice.expect(given);
                }
            }
        }
        self.outgoing = Some(parcel);
    }

    fn profile(&mut self, on: bool) {
        self.profile = on;
        self.costs = [Cost::default(); 2];
        self.graph.profile = on;
        let board = self.link.board();
        board.set_cpu([0.0; 2]);
        (0..self.graph.buses.len()).for_each(|bus| board.set_bus_cpu(bus, 0.0));
    }

    fn render_voices(&mut self) {
        let Self { voices, active, graph, scratch, link, clock, .. } = self;
        let mut ended = false;
        for (place, &slot) in active.iter().enumerate() {
            if let Some(&next) = active.get(place + 2 * FETCH_AHEAD) {
                voices[usize::from(next)].fetch();
            }
            if let Some(&next) = active.get(place + FETCH_AHEAD) {
                voices[usize::from(next)].fetch_sound();
            }
            let voice = &mut voices[usize::from(slot)];
            if voice.life() == Life::Goes {
                voice.render(*clock, &graph.buses, &mut graph.buffers, scratch);
                if std::mem::take(&mut scratch.starved) {
                    let voice_id = voice.id();
                    if let Some(stream) = voice.starved()
                        && link.report(Report::Starved { voice: voice_id }).is_ok()
                    {
                        stream.told();
                    }
                }
            }
            ended |= voice.life() != Life::Goes;
        }
        if !ended {
            return;
        }
        active.retain(|&slot| {
            let voice = &mut voices[usize::from(slot)];
            // A voice that ended keeps its slot until its end could be told.
            if voice.life() == Life::Goes || !link.has_room() {
                return true;
            }
            let stopped = voice.life() == Life::Stopped;
            let told = link.report(Report::Ended { voice: voice.id(), stopped });
            let (sample, pages) = voice.vacate();
            let retired = sample.map_or(Ok(()), |sample| link.retire(Retired::Sample(sample)));
            let given_back = pages.map_or(Ok(()), |pages| link.retire(Retired::Pages(pages)));
            debug_assert!(told.is_ok() && retired.is_ok() && given_back.is_ok());
            false
        });
    }

    fn render_buses(&mut self, info: &Info<'_>) {
        let Self { graph, link, failures, taps, .. } = self;
        let board = link.board();
        graph.render(info, taps.as_mut(), |told| match told {
            Told::Bus(bus, reading) => board.set_bus(usize::from(bus), reading),
            Told::Rule(rule, ducker) => {
                board.set_rule(usize::from(rule), ducker.amount());
                ducker.reductions().for_each(|(target, db)| board.set_target(target, db));
            }
            Told::Programme(bus, reading) => board.set_programme(usize::from(bus), &reading),
            Told::Reduction { bus, effect, db } => {
                board.set_reduction(usize::from(bus), usize::from(effect), db);
            }
            Told::Cost(bus, share) => board.set_bus_cpu(usize::from(bus), share),
            Told::Level(level, db) => board.set_level(level, db),
            Told::Failed { bus, effect, fault } => {
                if let Some(free) = failures.iter_mut().find(|failure| failure.is_none()) {
                    *free = Some(Report::EffectFault { bus, effect, fault });
                }
            }
        });
    }

    fn write_taps(&mut self) {
        if let Some(taps) = &mut self.taps
            && taps.writer.has_room(BLOCK)
        {
            for track in taps.stems.iter().chain([&taps.sum]) {
                taps.writer.write(&track.left, &track.right);
            }
        }
    }

    fn report_failures(&mut self) {
        for failure in &mut self.failures {
            if let Some(report) = *failure
                && self.link.report(report).is_ok()
            {
                *failure = None;
            }
        }
    }
}
