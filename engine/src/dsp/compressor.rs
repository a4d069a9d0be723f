//! The compressor.
//!
//! Lives here: [`Compressor`]. May be named here: `units`, [`Ramp`], the parts in `detector`, `curve` and
//! `line`. Runs on the audio thread. What curve and times are after is told in `curve`.
//!
//! As long as the louder channel decides for both, one detector and one gain serve both. Else each channel has
//! its own, and the link brings what the curve asks of each nearer to what it asks of the louder.

use super::curve::{self, Curve, MovingCurve, Shape, Smoother, hold_frames};
use super::detector::{KeyFilter, MeanSquare, PeakHold, amplitudes_to_db, louder, squares_to_db};
use super::line::Lag;
use super::{BLOCK, Processor, Ramp, Stereo, StereoMut, glide_frames};
pub use crate::effects::{CompressorParams, LevelKind};

impl CompressorParams {
    fn curve(&self) -> Curve {
        Curve::new(self.threshold.get(), self.ratio, self.knee.get())
    }

    /// The reduction, in decibels, that a steady level settles at: the static curve. The level is that of the
    /// peaks or the root of the mean square, whichever is measured.
    pub fn static_reduction_db(&self, level_db: f32) -> f32 {
        self.curve().reduction(level_db)
    }

    /// All of the gain after compression, in decibels.
    pub fn makeup_db(&self) -> f32 {
        self.makeup.get() + if self.auto_makeup { self.static_reduction_db(0.0) } else { 0.0 }
    }

    fn rms(&self) -> f32 {
        f32::from(u8::from(self.detector == LevelKind::Rms))
    }
}

/// A compressor with soft knee, side chain and dry mix; its latency is its look-ahead.
///
/// With a key given, the key is measured instead.
#[derive(Debug)]
pub struct Compressor {
    params: CompressorParams,
    sample_rate: u32,
    glide: u32,
    filter: KeyFilter,
    lag: Lag,
    curve: MovingCurve,
    /// How much of the mean square's level is in the level, beside the peaks'.
    rms: Ramp,
    link: Ramp,
    makeup: Ramp,
    mix: Ramp,
    holds: [PeakHold; 2],
    means: [MeanSquare; 2],
    smoothers: [Smoother; 2],
    /// Whether the first hold and smoother serve both channels.
    together: bool,
    reported: f32,
}

impl Compressor {
    /// Allocates nothing.
    fn with(params: &CompressorParams, sample_rate: u32, lag: Lag) -> Self {
        let (attack, release) = (params.attack.get(), params.release.get());
        Self {
            params: *params,
            sample_rate,
            glide: glide_frames(sample_rate),
            filter: KeyFilter::new(params.key_low, params.key_high, sample_rate),
            lag,
            curve: MovingCurve::new(params.curve()),
            rms: Ramp::new(params.rms()),
            link: Ramp::new(params.link.get()),
            makeup: Ramp::new(params.makeup_db()),
            mix: Ramp::new(params.mix.get()),
            holds: [PeakHold::new(hold_frames(release, sample_rate)); 2],
            means: [MeanSquare::new(sample_rate); 2],
            smoothers: [Smoother::new(attack, release, sample_rate); 2],
            together: true,
            reported: 0.0,
        }
    }

    /// Gives the detector that is about to be used what the other knows, as for a sine.
    fn seed(&mut self) {
        for (hold, mean) in self.holds.iter_mut().zip(&mut self.means) {
            if self.rms.target() == 0.0 {
                mean.seed(0.5 * hold.top() * hold.top());
            } else {
                hold.seed(libm::sqrtf(2.0 * mean.mean()));
            }
        }
    }

    /// Whether one gain serves both channels in the coming block.
    fn settle_link(&mut self) -> bool {
        let linked = self.link.is_steady() && self.link.current() == 1.0;
        if self.together && !linked {
            (self.holds[1], self.smoothers[1]) = (self.holds[0], self.smoothers[0]);
        } else if !self.together && linked && self.smoothers[0] == self.smoothers[1] {
            let [first, second] = &mut self.holds;
            first.join(second);
            self.together = true;
        }
        self.together &= linked;
        self.together
    }

