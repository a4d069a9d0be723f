//! From a project without errors to the bank that runs: names become ids, numbers become units.
//!
//! Lives here: that one translation. It is only called when there are no errors, so every name is found; should
//! one be missing all the same, the master, the first sound or the first file stands in for it.
//! May be named here: the schema, the compiled bank, `units`. Runs on any thread.

mod actions;
mod languages;
mod modulators;
mod music;
mod sounds;
mod states;

use super::check::{Facts, is_path};
use super::compiled::{
    Bank, Bus, BusId, Combine, CurveSource, CustomEffect, DuckRule, DuckTarget, DuckTrigger, Ducked, Effect,
    EffectKind, Gauge, Key, Level, LevelId, Media, MediaId, PropertyCurve, ReverbPreset, Send, SoundId, Vca,
};
use super::decode::{Between, Text};
use super::load::MediaUse;
use super::project::Project;
use super::property::resolve;
use super::schema::{self, Band};
use crate::effects::table::Value;
use crate::effects::{self, EqBand, EqParams, EqShape, EqSlope, LimiterParams, MAX_BANDS, ReverbParams};
use crate::units::{Amount, CurvePoint, Decibels, Hertz, Seconds};
use sounds::limit;
use std::collections::{BTreeMap, BTreeSet};

fn db(value: f32) -> Decibels {
    Decibels::clamped(value)
}

fn seconds(value: f32) -> Seconds {
    Seconds::clamped(value)
}

fn gauge(written: schema::Gauge) -> Gauge {
    match written {
        schema::Gauge::Peak => Gauge::Peak,
        schema::Gauge::Rms => Gauge::Rms,
        schema::Gauge::Loudness => Gauge::Loudness,
    }
}

/// The points of a curve.
fn points(written: &[schema::Point]) -> Vec<CurvePoint> {
    written.iter().map(|&schema::Point(x, y, segment)| CurvePoint { x, y, segment }).collect()
}

/// Builds the bank.
pub fn bank(project: &Project<'_>, facts: &Facts, media: &[MediaUse]) -> Bank {
    let names = Names::new(project, media);
    Bank {
        buses: project.bus_names.iter().map(|name| names.build_bus(name)).collect(),
        order: facts.order.iter().map(|&id| BusId(id as u32)).collect(),
        vcas: names.vcas(),
        ducking: project.ducking.iter().map(|(_, rule)| names.duck(rule)).collect(),
        levels: names.levels(),
        modulators: names.modulators(),
        curves: project.curves.iter().filter_map(|(_, curve)| names.curve(curve)).collect(),
        parameters: names.parameters(),
        languages: names.languages(),
        snapshots: names.snapshots(),
        states: names.states(),
        triggers: project.stingers().into_iter().map(str::to_owned).collect(),
        reverbs: project
            .reverbs
            .keys()
            .map(|name| ReverbPreset {
                name: (*name).to_owned(),
                bus: names.bus_named(&format!("reverb/{name}")),
            })
            .collect(),
        sounds: names.sounds.keys().map(|name| names.build_sound(name)).collect(),
        queues: names.queues(),
        events: names.events(),
        media: media
            .iter()
            .map(|media| Media { path: media.path.clone(), file: media.file.clone() })
            .collect(),
    }
}

struct Names<'a> {
    project: &'a Project<'a>,
    sounds: BTreeMap<&'a str, SoundId>,
    media: BTreeMap<&'a str, MediaId>,
}

impl<'a> Names<'a> {
    fn new(project: &'a Project<'a>, media: &'a [MediaUse]) -> Self {
        let mut sounds: BTreeSet<&str> = project.sounds.keys().copied().collect();
        let choices = project.sounds.values().filter_map(|item| item.value).flat_map(schema::Sound::plays);
        let events = project.events.values().filter_map(|item| item.value?.play.as_ref());
        sounds
            .extend(choices.chain(events).map(|play| play.name.value.as_str()).filter(|text| is_path(text)));
        Self {
            project,
            sounds: sounds.into_iter().enumerate().map(|(id, name)| (name, SoundId(id as u32))).collect(),
            media: media
                .iter()
                .enumerate()
                .map(|(id, media)| (media.path.as_str(), MediaId(id as u32)))
                .collect(),
        }
    }

    fn bus_named(&self, name: &str) -> BusId {
        self.project.bus_ids.get(name).map_or(BusId::MASTER, |&id| BusId(id as u32))
    }

    fn bus(&self, name: Option<&Text>) -> BusId {
        name.map_or(BusId::MASTER, |name| self.bus_named(&name.value))
    }

    fn sound(&self, name: &str) -> SoundId {
        self.sounds.get(name).copied().unwrap_or(SoundId(0))
    }

