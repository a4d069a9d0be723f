//! Distance laws: the linear gain of a source at a distance, 1 inside `min`, 0 from `max` on.

/// Where the inverse law begins its way down to silence, as a share of `max`: it alone would never get there.
const EASE_FROM: f32 = 0.9;

/// `min / distance`, as a point source in free air: 6 dB for each doubling. Over the last tenth before `max`
/// it is eased to zero, so that nothing ends in a step.
///
/// ```
/// use tonmeister::space::inverse;
/// assert_eq!(inverse(1.0, 2.0, 100.0), 1.0);
/// assert_eq!(inverse(8.0, 2.0, 100.0), 0.25);
/// assert_eq!(inverse(100.0, 2.0, 100.0), 0.0);
/// ```
pub fn inverse(distance: f32, min: f32, max: f32) -> f32 {
    if distance <= min {
        return 1.0;
    }
    if distance >= max {
        return 0.0;
    }
    let ease = ((max - distance) / (max * (1.0 - EASE_FROM))).clamp(0.0, 1.0);
    min / distance * ease
}

/// Falls evenly in amplitude from 1 at `min` to 0 at `max`.
pub fn linear(distance: f32, min: f32, max: f32) -> f32 {
    ((max - distance) / (max - min)).clamp(0.0, 1.0)
}

/// Falls evenly in decibels from 0 at `min` to -60 at `max`, and is silent from there.
pub fn exponential(distance: f32, min: f32, max: f32) -> f32 {
    if distance >= max {
        return 0.0;
    }
    let way = ((distance - min) / (max - min)).clamp(0.0, 1.0);
    libm::powf(10.0, -3.0 * way)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_law_starts_at_one_ends_at_nothing_and_never_rises() {
        for law in [inverse, linear, exponential] {
            assert_eq!(law(0.0, 2.0, 50.0), 1.0);
            assert_eq!(law(2.0, 2.0, 50.0), 1.0);
            assert_eq!(law(50.0, 2.0, 50.0), 0.0);
            let gains: Vec<f32> = (0..600).map(|i| law(i as f32 * 0.1, 2.0, 50.0)).collect();
            assert!(gains.windows(2).all(|pair| pair[1] <= pair[0]));
        }
    }

    #[test]
    fn exponential_is_a_straight_line_in_decibels() {
        let db = |distance| 20.0 * libm::log10f(exponential(distance, 10.0, 70.0));
        for (distance, want) in [(20.0, -10.0), (40.0, -30.0), (69.0, -59.0)] {
            assert!((db(distance) - want).abs() < 0.01, "{distance} m is {} dB", db(distance));
        }
    }
}
