//! The convolution with an impulse response: a recorded room, a loudspeaker, a telephone.
//!
//! Lives here: [`Convolution`]. May be named here: `units`, `line`, `tap`, `fft`, [`Ramp`]. Runs on the audio thread.
//!
//! Source: W. G. Gardner, "Efficient Convolution without Input-Output Delay", JAES 43 (3), 1995. The first
//! `SMALL` frames of the response are summed directly, so nothing comes late. The rest is cut into parts that grow:
//! products of spectra of 128 frames, then of 1024, then of 8192. The small ones are done when a block is full;
//! the others are spread in equal steps over their block, so that no block costs much more than another.
//!
//! Blocks are counted from the start, not as they come in, and a sum has one order: the cut into blocks changes
//! no bit.

mod direct;
mod level;
mod response;

use self::direct::{Direct, History};
use self::level::Level;
use self::response::Response;
use super::line::Line;
use super::math::flush;
use super::simd::dispatched;
use super::tap::Tap;
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::ConvolutionParams;
use crate::units::Seconds;

/// Frames that are convolved directly, and the smallest block.
const SMALL: usize = 128;
/// The blocks of the levels, and where in the response each begins.
const LEVELS: [(usize, usize); 3] = [(SMALL, SMALL), (1024, 2048), (8192, 16_384)];
/// The longest pre-delay, in seconds.
const MAX_PREDELAY_SECONDS: f32 = 0.5;

impl ConvolutionParams {
    fn predelay_frames(&self, sample_rate: u32) -> usize {
        Seconds::clamped(self.predelay.get().min(MAX_PREDELAY_SECONDS)).frames(sample_rate) as usize
    }
}

/// A convolution without latency. Without an impulse response it is silent.
///
/// A response of one channel is heard on both sides, one of two each on its own; of four ("true stereo") they are
/// left to left, left to right, right to left, right to right. It is cut after 30 seconds.
#[derive(Debug)]
pub struct Convolution {
    params: ConvolutionParams,
    sample_rate: u32,
    glide: u32,
    line: Line,
    taps: [Tap; 2],
    direct: Direct,
    levels: Vec<Level>,
    frames: usize,
    history: Box<History>,
    /// Frames of the small block that are there.
    at: usize,
    /// What the levels give for it.
    late: Box<[[f32; SMALL]; 2]>,
    gain: Ramp,
    mix: Ramp,
}

impl Processor for Convolution {
    type Params = ConvolutionParams;

    fn new(params: &ConvolutionParams, sample_rate: u32) -> Self {
        let glide = glide_frames(sample_rate);
        let longest = Seconds::clamped(MAX_PREDELAY_SECONDS).frames(sample_rate) as usize;
        let predelay = params.predelay_frames(sample_rate);
        Self {
            params: *params,
            sample_rate,
            glide,
            line: Line::new(longest + BLOCK),
            taps: [0, 1].map(|side| Tap::new(side, predelay, glide, sample_rate)),
            direct: Direct::default(),
            levels: Vec::new(),
            frames: 0,
            history: Box::new([[0.0; 2 * SMALL]; 2]),
            at: 0,
            late: Box::new([[0.0; SMALL]; 2]),
            gain: Ramp::new(params.gain.amplitude()),
            mix: Ramp::new(params.mix.get()),
        }
    }

    fn load(&mut self, impulse: &[&[f32]]) {
        let response = Response::new(impulse, self.params.decay.get(), self.sample_rate);
        self.frames = response.frames();
        self.direct = Direct::new(&response);
        let ends = LEVELS.iter().skip(1).map(|(_, start)| *start).chain([usize::MAX]);
        self.levels = LEVELS
            .iter()
            .zip(ends)
            .filter(|((_, start), _)| *start < self.frames)
            .map(|((block, start), end)| {
                Level::new(&response, *block, *start..end.min(self.frames), *block == SMALL)
            })
            .collect();
        self.reset();
    }

    fn set(&mut self, params: &ConvolutionParams) {
        self.params = *params;
        let predelay = params.predelay_frames(self.sample_rate);
        self.taps.iter_mut().for_each(|tap| tap.set(predelay));
        self.gain.set(params.gain.amplitude(), self.glide);
        self.mix.set(params.mix.get(), self.glide);
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let total = block.len();
        let (mut left, mut right) = (&mut block.left[..total], &mut block.right[..total]);
        while !left.is_empty() {
            self.taps.iter_mut().for_each(|tap| _ = tap.begin(false));
            let room = (SMALL - self.at).min(left.len());
            let n = self.taps.iter().fold(room, |room, tap| room.min(tap.room()));
            let (now_l, rest_l) = left.split_at_mut(n);
            let (now_r, rest_r) = right.split_at_mut(n);
            (left, right) = (rest_l, rest_r);
            self.process_part(now_l, now_r);
        }
    }

    fn reset(&mut self) {
        self.line.clear();
        self.taps.iter_mut().for_each(Tap::jump);
        self.levels.iter_mut().for_each(Level::reset);
        *self.history = [[0.0; 2 * SMALL]; 2];
        *self.late = [[0.0; SMALL]; 2];
        self.at = 0;
        self.gain.jump(self.gain.target());
        self.mix.jump(self.mix.target());
    }

    fn tail(&self) -> usize {
        self.params.predelay_frames(self.sample_rate) + self.frames
    }
}

impl Convolution {
    /// Frames of one small block, in place.
    fn process_part(&mut self, left: &mut [f32], right: &mut [f32]) {
        let n = left.len().min(right.len()).min(SMALL - self.at);
        let part = SMALL + self.at..SMALL + self.at + n;
        self.line.write([left, right]);
        for (tap, history) in self.taps.iter_mut().zip(self.history.iter_mut()) {
            tap.read(&self.line, n, &mut history[part.clone()]);
            history[part.clone()].iter_mut().for_each(|x| *x = flush(*x));
        }
        let mut wet = [[0.0; SMALL]; 2];
        for (wet, late) in wet.iter_mut().zip(self.late.iter()) {
            wet[..n].copy_from_slice(&late[self.at..self.at + n]);
        }
        let [wet_l, wet_r] = wet.each_mut().map(|side| &mut side[..n]);
        self.direct.process(&self.history, self.at, [&mut *wet_l, &mut *wet_r]);
        let (mut gain, mut mix) = ([0.0; SMALL], [0.0; SMALL]);
        self.gain.fill(&mut gain[..n]);
        self.mix.fill(&mut mix[..n]);
        blend(left, wet_l, &gain[..n], &mix[..n]);
        blend(right, wet_r, &gain[..n], &mix[..n]);
        self.at += n;
        if self.at == SMALL {
            self.end_block();
        }
    }

    /// A small block is full: on to the next.
    fn end_block(&mut self) {
        self.at = 0;
        *self.late = [[0.0; SMALL]; 2];
        for level in &mut self.levels {
            let [left, right] = &*self.history;
            level.input([&left[SMALL..], &right[SMALL..]]);
            for (side, late) in self.late.iter_mut().enumerate() {
                for (late, x) in late.iter_mut().zip(level.output(side)) {
                    *late += x;
                }
            }
        }
        for side in self.history.iter_mut() {
            side.copy_within(SMALL.., 0);
        }
    }
}

dispatched! {
    fn blend(dry: &mut [f32], wet: &[f32], gain: &[f32], mix: &[f32]) {
        for ((dry, wet), (gain, mix)) in dry.iter_mut().zip(wet).zip(gain.iter().zip(mix)) {
            *dry += mix * (gain * wet - *dry);
        }
    }
}
