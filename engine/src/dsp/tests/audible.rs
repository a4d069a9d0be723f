//! Changes of parameters must not click.

use super::*;
use crate::dsp::measure::{find_clicks, sine};

/// Sweeps through `settings`, one every 120 ms, over low and middle tones, and looks for clicks.
#[track_caller]
fn check_clicks<P: Processor>(settings: &[P::Params]) {
    for rate in RATES {
        for freq in [110.0, 997.0] {
            let mut tone = sine(freq, 0.25, rate, rate as usize * 6 / 5);
            // The tone itself begins gently, or its echoes would click by themselves.
            for (i, x) in tone.iter_mut().enumerate() {
                *x *= (i as f32 / (0.02 * rate as f32)).min(1.0);
            }
            let mut processor = P::new(&settings[0], rate);
            let mut out = Vec::new();
            let every = rate as usize * 120 / 1000;
            for (i, part) in tone.chunks(every).enumerate() {
                processor.set(&settings[i % settings.len()]);
                out.extend(run(&mut processor, part));
            }
            let clicks = find_clicks(&out, rate);
            assert!(clicks.is_empty(), "{rate} Hz, tone of {freq} Hz: {clicks:?}");
        }
    }
}

#[test]
fn gain_does_not_click() {
    check_clicks::<Gain>(&[0.0, -120.0, 12.0].map(|gain| GainParams { gain: db(gain) }));
}

#[test]
fn eq_does_not_click() {
    use EqShape::*;
    check_clicks::<Eq>(&[
        bands(&[band(Peak, 100.0, 0.0, 1.0)]),
        bands(&[band(Peak, 1000.0, 18.0, 4.0), band(HighPass, 300.0, 0.0, 0.7)]),
        bands(&[band(LowPass, 200.0, 0.0, 0.7)]),
        bands(&[band(LowPass, 18_000.0, 0.0, 0.7)]),
        EqParams::default(),
        bands(&[band(LowShelf, 500.0, 15.0, 0.7), band(HighShelf, 500.0, -24.0, 0.7)]),
        bands(&[band(HighPass, 20.0, 0.0, 0.7), band(LowPass, 4000.0, 0.0, 2.0)]),
    ]);
}

#[test]
fn steep_passes_do_not_click_over_their_whole_range() {
    use EqShape::*;
    use EqSlope::*;
    let pass = |shape, freq, q, slope| bands(&[EqBand { slope, ..band(shape, freq, 0.0, q) }]);
    check_clicks::<Eq>(&[
        pass(LowPass, 20_000.0, 0.7, Db48),
        pass(LowPass, 10.0, 0.7, Db48),
        pass(LowPass, 20_000.0, 0.7, Db36),
        pass(LowPass, 300.0, 3.0, Db24),
        pass(LowPass, 2000.0, 0.7, Db6),
        pass(LowPass, 200.0, 0.7, Db48),
        EqParams::default(),
        pass(LowPass, 400.0, 0.7, Db48),
    ]);
    check_clicks::<Eq>(&[
        pass(HighPass, 10.0, 0.7, Db48),
        pass(HighPass, 20_000.0, 0.7, Db48),
        pass(HighPass, 20.0, 0.7, Db18),
        pass(HighPass, 500.0, 4.0, Db48),
        pass(HighPass, 500.0, 4.0, Db6),
        EqParams::default(),
        pass(HighPass, 2000.0, 0.7, Db36),
        pass(LowPass, 2000.0, 0.7, Db36),
    ]);
    check_clicks::<Eq>(&[
        bands(&[band(Notch, 110.0, 0.0, 1.0), band(BandPass, 997.0, 0.0, 2.0)]),
        bands(&[band(Notch, 997.0, 0.0, 8.0), band(BandPass, 110.0, 0.0, 0.5)]),
        bands(&[band(AllPass, 110.0, 0.0, 0.5), band(AllPass, 997.0, 0.0, 4.0)]),
        bands(&[band(AllPass, 5000.0, 0.0, 0.5), band(Notch, 300.0, 0.0, 4.0)]),
        EqParams::default(),
        bands(&[band(BandPass, 110.0, 0.0, 4.0)]),
    ]);
}

