//! What holds for every processor: no click on any change, the same bits however the signal is cut.
//! And the measurements against theory that need a processor as a whole.

use super::measure::noise;
use super::*;
use crate::units::{Amount, Decibels, Hertz, Seconds};

mod audible;
mod dynamics;
mod spectra;

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

/// Runs a mono signal on both sides in full blocks; the left output.
pub(super) fn run<P: Processor>(processor: &mut P, signal: &[f32]) -> Vec<f32> {
    run_cut(processor, signal, signal, &[BLOCK]).0
}

pub(super) fn band(shape: EqShape, freq: f32, gain: f32, q: f32) -> EqBand {
    EqBand { shape, freq: hz(freq), gain: db(gain), q }
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

#[test]
fn the_cut_into_blocks_changes_no_bit() {
    check_cuts::<Gain>(&GainParams { gain: db(-3.0) });
    check_cuts::<Eq>(&bands(&[
        band(EqShape::HighPass, 40.0, 0.0, 0.7),
        band(EqShape::LowShelf, 200.0, 6.0, 0.7),
        band(EqShape::Peak, 1000.0, -9.0, 3.0),
        band(EqShape::Peak, 3000.0, 5.0, 1.0),
        band(EqShape::HighShelf, 8000.0, -6.0, 0.7),
    ]));
    check_cuts::<Compressor>(&CompressorParams { mix: part(0.8), ..Default::default() });
    check_cuts::<Limiter>(&LimiterParams { ceiling: db(-6.0), ..Default::default() });
    check_cuts::<Delay>(&DelayParams { time: s(0.0213), feedback: part(0.7), mix: part(0.5) });
    check_cuts::<Delay>(&DelayParams { time: s(0.0005), feedback: part(0.7), mix: part(0.5) });
    check_cuts::<Reverb>(&ReverbParams { mix: part(0.5), ..Default::default() });
}
