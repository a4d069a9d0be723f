//! What lies between the samples: the wave at a quarter, a half and three quarters of the way, and its crests.
//!
//! Lives here: the interpolating filter and the tops it finds, which the true-peak meter and the limiter share,
//! so that one limits what the other measures; and a second one, by which others measure. May be named here: `simd` and `math`. Runs on the audio thread.
//!
//! After ITU-R BS.1770-4, Annex 2: four times oversampling by a polyphase filter, then the largest magnitude.
//! Two things differ. The filter is not the standard's table of 12 taps per phase but the best of [`TAPS`] taps
//! in the sense of least squares (T. I. Laakso et al., "Splitting the Unit Delay", IEEE Signal Processing
//! Magazine 13, 1996). And a parabola through each highest value and its two neighbours finds the top in
//! between, because the grid alone under-reads by up to 0.55 dB at 0.45 of the sample rate. Oversampling is
//! fourfold at every rate: at 96 kHz, where the standard is content with two, that is only more exact.

use super::BLOCK;
use super::math::sinc;
use super::simd::dispatched;

/// Taps of the filter for each of the three values between two samples.
pub(super) const TAPS: usize = 20;
/// Frames that are computed side by side.
pub(super) const LANES: usize = 16;
/// The most that the parabola may add: 0.7 dB, what a grid of four can miss at half the sample rate.
pub(super) const MOST: f32 = 0.084;
/// Up to which part of the sample rate the filter is fitted.
const BAND: f64 = 0.452;
/// The samples that lanes are computed from.
pub(super) const WINDOW: usize = TAPS - 1 + LANES;

/// The filters for one quarter and three quarters of the way, which mirror one another: their common even part
/// and the odd part that tells them apart; and the one for the middle, which is even. Half of each.
#[derive(Debug, Clone)]
pub(super) struct Kernel {
    taps: [[f32; 3]; TAPS / 2],
}

impl Kernel {
    /// The one we measure with.
    pub(super) fn new() -> Self {
        Self::of(fractional)
    }

    /// The one that other meters have (libebur128, and what is built on it): 12 taps, a sinc in Hann's window. It lets more
    /// of the last tenth below half the sample rate through, and so reads sharp edges up to half a decibel higher.
    pub(super) fn hann() -> Self {
        Self::of(hann)
    }

    fn of(fractional: fn(f64) -> [f64; TAPS]) -> Self {
        let (quarter, middle) = (fractional(0.25), fractional(0.5));
        let mut taps = [[0.0; 3]; TAPS / 2];
        for (k, tap) in taps.iter_mut().enumerate() {
            let (early, late) = (quarter[k], quarter[TAPS - 1 - k]);
            *tap = [(early + late) / 2.0, (early - late) / 2.0, middle[k]].map(|x| x as f32);
        }
        Self { taps }
    }

    /// How many times the highest sample a crest may be at most: the sum of the taps' magnitudes, the parabola,
    /// and a little for rounding.
    pub(super) fn reach(&self) -> f32 {
        let mut sums = [1.0, 0.0, 0.0];
        for [even, odd, middle] in &self.taps {
            sums[1] += (even + odd).abs() + (even - odd).abs();
            sums[2] += 2.0 * middle.abs();
        }
        sums.into_iter().fold(0.0, f32::max) * (1.0 + MOST) * 1.001
    }

    /// The values at one, two and three quarters of the way to the next sample, for as many frames as there are
    /// lanes; the first frame is the tenth sample of the window.
    #[inline(always)]
    pub(super) fn between<const N: usize>(&self, window: &[f32]) -> [[f32; N]; 3] {
        let (mut even, mut odd, mut middle) = ([0.0_f32; N], [0.0_f32; N], [0.0_f32; N]);
        for (k, [e, o, m]) in self.taps.iter().enumerate() {
            let (early, late) = (&window[k..k + N], &window[TAPS - 1 - k..TAPS - 1 - k + N]);
            for i in 0..N {
                let (sum, difference) = (early[i] + late[i], early[i] - late[i]);
                even[i] += e * sum;
                odd[i] += o * difference;
                middle[i] += m * sum;
            }
        }
        let (mut one, mut three) = ([0.0; N], [0.0; N]);
        for i in 0..N {
            one[i] = even[i] + odd[i];
            three[i] = even[i] - odd[i];
        }
        [one, middle, three]
    }
}

