//! The mixer as kira sees it: one sound on the main track that never ends.

use super::{BLOCK, Mixer};
use kira::Frame;
use kira::info::Info;
use kira::sound::{Sound, SoundData};

/// kira may ask for any number of frames; the mixer renders whole blocks of its own grid. What is left of a
/// block waits here.
struct MixerSound {
    mixer: Mixer,
    left: [f32; BLOCK],
    right: [f32; BLOCK],
    used: usize,
}

impl SoundData for Mixer {
    type Error = std::convert::Infallible;
    type Handle = ();

    fn into_sound(self) -> Result<(Box<dyn Sound>, ()), Self::Error> {
        let sound = MixerSound { mixer: self, left: [0.0; BLOCK], right: [0.0; BLOCK], used: BLOCK };
        Ok((Box::new(sound), ()))
    }
}

impl Sound for MixerSound {
    fn process(&mut self, out: &mut [Frame], _dt: f64, info: &Info<'_>) {
        let mut done = 0;
        while done < out.len() {
            if self.used == BLOCK {
                let (left, right) = self.mixer.block(info);
                self.left.copy_from_slice(left);
                self.right.copy_from_slice(right);
                self.used = 0;
            }
            let count = (out.len() - done).min(BLOCK - self.used);
            let from = self.used..self.used + count;
            let source = self.left[from.clone()].iter().zip(&self.right[from]);
            for (frame, (&left, &right)) in out[done..done + count].iter_mut().zip(source) {
                *frame = Frame { left, right };
            }
            done += count;
            self.used += count;
        }
    }

    fn finished(&self) -> bool {
        false
    }
}
