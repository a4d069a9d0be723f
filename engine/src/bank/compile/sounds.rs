//! Sounds, parameters and events: from what is written to what is run.

use super::{Names, db, points, seconds};
use crate::bank::compiled::{
    Around, Blend, Blended, Choice, Clip, Cooldown, Cut, Driver, Event, EventCurve, EventProperty, Layer,
    Limit, Line, Marker, MediaId, Parameter, ParameterId, Part, Queue, QueueId, Random, Range, Rolloff, Run,
    Scatter, Sequence, Sound, SoundKind, Space, Spread, Switch, SwitchChange, Transition,
};
use crate::bank::decode::{Between, Text};
use crate::bank::schema;
use crate::effects::{FadeShape, Interpolation, Synth, Wave};
use crate::units::{Decibels, Hertz, Metres, Seconds, Semitones};

/// What a written container says of what is drawn.
macro_rules! spread {
    ($written:ident) => {
        spread($written.gain, $written.pitch, $written.delay, $written.cutoff)
    };
}

impl Names<'_> {
    /// The sound of that name, or the file of that path.
    pub(super) fn build_sound(&self, name: &str) -> Sound {
        let clip = |written: &schema::Clip, file: &str| Clip {
            media: self.media.get(file).copied().unwrap_or(MediaId(0)),
            synth: None,
            gain: db(written.gain),
            pitch: Semitones::clamped(written.pitch),
            cut: Cut {
                looping: written.looping,
                start: seconds(written.start),
                end: written.end.map(seconds),
                reverse: written.reverse,
                loop_start: written.loop_start.map(seconds),
                loop_end: written.loop_end.map(seconds),
                crossfade: seconds(written.crossfade),
            },
            stream: written.stream,
            offset: range(written.offset, seconds),
            fade_in: seconds(written.fade_in),
            fade_out: seconds(written.fade_out),
            fade_shape: written.fade_shape,
            interpolation: written.interpolation,
            markers: written.markers.0.iter().map(marker).collect(),
        };
        let kind = match self.project.sounds.get(name).and_then(|item| item.value) {
            Some(schema::Sound::Clip(written)) => SoundKind::Clip(clip(written, &written.file.value)),
            Some(schema::Sound::Tone(written)) => SoundKind::Clip(tone(written)),
            Some(schema::Sound::Noise(written)) => SoundKind::Clip(noise(written)),
            Some(schema::Sound::Random(written)) => SoundKind::Random(self.random(written)),
            Some(schema::Sound::Sequence(written)) => SoundKind::Sequence(self.sequence(written)),
            Some(schema::Sound::Scatter(written)) => SoundKind::Scatter(self.scatter(written)),
            Some(schema::Sound::Switch(written)) => SoundKind::Switch(self.switch(written)),
            Some(schema::Sound::Localized(written)) => SoundKind::Switch(self.localized(written)),
            Some(schema::Sound::Layer(written)) => SoundKind::Layer(Layer {
                of: written.of.iter().map(|schema::Layered(part)| self.part(part)).collect(),
                spread: spread!(written),
            }),
            Some(schema::Sound::Blend(written)) => SoundKind::Blend(Blend {
                on: self.driver(&written.on.value),
                of: written.of.iter().map(|blended| self.blended(blended)).collect(),
                spread: spread!(written),
            }),
            Some(schema::Sound::Music(written)) => SoundKind::Music(Box::new(self.music(written))),
            Some(schema::Sound::Silence(_)) => SoundKind::Silence,
            None => SoundKind::Clip(clip(&schema::Clip::default(), name)),
        };
        Sound { name: name.to_owned(), kind }
    }

    fn choices(&self, of: &[schema::Weighted]) -> Vec<Choice> {
        of.iter()
            .map(|schema::Weighted(choice)| Choice {
                sound: self.play(&choice.play),
                weight: choice.weight,
                spread: spread!(choice),
            })
            .collect()
    }

    fn scatter(&self, written: &schema::Scatter) -> Scatter {
        let of = self.choices(&written.of);
        Scatter {
            choice: Random {
                avoid: written.avoid.unwrap_or(u32::from(of.len() > 1)),
                of,
                shuffle: written.shuffle,
                scope: written.scope,
                spread: spread!(written),
                run: None,
            },
            every: range(written.every, seconds),
            count: written.count,
            around: written.around.as_ref().map(|around| Around {
                distance: Range { low: around.min, high: around.max },
                height: range(around.height, |metres| metres),
            }),
            max: written.max,
        }
    }

    fn random(&self, written: &schema::Random) -> Random {
        let of = self.choices(&written.of);
        let avoid = written.avoid.unwrap_or(u32::from(of.len() > 1));
        let run = run(written.mode, written.loops, &written.transition);
        Random { of, avoid, shuffle: written.shuffle, scope: written.scope, spread: spread!(written), run }
    }

    fn sequence(&self, written: &schema::Sequence) -> Sequence {
        Sequence {
            of: written.of.iter().map(|play| self.play(play)).collect(),
            ping_pong: written.at_end == schema::AtEnd::PingPong,
            reset: (written.reset > 0.0).then(|| seconds(written.reset)),
            scope: written.scope,
            spread: spread!(written),
            run: run(written.mode, written.loops, &written.transition),
        }
    }

    fn switch(&self, written: &schema::Switch) -> Switch {
        let parameter = self.project.parameters.get(written.on.value.as_str()).and_then(|item| item.value);
        let case = |label: &Text| {
            let case = written.cases.0.iter().find(|(case, _)| case.value == label.value);
            let play = case.map(|(_, play)| play).or(written.default.as_ref());
            play.map(|play| self.play(play))
        };
        Switch {
            on: self.parameter(&written.on.value),
            cases: parameter.map_or_else(Vec::new, |parameter| parameter.labels.iter().map(case).collect()),
            change: change(written.change.or(written.crossfade.map(schema::Change::Crossfade))),
            spread: spread!(written),
        }
    }

    /// The id of a parameter.
    pub(super) fn parameter(&self, name: &str) -> ParameterId {
        ParameterId(self.project.parameters.keys().position(|known| *known == name).unwrap_or(0) as u32)
    }

    fn driver(&self, name: &str) -> Driver {
        match name {
            "distance" => Driver::Distance,
            "azimuth" => Driver::Azimuth,
            "elevation" => Driver::Elevation,
            "occlusion" => Driver::Occlusion,
            "time" => Driver::Time,
            name if self.project.parameters.contains_key(name) => Driver::Parameter(self.parameter(name)),
            name => self.other_driver(name),
        }
    }

    /// What is no parameter: a level, a modulator, or what goes without saying unless one of them has its name.
    fn other_driver(&self, name: &str) -> Driver {
        match (self.level(name), self.modulator(name), name) {
            (Some(level), ..) => Driver::Level(level),
            (_, Some(modulator), _) => Driver::Modulator(modulator),
            (.., "speed") => Driver::Speed,
            (.., "approach") => Driver::Approach,
            (.., "angle") => Driver::Angle,
            _ => Driver::Parameter(self.parameter(name)),
        }
    }

    fn part(&self, written: &schema::Part) -> Part {
        let mut spread = spread!(written);
        let mut gain = Decibels::UNITY;
        // A fixed gain is no draw: it is looked up while it plays.
        if spread.gain.low == spread.gain.high {
            gain = std::mem::replace(&mut spread.gain, Range::only(gain)).low;
        }
        Part { sound: self.play(&written.play), gain, spread }
    }

    fn blended(&self, written: &schema::Blended) -> Blended {
        let schema::Blended { from, to, fade, gain, pitch, cutoff, .. } = *written;
        let spread = spread(gain, pitch, Between(0.0, 0.0), cutoff);
        Blended { sound: self.play(&written.play), from, to, fade, spread }
    }

    fn event_curve(&self, written: &schema::EventCurve) -> EventCurve {
        EventCurve {
            from: self.driver(&written.from.value),
            property: match written.property.value.as_str() {
                "pitch" => EventProperty::Pitch,
                "cutoff" => EventProperty::Cutoff,
                "reverb" => EventProperty::Reverb,
                _ => EventProperty::Gain,
            },
            points: points(&written.points),
        }
    }

    /// The parameters by name.
    pub(super) fn parameters(&self) -> Vec<Parameter> {
        let parameters = self.project.parameters.iter();
        parameters.filter_map(|(name, item)| Some(parameter(name, item.value?))).collect()
    }

    /// The queues of dialogue by name.
    pub(super) fn queues(&self) -> Vec<Queue> {
        let written = self.project.queues.iter().filter_map(|(name, item)| Some((*name, item.value?)));
        let queue = |(name, written): (&str, &schema::Queue)| Queue {
            name: name.to_owned(),
            gap: seconds(written.gap),
            most: written.most,
            scope: written.scope,
        };
        written.map(queue).collect()
    }

    fn line(&self, written: &schema::Line) -> Line {
        let mut known = self.project.queues.iter().filter(|(_, item)| item.value.is_some());
        let queue = known.position(|(name, _)| *name == written.queue.value).unwrap_or(0);
        Line {
            queue: QueueId(queue as u32),
            priority: written.priority.min(100) as u8,
            when_busy: written.when_busy,
            patience: written.patience.map(seconds),
        }
    }

    /// The events by name.
    pub(super) fn events(&self) -> Vec<Event> {
        let events = self.project.events.iter().filter_map(|(name, item)| Some((*name, item.value?)));
        let event = |(name, written): (&str, &schema::Event)| Event {
            name: name.to_owned(),
            play: written.play.as_ref().map(|play| self.play(play)),
            actions: written.actions.iter().map(|action| self.action(action)).collect(),
            bus: self.bus(written.bus.as_ref()),
            gain: db(written.gain),
            pitch: Semitones::clamped(written.pitch),
            fade_in: seconds(written.fade_in),
            fade_out: seconds(written.fade_out),
            fade_shape: written.fade_shape,
            space: written.space.as_ref().map(space),
            priority: written.priority.min(100) as u8,
            far_priority: written.far_priority.unwrap_or(written.priority).min(100) as u8,
            curves: written.curves.iter().map(|curve| self.event_curve(curve)).collect(),
            snapshot: written.snapshot.as_ref().and_then(|name| self.snapshot(&name.value)),
            limit: written.limit.as_ref().map(limit),
            cooldown: written.cooldown.as_ref().map(|written| Cooldown {
                time: seconds(written.time),
                scope: written.scope,
                radius: written.radius.map(Metres::clamped),
            }),
            line: written.line.as_ref().map(|line| self.line(line)),
            virtually: written.virtually,
        };
        events.map(event).collect()
    }
}

