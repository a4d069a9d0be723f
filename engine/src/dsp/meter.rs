//! Level meters.
//!
//! Lives here: [`Meter`]. May be named here: nothing. Runs on the audio thread.

use super::Stereo;

/// What a [`Meter`] has seen since it was last taken; left, then right.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Levels {
    /// The largest absolute sample.
    pub peak: [f32; 2],
    /// The mean of the squared samples; a full-scale sine gives 0.5.
    pub mean_square: [f32; 2],
}

/// Gathers peak and mean square of both channels.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    peak: [f32; 2],
    sum: [f64; 2],
    frames: u64,
}

impl Meter {
    /// A meter that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a block into account; of any length.
    pub fn accumulate(&mut self, block: Stereo<'_>) {
        for (side, samples) in [block.left, block.right].into_iter().enumerate() {
            let (peak, sum) = measure(samples);
            self.peak[side] = self.peak[side].max(peak);
            self.sum[side] += sum;
        }
        self.frames += block.len() as u64;
    }

    /// The levels since the last call; silence if there was no block. Starts anew.
    pub fn take(&mut self) -> Levels {
        let seen = std::mem::take(self);
        let scale = 1.0 / seen.frames.max(1) as f64;
        Levels { peak: seen.peak, mean_square: seen.sum.map(|s| (s * scale) as f32) }
    }
}

/// Peak and sum of squares, over eight lanes so that the loop vectorises.
fn measure(samples: &[f32]) -> (f32, f64) {
    let (mut peaks, mut sums) = ([0.0_f32; 8], [0.0_f32; 8]);
    let mut total = 0.0_f64;
    // Lanes are emptied into the double every 1024 samples, so that long input loses no precision.
    for part in samples.chunks(1024) {
        let (eights, rest) = part.as_chunks::<8>();
        for eight in eights {
            for ((peak, sum), x) in peaks.iter_mut().zip(&mut sums).zip(eight) {
                *peak = if x.abs() > *peak { x.abs() } else { *peak };
                *sum += x * x;
            }
        }
        for ((peak, sum), x) in peaks.iter_mut().zip(&mut sums).zip(rest) {
            *peak = peak.max(x.abs());
            *sum += x * x;
        }
        total += sums.iter().map(|s| f64::from(*s)).sum::<f64>();
        sums = [0.0; 8];
    }
    (peaks.into_iter().fold(0.0, f32::max), total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::measure::sine;

    #[test]
    fn a_sine_reads_its_peak_and_half_its_square() {
        let left = sine(1000.0, 0.5, 48_000, 4800);
        let right = sine(1000.0, 0.25, 48_000, 4800);
        let mut meter = Meter::new();
        for (l, r) in left.chunks(100).zip(right.chunks(100)) {
            meter.accumulate(Stereo { left: l, right: r });
        }
        let levels = meter.take();
        assert!((levels.peak[0] - 0.5).abs() < 1e-6 && (levels.peak[1] - 0.25).abs() < 1e-6);
        assert!((levels.mean_square[0] - 0.125).abs() < 1e-6, "{levels:?}");
        assert!((levels.mean_square[1] - 0.03125).abs() < 1e-6);
        assert_eq!(meter.take(), Levels::default());
    }
}