    /// What is played where it is named or written.
    fn play(&self, play: &schema::Play) -> SoundId {
        self.sound(&play.name.value)
    }

    fn build_bus(&self, name: &str) -> Bus {
        let preset = name.strip_prefix("reverb/").and_then(|preset| self.project.reverbs.get(preset)?.value);
        let declared = self.project.buses.get(name).and_then(|item| item.value);
        let mut bus = match (declared, preset) {
            (Some(bus), _) => Bus {
                name: name.to_owned(),
                parent: Some(self.bus(bus.parent.as_ref())),
                gain: db(bus.gain),
                effects: bus.effects.iter().flat_map(|effect| self.effects(effect)).collect(),
                sends: bus.sends.0.iter().map(|(to, sent)| self.send(to, sent)).collect(),
                limit: bus.limit.as_ref().map(limit),
                mute: bus.mute,
                solo: bus.solo,
            },
            (None, Some(preset)) => Bus {
                name: name.to_owned(),
                parent: Some(self.bus(preset.bus.as_ref())),
                gain: db(preset.gain),
                effects: vec![own(reverb(preset))],
                sends: Vec::new(),
                limit: None,
                mute: false,
                solo: false,
            },
            (None, None) => Bus {
                name: name.to_owned(),
                parent: Some(BusId::MASTER),
                gain: Decibels::UNITY,
                effects: Vec::new(),
                sends: Vec::new(),
                limit: None,
                mute: false,
                solo: false,
            },
        };
        if name == "master" {
            bus.parent = None;
            // Something must stand before the output's clamp at full scale, which would distort.
            let limits =
                |effect: &Effect| matches!(effect.kind, EffectKind::Own(effects::Effect::Limiter(_)));
            if !bus.effects.iter().any(|effect| limits(effect) && !effect.bypass) {
                bus.effects.push(own(LimiterParams::default()));
            }
        }
        bus
    }

    /// One written effect; an equaliser of many bands becomes several in a row.
    fn effects(&self, written: &schema::Effect) -> Vec<Effect> {
        let schema::Common { bypass, key, file } = &written.common;
        let effect = |kind| Effect {
            kind,
            key: key.as_ref().map(|key| Key {
                bus: self.bus(Some(&key.bus)),
                pre: key.pre,
                delayed: key.delayed,
            }),
            file: file
                .as_ref()
                .map(|file| self.media.get(file.value.as_str()).copied().unwrap_or(MediaId(0))),
            bypass: *bypass,
        };
        kinds(&written.kind).into_iter().map(effect).collect()
    }

    fn send(&self, to: &Text, schema::Sent(written): &schema::Sent) -> Send {
        let schema::Send { gain, pre, delayed } = *written;
        Send { to: self.bus(Some(to)), gain: db(gain), pre, delayed }
    }

    fn levels(&self) -> Vec<Level> {
        let level = |(name, written): (&str, &schema::Level)| Level {
            name: name.to_owned(),
            bus: self.bus(Some(&written.bus)),
            by: gauge(written.by),
            attack: seconds(written.attack),
            release: seconds(written.release),
        };
        self.project.levels.iter().filter_map(|(name, item)| Some((*name, item.value?))).map(level).collect()
    }

    /// The id of the level of that name.
    fn level(&self, name: &str) -> Option<LevelId> {
        let mut levels = self.project.levels.iter().filter(|(_, item)| item.value.is_some());
        levels.position(|(level, _)| *level == name).map(|place| LevelId(place as u32))
    }

    fn curve(&self, written: &schema::PropertyCurve) -> Option<PropertyCurve> {
        let to = written.to.value.as_str();
        let bus = self.project.buses.get(to).and_then(|item| item.value);
        let sends: Vec<_> =
            bus.iter().flat_map(|bus| &bus.sends.0).map(|(to, _)| to.value.as_str()).collect();
        let name = written.from.value.as_str();
        Some(PropertyCurve {
            from: match (self.level(name), self.modulator(name)) {
                (Some(level), _) => CurveSource::Level(level),
                (None, Some(modulator)) => CurveSource::Modulator(modulator),
                (None, None) => CurveSource::Parameter(self.parameter(name)),
            },
            to: self.bus_named(to),
            property: resolve(&written.property.value, &chain(self.project, to), &sends).ok()?,
            points: points(&written.points),
        })
    }

