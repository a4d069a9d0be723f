//! The command line's words: commands, arguments and help. Data only; what they do is in `commands`.

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Game audio from text: checks, renders, plays and inspects Tonmeister projects.
#[derive(Debug, Parser)]
#[command(
    name = "tonmeister",
    version,
    max_term_width = 100,
    after_help = "A project is a folder of *.bank.ron files with the sound files beside them; a scene is a *.scene.ron \
                  file that scripts a walk through it.\n\n\
                  Exit codes: 0 all is well, 1 findings (errors in a project or scene, a bad sound file, denied warnings), \
                  2 the command could not run.\n\n\
                  Examples:\n  \
                  tonmeister check assets/demo\n  \
                  tonmeister play assets/scenes/tour.scene.ron --watch"
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Loads a project, or a scene and its project, and shows everything that is wrong
    Check(Check),
    /// Renders a scene to a WAV file as fast as the machine can
    Render(Render),
    /// Plays a scene on the sound device
    Play(Play),
    /// Puts a project into one file for shipping, with its sounds as they are loaded
    Pack(Pack),
    /// Shows what sound files are: codec, channels, rate, length, peak, tags; of a project also what memory its banks take
    Inspect(Inspect),
    /// Tells what changed between two versions of a project or a bank, in a designer's words
    Diff(Diff),
    /// Draws how a project's buses hang together: parents, sends, side chains, ducking, curves
    Graph(Graph),
    /// Explains the bank language: every group and field, with unit, range, default and an example
    Reference(Reference),
    /// Writes a small project that plays at once, to begin with
    New(New),
    /// Formats banks and scenes, comments included
    Fmt(Fmt),
}

/// `tonmeister check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tonmeister check assets/demo\n  \
    tonmeister check assets/scenes/tour.scene.ron --deny warnings\n  \
    tonmeister check assets/demo --deny warnings --allow unused-level\n  \
    tonmeister check assets/demo --format json")]
pub struct Check {
    /// A project's folder, a pack, or a *.scene.ron file
    pub project: PathBuf,
    /// How to show findings: text on stderr, or a JSON array on stdout
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Exit with 1 if there are any
    #[arg(long, value_enum, value_name = "WHAT")]
    pub deny: Vec<Deny>,
    /// The same as --deny warnings
    #[arg(long, hide = true)]
    pub deny_warnings: bool,
    /// Leave out warnings of this kind, such as unused-level; may be given several times
    #[arg(long, value_name = "KIND")]
    pub allow: Vec<String>,
}

/// What a check may be strict about beside errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// What runs, but hardly as it is meant.
    Warnings,
}

/// `tonmeister render`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tonmeister render assets/scenes/tour.scene.ron -o tour.wav\n  \
    tonmeister render assets/scenes/tour.scene.ron -o tour.wav --stems stems --seed 3 --rate 44100\n  \
    tonmeister render assets/scenes/tour.scene.ron -o tour.wav --project game.tmpack")]
pub struct Render {
    /// A *.scene.ron file
    pub scene: PathBuf,
    /// A project's folder or a pack to take instead of the scene's own
    #[arg(long, value_name = "PROJECT")]
    pub project: Option<PathBuf>,
    /// The WAV file to write; replaced if it is there, and only when the rendering is complete
    #[arg(short, long, value_name = "OUT.wav")]
    pub output: PathBuf,
    /// The seed of everything drawn at random, instead of the scene's own
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Frames per second, 8000 to 192000
    #[arg(long, value_name = "HZ", default_value_t = 48_000, value_parser = clap::value_parser!(u32).range(8_000..=192_000))]
    pub rate: u32,
    /// The format of a sample: 16 or 24 bit integer (rounded, not dithered), or 32 bit float
    #[arg(long, value_enum, default_value_t)]
    pub bits: Bits,
    /// Write a WAV file per bus, too
    ///
    /// Each bus that goes straight to the master is DIR/BUS.wav, with `/` in its name as `-`; together these
    /// sum to the mix as it enters the master bus. Buses deeper down are part of those already and stand apart,
    /// in DIR/nested. Stems are always 32 bit float: what enters the master may be above full scale.
    #[arg(long, value_name = "DIR")]
    pub stems: Option<PathBuf>,
}

/// `tonmeister pack`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Short sounds are stored as they are played: cut, looped and resampled, and loaded without decoding. \
    Longer ones keep their own bytes and are decoded when a bank is loaded. A game gives the pack's path where it gave the \
    project's folder, and sounds the same to the byte.\n\n\
    Examples:\n  \
    tonmeister pack assets/demo -o demo.tmpack\n  \
    tonmeister pack assets/demo -o demo.tmpack --pcm-below 2 --rate 44100 --format json"
)]
pub struct Pack {
    /// A project's folder
    pub project: PathBuf,
    /// The file to write; replaced if it is there, and only when the pack is complete
    #[arg(short, long, value_name = "OUT.tmpack")]
    pub output: PathBuf,
    /// How long a sound may be, as it is cut, to be stored as it is played, in seconds; 0 stores none so
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, value_parser = seconds, allow_negative_numbers = true)]
    pub pcm_below: f32,
    /// Frames per second of the sounds that are stored as they are played, 8000 to 192000: the rate at which the game will run
    #[arg(long, value_name = "HZ", default_value_t = 48_000, value_parser = clap::value_parser!(u32).range(8_000..=192_000))]
    pub rate: u32,
    /// A line of summary, or a JSON object
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// A length of time that is a number and not below 0.
fn seconds(text: &str) -> Result<f32, String> {
    let seconds: f32 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if seconds.is_finite() && seconds >= 0.0 { Ok(seconds) } else { Err("0 or more seconds".to_owned()) }
}

