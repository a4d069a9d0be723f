//! A stretch of the response in equal parts, each a product of spectra.
//!
//! Lives here: [`Level`]. May be named here: `fft`, `simd`. Runs on the audio thread.
//!
//! Both sides are one complex signal: one transform there and one back serve them. In between their spectra are
//! told apart by symmetry, so that each route is a product of its own.

use super::SMALL;
use super::response::{Response, Route};
use crate::dsp::fft::Fft;
use crate::dsp::simd::dispatched;
use std::ops::Range;

/// Points of a transform that are worked on in one step.
const STEP_POINTS: usize = 2048;

/// A spectrum up to half the rate: real parts, then imaginary ones.
type Spectrum = [Box<[f32]>; 2];

/// Bins that are worked on at once.
const WIDE: usize = 8;

/// A silent one, with room to work in whole steps.
fn spectrum(block: usize) -> Spectrum {
    [vec![0.0; block + WIDE].into(), vec![0.0; block + WIDE].into()]
}

/// The convolution with the response from one place to another, in parts of `block` frames.
///
/// The smallest level gives its result at once, for the next block. A larger one spreads its work over a block,
/// in equal steps, and gives it for the block after: so its part of the response begins two blocks in.
#[derive(Debug)]
pub(super) struct Level {
    block: usize,
    at_once: bool,
    fft: Fft,
    routes: &'static [Route],
    /// Of each channel, part by part, scaled for the transforms.
    parts: Vec<Vec<Spectrum>>,
    /// The spectra of both sides of the last blocks, in a ring.
    past: Vec<[Spectrum; 2]>,
    newest: usize,
    /// How many of them are there since the start.
    known: usize,
    /// The two last blocks and the one that is filled, of both sides, in turns.
    input: [[Box<[f32]>; 3]; 2],
    filling: usize,
    at: usize,
    /// The transform's buffers: two of real and imaginary parts.
    planes: [[Box<[f32]>; 2]; 2],
    sums: [Spectrum; 2],
    output: [Box<[f32]>; 2],
    next: [Box<[f32]>; 2],
    /// Steps done of the running job.
    done: usize,
}

impl Level {
    /// The level for the response's frames in `range`.
    pub(super) fn new(response: &Response, block: usize, range: Range<usize>, at_once: bool) -> Self {
        let fft = Fft::new(2 * block);
        let plane = || vec![0.0; 2 * block].into_boxed_slice();
        let mut planes = [[plane(), plane()], [plane(), plane()]];
        let scale = 0.5 / (2 * block) as f32;
        let mut parts = Vec::new();
        for channel in &response.channels {
            let mut own = Vec::new();
            for part in channel[range.clone()].chunks(block) {
                let [[re, im], [other_re, other_im]] = &mut planes;
                re.fill(0.0);
                im.fill(0.0);
                for (re, x) in re.iter_mut().zip(part) {
                    *re = x * scale;
                }
                fft.transform([re, im], [other_re, other_im]);
                let mut part = spectrum(block);
                part[0][..=block].copy_from_slice(&re[..=block]);
                part[1][..=block].copy_from_slice(&im[..=block]);
                own.push(part);
            }
            parts.push(own);
        }
        let count = parts.first().map_or(0, Vec::len);
        let silence = || vec![0.0; block].into_boxed_slice();
        let mut made = Self {
            block,
            at_once,
            fft,
            routes: response.routes,
            parts,
            past: (0..count).map(|_| [spectrum(block), spectrum(block)]).collect(),
            newest: 0,
            known: 0,
            input: [0, 1].map(|_| [silence(), silence(), silence()]),
            filling: 0,
            at: 0,
            planes,
            sums: [spectrum(block), spectrum(block)],
            output: [silence(), silence()],
            next: [silence(), silence()],
            done: 0,
        };
        made.done = made.steps();
        made
    }

    pub(super) fn reset(&mut self) {
        for side in self.input.iter_mut().flatten().chain(&mut self.output).chain(&mut self.next) {
            side.fill(0.0);
        }
        (self.at, self.known, self.done) = (0, 0, self.steps());
    }

    /// What it gives for the [`SMALL`] frames that come.
    pub(super) fn output(&self, side: usize) -> &[f32] {
        &self.output[side][self.at..self.at + SMALL]
    }