/// The filter of [`TAPS`] taps, for the oldest sample first, whose response is nearest to a pure delay that
/// leads to the place `part` of the way from the last sample before the middle to the next.
fn fractional(part: f64) -> [f64; TAPS] {
    let at = (TAPS / 2 - 1) as f64 + part;
    // The normal equations over the band, with a unit diagonal and positive definite: no pivots needed.
    let mut rows = [[0.0; TAPS + 1]; TAPS];
    for (k, row) in rows.iter_mut().enumerate() {
        for (l, cell) in row.iter_mut().enumerate() {
            let distance = if l == TAPS { k as f64 - at } else { k as f64 - l as f64 };
            *cell = sinc(2.0 * BAND * distance);
        }
    }
    for i in 0..TAPS {
        let pivot = rows[i];
        for row in &mut rows[i + 1..] {
            let factor = row[i] / pivot[i];
            for (cell, from) in row.iter_mut().zip(&pivot).skip(i) {
                *cell -= factor * from;
            }
        }
    }
    let mut taps = [0.0; TAPS];
    for i in (0..TAPS).rev() {
        let known: f64 = rows[i][i + 1..TAPS].iter().zip(&taps[i + 1..]).map(|(a, b)| a * b).sum();
        taps[i] = (rows[i][TAPS] - known) / rows[i][i];
    }
    taps
}

/// The 12 taps of a sinc in Hann's window for that place, in the middle of [`TAPS`].
fn hann(part: f64) -> [f64; TAPS] {
    const HALF: f64 = 6.0;
    let at = (TAPS / 2 - 1) as f64 + part;
    std::array::from_fn(|k| {
        let x = k as f64 - at;
        if x.abs() < HALF { 0.5 * (1.0 + libm::cos(std::f64::consts::PI * x / HALF)) * sinc(x) } else { 0.0 }
    })
}

/// The top of the parabola through three values a quarter of a frame apart, if the middle one is the largest.
#[inline(always)]
fn top(before: f32, value: f32, after: f32) -> f32 {
    let (size, sign) = (value.abs(), value.to_bits() & 0x8000_0000);
    let p = f32::from_bits(before.to_bits() ^ sign);
    let q = f32::from_bits(after.to_bits() ^ sign);
    let (bend, slope) = ((size - p) + (size - q), p - q);
    let over = slope * slope / (8.0 * bend + f32::MIN_POSITIVE);
    let over = if over < MOST * size { over } else { MOST * size };
    size + if (size >= p) & (size >= q) { over } else { 0.0 }
}

/// The larger one; `most`, if the other is not a number.
#[inline(always)]
pub(super) fn larger(most: f32, other: f32) -> f32 {
    if other > most { other } else { most }
}

/// The largest of the first `n` lanes, or of all.
#[inline(always)]
pub(super) fn highest_of(mut lanes: [f32; LANES], n: usize) -> f32 {
    if n < LANES {
        lanes[n..].fill(0.0);
    }
    for half in [LANES / 2, LANES / 4, LANES / 8, LANES / 16] {
        for i in 0..half {
            lanes[i] = larger(lanes[i], lanes[i + half]);
        }
    }
    lanes[0]
}

