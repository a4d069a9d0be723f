//! Programme loudness: what a stereo signal weighs to an ear, and how much that varies.
//!
//! Lives here: [`Loudness`]. May be named here: `simd` and `libm`. Runs on the audio thread.
//!
//! Sources: ITU-R BS.1770-4 and -5 (K-weighting, gating), EBU R 128, EBU Tech 3341 (momentary, short-term and
//! integrated loudness) and EBU Tech 3342 (loudness range). The standard gives the weighting's coefficients at
//! 48 kHz only; at other rates its two analogue prototypes, whose parameters follow from those coefficients,
//! are put through the bilinear transform anew.

use super::simd::dispatched;
use super::{BLOCK, Stereo};

#[cfg(test)]
mod tests;

/// What a reading never falls below, in LUFS: the loudness of silence.
pub const FLOOR_LUFS: f32 = -120.0;

/// Blocks at or below this loudness in LUFS count as silence: the absolute gate of BS.1770.
const ABSOLUTE_GATE: f64 = -70.0;
/// Of the mean power above the absolute gate, what a block must exceed: -10 LU for integrated loudness.
const RELATIVE_GATE: f64 = 0.1;
/// The same for the loudness range: -20 LU.
const RANGE_GATE: f64 = 0.01;
/// The part of the short-term values below and above which none counts for the loudness range.
const RANGE_SHARE: [f64; 2] = [0.1, 0.95];

/// Readings in a second: the window of 400 ms moves on by 10 ms.
const TICKS: u64 = 100;
/// Ticks from one gating block to the next: 100 ms, an overlap of 75 %.
const HOP: usize = 10;
/// Ticks of the momentary window and of a gating block, 400 ms.
const MOMENTARY: usize = 40;
/// Hops of the short-term window, 3 s.
const SHORT_TERM: usize = 30;

/// The loudness in LUFS of a power: the sum over both channels of the K-weighted mean square.
fn lufs(power: f64) -> f64 {
    -0.691 + 10.0 * libm::log10(power)
}

/// [`lufs`] as a reading.
fn reading(power: f64) -> f32 {
    if power > 0.0 { (lufs(power) as f32).max(FLOOR_LUFS) } else { FLOOR_LUFS }
}

/// Measures momentary, short-term and integrated loudness and the loudness range of a stereo signal.
///
/// Readings are the same however the signal is cut into blocks. The momentary window moves in steps of 10 ms,
/// the short-term window and the gating blocks in steps of 100 ms; all end at exact frames, counted from the
/// first. Gated values come from histograms that keep each class's exact mean in 0.1 LU classes, so memory is
/// constant (33 kB) and a measurement may last for years; only a class that straddles a gate is taken or left
/// as a whole.
///
/// ```
/// use tonmeister::dsp::{Stereo, loudness::Loudness, measure::sine};
/// let tone = sine(1000.0, 0.070_795, 48_000, 48_000 * 5);
/// let mut meter = Loudness::new(48_000);
/// for block in tone.chunks(128) {
///     meter.process(Stereo { left: block, right: block });
/// }
/// assert!((meter.integrated().unwrap() + 23.0).abs() < 0.1);
/// ```
#[derive(Debug, Clone)]
pub struct Loudness {
    weighting: Weighting,
    state: State,
    rate: u64,
    /// Frames since the last whole second.
    frame: u64,
    /// Ticks since [`reset`](Self::reset).
    ticks: u64,
    /// Energy of the last ticks and of the last hops; the oldest is overwritten.
    recent: [f64; MOMENTARY],
    hops: [f64; SHORT_TERM],
    /// Energy of the current hop up to now.
    hop: f64,
    momentary: f64,
    short_term: f64,
    /// The greatest of both yet.
    most: [f64; 2],
    blocks: Histogram,
    ranges: Histogram,
}

