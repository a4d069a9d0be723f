//! The same scenes in Tonmeister and in other game-audio engines, in one run.
//!
//! ```sh
//! cargo run --release --manifest-path benches/peers/Cargo.toml
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- --quick       # one round, 16 and 256 voices
//! cargo run --release --manifest-path benches/peers/Cargo.toml -- --markdown    # tables to paste
//! ```
//!
//! Offline, 48 kHz stereo, blocks of 128 frames, one thread. Each voice loops a mono sound of 44.1 kHz at its own
//! rate (0.9 to 1.1) and a gain other than 0 dB. Nothing moves. The engines take turns in rounds, so that what
//! disturbs the machine disturbs all; a round's figure is that of its median block, and the table shows the median
//! of the rounds. Read ratios rather than digits.
//! On a machine that does other things as well, the p99 of short blocks is the scheduler's rather than the engine's;
//! the spread between rounds says how much to believe.
//!
//! First every engine renders two voices, which are compared with a plain loop: a silent or a stale engine is
//! fast.

mod engines;
mod scene;
mod table;

use engines::{ENGINES, Engine, Render};
use scene::{COMPARED, Scene, Sound};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Frames rendered at a time.
const BLOCK: usize = 128;
/// Blocks of a round at most, 0.5 s of sound.
const BLOCKS: usize = 188;
/// Blocks of a round at least, for a median.
const FEWEST_BLOCKS: usize = 9;
/// The time that one engine may take in one round.
const ROUND: Duration = Duration::from_millis(600);
/// Where one block takes longer than this, an engine is left out: it would be fifteen times late.
const HOPELESS: Duration = Duration::from_millis(40);
/// What the correlation with the reference must reach in the flat scene.
const ALIKE: f64 = 0.9;

/// What was measured of one engine in one scene with so many voices, or why it was not.
type Cell = Result<Figures, String>;

/// Figures of a cell.
struct Figures {
    /// Nanoseconds for a voice and an output frame.
    nanos: f64,
    /// How far the slowest round is above the fastest, as a share of the fastest.
    spread: f64,
    /// The block that 1 % of the blocks take longer than, in microseconds.
    p99_micros: f64,
    /// The level of the output.
    rms_db: f32,
}

