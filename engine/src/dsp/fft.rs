//! The Fourier transform of a block.
//!
//! Lives here: [`Fft`]. May be named here: `libm`, `simd`. Built on the game thread, runs on any.
//!
//! Source: Stockham's self-sorting transform in passes of radix 4 (C. Van Loan, "Computational Frameworks for the
//! Fast Fourier Transform", 1992, section 1.7). It is our own because the law is the same bits on every machine:
//! rustfft chooses its instructions while it runs, and realfft only takes that planner. Real and imaginary parts
//! lie apart, so that a plain loop over them is vectors at every level; and a pass may be done in parts, so that
//! a large transform can be spread over many blocks.

use super::simd::dispatched;
use std::ops::Range;

/// Real and imaginary parts.
pub(crate) type Planes<'a> = [&'a [f32]; 2];
/// The same, to be written.
pub(crate) type PlanesMut<'a> = [&'a mut [f32]; 2];

/// A forward transform of one size. With the two planes exchanged on both ends it is the inverse, times the size.
#[derive(Debug)]
pub(crate) struct Fft {
    size: usize,
    /// The turns by one, two and three times the angle, real and imaginary: a quarter of the size each.
    turns: [[Box<[f32]>; 2]; 3],
}

impl Fft {
    /// For blocks of `size`, a power of two of at least 32.
    pub(crate) fn new(size: usize) -> Self {
        let turns = [1, 2, 3].map(|times| {
            let angle = |k: usize| -std::f64::consts::TAU * (times * k) as f64 / size as f64;
            let quarter = 0..size / 4;
            [
                quarter.clone().map(|k| libm::cos(angle(k)) as f32).collect(),
                quarter.map(|k| libm::sin(angle(k)) as f32).collect(),
            ]
        });
        Self { size, turns }
    }

    /// How many passes make a transform. Each reads one buffer and writes another.
    pub(crate) fn passes(&self) -> usize {
        (self.size.trailing_zeros() as usize).div_ceil(2)
    }

    /// One of `parts` equal parts of a pass. `parts` is a power of two, at most a 32nd of the size.
    pub(crate) fn pass(&self, index: usize, part: usize, parts: usize, from: Planes<'_>, to: PlanesMut<'_>) {
        let stride = 1 << (2 * index).min(31);
        let groups = self.size / stride / 4;
        if groups == 0 {
            // What is left of an odd power of two.
            let width = self.size / 2 / parts;
            return halve(from, to, self.size / 2, part * width..(part + 1) * width);
        }
        let (groups, frames) = if groups >= parts {
            let count = groups / parts;
            (part * count..(part + 1) * count, 0..stride)
        } else {
            let count = stride / (parts / groups);
            let of = part % (parts / groups);
            let group = part / (parts / groups);
            (group..group + 1, of * count..(of + 1) * count)
        };
        let [one, two, three] = &self.turns;
        let turns: [Planes<'_>; 3] = [[&one[0], &one[1]], [&two[0], &two[1]], [&three[0], &three[1]]];
        if index == 0 {
            first(from, to, turns, groups);
        } else {
            later(from, to, turns, groups, stride, frames);
        }
    }

    /// A whole transform of `data`, through `other` of the same length; the result is in `data`.
    pub(crate) fn transform<'a>(&self, mut data: PlanesMut<'a>, mut other: PlanesMut<'a>) {
        for index in 0..self.passes() {
            let [re, im] = &data;
            let [to_re, to_im] = &mut other;
            self.pass(index, 0, 1, [re, im], [to_re, to_im]);
            std::mem::swap(&mut data, &mut other);
        }
        if self.passes() % 2 == 1 {
            // An odd number of passes ends in the other buffer.
            let [re, im] = &data;
            other[0].copy_from_slice(re);
            other[1].copy_from_slice(im);
        }
    }
}

/// Points that are worked on at once.
const WIDE: usize = 8;

/// Real and imaginary parts of a few points.
type Few<const W: usize> = [[f32; W]; 2];

#[inline(always)]
fn add<const W: usize>(a: &Few<W>, b: &Few<W>) -> Few<W> {
    [std::array::from_fn(|i| a[0][i] + b[0][i]), std::array::from_fn(|i| a[1][i] + b[1][i])]
}

#[inline(always)]
fn sub<const W: usize>(a: &Few<W>, b: &Few<W>) -> Few<W> {
    [std::array::from_fn(|i| a[0][i] - b[0][i]), std::array::from_fn(|i| a[1][i] - b[1][i])]
}

#[inline(always)]
fn turn<const W: usize>(x: &Few<W>, by: &Few<W>) -> Few<W> {
    [
        std::array::from_fn(|i| x[0][i] * by[0][i] - x[1][i] * by[1][i]),
        std::array::from_fn(|i| x[0][i] * by[1][i] + x[1][i] * by[0][i]),
    ]
}

/// Butterflies of four points, each turned.
#[inline(always)]
fn butterflies<const W: usize>(x: [Few<W>; 4], w: &[Few<W>; 3]) -> [Few<W>; 4] {
    let [a, b, c, d] = x;
    let (sum, gap, other) = (add(&a, &c), sub(&a, &c), add(&b, &d));
    // (b - d) turned by a quarter.
    let far = sub(&b, &d);
    let far = [std::array::from_fn(|i| -far[1][i]), far[0]];
    [
        add(&sum, &other),
        turn(&sub(&gap, &far), &w[0]),
        turn(&sub(&sum, &other), &w[1]),
        turn(&add(&gap, &far), &w[2]),
    ]
}