impl Loudness {
    /// A meter that has heard nothing. `sample_rate` in hertz, at least 1000; lower ones count as that.
    pub fn new(sample_rate: u32) -> Self {
        let rate = sample_rate.max(1000);
        Self {
            weighting: Weighting::new(f64::from(rate)),
            state: State::default(),
            rate: u64::from(rate),
            frame: 0,
            ticks: 0,
            recent: [0.0; MOMENTARY],
            hops: [0.0; SHORT_TERM],
            hop: 0.0,
            momentary: 0.0,
            short_term: 0.0,
            most: [0.0; 2],
            blocks: Histogram::new(),
            ranges: Histogram::new(),
        }
    }

    /// Forgets everything and starts a new measurement.
    pub fn reset(&mut self) {
        self.state = State::default();
        (self.frame, self.ticks) = (0, 0);
        (self.recent, self.hops, self.hop) = ([0.0; MOMENTARY], [0.0; SHORT_TERM], 0.0);
        (self.momentary, self.short_term, self.most) = (0.0, 0.0, [0.0; 2]);
        self.blocks.clear();
        self.ranges.clear();
    }

    /// Takes a block into account; of any length.
    ///
    /// A tick of 10 ms with a sample that is not finite counts as silence.
    pub fn process(&mut self, block: Stereo<'_>) {
        let frames = block.len();
        let (mut left, mut right) = (&block.left[..frames], &block.right[..frames]);
        while !left.is_empty() {
            let end = (self.ticks % TICKS + 1) * self.rate / TICKS;
            let room = usize::try_from(end - self.frame).unwrap_or(BLOCK).min(BLOCK);
            let n = room.min(left.len());
            let (now, later) = (left.split_at(n), right.split_at(n));
            weigh(now.0, later.0, &self.weighting, &mut self.state);
            (left, right) = (now.1, later.1);
            self.frame += n as u64;
            if self.frame == end {
                self.tick();
            }
        }
    }

    /// Closes a tick, and the hop if it is the last one's.
    fn tick(&mut self) {
        let energy = self.state.take();
        self.recent[self.ticks as usize % MOMENTARY] = energy;
        self.hop += energy;
        self.ticks += 1;
        self.frame = if self.ticks.is_multiple_of(TICKS) { 0 } else { self.frame };
        self.momentary =
            self.recent.iter().sum::<f64>() * TICKS as f64 / (MOMENTARY as u64 * self.rate) as f64;
        self.most[0] = self.most[0].max(self.momentary);
        if self.ticks.is_multiple_of(HOP as u64) {
            let hop = self.ticks as usize / HOP;
            self.hops[(hop - 1) % SHORT_TERM] = self.hop;
            self.hop = 0.0;
            let frames = (SHORT_TERM * HOP) as u64 * self.rate;
            self.short_term = self.hops.iter().sum::<f64>() * TICKS as f64 / frames as f64;
            self.most[1] = self.most[1].max(self.short_term);
            // Only whole windows count for what is gated.
            if hop * HOP >= MOMENTARY {
                self.blocks.add(self.momentary);
            }
            if hop >= SHORT_TERM {
                self.ranges.add(self.short_term);
            }
        }
    }

    /// The loudness of the last 400 ms in LUFS, at least [`FLOOR_LUFS`]. What was before the beginning is
    /// silence.
    pub fn momentary(&self) -> f32 {
        reading(self.momentary)
    }

    /// The loudness of the last 3 s in LUFS, at least [`FLOOR_LUFS`]. What was before the beginning is silence.
    pub fn short_term(&self) -> f32 {
        reading(self.short_term)
    }

    /// The greatest momentary loudness yet.
    pub fn max_momentary(&self) -> f32 {
        reading(self.most[0])
    }

    /// The greatest short-term loudness yet.
    pub fn max_short_term(&self) -> f32 {
        reading(self.most[1])
    }

