//! An impulse response and the ways it is heard on.
//!
//! Lives here: [`Response`] and [`Route`]. May be named here: `libm`. Built on the game thread.

/// An impulse response longer than this many seconds is cut.
pub(super) const LONGEST_SECONDS: usize = 30;
/// What is below this part of the response's peak at its end is left away: -110 dB.
const FLOOR: f32 = 3e-6;

/// From which side to which, by which of the channels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Route {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) channel: usize,
}

const fn route(from: usize, to: usize, channel: usize) -> Route {
    Route { from, to, channel }
}

const MONO: [Route; 2] = [route(0, 0, 0), route(1, 1, 0)];
const STEREO: [Route; 2] = [route(0, 0, 0), route(1, 1, 1)];
const TRUE_STEREO: [Route; 4] = [route(0, 0, 0), route(0, 1, 1), route(1, 0, 2), route(1, 1, 3)];

/// The channels of an impulse response, all equally long, and their routes.
#[derive(Debug, Default)]
pub(super) struct Response {
    pub(super) channels: Vec<Vec<f32>>,
    pub(super) routes: &'static [Route],
}

impl Response {
    /// One channel is heard on each side alone; of two, each on its own side; four are left to left, left to right,
    /// right to left and right to right. Of three the third is left away, as are those beyond four. With a
    /// `decay` in seconds a fade is laid over it that falls by 60 dB in that time.
    pub(super) fn new(impulse: &[&[f32]], decay: f32, sample_rate: u32) -> Self {
        let routes: &'static [Route] = match impulse.len() {
            0 => &[],
            1 => &MONO,
            2 | 3 => &STEREO,
            _ => &TRUE_STEREO,
        };
        let used = routes.iter().map(|route| route.channel + 1).max().unwrap_or(0);
        let longest = LONGEST_SECONDS * sample_rate as usize;
        let per_frame = if decay > 0.0 { -3.0 / (f64::from(decay) * f64::from(sample_rate)) } else { 0.0 };
        let mut channels: Vec<Vec<f32>> = impulse[..used]
            .iter()
            .map(|channel| {
                let frames = channel.iter().take(longest).enumerate();
                frames.map(|(i, x)| (f64::from(*x) * libm::exp10(per_frame * i as f64)) as f32).collect()
            })
            .collect();
        let peak = channels.iter().flatten().fold(0.0, |peak, x| f32::max(peak, x.abs()));
        let end = |channel: &Vec<f32>| {
            channel.iter().rposition(|x| x.abs() > peak * FLOOR).map_or(0, |last| last + 1)
        };
        let frames = channels.iter().map(end).max().unwrap_or(0);
        channels.iter_mut().for_each(|channel| channel.resize(frames, 0.0));
        Self { channels, routes }
    }

    /// The length in frames.
    pub(super) fn frames(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }
}
