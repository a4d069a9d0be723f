//! Which reverb zones a listener hears, and how much of each.
//!
//! A zone's weight is 1 inside its shape and falls evenly to 0 over its fade distance outside. Zones of a
//! higher priority take their weight first; what they leave over goes to the next lower. Zones of the same
//! priority share in proportion to their weights. So the result never depends on the order of anything and
//! never sums to more than 1; and as long as no more than [`MAX_ZONES`] are in reach it never jumps as the listener
//! walks.

use glam::{Quat, Vec3};

/// The most zones heard at once; of more, the heaviest, and among equals the earlier in the list.
pub const MAX_ZONES: usize = 4;

/// A zone's form around its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// A ball.
    Sphere {
        /// Its radius in metres.
        radius: f32,
    },
    /// A box along the axes of its own orientation.
    Box {
        /// From its centre to its faces, in metres.
        half: Vec3,
    },
}

/// A zone in the world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZoneField<Z> {
    /// What the zone stands for.
    pub zone: Z,
    /// Its form.
    pub shape: Shape,
    /// Its centre, in metres.
    pub position: Vec3,
    /// Its orientation.
    pub rotation: Quat,
    /// How far outside its shape it still reaches, in metres.
    pub fade: f32,
    /// Higher ones come first.
    pub priority: i32,
}

impl<Z> ZoneField<Z> {
    /// How far `place` is outside the shape, in metres; zero inside.
    fn outside(&self, place: Vec3) -> f32 {
        let offset = place - self.position;
        match self.shape {
            Shape::Sphere { radius } => (offset.length() - radius).max(0.0),
            Shape::Box { half } => {
                let local = self.rotation.inverse() * offset;
                (local.abs() - half).max(Vec3::ZERO).length()
            }
        }
    }

    /// The zone's own weight at `place`, before others take their share: 1 inside, 0 beyond its fade.
    pub fn weight(&self, place: Vec3) -> f32 {
        let outside = self.outside(place);
        if !place.is_finite() || !self.position.is_finite() || !self.rotation.is_finite() {
            // A place that is no number is nowhere.
            0.0
        } else if outside <= 0.0 {
            1.0
        } else if outside < self.fade {
            1.0 - outside / self.fade
        } else {
            0.0
        }
    }
}

/// The zones heard at `place` with their shares, heaviest first: at most [`MAX_ZONES`], together at most 1.
pub fn blend<Z: Copy>(zones: &[ZoneField<Z>], place: Vec3) -> Vec<(Z, f32)> {
    let mut heard: Vec<(i32, Z, f32)> = zones
        .iter()
        .map(|zone| (zone.priority, zone.zone, zone.weight(place)))
        .filter(|&(_, _, weight)| weight > 0.0)
        .collect();
    heard.sort_by_key(|&(priority, _, _)| std::cmp::Reverse(priority));

    let mut shares = Vec::with_capacity(heard.len());
    let mut left_over = 1.0_f32;
    for layer in heard.chunk_by(|a, b| a.0 == b.0) {
        let sum: f32 = layer.iter().map(|&(_, _, weight)| weight).sum();
        let scale = left_over / sum.max(1.0);
        shares.extend(layer.iter().map(|&(_, zone, weight)| (zone, weight * scale)));
        left_over *= 1.0 - sum.min(1.0);
    }
    shares.retain(|&(_, share)| share > 0.0);
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    shares.truncate(MAX_ZONES);
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ball(zone: char, x: f32, radius: f32, fade: f32, priority: i32) -> ZoneField<char> {
        let position = Vec3::new(x, 0.0, 0.0);
        ZoneField {
            zone,
            shape: Shape::Sphere { radius },
            position,
            rotation: Quat::IDENTITY,
            fade,
            priority,
        }
    }

    fn at(zones: &[ZoneField<char>], x: f32) -> Vec<(char, f32)> {
        blend(zones, Vec3::new(x, 0.0, 0.0))
    }

    #[test]
    fn a_zone_is_whole_inside_and_fades_outside() {
        let cave = [ball('c', 0.0, 10.0, 4.0, 0)];
        assert_eq!(at(&cave, 0.0), [('c', 1.0)]);
        assert_eq!(at(&cave, 10.0), [('c', 1.0)]);
        assert_eq!(at(&cave, 12.0), [('c', 0.5)]);
        assert_eq!(at(&cave, 14.0), []);
    }

    #[test]
    fn a_box_turns_with_its_entity() {
        let hall = ZoneField {
            zone: 'h',
            shape: Shape::Box { half: Vec3::new(1.0, 3.0, 10.0) },
            position: Vec3::ZERO,
            rotation: Quat::from_rotation_y(std::f32::consts::FRAC_PI_2),
            fade: 2.0,
            priority: 0,
        };
        assert_eq!(hall.weight(Vec3::new(9.0, 0.0, 0.0)), 1.0);
        assert!((hall.weight(Vec3::new(0.0, 0.0, 2.0)) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn higher_priority_first_and_equals_share() {
        let room_in_forest = [ball('f', 0.0, 100.0, 1.0, 0), ball('r', 0.0, 5.0, 4.0, 1)];
        assert_eq!(at(&room_in_forest, 0.0), [('r', 1.0)]);
        assert_eq!(at(&room_in_forest, 8.0), [('f', 0.75), ('r', 0.25)]);
        let equals = [ball('a', 0.0, 5.0, 1.0, 0), ball('b', 0.0, 5.0, 1.0, 0)];
        assert_eq!(at(&equals, 0.0), [('a', 0.5), ('b', 0.5)]);
    }

    #[test]
    fn of_five_the_four_heaviest_are_heard() {
        let many: Vec<_> =
            (0..5).map(|i| ball((b'a' + i) as char, 0.0, 1.0, 10.0 + f32::from(i), 0)).collect();
        let heard = at(&many, 6.0);
        assert_eq!(heard.iter().map(|&(zone, _)| zone).collect::<String>(), "edcb");
        assert!(heard.iter().map(|&(_, share)| share).sum::<f32>() <= 1.0);
    }

    #[test]
    fn walking_through_overlapping_zones_never_jumps() {
        let zones = [ball('a', 0.0, 5.0, 5.0, 0), ball('b', 8.0, 5.0, 5.0, 0), ball('c', 4.0, 2.0, 3.0, 1)];
        let share = |x: f32, zone: char| at(&zones, x).iter().find(|s| s.0 == zone).map_or(0.0, |s| s.1);
        for zone in ['a', 'b', 'c'] {
            let steps = (-150..250).map(|i| share(i as f32 * 0.1, zone)).collect::<Vec<_>>();
            assert!(steps.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.06), "zone {zone} jumps");
        }
    }
}
