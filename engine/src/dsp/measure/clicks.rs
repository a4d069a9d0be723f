//! The click detector.
//!
//! Lives here: [`find_clicks`]. May be named here: `libm`. Runs anywhere but on the audio thread: it allocates.

#[cfg(test)]
mod tests;

/// Samples that the predictor looks back.
const ORDER: usize = 16;
/// Hops per second: the predictor and the limits are renewed every 5 ms.
const HOPS: u32 = 200;
/// Hops before and after a hop that the predictors are fitted to.
const FIT: usize = 4;
/// Hops before and after a hop that its limit is taken from.
const BESIDE: usize = 2;
/// This part of the residual nearby lies below its scale.
const QUANTILE: f64 = 0.7;
/// An outlier is this many times the scale; for Gaussian noise, 7.3 standard deviations.
const RATIO: f64 = 7.0;
/// A click's residual is at least this part of the local peak: a step of 0.63 % of it, -44 dB.
const SHARE: f64 = 0.012_5;
/// Nothing below this is heard, -100 dB.
const FLOOR: f64 = 1e-5;
/// Clicks per second at most: what follows within 2 ms belongs to the one before.
const MOST: u32 = 500;
/// How much noise the predictor expects beside the programme, as a part of the local peak: -60 dB.
const DOUBT: f64 = 1e-3;
/// How many times the median of the 2 ms before and of those after it a click's residual is.
const PROMINENCE: f64 = 6.0;

/// Where the signal clicks: the first sample of each, at least 2 ms apart.
///
/// A click is a sample that neither its own past nor its surroundings explain (after S. J. Godsill and
/// P. J. W. Rayner, "Digital Audio Restoration", Springer 1998, chapter 5, with other limits):
///
/// 1. The third difference takes slow movement away. A step of height `h` leaves a pulse of `2 h` and a glitch
///    of one sample `3 h`, but a bend, such as where a straight fade begins, only its change of slope per
///    sample.
/// 2. Two linear predictors of 16 taps, fitted anew every 5 ms by least squares to the 20 ms before and to the
///    20 ms after, take away what is left of tones, chords and the colour of noise. What the better of them
///    did not foresee is the residual.
/// 3. A sample is a click if its residual is at least
///    - 6 times the median of the 2 ms before it, and of those after;
///    - 7 times the residual's scale nearby: the 70 % quantile of its magnitude in the 15 ms up to its hop's end
///      or from its hop's beginning, whichever is higher, so that neither noise nor its onset clicks; and
///    - 1.25 % of the peak within 10 ms, of the signal's and of its third difference's, so that what is found could be heard; and
///    - -100 dB of full scale.
///
/// So it finds steps and single wrong samples from 1.5 % of the peak, -36 dB, in tones and chords up to 5 kHz,
/// and of 3 % at 12 kHz; dropped and repeated samples, gaps, jumps of gain and phase are found where they make
/// such a step. In noise it finds steps of about the peak of the noise; smaller ones are masked. What it passes:
/// straight and smooth fades from 2 ms up (above 1 kHz, from 5 ms up), onsets of noise, changes of gain or phase
/// where the wave crosses zero (they bend it, but do not break it). What it takes for clicks though it may be
/// the programme: the edges of a naive sawtooth or square wave, percussion that attacks within less than a
/// millisecond, a tone that starts or ends without a fade. The signal's own first and last sample are no
/// transition and never count.
///
/// ```
/// use tonmeister::dsp::measure::{find_clicks, sine};
/// let mut tone = sine(440.0, 0.5, 48_000, 24_000);
/// assert!(find_clicks(&tone, 48_000).is_empty());
/// tone[12_000..].iter_mut().for_each(|x| *x += 0.01);
/// assert_eq!(find_clicks(&tone, 48_000), [12_000]);
/// ```
pub fn find_clicks(signal: &[f32], sample_rate: u32) -> Vec<usize> {
    let hop = (sample_rate / HOPS).max(8) as usize;
    let apart = (sample_rate / MOST).max(4) as usize;
    let third = third_difference(signal);
    let residual = residual(signal, &third, hop);
    let mut found: Vec<usize> = Vec::new();
    for start in (0..signal.len()).step_by(hop) {
        let end = (start + hop).min(signal.len());
        let (before, after) = (start.saturating_sub(BESIDE * hop), (end + BESIDE * hop).min(signal.len()));
        // A whole window at the ends too, so that a click near an end still has its surroundings.
        let whole = ((BESIDE + 1) * hop).min(signal.len());
        let past = &residual[before..end.max(before + whole).min(signal.len())];
        let future = &residual[start.min(after.saturating_sub(whole))..after];
        let scale = quantile(past, QUANTILE).max(quantile(future, QUANTILE));
        let third_peak = third[before..after].iter().fold(0.0, |top, x| f64::max(top, x.abs()));
        let limit = (RATIO * scale).max(SHARE * peak(&signal[before..after]).max(third_peak)).max(FLOOR);
        for (i, value) in residual.iter().enumerate().take(end).skip(start) {
            let fresh = found.last().is_none_or(|last| i >= last + apart);
            if fresh && *value > limit && *value > PROMINENCE * bed(&residual, i, apart / 2) {
                found.push(i);
            }
        }
    }
    found
}