    /// The gated loudness of everything yet, in LUFS; none before there were 400 ms louder than -70 LUFS.
    ///
    /// Walks the histogram, which takes about a microsecond: once per report, not once per block.
    pub fn integrated(&self) -> Option<f32> {
        let (_, mean) = self.blocks.above(0.0)?;
        let (_, gated) = self.blocks.above(mean * RELATIVE_GATE)?;
        Some(reading(gated))
    }

    /// The loudness range (LRA) of everything yet, in LU, to 0.1 LU; none before there were 3 s louder than
    /// -70 LUFS. Tech 3342 calls it meaningful from about a minute on.
    ///
    /// Walks the histogram, as [`integrated`](Self::integrated) does.
    pub fn range(&self) -> Option<f32> {
        let (_, mean) = self.ranges.above(0.0)?;
        let gate = mean * RANGE_GATE;
        let (count, _) = self.ranges.above(gate)?;
        let [low, high] = RANGE_SHARE.map(|share| {
            let rank = libm::round((count - 1) as f64 * share) as u64;
            self.ranges.ranked(gate, rank)
        });
        Some((lufs(high) - lufs(low)) as f32)
    }
}

/// The K-weighting: a shelf of +4 dB for the head, then a high-pass at 38 Hz (the "revised low-frequency
/// B-curve"). Both filters' zeros are one transversal filter, their poles stay two recursions.
#[derive(Debug, Clone)]
struct Weighting {
    zeros: [f64; 5],
    poles: [[f64; 2]; 2],
}

impl Weighting {
    /// The analogue prototypes' frequencies, qualities and gain are those that give the standard's coefficients
    /// at 48 kHz (B. De Man, "Evaluation of Implementations of the EBU R128 Loudness Measurement", AES 2018).
    fn new(rate: f64) -> Self {
        let warped = |freq: f64| libm::tan(std::f64::consts::PI * freq.min(0.49 * rate) / rate);
        let k = warped(1_681.974_450_955_533);
        let q = 0.707_175_236_955_419_6;
        let high = libm::exp10(3.999_843_853_973_347 / 20.0);
        let band = libm::pow(high, 0.499_666_774_154_541_6);
        let a0 = 1.0 + k / q + k * k;
        let shelf = [high + band * k / q + k * k, 2.0 * (k * k - high), high - band * k / q + k * k];
        let shelf_poles = [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0];
        let k = warped(38.135_470_876_024_44);
        let q = 0.500_327_037_323_877_3;
        let b0 = 1.0 + k / q + k * k;
        let cut_poles = [2.0 * (k * k - 1.0) / b0, (1.0 - k / q + k * k) / b0];
        // The standard leaves the high-pass's zeros at 1, -2, 1, without dividing by its own `b0`.
        let mut zeros = [0.0; 5];
        for (i, b) in shelf.iter().enumerate() {
            for (j, cut) in [1.0, -2.0, 1.0].iter().enumerate() {
                zeros[i + j] += b / a0 * cut;
            }
        }
        Self { zeros, poles: [shelf_poles, cut_poles] }
    }
}

/// What the filter and the integrator remember; left and right lie side by side.
#[derive(Debug, Clone, Default)]
struct State {
    /// The last four input frames, oldest first.
    input: [f64; 8],
    /// The last two frames of either recursion, newest first.
    shelf: [[f64; 2]; 2],
    cut: [[f64; 2]; 2],
    /// The sum of squares since it was taken.
    sum: [f64; 2],
}

impl State {
    /// The energy of both channels since the last call. Clears what is inaudible or not finite out of the
    /// recursions: at the end of a tick, so that it does not depend on how the signal is cut into blocks.
    fn take(&mut self) -> f64 {
        let energy = self.sum[0] + self.sum[1];
        if !energy.is_finite() {
            *self = Self::default();
            return 0.0;
        }
        self.sum = [0.0; 2];
        for value in self.shelf.iter_mut().chain(&mut self.cut).flatten() {
            if value.abs() < 1e-30 {
                *value = 0.0;
            }
        }
        energy
    }
}

