//! The reverb's feedback delay network.
//!
//! Lives here: [`Network`]: sixteen delay lines whose outputs are damped, mixed by a Hadamard matrix and fed
//! back. May be named here: `math`, `diffuser`'s primes. Runs on the audio thread.
//!
//! Sources: Jot and Chaigne, "Digital Delay Networks for Designing Artificial Reverberators", AES 90, 1991
//! (a line of `n` frames has the gain `10^(-3 n / (rt60 rate))`); the fast Walsh-Hadamard transform.
//!
//! As every line is longer than a chunk, a chunk of all lines is read, worked on and written as rows, and the
//! loops run over time without dependence from frame to frame, except in the damping filters.

use super::diffuser::next_prime;
use super::math::flush;

/// Delay lines.
pub(crate) const LINES: usize = 16;
/// The most frames worked on at once. Every line is longer.
pub(crate) const CHUNK: usize = 64;
/// Lengths of the lines in milliseconds; each becomes the next prime number of frames, so that no two share
/// a factor. Ordered so that both outputs read short and long ones.
const MILLISECONDS: [f64; LINES] =
    [17.3, 19.1, 21.7, 23.3, 25.3, 27.9, 30.7, 32.9, 35.3, 38.3, 41.3, 44.9, 48.7, 53.3, 57.1, 62.9];
/// The pole of the damping shelves in hertz: low enough to be heard, high enough to leave 1 kHz alone.
const SHELF_HERTZ: f64 = 7000.0;

/// Coefficients of the lines' damping filters `y = a x + b x₁ + pole y₁`, the line's gain included.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Decay {
    a: [f32; LINES],
    b: [f32; LINES],
}

/// The network.
#[derive(Debug)]
pub(crate) struct Network {
    lines: [Box<[f32]>; LINES],
    at: [usize; LINES],
    pole: f32,
    decay: Decay,
    target: Decay,
    slope: Decay,
    left: u32,
    state: [f32; LINES],
    rows: Box<[[f32; CHUNK]; LINES]>,
}

impl Network {
    pub(crate) fn new(rt60: f32, rt60_high: f32, sample_rate: u32) -> Self {
        let rate = f64::from(sample_rate);
        let lines = MILLISECONDS
            .map(|ms| vec![0.0; next_prime(((ms * 0.001 * rate) as usize).max(CHUNK + 1))].into());
        let pole_hertz = SHELF_HERTZ.min(0.4 * rate);
        let tan = libm::tan(std::f64::consts::PI * pole_hertz / rate);
        let zero = Decay { a: [0.0; LINES], b: [0.0; LINES] };
        let mut made = Self {
            lines,
            at: [0; LINES],
            pole: ((1.0 - tan) / (1.0 + tan)) as f32,
            decay: zero,
            target: zero,
            slope: zero,
            left: 0,
            state: [0.0; LINES],
            rows: Box::new([[0.0; CHUNK]; LINES]),
        };
        made.target = made.design(rt60, rt60_high, sample_rate);
        made.decay = made.target;
        made
    }

    /// The lines' filters: `rt60` at the bottom, `rt60_high` at the top of the spectrum.
    ///
    /// A first-order shelf with its pole at [`SHELF_HERTZ`], unity at 0 Hz and the quotient of the two gains
    /// at half the rate, by the bilinear transform. A quarter is the norm of the Hadamard matrix.
    fn design(&self, rt60: f32, rt60_high: f32, sample_rate: u32) -> Decay {
        let pole = f64::from(self.pole);
        let mut decay = Decay { a: [0.0; LINES], b: [0.0; LINES] };
        for ((a, b), line) in decay.a.iter_mut().zip(&mut decay.b).zip(&self.lines) {
            let seconds = line.len() as f64 / f64::from(sample_rate);
            let low = 0.25 * libm::exp10(-3.0 * seconds / f64::from(rt60));
            let high = 0.25 * libm::exp10(-3.0 * seconds / f64::from(rt60_high));
            // (a + b) / (1 - pole) = low at 0 Hz; (a - b) / (1 + pole) = high at half the rate.
            *a = (0.5 * (low * (1.0 - pole) + high * (1.0 + pole))) as f32;
            *b = (0.5 * (low * (1.0 - pole) - high * (1.0 + pole))) as f32;
        }
        decay
    }

    /// The input gain at which steady noise comes out as loud as it went in, whatever the decay.
    pub(crate) fn input_gain(&self, rt60: f32, sample_rate: u32) -> f32 {
        let power = self
            .lines
            .iter()
            .map(|line| libm::exp10(-6.0 * line.len() as f64 / (f64::from(sample_rate) * f64::from(rt60))));
        let power = power.sum::<f64>() / LINES as f64;
        // Eight lines to an output; each is fed with unit power and keeps `power` of it per round.
        libm::sqrt((1.0 - power) / (8.0 * power)) as f32
    }

