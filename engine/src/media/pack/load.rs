//! Sounds out of a pack: what lies ready is copied, the rest is decoded as from a folder.

use super::super::store::{LoadOutcome, Store, cores, load_from, parallel};
use super::super::{Files, MediaError, Problem, Request, Sample};
use super::Pack;
use std::sync::{Arc, Mutex, PoisonError};

/// As `load_all`, out of a pack that fits the rate.
pub(in crate::media) fn load(
    pack: &Arc<Pack>,
    requests: &[Request],
    (sample_rate, threads): (u32, usize),
    previous: &Store,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> LoadOutcome {
    let threads = cores(threads);
    let done = Mutex::new(0);
    let ready = parallel(requests.len(), threads, |at| {
        let request = requests.get(at)?;
        let (part, shape) = pack.shape(request)?;
        let before = previous.get(&request.file, request.edit);
        let before =
            before.filter(|sample| sample.content() == shape.content && sample.sample_rate() == sample_rate);
        let sample = match before {
            Some(before) => (Ok(before.clone()), true),
            None => (pack.sample(part, shape), false),
        };
        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
        *done += 1;
        progress(*done, requests.len());
        Some(sample)
    });
    let rest = requests.iter().zip(&ready).filter(|(_, ready)| ready.is_none());
    let rest: Vec<Request> = rest.map(|(request, _)| request.clone()).collect();
    let first = requests.len() - rest.len();
    let told = |done: usize, _: usize| progress(first + done, requests.len());
    let decoded = load_from(&Files::Pack(pack.clone()), &rest, sample_rate, threads, previous, &told);

    let mut outcome = LoadOutcome { reused: decoded.reused, ..LoadOutcome::default() };
    let mut decoded = decoded.samples.into_iter();
    for (request, ready) in requests.iter().zip(ready) {
        let sample: Result<Arc<Sample>, MediaError> = match ready {
            Some((sample, reused)) => {
                outcome.reused += usize::from(reused);
                sample.map_err(|problem| problem.of(request.file.display().to_string()))
            }
            None => decoded
                .next()
                .unwrap_or_else(|| Err(Problem::NotPacked.of(request.file.display().to_string()))),
        };
        if let Ok(sample) = &sample {
            outcome.store.insert(request.clone(), sample.clone());
        }
        outcome.samples.push(sample);
    }
    outcome
}
