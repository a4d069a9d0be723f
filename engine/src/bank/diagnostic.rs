//! What is wrong with a project, in words a sound designer can act on.
//!
//! Lives here: one diagnostic, the sorted list of all, their plain-text form, and the search for the nearest
//! name. May be named here: nothing else of the crate. Runs on any thread.

use super::place::Place;
use std::fmt;

/// How many diagnostics are kept; more help nobody, and a hostile bank could make millions.
const MAX_KEPT: usize = 1000;
/// Among how many names the nearest is searched.
const MAX_CANDIDATES: usize = 10_000;

/// Whether a bank can run in spite of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The bank cannot run.
    Error,
    /// The bank runs, but probably not as meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// Another place that a diagnostic speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Why the place matters: `first defined here`.
    pub label: String,
    /// The file's path relative to the project.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the bank can run in spite of it.
    pub severity: Severity,
    /// What kind of finding it is; stable, such as `unknown-bus`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that matter.
    pub related: Vec<Related>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        let (severity, message) = (Severity::Error, message.into());
        Self { severity, code, message, place, help: None, related: Vec::new() }
    }

    /// A warning at a place.
    pub fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points at another place.
    #[must_use]
    pub fn related(mut self, label: impl Into<String>, place: &Place) -> Self {
        self.related.push(Related { label: label.into(), file: place.file.clone(), line: place.line });
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { file, line, column, source_line, caret, width, .. } = &self.place;
        let gutter = " ".repeat(line.to_string().len());
        writeln!(f, "{}[{}]: {}", self.severity, self.code, self.message)?;
        writeln!(f, "{gutter}--> {file}:{line}:{column}")?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{line} | {source_line}")?;
        write!(f, "{gutter} | {}{}", " ".repeat(*caret), "^".repeat(*width))?;
        for Related { label, file, line } in &self.related {
            write!(f, "\n{gutter} = {label}: {file}:{line}")?;
        }
        match &self.help {
            Some(help) => write!(f, "\n{gutter} = help: {help}"),
            None => Ok(()),
        }
    }
}

/// All findings of a run, sorted by file, then by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds a finding at its place in the order. A second one of the same kind at the same place is dropped,
    /// and so is all beyond the first thousand.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        fn key(d: &Diagnostic) -> (&str, usize, usize, Severity, &str) {
            (&d.place.file, d.place.span.start, d.place.span.end, d.severity, d.code)
        }
        if self.is_full() {
            return;
        }
        let place = self.0.partition_point(|kept| key(kept) < key(&diagnostic));
        if self.0.get(place).is_none_or(|kept| key(kept) != key(&diagnostic)) {
            self.0.insert(place, diagnostic);
        }
    }

    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether no more are kept.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MAX_KEPT
    }

    /// The findings in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// All findings, an empty line between them, and their count: `2 errors, 1 warning`.
impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in self {
            writeln!(f, "{diagnostic}\n")?;
        }
        let errors = self.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        let warnings = self.len() - errors;
        let count =
            |number: usize, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
        match (errors, warnings) {
            (0, 0) => f.write_str("no findings"),
            (_, 0) => f.write_str(&count(errors, "error")),
            (0, _) => f.write_str(&count(warnings, "warning")),
            _ => write!(f, "{}, {}", count(errors, "error"), count(warnings, "warning")),
        }
    }
}

/// The name nearest to what was written, if one is near enough to be meant.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = written.chars().count();
    if length > 64 {
        return None;
    }
    let limit = (length / 3).max(1);
    let far = |name: &str| name.chars().count().abs_diff(length) > limit;
    let distance = |name: &'a str| {
        let (one, other) = (name.to_lowercase(), written.to_lowercase());
        (!far(&one)).then(|| (strsim::damerau_levenshtein(&one, &other), name))
    };
    let names = names.into_iter().take(MAX_CANDIDATES);
    names.filter_map(distance).filter(|(distance, _)| *distance <= limit).min().map(|(_, name)| name)
}

/// The help for an unknown name: the nearest one if there is one, else all that there are, if they are few.
pub(super) fn suggest<'a>(
    written: &str,
    names: impl Iterator<Item = &'a str> + Clone,
    quote: char,
) -> Option<String> {
    if let Some(name) = nearest(written, names.clone()) {
        return Some(format!("did you mean {quote}{name}{quote}?"));
    }
    let known: Vec<_> = names.clone().take(12).map(|name| format!("{quote}{name}{quote}")).collect();
    match (known.len(), names.count()) {
        (0, _) => None,
        (1, _) => Some(format!("the only one is {}", known.concat())),
        (few, all) if few == all => Some(format!("there are {}", known.join(", "))),
        _ => None,
    }
}
