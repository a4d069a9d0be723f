//! A bus's programme meter: what mastering engineers read, on request only.

use super::buffer::Buffer;
use crate::dsp::loudness::Loudness;
use crate::dsp::truepeak_meter::TruePeakMeter;
use crate::link::ProgrammeReading;

/// Blocks between two readings of what walks a histogram.
const SELDOM: u32 = 32;

/// Measures loudness and true peak from the moment it is put on a bus.
pub struct ProgrammeMeter {
    loudness: Loudness,
    true_peak: TruePeakMeter,
    reading: ProgrammeReading,
    blocks: u32,
}

impl ProgrammeMeter {
    /// A meter that has heard nothing.
    pub fn new(sample_rate: u32) -> Self {
        Self {
            loudness: Loudness::new(sample_rate),
            true_peak: TruePeakMeter::new(),
            reading: ProgrammeReading::default(),
            blocks: 0,
        }
    }

    /// Takes a block of the bus's output into account.
    pub(super) fn process(&mut self, block: &Buffer) -> ProgrammeReading {
        let block = block.as_ref();
        self.loudness.process(block);
        let [left, right] = self.true_peak.process(block);
        let reading = &mut self.reading;
        reading.true_peak = reading.true_peak.max(left).max(right);
        reading.momentary = self.loudness.momentary();
        reading.short_term = self.loudness.short_term();
        reading.max_momentary = self.loudness.max_momentary();
        reading.max_short_term = self.loudness.max_short_term();
        if self.blocks.is_multiple_of(SELDOM) {
            reading.integrated = self.loudness.integrated();
            reading.range = self.loudness.range();
        }
        self.blocks = self.blocks.wrapping_add(1);
        *reading
    }
}
