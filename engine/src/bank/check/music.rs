//! What only the whole project shows of music: its parameter and labels are there.

use super::Checker;
use crate::bank::decode::Text;
use crate::bank::diagnostic::suggest;
use crate::bank::schema;

impl<'a> Checker<'a> {
    pub(super) fn music(&mut self, file: usize, music: &'a schema::Music) {
        let parts = || music.parts.0.iter().map(|(name, _)| name.value.as_str());
        let labels = match &music.on {
            Some(on) => match self.labels(file, on) {
                Some(labels) => labels,
                None => return,
            },
            None => Vec::new(),
        };
        if music.on.is_some() {
            for (part, _) in &music.parts.0 {
                if !labels.iter().any(|label| *label == part.value) {
                    let message = format!(
                        "{:?} is no label of {:?}",
                        part.value,
                        music.on.as_ref().map_or("", |on| &on.value)
                    );
                    self.error(
                        "unknown-label",
                        file,
                        part,
                        message,
                        suggest(&part.value, labels.iter().copied(), '"'),
                    );
                }
            }
        }
        for way in &music.transitions {
            for name in way.from.iter().chain(&way.to) {
                let known = || parts().chain(labels.iter().copied());
                if !known().any(|known| known == name.value) {
                    let message = format!("no part and no label is called {:?}", name.value);
                    self.error("unknown-label", file, name, message, suggest(&name.value, known(), '"'));
                }
            }
        }
    }

    /// The labels of a parameter that is named; says so if there is none.
    pub(super) fn labels(&mut self, file: usize, on: &Text) -> Option<Vec<&'a str>> {
        let project = self.project;
        if !on.is_given() {
            return None;
        }
        let Some(item) = project.parameters.get(on.value.as_str()) else {
            if self.whole {
                let help = suggest(&on.value, project.parameters.keys().copied(), '"');
                let help = help.or_else(|| Some("declare it under `parameters`".to_owned()));
                let message = format!("no parameter is called {:?}", on.value);
                self.error("unknown-parameter", file, on, message, help);
            }
            return None;
        };
        let parameter = item.value?;
        if parameter.labels.is_empty() {
            let message = format!("the parameter {:?} has no labels to switch by", on.value);
            let help = Some("give it `labels: […]`".to_owned());
            self.error("unknown-label", file, on, message, help);
            return None;
        }
        Some(parameter.labels.iter().map(|label| label.value.as_str()).collect())
    }
}