#[test]
fn compressor_does_not_click() {
    let base = CompressorParams::default();
    check_clicks::<Compressor>(&[
        base,
        CompressorParams { threshold: db(-60.0), ratio: 100.0, ..base },
        CompressorParams { threshold: db(0.0), makeup: db(12.0), ..base },
        CompressorParams { threshold: db(-30.0), mix: part(0.0), ..base },
        CompressorParams { knee: db(24.0), attack: s(0.05), release: s(0.5), ..base },
        CompressorParams { threshold: db(-40.0), detector: LevelKind::Rms, ..base },
        CompressorParams { threshold: db(-40.0), auto_makeup: true, ..base },
        CompressorParams { threshold: db(-40.0), link: part(0.0), key_low: hz(2000.0), ..base },
        CompressorParams { threshold: db(-40.0), link: part(0.5), key_high: hz(80.0), ..base },
        CompressorParams { threshold: db(-40.0), link: part(1.0), detector: LevelKind::Rms, ..base },
    ]);
}

#[test]
fn gate_does_not_click() {
    let base = GateParams { attack: s(0.005), ..Default::default() };
    check_clicks::<Gate>(&[
        base,
        GateParams { threshold: db(0.0), hold: s(0.0), release: s(0.02), ..base },
        GateParams { threshold: db(-80.0), ..base },
        GateParams { threshold: db(-6.0), ratio: 1.5, hold: s(0.0), release: s(0.02), ..base },
        GateParams { threshold: db(-6.0), ratio: 1.5, range: 6.0, ..base },
        GateParams { threshold: db(-6.0), ratio: 3.0, range: 100.0, hysteresis: db(24.0), ..base },
        GateParams { threshold: db(-30.0), key_low: hz(5000.0), release: s(0.02), ..base },
        GateParams { threshold: db(-30.0), key_high: hz(30.0), ..base },
    ]);
}

#[test]
fn multiband_does_not_click() {
    let base = MultibandParams::default();
    check_clicks::<Multiband>(&[
        base,
        MultibandParams { low_freq: hz(2000.0), high_freq: hz(60.0), ..base },
        MultibandParams { low_freq: hz(20.0), high_freq: hz(20_000.0), ..base },
        MultibandParams { low_freq: hz(20_000.0), high_freq: hz(20.0), mix: part(0.0), ..base },
        MultibandParams { mid_gain: db(24.0), low_gain: db(-24.0), ..base },
        MultibandParams { low_threshold: db(-80.0), mid_threshold: db(-80.0), mid_ratio: 100.0, ..base },
        MultibandParams { knee: db(24.0), low_ratio: 100.0, low_attack: s(0.1), low_release: s(0.5), ..base },
    ]);
}

#[test]
fn limiter_does_not_click() {
    let base = LimiterParams::default();
    check_clicks::<Limiter>(&[
        base,
        LimiterParams { ceiling: db(-30.0), ..base },
        LimiterParams { ceiling: db(-3.0), release: s(0.3), ..base },
        LimiterParams { ceiling: db(-20.0), ..base },
    ]);
}

#[test]
fn delay_does_not_click() {
    let base = DelayParams { time: s(0.03), feedback: part(0.5), mix: part(0.5), ..Default::default() };
    check_clicks::<Delay>(&[
        base,
        DelayParams { time: s(0.1003), ..base },
        DelayParams { feedback: part(0.9), mix: part(1.0), ..base },
        DelayParams { time: s(0.0), feedback: part(0.0), mix: part(0.0), ..base },
    ]);
    for glide in [DelayGlide::Fade, DelayGlide::Tape] {
        let base = DelayParams { glide, ..base };
        check_clicks::<Delay>(&[
            base,
            DelayParams { time: s(0.8), spread: s(0.1), ..base },
            DelayParams { ping_pong: part(1.0), low_cut: hz(5000.0), mix: part(1.0), ..base },
            DelayParams { time: s(0.001), high_cut: hz(100.0), feedback: part(0.98), ..base },
            DelayParams { beats: 0.25, low_cut: hz(300.0), high_cut: hz(3000.0), ..base },
        ]);
    }
}

#[test]
fn reverb_does_not_click() {
    let base = ReverbParams { mix: part(0.5), ..Default::default() };
    check_clicks::<Reverb>(&[
        base,
        ReverbParams { rt60: s(20.0), damping: part(0.0), ..base },
        ReverbParams { rt60: s(0.1), damping: part(1.0), ..base },
        ReverbParams { predelay: s(0.2), mix: part(1.0), ..base },
        ReverbParams { mix: part(0.0), ..base },
    ]);
    check_clicks::<Reverb>(&[
        base,
        ReverbParams { size: 0.25, early: part(1.0), ..base },
        ReverbParams { size: 2.0, diffusion: part(0.0), width: part(0.0), ..base },
        ReverbParams {
            low_ratio: 2.0,
            low_freq: hz(1000.0),
            modulation: part(1.0),
            modulation_rate: 5.0,
            ..base
        },
        ReverbParams { freeze: true, low_ratio: 0.1, low_freq: hz(50.0), modulation: part(1.0), ..base },
        ReverbParams { early: part(0.0), modulation: part(0.0), size: 0.5, ..base },
    ]);
}

