//! Loading a project's sounds on every core, and the store of what is loaded.
//!
//! Work is cut into parts of files, longest files first, and handed out by one counter; every result has its own
//! place. So the outcome never depends on the number of threads or on their timing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::decode::{Piece, Plan};
use super::files::{Bytes, Files};
use super::sample::{Hasher, Sample};
use super::stream::is_streamed;
use super::{Edit, MediaError, Problem, Source};
use crate::dsp::resample::{resample, resample_loop};
use crate::dsp::wave::Synth;

/// One sound that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// The file.
    pub file: PathBuf,
    /// What is cut out of it. What repeats whole is resampled and padded as one that never ends.
    pub edit: Edit,
}

/// The samples loaded so far, by file and how it is cut. Cloning shares them.
#[derive(Debug, Clone, Default)]
pub struct Store {
    samples: BTreeMap<Request, Arc<Sample>>,
    computed: Vec<(Synth, Arc<Sample>)>,
}

impl Store {
    /// The sample of a file, if it is loaded that way.
    pub fn get(&self, file: &Path, edit: Edit) -> Option<&Arc<Sample>> {
        self.samples.get(&Request { file: file.to_owned(), edit })
    }

    /// A computed sound: the one of `previous` or of this store, if it has it at that rate, or else computed now. It is
    /// kept.
    ///
    /// # Errors
    /// As [`Sample::computed`].
    pub fn compute(
        &mut self,
        synth: &Synth,
        sample_rate: u32,
        previous: &Self,
    ) -> Result<Arc<Sample>, MediaError> {
        let is =
            |(known, sample): &&(Synth, Arc<Sample>)| known == synth && sample.sample_rate() == sample_rate;
        if let Some((_, sample)) = self.computed.iter().find(is) {
            return Ok(Arc::clone(sample));
        }
        let sample = match previous.computed.iter().find(is) {
            Some((_, sample)) => Arc::clone(sample),
            None => Arc::new(Sample::computed(synth, sample_rate)?),
        };
        self.computed.push((*synth, Arc::clone(&sample)));
        Ok(sample)
    }

    /// A computed sound, if it has been computed.
    pub fn computed(&self, synth: &Synth) -> Option<&Arc<Sample>> {
        self.computed.iter().find(|(known, _)| known == synth).map(|(_, sample)| sample)
    }

    /// How many samples of files there are.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Memory taken by all samples.
    pub fn bytes(&self) -> usize {
        let computed = self.computed.iter().map(|(_, sample)| sample);
        self.samples.values().chain(computed).map(|sample| sample.bytes()).sum()
    }

    pub(super) fn insert(&mut self, request: Request, sample: Arc<Sample>) {
        self.samples.insert(request, sample);
    }

    /// Adds all of another store; what both have is the other's then.
    pub fn extend(&mut self, other: Self) {
        self.samples.extend(other.samples);
        for (synth, sample) in other.computed {
            self.computed.retain(|(known, _)| *known != synth);
            self.computed.push((synth, sample));
        }
    }

    /// Takes out what `leaves`; what is computed stays.
    pub fn split_off(&mut self, leaves: impl Fn(&Request) -> bool) -> Self {
        let (gone, kept) =
            std::mem::take(&mut self.samples).into_iter().partition(|(request, _)| leaves(request));
        self.samples = kept;
        Self { samples: gone, computed: Vec::new() }
    }

    /// Whether a request's sample is there.
    pub fn has(&self, request: &Request) -> bool {
        self.samples.contains_key(request)
    }

    /// Memory taken by the sample of a request; 0 if it is not there.
    pub fn bytes_of(&self, request: &Request) -> usize {
        self.samples.get(request).map_or(0, |sample| sample.bytes())
    }

    /// Every request with its sample, without what is computed, in order of the file's path.
    pub fn iter(&self) -> impl Iterator<Item = (&Request, &Arc<Sample>)> {
        self.samples.iter()
    }
}

/// What [`load_all`] gives.
#[derive(Debug, Default)]
pub struct LoadOutcome {
    /// Everything that loaded; nothing that was not asked for.
    pub store: Store,
    /// One result per request, in the order asked.
    pub samples: Vec<Result<Arc<Sample>, MediaError>>,
    /// How many requests were answered from the previous store, their files being the same as before.
    pub reused: usize,
}

/// One file with all its requests.
struct File {
    path: PathBuf,
    size: u64,
    /// Indices of its requests.
    requests: Vec<usize>,
    /// The ways it is wanted.
    ways: BTreeSet<Edit>,
}

/// What reading a file came to.
enum Read {
    Same,
    New { bytes: Bytes, content: u64 },
}

/// What decoding a part came to: nothing, if what is wanted of the file is only streamed.
type Decoded = Result<Option<Piece>, Problem>;

/// One result for each way a file is wanted.
type Ways = BTreeMap<Edit, Result<Arc<Sample>, Problem>>;

