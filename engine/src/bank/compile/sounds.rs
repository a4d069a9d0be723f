//! Sounds, parameters and events: from what is written to what is run.

use super::{Names, db, seconds};
use crate::bank::compiled::{
    Blend, Blended, Clip, Cooldown, Cut, Driver, Event, EventCurve, EventProperty, Layer, Limit, MediaId,
    Parameter, ParameterId, Part, Random, Range, Rolloff, Sequence, Sound, SoundKind, Space, Spread, Switch,
};
use crate::bank::decode::{Between, Text};
use crate::bank::schema;
use crate::units::{Hertz, Metres, Semitones};

impl Names<'_> {
    /// The sound of that name, or the file of that path.
    pub(super) fn build_sound(&self, name: &str) -> Sound {
        let clip = |written: &schema::Clip, file: &str| Clip {
            media: self.media.get(file).copied().unwrap_or(MediaId(0)),
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
            fade_in: seconds(written.fade_in),
            fade_out: seconds(written.fade_out),
            fade_shape: written.fade_shape,
            interpolation: written.interpolation,
        };
        let kind = match self.project.sounds.get(name).and_then(|item| item.value) {
            Some(schema::Sound::Clip(written)) => SoundKind::Clip(clip(written, &written.file.value)),
            Some(schema::Sound::Random(written)) => SoundKind::Random(self.random(written)),
            Some(schema::Sound::Sequence(written)) => SoundKind::Sequence(self.sequence(written)),
            Some(schema::Sound::Switch(written)) => SoundKind::Switch(self.switch(written)),
            Some(schema::Sound::Layer(written)) => SoundKind::Layer(Layer {
                of: written.of.iter().map(|schema::Layered(part)| self.part(part)).collect(),
                spread: spread(written.gain, written.pitch),
            }),
            Some(schema::Sound::Blend(written)) => SoundKind::Blend(Blend {
                on: self.driver(&written.on.value),
                of: written.of.iter().map(|blended| self.blended(blended)).collect(),
            }),
            Some(schema::Sound::Silence(_)) => SoundKind::Silence,
            None => SoundKind::Clip(clip(&schema::Clip::default(), name)),
        };
        Sound { name: name.to_owned(), kind }
    }

    fn random(&self, written: &schema::Random) -> Random {
        let of: Vec<_> = written
            .of
            .iter()
            .map(|schema::Weighted(choice)| (self.sound(&choice.play.value), choice.weight))
            .collect();
        let avoid = written.avoid.unwrap_or(u32::from(of.len() > 1));
        Random {
            of,
            avoid,
            shuffle: written.shuffle,
            scope: written.scope,
            spread: spread(written.gain, written.pitch),
        }
    }

    fn sequence(&self, written: &schema::Sequence) -> Sequence {
        Sequence {
            of: written.of.iter().map(|play| self.sound(&play.value)).collect(),
            ping_pong: written.at_end == schema::AtEnd::PingPong,
            reset: (written.reset > 0.0).then(|| seconds(written.reset)),
            scope: written.scope,
            spread: spread(written.gain, written.pitch),
        }
    }

    fn switch(&self, written: &schema::Switch) -> Switch {
        let parameter = self.project.parameters.get(written.on.value.as_str()).and_then(|item| item.value);
        let case = |label: &Text| {
            let case = written.cases.0.iter().find(|(case, _)| case.value == label.value);
            let play = case.map(|(_, play)| play).or(written.default.as_ref());
            play.map(|play| self.sound(&play.value))
        };
        Switch {
            on: self.parameter(&written.on.value),
            cases: parameter.map_or_else(Vec::new, |parameter| parameter.labels.iter().map(case).collect()),
            crossfade: written.crossfade.map(seconds),
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
            name => Driver::Parameter(self.parameter(name)),
        }
    }

    fn part(&self, written: &schema::Part) -> Part {
        Part { sound: self.sound(&written.play.value), gain: db(written.gain), delay: seconds(written.delay) }
    }

    fn blended(&self, written: &schema::Blended) -> Blended {
        let schema::Blended { from, to, fade, .. } = *written;
        Blended { sound: self.sound(&written.play.value), from, to, fade }
    }

    fn event_curve(&self, written: &schema::EventCurve) -> EventCurve {
        EventCurve {
            from: self.driver(&written.from.value),
            property: match written.property.value.as_str() {
                "pitch" => EventProperty::Pitch,
                "cutoff" => EventProperty::Cutoff,
                _ => EventProperty::Gain,
            },
            points: written.points.iter().map(|point| (point.0, point.1)).collect(),
        }
    }

    /// The parameters by name.
    pub(super) fn parameters(&self) -> Vec<Parameter> {
        let parameters = self.project.parameters.iter();
        parameters.filter_map(|(name, item)| Some(parameter(name, item.value?))).collect()
    }

    /// The events by name.
    pub(super) fn events(&self) -> Vec<Event> {
        let events = self.project.events.iter().filter_map(|(name, item)| Some((*name, item.value?)));
        let event = |(name, written): (&str, &schema::Event)| Event {
            name: name.to_owned(),
            play: self.sound(&written.play.value),
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
            limit: written.limit.as_ref().map(limit),
            cooldown: written.cooldown.as_ref().map(|written| Cooldown {
                time: seconds(written.time),
                scope: written.scope,
                radius: written.radius.map(Metres::clamped),
            }),
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

fn spread(Between(low, high): Between, Between(down, up): Between) -> Spread {
    Spread {
        gain: Range { low: db(low), high: db(high) },
        pitch: Range { low: Semitones::clamped(down), high: Semitones::clamped(up) },
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
