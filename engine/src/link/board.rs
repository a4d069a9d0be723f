//! The latest readings of the mixer: single atomics, overwritten each block, read whenever someone looks.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// The most buses of a running graph that have readings, those on their way out included.
pub const MAX_BUSES: usize = 1024;
/// The most ducking rules of a running graph that have readings.
pub const MAX_RULES: usize = 256;
/// The most targets of all ducking rules of a running graph that have readings.
pub const MAX_TARGETS: usize = 1024;

/// The most levels of a running graph that have readings, those that modulators follow included.
pub const MAX_LEVELS: usize = 512;

/// The first effects of a chain, which have readings of their own.
pub const MAX_EFFECTS: usize = 16;

#[derive(Default)]
struct BusCell {
    peak: [AtomicU32; 2],
    mean_square: AtomicU32,
    duck_db: AtomicU32,
    reduction_db: AtomicU32,
    clips: AtomicU32,
    voices: AtomicU32,
    cpu: AtomicU32,
    reductions: [AtomicU32; MAX_EFFECTS],
    programme: ProgrammeCell,
}

#[derive(Default)]
struct ProgrammeCell {
    /// True peak; momentary, short-term, their greatest; integrated; range.
    numbers: [AtomicU32; 7],
}

/// One bus's readings, with the ballistics of a meter: a game that looks now and then misses no peak.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BusReading {
    /// The peak of the left and right channel, linear; after a peak it falls by 40 dB a second.
    pub peak: [f32; 2],
    /// The mean of the squared samples over both channels, over about a twentieth of a second.
    pub mean_square: f32,
    /// How far ducking holds the bus down, in dB, not below zero.
    pub duck_db: f32,
    /// The deepest gain reduction of the bus's compressors and limiters, in dB, not below zero.
    pub reduction_db: f32,
    /// How many samples have exceeded full scale since the bus began. Only in what leaves the master do they do
    /// harm.
    pub clips: u32,
    /// How many voices sound on the bus itself.
    pub voices: u32,
}

/// A bus's programme levels since its measurement began: see BS.1770 and EBU R 128.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProgrammeReading {
    /// The highest true peak of either channel, as an amplitude.
    pub true_peak: f32,
    /// The loudness of the last 400 ms, in LUFS; silence is -120.
    pub momentary: f32,
    /// The loudness of the last 3 s, in LUFS.
    pub short_term: f32,
    /// The greatest momentary loudness, in LUFS.
    pub max_momentary: f32,
    /// The greatest short-term loudness, in LUFS.
    pub max_short_term: f32,
    /// The gated loudness of everything, in LUFS; none before there were 400 ms louder than -70 LUFS.
    pub integrated: Option<f32>,
    /// The loudness range, in LU; none before there were 3 s louder than -70 LUFS.
    pub range: Option<f32>,
}

impl Default for ProgrammeReading {
    fn default() -> Self {
        let (momentary, short_term, max_momentary, max_short_term) = (-120.0, -120.0, -120.0, -120.0);
        let (integrated, range) = (None, None);
        Self { true_peak: 0.0, momentary, short_term, max_momentary, max_short_term, integrated, range }
    }
}

impl ProgrammeReading {
    /// The highest true peak in dBTP; silence is -120.
    pub fn true_peak_db(&self) -> f32 {
        decibels(self.true_peak)
    }
}

impl BusReading {
    /// The higher peak of the two channels in dB; silence is -120.
    pub fn peak_db(&self) -> f32 {
        decibels(self.peak[0].max(self.peak[1]))
    }

    /// The RMS of both channels in dB; silence is -120.
    pub fn rms_db(&self) -> f32 {
        decibels(self.mean_square.sqrt())
    }
}

fn decibels(amplitude: f32) -> f32 {
    (20.0 * libm::log10f(amplitude)).max(-120.0)
}

/// Readings shared by both threads.
pub struct Board {
    clock: AtomicU64,
    edition: AtomicU64,
    voices: AtomicU32,
    cpu: [AtomicU32; 2],
    buses: Box<[BusCell]>,
    rules: Box<[AtomicU32]>,
    targets: Box<[AtomicU32]>,
    levels: Box<[AtomicU32]>,
}

fn load(cell: &AtomicU32) -> f32 {
    f32::from_bits(cell.load(Relaxed))
}

fn store(cell: &AtomicU32, value: f32) {
    cell.store(value.to_bits(), Relaxed);
}

impl Board {
    pub(super) fn new() -> Self {
        Self {
            clock: AtomicU64::new(0),
            edition: AtomicU64::new(0),
            voices: AtomicU32::new(0),
            cpu: Default::default(),
            buses: (0..MAX_BUSES).map(|_| BusCell::default()).collect(),
            rules: (0..MAX_RULES).map(|_| AtomicU32::new(0)).collect(),
            targets: (0..MAX_TARGETS).map(|_| AtomicU32::new(0)).collect(),
            levels: (0..MAX_LEVELS).map(|_| AtomicU32::new((-120.0_f32).to_bits())).collect(),
        }
    }

    /// How many frames the mixer has rendered.
    pub fn clock(&self) -> u64 {
        self.clock.load(std::sync::atomic::Ordering::Acquire)
    }

    /// How many graphs have been taken over up to the one whose readings stand here. Whoever sent more has yet to wait,
    /// for places among the readings may be others' by then.
    pub fn edition(&self) -> u64 {
        self.edition.load(std::sync::atomic::Ordering::Acquire)
    }

