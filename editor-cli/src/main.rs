//! The binary `tonmeister`: a terminal around [`tonmeister_cli::run`].

use std::process::ExitCode;
use tonmeister_cli::terminal::{self, Io};

fn main() -> ExitCode {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let mut io = Io::stdio(&mut out, &mut err);
    terminal::show_log(io.terminal, io.colour);
    tonmeister_cli::run(std::env::args_os(), &mut io)
}
