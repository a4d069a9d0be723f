//! Finding where two stretches of a sound fit together.
//!
//! Lives here: [`Memory`], the last stretch of a stereo signal with a coarse copy, and the search in it. May be
//! named here: `simd`. Runs on the audio thread; a search costs the same whatever the sound.
//!
//! What fits best is what correlates most, each stretch by its own energy: for a tone that is exactly a whole
//! number of its periods away, however many of them the stretch holds. The search is coarse first, on sums of
//! some frames, then fine around the best, then between frames by a parabola (the idea of WSOLA: W. Verhelst,
//! M. Roelands, "An Overlap-Add Technique Based on Waveform Similarity (WSOLA) for High Quality Time-Scale
//! Modification of Speech", ICASSP 1993).

use super::simd::dispatched;

/// Places that are compared side by side.
const LANES: usize = 16;
/// The length of what is compared, in seconds.
const TEMPLATE_SECONDS: f64 = 0.012;
/// The most values of a template, coarse or fine.
const MOST: usize = 640;
/// The most places of a coarse search.
const PLACES: usize = 192;
/// Of the sides; not the same, so that nothing that is only on the sides is silent.
const SHARES: [f32; 2] = [0.62, 0.38];

/// The last frames of a stereo signal, both sides and a coarse sum of both.
#[derive(Debug)]
pub(crate) struct Memory {
    sides: [Box<[f32]>; 2],
    middle: Box<[f32]>,
    coarse: Box<[f32]>,
    /// Frames written.
    written: u64,
    /// Frames of a coarse value, and the sum of those of the next.
    group: usize,
    sum: f32,
    /// Frames between the fine values that are compared.
    stride: usize,
    template: usize,
}

/// A place that fits: how many frames further back, and how well, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fit {
    pub(crate) back: f64,
    pub(crate) likeness: f32,
}

impl Memory {
    /// Remembers `frames` at least.
    pub(crate) fn new(frames: usize, sample_rate: u32) -> Self {
        let group = (sample_rate as usize / 6000).next_power_of_two().clamp(1, 32);
        let length = (frames + 4096).next_power_of_two();
        let stride = (sample_rate as usize / 48_000).max(1);
        let line = || vec![0.0; length].into();
        Self {
            sides: [line(), line()],
            middle: line(),
            coarse: vec![0.0; length / group].into(),
            written: 0,
            group,
            sum: 0.0,
            stride,
            template: (TEMPLATE_SECONDS * f64::from(sample_rate)) as usize,
        }
    }

    pub(crate) fn clear(&mut self) {
        let [left, right] = &mut self.sides;
        for line in [left, right, &mut self.middle, &mut self.coarse] {
            line.fill(0.0);
        }
        (self.written, self.sum) = (0, 0.0);
    }