pub(super) fn limit(written: &schema::Limit) -> Limit {
    Limit {
        max: written.max.max(1),
        steal: written.steal,
        scope: written.scope,
        radius: written.radius.map(Metres::clamped),
    }
}

/// What becomes of what loops.
pub(super) fn change(written: Option<schema::Change>) -> Option<SwitchChange> {
    match written? {
        schema::Change::AtEnd => Some(SwitchChange::AtEnd),
        schema::Change::Crossfade(time) => Some(SwitchChange::Crossfade(seconds(time))),
        schema::Change::Continue => None,
    }
}

fn marker((name, at): &(Text, f32)) -> Marker {
    Marker { name: name.value.as_str().into(), at: seconds(*at) }
}

fn tone(written: &schema::Tone) -> Clip {
    let schema::Tone { shape, freq, length, gain, fade_in, fade_out, fade_shape } = *written;
    let wave = Wave::Tone(shape, Hertz::clamped(freq));
    computed(wave, length, gain, (fade_in, fade_out, fade_shape), Seconds::ZERO)
}

fn noise(written: &schema::Noise) -> Clip {
    let schema::Noise { color, length, gain, fade_in, fade_out, fade_shape, seed } = *written;
    // Two of the same are not heard as one.
    let latest = if length.is_none() { seconds(Synth::NOISE_LOOP) } else { Seconds::ZERO };
    computed(Wave::Noise(color, seed), length, gain, (fade_in, fade_out, fade_shape), latest)
}