    pub(crate) fn set(&mut self, rt60: f32, rt60_high: f32, sample_rate: u32, glide: u32) {
        let target = self.design(rt60, rt60_high, sample_rate);
        if target == self.target {
            return;
        }
        self.target = target;
        self.left = glide.max(1);
        for i in 0..LINES {
            self.slope.a[i] = (target.a[i] - self.decay.a[i]) / self.left as f32;
            self.slope.b[i] = (target.b[i] - self.decay.b[i]) / self.left as f32;
        }
    }

    pub(crate) fn reset(&mut self) {
        self.lines.iter_mut().for_each(|line| line.fill(0.0));
        self.state = [0.0; LINES];
        self.decay = self.target;
        self.left = 0;
    }

    /// Feeds at most [`CHUNK`] frames and gives what comes out of the lines, each side into itself.
    pub(crate) fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        let n = left.len().min(right.len()).min(CHUNK);
        for ((row, line), at) in self.rows.iter_mut().zip(&self.lines).zip(self.at) {
            let first = n.min(line.len() - at);
            row[..first].copy_from_slice(&line[at..at + first]);
            row[first..n].copy_from_slice(&line[..n - first]);
        }
        if self.left > 0 {
            self.damp_gliding(n);
        } else {
            self.damp(n);
        }
        mix(&mut self.rows, n);
        self.feed(left, right, n);
        for ((row, line), at) in self.rows.iter().zip(&mut self.lines).zip(&mut self.at) {
            let first = n.min(line.len() - *at);
            line[*at..*at + first].copy_from_slice(&row[..first]);
            line[..n - first].copy_from_slice(&row[first..n]);
            *at = (*at + n) % line.len();
        }
    }

    fn damp(&mut self, n: usize) {
        let (Decay { a, b }, pole) = (self.decay, self.pole);
        let mut state = self.state;
        for i in 0..n {
            let mut x = [0.0; LINES];
            for (x, row) in x.iter_mut().zip(self.rows.iter()) {
                *x = row[i];
            }
            for j in 0..LINES {
                let y = a[j] * x[j] + state[j];
                state[j] = b[j] * x[j] + pole * y;
                x[j] = y;
            }
            for (x, row) in x.iter().zip(self.rows.iter_mut()) {
                row[i] = *x;
            }
        }
        self.state = state.map(flush);
    }

    fn damp_gliding(&mut self, n: usize) {
        for i in 0..n {
            if self.left > 0 {
                self.left -= 1;
                for j in 0..LINES {
                    self.decay.a[j] += self.slope.a[j];
                    self.decay.b[j] += self.slope.b[j];
                }
                if self.left == 0 {
                    self.decay = self.target;
                }
            }
            for (j, row) in self.rows.iter_mut().enumerate() {
                let y = self.decay.a[j] * row[i] + self.state[j];
                self.state[j] = self.decay.b[j] * row[i] + self.pole * y;
                row[i] = y;
            }
        }
    }

    /// Takes the outputs and adds the inputs. The sum of the mixed rows 1 and 2 is twice the lines whose two
    /// lowest bits agree, their difference twice the others: each output hears eight lines of its own.
    fn feed(&mut self, left: &mut [f32], right: &mut [f32], n: usize) {
        let mut input = [[0.0; CHUNK]; 2];
        input[0][..n].copy_from_slice(&left[..n]);
        input[1][..n].copy_from_slice(&right[..n]);
        // The damping holds the quarter of the matrix; undone here with the two above: 4 / 2.
        for i in 0..n {
            let (one, two) = (self.rows[1][i], self.rows[2][i]);
            left[i] = 2.0 * (one + two);
            right[i] = 2.0 * (one - two);
        }
        for (j, row) in self.rows.iter_mut().enumerate() {
            // The inputs enter the lines their own output hears; a third of the signs are turned.
            let input = &input[usize::from((j ^ (j >> 1)) & 1 == 1)];
            let sign = if j.is_multiple_of(3) { -1.0 } else { 1.0 };
            for (x, input) in row[..n].iter_mut().zip(input) {
                *x = flush(*x + sign * input);
            }
        }
    }
}

/// The Walsh-Hadamard transform over the rows, in two passes of four-point butterflies.
fn mix(rows: &mut [[f32; CHUNK]; LINES], n: usize) {
    for stride in [1, 4] {
        for group in 0..4 {
            let base = if stride == 1 { group * 4 } else { group };
            for start in (0..n).step_by(4) {
                let end = start + 4;
                let part =
                    |j: usize| -> [f32; 4] { std::array::from_fn(|i| rows[base + j * stride][start + i]) };
                let (w, x, y, z) = (part(0), part(1), part(2), part(3));
                let mut out = [[0.0; 4]; 4];
                for i in 0..4 {
                    let (p, q) = (w[i] + x[i], w[i] - x[i]);
                    let (r, s) = (y[i] + z[i], y[i] - z[i]);
                    out[0][i] = p + r;
                    out[1][i] = q + s;
                    out[2][i] = p - r;
                    out[3][i] = q - s;
                }
                for (j, out) in out.iter().enumerate() {
                    rows[base + j * stride][start..end].copy_from_slice(out);
                }
            }
        }
    }
}
