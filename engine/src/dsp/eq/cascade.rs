//! The loops that run filters one after another, several at a time.
//!
//! Lives here: [`run`]. May be named here: the stages of `lanes`. Runs on the audio thread.
//!
//! A recursive filter waits for its own last sample, and the next filter for its output. So the filters of a
//! group work on different frames at the same moment: while the first is at frame `t`, the second is at `t - 1`
//! and so on, as in a systolic array (H. T. Kung, "Why Systolic Architectures?", IEEE Computer 15, 1982). Each
//! takes what the one before it gave in the step before, so all of them, both channels, move as a few vectors.
//! The first and last frames of a block, where not all have work, are run filter by filter. What is computed
//! for a frame does not depend on that: the bits are those of one filter after another.

use super::lanes::{Group, Lanes, Pair, Stage, step};
use crate::dsp::simd::dispatched;
use crate::dsp::svf::Coefficients;

/// Runs a group over `frames`.
pub(super) fn run(group: Group<'_>, frames: &mut [Pair]) {
    match group {
        [Some(a), None, ..] => a.run(frames),
        [Some(a), Some(b), None, _] => run_together::<1, 2>([a, b], frames),
        [Some(a), Some(b), Some(c), None] => {
            run_together::<2, 4>([a, b, c, &mut Stage::new(Coefficients::OPEN)], frames);
        }
        [Some(a), Some(b), Some(c), Some(d)] => run_together::<2, 4>([a, b, c, d], frames),
        _ => {}
    }
}

/// Runs `N` filters, twice as many as `V`.
fn run_together<const V: usize, const N: usize>(mut stages: [&mut Stage; N], frames: &mut [Pair]) {
    let count = frames.len();
    if count < N {
        stages.into_iter().for_each(|stage| stage.run(frames));
        return;
    }
    let mut lanes = Lanes::<V>::new();
    let moving = stages.iter().any(|stage| stage.moves());
    // What the filters have to do before the last of them has its first frame.
    for (i, stage) in stages.iter_mut().enumerate() {
        stage.run(&mut frames[..N - 1 - i]);
        lanes.put(i, stage);
    }
    if moving {
        run_moving(&mut lanes, frames);
    } else {
        run_still(&mut lanes, frames);
    }
    // And what they have to do after the first had its last.
    for (i, stage) in stages.iter_mut().enumerate() {
        lanes.take(i, stage);
        stage.run(&mut frames[count - i..]);
    }
}

dispatched! {
    fn run_still<const V: usize>(lanes: &mut Lanes<V>, frames: &mut [Pair]) {
        skewed::<V, false>(lanes, frames);
    }

    fn run_moving<const V: usize>(lanes: &mut Lanes<V>, frames: &mut [Pair]) {
        skewed::<V, true>(lanes, frames);
    }
}

/// All frames for which every filter has work. Frames are found, and left, where each filter has its next.
#[inline(always)]
fn skewed<const V: usize, const MOVING: bool>(lanes: &mut Lanes<V>, frames: &mut [Pair]) {
    let (count, skew) = (frames.len(), 2 * V - 1);
    let (mut now, slope, mut state) = (lanes.now, lanes.slope, lanes.state);
    let mut inputs = [[0.0; 4]; V];
    for i in 1..=skew {
        inputs[i % V][2 * (i / V)..][..2].copy_from_slice(&frames[skew - i]);
    }
    for t in skew..count {
        [inputs[0][0], inputs[0][1]] = frames[t];
        let mut outputs = inputs;
        for v in 0..V {
            outputs[v] = step::<4, MOVING>(&mut now[v], &slope[v], &mut state[v], inputs[v]);
        }
        let [a, b, c, d] = outputs[V - 1];
        frames[t - skew] = [c, d];
        [inputs[0][2], inputs[0][3]] = [a, b];
        inputs[1..].copy_from_slice(&outputs[..V - 1]);
    }
    for i in 1..=skew {
        frames[count - i].copy_from_slice(&inputs[i % V][2 * (i / V)..][..2]);
    }
    (lanes.now, lanes.state) = (now, state);
}
