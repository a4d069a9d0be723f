//! The mixer as kira sees it: one sound on the main track that never ends.

use super::{BLOCK, Mixer};
use crate::dsp::rate::RateReader;
use kira::Frame;
use kira::info::Info;
use kira::sound::{Sound, SoundData};

/// kira may ask for any number of frames, and a device may change its rate while it plays. The mixer renders whole
/// blocks of its own grid at its own rate; the reader between them gives what is asked for. So a change of the
/// device's rate loses no voice and has no seam; what it costs is the reader's work, from then on.
struct MixerSound {
    mixer: Mixer,
    reader: RateReader,
}

impl SoundData for Mixer {
    type Error = std::convert::Infallible;
    type Handle = ();

    fn into_sound(self) -> Result<(Box<dyn Sound>, ()), Self::Error> {
        Ok((Box::new(MixerSound { mixer: self, reader: RateReader::new() }), ()))
    }
}

impl Sound for MixerSound {
    fn process(&mut self, out: &mut [Frame], dt: f64, info: &Info<'_>) {
        let Self { mixer, reader } = self;
        let step = dt * f64::from(mixer.sample_rate());
        // kira gives one over the rate, which may be a rounding away.
        let step = if (step - 1.0).abs() < 1e-9 { 1.0 } else { step };
        let mut more = |block: &mut [[f32; 2]; BLOCK]| {
            let (left, right) = mixer.block(info);
            for ((frame, left), right) in block.iter_mut().zip(left).zip(right) {
                *frame = [*left, *right];
            }
        };
        let mut done = 0;
        while done < out.len() {
            let rest = &mut out[done..];
            if step == 1.0
                && let Some(frames) = reader.pass(rest.len(), &mut more)
            {
                for (frame, [left, right]) in rest.iter_mut().zip(frames) {
                    *frame = Frame { left: *left, right: *right };
                }
                done += frames.len();
            } else {
                let [left, right] = reader.next(step, &mut more);
                rest[0] = Frame { left, right };
                done += 1;
            }
        }
    }

    fn finished(&self) -> bool {
        false
    }
}
