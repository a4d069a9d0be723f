//! Where words go: stdout and stderr, with progress and colour only where somebody looks.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fmt;
use std::io::{IsTerminal, Write};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

/// The two streams of a command, and what they can show.
pub struct Io<'a> {
    /// Results.
    pub out: &'a mut dyn Write,
    /// Errors and progress.
    pub err: &'a mut dyn Write,
    /// Whether `err` is a terminal: then there are progress bars and drawn reports.
    pub terminal: bool,
    /// Whether colour is welcome: on a terminal, unless the variable `NO_COLOR` is set.
    pub colour: bool,
}

impl<'a> Io<'a> {
    /// The process's own streams.
    pub fn stdio(out: &'a mut std::io::Stdout, err: &'a mut std::io::Stderr) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let terminal = err.is_terminal() && !dumb;
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { out, err, terminal, colour: terminal && !refused }
    }

    /// Streams into memory or elsewhere: plain text, no progress.
    pub fn plain(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        Self { out, err, terminal: false, colour: false }
    }

    /// A bar for `length` steps; it draws nothing unless stderr is a terminal.
    pub fn bar(&self, what: &'static str, length: u64) -> ProgressBar {
        self.progress(ProgressBar::with_draw_target(Some(length), self.target()), what, "{pos}/{len}")
    }

    /// A bar of percents; it draws nothing unless stderr is a terminal.
    pub fn percent(&self, what: &'static str, length: u64) -> ProgressBar {
        self.progress(ProgressBar::with_draw_target(Some(length), self.target()), what, "{percent} %")
    }

    /// A line that is drawn over and over; nothing unless stderr is a terminal.
    pub fn status(&self) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(None, self.target());
        bar.with_style(style("{wide_msg}"))
    }

    fn progress(&self, bar: ProgressBar, what: &'static str, number: &str) -> ProgressBar {
        let style = style(&format!("{{msg}} [{{bar:30}}] {number}")).progress_chars("=> ");
        bar.with_style(style).with_message(what)
    }

    fn target(&self) -> ProgressDrawTarget {
        if self.terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
    }
}

/// The templates are ours and well-formed; a plain bar is good enough should one not be.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// How often a line that moves is drawn.
pub const REDRAW: Duration = Duration::from_millis(100);

/// Text from a file or a file's name, safe to print: control characters as `\u{…}`.
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            safe.extend(letter.escape_default());
        } else {
            safe.push(letter);
        }
    }
    safe
}

/// Shows what the engine logs on stderr: warnings and errors of everything, notes of the engine itself. A second
/// call in the same process does nothing.
pub fn show_log(terminal: bool, colour: bool) {
    // Refused only when a subscriber is in place, which then does the work.
    let _ = tracing::subscriber::set_global_default(Log { terminal, colour });
}

/// The smallest subscriber that shows events as lines like the command line's own.
struct Log {
    terminal: bool,
    colour: bool,
}

impl Subscriber for Log {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        let most = if about.target().starts_with("tonmeister") { Level::INFO } else { Level::WARN };
        about.is_event() && *about.level() <= most
    }

    fn event(&self, event: &Event<'_>) {
        let (word, colour) = match *event.metadata().level() {
            Level::ERROR => ("error", "31"),
            Level::WARN => ("warning", "33"),
            _ => ("note", "36"),
        };
        let mut line = Line::default();
        event.record(&mut line);
        // A status line may stand where the cursor is.
        let clear = if self.terminal { "\r\u{1b}[2K" } else { "" };
        let text = printable(&line.0);
        let mut err = std::io::stderr().lock();
        let _ = if self.colour {
            writeln!(err, "{clear}\u{1b}[{colour};1m{word}\u{1b}[0m: {text}")
        } else {
            writeln!(err, "{clear}{word}: {text}")
        };
    }

    // Spans are not shown; all share one id.
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// An event's message, then its other fields.
#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        use fmt::Write;
        let _ = if field.name() == "message" {
            write!(self.0, "{value:?}")
        } else {
            write!(self.0, " {}={value:?}", field.name())
        };
    }
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn what_is_printed_cannot_steer_the_terminal() {
        assert_eq!(printable("Gong \u{1b}[2J é"), "Gong \\u{1b}[2J é");
    }
}
