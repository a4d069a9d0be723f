//! Adding a signal to a mix by gains that run in straight lines.
//!
//! Lives here: [`Line`] and the loops that every voice ends in. May be named here: `simd`. Runs on the audio thread.

use super::BLOCK;
use super::simd::dispatched;

/// A gain over one block: a straight line from what it was after the block before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    from: f32,
    step: f32,
}

/// The places of a block's frames on a line; the last is where it ends.
const PLACES: [f32; BLOCK] = {
    let mut places = [0.0; BLOCK];
    let mut i = 0;
    while i < BLOCK {
        places[i] = (i + 1) as f32;
        i += 1;
    }
    places
};

impl Line {
    /// No gain at all.
    pub const SILENT: Self = Self { from: 0.0, step: 0.0 };

    /// The same gain all the time.
    pub fn level(gain: f32) -> Self {
        Self { from: gain, step: 0.0 }
    }

    /// From one gain to another over a whole block.
    #[inline(always)]
    pub fn new(from: f32, to: f32) -> Self {
        Self { from, step: (to - from) * (1.0 / BLOCK as f32) }
    }

    /// What it was after the block before.
    pub fn start(&self) -> f32 {
        self.from
    }

    /// What it is at the block's end.
    pub fn end(&self) -> f32 {
        self.at(BLOCK - 1)
    }

    /// Whether nothing comes through.
    #[inline(always)]
    pub fn is_silent(&self) -> bool {
        self.from == 0.0 && self.step == 0.0
    }

    /// The gain at a frame of the block.
    pub fn at(&self, frame: usize) -> f32 {
        self.from + self.step * (frame + 1) as f32
    }
}

/// Adds to a stereo mix what a left and a right signal are by their gains, from frame `first` of the block on. All
/// slices are as long.
#[inline]
pub fn add(out: [&mut [f32]; 2], signals: [&[f32]; 2], lines: [Line; 2], first: usize) {
    let [left, right] = out;
    if lines[0].step == 0.0 && lines[1].step == 0.0 {
        steady(left, right, signals[0], signals[1], lines[0].from, lines[1].from);
    } else if let Some(places) = PLACES.get(first..) {
        ramped(left, right, signals[0], signals[1], lines[0], lines[1], places);
    }
}

/// Adds what a mono signal is by as many gains to as many buffers, and to one more `beside` them if there is one, in one
/// pass over a whole block.
#[inline]
pub fn add_mono<const N: usize>(
    outs: [&mut [f32; BLOCK]; N],
    lines: [Line; N],
    beside: Option<(&mut [f32; BLOCK], Line)>,
    signal: &[f32; BLOCK],
) {
    fan(outs, lines, beside, signal);
}

/// Adds what a mono signal is by a gain to one buffer, from frame `first` of the block on; both are as long. The same as
/// [`add_mono`].
#[inline]
pub fn add_mono_part(out: &mut [f32], signal: &[f32], line: Line, first: usize) {
    if let Some(places) = PLACES.get(first..) {
        part(out, signal, line, places);
    }
}

/// Frames that [`add_mono`] takes at once, and how often in a block: who counts so far needs no check on the way.
const WIDE: usize = 8;
const WIDES: usize = BLOCK / WIDE;

/// Copied out and back, so that the compiler need not ask whether outputs overlap.
#[inline(always)]
fn add_wide(out: &mut [f32; WIDE], by: &Line, samples: &[f32; WIDE], places: &[f32; WIDE]) {
    let mut sums = *out;
    for ((sum, sample), place) in sums.iter_mut().zip(samples).zip(places) {
        *sum += sample * (by.from + by.step * place);
    }
    *out = sums;
}

dispatched! {
    fn fan<const N: usize>(
        outs: [&mut [f32; BLOCK]; N],
        lines: [Line; N],
        beside: Option<(&mut [f32; BLOCK], Line)>,
        signal: &[f32; BLOCK],
    ) {
        let mut outs = outs.map(|out| out.as_chunks_mut::<WIDE>().0);
        let mut beside = beside.map(|(out, line)| (out.as_chunks_mut::<WIDE>().0, line));
        let (signal, _) = signal.as_chunks::<WIDE>();
        for (at, (samples, places)) in signal.iter().zip(PLACES.as_chunks().0).enumerate() {
            let (samples, places) = (*samples, *places);
            for (out, line) in outs.iter_mut().zip(&lines) {
                add_wide(&mut out[at % WIDES], line, &samples, &places);
            }
            if let Some((out, line)) = &mut beside {
                add_wide(&mut out[at % WIDES], line, &samples, &places);
            }
        }
    }

    fn part(out: &mut [f32], signal: &[f32], by: Line, places: &[f32]) {
        for ((out, sample), place) in out.iter_mut().zip(signal).zip(places) {
            *out += sample * (by.from + by.step * place);
        }
    }

    fn steady(left: &mut [f32], right: &mut [f32], l: &[f32], r: &[f32], by_left: f32, by_right: f32) {
        for (((left, right), l), r) in left.iter_mut().zip(right.iter_mut()).zip(l).zip(r) {
            *left += l * by_left;
            *right += r * by_right;
        }
    }

    fn ramped(
        left: &mut [f32],
        right: &mut [f32],
        l: &[f32],
        r: &[f32],
        by_left: Line,
        by_right: Line,
        places: &[f32],
    ) {
        for ((((left, right), l), r), place) in left.iter_mut().zip(right.iter_mut()).zip(l).zip(r).zip(places)
        {
            *left += l * (by_left.from + by_left.step * place);
            *right += r * (by_right.from + by_right.step * place);
        }
    }

    /// Multiplies in place, sample by sample.
    pub fn scale(signal: &mut [f32], gains: &[f32]) {
        for (sample, gain) in signal.iter_mut().zip(gains) {
            *sample *= gain;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_where_the_next_begins_and_a_steady_one_is_the_same_either_way() {
        let signal = [1.0; BLOCK];
        let (mut left, mut right) = ([0.0; BLOCK], [0.0; BLOCK]);
        let lines = [Line::new(0.25, 0.75), Line::new(0.3, 0.3)];
        for part in [0..37, 37..128] {
            let out = [&mut left[part.clone()], &mut right[part.clone()]];
            add(out, [&signal[part.clone()], &signal[part.clone()]], lines, part.start);
        }
        assert_eq!(left[127], 0.75);
        assert!((left[63] - 0.5).abs() < 1e-6 && (0..128).all(|i| left[i] == lines[0].at(i)));
        let mut steady = [[0.0; BLOCK]; 2];
        let [a, b] = &mut steady;
        add([a, b], [&signal, &signal], [lines[1]; 2], 0);
        assert!(right == steady[0] && steady[0] == steady[1]);
        assert!(Line::new(0.0, 0.0).is_silent() && !Line::new(0.0, 0.1).is_silent());
    }
}
