//! What the mixer costs against what there is to mix, drawn to `assets/cost.svg`.
//!
//! ```sh
//! cargo run --release -p tonmeister-benches --example cost                # writes assets/cost.svg
//! cargo run --release -p tonmeister-benches --example cost -- out.svg
//! ```
//!
//! A point is the median block of the best of five stretches. The numbers are this machine's; the shape should be any's.

use glam::Vec3;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tonmeister::prelude::*;
use tonmeister_benches::{
    BLOCK, CHAIN, Folder, RATE, buses_bank, engine, enter, event_of, quantile, settle, start, timed,
    voices_bank,
};

/// Stretches that are rendered for a point, and the blocks of each.
const STRETCHES: usize = 5;
const BLOCKS: usize = 100;
const VOICES: [usize; 13] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
const BUSES: [usize; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const SLEEPERS: [usize; 8] = [1, 10, 30, 100, 300, 1_000, 3_000, 10_000];
/// Voices that sound beside those that don't.
const AWAKE: usize = 16;

/// One line of the picture.
struct Line {
    name: &'static str,
    colour: &'static str,
    /// How many there are, and a block's time in microseconds.
    points: Vec<(usize, f64)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/cost.svg");
    let path = std::env::args().nth(1).map_or(assets, PathBuf::from);
    let folder = Folder::new("cost")?;
    let lines = [
        Line { name: "spatial voices, in a reverb", colour: "#d9822b", points: voices(&folder, true)? },
        Line { name: "flat voices", colour: "#2a9d8f", points: voices(&folder, false)? },
        Line { name: "idle buses with EQ and compressor", colour: "#8c86d8", points: buses(&folder)? },
        Line { name: "virtual voices, beside 16 real ones", colour: "#d06b8c", points: sleepers(&folder)? },
    ];
    for Line { name, points, .. } in &lines {
        println!("{name}:");
        for (count, micros) in points {
            println!(
                "{count:>8}  {micros:>9.2} µs a block  {:>7.2} ns each and frame",
                each(*count, *micros)
            );
        }
    }
    let picture = draw(&lines);
    std::fs::write(&path, &picture)?;
    println!("wrote {}: {} bytes", path.display(), picture.len());
    Ok(())
}

fn each(count: usize, micros: f64) -> f64 {
    micros * 1e3 / (count * BLOCK) as f64
}

fn median(engine: &mut Engine) -> f64 {
    let stretch = |_| {
        let mut blocks: Vec<Duration> = (0..BLOCKS).map(|_| timed(engine)).collect();
        quantile(&mut blocks, 0.5)
    };
    (0..STRETCHES).map(stretch).min().unwrap_or_default().as_secs_f64() * 1e6
}

fn voices(folder: &Folder, spatial: bool) -> Result<Vec<(usize, f64)>, Box<dyn Error>> {
    let (clip, event) = if spatial { ("pitch: 1.3", "space: (max: 200)") } else { ("", "") };
    folder.bank(&voices_bank(clip, event))?;
    let point = |&count: &usize| {
        let mut engine = engine(folder, count)?;
        if spatial {
            enter(&mut engine, "hall");
        }
        start(&mut engine, count, spatial);
        Ok((count, median(&mut engine)))
    };
    VOICES.iter().map(point).collect()
}

fn buses(folder: &Folder) -> Result<Vec<(usize, f64)>, Box<dyn Error>> {
    let point = |&count: &usize| {
        folder.bank(&buses_bank(count, CHAIN))?;
        let mut engine = engine(folder, AWAKE)?;
        settle(&mut engine);
        Ok((count, median(&mut engine)))
    };
    BUSES.iter().map(point).collect()
}

fn sleepers(folder: &Folder) -> Result<Vec<(usize, f64)>, Box<dyn Error>> {
    folder.bank(&voices_bank("", "space: (max: 200)"))?;
    let point = |&count: &usize| {
        let mut engine = engine(folder, AWAKE)?;
        start(&mut engine, AWAKE, true);
        for index in 0..count {
            let emitter = engine.add_emitter(Vec3::new(1000.0 + index as f32, 0.0, 0.0), Decibels::UNITY);
            engine.post(&event_of(index), Some(emitter));
        }
        settle(&mut engine);
        Ok((count, median(&mut engine)))
    };
    SLEEPERS.iter().map(point).collect()
}

/// The picture's size and its frame, in pixels. Both axes are logarithmic.
const SIZE: (f64, f64) = (720.0, 400.0);
const FRAME: (f64, f64, f64, f64) = (64.0, 44.0, 690.0, 346.0);
const COUNTS: (f64, f64) = (0.0, 4.0);
const MICROS: (f64, f64) = (-1.0, 4.0);
/// Read on a white page as on a black one.
const INK: &str = "#7d858f";

fn x_of(count: f64) -> f64 {
    let share = (count.log10() - COUNTS.0) / (COUNTS.1 - COUNTS.0);
    FRAME.0 + share.clamp(0.0, 1.0) * (FRAME.2 - FRAME.0)
}

fn y_of(micros: f64) -> f64 {
    let share = (micros.log10() - MICROS.0) / (MICROS.1 - MICROS.0);
    FRAME.3 - share.clamp(0.0, 1.0) * (FRAME.3 - FRAME.1)
}

/// An SVG document as it grows. Writing to a string can't fail.
struct Svg(String);

impl Svg {
    fn text(&mut self, (x, y): (f64, f64), fill: &str, anchor: &str, words: &str) {
        let _ = writeln!(
            self.0,
            r#"<text x="{x:.0}" y="{y:.0}" fill="{fill}" text-anchor="{anchor}">{words}</text>"#
        );
    }

    fn path(&mut self, stroke: &str, more: &str, points: impl Iterator<Item = (f64, f64)>) {
        let mut path = String::new();
        for (x, y) in points {
            let _ = write!(path, "{}{x:.1} {y:.1}", if path.is_empty() { 'M' } else { 'L' });
        }
        let _ = writeln!(self.0, r#"<path d="{path}" fill="none" stroke="{stroke}" {more}/>"#);
    }
}

fn draw(lines: &[Line]) -> String {
    let (left, top, right, bottom) = FRAME;
    let mut svg = Svg(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"system-ui, 'Segoe UI', \
         Helvetica, Arial, sans-serif\" font-size=\"13\">\n<title>What a block of the mixer costs against voices, \
         idle buses and virtual voices</title>\n",
        SIZE.0, SIZE.1
    ));
    for power in MICROS.0 as i32..=MICROS.1 as i32 {
        let micros = 10_f64.powi(power);
        let label = if micros < 1000.0 { format!("{micros} µs") } else { format!("{} ms", micros / 1000.0) };
        svg.path(INK, "stroke-opacity=\".3\"", [(left, y_of(micros)), (right, y_of(micros))].into_iter());
        svg.text((left - 8.0, y_of(micros) + 4.0), INK, "end", &label);
    }
    for power in COUNTS.0 as i32..=COUNTS.1 as i32 {
        let count = 10_f64.powi(power);
        svg.path(INK, "stroke-opacity=\".15\"", [(x_of(count), top), (x_of(count), bottom)].into_iter());
        svg.text((x_of(count), bottom + 20.0), INK, "middle", &format!("{count}"));
    }
    svg.text(
        ((left + right) / 2.0, bottom + 42.0),
        INK,
        "middle",
        "how many (across), time of one block of the mixer (up)",
    );
    let micros = BLOCK as f64 / f64::from(RATE) * 1e6;
    svg.path(INK, "stroke-dasharray=\"5 4\"", [(left, y_of(micros)), (right, y_of(micros))].into_iter());
    svg.text(
        (left + 8.0, y_of(micros) - 6.0),
        INK,
        "start",
        "a whole core: 128 frames at 48 kHz last 2.67 ms",
    );
    for (index, Line { name, colour, points }) in lines.iter().enumerate() {
        let at = points.iter().map(|&(count, micros)| (x_of(count as f64), y_of(micros)));
        svg.path(colour, "stroke-width=\"2.5\" stroke-linejoin=\"round\"", at);
        let place = (left + 4.0 + 330.0 * (index / 2) as f64, 18.0 + 18.0 * (index % 2) as f64);
        svg.path(
            colour,
            "stroke-width=\"2.5\"",
            [0.0, 18.0].map(|dx| (place.0 + dx, place.1 - 4.0)).into_iter(),
        );
        svg.text((place.0 + 25.0, place.1), INK, "start", name);
    }
    svg.0 + "</svg>\n"
}
