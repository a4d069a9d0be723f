//! Stems of an offline render: what each bus gives to the mix.

use crate::link::TapReader;
use crate::mixer::BLOCK;

/// How many frames a render may be pulled at a time while stems are recorded.
pub(super) const MOST_FRAMES: usize = 4096;

/// What each bus gave to the mix so far, as interleaved stereo.
///
/// A bus whose parent is the master has its share of what enters the master; the master has what plays on it
/// directly. Together these are the mix as it enters the master. A bus deeper down has what it gives to its
/// parent, which is part of the parent's share already.
#[derive(Debug, Clone, PartialEq)]
pub struct Stems {
    /// A bus's name, whether it goes straight to the master (or is the master), and its samples.
    pub buses: Vec<(String, bool, Vec<f32>)>,
    /// The mix as it enters the master bus.
    pub sum: Vec<f32>,
}

pub(super) struct Recorder {
    reader: TapReader,
    names: Vec<(String, bool)>,
    tracks: Vec<Vec<f32>>,
}

impl Recorder {
    pub(super) fn new(reader: TapReader, names: Vec<(String, bool)>) -> Self {
        let tracks = vec![Vec::new(); names.len() + 1];
        Self { reader, names, tracks }
    }

    pub(super) fn collect(&mut self) {
        self.reader.read(BLOCK, &mut self.tracks);
    }

    /// Ends the recording; `samples` is the length of the mix, beyond which a last block may reach.
    pub(super) fn finish(mut self, samples: usize) -> Stems {
        self.collect();
        self.tracks.iter_mut().for_each(|track| track.truncate(samples));
        let sum = self.tracks.pop().unwrap_or_default();
        let buses = self.names.into_iter().zip(self.tracks);
        Stems { buses: buses.map(|((name, direct), track)| (name, direct, track)).collect(), sum }
    }
}
