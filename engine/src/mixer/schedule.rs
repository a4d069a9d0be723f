//! One block of the whole graph: every bus after all that it listens to.

use super::buffer::Buffer;
use super::bus::Bus;
use super::duck::Ducker;
use super::graph::{Gates, Graph};
use super::path::Tap;
use super::profile::Stopwatch;
use super::render::Taps;
use crate::link::{BusOrder, BusReading, Fault, MAX_EFFECTS, ProgrammeReading};
use kira::info::Info;

/// What comes back more quietly than this, -140 dB, is taken as silence: a way back must come to rest.
const LOST: f32 = 1e-7;

/// What a block has to tell.
pub(super) enum Told<'a> {
    /// A bus's readings.
    Bus(u16, BusReading),
    /// A rule, as it stands at the block's end.
    Rule(u16, &'a Ducker),
    /// A bus's programme levels.
    Programme(u16, ProgrammeReading),
    /// How far an effect turns down, in dB.
    Reduction { bus: u16, effect: u16, db: f32 },
    /// The share of a core that a bus takes.
    Cost(u16, f32),
    /// A level, or another number that curves go by.
    Level(usize, f32),
    /// A plug-in that failed.
    Failed { bus: u16, effect: u16, fault: Fault },
}

impl Graph {
    /// The next bus in the order, from `place` on, that has something to do, and where it stands there. One that has
    /// nothing to say, nothing to tell and nothing under way is passed over until it is fed or given an order.
    fn next_awake(&self, place: usize) -> Option<(usize, u16)> {
        let place = self.buffers.next_awake(place)?;
        Some((place, *self.order.get(place)?))
    }

    /// Does something with every bus that is awake.
    fn for_awake(&mut self, mut visit: impl FnMut(&mut Bus, &mut Buffer, &[Ducker])) {
        let mut from = 0;
        while let Some((place, bus)) = self.next_awake(from) {
            from = place + 1;
            let index = usize::from(bus);
            if let (Some(bus), Some(buffer)) = (self.buses.get_mut(index), self.buffers.list().get_mut(index))
            {
                visit(bus, buffer, &self.rules);
            }
        }
    }

    /// Makes the buses' buffers ready for the voices of the next block.
    pub(super) fn begin(&mut self) {
        self.for_awake(|bus, buffer, _| {
            buffer.clear();
            buffer.plain = bus.voices.is_plain();
        });
        for back in &mut self.returns {
            if back.buffer.fed
                && let Some(buffer) = self.buffers.feed(back.bus)
            {
                buffer.add(&back.buffer);
            }
            back.buffer.clear();
        }
    }

    /// Carries out an order to a bus.
    pub(super) fn carry_out(&mut self, bus: u16, order: BusOrder) {
        self.buffers.wake(bus);
        let Some(bus) = self.buses.get_mut(usize::from(bus)) else { return };
        let asleep = bus.is_asleep();
        match order {
            BusOrder::Fader { gain, glide } => bus.set_fader(gain, glide),
            BusOrder::Gates { open, parent, voices, voice_sends } => {
                bus.set_gates(Gates { open, parent, voices, voice_sends });
            }
            BusOrder::Bypass { effect, on } => {
                if let Some(slot) = bus.slots.get_mut(usize::from(effect)) {
                    slot.set_bypass(on);
                    if asleep {
                        slot.settle();
                    }
                }
            }
            BusOrder::Parameter { effect, place, value } => {
                if let Some(slot) = bus.slots.get_mut(usize::from(effect)) {
                    slot.set_parameter(place, value);
                }
            }
        }
    }