dispatched! {
    /// Weighs at most [`BLOCK`] frames and adds their squares up.
    fn weigh(left: &[f32], right: &[f32], weighting: &Weighting, state: &mut State) {
        let mut input = [0.0_f64; 2 * BLOCK + 8];
        let mut zeros = [0.0_f64; 2 * BLOCK];
        let n = left.len().min(right.len()).min(BLOCK);
        input[..8].copy_from_slice(&state.input);
        for ((pair, l), r) in input[8..].as_chunks_mut::<2>().0.iter_mut().zip(left).zip(right) {
            *pair = [f64::from(*l), f64::from(*r)];
        }
        let [b0, b1, b2, b3, b4] = weighting.zeros;
        let taps = input[8..8 + 2 * n].iter().zip(&input[6..]).zip(&input[4..]).zip(&input[2..]).zip(&input);
        for (out, ((((x0, x1), x2), x3), x4)) in zeros.iter_mut().zip(taps) {
            *out = b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3 + b4 * x4;
        }
        state.input.copy_from_slice(&input[2 * n..2 * n + 8]);

        let [[s1, s2], [c1, c2]] = weighting.poles;
        let ([mut p1, mut p2], [mut q1, mut q2], mut sum) = (state.shelf, state.cut, state.sum);
        for x in zeros[..2 * n].as_chunks::<2>().0 {
            // The newest value is subtracted last: it is what the next frame waits for.
            let shelf = [0, 1].map(|c| (x[c] - s2 * p2[c]) - s1 * p1[c]);
            let cut = [0, 1].map(|c| (shelf[c] - c2 * q2[c]) - c1 * q1[c]);
            (p2, p1, q2, q1) = (p1, shelf, q1, cut);
            sum = [0, 1].map(|c| sum[c] + cut[c] * cut[c]);
        }
        (state.shelf, state.cut, state.sum) = ([p1, p2], [q1, q2], sum);
    }
}

/// Powers above the absolute gate, in classes of 0.1 LU up to +30 LUFS; the last takes what is louder.
#[derive(Debug, Clone)]
struct Histogram {
    classes: Box<[Class]>,
}

/// How many powers fell into a class, and their sum.
#[derive(Debug, Clone, Copy, Default)]
struct Class {
    count: u64,
    power: f64,
}

impl Class {
    fn is_above(&self, power: f64) -> bool {
        self.count > 0 && self.power > power * self.count as f64
    }
}

impl Histogram {
    const CLASSES: usize = 1000;
    const CLASSES_PER_LU: f64 = 10.0;

    fn new() -> Self {
        Self { classes: vec![Class::default(); Self::CLASSES].into_boxed_slice() }
    }

    fn clear(&mut self) {
        self.classes.fill(Class::default());
    }

    fn add(&mut self, power: f64) {
        if power <= 0.0 {
            return;
        }
        let above = lufs(power) - ABSOLUTE_GATE;
        if above > 0.0 {
            let class = ((above * Self::CLASSES_PER_LU) as usize).min(Self::CLASSES - 1);
            self.classes[class].count += 1;
            self.classes[class].power += power;
        }
    }

    /// How many powers, by class, exceed `gate`, and their mean; none if there is none.
    fn above(&self, gate: f64) -> Option<(u64, f64)> {
        let classes = self.classes.iter().filter(|class| class.is_above(gate));
        let (count, power) =
            classes.fold((0, 0.0), |(count, power), class| (count + class.count, power + class.power));
        (count > 0).then(|| (count, power / count as f64))
    }

    /// The power at place `rank` from below, counting those above `gate`: its class's mean.
    fn ranked(&self, gate: f64, rank: u64) -> f64 {
        let mut seen = 0;
        let mut last = 0.0;
        for class in self.classes.iter().filter(|class| class.is_above(gate)) {
            (seen, last) = (seen + class.count, class.power / class.count as f64);
            if seen > rank {
                break;
            }
        }
        last
    }
}