    /// Levels in decibels: of the louder channel, then of each, unless one gain serves both.
    fn measure(&mut self, heard: Stereo<'_>, levels: &mut [[f32; BLOCK]; 3]) {
        let n = heard.len().min(BLOCK);
        let lanes = if self.together { 1 } else { 3 };
        let at_rest = self.rms.is_steady();
        if !at_rest || self.rms.current() == 0.0 {
            let [both, left, right] = levels;
            if self.together {
                louder(heard, &mut both[..n]);
                self.holds[0].process(&mut both[..n]);
            } else {
                for ((out, samples), hold) in
                    [&mut *left, &mut *right].into_iter().zip([heard.left, heard.right]).zip(&mut self.holds)
                {
                    out.iter_mut().zip(samples).for_each(|(out, x)| *out = x.abs());
                    hold.process(&mut out[..n]);
                }
                louder(Stereo { left: &left[..n], right: &right[..n] }, both);
            }
            levels[..lanes].iter_mut().for_each(|lane| amplitudes_to_db(&mut lane[..n]));
        }
        if at_rest && self.rms.current() == 0.0 {
            return;
        }
        let mut squares = [[0.0; BLOCK]; 3];
        let [both, left, right] = &mut squares;
        left[..n].copy_from_slice(&heard.left[..n]);
        right[..n].copy_from_slice(&heard.right[..n]);
        self.means[0].process(&mut left[..n]);
        self.means[1].process(&mut right[..n]);
        louder(Stereo { left: &left[..n], right: &right[..n] }, both);
        squares[..lanes].iter_mut().for_each(|lane| squares_to_db(&mut lane[..n]));
        if at_rest {
            *levels = squares;
            return;
        }
        let mut shares = [0.0; BLOCK];
        self.rms.fill(&mut shares[..n]);
        for (lane, squares) in levels.iter_mut().zip(&squares).take(lanes) {
            for ((level, square), share) in lane.iter_mut().zip(squares).zip(&shares[..n]) {
                // At the end exactly the one or the other.
                *level = if *share == 1.0 { *square } else { *level + share * (square - *level) };
            }
        }
    }
}

impl Processor for Compressor {
    type Params = CompressorParams;

    fn new(params: &CompressorParams, sample_rate: u32) -> Self {
        Self::with(params, sample_rate, Lag::new(params.lookahead.frames(sample_rate) as usize))
    }

    fn set(&mut self, params: &CompressorParams) {
        if *params == self.params {
            return;
        }
        if self.rms.is_steady() && self.rms.target() != params.rms() {
            if self.together {
                self.holds[1] = self.holds[0];
            }
            self.seed();
        }
        self.params = *params;
        self.filter.set(params.key_low, params.key_high);
        self.curve.set(params.curve(), self.glide);
        self.rms.set(params.rms(), self.glide);
        self.link.set(params.link.get(), self.glide);
        self.makeup.set(params.makeup_db(), self.glide);
        self.mix.set(params.mix.get(), self.glide);
        let (attack, release) = (params.attack.get(), params.release.get());
        for (hold, smoother) in self.holds.iter_mut().zip(&mut self.smoothers) {
            hold.set_window(hold_frames(release, self.sample_rate));
            smoother.set_times(attack, release, self.sample_rate);
        }
    }

    fn process(&mut self, block: &mut StereoMut<'_>, key: Option<Stereo<'_>>) {
        let n = block.len();
        let mut room = [[0.0; BLOCK]; 2];
        let heard = self.filter.process(key.unwrap_or(block.as_ref()), &mut room);
        let together = self.settle_link();
        let mut levels = [[0.0; BLOCK]; 3];
        self.measure(heard, &mut levels);
        self.lag.process(block);
        let mut shape = Shape::new();
        self.curve.next(n, &mut shape);
        let (mut makeup, mut mix) = ([0.0; BLOCK], [0.0; BLOCK]);
        self.makeup.fill(&mut makeup[..n]);
        self.mix.fill(&mut mix[..n]);
        if together {
            let gains = &mut levels[0][..n];
            curve::reduce(gains, &shape);
            self.reported = self.smoothers[0].process(gains);
            curve::gains(gains, &makeup, &mix);
            return curve::apply(block, gains, gains);
        }
        levels.iter_mut().for_each(|lane| curve::reduce(&mut lane[..n], &shape));
        let mut link = [0.0; BLOCK];
        self.link.fill(&mut link[..n]);
        let [both, left, right] = &mut levels;
        for lane in [&mut *left, &mut *right] {
            for ((own, both), link) in lane.iter_mut().zip(&*both).zip(&link[..n]) {
                // At a link of 1 exactly what is asked for both.
                *own = both - (1.0 - link) * (both - *own);
            }
        }
        self.reported = curve::smooth(&mut self.smoothers, [&mut left[..n], &mut right[..n]]);
        for lane in [&mut *left, &mut *right] {
            curve::gains(&mut lane[..n], &makeup, &mix);
        }
        curve::apply(block, &left[..n], &right[..n]);
    }

    fn reset(&mut self) {
        // Piece by piece: built anew as a whole it would take much of an audio thread's stack.
        self.filter.reset();
        self.lag.clear();
        let params = self.params;
        self.curve = MovingCurve::new(params.curve());
        self.rms.jump(params.rms());
        self.link.jump(params.link.get());
        self.makeup.jump(params.makeup_db());
        self.mix.jump(params.mix.get());
        let (attack, release) = (params.attack.get(), params.release.get());
        self.holds = [PeakHold::new(hold_frames(release, self.sample_rate)); 2];
        self.means = [MeanSquare::new(self.sample_rate); 2];
        self.smoothers = [Smoother::new(attack, release, self.sample_rate); 2];
        (self.together, self.reported) = (true, 0.0);
    }

    fn latency(&self) -> usize {
        self.lag.frames()
    }

    fn tail(&self) -> usize {
        let recovery = self.smoothers.iter().map(Smoother::recovery).max().unwrap_or(0);
        let held = if recovery > 0 { hold_frames(self.params.release.get(), self.sample_rate) } else { 0 };
        self.latency() + held as usize + recovery
    }

    fn reduction_db(&self) -> f32 {
        self.reported
    }
}
