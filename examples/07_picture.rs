//! You hear nothing: the tour is rendered and metered as fast as it goes, and drawn to `assets/tour.svg`.
//!
//! ```sh
//! cargo run --release --example 07_picture              # writes assets/tour.svg
//! cargo run --release --example 07_picture out.svg
//! ```
//!
//! The same banks and scene give the same bytes, so a picture that changes is a mix that changed.

use std::convert::Infallible;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tonmeister::prelude::*;
use tonmeister::scene::{Player, Scene, render};

/// The picture's width, where its panels begin, and how wide they are, in pixels.
const WIDTH: f32 = 1000.0;
const LEFT: f32 = 96.0;
const COLUMNS: usize = 880;
/// The amplitude at the waveform's edges.
const MINUS_3_DB: f32 = 0.708;
const RETURNS: [(&str, &str); 3] =
    [("reverb/forest", "#7fb069"), ("reverb/mouth", "#e08e5a"), ("reverb/cave", "#8c86d8")];
const MUSIC: &str = "#4fb3bf";
const AMBIENCE: &str = "#d9c06a";
const PAD: &str = "#d06b8c";
const INK: &str = "#e8e6e1";
const FAINT: &str = "#8d949e";

/// What one column of the picture shows, over its share of the time.
#[derive(Clone, Copy, Default)]
struct Column {
    low: f32,
    high: f32,
    music_duck: f32,
    ambience_duck: f32,
    pad_reduction: f32,
    /// Mean squares on the returns, summed.
    returns: [f32; 3],
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = std::env::args().nth(1).map_or_else(|| root.join("assets/tour.svg"), PathBuf::from);
    let scene = Scene::load(&root.join("assets/scenes/tour.scene.ron"))?;
    let engine = scene.engine().output(Output::Offline).build()?;
    let mut player = Player::new(scene, engine)?;
    let columns = measure(&mut player);
    let picture = draw(player.scene(), &columns);
    std::fs::write(&path, &picture)?;

    let most = |of: fn(&Column) -> f32| columns.iter().map(of).fold(0.0, f32::max);
    let peak = Decibels::from_amplitude(most(|column| column.high.max(-column.low)));
    println!("peak {:.1} dBFS", peak.get());
    println!("music ducked by up to {:.1} dB", most(|column| column.music_duck));
    println!("pad compressed by up to {:.1} dB", most(|column| column.pad_reduction));
    println!("wrote {}: {} bytes", path.display(), picture.len());
    Ok(())
}

fn measure(player: &mut Player) -> Vec<Column> {
    let mut columns = vec![Column::default(); COLUMNS];
    let frames = player.frames() as usize;
    let mut done = 0;
    let Ok(()) = render::<Infallible>(player, |player, samples| {
        let column = &mut columns[(done * COLUMNS / frames).min(COLUMNS - 1)];
        for &sample in samples {
            column.low = column.low.min(sample);
            column.high = column.high.max(sample);
        }
        let engine = player.engine();
        let bus = |name| engine.bus(name).unwrap_or_default();
        column.music_duck = column.music_duck.max(bus("music").duck_db);
        column.ambience_duck = column.ambience_duck.max(bus("ambience").duck_db);
        column.pad_reduction = column.pad_reduction.max(bus("music/pad").reduction_db);
        for (sum, (name, _)) in column.returns.iter_mut().zip(RETURNS) {
            *sum += bus(name).mean_square;
        }
        done += samples.len() / 2;
        Ok(())
    });
    columns
}

/// An SVG document as it grows.
struct Svg(String);

