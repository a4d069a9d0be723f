//! What is on the screen: a frame as plain lines, and its drawing in colour.

use crate::game::{Game, Landmark};
use bevy_transform::components::GlobalTransform;
use crossterm::style::{Color, Print, ResetColor, SetForegroundColor};
use crossterm::{cursor, queue, terminal};
use std::f32::consts::PI;
use std::io::{Write, stdout};
use tonmeister::prelude::*;
use tonmeister::runtime::{BusMeter, DuckMeter};

const COLUMNS: usize = 41;
const ROWS: usize = 13;
/// The north-west corner of the map, and metres for each column and row.
const WEST: f32 = -34.0;
const NORTH: f32 = -28.0;
const METRES: (f32, f32) = (2.5, 4.6);

/// A frame of 80 columns and 24 rows, or little more.
pub fn frame(game: &mut Game) -> Vec<String> {
    let degrees = game.heading.to_degrees().round() % 360.0;
    let (x, z) = (game.place.x, game.place.z);
    let voices = game.engine().voices();
    let device = game.engine().device();
    let output = match device.problem {
        Some(_) => "SILENT: no sound device".to_owned(),
        None => device.description,
    };
    let mut lines = vec![
        format!("Tonmeister: a walk   {output}"),
        format!(
            "x {x:5.1}  z {z:5.1}  heading {degrees:3.0}°  {voices:2} voices  reverb: {}",
            zones(game.engine())
        ),
        String::new(),
    ];

    let mut right = meters(game);
    right.push(String::new());
    right.extend(rules(game.engine()));
    let left = map(game);
    for row in 0..left.len().max(right.len()) {
        let (map, mix) = (left.get(row), right.get(row));
        let (map, mix) = (map.map_or("", String::as_str), mix.map_or("", String::as_str));
        lines.push(format!("{map:<COLUMNS$} {mix}"));
    }
    lines.push(String::new());
    lines.extend(game.messages.iter().map(|message| format!("  {message}")));
    lines.resize(lines.len().max(22), String::new());
    lines.push("↑↓←→ walk and turn   n narrator   o owl   m music   q quit".into());
    lines
}

/// The reverbs heard here, with their shares.
fn zones(engine: &Engine) -> String {
    let shares = engine.reverbs().into_iter();
    let shares: Vec<_> = shares.map(|(reverb, share)| format!("{reverb} {:.0} %", share * 100.0)).collect();
    shares.join(", ")
}

fn map(game: &mut Game) -> Vec<String> {
    let mut cells = [['·'; COLUMNS]; ROWS];
    let mut put = |x: f32, z: f32, letter: char| {
        let column = ((x - WEST) / METRES.0).round().clamp(0.0, COLUMNS as f32 - 1.0);
        let row = ((z - NORTH) / METRES.1).round().clamp(0.0, ROWS as f32 - 1.0);
        cells[row as usize][column as usize] = letter;
    };
    // The stream from north to south, and the cave's rock with its mouth in the west.
    (0..ROWS / 2).for_each(|row| put(22.0, NORTH + row as f32 * METRES.1, '~'));
    for (x, z) in (0..12).flat_map(|column| [-12.0, 12.0].map(|z| (39.0 + 2.5 * column as f32, z))) {
        put(x, z, '#');
    }
    (0..6).for_each(|row| put(66.0, -12.0 + 4.6 * row as f32, '#'));
    put(40.0, -8.0, '#');
    put(40.0, 8.0, '#');
    let mut landmarks = game.world.query::<(&Landmark, &GlobalTransform)>();
    for (landmark, transform) in landmarks.iter(&game.world) {
        put(transform.translation().x, transform.translation().z, landmark.0);
    }
    let arrows = ['↑', '↗', '→', '↘', '↓', '↙', '←', '↖'];
    let eighth = (game.heading / (PI / 4.0)).round() as usize % 8;
    put(game.place.x, game.place.z, arrows[eighth]);
    let mut lines: Vec<String> = cells.iter().map(String::from_iter).collect();
    lines.push("F fire  ~ stream  T tree  O oak  d drips".into());
    lines
}

/// Each bus: its level as a bar, its peak in dB, and how far ducking and compressors hold it down.
fn meters(game: &mut Game) -> Vec<String> {
    let line = |meter: BusMeter| {
        let (peak, level) = (meter.reading.peak_db(), meter.reading.rms_db());
        let peak = if peak < -99.0 { "    –".into() } else { format!("{peak:5.0}") };
        let down = |mark: char, reduction: f32| match reduction.round() {
            0.0 => String::new(),
            reduction => format!(" {mark}{reduction:.0}"),
        };
        let (duck, gain) = (down('▼', meter.reading.duck_db), down('↓', meter.reading.reduction_db));
        format!("{:<13} {}{peak}{duck}{gain}", meter.name, bar((level + 60.0) / 60.0))
    };
    game.engine().buses().into_iter().map(line).collect()
}

/// Each ducking rule, and how far it has come.
fn rules(engine: &Engine) -> Vec<String> {
    let line = |rule: DuckMeter| {
        format!("▼ {:<11} {} {:3.0} %", rule.trigger, bar(rule.amount), rule.amount * 100.0)
    };
    engine.ducking().into_iter().map(line).collect()
}

fn bar(share: f32) -> String {
    const LENGTH: usize = 12;
    let full = (share.clamp(0.0, 1.0) * LENGTH as f32).round() as usize;
    "█".repeat(full) + &"░".repeat(LENGTH - full)
}

/// Draws a frame over the last one, as much of it as there is room for.
pub fn draw(lines: &[String]) -> std::io::Result<()> {
    let (width, height) = terminal::size()?;
    let mut out = stdout().lock();
    for (row, line) in lines.iter().take(usize::from(height)).enumerate() {
        queue!(out, cursor::MoveTo(0, row as u16))?;
        for letter in line.chars().take(usize::from(width)) {
            queue!(out, SetForegroundColor(colour(letter)), Print(letter))?;
        }
        queue!(out, ResetColor, terminal::Clear(terminal::ClearType::UntilNewLine))?;
    }
    queue!(out, terminal::Clear(terminal::ClearType::FromCursorDown))?;
    out.flush()
}

fn colour(letter: char) -> Color {
    match letter {
        '█' => Color::Green,
        '░' | '·' | '#' => Color::DarkGrey,
        '▼' | '↓' => Color::Yellow,
        '~' => Color::Blue,
        '↑' | '↗' | '→' | '↘' | '↙' | '←' | '↖' => Color::Cyan,
        _ => Color::Reset,
    }
}