    fn duck(&self, rule: &schema::Duck) -> DuckRule {
        let target = |(bus, target): &(Text, schema::Target)| DuckTarget {
            bus: self.bus(Some(bus)),
            what: match target.band {
                Some(Between(low, high)) => Ducked::Band(Hertz::clamped(low), Hertz::clamped(high)),
                None if target.voices => Ducked::Voices,
                None => Ducked::Gain,
            },
            depth: db(target.depth),
            attack: seconds(target.attack.unwrap_or(rule.attack)),
            hold: seconds(target.hold.unwrap_or(rule.hold)),
            release: seconds(target.release.unwrap_or(rule.release)),
            curve: target.curve.unwrap_or(rule.curve),
        };
        DuckRule {
            trigger: self.bus(Some(&rule.trigger)),
            by: match rule.by {
                schema::Trigger::Level(level) => DuckTrigger::Level(db(level), db(level - rule.hysteresis)),
                schema::Trigger::Activity => DuckTrigger::Activity,
            },
            targets: rule.targets.0.iter().map(target).collect(),
            combine: match rule.combine {
                schema::Combine::Deepest => Combine::Deepest,
                schema::Combine::Sum => Combine::Sum(db(rule.floor)),
            },
        }
    }

    fn vcas(&self) -> Vec<Vca> {
        let vcas = self.project.vcas.iter().filter_map(|(name, item)| Some((*name, item.value?)));
        let vca = |(name, written): (&str, &schema::Vca)| Vca {
            name: name.to_owned(),
            gain: db(written.gain),
            buses: written.buses.iter().map(|bus| self.bus(Some(bus))).collect(),
        };
        vcas.map(vca).collect()
    }
}

/// What a bus's effects do, first to last, as far as the bank writes them.
pub fn chain(project: &Project<'_>, name: &str) -> Vec<EffectKind> {
    let preset = name.strip_prefix("reverb/").and_then(|preset| project.reverbs.get(preset)?.value);
    match (project.buses.get(name).and_then(|item| item.value), preset) {
        (Some(bus), _) => bus.effects.iter().flat_map(|effect| kinds(&effect.kind)).collect(),
        (None, Some(preset)) => vec![EffectKind::Own(reverb(preset).into())],
        (None, None) => Vec::new(),
    }
}

/// What a written effect does; an equaliser of many bands is several.
fn kinds(written: &schema::EffectKind) -> Vec<EffectKind> {
    match written {
        schema::EffectKind::Unit(unit) => vec![EffectKind::Own(unit.clone())],
        schema::EffectKind::Eq(bands) if bands.is_empty() => {
            vec![EffectKind::Own(EqParams::default().into())]
        }
        schema::EffectKind::Eq(bands) => bands.chunks(MAX_BANDS).map(eq).collect(),
        schema::EffectKind::Custom(written) => vec![EffectKind::Custom(CustomEffect {
            name: written.name.value.clone(),
            params: written.params.0.iter().map(|(name, value)| (name.value.clone(), *value)).collect(),
        })],
    }
}

fn reverb(preset: &schema::Preset) -> ReverbParams {
    ReverbParams { mix: Amount::MAX, ..preset.params }
}

/// An effect with nothing beside its parameters.
fn own(params: impl Into<effects::Effect>) -> Effect {
    Effect { kind: EffectKind::Own(params.into()), key: None, file: None, bypass: false }
}

fn eq(bands: &[Band]) -> EffectKind {
    let mut params = EqParams::default();
    for (slot, written) in params.bands.iter_mut().zip(bands) {
        *slot = Some(band(written));
    }
    EffectKind::Own(params.into())
}

fn band(written: &Band) -> EqBand {
    let plain = |shape, freq, q| EqBand { shape, freq: Hertz::clamped(freq), q, ..EqBand::default() };
    let pass = |shape, freq, q, slope| EqBand { slope: EqSlope::from_number(slope), ..plain(shape, freq, q) };
    macro_rules! raising {
        ($shape:expr, $band:expr) => {
            EqBand {
                gain: db($band.gain),
                range: db($band.range),
                threshold: db($band.threshold),
                ratio: $band.ratio,
                attack: seconds($band.attack),
                release: seconds($band.release),
                ..plain($shape, $band.freq, $band.q)
            }
        };
    }
    match written {
        Band::Peak(band) => raising!(EqShape::Peak, band),
        Band::LowShelf(band) => raising!(EqShape::LowShelf, band),
        Band::HighShelf(band) => raising!(EqShape::HighShelf, band),
        Band::HighPass(band) => pass(EqShape::HighPass, band.freq, band.q, band.slope),
        Band::LowPass(band) => pass(EqShape::LowPass, band.freq, band.q, band.slope),
        Band::Notch(band) => plain(EqShape::Notch, band.freq, band.q),
        Band::BandPass(band) => plain(EqShape::BandPass, band.freq, band.q),
        Band::AllPass(band) => plain(EqShape::AllPass, band.freq, band.q),
    }
}