/// `tonmeister play`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tonmeister play assets/scenes/tour.scene.ron\n  \
    tonmeister play assets/scenes/tour.scene.ron --watch --loop\n\n\
    With --watch, edit a *.bank.ron or replace a sound file while it plays, save, and hear it; a save with errors \
    is shown and changes nothing.")]
pub struct Play {
    /// A *.scene.ron file
    pub scene: PathBuf,
    /// Take saves in the project's folder live
    #[arg(long)]
    pub watch: bool,
    /// Begin again at the end, until Ctrl-C
    #[arg(long = "loop")]
    pub again: bool,
    /// The seed of everything drawn at random, instead of the scene's own
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Stop after so many seconds
    #[arg(long = "for", value_name = "SECONDS", hide = true)]
    pub limit: Option<f64>,
}

/// `tonmeister inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tonmeister inspect assets/demo/sfx\n  \
    tonmeister inspect assets/demo/music/pad.ogg --format json\n  \
    tonmeister inspect assets/demo --banks")]
pub struct Inspect {
    /// Sound files, or folders: all *.ogg and *.wav in and below them, sorted; or packs
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Only what memory the sounds of each bank file take, of projects and packs
    #[arg(long)]
    pub banks: bool,
    /// A table, or a JSON array
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `tonmeister diff`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "tonmeister diff [OPTIONS] <A> <B>",
    after_help = "Examples:\n  \
    tonmeister diff before/game game\n  \
    tonmeister diff old.bank.ron new.bank.ron --format json\n\n\
    Comments, layout, the order of entries and defaults written out are no changes. Exit codes: 0 no change, \
    1 changes, 2 can't be compared.\n\n\
    As a diff driver of git, so that `git diff`, `git show --ext-diff` and `git log -p --ext-diff` speak like this:\n  \
    git config diff.tonmeister.command \"tonmeister diff\"\n  \
    echo '*.bank.ron diff=tonmeister' >> .gitattributes\n\
    The first line is for each clone (or --global), the second is committed. For once without it: \
    git diff --no-ext-diff"
)]
pub struct Diff {
    /// Two projects' folders or packs, or two *.bank.ron files: the old and the new
    #[arg(required = true, num_args = 1..=9, value_names = ["A", "B"])]
    pub paths: Vec<PathBuf>,
    /// A line for each change, or a JSON array
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `tonmeister graph`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tonmeister graph assets/demo -o buses.svg\n  \
    tonmeister graph assets/demo | dot -Tpng > buses.png\n  \
    tonmeister graph assets/demo --format json")]
pub struct Graph {
    /// A project's folder, a pack, or a *.scene.ron file of one
    pub project: PathBuf,
    /// The file to write instead of stdout; its ending (.svg, .dot, .json) says what, unless --format does
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What to write; DOT if neither this nor a file's ending says otherwise
    #[arg(long, value_enum)]
    pub format: Option<GraphFormat>,
}

/// What a graph is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// Text that Graphviz lays out.
    Dot,
    /// A picture, laid out here.
    Svg,
    /// For machines.
    Json,
}

/// `tonmeister reference`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tonmeister reference Compressor\n  \
    tonmeister reference\n  \
    tonmeister reference sounds\n  \
    tonmeister reference guide\n  \
    tonmeister reference --format markdown > bank-language.md\n  \
    tonmeister reference --json-schema > bank.schema.json")]
pub struct Reference {
    /// A group such as Bus, Clip or Limiter, or a section such as sounds; `guide` is a guide in ten steps; without it, all topics are listed
    pub topic: Option<String>,
    /// Text for reading here, or the whole of it as Markdown or a JSON array
    #[arg(long, value_enum, default_value_t)]
    pub format: ReferenceFormat,
    /// Print a JSON Schema (draft 2020-12) of the whole language, for editors and other tools
    ///
    /// Its description says how a bank is written as JSON.
    #[arg(long, conflicts_with_all = ["topic", "format"])]
    pub json_schema: bool,
}

/// What the reference is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReferenceFormat {
    /// For people at a terminal.
    #[default]
    Text,
    /// For a page.
    Markdown,
    /// For machines.
    Json,
}

/// `tonmeister new`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    tonmeister new my-game-audio\n  \
    tonmeister play my-game-audio/first.scene.ron --watch")]
pub struct New {
    /// The folder to write: one that is not there yet, or is empty
    pub folder: PathBuf,
}

/// `tonmeister fmt`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Brackets stay in one line if they fit into 100 columns; a comma behind the last item keeps them \
    open. Comments, numbers, strings and the order of all stay as they are. A file with mistakes in its syntax is left \
    untouched.\n\n\
    Examples:\n  \
    tonmeister fmt assets\n  \
    tonmeister fmt assets/demo/mix.bank.ron --check\n  \
    tonmeister fmt - < mix.bank.ron"
)]
pub struct Fmt {
    /// *.bank.ron and *.scene.ron files, folders with all such files in and below them, or `-`: stdin to stdout
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write nothing; list the files that would change, and exit with 1 if there are any
    #[arg(long)]
    pub check: bool,
}

/// For whom output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Bits {
    /// 16 bit integer.
    #[value(name = "16")]
    Int16,
    /// 24 bit integer.
    #[value(name = "24")]
    Int24,
    /// 32 bit float.
    #[default]
    #[value(name = "32")]
    Float32,
}