/// The largest magnitude.
fn peak(signal: &[f32]) -> f64 {
    f64::from(signal.iter().fold(0.0, |top, x| f32::max(top, x.abs())))
}

/// The median of the residual just before or just after a sample, whichever is higher.
fn bed(residual: &[f64], at: usize, length: usize) -> f64 {
    let (before, after) = (&residual[at.saturating_sub(length)..at], &residual[at..]);
    let after = &after[..length.min(after.len())];
    [before, after]
        .map(|side| if side.len() < length { 0.0 } else { quantile(side, 0.5) })
        .into_iter()
        .fold(0.0, f64::max)
}

/// The magnitude below which [`QUANTILE`] of the values lie.
fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    let place = (part * values.len() as f64) as usize;
    let last = values.len() - 1;
    *sorted.select_nth_unstable_by(place.min(last), f64::total_cmp).1
}

/// The third difference, as many values as the signal has; the first three, which lack a past, are zero.
fn third_difference(signal: &[f32]) -> Vec<f64> {
    let differences = signal.windows(4).map(|w| {
        let [a, b, c, d] = [w[0], w[1], w[2], w[3]].map(f64::from);
        d - 3.0 * c + 3.0 * b - a
    });
    [0.0; 3].into_iter().chain(differences).take(signal.len()).collect()
}

/// The size of what neither a predictor fitted to what came before nor one fitted to what comes after foresees.
///
/// Each hop is left out of both fits: a click would teach the predictor to expect it.
fn residual(signal: &[f32], third: &[f64], hop: usize) -> Vec<f64> {
    let mut residual: Vec<f64> = third.iter().map(|x| x.abs()).collect();
    for start in (0..third.len()).step_by(hop) {
        let end = (start + hop).min(third.len());
        let before = &third[start.saturating_sub(FIT * hop).max(3).min(start)..start];
        let after = &third[end..(end + FIT * hop).min(third.len())];
        let noise =
            DOUBT * peak(&signal[start.saturating_sub(FIT * hop)..(end + FIT * hop).min(signal.len())]);
        for taps in [before, after].into_iter().filter_map(|window| predictor(window, noise)) {
            for i in start.max(ORDER + 3)..end {
                residual[i] = residual[i].min(error(third[i - ORDER..i].iter().rev(), third[i], &taps));
            }
        }
        if start < ORDER + 3 {
            // The first samples have too little past: they are foretold from what comes after them.
            let backwards: Vec<f64> = after.iter().rev().copied().collect();
            if let Some(taps) = predictor(&backwards, noise) {
                for i in start..(ORDER + 3).min(end) {
                    residual[i] = residual[i].min(error(third[i + 1..].iter(), third[i], &taps));
                }
            }
        }
    }
    residual
}

/// By how much `value` differs from what its neighbours foretell; nearest first.
fn error<'a>(past: impl Iterator<Item = &'a f64>, value: f64, taps: &[f64; ORDER]) -> f64 {
    let foretold: f64 = past.zip(taps).map(|(x, tap)| x * tap).sum();
    (value - foretold).abs()
}

/// The predictor of least squared error within the window (the covariance method: J. Makhoul, "Linear
/// Prediction: A Tutorial Review", Proceedings of the IEEE 63, 1975), newest sample first. Foretells nothing if
/// the window is too short or silent.
fn predictor(window: &[f64], noise: f64) -> Option<[f64; ORDER]> {
    let n = window.len();
    let mut taps = [0.0; ORDER];
    if n < 4 * ORDER {
        return None;
    }
    // covariance[i][j]: the sum over all t from ORDER on of window[t - i] * window[t - j].
    let mut covariance = [[0.0; ORDER + 1]; ORDER + 1];
    for j in 0..=ORDER {
        covariance[0][j] = window[ORDER..].iter().zip(&window[ORDER - j..]).map(|(a, b)| a * b).sum();
        covariance[j][0] = covariance[0][j];
    }
    for i in 1..=ORDER {
        for j in i..=ORDER {
            covariance[i][j] = covariance[i - 1][j - 1] + window[ORDER - i] * window[ORDER - j]
                - window[n - i] * window[n - j];
            covariance[j][i] = covariance[i][j];
        }
    }
    let doubt = noise * noise * (n - ORDER) as f64 + f64::MIN_POSITIVE;
    // Cholesky's decomposition of the part from 1 on, in place below the diagonal; then both substitutions.
    let mut lower = [[0.0; ORDER]; ORDER];
    for i in 0..ORDER {
        for j in 0..=i {
            let known: f64 = lower[i][..j].iter().zip(&lower[j][..j]).map(|(a, b)| a * b).sum();
            let rest = covariance[i + 1][j + 1] - known;
            lower[i][j] = if i == j { libm::sqrt((rest + doubt).max(doubt)) } else { rest / lower[j][j] };
        }
    }
    for i in 0..ORDER {
        let known: f64 = lower[i][..i].iter().zip(&taps[..i]).map(|(a, b)| a * b).sum();
        taps[i] = (covariance[i + 1][0] - known) / lower[i][i];
    }
    for i in (0..ORDER).rev() {
        let known: f64 = (i + 1..ORDER).map(|k| lower[k][i] * taps[k]).sum();
        taps[i] = (taps[i] - known) / lower[i][i];
    }
    taps.iter().all(|tap| tap.is_finite()).then_some(taps)
}
