//! The reverb.
//!
//! Lives here: [`Reverb`]: pre-delay, diffusion, a feedback delay network, mix. May be named here: `units`,
//! `line`, `diffuser`, `fdn`, [`Ramp`]. Runs on the audio thread.

use super::diffuser::Diffuser;
use super::fdn::{CHUNK, Network};
use super::line::{Head, Line};
use super::{Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::ReverbParams;
use crate::units::Seconds;

/// The longest pre-delay, in seconds.
pub const MAX_PREDELAY_SECONDS: f32 = 0.5;

impl ReverbParams {
    fn rt60(&self) -> f32 {
        self.rt60.get().clamp(0.1, 20.0)
    }

    fn rt60_high(&self) -> f32 {
        self.rt60() * (1.0 - 0.9 * self.damping.get())
    }

    fn predelay_frames(&self, sample_rate: u32) -> usize {
        Seconds::clamped(self.predelay.get().min(MAX_PREDELAY_SECONDS)).frames(sample_rate) as usize
    }
}

/// A stereo reverb of sixteen delay lines. Steady noise comes out as loud as it went in, whatever the decay.
#[derive(Debug)]
pub struct Reverb {
    params: ReverbParams,
    sample_rate: u32,
    glide: u32,
    line: Line,
    head: Head,
    diffusers: [Diffuser; 2],
    network: Network,
    feed: Ramp,
    mix: Ramp,
}

impl Processor for Reverb {
    type Params = ReverbParams;

    fn new(params: &ReverbParams, sample_rate: u32) -> Self {
        let glide = glide_frames(sample_rate);
        let longest = Seconds::clamped(MAX_PREDELAY_SECONDS).frames(sample_rate) as usize;
        let rt60 = params.rt60();
        let network = Network::new(rt60, params.rt60_high(), sample_rate);
        let feed = network.input_gain(rt60, sample_rate);
        Self {
            params: *params,
            sample_rate,
            glide,
            line: Line::new(longest + CHUNK),
            head: Head::new(params.predelay_frames(sample_rate), glide),
            diffusers: [0, 1].map(|side| Diffuser::new(side, rt60, CHUNK, sample_rate)),
            network,
            feed: Ramp::new(feed),
            mix: Ramp::new(params.mix.get()),
        }
    }

    fn set(&mut self, params: &ReverbParams) {
        if *params == self.params {
            return;
        }
        self.params = *params;
        let rt60 = params.rt60();
        self.head.set(params.predelay_frames(self.sample_rate));
        self.diffusers.iter_mut().for_each(|diffuser| diffuser.set(rt60, self.glide));
        self.network.set(rt60, params.rt60_high(), self.sample_rate, self.glide);
        self.feed.set(self.network.input_gain(rt60, self.sample_rate), self.glide);
        self.mix.set(params.mix.get(), self.glide);
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let total = block.len();
        let (left, right) = (&mut block.left[..total], &mut block.right[..total]);
        for (left, right) in left.chunks_mut(CHUNK).zip(right.chunks_mut(CHUNK)) {
            let n = left.len();
            let (mut wet_l, mut wet_r) = ([0.0; CHUNK], [0.0; CHUNK]);
            let (mut feed, mut mix) = ([0.0; CHUNK], [0.0; CHUNK]);
            let (wet_l, wet_r) = (&mut wet_l[..n], &mut wet_r[..n]);
            self.line.write([left, right]);
            self.head.begin();
            self.head.read(&self.line, n, wet_l, wet_r);
            let [diffuse_l, diffuse_r] = &mut self.diffusers;
            diffuse_l.process(wet_l);
            diffuse_r.process(wet_r);
            self.feed.fill(&mut feed[..n]);
            self.mix.fill(&mut mix[..n]);
            for ((l, r), feed) in wet_l.iter_mut().zip(wet_r.iter_mut()).zip(&feed) {
                *l *= feed;
                *r *= feed;
            }
            self.network.process(wet_l, wet_r);
            for (dry, wet) in [(left, wet_l), (right, wet_r)] {
                for ((dry, wet), mix) in dry.iter_mut().zip(wet).zip(&mix) {
                    *dry += mix * (*wet - *dry);
                }
            }
        }
    }

    fn reset(&mut self) {
        self.line.clear();
        self.head.jump();
        self.diffusers.iter_mut().for_each(Diffuser::reset);
        self.network.reset();
        self.feed.jump(self.feed.target());
        self.mix.jump(self.mix.target());
    }

    fn tail(&self) -> usize {
        let seconds = self.params.rt60() * (100.0 / 60.0) + 0.1;
        let frames = Seconds::clamped(seconds).frames(self.sample_rate) as usize;
        frames + self.params.predelay_frames(self.sample_rate)
    }
}
