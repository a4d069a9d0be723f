//! The reverb.
//!
//! Lives here: [`Reverb`]: pre-delay, early reflections, diffusion, a feedback delay network, width, mix. May be
//! named here: `units`, `line`, `tap`, `early`, `diffuser`, `fdn`, [`Ramp`]. Runs on the audio thread.

use super::diffuser::Diffuser;
use super::early::Early;
use super::fdn::{CHUNK, DEEPEST_SECONDS, Decay, LARGEST, MEAN_SECONDS, Motion, Network, Shape};
use super::line::Line;
use super::simd::dispatched;
use super::tap::Tap;
use super::{Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::ReverbParams;
use crate::units::Seconds;

/// The longest pre-delay, in seconds.
pub const MAX_PREDELAY_SECONDS: f32 = 0.5;

impl ReverbParams {
    /// The reverberation time at a frequency in hertz. What a measurement reads for an octave is the sum of its
    /// frequencies, each dying in its time.
    ///
    /// In the middle it is `rt60`; below `low_freq` it goes to `low_ratio` times that, at the top of the spectrum
    /// to `1 - 0.9 damping` times that, by shelves of the first order in a line's decibels per second: halfway
    /// at `low_freq`, and above around 7 kHz.
    pub fn rt60_at(&self, hertz: f32) -> f32 {
        let decay = Decay { frozen: false, ..self.decay() };
        decay.rt60_at(hertz, MEAN_SECONDS * f64::from(self.size()))
    }

    fn rt60(&self) -> f32 {
        self.rt60.get().clamp(0.1, 20.0)
    }

    fn size(&self) -> f32 {
        self.size.clamp(0.25, LARGEST)
    }

    fn decay(&self) -> Decay {
        let rt60 = self.rt60();
        Decay {
            low: rt60 * self.low_ratio.clamp(0.1, 2.0),
            low_hertz: self.low_freq.get(),
            middle: rt60,
            high: rt60 * (1.0 - 0.9 * self.damping.get()),
            frozen: self.freeze,
        }
    }

    fn shape(&self) -> Shape {
        // What is frozen must not lose its top by being read between the frames.
        let depth = if self.freeze { 0.0 } else { self.modulation.get() * DEEPEST_SECONDS };
        let motion = Motion { size: self.size(), depth, rate: self.modulation_rate.clamp(0.0, 5.0) };
        Shape { decay: self.decay(), motion }
    }

    fn predelay_frames(&self, sample_rate: u32) -> usize {
        Seconds::clamped(self.predelay.get().min(MAX_PREDELAY_SECONDS)).frames(sample_rate) as usize
    }

    fn feed(&self, network: &Network) -> f32 {
        if self.freeze { 0.0 } else { network.input_gain() }
    }
}

/// A stereo reverb of sixteen delay lines. Steady noise comes out as loud as it went in, whatever the decay.
#[derive(Debug)]
pub struct Reverb {
    params: ReverbParams,
    sample_rate: u32,
    glide: u32,
    line: Line,
    taps: [Tap; 2],
    early: Early,
    diffusers: [Diffuser; 2],
    network: Network,
    feed: Ramp,
    width: Ramp,
    mix: Ramp,
    /// The reverb and a ramp, while a chunk is worked on.
    wet: [[f32; CHUNK]; 2],
    ramp: [f32; CHUNK],
}

impl Processor for Reverb {
    type Params = ReverbParams;

    fn new(params: &ReverbParams, sample_rate: u32) -> Self {
        let glide = glide_frames(sample_rate);
        let longest = Seconds::clamped(MAX_PREDELAY_SECONDS).frames(sample_rate) as usize;
        let (rt60, diffusion) = (params.rt60(), params.diffusion.get());
        let network = Network::new(&params.shape(), glide, sample_rate);
        let predelay = params.predelay_frames(sample_rate);
        Self {
            params: *params,
            sample_rate,
            glide,
            line: Line::new(longest + CHUNK),
            taps: [0, 1].map(|side| Tap::new(side, predelay, glide, sample_rate)),
            early: Early::new(params.early.get(), params.size(), LARGEST, glide, sample_rate),
            diffusers: [0, 1].map(|side| Diffuser::new(side, rt60, diffusion, CHUNK, sample_rate)),
            feed: Ramp::new(params.feed(&network)),
            network,
            width: Ramp::new(params.width.get()),
            mix: Ramp::new(params.mix.get()),
            wet: [[0.0; CHUNK]; 2],
            ramp: [0.0; CHUNK],
        }
    }

    fn set(&mut self, params: &ReverbParams) {
        if *params == self.params {
            return;
        }
        self.params = *params;
        let predelay = params.predelay_frames(self.sample_rate);
        self.taps.iter_mut().for_each(|tap| tap.set(predelay));
        self.early.set(params.early.get(), params.size());
        let (rt60, diffusion) = (params.rt60(), params.diffusion.get());
        self.diffusers.iter_mut().for_each(|diffuser| diffuser.set(rt60, diffusion, self.glide));
        self.network.set(&params.shape());
        self.feed.set(params.feed(&self.network), self.glide);
        self.width.set(params.width.get(), self.glide);
        self.mix.set(params.mix.get(), self.glide);
    }

    fn process(&mut self, block: &mut StereoMut<'_>, _key: Option<Stereo<'_>>) {
        let total = block.len();
        let (mut left, mut right) = (&mut block.left[..total], &mut block.right[..total]);
        while !left.is_empty() {
            self.taps.iter_mut().for_each(|tap| _ = tap.begin(false));
            let room = self.network.room().min(self.early.room());
            let n = self.taps.iter().fold(room, |room, tap| room.min(tap.room())).min(left.len());
            let (now_l, rest_l) = left.split_at_mut(n);
            let (now_r, rest_r) = right.split_at_mut(n);
            (left, right) = (rest_l, rest_r);
            self.process_chunk(now_l, now_r);
        }
    }

    fn reset(&mut self) {
        self.line.clear();
        self.taps.iter_mut().for_each(Tap::jump);
        self.early.reset();
        self.diffusers.iter_mut().for_each(Diffuser::reset);
        self.network.reset();
        self.feed.jump(self.params.feed(&self.network));
        self.width.jump(self.width.target());
        self.mix.jump(self.mix.target());
    }

    /// Without end while it is frozen.
    fn tail(&self) -> usize {
        if self.params.freeze {
            return usize::MAX;
        }
        let longest = self.params.rt60() * self.params.low_ratio.clamp(1.0, 2.0);
        let seconds = longest * (100.0 / 60.0) + 0.1 * self.params.size().max(1.0);
        let frames = Seconds::clamped(seconds).frames(self.sample_rate) as usize;
        frames + self.params.predelay_frames(self.sample_rate)
    }
}

impl Reverb {
    /// At most a chunk of the network, in place.
    fn process_chunk(&mut self, left: &mut [f32], right: &mut [f32]) {
        let n = left.len().min(right.len()).min(CHUNK);
        let [wet_l, wet_r] = self.wet.each_mut().map(|side| &mut side[..n]);
        let ramp = &mut self.ramp[..n];
        if self.network.begin() {
            self.feed.set(self.params.feed(&self.network), 3 * self.glide);
        }
        self.line.write([left, right]);
        for (tap, wet) in self.taps.iter_mut().zip([&mut *wet_l, &mut *wet_r]) {
            tap.read(&self.line, n, wet);
        }
        self.early.write([&*wet_l, &*wet_r]);
        let [diffuse_l, diffuse_r] = &mut self.diffusers;
        diffuse_l.process(wet_l);
        diffuse_r.process(wet_r);
        self.feed.fill(ramp);
        scale(wet_l, wet_r, ramp);
        self.network.process(wet_l, wet_r);
        self.early.add_to([&mut *wet_l, &mut *wet_r]);
        if !self.width.is_steady() || self.width.current() != 1.0 {
            self.width.fill(ramp);
            narrow(wet_l, wet_r, ramp);
        }
        self.mix.fill(ramp);
        blend(left, wet_l, ramp);
        blend(right, wet_r, ramp);
    }
}

dispatched! {
    fn scale(left: &mut [f32], right: &mut [f32], by: &[f32]) {
        for ((l, r), by) in left.iter_mut().zip(right).zip(by) {
            *l *= by;
            *r *= by;
        }
    }

    fn narrow(left: &mut [f32], right: &mut [f32], width: &[f32]) {
        for ((l, r), width) in left.iter_mut().zip(right).zip(width) {
            let (middle, side) = (0.5 * (*l + *r), 0.5 * width * (*l - *r));
            *l = middle + side;
            *r = middle - side;
        }
    }

    fn blend(dry: &mut [f32], wet: &[f32], mix: &[f32]) {
        for ((dry, wet), mix) in dry.iter_mut().zip(wet).zip(mix) {
            *dry += mix * (*wet - *dry);
        }
    }
}
