//! What holds for every processor: no click on any change, the same bits however the signal is cut.
//! And the measurements against theory that need a processor as a whole.

use super::measure::noise;
use super::*;
use crate::effects::{DistortionCurve, Oversampling};
use crate::units::{Amount, Decibels, Hertz, Seconds, Semitones};

mod audible;
mod colour;
mod compressor;
mod convolved;
mod dynamic_eq;
mod dynamics;
mod echo;
mod equaliser;
mod extremes;
mod gate;
mod modulation;
mod multiband;
mod pitch;
mod room;
mod spectra;
mod truepeak;

pub(super) const RATES: [u32; 3] = [44_100, 48_000, 96_000];

pub(super) fn db(value: f32) -> Decibels {
    Decibels::new(value).unwrap()
}

pub(super) fn hz(value: f32) -> Hertz {
    Hertz::new(value).unwrap()
}

pub(super) fn s(value: f32) -> Seconds {
    Seconds::new(value).unwrap()
}

pub(super) fn part(value: f32) -> Amount {
    Amount::new(value).unwrap()
}

/// Runs `left` and `right` through, in blocks of the lengths of `cuts`, over and over.
pub(super) fn run_cut<P: Processor>(
    processor: &mut P,
    left: &[f32],
    right: &[f32],
    cuts: &[usize],
) -> (Vec<f32>, Vec<f32>) {
    let (mut l, mut r) = (left.to_vec(), right.to_vec());
    let (mut at, mut cuts) = (0, cuts.iter().cycle());
    while at < l.len() {
        let end = (at + cuts.next().unwrap()).min(l.len());
        processor.process(&mut StereoMut { left: &mut l[at..end], right: &mut r[at..end] }, None);
        at = end;
    }
    (l, r)
}

/// Runs a mono signal on both sides in full blocks, measuring `key` instead; the left output.
pub(super) fn run_keyed<P: Processor>(processor: &mut P, signal: &[f32], key: &[f32]) -> Vec<f32> {
    let (mut l, mut r) = (signal.to_vec(), signal.to_vec());
    for ((left, right), key) in l.chunks_mut(BLOCK).zip(r.chunks_mut(BLOCK)).zip(key.chunks(BLOCK)) {
        processor.process(&mut StereoMut { left, right }, Some(Stereo { left: key, right: key }));
    }
    l
}

/// Runs a mono signal on both sides in full blocks; the left output.
pub(super) fn run<P: Processor>(processor: &mut P, signal: &[f32]) -> Vec<f32> {
    run_cut(processor, signal, signal, &[BLOCK]).0
}

pub(super) fn band(shape: EqShape, freq: f32, gain: f32, q: f32) -> EqBand {
    EqBand { shape, freq: hz(freq), gain: db(gain), q, ..Default::default() }
}

/// Equaliser settings with these bands from the first slot on.
pub(super) fn bands(list: &[EqBand]) -> EqParams {
    let mut params = EqParams::default();
    for (slot, band) in params.bands.iter_mut().zip(list) {
        *slot = Some(*band);
    }
    params
}

#[track_caller]
fn check_cuts<P: Processor>(params: &P::Params) {
    let (left, right) = (noise(1, 0.9, 20_000), noise(2, 0.5, 20_000));
    let whole = run_cut(&mut P::new(params, 48_000), &left, &right, &[128]);
    for cuts in [&[1][..], &[64], &[37, 128, 5, 99, 1, 64]] {
        let mut processor = P::new(params, 48_000);
        assert!(whole == run_cut(&mut processor, &left, &right, cuts), "cut as {cuts:?}");
        // And the same again after a reset.
        processor.reset();
        assert!(whole == run_cut(&mut processor, &left, &right, cuts), "after reset, {cuts:?}");
    }
}

