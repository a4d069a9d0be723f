//! Languages: from what is written to what is run.

use super::Names;
use super::sounds::{change, spread};
use crate::bank::compiled::{Languages, Switch};
use crate::bank::schema::{self, LANGUAGE};

impl Names<'_> {
    /// The languages of the project.
    pub(super) fn languages(&self) -> Option<Languages> {
        let languages = self.project.languages?;
        let place = |language: &str| languages.names().position(|known| known == language);
        let chain = |language| languages.chain(language).into_iter().filter_map(place).collect();
        Some(Languages {
            parameter: self.parameter(LANGUAGE),
            chains: languages.names().map(chain).collect(),
        })
    }

    /// A choice by the language, in which what is missing is filled in.
    pub(super) fn localized(&self, written: &schema::Localized) -> Switch {
        let case = |language: &str| written.of.0.iter().find(|(label, _)| label.value == language);
        let heard = |languages: &schema::Languages, language| {
            let (_, play) = languages.chain(language).into_iter().find_map(case)?;
            Some(self.play(play))
        };
        let cases = self
            .project
            .languages
            .map(|languages| languages.names().map(|language| heard(languages, language)).collect());
        Switch {
            on: self.parameter(LANGUAGE),
            cases: cases.unwrap_or_default(),
            change: change(written.change),
            spread: spread(written.gain, written.pitch, written.delay, written.cutoff),
        }
    }
}
