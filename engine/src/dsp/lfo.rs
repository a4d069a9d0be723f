//! The slow oscillator behind everything that swings.
//!
//! Lives here: [`Lfo`], the tick that it moves by, and [`Follow`], which what is set goes through. May be named here: `math`. Runs on the audio thread.

use super::math::fast_sin_turns;

/// Frames between two values of a swing; what follows it goes in straight lines in between.
pub(crate) const TICK: usize = 16;

/// The frames of a tick, counted from one: how many slopes each is away from the tick's beginning.
pub(crate) const STEPS: [f32; TICK] =
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0];

/// The time constant of a [`Follow`], in seconds: a delay that changes by 50 ms never moves by more than 0.4 frames
/// a frame. What moves faster is heard as a squeak.
const FOLLOW_SECONDS: f64 = 0.05;

/// A number that follows what it is set to, tick by tick, without a bend: two low-passes in a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Follow {
    target: f32,
    first: f64,
    now: f64,
    share: f64,
}

impl Follow {
    pub(crate) fn new(value: f32, sample_rate: u32) -> Self {
        let ticks = FOLLOW_SECONDS * f64::from(sample_rate.max(1)) / TICK as f64;
        let (first, now) = (f64::from(value), f64::from(value));
        Self { target: value, first, now, share: 1.0 - libm::exp(-1.0 / ticks) }
    }

    pub(crate) fn set(&mut self, target: f32) {
        self.target = target;
    }

    pub(crate) fn target(&self) -> f32 {
        self.target
    }

    pub(crate) fn current(&self) -> f64 {
        self.now
    }

    /// Stands at its target at once.
    pub(crate) fn jump(&mut self) {
        (self.first, self.now) = (f64::from(self.target), f64::from(self.target));
    }

    /// Moves on by a tick.
    pub(crate) fn advance(&mut self) {
        let target = f64::from(self.target);
        self.first += self.share * (target - self.first);
        self.now += self.share * (self.first - self.now);
        if (self.now - target).abs() + (self.first - target).abs() < 1e-6 {
            self.jump();
        }
    }
}

/// A phase in whole numbers: 2^64 is one turn, so that it never drifts, and starts at zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lfo {
    phase: u64,
    /// In hertz; another speed is come to without a bend.
    rate: Follow,
    /// How far a tick goes at one hertz.
    scale: f64,
}

impl Lfo {
    pub(crate) fn new(hertz: f32, sample_rate: u32) -> Self {
        let scale = TICK as f64 / f64::from(sample_rate.max(1)) * 18_446_744_073_709_551_616.0;
        Self { phase: 0, rate: Follow::new(hertz.max(0.0), sample_rate), scale }
    }

    /// Goes on at another speed from where it stands.
    pub(crate) fn set(&mut self, hertz: f32) {
        self.rate.set(hertz.max(0.0));
    }

    /// Its speed now.
    pub(crate) fn hertz(&self) -> f32 {
        self.rate.current() as f32
    }

    pub(crate) fn reset(&mut self) {
        self.phase = 0;
        self.rate.jump();
    }

    /// Moves on by a tick.
    pub(crate) fn advance(&mut self) {
        self.rate.advance();
        self.phase = self.phase.wrapping_add((self.rate.current() * self.scale) as u64);
    }

    /// The phase, some part of a turn later, in turns from 0 to 1.
    pub(crate) fn turns(&self, later: f32) -> f32 {
        // 24 bits, which a float holds exactly.
        let turns = (self.phase >> 40) as i32 as f32 / 16_777_216.0 + later;
        turns - turns as i32 as f32
    }

    /// The sine of that phase.
    pub(crate) fn sine(&self, later: f32) -> f32 {
        fast_sin_turns(self.turns(later))
    }
}

/// A triangle at a phase in turns, from 0 up, as a sine goes: -1 to 1.
pub(crate) fn triangle(turns: f32) -> f32 {
    let quarter = turns + 0.25;
    let part = quarter - quarter as i32 as f32;
    1.0 - (4.0 * part - 2.0).abs()
}