/// The same for what glides between settings, one each 4992 frames.
#[track_caller]
fn check_gliding_cuts<P: Processor>(settings: &[P::Params]) {
    let (left, right) = (noise(1, 0.9, 4992 * 8), noise(2, 0.5, 4992 * 8));
    let through = |cuts: &[usize]| {
        let mut processor = P::new(&settings[0], 48_000);
        let parts = left.chunks(4992).zip(right.chunks(4992)).enumerate();
        let parts = parts.map(|(i, (l, r))| {
            processor.set(&settings[i % settings.len()]);
            run_cut(&mut processor, l, r, cuts)
        });
        parts.collect::<Vec<_>>()
    };
    let whole = through(&[128]);
    for cuts in [&[1][..], &[64], &[37, 128, 5, 99, 1, 64]] {
        assert!(whole == through(cuts), "cut as {cuts:?}");
    }
}

#[test]
fn the_cut_into_blocks_changes_no_bit_of_a_glide() {
    let base = CompressorParams { threshold: db(-20.0), ..Default::default() };
    check_gliding_cuts::<Compressor>(&[
        base,
        CompressorParams { detector: LevelKind::Rms, ..base },
        CompressorParams { detector: LevelKind::Rms, link: part(0.2), key_low: hz(300.0), ..base },
        CompressorParams { threshold: db(-30.0), release: s(0.01), ..base },
        CompressorParams { link: part(0.0), auto_makeup: true, ..base },
    ]);
    let base = GateParams { threshold: db(-6.0), hold: s(0.001), release: s(0.01), ..Default::default() };
    check_gliding_cuts::<Gate>(&[
        base,
        GateParams { threshold: db(-1.0), ratio: 2.0, ..base },
        GateParams { key_low: hz(800.0), hysteresis: db(1.0), ..base },
    ]);
    let base = LimiterParams::default();
    check_gliding_cuts::<Limiter>(&[
        base,
        LimiterParams { ceiling: db(-12.0), ..base },
        LimiterParams { ceiling: db(0.0), release: s(0.001), ..base },
    ]);
    let base = MultibandParams::default();
    check_gliding_cuts::<Multiband>(&[
        base,
        MultibandParams { low_freq: hz(1000.0), mix: part(0.3), ..base },
        MultibandParams { high_freq: hz(9000.0), mid_threshold: db(-50.0), high_release: s(0.01), ..base },
    ]);
}

#[test]
fn every_level_of_vectors_gives_the_same_bits() {
    #[track_caller]
    fn check<P: Processor>(params: &P::Params) {
        use simd::{Level, limit};
        let (left, right) = (noise(1, 0.9, 5000), noise(2, 0.5, 5000));
        let [a, b, c] = Level::ALL.map(|level| {
            limit(level);
            run_cut(&mut P::new(params, 48_000), &left, &right, &[128])
        });
        limit(Level::Avx512);
        assert!(a == b && a == c);
    }
    check::<Compressor>(&CompressorParams { link: part(0.5), ..Default::default() });
    check::<Gate>(&GateParams { threshold: db(-1.0), ..Default::default() });
    check::<Limiter>(&LimiterParams { ceiling: db(-6.0), ..Default::default() });
    check::<Multiband>(&MultibandParams::default());
}