    /// Takes [`SMALL`] frames.
    pub(super) fn input(&mut self, sides: [&[f32]; 2]) {
        for (input, side) in self.input.iter_mut().zip(sides) {
            input[self.filling][self.at..][..SMALL].copy_from_slice(side);
        }
        self.at += SMALL;
        let due = self.steps() * self.at / self.block;
        if !self.at_once {
            self.work(due);
        }
        if self.at < self.block {
            return;
        }
        self.at = 0;
        if !self.at_once {
            std::mem::swap(&mut self.output, &mut self.next);
        }
        self.begin();
        if self.at_once {
            self.work(self.steps());
            std::mem::swap(&mut self.output, &mut self.next);
        }
    }

    /// Begins the job of a full block.
    fn begin(&mut self) {
        self.filling = (self.filling + 1) % 3;
        self.newest = (self.newest + 1) % self.past.len().max(1);
        self.known = (self.known + 1).min(self.past.len());
        self.done = 0;
    }

    /// Into how many steps each phase of a job is divided.
    fn divisions(&self) -> usize {
        (2 * self.block / STEP_POINTS).max(1)
    }

    /// The steps of a job: the phases of [`Level::work`], each in its divisions.
    fn steps(&self) -> usize {
        (2 * self.fft.passes() + self.past.len() + 4) * self.divisions()
    }

    /// Does the job's steps up to `due`: the blocks are gathered, transformed, parted into sides, multiplied with each
    /// part of the response, joined, transformed back and handed over.
    fn work(&mut self, due: usize) {
        let (passes, parts, divisions) = (self.fft.passes(), self.past.len(), self.divisions());
        let width = self.block / divisions;
        while self.done < due {
            let (phase, step) = (self.done / divisions, self.done % divisions);
            let bins = step * width..(step + 1) * width;
            if phase == 0 {
                self.gather(bins);
            } else if phase <= passes {
                self.transform(phase - 1, step);
            } else if phase == passes + 1 {
                self.part(bins);
            } else if phase <= passes + 1 + parts {
                self.multiply(phase - passes - 2, bins);
            } else if phase == passes + parts + 2 {
                self.join(bins);
            } else if phase <= 2 * passes + parts + 2 {
                self.transform(phase - passes - parts - 3, step);
            } else {
                self.finish(bins);
            }
            self.done += 1;
        }
    }

    fn gather(&mut self, frames: Range<usize>) {
        // The one that is filled next is the oldest.
        let (before, last) = ((self.filling + 1) % 3, (self.filling + 2) % 3);
        for (plane, input) in self.planes[0].iter_mut().zip(&self.input) {
            plane[frames.clone()].copy_from_slice(&input[before][frames.clone()]);
            let (_, plane) = plane.split_at_mut(self.block);
            plane[frames.clone()].copy_from_slice(&input[last][frames.clone()]);
        }
    }

    fn transform(&mut self, pass: usize, step: usize) {
        let divisions = self.divisions();
        let [one, other] = &mut self.planes;
        let (from, to) = if pass.is_multiple_of(2) { (one, other) } else { (other, one) };
        let [re, im] = to;
        self.fft.pass(pass, step, divisions, [&from[0], &from[1]], [re, im]);
    }

    /// The spectra of both sides out of the one of the complex signal.
    fn part(&mut self, bins: Range<usize>) {
        let from = &self.planes[self.fft.passes() % 2];
        if let Some([left, right]) = self.past.get_mut(self.newest) {
            let ([l_re, l_im], [r_re, r_im]) = (left, right);
            part(&from[0], &from[1], [l_re, l_im, r_re, r_im], bins.clone());
        }
        let bins = self.with_last(bins);
        self.sums.iter_mut().flatten().for_each(|plane| plane[bins.clone()].fill(0.0));
    }

    /// The last division has the bin at half the rate too.
    fn with_last(&self, bins: Range<usize>) -> Range<usize> {
        if bins.end == self.block { bins.start..self.block + WIDE } else { bins }
    }

    /// A part of the response with the block that is so many back.
    fn multiply(&mut self, back: usize, bins: Range<usize>) {
        if back >= self.known {
            return;
        }
        let place = (self.newest + self.past.len() - back) % self.past.len();
        let bins = self.with_last(bins);
        for route in self.routes {
            let [re, im] = &mut self.sums[usize::from(route.to != 0)];
            let [x_re, x_im] = &self.past[place][usize::from(route.from != 0)];
            if let Some([h_re, h_im]) = self.parts.get(route.channel).and_then(|parts| parts.get(back)) {
                let factors = [h_re, h_im, x_re, x_im].map(|plane| &plane[bins.clone()]);
                multiply(&mut re[bins.clone()], &mut im[bins.clone()], factors);
            }
        }
    }

    /// The complex signal's spectrum, with its planes exchanged for the way back.
    fn join(&mut self, bins: Range<usize>) {
        let [[l_re, l_im], [r_re, r_im]] = &self.sums;
        let [im, re] = &mut self.planes[0];
        join([l_re, l_im, r_re, r_im], re, im, bins);
    }

