//! `tonmeister play`: a scene on the sound device, with every save heard while it runs.

use super::{build, load_scene};
use crate::Outcome;
use crate::args::Play;
use crate::report::{self, Failure};
use crate::terminal::{Io, REDRAW, printable};
use indicatif::ProgressBar;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tonmeister::media::Pack;
use tonmeister::reload::{Changes, LoadError, Reload};
use tonmeister::scene::Player;
use tonmeister::units::{Decibels, Seconds};

/// How long to sleep between two looks at the mixer; well under the scene's head start of 20 ms.
const STEP: Duration = Duration::from_millis(3);
/// Over how long everything fades when playing ends early.
const LAST_FADE: f32 = 0.05;
/// How long to go on after the end, for the fade to get through the device's buffer.
const DRAIN: Duration = Duration::from_millis(150);

/// Plays what `args` names.
///
/// # Errors
/// If the scene or its project has errors. A missing sound device is none.
pub fn run(args: &Play, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    let scene = load_scene(&args.scene)?;
    if args.watch && Pack::is_pack(&scene.project()) {
        let message = format!("{} is a pack, and nothing in it is saved", scene.project().display());
        return Err(
            Failure::not_run(message).help("leave --watch out, or let the scene name the project's folder")
        );
    }
    let builder = scene.engine().watch(args.watch);
    let engine = build(builder, args.seed, io)?;
    let folder = scene.project();
    let mut player = Player::new(scene, engine)?;
    let device = player.engine().device();
    if let Some(problem) = &device.problem {
        writeln!(io.err, "note: {problem}; the scene runs on silently")?;
    }
    let watching = if args.watch { format!(", watching {}", folder.display()) } else { String::new() };
    let name = printable(&args.scene.display().to_string());
    writeln!(
        io.out,
        "playing {name}, {} s, on {}{watching}; Ctrl-C ends",
        player.scene().duration(),
        device.description
    )?;
    let mut show = Show::new(player, io.status());
    let ended = show.until_the_end(args, io);
    show.fade_out();
    show.status.finish_and_clear();
    ended.map(|()| Outcome::Fine)
}

/// A scene on the device and what of it was shown.
struct Show {
    player: Player,
    status: ProgressBar,
    marks: Vec<(f64, String)>,
    /// How many marks were shown in this turn.
    shown: usize,
    drawn: Instant,
}

impl Show {
    fn new(player: Player, status: ProgressBar) -> Self {
        let marks = player.scene().marks();
        let marks = marks.iter().map(|(at, text)| (f64::from(*at), printable(text)));
        Self { marks: marks.collect(), player, status, shown: 0, drawn: Instant::now() }
    }

    /// Plays until the scene, the patience or the time is over.
    fn until_the_end(&mut self, args: &Play, io: &mut Io<'_>) -> Result<(), Failure> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        // Without a handler of ours Ctrl-C ends the process as it always does, only less gently.
        let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
        let started = Instant::now();
        let duration = f64::from(self.player.scene().duration());
        loop {
            self.player.follow_mixer();
            self.show_reloads(io)?;
            let now = self.player.seconds();
            self.show_marks(now, io)?;
            self.show_status(now, duration);
            let limit = args.limit.is_some_and(|limit| started.elapsed().as_secs_f64() >= limit);
            if limit || interrupted.load(Ordering::Relaxed) {
                return Ok(());
            }
            if now >= duration {
                if !args.again {
                    return Ok(());
                }
                self.player.restart();
                self.shown = 0;
            }
            std::thread::sleep(STEP);
        }
    }

    /// Ends what still sounds without a click.
    fn fade_out(&mut self) {
        self.player.engine().stop_all(Some(Seconds::clamped(LAST_FADE)));
        if self.player.engine().device().problem.is_some() {
            return;
        }
        let started = Instant::now();
        while started.elapsed() < DRAIN {
            self.player.follow_mixer();
            std::thread::sleep(STEP);
        }
    }

    fn show_marks(&mut self, now: f64, io: &mut Io<'_>) -> Result<(), Failure> {
        while let Some((at, text)) = self.marks.get(self.shown).filter(|(at, _)| *at <= now) {
            self.status.suspend(|| writeln!(io.out, "{at:6.1} s  {text}"))?;
            self.shown += 1;
        }
        Ok(())
    }

    fn show_status(&mut self, now: f64, duration: f64) {
        if self.status.is_hidden() || self.drawn.elapsed() < REDRAW {
            return;
        }
        self.drawn = Instant::now();
        let engine = self.player.engine();
        let master = engine.bus("master").unwrap_or_default();
        let peak = Decibels::from_amplitude(master.peak[0].max(master.peak[1])).get();
        let ducked = engine.ducking().iter().fold(0.0, |most: f32, rule| most.max(rule.amount));
        let ducked = if ducked > 0.01 { format!("  ducking {:.0} %", ducked * 100.0) } else { String::new() };
        let voices = engine.voices();
        self.status.set_message(format!(
            "{now:5.1} / {duration:.1} s  {voices} voices  master {peak:5.1} dB{ducked}"
        ));
    }

    fn show_reloads(&mut self, io: &mut Io<'_>) -> Result<(), Failure> {
        for reload in self.player.engine().take_reloads() {
            let status = self.status.clone();
            let (player, io) = (&mut self.player, &mut *io);
            status.suspend(|| match reload {
                Reload::Live(changes) => show_live(player, &changes, io),
                Reload::Refused(error) => {
                    show_refused(error, io);
                    Ok(())
                }
            })?;
        }
        Ok(())
    }
}

/// What a reload changed, and what the scene now lacks.
fn show_live(player: &mut Player, changes: &Changes, io: &mut Io<'_>) -> Result<(), Failure> {
    writeln!(io.out, "{}", reloaded(changes))?;
    let bank = player.engine().bank().clone();
    let project = player.engine().project().warnings.clone();
    let scene = player.scene().check(&bank);
    for findings in [project, scene] {
        report::findings(io, &findings)?;
    }
    Ok(())
}

/// Everything that is wrong with a save.
fn show_refused(error: LoadError, io: &mut Io<'_>) {
    report::failure(io, &error.into());
    // What can't be written to stderr can't be said anywhere.
    let _ = writeln!(io.err, "the save has errors: kept what was playing");
}

/// One line for one change, else a line for each.
fn reloaded(changes: &Changes) -> String {
    let took = changes.took.as_millis();
    match changes.lines.as_slice() {
        [] => format!("reloaded in {took} ms: nothing changed"),
        [only] => format!("reloaded in {took} ms: {}", printable(only)),
        lines => {
            let lines: Vec<_> = lines.iter().map(|line| format!("\n  {}", printable(line))).collect();
            format!("reloaded in {took} ms: {} changes{}", lines.len(), lines.concat())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reload_is_told_in_one_line_if_it_can_be() {
        let told = |lines: &[&str]| {
            reloaded(&Changes {
                lines: lines.iter().map(|&line| line.to_owned()).collect(),
                took: Duration::from_millis(23),
            })
        };
        assert_eq!(told(&[]), "reloaded in 23 ms: nothing changed");
        assert_eq!(
            told(&["bus music: gain -4.0 → -10.0 dB"]),
            "reloaded in 23 ms: bus music: gain -4.0 → -10.0 dB"
        );
        assert_eq!(told(&["a", "b"]), "reloaded in 23 ms: 2 changes\n  a\n  b");
    }
}
