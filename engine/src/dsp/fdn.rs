//! The reverb's feedback delay network.
//!
//! Lives here: [`Network`]: sixteen delay lines whose outputs are damped, mixed by a Hadamard matrix and fed
//! back. May be named here: `math`, `simd`, `interp`, [`Ramp`](super::Ramp). Runs on the audio thread.
//!
//! Sources: Jot and Chaigne, "Digital Delay Networks for Designing Artificial Reverberators", AES 90, 1991
//! (a line of `n` frames has the gain `10^(-3 n / (rt60 rate))`); the fast Walsh-Hadamard transform.
//!
//! As every line is longer than a chunk, what comes out of all lines over a chunk is known when it begins. It is
//! read, damped and mixed at once, as rows over time; then the input is added as it comes and the rows go back
//! into the lines. So chunks are always whole, whatever the blocks, and the loops have a fixed length.

mod decay;
mod lines;

use super::simd::dispatched;
use decay::Damping;
pub(crate) use decay::{Decay, Rates};
use lines::Lines;
pub(crate) use lines::{DEEPEST_SECONDS, LARGEST, MEAN_SECONDS, Motion, next_prime};

/// Delay lines.
pub(crate) const LINES: usize = 16;
/// The frames worked on at once. Every line is longer.
pub(crate) const CHUNK: usize = 64;

/// What comes out of all lines, over a chunk, each behind [`BEFORE`] frames of silence for the filters.
type Rows = [[f32; BEFORE + CHUNK]; LINES];
const BEFORE: usize = 8;

/// What a network does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shape {
    pub(crate) decay: Decay,
    pub(crate) motion: Motion,
}

/// The network.
#[derive(Debug)]
pub(crate) struct Network {
    lines: Lines,
    damping: Damping,
    decay: Decay,
    sample_rate: u32,
    glide: u32,
    rows: Box<Rows>,
    outs: Box<[[f32; CHUNK]; 2]>,
    /// Frames of the chunk that have their input; the next begins at [`CHUNK`].
    at: usize,
}

impl Network {
    pub(crate) fn new(shape: &Shape, glide: u32, sample_rate: u32) -> Self {
        let lines = Lines::new(&shape.motion, glide, sample_rate);
        let damping = Damping::new(Rates::design(&shape.decay, lines.lengths(), sample_rate));
        Self {
            lines,
            damping,
            decay: shape.decay,
            sample_rate,
            glide,
            rows: Box::new([[0.0; BEFORE + CHUNK]; LINES]),
            outs: Box::new([[0.0; CHUNK]; 2]),
            at: CHUNK,
        }
    }

    /// Another decay or motion, taken up from the next chunk on.
    pub(crate) fn set(&mut self, shape: &Shape) {
        self.lines.set(&shape.motion);
        if shape.decay != self.decay {
            self.decay = shape.decay;
            self.redesign();
        }
    }

    /// The input gain at which steady noise comes out as loud as it went in, whatever the decay.
    pub(crate) fn input_gain(&self) -> f32 {
        let per_frame = f64::from(self.sample_rate) * f64::from(self.decay.middle);
        let power = self.lines.lengths().iter().map(|length| libm::exp10(-6.0 * *length as f64 / per_frame));
        let power = power.sum::<f64>() / LINES as f64;
        // Eight lines to an output; each is fed with unit power and keeps `power` of it per round.
        libm::sqrt((1.0 - power) / (8.0 * power)) as f32
    }

    fn redesign(&mut self) {
        let rates = Rates::design(&self.decay, self.lines.lengths(), self.sample_rate);
        self.damping.set(rates, self.glide);
    }

    pub(crate) fn reset(&mut self) {
        if self.lines.reset() {
            self.redesign();
        }
        self.damping.reset();
        self.at = CHUNK;
    }

    /// Frames until the next chunk begins: at least one.
    pub(crate) fn room(&self) -> usize {
        if self.at == CHUNK { CHUNK } else { CHUNK - self.at }
    }

    /// Begins the next chunk if the last has had its input; says whether the lines take other lengths from here on, so
    /// that another [`Network::input_gain`] is right.
    pub(crate) fn begin(&mut self) -> bool {
        if self.at < CHUNK {
            return false;
        }
        let other = self.lines.begin();
        if other {
            self.redesign();
        }
        prepare(self);
        self.at = 0;
        other
    }

    /// After [`Network::begin`]: feeds frames, at most [`Network::room`], and gives what comes out of the lines, each side into itself.
    pub(crate) fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        let n = left.len().min(right.len()).min(CHUNK - self.at);
        let part = self.at..self.at + n;
        self.lines.write(&self.rows, part.clone(), [&left[..n], &right[..n]]);
        left[..n].copy_from_slice(&self.outs[0][part.clone()]);
        right[..n].copy_from_slice(&self.outs[1][part]);
        self.at += n;
    }

    /// Takes the next chunk out of the lines.
    #[inline(always)]
    fn prepare(&mut self) {
        self.lines.read(&mut self.rows);
        self.damping.process(&mut self.rows);
        mix(&mut self.rows);
        // The sum of the mixed rows 1 and 2 is twice the lines whose two lowest bits agree, their difference
        // twice the others: each output hears eight lines of its own. The damping holds the quarter that is the
        // norm of the matrix; undone here with the two above: 4 / 2.
        let [left, right] = &mut *self.outs;
        for i in 0..CHUNK {
            let (one, two) = (self.rows[1][BEFORE + i], self.rows[2][BEFORE + i]);
            left[i] = 2.0 * (one + two);
            right[i] = 2.0 * (one - two);
        }
    }
}

dispatched! {
    fn prepare(network: &mut Network) {
        network.prepare();
    }
}

/// The Walsh-Hadamard transform over the rows, in two passes of four-point butterflies.
#[inline(always)]
fn mix(rows: &mut Rows) {
    for base in 0..4 {
        butterfly(rows, base * 4, 1);
    }
    for base in 0..4 {
        butterfly(rows, base, 4);
    }
}

#[inline(always)]
fn butterfly(rows: &mut Rows, base: usize, stride: usize) {
    let places = [base, base + stride, base + 2 * stride, base + 3 * stride];
    let Ok([w, x, y, z]) = rows.get_disjoint_mut(places) else { return };
    for i in BEFORE..BEFORE + CHUNK {
        let (p, q) = (w[i] + x[i], w[i] - x[i]);
        let (r, s) = (y[i] + z[i], y[i] - z[i]);
        w[i] = p + r;
        x[i] = q + s;
        y[i] = p - r;
        z[i] = q - s;
    }
}