/// Loads what is asked for, at the engine's rate `sample_rate` in hertz, on `threads` threads (0: one per core).
///
/// A sample of `previous` is taken over if its file's bytes, its cut and its rate are the same: the file is
/// read, but not decoded. `progress(done, of)` counts requests; it is called from the workers, one call at a
/// time, `done` never falling.
pub fn load_all(
    requests: &[Request],
    sample_rate: u32,
    threads: usize,
    previous: &Store,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> LoadOutcome {
    load_from(&Files::Disk, requests, sample_rate, threads, previous, progress)
}

/// As [`load_all`], from wherever the files are; decodes all that is not streamed.
pub(super) fn load_from(
    from: &Files,
    requests: &[Request],
    sample_rate: u32,
    threads: usize,
    previous: &Store,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> LoadOutcome {
    let threads = cores(threads);
    let files = files(from, requests);
    let done = Mutex::new(0);
    let advance = |by: usize| {
        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
        *done += by;
        progress(*done, requests.len());
    };

    let reads = parallel(files.len(), threads, |i| {
        let file = files.get(i)?;
        let read = read(from, file, sample_rate, previous);
        if !matches!(read, Ok(Read::New { .. })) {
            advance(file.requests.len());
        }
        Some(read)
    });
    let plans = parallel(files.len(), threads, |i| match reads.get(i)?.as_ref()? {
        Ok(Read::New { bytes, .. }) => Some(Plan::new(bytes)),
        _ => None,
    });

    // The parts of all files in one list; the one who brings a file's last part finishes the file.
    let (mut jobs, mut firsts, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for (i, plan) in plans.iter().enumerate() {
        let parts = match plan {
            // What is only streamed is not decoded now.
            Some(Ok(plan)) if files.get(i).is_some_and(|file| file.streams_all(plan, sample_rate)) => 1,
            Some(Ok(plan)) => plan.parts(),
            Some(Err(_)) => 1,
            None => 0,
        };
        firsts.push(jobs.len());
        left.push(AtomicUsize::new(parts));
        jobs.extend((0..parts).map(|part| (i, part)));
    }
    let slots: Vec<Mutex<Option<Decoded>>> = jobs.iter().map(|_| Mutex::new(None)).collect();
    let finished: Vec<OnceLock<Ways>> = files.iter().map(|_| OnceLock::new()).collect();
    parallel(jobs.len(), threads, |job| {
        let &(i, part) = jobs.get(job)?;
        let (file, plan) = (files.get(i)?, plans.get(i)?.as_ref()?);
        let piece = plan.as_ref().map_err(Clone::clone).and_then(|plan| {
            let piece = || plan.decode(part).map(Some);
            if file.streams_all(plan, sample_rate) { Ok(None) } else { piece() }
        });
        *slots.get(job)?.lock().unwrap_or_else(PoisonError::into_inner) = Some(piece);
        if left.get(i)?.fetch_sub(1, Ordering::AcqRel) == 1 {
            let pieces = slots.iter().zip(&jobs).skip(*firsts.get(i)?).take_while(|(_, job)| job.0 == i);
            let pieces = pieces
                .filter_map(|(slot, _)| slot.lock().unwrap_or_else(PoisonError::into_inner).take())
                .collect::<Result<Option<Vec<_>>, _>>();
            let Ok(read @ Read::New { .. }) = reads.get(i)?.as_ref()? else { return None };
            finished.get(i)?.set(finish(file, plan, pieces, read, sample_rate)).ok()?;
            advance(file.requests.len());
        }
        Some(())
    });
    collect(requests, &files, &reads, finished, previous)
}

/// So many threads; for 0 one for each core.
pub(super) fn cores(threads: usize) -> usize {
    if threads == 0 { std::thread::available_parallelism().map_or(1, usize::from) } else { threads }
}

/// The files of the requests, the largest first.
fn files(from: &Files, requests: &[Request]) -> Vec<File> {
    let mut by_path: BTreeMap<&Path, File> = BTreeMap::new();
    for (i, request) in requests.iter().enumerate() {
        let file = by_path.entry(&request.file).or_insert_with(|| File {
            path: request.file.clone(),
            size: from.size(&request.file),
            requests: Vec::new(),
            ways: BTreeSet::new(),
        });
        file.requests.push(i);
        file.ways.insert(request.edit);
    }
    let mut files: Vec<File> = by_path.into_values().collect();
    files.sort_by_key(|file| std::cmp::Reverse(file.size));
    files
}

fn read(from: &Files, file: &File, sample_rate: u32, previous: &Store) -> Result<Read, Problem> {
    let bytes = from.read(&file.path)?;
    let content = Hasher::of(&bytes);
    let same = |&edit: &Edit| {
        let before = previous.get(&file.path, edit);
        before.is_some_and(|sample| sample.content() == content && sample.sample_rate() == sample_rate)
    };
    Ok(if file.ways.iter().all(same) { Read::Same } else { Read::New { bytes, content } })
}

impl File {
    /// Whether none of the ways it is wanted needs all of it decoded.
    fn streams_all(&self, plan: &Plan<'_>, sample_rate: u32) -> bool {
        self.ways.iter().all(|edit| streams(plan, edit, sample_rate))
    }
}

fn streams(plan: &Plan<'_>, edit: &Edit, sample_rate: u32) -> bool {
    plan.length().is_ok_and(|(frames, rate)| is_streamed(edit, frames, rate, sample_rate))
}

/// Joins a file's parts, resamples them, and builds a sample for each way it is wanted. What is streamed is only looked at.
fn finish(
    file: &File,
    plan: &Result<Plan<'_>, Problem>,
    pieces: Result<Option<Vec<Piece>>, Problem>,
    read: &Read,
    sample_rate: u32,
) -> Ways {
    let Read::New { bytes, content } = read else { return Ways::new() };
    let planned = plan.as_ref().map_err(Clone::clone).and_then(|plan| Ok((plan, pieces?)));
    let (plan, pieces) = match planned {
        Ok(planned) => planned,
        Err(problem) => return file.ways.iter().map(|&edit| (edit, Err(problem.clone()))).collect(),
    };
    let decoded = pieces.map(|pieces| plan.assemble(pieces));
    let build = |edit: Edit| {
        if streams(plan, &edit, sample_rate) {
            let source = Source::new(&file.path, bytes, plan, &edit, sample_rate)?;
            return Sample::streamed(source, edit, *content).map(Arc::new);
        }
        let decoded = decoded.as_ref().ok_or(Problem::Empty)?.as_ref().map_err(Clone::clone)?;
        edit.admits(decoded.channels.len())?;
        if decoded.sample_rate == sample_rate {
            return Sample::new(decoded.channels.clone(), sample_rate, edit, *content).map(Arc::new);
        }
        let convert = if edit.repeats_whole() { resample_loop } else { resample };
        let channels: Vec<_> = decoded
            .channels
            .iter()
            .map(|channel| convert(channel, decoded.sample_rate, sample_rate))
            .collect();
        Sample::new(channels, sample_rate, edit, *content).map(Arc::new)
    };
    file.ways.iter().map(|&edit| (edit, build(edit))).collect()
}

fn collect(
    requests: &[Request],
    files: &[File],
    reads: &[Option<Result<Read, Problem>>],
    finished: Vec<OnceLock<Ways>>,
    previous: &Store,
) -> LoadOutcome {
    let mut store = Store::default();
    let mut results: BTreeMap<usize, Result<Arc<Sample>, Problem>> = BTreeMap::new();
    let mut reused = 0;
    for ((file, read), ways) in files.iter().zip(reads).zip(finished) {
        let ways = ways.into_inner();
        for &i in &file.requests {
            let Some(request) = requests.get(i) else { continue };
            let result = match read {
                Some(Err(problem)) => Err(problem.clone()),
                Some(Ok(Read::Same)) => {
                    reused += 1;
                    previous.samples.get(request).cloned().ok_or(Problem::NotFound)
                }
                _ => match ways.as_ref().and_then(|ways| ways.get(&request.edit)) {
                    Some(result) => result.clone(),
                    None => Err(Problem::Corrupt("it could not be decoded".to_owned())),
                },
            };
            if let Ok(sample) = &result {
                store.samples.insert(request.clone(), Arc::clone(sample));
            }
            results.insert(i, result);
        }
    }
    // Every request belongs to exactly one file, so the order of the keys is the order asked.
    let samples = requests.iter().zip(results.into_values());
    let samples = samples
        .map(|(request, result)| result.map_err(|problem| problem.of(request.file.display().to_string())));
    LoadOutcome { store, samples: samples.collect(), reused }
}

/// Runs `work` for every index below `count` on up to `threads` threads; the results stand by index. Never more
/// threads than work, and none at all for a single thread.
pub(super) fn parallel<T: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> Option<T> + Sync,
) -> Vec<Option<T>> {
    if threads <= 1 || count <= 1 {
        return (0..count).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut mine = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return mine;
            }
            mine.push((i, work(i)));
        }
    };
    let mut results: Vec<Option<T>> = (0..count).map(|_| None).collect();
    let mut place = |mine: Vec<(usize, Option<T>)>| {
        for (i, result) in mine {
            if let Some(slot) = results.get_mut(i) {
                *slot = result;
            }
        }
    };
    std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads.min(count))
            .filter_map(|_| {
                std::thread::Builder::new().name("tonmeister-load".into()).spawn_scoped(scope, run).ok()
            })
            .collect();
        place(run());
        for helper in helpers {
            // A helper does not panic: decoding is guarded, and the rest has no panic in it.
            place(helper.join().unwrap_or_default());
        }
    });
    results
}
