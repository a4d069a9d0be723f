//! What rises, settles and, let go, falls.

use crate::units::Segment;

/// What rises from 0 to 1 in its `attack`, after a `delay`; stays there for its `hold`; falls in its `decay` to its `sustain`
/// and stays there until it is let go; and then falls to 0 in its `release`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Envelope {
    /// How long it waits at 0, in seconds.
    pub delay: f32,
    /// The time from 0 to 1, in seconds.
    pub attack: f32,
    /// How long it stays at 1, in seconds.
    pub hold: f32,
    /// The time from 1 to the sustain, in seconds.
    pub decay: f32,
    /// Where it stays, from 0 to 1.
    pub sustain: f32,
    /// The time to 0 once it is let go, in seconds, from wherever it is.
    pub release: f32,
    /// The course of attack, decay and release.
    pub curve: Segment,
}

/// When an envelope was let go, and what it was then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fall {
    /// When, in seconds of its own time.
    pub since: f64,
    /// From what it falls.
    pub from: f32,
}

impl Envelope {
    /// How long each of its stages takes, in their order: the delay, the attack, the hold, the decay.
    fn stages(&self) -> [f64; 4] {
        [self.delay, self.attack, self.hold, self.decay].map(f64::from)
    }

    /// The stage that it is in after so many seconds, and how far it is in it, from 0 to 1; in the sustain, how many
    /// seconds.
    fn stage(&self, mut seconds: f64) -> (usize, f64) {
        for (stage, length) in self.stages().into_iter().enumerate() {
            if seconds < length {
                return (stage, (seconds / length).max(0.0));
            }
            seconds -= length;
        }
        (4, seconds)
    }

    /// What it is after so many seconds, not let go.
    pub fn rising(&self, seconds: f64) -> f32 {
        match self.stage(seconds) {
            (0, _) => 0.0,
            (1, part) => self.curve.share(part as f32),
            (2, _) => 1.0,
            (3, part) => 1.0 - (1.0 - self.sustain) * self.curve.share(part as f32),
            _ => self.sustain,
        }
    }

    /// What it is at `seconds`, let go before.
    pub fn falling(&self, seconds: f64, fall: Fall) -> f32 {
        let gone = seconds - fall.since;
        if gone < f64::from(self.release) {
            fall.from * (1.0 - self.curve.share((gone.max(0.0) / f64::from(self.release)) as f32))
        } else {
            0.0
        }
    }

    /// The time at which another version of it is as far in the same stage as this one is at `seconds`.
    pub fn same_place(&self, other: &Self, seconds: f64) -> f64 {
        let (stage, part) = self.stage(seconds);
        let stages = other.stages();
        let before: f64 = stages.iter().take(stage).sum();
        before + stages.get(stage).map_or(part, |length| part * length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Envelope = Envelope {
        delay: 0.1,
        attack: 0.2,
        hold: 0.3,
        decay: 0.4,
        sustain: 0.25,
        release: 0.5,
        curve: Segment::Linear,
    };

    #[test]
    fn every_stage_takes_its_time() {
        for (seconds, want) in [
            (0.0, 0.0),
            (0.1, 0.0),
            (0.2, 0.5),
            (0.3, 1.0),
            (0.6, 1.0),
            (0.8, 0.625),
            (1.0, 0.25),
            (99.0, 0.25),
        ] {
            let got = PLAIN.rising(seconds);
            assert!((got - want).abs() < 1e-6, "at {seconds} s: {got}, not {want}");
        }
        for (seconds, want) in [(2.0, 0.25), (2.25, 0.125), (2.5, 0.0), (9.0, 0.0)] {
            let got = PLAIN.falling(seconds, Fall { since: 2.0, from: 0.25 });
            assert!((got - want).abs() < 1e-6, "let go at 2 s, at {seconds} s: {got}, not {want}");
        }
        let half = PLAIN.falling(0.45, Fall { since: 0.2, from: 0.5 });
        assert!((half - 0.25).abs() < 1e-6, "let go in the attack it falls from there: {half}");
    }

    #[test]
    fn the_curve_bends_attack_decay_and_release() {
        let bent = Envelope { curve: Segment::Logarithmic, ..PLAIN };
        assert!((bent.rising(0.2) - 0.8).abs() < 1e-6);
        assert!((bent.rising(0.8) - (1.0 - 0.75 * 0.8)).abs() < 1e-6);
        assert!((bent.falling(0.25, Fall { since: 0.0, from: 1.0 }) - 0.2).abs() < 1e-6);
    }

    #[test]
    fn no_time_is_at_once() {
        let quick = Envelope { delay: 0.0, attack: 0.0, hold: 0.0, decay: 0.0, release: 0.0, ..PLAIN };
        assert_eq!(quick.rising(0.0), 0.25);
        assert_eq!(quick.falling(1.0, Fall { since: 1.0, from: 0.25 }), 0.0);
    }

    #[test]
    fn another_version_goes_on_in_the_same_stage() {
        let other = Envelope { delay: 1.0, attack: 2.0, hold: 0.0, decay: 1.0, ..PLAIN };
        for seconds in [0.05, 0.15, 0.25, 0.7, 0.95, 1.5] {
            let there = PLAIN.same_place(&other, seconds);
            let (was, is) = (PLAIN.rising(seconds), other.rising(there));
            assert!((was - is).abs() < 1e-5, "at {seconds} s it was {was}, and is {is}");
        }
        assert!((PLAIN.same_place(&other, 1.5) - 4.5).abs() < 1e-6, "the sustain goes on");
    }
}