    /// How many voices sound.
    pub fn voices(&self) -> u32 {
        self.voices.load(Relaxed)
    }

    /// The readings of the bus at that index of the running graph; silence for an index out of range.
    pub fn bus(&self, index: usize) -> BusReading {
        self.buses.get(index).map_or_else(BusReading::default, |cell| BusReading {
            peak: [load(&cell.peak[0]), load(&cell.peak[1])],
            mean_square: load(&cell.mean_square),
            duck_db: load(&cell.duck_db),
            reduction_db: load(&cell.reduction_db),
            clips: cell.clips.load(Relaxed),
            voices: cell.voices.load(Relaxed),
        })
    }

    /// The programme levels of the bus at that index, as they were last measured.
    pub fn programme(&self, index: usize) -> ProgrammeReading {
        self.buses.get(index).map_or_else(ProgrammeReading::default, |cell| {
            let [true_peak, momentary, short_term, max_momentary, max_short_term, integrated, range] =
                std::array::from_fn(|number| load(&cell.programme.numbers[number]));
            let known = |number: f32| (!number.is_nan()).then_some(number);
            let (integrated, range) = (known(integrated), known(range));
            ProgrammeReading {
                true_peak,
                momentary,
                short_term,
                max_momentary,
                max_short_term,
                integrated,
                range,
            }
        })
    }

    /// How far the effect at that place of a bus's running chain turns down, in dB; of the first
    /// [`MAX_EFFECTS`] of a chain.
    pub fn reduction(&self, bus: usize, place: usize) -> f32 {
        self.buses.get(bus).and_then(|cell| cell.reductions.get(place)).map_or(0.0, load)
    }

    /// The share of a core that a bus takes, while costs are measured.
    pub fn bus_cpu(&self, index: usize) -> f32 {
        self.buses.get(index).map_or(0.0, |cell| load(&cell.cpu))
    }

    /// The shares of a core that all voices take, and the whole mixer, while costs are measured.
    pub fn cpu(&self) -> [f32; 2] {
        [load(&self.cpu[0]), load(&self.cpu[1])]
    }

    pub(crate) fn set_programme(&self, index: usize, reading: &ProgrammeReading) {
        let ProgrammeReading { true_peak, momentary, short_term, max_momentary, max_short_term, .. } =
            *reading;
        let unknown = |number: Option<f32>| number.unwrap_or(f32::NAN);
        let (integrated, range) = (unknown(reading.integrated), unknown(reading.range));
        let numbers = [true_peak, momentary, short_term, max_momentary, max_short_term, integrated, range];
        if let Some(cell) = self.buses.get(index) {
            cell.programme.numbers.iter().zip(numbers).for_each(|(cell, number)| store(cell, number));
        }
    }

    pub(crate) fn set_reduction(&self, bus: usize, place: usize, db: f32) {
        if let Some(cell) = self.buses.get(bus).and_then(|cell| cell.reductions.get(place)) {
            store(cell, db);
        }
    }

    pub(crate) fn set_bus_cpu(&self, index: usize, share: f32) {
        if let Some(cell) = self.buses.get(index) {
            store(&cell.cpu, share);
        }
    }

    pub(crate) fn set_cpu(&self, shares: [f32; 2]) {
        self.cpu.iter().zip(shares).for_each(|(cell, share)| store(cell, share));
    }

    /// How far the ducking rule at that index has come: 0 not at all, 1 its full depth.
    pub fn rule(&self, index: usize) -> f32 {
        self.rules.get(index).map_or(0.0, load)
    }

    /// How far a target of a ducking rule steps back, in dB. Targets count through all rules, in their order.
    pub fn target(&self, index: usize) -> f32 {
        self.targets.get(index).map_or(0.0, load)
    }

    /// The level at that index, in dB or LUFS; silence is -120. Of a modulator, what it is.
    pub fn level(&self, index: usize) -> f32 {
        self.levels.get(index).map_or(-120.0, load)
    }

    pub(crate) fn set_level(&self, index: usize, db: f32) {
        if let Some(cell) = self.levels.get(index) {
            store(cell, db);
        }
    }

    pub(crate) fn set_target(&self, index: usize, reduction_db: f32) {
        if let Some(cell) = self.targets.get(index) {
            store(cell, reduction_db);
        }
    }

    pub(crate) fn set_clock(&self, frames: u64) {
        self.clock.store(frames, std::sync::atomic::Ordering::Release);
    }

    pub(crate) fn set_edition(&self, graphs: u64) {
        self.edition.store(graphs, std::sync::atomic::Ordering::Release);
    }

    pub(crate) fn set_voices(&self, count: u32) {
        self.voices.store(count, Relaxed);
    }

    pub(crate) fn set_bus(&self, index: usize, reading: BusReading) {
        if let Some(cell) = self.buses.get(index) {
            store(&cell.peak[0], reading.peak[0]);
            store(&cell.peak[1], reading.peak[1]);
            store(&cell.mean_square, reading.mean_square);
            store(&cell.duck_db, reading.duck_db);
            store(&cell.reduction_db, reading.reduction_db);
            cell.clips.store(reading.clips, Relaxed);
            cell.voices.store(reading.voices, Relaxed);
        }
    }

    pub(crate) fn set_rule(&self, index: usize, amount: f32) {
        if let Some(cell) = self.rules.get(index) {
            store(cell, amount);
        }
    }
}
