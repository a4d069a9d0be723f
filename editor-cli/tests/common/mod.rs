//! Running the binary and reading what it says.

use std::path::Path;
use std::process::{Command, Output};

/// Runs the binary in a folder, without a sound device.
pub fn tonmeister(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tonmeister"))
        .args(args)
        .current_dir(folder)
        .env("PULSE_SERVER", "unix:/nonexistent")
        .output()
        .expect("the binary runs")
}

/// What it wrote to stdout.
pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What it wrote to stderr.
pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