    /// Frames written since the beginning.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    pub(crate) fn write(&mut self, left: &[f32], right: &[f32]) {
        for (left, right) in left.iter().zip(right) {
            self.push(*left, *right);
        }
    }

    #[inline(always)]
    fn push(&mut self, left: f32, right: f32) {
        let mask = self.middle.len() - 1;
        let at = self.written as usize & mask;
        let middle = SHARES[0] * left + SHARES[1] * right;
        (self.sides[0][at], self.sides[1][at], self.middle[at]) = (left, right, middle);
        self.written += 1;
        self.sum += middle;
        if self.written as usize & (self.group - 1) == 0 {
            self.coarse[(at / self.group) & (mask / self.group)] = self.sum;
            self.sum = 0.0;
        }
    }

    /// Copies frames of one side from number `from` on.
    pub(crate) fn copy(&self, side: usize, from: i64, out: &mut [f32]) {
        copy(&self.sides[side & 1], from, out);
    }

    /// Where, `least` to `most` frames before frame `at`, the sound is most like what leads up to `at`; later, where
    /// these are negative. All must be remembered, with a template's length before, and some frames after.
    pub(crate) fn find(&self, at: i64, least: i64, most: i64) -> Fit {
        let (group, half) = (self.group as i64, LANES as i64);
        // Coarse: the template ends at `at`, the candidates `least` and more before.
        let mut template = [0.0; MOST];
        let count = (self.template / self.group).clamp(8, MOST);
        let nearest = least.div_euclid(group);
        let places = ((most - least).max(0) / group + 1).min(PLACES as i64) as usize;
        let first = at / group - count as i64;
        copy(&self.coarse, first, &mut template[..count]);
        let mut field = [0.0; MOST + PLACES + LANES];
        let farthest = nearest + places as i64 - 1;
        copy(&self.coarse, first - farthest, &mut field[..count + places + LANES]);
        let mut scores = [0.0; PLACES + LANES];
        compare(&template[..count], 1, &field, &mut scores[..places.next_multiple_of(LANES)]);
        let best = best(&scores[..places]);
        let near = (farthest - best as i64) * group;
        // Fine: around it, as far as the coarse values are wide and more.
        let span = (2 * half).max(2 * group);
        let count = (self.template / self.stride).min(MOST);
        let first = at - (count * self.stride) as i64;
        let mut fine = [0.0; MOST * FINE];
        let length = count * self.stride;
        copy(&self.middle, first, &mut fine[..length]);
        for (value, x) in template.iter_mut().zip(fine.iter().step_by(self.stride)).take(count) {
            *value = *x;
        }
        let farthest = near + span / 2;
        copy(&self.middle, first - farthest, &mut fine[..(length + span as usize + LANES).min(MOST * FINE)]);
        let mut scores = [0.0; 4 * LANES + LANES];
        let places = (span as usize).min(scores.len());
        compare(&template[..count], self.stride, &fine, &mut scores[..places.next_multiple_of(LANES)]);
        let inner = self::best(&scores[1..places - 1]) + 1;
        let (a, b, c) = (scores[inner - 1], scores[inner], scores[inner + 1]);
        // The top of the parabola through the three, towards the later ones if positive.
        let bend = a - 2.0 * b + c;
        let aside = if bend < 0.0 { (0.5 * (a - c) / bend).clamp(-0.5, 0.5) } else { 0.0 };
        let back = (farthest - inner as i64) as f64 - f64::from(aside);
        Fit { back: back.max(least as f64).min(most.max(least) as f64), likeness: b.clamp(0.0, 1.0) }
    }
}

/// How many times [`MOST`] frames a fine search can span.
const FINE: usize = 5;

/// The place of the first of the highest scores.
fn best(scores: &[f32]) -> usize {
    let mut best = (0, f32::MIN);
    for (i, score) in scores.iter().enumerate() {
        if *score > best.1 {
            best = (i, *score);
        }
    }
    best.0
}

/// Copies values of a ring from number `from` on, as many as there are.
fn copy(ring: &[f32], from: i64, out: &mut [f32]) {
    let start = from as usize & (ring.len() - 1);
    let out = if out.len() > ring.len() { &mut out[..ring.len()] } else { out };
    let first = out.len().min(ring.len() - start);
    let (a, b) = out.split_at_mut(first);
    a.copy_from_slice(&ring[start..start + first]);
    b.copy_from_slice(&ring[..b.len()]);
}

dispatched! {
    /// How much the template is like what begins at each place of the field: 1 where they are in proportion.
    fn compare(template: &[f32], stride: usize, field: &[f32], scores: &mut [f32]) {
        let own: f32 = template.iter().map(|x| x * x).sum();
        for (at, scores) in (0..scores.len()).step_by(LANES).zip(scores.chunks_exact_mut(LANES)) {
            let (mut product, mut energy) = ([0.0; LANES], [0.0; LANES]);
            for (i, x) in template.iter().enumerate() {
                let Some(part) = field.get(at + i * stride..).and_then(|part| part.first_chunk::<LANES>()) else { break };
                for lane in 0..LANES {
                    product[lane] += x * part[lane];
                    energy[lane] += part[lane] * part[lane];
                }
            }
            for (score, (product, energy)) in scores.iter_mut().zip(product.iter().zip(&energy)) {
                *score = product / (own * energy + 1e-20).sqrt();
            }
        }
    }
}
