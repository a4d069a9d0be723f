//! Building an engine.

use super::banks::{BankError, Parts};
use super::desk::Desk;
use super::engine::{Engine, Made, facts};
use super::output::{Host, Output};
use super::plan::{Layout, plan};
use super::stems::{MOST_FRAMES, Recorder};
use crate::bank::{CustomEffect, EffectKind, Sources};
use crate::director::{Config, Director, slots};
use crate::link::taps;
use crate::media::{ENGINE_RATES, Pack, Store};
use crate::mixer::{BLOCK, Parcel, mixer};
use crate::reload::{LoadError, Loading, Progress, Project, Wanted, Watcher};
use kira::effect::Effect as KiraEffect;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// The highest ceiling on voices.
pub const MOST_VOICES: u16 = 16_384;

/// Makes a plug-in from the parameters in the bank.
pub type PluginFactory = dyn Fn(&BTreeMap<String, f32>) -> Box<dyn KiraEffect> + Send + Sync;

/// Why an engine could not be built.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The project did not load.
    #[error(transparent)]
    Project(#[from] LoadError),
    /// A bank uses a plug-in that the game did not register.
    #[error(
        "bus \"{bus}\" uses the plug-in \"{plugin}\", which is not registered; register it with Builder::plugin"
    )]
    UnknownPlugin {
        /// The bus.
        bus: String,
        /// The plug-in.
        plugin: String,
    },
    /// A bank file that is to be loaded at the start is not in the project.
    #[error(transparent)]
    Bank(#[from] BankError),
    /// The number of voices is 0 or too large.
    #[error("{0} voices are out of range: 1 to {most}", most = MOST_VOICES)]
    Voices(u16),
    /// The sample rate is out of range.
    #[error("a rate of {0} Hz is out of range: 8000 to 192000 Hz")]
    SampleRate(u32),
    /// No output could be opened at all.
    #[error("no audio output could be opened; build with Output::Offline to run without one")]
    Output,
}

/// The registered plug-ins.
#[derive(Default)]
pub(super) struct Plugins(BTreeMap<String, Box<PluginFactory>>);

impl Plugins {
    pub(super) fn build(&self, effect: &CustomEffect) -> Option<Box<dyn KiraEffect>> {
        self.0.get(&effect.name).map(|factory| factory(&effect.params))
    }

    /// The first plug-in of the project that is not registered, with its bus.
    pub(super) fn missing(&self, project: &Project) -> Option<(String, String)> {
        let mut effects =
            project.bank.buses.iter().flat_map(|bus| bus.effects.iter().map(move |effect| (bus, effect)));
        effects.find_map(|(bus, effect)| match &effect.kind {
            EffectKind::Custom(custom) if !self.0.contains_key(&custom.name) => {
                Some((bus.name.clone(), custom.name.clone()))
            }
            _ => None,
        })
    }
}

/// Where a project comes from.
enum From {
    Folder(PathBuf),
    Sources(Sources),
}

/// Settings of an [`Engine`] to be built.
pub struct Builder {
    from: From,
    output: Output,
    sample_rate: Option<u32>,
    latency: u32,
    voices: u16,
    seed: u64,
    threads: usize,
    watch: bool,
    stems: bool,
    wanted: Wanted,
    plugins: Plugins,
}

impl Engine {
    /// Starts building an engine that plays the project in this folder: all its `*.bank.ron` files. A pack stands for the
    /// folder that it was made of.
    pub fn builder(project: impl AsRef<Path>) -> Builder {
        Builder::new(From::Folder(project.as_ref().to_path_buf()))
    }

    /// Starts building an engine from banks in memory, for tests and generated banks. Sound files are still
    /// found relative to [`Sources::root`].
    pub fn from_sources(sources: Sources) -> Builder {
        Builder::new(From::Sources(sources))
    }
}

impl Builder {
    fn new(from: From) -> Self {
        Self {
            from,
            output: Output::default(),
            sample_rate: None,
            latency: 512,
            voices: 256,
            seed: 0,
            threads: 0,
            watch: false,
            stems: false,
            wanted: Wanted::all(),
            plugins: Plugins::default(),
        }
    }

    /// Where the sound goes; by default to the system's device.
    pub fn output(mut self, output: Output) -> Self {
        self.output = output;
        self
    }

    /// The engine's rate in frames per second, 8000 to 192 000; by default a pack's own, else 48 000. A device with a rate
    /// of its own overrides it, but a pack keeps its rate, and what it plays is resampled for the device.
    pub fn sample_rate(mut self, hertz: u32) -> Self {
        self.sample_rate = Some(hertz);
        self
    }

    /// The latency asked of the device, in frames, 256 to 16 384; 512 by default, which is 11 ms at 48 kHz. More is
    /// safer on a busy machine. PulseAudio may grant more than was asked; cpal takes the device's own.
    pub fn latency(mut self, frames: u32) -> Self {
        self.latency = frames.clamp(256, 16_384);
        self
    }

    /// The most voices at once, at most [`MOST_VOICES`]; 256 by default. Loops beyond it turn virtual, one-shots give way, the least
    /// important first.
    pub fn voices(mut self, count: u16) -> Self {
        self.voices = count;
        self
    }

    /// The seed of everything drawn at random; 0 by default.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Threads for decoding; by default one for each core. It never changes what is heard.
    pub fn threads(mut self, count: usize) -> Self {
        self.threads = count;
        self
    }