    fn finish(&mut self, frames: Range<usize>) {
        let [right, left] = &self.planes[self.fft.passes() % 2];
        for (next, side) in self.next.iter_mut().zip([left, right]) {
            next[frames.clone()].copy_from_slice(&side[self.block..][frames.clone()]);
        }
    }
}

dispatched! {
    fn multiply(re: &mut [f32], im: &mut [f32], factors: [&[f32]; 4]) {
        let [h_re, h_im, x_re, x_im] = factors;
        let (h_re, h_im) = (h_re.as_chunks::<WIDE>().0, h_im.as_chunks::<WIDE>().0);
        let (x_re, x_im) = (x_re.as_chunks::<WIDE>().0, x_im.as_chunks::<WIDE>().0);
        let sums = re.as_chunks_mut::<WIDE>().0.iter_mut().zip(im.as_chunks_mut::<WIDE>().0);
        for ((re, im), ((h_re, h_im), (x_re, x_im))) in
            sums.zip(h_re.iter().zip(h_im).zip(x_re.iter().zip(x_im)))
        {
            // Copies, so that the loops need not ask whether what they write is what they read.
            let (h_re, h_im, x_re, x_im) = (*h_re, *h_im, *x_re, *x_im);
            for i in 0..WIDE {
                re[i] += h_re[i] * x_re[i] - h_im[i] * x_im[i];
            }
            for i in 0..WIDE {
                im[i] += h_re[i] * x_im[i] + h_im[i] * x_re[i];
            }
        }
    }

    /// Twice each side's spectrum: the response holds the half.
    fn part(re: &[f32], im: &[f32], sides: [&mut [f32]; 4], bins: Range<usize>) {
        let [l_re, l_im, r_re, r_im] = sides;
        let half = re.len() / 2;
        for k in bins.step_by(WIDE) {
            let (a, b, c, d) = (ahead(re, k), mirrored(re, k), ahead(im, k), mirrored(im, k));
            put(l_re, k, std::array::from_fn(|i| a[i] + b[i]));
            put(l_im, k, std::array::from_fn(|i| c[i] - d[i]));
            put(r_re, k, std::array::from_fn(|i| c[i] + d[i]));
            put(r_im, k, std::array::from_fn(|i| b[i] - a[i]));
        }
        (l_re[half], l_im[half]) = (2.0 * re[half], 0.0);
        (r_re[half], r_im[half]) = (2.0 * im[half], 0.0);
    }

    fn join(sides: [&[f32]; 4], re: &mut [f32], im: &mut [f32], bins: Range<usize>) {
        let [l_re, l_im, r_re, r_im] = sides;
        let half = re.len() / 2;
        for k in bins.step_by(WIDE) {
            let (a, b, c, d) = (ahead(l_re, k), ahead(l_im, k), ahead(r_re, k), ahead(r_im, k));
            put_mirrored(re, k, std::array::from_fn(|i| a[i] + d[i]));
            put_mirrored(im, k, std::array::from_fn(|i| c[i] - b[i]));
            put(re, k, std::array::from_fn(|i| a[i] - d[i]));
            put(im, k, std::array::from_fn(|i| b[i] + c[i]));
        }
        (re[half], im[half]) = (l_re[half] - r_im[half], l_im[half] + r_re[half]);
    }
}

#[inline(always)]
fn ahead(plane: &[f32], at: usize) -> [f32; WIDE] {
    plane.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
}

#[inline(always)]
fn put(plane: &mut [f32], at: usize, bins: [f32; WIDE]) {
    if let Some(place) = plane.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        *place = bins;
    }
}

/// The bins at `-at`, `-at - 1`, and so on, round the spectrum's end.
#[inline(always)]
fn mirrored(plane: &[f32], at: usize) -> [f32; WIDE] {
    if at == 0 {
        return std::array::from_fn(|i| plane.get((plane.len() - i) % plane.len()).copied().unwrap_or(0.0));
    }
    let mut bins = ahead(plane, plane.len() - at - (WIDE - 1));
    bins.reverse();
    bins
}

#[inline(always)]
fn put_mirrored(plane: &mut [f32], at: usize, mut bins: [f32; WIDE]) {
    if at == 0 {
        for (i, bin) in bins.iter().enumerate() {
            let place = (plane.len() - i) % plane.len();
            plane[place] = *bin;
        }
        return;
    }
    bins.reverse();
    put(plane, plane.len() - at - (WIDE - 1), bins);
}
