//! What a sound designer runs:
//! `tonmeister new | check | fmt | render | play | pack | inspect | diff | graph | reference`.
//!
//! Lives here: the command line and all that only it needs. May be named here: the engine's public API. Runs on
//! the main thread; the engine brings its own.
//!
//! Results go to stdout, errors and progress to stderr. The exit code is 0 when all is well, 1 when there are
//! findings (errors in a project or a scene, a bad sound file), and 2 when a command could not run.

pub mod args;
pub mod commands;
pub mod report;
pub mod terminal;

use args::{Args, Command};
use clap::Parser;
use std::ffi::OsString;
use std::process::ExitCode;
use terminal::Io;

/// What a command that ran came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All is well: exit code 0.
    Fine,
    /// It found something wrong and has said so: exit code 1.
    Findings,
}

/// Runs the command line; `args` begins with the program's name. Everything is said through `io`.
pub fn run(args: impl IntoIterator<Item = OsString>, io: &mut Io<'_>) -> ExitCode {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(answer) => return show_answer(&answer, io),
    };
    let outcome = match &args.command {
        Command::Check(args) => commands::check::run(args, io),
        Command::Render(args) => commands::render::run(args, io),
        Command::Play(args) => commands::play::run(args, io),
        Command::Pack(args) => commands::pack::run(args, io),
        Command::Inspect(args) => commands::inspect::run(args, io),
        Command::Diff(args) => commands::diff::run(args, io),
        Command::Graph(args) => commands::graph::run(args, io),
        Command::New(args) => commands::new::run(args, io),
        Command::Reference(args) => commands::reference::run(args, io),
        Command::Fmt(args) => commands::fmt::run(args, io),
    };
    let code = match outcome {
        Ok(Outcome::Fine) => 0,
        Ok(Outcome::Findings) => 1,
        Err(failure) => {
            report::failure(io, &failure);
            failure.exit_code()
        }
    };
    // If the last words can't be written there is nobody left to tell.
    let _ = io.out.flush();
    ExitCode::from(code)
}

/// Help and version go to stdout, usage errors to stderr.
fn show_answer(answer: &clap::Error, io: &mut Io<'_>) -> ExitCode {
    let text = answer.render();
    let text = if io.colour && io.terminal { text.ansi().to_string() } else { text.to_string() };
    let to: &mut dyn std::io::Write = if answer.use_stderr() { io.err } else { io.out };
    let _ = write!(to, "{text}");
    ExitCode::from(if answer.use_stderr() { 2 } else { 0 })
}
