//! The beginning of the response, in the time domain: what makes the convolution come without delay.
//!
//! Lives here: [`Direct`]. May be named here: `simd`. Runs on the audio thread.

use super::SMALL;
use super::response::{Response, Route};
use crate::dsp::simd::dispatched;

/// Frames that are summed at once.
const WIDE: usize = 16;

/// The last frames of a side: the block before, and the one that is filled.
pub(super) type History = [[f32; 2 * SMALL]; 2];

/// The first [`SMALL`] coefficients of every channel.
#[derive(Debug, Default)]
pub(super) struct Direct {
    heads: Vec<Vec<f32>>,
    routes: &'static [Route],
}

impl Direct {
    pub(super) fn new(response: &Response) -> Self {
        let head = |channel: &Vec<f32>| channel.iter().take(SMALL).copied().collect();
        Self { heads: response.channels.iter().map(head).collect(), routes: response.routes }
    }

    /// Adds what the frames from `at` on of the block give.
    pub(super) fn process(&self, history: &History, at: usize, out: [&mut [f32]; 2]) {
        let [left, right] = out;
        for route in self.routes {
            let out = if route.to == 0 { &mut *left } else { &mut *right };
            if let Some(head) = self.heads.get(route.channel) {
                filter(&history[usize::from(route.from != 0)], head, at, out);
            }
        }
    }
}

dispatched! {
    fn filter(history: &[f32; 2 * SMALL], head: &[f32], at: usize, out: &mut [f32]) {
        for (i, out) in out.chunks_mut(WIDE).enumerate() {
            let first = SMALL + at + i * WIDE;
            let mut sums = [0.0; WIDE];
            // Frame by frame the same sums in the same order, however many there are.
            if out.len() == WIDE {
                for (back, c) in head.iter().enumerate() {
                    let frames = history.get(first - back..).and_then(|rest| rest.first_chunk::<WIDE>());
                    if let Some(frames) = frames {
                        for (sum, x) in sums.iter_mut().zip(frames) {
                            *sum += c * x;
                        }
                    }
                }
            } else {
                for (k, sum) in sums.iter_mut().enumerate().take(out.len()) {
                    for (c, x) in head.iter().zip(history[..=first + k].iter().rev()) {
                        *sum += c * x;
                    }
                }
            }
            for (out, sum) in out.iter_mut().zip(&sums) {
                *out += sum;
            }
        }
    }
}
