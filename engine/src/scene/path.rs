//! Places, ways and looks.

use crate::bank::decode::{Field, Read, Reader, Rule};
use crate::bank::syntax::{Kind, Node};
use crate::space::Pose;
use glam::{Quat, Vec3};

/// How far before and behind a walker looks to find where it goes, in seconds: it turns its head before a corner.
const TURN_SECONDS: f32 = 0.5;

/// A place, written `(x, y, z)` in metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place(pub Vec3);

/// A place at a time, written `(seconds, (x, y, z))`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Key(pub f32, pub Vec3);

/// Where a walker looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Look {
    /// Where it goes.
    Ahead,
    /// At a place.
    At(Vec3),
}

/// The items of `( … )` without names.
fn tuple(node: &Node) -> Option<Vec<&Node>> {
    let bare = matches!(&node.kind, Kind::Group { name: None, .. });
    let nameless = node.slots().iter().all(|slot| slot.key.is_none());
    (bare && nameless).then(|| node.items().collect())
}

fn number(reader: &mut Reader<'_>, node: &Node, field: &Field, rule: Rule) -> Option<f32> {
    f32::read(reader, node, &Field { rule, ..*field })
}

const METRES: Rule = Rule::range(-1e5, 1e5, "m");
const SECONDS: Rule = Rule::range(0.0, 3600.0, "s");

impl Read for Place {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let Some([x, y, z]) = tuple(node).and_then(|items| <[&Node; 3]>::try_from(items).ok()) else {
            reader.wrong_type(node, field, "a place such as `(3, 0, -2)`");
            return None;
        };
        let mut read = |node| number(reader, node, field, METRES);
        let (x, y, z) = (read(x), read(y), read(z));
        Some(Self(Vec3::new(x?, y?, z?)))
    }
}

impl Read for Key {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let Some([time, place]) = tuple(node).and_then(|items| <[&Node; 2]>::try_from(items).ok()) else {
            reader.wrong_type(node, field, "a time and a place such as `(2.5, (3, 0, -2))`");
            return None;
        };
        let time = number(reader, time, field, SECONDS);
        let place = Place::read(reader, place, field);
        Some(Self(time?, place?.0))
    }
}

impl Read for Look {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        match (node.name(), node.slots()) {
            (Some("Ahead"), []) => Some(Self::Ahead),
            (Some("At"), [only]) if only.key.is_none() => {
                Some(Self::At(Place::read(reader, &only.value, field)?.0))
            }
            _ => {
                reader.wrong_type(node, field, "`Ahead` or `At((x, y, z))`");
                None
            }
        }
    }
}

/// Where something is at `time`: on its way if it has one, else at its place. Keys need not be sorted.
pub(super) fn along(keys: &[Key], still: Vec3, time: f32) -> Vec3 {
    let before = keys.iter().filter(|key| key.0 <= time).max_by(|a, b| a.0.total_cmp(&b.0));
    let after = keys.iter().filter(|key| key.0 > time).min_by(|a, b| a.0.total_cmp(&b.0));
    match (before, after) {
        (Some(before), Some(after)) => before.1.lerp(after.1, (time - before.0) / (after.0 - before.0)),
        (Some(only), None) | (None, Some(only)) => only.1,
        (None, None) => still,
    }
}

/// A walker's pose at `time`; `before` is kept where the way says nothing.
pub(super) fn pose(keys: &[Key], still: Vec3, look: Look, time: f32, before: Quat) -> Pose {
    let position = along(keys, still, time);
    let toward = match look {
        Look::At(place) => place - position,
        Look::Ahead => along(keys, still, time + TURN_SECONDS) - along(keys, still, time - TURN_SECONDS),
    };
    let level = Vec3::new(toward.x, 0.0, toward.z);
    let rotation = if level.length() > 0.05 { facing(level) } else { before };
    Pose { position, rotation }
}

/// The turn about the upright axis that looks along `level`.
fn facing(level: Vec3) -> Quat {
    // By libm, not the platform's own functions, so that the same scene gives the same bits everywhere.
    let half = libm::atan2f(-level.x, -level.z) / 2.0;
    Quat::from_xyzw(0.0, libm::sinf(half), 0.0, libm::cosf(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_straight_between_its_keys_and_rests_at_its_ends() {
        let keys = [Key(2.0, Vec3::ZERO), Key(4.0, Vec3::new(10.0, 0.0, 0.0))];
        for (time, x) in [(0.0, 0.0), (2.0, 0.0), (3.0, 5.0), (4.0, 10.0), (9.0, 10.0)] {
            assert_eq!(along(&keys, Vec3::ONE, time).x, x, "at {time} s");
        }
    }

    #[test]
    fn a_walker_looks_where_it_goes() {
        let keys = [Key(0.0, Vec3::ZERO), Key(10.0, Vec3::new(10.0, 0.0, 0.0))];
        let pose = pose(&keys, Vec3::ZERO, Look::Ahead, 5.0, Quat::IDENTITY);
        assert!((pose.rotation * Vec3::NEG_Z - Vec3::X).length() < 1e-5);
    }
}
