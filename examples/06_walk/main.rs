//! A walk through the demo world in your terminal: fire, stream, birds and cave around you, and the mix beside the map.
//!
//! ```sh
//! cargo run --example 06_walk                            # arrow keys or WASD, the rest is on the screen
//! cargo run --example 06_walk -- --keys "wwwwddn...."    # keys from a script, one each 100 ms; "." waits
//! ```
//!
//! Save a bank in `assets/demo` meanwhile, and hear it. Without a sound device it is silent, but plays.

mod game;
mod screen;

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::{cursor, execute, terminal};
use game::{Game, Step};
use std::error::Error;
use std::io::{IsTerminal, stdout};
use std::path::Path;
use std::time::{Duration, Instant};
use tonmeister::prelude::*;

/// The time from one update to the next.
const FRAME: Duration = Duration::from_millis(20);
/// What is walked when nobody is there to press keys: past the fire, with a word from the narrator.
const SCRIPT: &str = "...dwwwwwwwwwwn..........o...";

fn main() -> Result<(), Box<dyn Error>> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
    let mut game = Game::new(Engine::builder(project).watch(true).build()?);
    let mut arguments = std::env::args().skip_while(|argument| argument != "--keys");
    match arguments.nth(1) {
        Some(keys) => walk_by_script(&mut game, &keys),
        None if stdout().is_terminal() => return walk_by_hand(&mut game),
        None => walk_by_script(&mut game, SCRIPT),
    }
    println!("{}", screen::frame(&mut game).join("\n"));
    Ok(())
}

fn walk_by_script(game: &mut Game, keys: &str) {
    const FRAMES_PER_KEY: u32 = 5;
    let mut due = Instant::now();
    for key in keys.chars() {
        if let Some(step) = step(KeyCode::Char(key)) {
            game.act(step);
        }
        for _ in 0..FRAMES_PER_KEY {
            game.update(FRAME.as_secs_f32());
            due += FRAME;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    }
}

fn walk_by_hand(game: &mut Game) -> Result<(), Box<dyn Error>> {
    let _terminal = Terminal::take()?;
    let mut due = Instant::now();
    loop {
        due = (due + FRAME).max(Instant::now());
        while event::poll(due.saturating_duration_since(Instant::now()))? {
            let Event::Key(key) = event::read()? else { continue };
            let control_c = key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
            if control_c || matches!(key.code, KeyCode::Char('q') | KeyCode::Esc) {
                return Ok(());
            }
            if let (Some(step), true) = (step(key.code), key.kind != KeyEventKind::Release) {
                game.act(step);
            }
        }
        game.update(FRAME.as_secs_f32());
        screen::draw(&screen::frame(game))?;
    }
}

fn step(key: KeyCode) -> Option<Step> {
    Some(match key {
        KeyCode::Up | KeyCode::Char('w') => Step::Forward,
        KeyCode::Down | KeyCode::Char('s') => Step::Back,
        KeyCode::Left | KeyCode::Char('a') => Step::Left,
        KeyCode::Right | KeyCode::Char('d') => Step::Right,
        KeyCode::Char('n') => Step::Narrate,
        KeyCode::Char('o') => Step::Owl,
        KeyCode::Char('m') => Step::Music,
        _ => return None,
    })
}

/// The terminal in raw mode, on its other screen; given back when this is dropped, and before a panic is told.
struct Terminal;

impl Terminal {
    fn take() -> std::io::Result<Self> {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            tell(panic);
        }));
        let terminal = Self;
        terminal::enable_raw_mode()?;
        execute!(stdout(), terminal::EnterAlternateScreen, cursor::Hide)?;
        Ok(terminal)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Goes as far as it can: there is nobody left to tell of a failure.
fn give_back() {
    let _ = execute!(stdout(), cursor::Show, terminal::LeaveAlternateScreen);
    let _ = terminal::disable_raw_mode();
}