    /// Whether saves in the project's folder are taken live; off by default. Banks in memory have no folder. If the
    /// system can't watch the folder, that is logged and the engine runs without.
    pub fn watch(mut self, watch: bool) -> Self {
        self.watch = watch;
        self
    }

    /// Whether an offline engine records stems; off by default.
    pub fn stems(mut self, stems: bool) -> Self {
        self.stems = stems;
        self
    }

    /// The bank files whose sounds are loaded at the start, by their paths in the project's folder; by default all.
    /// The text of the whole project is always there and checked, and tones and noise of all its files, which are computed,
    /// can always be played. Others are loaded with [`Engine::load_bank`].
    pub fn start_with(mut self, files: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.wanted = Wanted::Only(files.into_iter().map(Into::into).collect());
        self
    }

    /// Registers a kira effect that banks can use as `Custom(name: …, params: {…})`. The factory is called for
    /// each use, on the game thread.
    pub fn plugin(
        mut self,
        name: impl Into<String>,
        factory: impl Fn(&BTreeMap<String, f32>) -> Box<dyn KiraEffect> + Send + Sync + 'static,
    ) -> Self {
        self.plugins.0.insert(name.into(), Box::new(factory));
        self
    }

    /// Loads the project and opens the output.
    ///
    /// # Errors
    /// If the project has errors (all are listed), a setting is out of range or a plug-in is missing. A missing
    /// sound device is no error; see [`Engine::device`].
    pub fn build(self) -> Result<Engine, BuildError> {
        self.build_with_progress(&|_, _| {})
    }

    /// As [`Builder::build`], telling how many sounds are loaded.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn build_with_progress(self, progress: Progress<'_>) -> Result<Engine, BuildError> {
        if self.voices == 0 || self.voices > MOST_VOICES {
            return Err(BuildError::Voices(self.voices));
        }
        let pack = match &self.from {
            From::Folder(path) if path.is_file() => Some(Pack::open(path).map_err(LoadError::from)?),
            _ => None,
        };
        let of_pack = pack.as_ref().map(|pack| pack.sample_rate());
        let asked = self.sample_rate.or(of_pack).unwrap_or(48_000);
        if !ENGINE_RATES.contains(&asked) {
            return Err(BuildError::SampleRate(asked));
        }
        let (mut host, rate) = Host::open(self.output, asked, self.latency).ok_or(BuildError::Output)?;
        // Whatever rate a player's device has, a pack plays on it; a render has the rate that was asked for, or none.
        let rate = of_pack.filter(|_| self.output == Output::Device).unwrap_or(rate);
        let empty = Store::default();
        let loading = Loading {
            sample_rate: rate,
            threads: self.threads,
            previous: &empty,
            wanted: &self.wanted,
            progress,
        };
        let project = match (&pack, &self.from) {
            (Some(pack), _) => Project::load_pack(pack, &loading)?,
            (None, From::Folder(folder)) => Project::load_parts(folder, &loading)?,
            (None, From::Sources(sources)) => Project::parts_from_sources(sources.clone(), &loading)?,
        };
        if let Wanted::Only(files) = &self.wanted
            && let Some(file) = files.iter().find(|file| project.part(file).is_none())
        {
            let known = project.parts.iter().map(|part| part.file.as_str());
            return Err(BankError::unknown(file, known).into());
        }
        if let Some((bus, plugin)) = self.plugins.missing(&project) {
            return Err(BuildError::UnknownPlugin { bus, plugin });
        }
        let watcher = match &self.from {
            From::Folder(pack) if self.watch && pack.is_file() => {
                tracing::warn!(
                    "{} is a pack, which is not watched; watch its project's folder",
                    pack.display()
                );
                None
            }
            From::Folder(folder) if self.watch => {
                match Watcher::new(folder, rate, self.threads, &project, self.wanted.clone()) {
                    Ok(watcher) => Some(watcher),
                    Err(error) => {
                        // A game must not fail for want of a convenience.
                        tracing::warn!("{error}");
                        None
                    }
                }
            }
            _ => None,
        };

        let (graph, layout) =
            plan(&project, &Desk::default(), (&Layout::default(), true), &self.plugins, (rate, self.seed));
        let (writer, recorder) = if self.stems && self.output == Output::Offline {
            let names = stem_names(&project);
            let (writer, reader) = taps(names.len() + 1, MOST_FRAMES + BLOCK);
            (Some(writer), Some(Recorder::new(reader, names)))
        } else {
            (None, None)
        };
        let (mut control, mixer) = mixer(rate, slots(self.voices), writer);
        control.send(0, Box::new(Parcel::Graph(graph)));
        control.flush();
        if !host.play(mixer) {
            return Err(BuildError::Output);
        }
        let config = Config { sample_rate: rate, voices: self.voices, seed: self.seed };
        let director = Director::new(config, project.bank.clone(), facts(&project));
        let plugins = Arc::new(self.plugins);
        let (threads, parts) = (self.threads, Parts::new(&self.wanted));
        Ok(Engine::new(Made {
            host,
            control,
            director,
            project,
            layout,
            plugins,
            watcher,
            recorder,
            rate,
            threads,
            parts,
        }))
    }
}

fn stem_names(project: &Project) -> Vec<(String, bool)> {
    let buses = project.bank.buses.iter();
    buses.map(|bus| (bus.name.clone(), bus.parent.is_none_or(|parent| parent.index() == 0))).collect()
}