/// A few points from `at` on; there are always so many.
#[inline(always)]
fn load<const W: usize>(from: &Planes<'_>, at: usize) -> Few<W> {
    let few = |plane: &[f32]| plane.get(at..).and_then(|rest| rest.first_chunk::<W>()).copied();
    match (few(from[0]), few(from[1])) {
        (Some(re), Some(im)) => [re, im],
        _ => [[0.0; W]; 2],
    }
}

#[inline(always)]
fn store<const W: usize>(to: &mut [f32], at: usize, few: &[f32; W]) {
    if let Some(place) = to.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        *place = *few;
    }
}

/// A later pass, so many frames at once.
#[inline(always)]
fn run<const W: usize>(
    from: Planes<'_>,
    to: PlanesMut<'_>,
    turns: [Planes<'_>; 3],
    groups: Range<usize>,
    stride: usize,
    frames: Range<usize>,
) {
    let quarter = from[0].len() / 4;
    let [to_re, to_im] = to;
    for group in groups {
        let at = group * stride;
        let w = [
            [[turns[0][0][at]; W], [turns[0][1][at]; W]],
            [[turns[1][0][at]; W], [turns[1][1][at]; W]],
            [[turns[2][0][at]; W], [turns[2][1][at]; W]],
        ];
        for frame in frames.clone().step_by(W) {
            let at = group * stride + frame;
            let x = [
                load(&from, at),
                load(&from, quarter + at),
                load(&from, 2 * quarter + at),
                load(&from, 3 * quarter + at),
            ];
            let y = butterflies::<W>(x, &w);
            for (k, y) in y.iter().enumerate() {
                let at = (4 * group + k) * stride + frame;
                store(to_re, at, &y[0]);
                store(to_im, at, &y[1]);
            }
        }
    }
}

dispatched! {
    /// The first pass: a loop over groups, whose results lie between one another.
    fn first(from: Planes<'_>, to: PlanesMut<'_>, turns: [Planes<'_>; 3], groups: Range<usize>) {
        let quarter = from[0].len() / 4;
        let [to_re, to_im] = to;
        for at in groups.step_by(WIDE) {
            let x = [
                load(&from, at),
                load(&from, quarter + at),
                load(&from, 2 * quarter + at),
                load(&from, 3 * quarter + at),
            ];
            let w = [load(&turns[0], at), load(&turns[1], at), load(&turns[2], at)];
            let [a, b, c, d] = butterflies::<WIDE>(x, &w);
            for i in 0..WIDE {
                store(to_re, 4 * (at + i), &[a[0][i], b[0][i], c[0][i], d[0][i]]);
                store(to_im, 4 * (at + i), &[a[1][i], b[1][i], c[1][i], d[1][i]]);
            }
        }
    }

    /// A later pass: for each group one turn, and a loop over the frames between.
    fn later(
        from: Planes<'_>,
        to: PlanesMut<'_>,
        turns: [Planes<'_>; 3],
        groups: Range<usize>,
        stride: usize,
        frames: Range<usize>,
    ) {
        if frames.len().is_multiple_of(WIDE) {
            run::<WIDE>(from, to, turns, groups, stride, frames);
        } else {
            run::<4>(from, to, turns, groups, stride, frames);
        }
    }

    /// A last pass of radix 2.
    fn halve(from: Planes<'_>, to: PlanesMut<'_>, half: usize, frames: Range<usize>) {
        for (from, to) in from.into_iter().zip(to) {
            let (sums, differences) = to.split_at_mut(half);
            let (a, b) = (&from[frames.clone()], &from[half..][frames.clone()]);
            let sums = sums[frames.clone()].iter_mut().zip(&mut differences[frames.clone()]);
            for ((sum, difference), (a, b)) in sums.zip(a.iter().zip(b)) {
                (*sum, *difference) = (a + b, a - b);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::measure::noise;

    #[test]
    fn it_is_the_definition_and_its_parts_are_the_whole() {
        for size in [32, 256, 2048, 16_384] {
            let fft = Fft::new(size);
            let (re, im) = (noise(1, 1.0, size), noise(2, 1.0, size));
            let (mut out_re, mut out_im) = (re.clone(), im.clone());
            let (mut a, mut b) = (vec![0.0; size], vec![0.0; size]);
            fft.transform([&mut out_re, &mut out_im], [&mut a, &mut b]);
            for bin in [0, 1, 5, size / 2 - 1, size / 2, size - 3] {
                let (mut sum_re, mut sum_im) = (0.0, 0.0);
                for i in 0..size {
                    let angle = -std::f64::consts::TAU * ((bin * i) % size) as f64 / size as f64;
                    let (x, y) = (f64::from(re[i]), f64::from(im[i]));
                    sum_re += x * angle.cos() - y * angle.sin();
                    sum_im += x * angle.sin() + y * angle.cos();
                }
                let error = (sum_re - f64::from(out_re[bin])).hypot(sum_im - f64::from(out_im[bin]));
                assert!(error < 1e-6 * size as f64, "{size}, bin {bin}: {error}");
            }
            // In parts, pass by pass.
            let mut planes = [[re.clone(), im.clone()], [a, b]];
            for pass in 0..fft.passes() {
                let [from, to] = &mut planes;
                for part in 0..size / 32 {
                    let [to_re, to_im] = to;
                    fft.pass(pass, part, size / 32, [&from[0], &from[1]], [to_re, to_im]);
                }
                planes.swap(0, 1);
            }
            assert!(planes[0] == [out_re.clone(), out_im.clone()], "{size}: in parts");
            // And back, with the planes exchanged.
            let [mut a, mut b] = [vec![0.0; size], vec![0.0; size]];
            fft.transform([&mut out_im, &mut out_re], [&mut a, &mut b]);
            let scale = 1.0 / size as f32;
            assert!(out_re.iter().zip(&re).all(|(x, y)| (x * scale - y).abs() < 1e-5), "{size}: back");
        }
    }
}
