//! What is wrong, on the screen: findings of the engine and the command line's own errors.
//!
//! On a terminal reports are drawn by miette. Elsewhere they are plain text, so that a log can be searched for
//! `file:line:column`.

use crate::terminal::Io;
use miette::{
    Diagnostic as Report, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};
use std::fmt;
use thiserror::Error;
use tonmeister::bank::{Diagnostic, Diagnostics, Place, ReadError, Severity};
use tonmeister::media::PackError;
use tonmeister::reload::LoadError;
use tonmeister::runtime::BuildError;
use tonmeister::scene::SceneError;

/// How wide drawn reports are at most, in characters.
const WIDTH: usize = 110;

/// Why a command ended early.
#[derive(Debug, Error, Report)]
pub enum Failure {
    /// A project or a scene has errors: exit code 1.
    #[error("{0}")]
    Findings(Diagnostics),
    /// What was given can't be used as it is: exit code 1.
    #[error("{message}")]
    Unfit {
        /// What is wrong.
        message: String,
        /// What to do about it.
        #[help]
        help: Option<String>,
    },
    /// The command could not run: exit code 2.
    #[error("{message}")]
    NotRun {
        /// What is wrong.
        message: String,
        /// What to do about it.
        #[help]
        help: Option<String>,
    },
    /// Whoever read the output has seen enough: exit code 0, and nothing is said.
    #[error("the output was closed")]
    Closed,
}

impl Failure {
    /// The command could not run.
    pub fn not_run(message: impl Into<String>) -> Self {
        Self::NotRun { message: message.into(), help: None }
    }

    /// What was given can't be used.
    pub fn unfit(message: impl Into<String>) -> Self {
        Self::Unfit { message: message.into(), help: None }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, words: impl Into<String>) -> Self {
        if let Self::NotRun { help, .. } | Self::Unfit { help, .. } = &mut self {
            *help = Some(words.into());
        }
        self
    }

    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::Findings(_) | Self::Unfit { .. } => 1,
            Self::NotRun { .. } => 2,
        }
    }
}

/// From writing results to stdout.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::not_run(format!("can't write the output: {error}")),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        let message = error.to_string();
        match error {
            ReadError::NotAFolder(path) if !path.exists() => {
                Self::not_run(format!("there is no {}", path.display()))
                    .help("a project is a folder with *.bank.ron files in it")
            }
            ReadError::NotAFolder(_) => {
                Self::not_run(message).help("a project is a folder with *.bank.ron files in it")
            }
            ReadError::NoBanks(_) => Self::not_run(message)
                .help("write one; `Bank(events: {})` in a file such as main.bank.ron is the least"),
            ReadError::Io { .. } => Self::not_run(message),
            _ => Self::unfit(message),
        }
    }
}

impl From<PackError> for Failure {
    fn from(error: PackError) -> Self {
        let message = error.to_string();
        match error {
            PackError::Unreadable { .. } | PackError::Unwritable { .. } | PackError::Rate { .. } => {
                Self::not_run(message)
            }
            _ => Self::unfit(message),
        }
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Read(error) => error.into(),
            LoadError::Pack(error) => error.into(),
            LoadError::Invalid(findings) => Self::Findings(findings),
        }
    }
}

impl From<SceneError> for Failure {
    fn from(error: SceneError) -> Self {
        match error {
            SceneError::Invalid(findings) => Self::Findings(findings),
            SceneError::Unreadable { path, .. } if !path.exists() => {
                Self::not_run(format!("there is no {}", path.display()))
                    .help("give the path of a *.scene.ron file")
            }
            SceneError::Unreadable { .. } => Self::not_run(error.to_string()),
        }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Project(error) => error.into(),
            BuildError::UnknownPlugin { bus, plugin } => {
                Self::unfit(format!("bus \"{bus}\" uses the plug-in \"{plugin}\", which belongs to a game")).help(
                    "the command line has no plug-ins: take the effect out while you listen here, or listen in the game",
                )
            }
            error => Self::not_run(error.to_string()),
        }
    }
}