impl Svg {
    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string can't fail.
        let _ = writeln!(self.0, "{element}");
    }

    fn text(&mut self, x: f32, y: f32, fill: &str, anchor: &str, words: &str) {
        let words = words.replace('&', "&amp;").replace('<', "&lt;");
        self.add(format_args!(
            r#"<text x="{x:.1}" y="{y:.1}" fill="{fill}" text-anchor="{anchor}">{words}</text>"#
        ));
    }

    fn line(&mut self, from: (f32, f32), to: (f32, f32), opacity: f32) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.add(format_args!(
            r#"<path d="M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}" stroke="{INK}" stroke-opacity="{opacity}"/>"#
        ));
    }

    /// The area between two curves, given by their heights in each column.
    fn area(&mut self, fill: &str, opacity: f32, top: impl Fn(usize) -> f32, bottom: impl Fn(usize) -> f32) {
        let mut path = String::new();
        let forth = (0..COLUMNS).map(|column| (column, top(column)));
        let back = (0..COLUMNS).rev().map(|column| (column, bottom(column)));
        let points: Vec<(usize, String)> = forth.chain(back).map(|(x, y)| (x, format!("{y:.1}"))).collect();
        for (index, (x, y)) in points.iter().enumerate() {
            // Inside a level stretch a point adds nothing.
            let level = |other: Option<&(usize, String)>| other.is_some_and(|(_, other)| other == y);
            if index > 0 && level(points.get(index - 1)) && level(points.get(index + 1)) {
                continue;
            }
            let _ = write!(path, "{}{} {y}", if index == 0 { 'M' } else { 'L' }, LEFT as usize + x);
        }
        self.add(format_args!(r#"<path d="{path}Z" fill="{fill}" fill-opacity="{opacity}"/>"#));
    }

    /// A panel's name before its left edge, and the lines of its scale.
    fn panel(&mut self, (top, height): (f32, f32), name: &str, scale: &[(f32, &str)]) {
        self.text(12.0, top + height / 2.0 + 4.0, INK, "start", name);
        for &(share, label) in scale {
            let y = top + share * height;
            self.line((LEFT, y), (LEFT + COLUMNS as f32, y), 0.18);
            self.text(LEFT - 8.0, y + 4.0, FAINT, "end", label);
        }
    }
}

fn draw(scene: &Scene, columns: &[Column]) -> String {
    let marks = scene.marks();
    let x_of = |seconds: f32| LEFT + seconds / scene.duration() * COLUMNS as f32;
    let [wave, duck, pad, zones] = [(98.0, 110.0), (248.0, 60.0), (348.0, 60.0), (448.0, 70.0)];
    let bottom = zones.0 + zones.1;
    let height = bottom + 52.0 + 19.0 * marks.len() as f32 + 12.0;

    let mut svg = Svg(String::new());
    svg.add(format_args!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13">"#
    ));
    svg.add(format_args!("<title>The tour: its mix, ducking, sidechain and reverb zones over time</title>"));
    svg.add(format_args!(r##"<rect width="{WIDTH}" height="{height}" rx="10" fill="#22272f"/>"##));

    // Behind all panels: when the narrator speaks.
    let mut from = None;
    for (x, column) in columns.iter().map(Some).chain([None]).enumerate() {
        let speaks = column.is_some_and(|column| column.music_duck > 7.0);
        match (speaks, from) {
            (true, None) => from = Some(x),
            (false, Some(start)) => {
                let (left, width) = (LEFT as usize + start, x - start);
                svg.add(format_args!(
                    r#"<rect x="{left}" y="{}" width="{width}" height="{}" fill="{INK}" fill-opacity=".07"/>"#,
                    wave.0 - 26.0,
                    bottom - wave.0 + 26.0
                ));
                svg.text((left + width / 2) as f32, wave.0 - 9.0, FAINT, "middle", "narrator");
                from = None;
            }
            _ => {}
        }
    }

    svg.panel(wave, "the mix", &[(0.0, "-3 dB"), (0.5, ""), (1.0, "-3 dB")]);
    let y = |sample: f32| wave.0 + wave.1 / 2.0 * (1.0 - sample / MINUS_3_DB);
    svg.area("#b9c4d0", 1.0, |x| y(columns[x].high) - 0.3, |x| y(columns[x].low) + 0.3);

    svg.panel(duck, "ducking", &[(0.0, "0 dB"), (0.9, "-9")]);
    let y = |db: f32| duck.0 + duck.1 * db / 10.0;
    svg.area(MUSIC, 0.75, |_| duck.0, |x| y(columns[x].music_duck));
    svg.area(AMBIENCE, 0.75, |_| duck.0, |x| y(columns[x].ambience_duck));
    legend(&mut svg, duck.0, &[("music", MUSIC), ("ambience", AMBIENCE)]);

    let deepest = columns.iter().map(|column| column.pad_reduction).fold(0.1, f32::max);
    let depth = (deepest / 6.0).ceil() * 6.0;
    svg.panel(pad, "sidechain", &[(0.0, "0 dB"), (1.0, &format!("-{depth}"))]);
    svg.area(PAD, 0.8, |_| pad.0, |x| pad.0 + pad.1 * columns[x].pad_reduction / depth);
    legend(&mut svg, pad.0, &[("the pad makes room for the drum", PAD)]);

    svg.panel(zones, "reverb zones", &[(0.0, "100 %"), (1.0, "0")]);
    let shares: Vec<[f32; 3]> = (0..COLUMNS).map(|x| shares(columns, x)).collect();
    for (index, (_, fill)) in RETURNS.iter().enumerate() {
        let level = |x: usize, count: usize| zones.0 + zones.1 * shares[x][..count].iter().sum::<f32>();
        svg.area(fill, 0.8, |x| level(x, index), |x| level(x, index + 1));
    }
    let names = RETURNS.map(|(name, fill)| (name.trim_start_matches("reverb/"), fill));
    legend(&mut svg, zones.0, &names);

    for second in (0..=scene.duration() as u32).step_by(2) {
        let x = x_of(second as f32);
        svg.line((x, bottom), (x, bottom + 5.0), 0.5);
        if second % 6 == 0 {
            svg.text(x, bottom + 20.0, FAINT, "middle", &format!("{second} s"));
        }
    }
    for (index, &(at, words)) in marks.iter().enumerate() {
        let (number, x) = ((index + 1).to_string(), x_of(at));
        svg.line((x, 46.0), (x, bottom), 0.35);
        let y = bottom + 52.0 + 19.0 * index as f32;
        for (x, y) in [(x, 37.0), (LEFT - 72.0, y - 4.5)] {
            svg.add(format_args!(r#"<circle cx="{x:.1}" cy="{y}" r="8" fill="{INK}"/>"#));
            svg.add(format_args!(
                r##"<text x="{x:.1}" y="{:.1}" font-size="11" font-weight="600" fill="#22272f" text-anchor="middle">{number}</text>"##,
                y + 4.0
            ));
        }
        svg.text(LEFT - 18.0, y, FAINT, "end", &format!("{at} s"));
        svg.text(LEFT - 8.0, y, INK, "start", words);
    }
    svg.0 + "</svg>\n"
}

/// Coloured names at the right above a panel that begins at `top`.
fn legend(svg: &mut Svg, top: f32, names: &[(&str, &str)]) {
    let mut x = WIDTH - 24.0;
    for (name, fill) in names.iter().rev() {
        svg.text(x, top - 9.0, fill, "end", name);
        x -= 16.0 + 7.0 * name.len() as f32;
    }
}

/// The returns' shares of the reverb around a column, half a second to each side.
fn shares(columns: &[Column], x: usize) -> [f32; 3] {
    const REACH: usize = 10;
    let near = &columns[x.saturating_sub(REACH)..(x + REACH + 1).min(columns.len())];
    let level = |index: usize| near.iter().map(|column| column.returns[index]).sum::<f32>().sqrt();
    let levels = [0, 1, 2].map(level);
    let sum: f32 = levels.iter().sum();
    levels.map(|level| if sum > 1e-6 { level / sum } else { 0.0 })
}
