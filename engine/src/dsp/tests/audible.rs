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
fn compressor_does_not_click() {
    let base = CompressorParams::default();
    check_clicks::<Compressor>(&[
        base,
        CompressorParams { threshold: db(-60.0), ratio: 100.0, ..base },
        CompressorParams { threshold: db(0.0), makeup: db(12.0), ..base },
        CompressorParams { threshold: db(-30.0), mix: part(0.0), ..base },
        CompressorParams { knee: db(24.0), attack: s(0.05), release: s(0.5), ..base },
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
    let base = DelayParams { time: s(0.03), feedback: part(0.5), mix: part(0.5) };
    check_clicks::<Delay>(&[
        base,
        DelayParams { time: s(0.1003), ..base },
        DelayParams { feedback: part(0.9), mix: part(1.0), ..base },
        DelayParams { time: s(0.0), feedback: part(0.0), mix: part(0.0) },
    ]);
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
}