/// Shows why a command ended early.
pub fn failure(io: &mut Io<'_>, failure: &Failure) {
    // What can't be written to stderr can't be said anywhere.
    let _ = match failure {
        Failure::Closed => Ok(()),
        Failure::Findings(all) => findings(io, all),
        failure if io.terminal => draw(io, failure),
        failure => {
            let help = failure.help_text().map_or_else(String::new, |help| format!("\n = help: {help}"));
            writeln!(io.err, "error: {failure}{help}")
        }
    };
}

impl Failure {
    fn help_text(&self) -> Option<&str> {
        match self {
            Self::NotRun { help, .. } | Self::Unfit { help, .. } => help.as_deref(),
            _ => None,
        }
    }
}

/// Shows all findings on stderr and their count; nothing if there are none.
///
/// # Errors
/// If stderr can't be written.
pub fn findings(io: &mut Io<'_>, all: &Diagnostics) -> std::io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    if !io.terminal {
        return writeln!(io.err, "{all}");
    }
    for finding in all {
        draw(io, &Finding(finding))?;
        writeln!(io.err)?;
    }
    writeln!(io.err, "{}", tally(all))
}

/// The number of findings: `2 errors, 1 warning`.
fn tally(all: &Diagnostics) -> String {
    // The last line of the plain text.
    all.to_string().lines().last().unwrap_or_default().to_owned()
}

fn draw(io: &mut Io<'_>, report: &dyn Report) -> std::io::Result<()> {
    let theme = if io.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(WIDTH);
    let mut text = String::new();
    match handler.render_report(&mut text, report) {
        Ok(()) => write!(io.err, "{text}"),
        Err(fmt::Error) => writeln!(io.err, "error: {report}"),
    }
}

/// A finding of the engine as miette sees it.
struct Finding<'a>(&'a Diagnostic);

impl fmt::Debug for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}

impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Finding<'_> {}

impl Report for Finding<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.0.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.0.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let related = self.0.related.iter().map(|at| format!("{}: {}:{}", at.label, at.file, at.line));
        let words: Vec<_> = self.0.help.iter().cloned().chain(related).collect();
        (!words.is_empty()).then(|| Box::new(words.join("\n")) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = marked(&self.0.place);
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(None, span))))
    }
}

/// The bytes of a place's line that are marked.
fn marked(place: &Place) -> SourceSpan {
    let byte = |character: usize| {
        let mut starts = place.source_line.char_indices().map(|(at, _)| at);
        starts.nth(character).unwrap_or(place.source_line.len())
    };
    let (from, to) = (byte(place.caret), byte(place.caret + place.width));
    (from, to - from).into()
}

/// The source is the one line that the finding brings along.
impl SourceCode for Finding<'_> {
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        lines_before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let Place { file, line, column, source_line, .. } = &self.0.place;
        // Without context miette asks for where the mark begins, else for the text to show.
        let column = if lines_before == 0 { column.saturating_sub(1) } else { 0 };
        let whole = (0, source_line.len()).into();
        Ok(Box::new(MietteSpanContents::new_named(
            file.clone(),
            source_line.as_bytes(),
            whole,
            line.saturating_sub(1),
            column,
            1,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonmeister::bank::{Sources, compile};

    #[test]
    fn a_drawn_report_has_the_place_the_line_and_the_help() {
        let text = "Bank(\n    buses: {\"Dröhnen\": (gian: -6)},\n)";
        let findings = compile(&Sources::from_texts([("mix.bank.ron", text)])).diagnostics;
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut io = Io { terminal: true, ..Io::plain(&mut out, &mut err) };
        super::findings(&mut io, &findings).expect("written");
        let drawn = String::from_utf8(err).expect("text");
        insta::assert_snapshot!(drawn);
    }

    #[test]
    fn exit_codes_tell_findings_from_what_could_not_run() {
        let codes = [
            Failure::Findings(Diagnostics::default()),
            Failure::unfit("a"),
            Failure::not_run("b"),
            std::io::Error::from(std::io::ErrorKind::BrokenPipe).into(),
        ]
        .map(|failure| failure.exit_code());
        assert_eq!(codes, [1, 1, 2, 0]);
    }
}
