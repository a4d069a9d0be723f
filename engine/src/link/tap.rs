//! Stems on their way out of an offline render: one stereo track per tap, block by block.
//!
//! Offline only: the reader empties the ring after every pull, so it never fills.

use rtrb::{Consumer, Producer, RingBuffer};

/// The audio thread's end.
pub struct TapWriter {
    ring: Producer<f32>,
    tracks: usize,
}

/// The game thread's end.
pub struct TapReader {
    ring: Consumer<f32>,
    tracks: usize,
}

/// Makes both ends for `tracks` stereo tracks; `frames` is how much fits between two reads.
pub fn taps(tracks: usize, frames: usize) -> (TapWriter, TapReader) {
    let (writer, reader) = RingBuffer::new((tracks * frames * 2).max(1));
    (TapWriter { ring: writer, tracks }, TapReader { ring: reader, tracks })
}

impl TapWriter {
    /// How many tracks there are.
    pub fn tracks(&self) -> usize {
        self.tracks
    }

    /// Whether a block of `frames` frames of every track fits.
    pub fn has_room(&self, frames: usize) -> bool {
        self.ring.slots() >= self.tracks * frames * 2
    }

    /// Writes one track's share of a block. Every track is written once per block, in order, with the same
    /// number of frames.
    pub fn write(&mut self, left: &[f32], right: &[f32]) {
        if let Ok(chunk) = self.ring.write_chunk_uninit(left.len() * 2) {
            chunk.fill_from_iter(left.iter().zip(right).flat_map(|(&l, &r)| [l, r]));
        }
    }
}

impl TapReader {
    /// Appends what has arrived, as interleaved stereo, to `tracks[i]` for each tap `i`; `frames` is the
    /// length of the blocks that were written.
    pub fn read(&mut self, frames: usize, tracks: &mut [Vec<f32>]) {
        let block = frames * 2 * self.tracks;
        while block > 0 && self.ring.slots() >= block {
            let Ok(chunk) = self.ring.read_chunk(block) else {
                return;
            };
            for (index, sample) in chunk.into_iter().enumerate() {
                if let Some(track) = tracks.get_mut(index / (frames * 2)) {
                    track.push(sample);
                }
            }
        }
    }
}
