//! The numbers of a bus that curves can move, by their names.
//!
//! Lives here: the one reading of such a name. May be named here: the compiled bank. Runs on any thread.

use super::compiled::{EffectKind, Property};
use super::diagnostic::suggest;
use crate::effects::table::{Field, Params};
use crate::effects::{Effect, EqBand, EqParams, EqShape};

/// Why a name means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

fn unknown(message: String, help: impl Into<Option<String>>) -> Unknown {
    Unknown { message, help: help.into() }
}

/// Finds a property of a bus with that chain of effects and sends to the buses of these names: `gain`,
/// `send.echo`, `Compressor.threshold`, `Eq.2.gain`, `LowPass.freq` of a pass on its own, and of the second of a kind
/// `Delay[2].mix`.
pub fn resolve(name: &str, chain: &[EffectKind], sends: &[&str]) -> Result<Property, Unknown> {
    if name == "gain" {
        return Ok(Property::Gain);
    }
    let Some((of, parameter)) = name.split_once('.') else {
        let help =
            "write \"gain\", \"send.NAME\" or an effect and its parameter, such as \"Compressor.threshold\"";
        let help = suggest(name, ["gain"].into_iter(), '"').unwrap_or_else(|| help.to_owned());
        return Err(unknown(format!("a bus has no property called {name:?}"), help));
    };
    if of == "send" {
        let place = sends.iter().position(|send| *send == parameter);
        let missing = || {
            let help = suggest(parameter, sends.iter().copied(), '"');
            unknown(format!("the bus has no send to {parameter:?}"), help)
        };
        return place.map(Property::Send).ok_or_else(missing);
    }
    let (kind, turn) = match of.strip_suffix(']').and_then(|of| of.split_once('[')) {
        Some((kind, turn)) => (kind, turn.parse().ok().filter(|turn| *turn > 0).unwrap_or(usize::MAX)),
        None => (of, 1),
    };
    let own = chain.iter().enumerate().filter_map(|(place, kind)| match kind {
        EffectKind::Own(effect) => Some((place, effect)),
        EffectKind::Custom(_) => None,
    });
    let Some((effect, params)) = own.clone().filter(|(_, own)| goes_by(own, kind)).nth(turn - 1) else {
        let names = own.map(|(_, effect)| pass(effect).unwrap_or(effect.name()));
        let number = if turn == 1 { String::new() } else { format!(" number {turn}") };
        return Err(unknown(
            format!("the bus has no effect `{kind}`{number} with numbers that can move"),
            suggest(kind, names, '`'),
        ));
    };
    let is_pass = pass(params) == Some(kind);
    let place = if is_pass { params.place_of(&format!("1.{parameter}")) } else { params.place_of(parameter) };
    let found = place.and_then(|place| Some((place, params.field_at(place)?)));
    match found {
        None => {
            let help = match params {
                _ if is_pass => suggest(parameter, names(EqBand::FIELDS), '`'),
                Effect::Eq(bands) => help_with_band(of, parameter, bands),
                params => suggest(parameter, names(params.fields()), '`'),
            };
            Err(unknown(format!("`{of}` has no parameter `{parameter}`"), help))
        }
        Some((_, field)) if field.rule.range.is_none() || field.rule.fixed => Err(unknown(
            format!("`{parameter}` of `{of}` can't be moved"),
            "only plain numbers that a running effect can change move".to_owned(),
        )),
        Some((place, _)) => Ok(Property::Parameter { effect, place }),
    }
}

/// What a pass is called that is an equaliser of its own.
fn pass(effect: &Effect) -> Option<&'static str> {
    let Effect::Eq(params) = effect else { return None };
    let mut bands = params.bands.iter().flatten();
    match (bands.next()?.shape, bands.next()) {
        (EqShape::HighPass, None) => Some("HighPass"),
        (EqShape::LowPass, None) => Some("LowPass"),
        _ => None,
    }
}

fn goes_by(effect: &Effect, name: &str) -> bool {
    effect.name() == name || pass(effect) == Some(name)
}

fn names(fields: &'static [Field]) -> impl Iterator<Item = &'static str> + Clone {
    fields.iter().map(|field| field.name)
}

/// What to do about a name that no band of an equaliser has: `3.gain`, `1.gian`, or `gain` without a band.
fn help_with_band(of: &str, parameter: &str, bands: &EqParams) -> Option<String> {
    let count = bands.bands.iter().flatten().count();
    let band = parameter.split_once('.').and_then(|(band, field)| Some((band.parse::<usize>().ok()?, field)));
    match (band, count) {
        (_, 0) => Some("it has no bands".to_owned()),
        (None, _) => Some(format!("say of which band, such as `{of}.1.gain`")),
        (Some((band, field)), _) if (1..=count).contains(&band) => suggest(field, names(EqBand::FIELDS), '`'),
        (_, 1) => Some("there is band 1 only".to_owned()),
        _ => Some(format!("there are bands 1 to {count}")),
    }
}
