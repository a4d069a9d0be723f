//! How fast things move, from where they are put update by update.
//!
//! A velocity is the way that was gone over the time that it took, both forgotten with a time constant of 50 ms: so a
//! thing that moves evenly is read exactly, however unevenly updates come, and one that stops comes to rest in some tenths
//! of a second.

use glam::Vec3;

/// The time constant with which the way that was gone is forgotten, in seconds.
const MEMORY_SECONDS: f32 = 0.05;
/// What goes faster than this has not moved but been put elsewhere: it leaves the velocity as it was. In metres a second.
const LEAP: f32 = 500.0;
/// The shortest time over which a leap is judged, in seconds: updates may come close on one another.
const SHORTEST: f32 = 1.0 / 60.0;
/// A way that is as good as none, in metres.
const STILL: f32 = 1e-6;

/// The movement of one thing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Motion {
    last: Option<Vec3>,
    way: Vec3,
    seconds: f32,
}

impl Motion {
    /// It is at `place` now, `seconds` after the last time.
    pub(super) fn advance(&mut self, place: Vec3, seconds: f32) {
        let Some(last) = self.last.replace(place) else { return };
        let step = place - last;
        if step.length() > LEAP * seconds.max(SHORTEST) {
            return;
        }
        let kept = libm::expf(-seconds / MEMORY_SECONDS);
        self.way = self.way * kept + step;
        self.seconds = self.seconds * kept + seconds;
        if self.way.length_squared() < STILL * STILL {
            self.way = Vec3::ZERO;
        }
    }

    /// In metres a second.
    pub(super) fn velocity(&self) -> Vec3 {
        if self.seconds > 0.0 { self.way / self.seconds } else { Vec3::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_movement_is_read_exactly_however_unevenly_it_is_looked_at() {
        let mut motion = Motion::default();
        let mut time = 0.0;
        for n in 0..200 {
            let seconds = [0.0, 0.004, 0.03, 0.011][n % 4];
            time += seconds;
            motion.advance(Vec3::new(6.0, 0.0, 8.0) * time, seconds);
        }
        assert!((motion.velocity().length() - 10.0).abs() < 0.01, "{}", motion.velocity());
    }

    #[test]
    fn what_begins_to_move_is_read_with_the_time_constant_and_what_stops_comes_to_rest() {
        let mut motion = Motion::default();
        (0..100).for_each(|_| motion.advance(Vec3::ZERO, 0.005));
        let mut place = Vec3::ZERO;
        let mut go_on = |motion: &mut Motion, metres: f32| {
            for _ in 0..10 {
                place.x += metres;
                motion.advance(place, 0.005);
            }
            motion.velocity().length()
        };
        // One time constant is ten steps here: 63 per cent of the way.
        assert!((go_on(&mut motion, 0.05) - 6.32).abs() < 0.05);
        (0..5).for_each(|_| _ = go_on(&mut motion, 0.05));
        assert!((go_on(&mut motion, 0.0) - 3.68).abs() < 0.05);
        (0..20).for_each(|_| _ = go_on(&mut motion, 0.0));
        assert_eq!(motion.velocity(), Vec3::ZERO);
    }

    #[test]
    fn what_is_put_elsewhere_has_not_moved() {
        let mut motion = Motion::default();
        (0..50).for_each(|n| motion.advance(Vec3::X * 0.1 * n as f32, 0.01));
        (0..50).for_each(|n| motion.advance(Vec3::X * (500.0 + 0.1 * n as f32), 0.01));
        assert!((motion.velocity().length() - 10.0).abs() < 0.01, "{}", motion.velocity());
    }
}