/// A sound without a file.
fn computed(
    wave: Wave,
    length: Option<f32>,
    gain: f32,
    (fade_in, fade_out, fade_shape): (f32, f32, FadeShape),
    latest: Seconds,
) -> Clip {
    Clip {
        media: MediaId(0),
        synth: Some(Synth { wave, length: length.map(seconds) }),
        gain: db(gain),
        pitch: Semitones::clamped(0.0),
        cut: Cut { looping: length.is_none(), ..Cut::default() },
        stream: None,
        offset: Range { low: Seconds::ZERO, high: latest },
        fade_in: seconds(fade_in),
        fade_out: seconds(fade_out),
        fade_shape,
        interpolation: Interpolation::default(),
        markers: Vec::new(),
    }
}

/// How one playback plays one after another, if it does.
fn run(mode: schema::Mode, loops: u32, written: &schema::Transition) -> Option<Run> {
    let time = seconds(written.time);
    let transition = match written.kind {
        schema::TransitionKind::Gap => Transition::Gap(time),
        schema::TransitionKind::Crossfade => Transition::Crossfade(time),
        schema::TransitionKind::Trigger => Transition::Trigger(time),
    };
    (mode == schema::Mode::Continuous).then_some(Run { loops: (loops > 0).then_some(loops), transition })
}

fn range<U>(Between(low, high): Between, unit: fn(f32) -> U) -> Range<U> {
    Range { low: unit(low), high: unit(high) }
}

pub(super) fn spread(gain: Between, pitch: Between, delay: Between, cutoff: Option<Between>) -> Spread {
    Spread {
        gain: range(gain, db),
        pitch: range(pitch, Semitones::clamped),
        delay: range(delay, seconds),
        cutoff: cutoff.map(|cutoff| range(cutoff, Hertz::clamped)),
    }
}

fn parameter(name: &str, written: &schema::Parameter) -> Parameter {
    let labels: Vec<_> = written.labels.iter().map(|label| label.value.clone()).collect();
    let (min, max) =
        if labels.is_empty() { (written.min, written.max) } else { (0.0, (labels.len() - 1) as f32) };
    let default = match &written.default {
        Some(schema::Initial::Number(number, _)) => *number,
        Some(schema::Initial::Label(label)) => {
            labels.iter().position(|known| *known == label.value).unwrap_or(0) as f32
        }
        None => min,
    };
    Parameter {
        name: name.to_owned(),
        min,
        max,
        labels,
        default,
        step: written.step,
        attack: seconds(written.attack),
        release: seconds(written.release),
    }
}

fn space(written: &schema::Space) -> Space {
    Space {
        min: Metres::clamped(written.min),
        max: Metres::clamped(written.max),
        curve: match written.curve {
            schema::Curve::Inverse => Rolloff::Inverse,
            schema::Curve::Linear => Rolloff::Linear,
            schema::Curve::Exponential => Rolloff::Exponential,
        },
        reverb: db(written.reverb),
        air: Hertz::clamped(written.air),
        occluded_gain: db(written.occluded.gain),
        occluded_cutoff: Hertz::clamped(written.occluded.cutoff),
    }
}
