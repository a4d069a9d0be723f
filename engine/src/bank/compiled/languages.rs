//! Languages as they are run: a parameter, and what stands in for what is missing.

use super::{Bank, MediaId, ParameterId, SoundKind};
use std::collections::{BTreeMap, BTreeSet};

/// The languages of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Languages {
    /// The parameter whose labels they are.
    pub parameter: ParameterId,
    /// For each language what is heard in it: itself first, then what stands in for it, the default last.
    pub chains: Vec<Vec<usize>>,
}

impl Bank {
    /// Does without files that are not there: where a language would play one, the next that stands in for it is heard.
    /// Gives the language that is heard instead of each.
    pub fn speak_without(&mut self, absent: &BTreeSet<MediaId>) -> BTreeMap<MediaId, String> {
        let mut heard = BTreeMap::new();
        let Some(languages) = self.languages.clone().filter(|_| !absent.is_empty()) else { return heard };
        let Some(parameter) = self.parameters.get(languages.parameter.index()) else { return heard };
        let missing = |kind: &SoundKind| match kind {
            SoundKind::Clip(clip) if clip.synth.is_none() => {
                Some(clip.media).filter(|media| absent.contains(media))
            }
            _ => None,
        };
        let missing: Vec<_> = self.sounds.iter().map(|sound| missing(&sound.kind)).collect();
        for sound in &mut self.sounds {
            let SoundKind::Switch(switch) = &mut sound.kind else { continue };
            if switch.on != languages.parameter {
                continue;
            }
            let before = switch.cases.clone();
            let lacks = |language: usize| {
                let case = before.get(language).copied().flatten()?;
                missing.get(case.index()).copied().flatten()
            };
            for (case, chain) in switch.cases.iter_mut().zip(&languages.chains) {
                let Some(media) = chain.first().and_then(|&own| lacks(own)) else { continue };
                let instead = chain.iter().copied().find(|&language| lacks(language).is_none());
                *case = instead.and_then(|language| before.get(language).copied().flatten());
                if let Some(label) = instead.and_then(|language| parameter.labels.get(language)) {
                    heard.entry(media).or_insert_with(|| label.clone());
                }
            }
        }
        for (sound, missing) in self.sounds.iter_mut().zip(missing) {
            if missing.is_some() {
                sound.kind = SoundKind::Silence;
            }
        }
        heard
    }
}
