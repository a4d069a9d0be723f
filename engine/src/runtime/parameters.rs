//! Parameters by name: what a game sets, and what it reads back.

use super::Engine;
use crate::bank::{self, Parameter, ParameterId};
use crate::director::{EmitterKey, ParameterReading};
use thiserror::Error;

/// What a parameter is set to: a number, or one of its labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ParameterValue<'a> {
    /// A number; outside the parameter's range it is brought to its ends.
    Number(f32),
    /// A label.
    Label(&'a str),
}

impl From<f32> for ParameterValue<'_> {
    fn from(number: f32) -> Self {
        Self::Number(number)
    }
}

impl<'a> From<&'a str> for ParameterValue<'a> {
    fn from(label: &'a str) -> Self {
        Self::Label(label)
    }
}

/// Why a parameter can't be set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParameterError {
    /// The bank has no such parameter.
    #[error("no parameter is called \"{name}\"{}", near(nearest))]
    Unknown {
        /// The name.
        name: String,
        /// The nearest one that it has.
        nearest: Option<String>,
    },
    /// The parameter has no such label.
    #[error("\"{label}\" is no label of \"{parameter}\": {}", known(labels))]
    UnknownLabel {
        /// The parameter.
        parameter: String,
        /// The label.
        label: String,
        /// The labels that it has.
        labels: Vec<String>,
    },
    /// It was given something that is no number.
    #[error("\"{0}\" can't be set to what is no number; give it a finite one")]
    NoNumber(String),
}

fn near(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"))
}

fn known(labels: &[String]) -> String {
    if labels.is_empty() { "set it to a number".to_owned() } else { format!("it has {}", labels.join(", ")) }
}

/// The number that a value comes to.
fn number(parameter: &Parameter, value: ParameterValue<'_>) -> Result<f32, ParameterError> {
    match value {
        ParameterValue::Number(number) if number.is_nan() => {
            Err(ParameterError::NoNumber(parameter.name.clone()))
        }
        ParameterValue::Number(number) if parameter.labels.is_empty() => Ok(number),
        ParameterValue::Number(number) => Ok(number.round()),
        ParameterValue::Label(label) => {
            let place = parameter.labels.iter().position(|known| known == label);
            place.map(|place| place as f32).ok_or_else(|| ParameterError::UnknownLabel {
                parameter: parameter.name.clone(),
                label: label.to_owned(),
                labels: parameter.labels.clone(),
            })
        }
    }
}

impl Engine {
    /// Sets a parameter for everything, from the next [`Engine::update`] on. Labels may be given as text:
    /// `engine.set_parameter("surface", "wood")`.
    ///
    /// # Errors
    /// If the bank has no such parameter, or the parameter no such label; nothing is changed then.
    ///
    /// ```
    /// use tonmeister::prelude::*;
    ///
    /// let banks = Sources::from_texts([("car.bank.ron", r#"Bank(parameters: {
    ///     "rpm": (max: 8000, default: 800),
    ///     "surface": (labels: ["road", "gravel"]),
    /// })"#)]);
    /// let mut engine = Engine::from_sources(banks).output(Output::Offline).build()?;
    /// engine.set_parameter("rpm", 3000.0)?;
    /// engine.set_parameter("surface", "gravel")?;
    /// assert_eq!(engine.parameter("rpm").map(|rpm| rpm.now), Some(3000.0));
    /// assert!(engine.set_parameter("surface", "grovel").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_parameter<'v>(
        &mut self,
        name: &str,
        value: impl Into<ParameterValue<'v>>,
    ) -> Result<(), ParameterError> {
        let (id, value) = self.known(name, value.into())?;
        self.director.set_parameter(None, id, value);
        Ok(())
    }

    /// Sets a parameter for what plays on one emitter alone, now or later; there it counts instead of the one for
    /// everything.
    ///
    /// # Errors
    /// As for [`Engine::set_parameter`].
    pub fn set_emitter_parameter<'v>(
        &mut self,
        emitter: EmitterKey,
        name: &str,
        value: impl Into<ParameterValue<'v>>,
    ) -> Result<(), ParameterError> {
        let (id, value) = self.known(name, value.into())?;
        self.director.set_parameter(Some(emitter), id, value);
        Ok(())
    }

    /// Lets an emitter have only these parameters of its own; for the others those for everything count again.
    pub fn keep_emitter_parameters<'n>(
        &mut self,
        emitter: EmitterKey,
        names: impl IntoIterator<Item = &'n str>,
    ) {
        let keep: Vec<_> = names.into_iter().filter_map(|name| self.bank().parameter(name)).collect();
        self.director.keep_parameters(emitter, &keep);
    }

    /// What a parameter was set to, and what it is; `None` if the bank has no such parameter.
    pub fn parameter(&self, name: &str) -> Option<ParameterReading> {
        self.director.parameter(None, self.bank().parameter(name)?)
    }

    /// A parameter as an emitter has it: its own, or else the one for everything.
    pub fn emitter_parameter(&self, emitter: EmitterKey, name: &str) -> Option<ParameterReading> {
        self.director.parameter(Some(emitter), self.bank().parameter(name)?)
    }

    fn known(&self, name: &str, value: ParameterValue<'_>) -> Result<(ParameterId, f32), ParameterError> {
        let bank = self.bank();
        let Some(id) = bank.parameter(name) else {
            let names = bank.parameters.iter().map(|parameter| parameter.name.as_str());
            let nearest = bank::nearest(name, names).map(str::to_owned);
            return Err(ParameterError::Unknown { name: name.to_owned(), nearest });
        };
        Ok((id, number(&bank.parameters[id.index()], value)?))
    }
}