#[test]
fn the_cut_into_blocks_changes_no_bit() {
    check_cuts::<Gain>(&GainParams { gain: db(-3.0) });
    check_cuts::<Eq>(&bands(&[
        band(EqShape::HighPass, 40.0, 0.0, 0.7),
        band(EqShape::LowShelf, 200.0, 6.0, 0.7),
        band(EqShape::Peak, 1000.0, -9.0, 3.0),
        band(EqShape::Peak, 3000.0, 5.0, 1.0),
        band(EqShape::HighShelf, 8000.0, -6.0, 0.7),
        EqBand { slope: EqSlope::Db48, ..band(EqShape::LowPass, 9000.0, 0.0, 0.7) },
        band(EqShape::Notch, 50.0, 0.0, 10.0),
    ]));
    check_cuts::<Compressor>(&CompressorParams { mix: part(0.8), ..Default::default() });
    check_cuts::<Compressor>(&CompressorParams {
        detector: LevelKind::Rms,
        link: part(0.3),
        lookahead: s(0.003),
        key_low: hz(150.0),
        key_high: hz(6000.0),
        ..Default::default()
    });
    let gate = GateParams { threshold: db(-1.0), hold: s(0.001), release: s(0.002), ..Default::default() };
    check_cuts::<Gate>(&GateParams { hysteresis: db(0.5), ..gate });
    check_cuts::<Gate>(&GateParams { ratio: 2.0, lookahead: s(0.002), key_low: hz(500.0), ..gate });
    check_cuts::<Limiter>(&LimiterParams { ceiling: db(-6.0), ..Default::default() });
    // Loud enough at times, so that the shortcut is taken and left.
    check_cuts::<Limiter>(&LimiterParams { ceiling: db(0.0), release: s(0.001), ..Default::default() });
    check_cuts::<Limiter>(&LimiterParams { true_peak: false, ceiling: db(-3.0), ..Default::default() });
    check_cuts::<Multiband>(&MultibandParams { mix: part(0.7), ..Default::default() });
    check_cuts::<Delay>(&DelayParams {
        time: s(0.0213),
        feedback: part(0.7),
        mix: part(0.5),
        ..Default::default()
    });
    check_cuts::<Delay>(&DelayParams {
        time: s(0.0005),
        feedback: part(0.7),
        mix: part(0.5),
        ..Default::default()
    });
    for glide in [DelayGlide::Fade, DelayGlide::Tape] {
        let base =
            DelayParams { time: s(0.01), spread: s(0.003), feedback: part(0.8), glide, ..Default::default() };
        let filtered = DelayParams { low_cut: hz(300.0), high_cut: hz(2000.0), ping_pong: part(0.7), ..base };
        check_cuts::<Delay>(&filtered);
        check_gliding_cuts::<Delay>(&[
            base,
            DelayParams { time: s(0.002), ..filtered },
            DelayParams { time: s(0.3), low_cut: hz(80.0), ..filtered },
            DelayParams { beats: 0.1, glide: DelayGlide::Fade, ..base },
        ]);
    }
    check_cuts::<Reverb>(&ReverbParams { mix: part(0.5), ..Default::default() });
    for (curve, oversampling) in DistortionCurve::ALL.iter().zip(Oversampling::ALL.iter().cycle()) {
        let (mix, tone) = (part(0.7), hz(3000.0));
        let base = DistortionParams::default();
        check_cuts::<Distortion>(&DistortionParams {
            curve: *curve,
            oversampling: *oversampling,
            mix,
            tone,
            ..base
        });
    }
    check_cuts::<DcBlock>(&DcBlockParams::default());
    check_cuts::<Crusher>(&CrusherParams { bits: 6.3, rate: hz(9876.0), mix: part(0.7) });
    check_cuts::<Tremolo>(&TremoloParams { rate: 7.0, phase: 77.0, ..Default::default() });
    let width = WidthParams { width: 1.4, mid: db(-3.0), bass_mono: hz(120.0), ..Default::default() };
    check_cuts::<Width>(&width);
    check_cuts::<Chorus>(&ChorusParams { rate: 3.0, voices: 4.0, ..Default::default() });
    check_cuts::<Flanger>(&FlangerParams { rate: 3.0, ..Default::default() });
    check_cuts::<Flanger>(&FlangerParams {
        rate: 3.0,
        depth: part(1.0),
        delay: s(0.0005),
        ..Default::default()
    });
    for pitch in [-7.0, 0.0, 12.3] {
        let pitch = Semitones::new(pitch).unwrap();
        check_cuts::<PitchShift>(&PitchShiftParams { pitch, mix: part(0.7), ..Default::default() });
    }
    check_cuts::<Phaser>(&PhaserParams { rate: 3.0, stages: 6.0, ..Default::default() });
    let reverb = ReverbParams { mix: part(0.5), low_ratio: 1.5, width: part(0.8), ..Default::default() };
    check_cuts::<Reverb>(&reverb);
    check_gliding_cuts::<Reverb>(&[
        reverb,
        ReverbParams { size: 0.4, predelay: s(0.1), early: part(1.0), ..reverb },
        ReverbParams { freeze: true, modulation: part(1.0), diffusion: part(0.2), ..reverb },
        ReverbParams { size: 2.0, rt60: s(0.2), early: part(0.0), modulation: part(0.0), ..reverb },
    ]);
}
