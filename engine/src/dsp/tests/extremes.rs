//! Every setting in range, at rates from the lowest to the highest, stays sane; and whatever came in, a reset
//! forgets it.

use super::*;
use crate::dsp::measure::noise;
use crate::effects::table::Params;

/// Loud noise through every parameter's lowest and highest value, alone and all together.
#[track_caller]
fn check_extremes<P: Processor>()
where
    P::Params: Params,
{
    let fields = <P::Params as Params>::FIELDS;
    let all = |high: bool| {
        let mut params = P::Params::default();
        (0..fields.len()).for_each(|place| _ = params.set(place, if high { 1e9 } else { -1e9 }));
        params
    };
    let mut settings = vec![all(false), all(true)];
    for place in 0..fields.len() {
        for number in [-1e9, 1e9] {
            let mut params = P::Params::default();
            params.set(place, number);
            settings.push(params);
        }
    }
    let (left, right) = (noise(11, 1.0, 6000), noise(12, 1.0, 6000));
    let garbage: Vec<f32> = left.iter().map(|x| x * 1e6).collect();
    for rate in [8_000, 48_000, 192_000] {
        for (i, params) in settings.iter().enumerate() {
            let mut processor = P::new(params, rate);
            let fresh = run_cut(&mut processor, &left, &right, &[BLOCK]);
            let top = fresh.0.iter().chain(&fresh.1).fold(0.0, |top: f32, x| top.max(x.abs()));
            // Make-up gains reach 60 dB.
            assert!(top.is_finite() && top < 3000.0, "{rate} Hz, setting {i}: {top}");
            let reduction = processor.reduction_db();
            assert!(reduction.is_finite() && reduction >= 0.0, "{rate} Hz, setting {i}: {reduction} dB");
            processor.set(&settings[(i + 1) % settings.len()]);
            run_cut(&mut processor, &garbage, &garbage, &[77]);
            processor.set(params);
            processor.reset();
            let again = run_cut(&mut processor, &left, &right, &[BLOCK]);
            assert!(fresh == again, "{rate} Hz, setting {i}: not as new after a reset");
        }
    }
}

#[test]
fn dynamics_stay_sane_at_every_extreme() {
    check_extremes::<Compressor>();
    check_extremes::<Limiter>();
    check_extremes::<Gate>();
    check_extremes::<Multiband>();
}