#[test]
fn distortion_does_not_click() {
    let base = DistortionParams { drive: db(0.0), ..Default::default() };
    check_clicks::<Distortion>(&[
        base,
        DistortionParams { curve: DistortionCurve::Tape, output: db(-30.0), tone: hz(500.0), ..base },
        DistortionParams { curve: DistortionCurve::Tube, drive: db(12.0), ..base },
        DistortionParams { curve: DistortionCurve::Tape, mix: part(0.0), ..base },
        DistortionParams { curve: DistortionCurve::Fold, drive: db(6.0), ..base },
    ]);
}

#[test]
fn dc_block_does_not_click() {
    check_clicks::<DcBlock>(&[5.0, 40.0, 1.0].map(|freq| DcBlockParams { freq: hz(freq) }));
}

#[test]
fn crusher_does_not_click() {
    // Coarse bits and held samples are steps by their nature; here only what changes is to be heard.
    let base = CrusherParams { bits: 16.0, ..Default::default() };
    check_clicks::<Crusher>(&[
        base,
        CrusherParams { bits: 24.0, ..base },
        CrusherParams { bits: 14.0, mix: part(0.0), ..base },
    ]);
}

#[test]
fn tremolo_does_not_click() {
    let base = TremoloParams { depth: part(1.0), ..Default::default() };
    check_clicks::<Tremolo>(&[
        base,
        TremoloParams { shape: TremoloShape::Square, rate: 20.0, ..base },
        TremoloParams { depth: part(0.0), ..base },
        TremoloParams { shape: TremoloShape::Triangle, phase: 360.0, rate: 30.0, ..base },
    ]);
}

#[test]
fn width_does_not_click() {
    let base = WidthParams::default();
    check_clicks::<Width>(&[
        base,
        WidthParams { width: 0.0, mid: db(-120.0), ..base },
        WidthParams { side: db(12.0), bass_mono: hz(500.0), ..base },
        WidthParams { balance: 1.0, ..base },
        WidthParams { balance: -1.0, mid: db(12.0), ..base },
    ]);
}

#[test]
fn chorus_does_not_click() {
    let base = ChorusParams::default();
    check_clicks::<Chorus>(&[
        base,
        ChorusParams { voices: 4.0, delay: s(0.05), ..base },
        ChorusParams { depth: s(0.01), rate: 3.0, mix: part(1.0), ..base },
        ChorusParams { voices: 1.0, delay: s(0.001), depth: s(0.0), ..base },
        ChorusParams { phase: 360.0, ..base },
    ]);
}

#[test]
fn flanger_does_not_click() {
    let base = FlangerParams::default();
    check_clicks::<Flanger>(&[
        base,
        FlangerParams { delay: s(0.01), depth: part(1.0), feedback: 0.9, ..base },
        FlangerParams { feedback: -0.9, rate: 3.0, ..base },
        FlangerParams { delay: s(0.0005), phase: 360.0, ..base },
        FlangerParams { mix: part(0.0), ..base },
    ]);
}

#[test]
fn phaser_does_not_click() {
    let base = PhaserParams::default();
    check_clicks::<Phaser>(&[
        base,
        PhaserParams { stages: 12.0, feedback: 0.9, ..base },
        PhaserParams { stages: 2.0, low: hz(20.0), high: hz(20_000.0), rate: 5.0, ..base },
        PhaserParams { stages: 8.0, feedback: -0.9, phase: 360.0, ..base },
        PhaserParams { mix: part(0.0), ..base },
    ]);
}

#[test]
fn pitch_shift_does_not_click() {
    let at = |pitch, mix| PitchShiftParams {
        pitch: Semitones::new(pitch).unwrap(),
        mix: part(mix),
        ..Default::default()
    };
    check_clicks::<PitchShift>(&[at(0.0, 1.0), at(7.0, 1.0), at(-12.0, 1.0), at(-12.0, 0.0), at(3.0, 0.5)]);
}