fn main() -> ExitCode {
    let options: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = options.iter().find(|option| !["--quick", "--markdown"].contains(&option.as_str()))
    {
        eprintln!("unknown option `{unknown}`; there are --quick and --markdown");
        return ExitCode::from(2);
    }
    let has = |name: &str| options.iter().any(|option| option == name);
    let (rounds, counts): (usize, &[usize]) =
        if has("--quick") { (1, &[16, 256]) } else { (5, &[16, 256, 1024, 4096]) };
    let markdown = has("--markdown");

    let sounds = scene::sounds();
    let mut alike = true;
    for scene in Scene::ALL {
        println!("{}\n", table::title(scene.name(), markdown));
        alike &= check(scene, &sounds, markdown);
        let cells: Vec<Vec<Cell>> =
            counts.iter().map(|&count| measure(scene, count, rounds, &sounds)).collect();
        table::figures(counts, &cells, markdown);
    }
    if alike { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Renders two voices with every engine and compares them with the reference. Whether all that should are alike
/// in the flat scene.
fn check(scene: Scene, sounds: &[Sound], markdown: bool) -> bool {
    let reference = scene::reference(sounds, 2, COMPARED);
    let mut alike = true;
    let mut rows = Vec::new();
    for engine in &ENGINES {
        let row = match (engine.build)(scene, 2, sounds) {
            Ok(mut running) => {
                let mono = render(&mut *running, COMPARED + 2 * 1024);
                let likeness = scene::compare(&mono, &reference);
                let fine = !engine.comparable || likeness.correlation.abs() >= ALIKE;
                alike &= fine || scene != Scene::Flat;
                let verdict = match (engine.comparable, fine) {
                    (false, _) => "is not to be like it".to_owned(),
                    (true, false) if scene == Scene::Flat => "NOT the reference's sound".to_owned(),
                    _ if scene == Scene::Buses && !engine.lacks.is_empty() => {
                        format!("without {}", engine.lacks)
                    }
                    _ => String::new(),
                };
                let correlation = format!("{:.3}", likeness.correlation);
                [format!("{:.1}", likeness.rms_db), correlation, verdict]
            }
            Err(why) => ["–".to_owned(), "–".to_owned(), why],
        };
        rows.push((engine.name, engine.interpolation, row));
    }
    table::likeness(&rows, markdown);
    alike
}

/// The middle of the two channels.
fn render(running: &mut dyn Render, frames: usize) -> Vec<f32> {
    let mut mono = Vec::with_capacity(frames + BLOCK);
    let mut block = [0.0; BLOCK * 2];
    while mono.len() < frames {
        block.fill(0.0);
        running.block(&mut block);
        mono.extend(block.chunks_exact(2).map(|frame| 0.5 * (frame[0] + frame[1])));
    }
    mono
}

/// An engine at work, and what its blocks took.
struct Contender {
    running: Box<dyn Render>,
    rounds: Vec<f64>,
    blocks: Vec<Duration>,
    squares: f64,
}

fn measure(scene: Scene, count: usize, rounds: usize, sounds: &[Sound]) -> Vec<Cell> {
    let mut contenders: Vec<Result<Contender, String>> =
        ENGINES.iter().map(|engine| begin(engine, scene, count, sounds)).collect();
    for _ in 0..rounds {
        for contender in contenders.iter_mut().flatten() {
            contender.round();
        }
    }
    let cells: Vec<Cell> =
        contenders.into_iter().map(|found| found.map(|found| found.figures(count))).collect();
    for (engine, cell) in ENGINES.iter().zip(&cells) {
        match cell {
            Ok(found) if found.rms_db < -100.0 => eprintln!("{} is SILENT with {count} voices", engine.name),
            Ok(_) => {}
            Err(why) => eprintln!("{} with {count} voices is left out: {why}", engine.name),
        }
    }
    cells
}

/// Builds a scene and lets it settle.
fn begin(engine: &Engine, scene: Scene, count: usize, sounds: &[Sound]) -> Result<Contender, String> {
    let running = (engine.build)(scene, count, sounds)?;
    let mut contender = Contender { running, rounds: Vec::new(), blocks: Vec::new(), squares: 0.0 };
    let mut fastest = Duration::MAX;
    for _ in 0..20 {
        fastest = fastest.min(contender.block().0);
    }
    if fastest > HOPELESS {
        return Err(format!("one block takes {} ms", fastest.as_millis()));
    }
    Ok(contender)
}

impl Contender {
    /// Renders a block; gives its time and the sum of its squares.
    fn block(&mut self) -> (Duration, f64) {
        let mut block = [0.0_f32; BLOCK * 2];
        let begin = Instant::now();
        self.running.block(&mut block);
        let took = begin.elapsed();
        (took, block.iter().map(|sample| f64::from(sample * sample)).sum())
    }

    fn round(&mut self) {
        let begin = Instant::now();
        let from = self.blocks.len();
        for block in 0..BLOCKS {
            if block >= FEWEST_BLOCKS && begin.elapsed() > ROUND {
                break;
            }
            let (took, squares) = self.block();
            self.blocks.push(took);
            self.squares += squares;
        }
        let mut round: Vec<f64> = self.blocks[from..].iter().map(Duration::as_secs_f64).collect();
        self.rounds.push(quantile(&mut round, 0.5));
    }

    fn figures(mut self, count: usize) -> Figures {
        let mut blocks: Vec<f64> = self.blocks.iter().map(Duration::as_secs_f64).collect();
        let samples = (blocks.len() * BLOCK * 2) as f64;
        let [fastest, median, slowest] = [0.0, 0.5, 1.0].map(|share| quantile(&mut self.rounds, share));
        Figures {
            nanos: median * 1e9 / (count * BLOCK) as f64,
            spread: slowest / fastest.max(1e-12) - 1.0,
            p99_micros: quantile(&mut blocks, 0.99) * 1e6,
            rms_db: (10.0 * (self.squares / samples).max(1e-30).log10()) as f32,
        }
    }
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}