    /// Renders all buses, with what voices gave in their buffers.
    pub(super) fn render(
        &mut self,
        info: &Info<'_>,
        mut taps: Option<&mut Taps>,
        mut tell: impl FnMut(Told<'_>),
    ) {
        self.for_awake(|bus, buffer, _| {
            buffer.spread();
            bus.delay_voices(buffer);
        });
        if let Some(taps) = &mut taps {
            for (stem, &bus) in taps.stems.iter_mut().zip(&self.stems) {
                stem.clear();
                // What plays on the master itself, before any bus is added.
                if let Some(buffer) = self.buffers.get(bus).filter(|_| bus == 0) {
                    stem.add(buffer);
                }
            }
        }
        let mut from = 0;
        // Whoever wants to know what buses cost hears it of all of them.
        while let Some((place, bus)) =
            if self.profile { self.order.get(from).map(|&bus| (from, bus)) } else { self.next_awake(from) }
        {
            from = place + 1;
            if bus == 0
                && let Some((taps, buffer)) = taps.as_mut().zip(self.buffers.get(0))
            {
                taps.sum.clear();
                taps.sum.add(buffer);
            }
            let watch = self.profile.then(Stopwatch::start);
            self.render_bus(bus, info, taps.as_deref_mut(), &mut tell);
            if let Some(mut watch) = watch {
                let cost = self.buses[usize::from(bus)].cost.add(watch.lap(), self.block_seconds);
                tell(Told::Cost(bus, cost));
            }
        }
        for tap in self.taps.iter_mut().filter(|tap| tap.tap == Tap::Delayed) {
            if let Some(buffer) = self.buffers.get(tap.bus) {
                tap.buffer.copy_from(buffer);
            }
        }
        self.for_awake(|bus, _, rules| bus.advance_voices(rules));
        for (index, level) in self.levels.iter_mut().enumerate() {
            let bus = level.spec().bus;
            let awake = self.buses.get(usize::from(bus)).is_some_and(|bus| !bus.is_asleep());
            level.follow(self.buffers.get(bus).filter(|_| awake));
            tell(Told::Level(index, level.reading()));
        }
        self.steer(false);
    }

    /// Moves what curves move to where the levels put it; see [`Bus::steer`](super::bus::Bus::steer).
    pub(super) fn steer(&mut self, other: bool) {
        let Self { steers, levels, buses, .. } = self;
        for steer in steers {
            let Some(bus) = buses.get_mut(usize::from(steer.spec.bus)) else { continue };
            if let Some(value) = steer.news(levels, bus.set_to(steer.spec.property)) {
                bus.steer(steer.spec.property, value, other);
            }
        }
    }

    fn render_bus(
        &mut self,
        number: u16,
        info: &Info<'_>,
        taps: Option<&mut Taps>,
        tell: &mut impl FnMut(Told<'_>),
    ) {
        let Self { buses, buffers: all, taps: tapped, returns, rules, stems, .. } = self;
        let index = usize::from(number);
        let buffers = all.list();
        let spoken = buses[index].process(index, buffers, tapped, rules, info);
        if !buses[index].triggers.is_empty() {
            let buffer = &buffers[index];
            for &rule in &buses[index].triggers {
                let asleep = |bus: u16| buses.get(usize::from(bus)).is_none_or(|bus| bus.is_asleep());
                let ducker = &mut rules[usize::from(rule)];
                ducker.follow(&buffer.left, &buffer.right, buffer.active.clone(), asleep);
                tell(Told::Rule(rule, ducker));
            }
        }
        let bus = &mut buses[index];
        if let Some(parent) = bus.parent
            && !buffers[index].active.is_empty()
            && let Ok([own, above]) = buffers.get_disjoint_mut([index, usize::from(parent)])
        {
            above.mark_active(&own.active);
            all.wake(parent);
        }
        let buffers = all.list();
        if !spoken.sounding && buffers[index].voices == 0 && bus.rests(rules) {
            if buffers[index].active.is_empty() && bus.is_still() {
                all.lull(number);
            }
            return;
        }
        tell(Told::Bus(number, bus.reading(&buffers[index], rules, spoken.sounding)));
        for (place, slot) in bus.slots.iter().enumerate().take(MAX_EFFECTS) {
            let db = if spoken.sounding { slot.reduction_db() } else { 0.0 };
            tell(Told::Reduction { bus: number, effect: place as u16, db });
        }
        if let Some(meter) = &mut bus.programme {
            tell(Told::Programme(number, meter.process(&buffers[index])));
        }
        if let Some((effect, fault)) = spoken.failed {
            tell(Told::Failed { bus: number, effect, fault });
        }
        if !spoken.sounding {
            return;
        }
        let stem = stems.iter().position(|&stem| usize::from(stem) == index && index != 0);
        let mut stem = stem.and_then(|at| taps.and_then(|taps| taps.stems.get_mut(at)));
        for path in &mut bus.paths {
            // A stem is what goes to the parent, and what goes to the master by a send.
            let stem = stem.as_deref_mut().filter(|_| path.spec.parent || path.spec.to == 0);
            match path.spec.tap {
                Tap::Delayed => {
                    if let Some(back) = returns.iter_mut().find(|back| back.bus == path.spec.to) {
                        path.give(&all.list()[index], &mut back.buffer, None);
                    }
                }
                Tap::Pre => {
                    let own = bus.pre.and_then(|tap| tapped.get(usize::from(tap)));
                    if let Some((own, target)) = own.zip(all.list().get_mut(usize::from(path.spec.to))) {
                        path.give(&own.buffer, target, stem);
                        if target.fed {
                            all.wake(path.spec.to);
                        }
                    }
                }
                Tap::Post => {
                    let pair = [index, usize::from(path.spec.to)];
                    if let Ok([own, target]) = all.list().get_disjoint_mut(pair) {
                        path.give(own, target, stem);
                        if target.fed {
                            all.wake(path.spec.to);
                        }
                    }
                }
            }
        }
        for back in returns.iter_mut().filter(|back| back.buffer.fed) {
            let heard = |sample: &f32| sample.abs() > LOST;
            back.buffer.fed = back.buffer.left.iter().chain(&back.buffer.right).any(heard);
            back.buffer.ringing = true;
        }
    }
}