/// The crests around [`LANES`] frames, from a quarter before to a half behind each: `whole` are the samples,
/// `one` the values behind them, `two` and `three` begin a frame earlier.
#[inline(always)]
pub(super) fn crests(whole: &[f32], one: &[f32], two: &[f32], three: &[f32]) -> [f32; LANES] {
    let (whole, one) = (&whole[..LANES], &one[..LANES]);
    let (two, three) = (&two[..LANES + 1], &three[..LANES + 1]);
    let mut most = [0.0_f32; LANES];
    for i in 0..LANES {
        // One division a frame: the highest of its four values is the one to look at.
        let (mut before, mut value, mut after) = (two[i], three[i], whole[i]);
        for (p, x, q) in
            [(three[i], whole[i], one[i]), (whole[i], one[i], two[i + 1]), (one[i], two[i + 1], three[i + 1])]
        {
            let higher = x.abs() > value.abs();
            before = if higher { p } else { before };
            value = if higher { x } else { value };
            after = if higher { q } else { after };
        }
        most[i] = top(before, value, after);
    }
    most
}

/// The samples of one channel that the next crests depend on, oldest first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Past([f32; TAPS]);

impl Past {
    /// The highest magnitude in it.
    pub(super) fn peak(&self) -> f32 {
        self.0.iter().fold(0.0, |top, x| larger(top, x.abs()))
    }

    /// Takes in samples without looking at them.
    pub(super) fn push(&mut self, samples: &[f32]) {
        let n = samples.len().min(TAPS);
        self.0.rotate_left(n);
        self.0[TAPS - n..].copy_from_slice(&samples[samples.len() - n..]);
    }
}

dispatched! {
    /// Raises each of `out` to the crest around the frame [`TAPS`] / 2 before; at most [`BLOCK`] frames. Crests
    /// that surely are not above `floor` may be left out: where no sample is above `least`, which is `floor` over
    /// the kernel's reach, none is looked at.
    pub(super) fn raise_to_crests(
        out: &mut [f32],
        samples: &[f32],
        past: &mut Past,
        kernel: &Kernel,
        floor: f32,
        least: f32,
    ) {
        const ROOM: usize = BLOCK + LANES;
        let n = samples.len().min(out.len()).min(BLOCK);
        let mut input = [0.0_f32; TAPS + ROOM];
        input[..TAPS].copy_from_slice(&past.0);
        input[TAPS..TAPS + n].copy_from_slice(&samples[..n]);
        past.0.copy_from_slice(&input[n..n + TAPS]);
        // The values at two and three quarters of the frame before the next ones, if they are known.
        let mut before = None;
        for (out, at) in out[..n].chunks_mut(LANES).zip((0..).step_by(LANES)) {
            let window = &input[at..at + 1 + WINDOW];
            let mut highest = [0.0_f32; LANES];
            for part in [0, LANES, WINDOW + 1 - LANES] {
                for i in 0..LANES {
                    highest[i] = larger(highest[i], window[part + i].abs());
                }
            }
            if highest_of(highest, LANES) <= least {
                before = None;
                continue;
            }
            let [two_before, three_before] = match before {
                Some(known) => known,
                None => {
                    let [_, [two], [three]] = kernel.between::<1>(window);
                    [two, three]
                }
            };
            let [one, after, behind] = kernel.between::<LANES>(&window[1..]);
            before = Some([after[LANES - 1], behind[LANES - 1]]);
            let mut highest = [three_before.abs(); LANES];
            for i in 0..LANES {
                let pair = larger(window[TAPS / 2 + i].abs(), one[i].abs());
                highest[i] = larger(highest[i], larger(pair, larger(after[i].abs(), behind[i].abs())));
            }
            if highest_of(highest, LANES) * (1.0 + MOST + 1e-6) <= floor {
                continue;
            }
            let (mut two, mut three) = ([two_before; LANES + 1], [three_before; LANES + 1]);
            two[1..].copy_from_slice(&after);
            three[1..].copy_from_slice(&behind);
            let found = crests(&window[TAPS / 2..], &one, &two, &three);
            for (out, crest) in out.iter_mut().zip(&found) {
                *out = larger(*out, *crest);
            }
        }
    }
}
