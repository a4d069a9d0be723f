//! What may be written in a `*.scene.ron`: every group, field, default, unit and range.

use super::path::{Key, Look, Place};
use crate::bank::decode::{Field, Keyed, Read, Reader, Rule, Text, fields};
use crate::bank::schema::Initial;
use crate::bank::syntax::Node;
use crate::space::Shape;
use glam::Vec3;

const TIME: Rule = Rule::range(0.0, 3600.0, "s");
const ANY: Rule = Rule::free();
const NEEDED: Rule = Rule::free().required();

fields! {
    /// A file: `Scene(project: "…", duration: …, …)`.
    Scene {
        /// The project's folder, relative to the scene's file.
        project: Text = Text::default(), NEEDED;
        /// How long the scene lasts.
        duration: f32 = 1.0, Rule::range(0.01, 3600.0, "s").required();
        /// The seed of everything drawn at random.
        seed: u32 = 0, ANY;
        /// How long before its end the scene begins to fade out.
        fade_out: f32 = 0.0, TIME;
        /// Who hears.
        listener: Walker = Walker::default(), ANY;
        /// The emitters by name.
        emitters: Keyed<Body> = Keyed::default(), ANY;
        /// The reverb zones by name.
        zones: Keyed<Zone> = Keyed::default(), ANY;
        /// The events that are posted.
        post: Vec<Post> = Vec::new(), ANY;
        /// The parameters that are set.
        set: Vec<SetParameter> = Vec::new(), ANY;
        /// The snapshots that come in and go.
        snapshots: Vec<SetSnapshot> = Vec::new(), ANY;
        /// What happens when, for whoever looks on.
        marks: Vec<Mark> = Vec::new(), ANY;
    }

    /// Someone on the way.
    Walker {
        /// The place, for one who stands still.
        at: Place = Place(Vec3::ZERO), ANY;
        /// The way: a list of `(time, (x, y, z))`, straight in between.
        path: Vec<Key> = Vec::new(), ANY;
        /// Where to look: `Ahead` along the way, or `At((x, y, z))`.
        look: Look = Look::Ahead, ANY;
    }

    /// A place from which events sound.
    Body {
        /// The event that plays all the time.
        event: Option<Text> = None, ANY;
        /// The place, for one that stands still.
        at: Place = Place(Vec3::ZERO), ANY;
        /// The way: a list of `(time, (x, y, z))`, straight in between.
        path: Vec<Key> = Vec::new(), ANY;
        /// The place seen from the listener, for one that goes with it.
        follow: Option<Place> = None, ANY;
        /// Gain of all that plays there.
        gain: f32 = 0.0, Rule::range(-120.0, 24.0, "dB");
    }

    /// A reverb zone.
    Zone {
        /// The reverb preset in the bank.
        reverb: Text = Text::default(), NEEDED;
        /// The form: `Sphere(radius)` or `Box((half x, half y, half z))`.
        shape: Form = Form(Shape::Sphere { radius: 1.0 }), NEEDED;
        /// The centre.
        at: Place = Place(Vec3::ZERO), ANY;
        /// How far outside its shape it reaches.
        fade: f32 = 2.0, Rule::range(0.0, 1000.0, "m");
        /// Higher ones take their share first.
        priority: u32 = 0, Rule::range(0.0, 1000.0, "");
    }

    /// An event that is posted once, or again and again.
    Post verified by verify_post {
        /// The event.
        event: Text = Text::default(), NEEDED;
        /// When, or when first.
        at: f32 = 0.0, TIME;
        /// The time from one to the next.
        every: Option<f32> = None, Rule::range(0.005, 3600.0, "s");
        /// The time from which it is not posted again.
        until: Option<f32> = None, TIME;
        /// The emitter on which it is posted.
        on: Option<Text> = None, ANY;
    }

    /// A parameter that is set.
    SetParameter {
        /// The parameter.
        parameter: Text = Text::default(), NEEDED;
        /// The number or label that it is set to.
        to: Initial = Initial::Number(0.0, 0..0), Rule::range(-1e6, 1e6, "").required();
        /// When.
        at: f32 = 0.0, TIME;
        /// The emitter for which it is set; without one it is for everything.
        on: Option<Text> = None, ANY;
    }

    /// A snapshot that comes in, or goes.
    SetSnapshot {
        /// The snapshot.
        snapshot: Text = Text::default(), NEEDED;
        /// How much of it; 0 lets it go.
        to: f32 = 1.0, Rule::range(0.0, 1.0, "");
        /// When.
        at: f32 = 0.0, TIME;
    }

    /// Something worth noticing.
    Mark {
        /// When.
        at: f32 = 0.0, TIME.required();
        /// What.
        text: Text = Text::default(), NEEDED;
    }
}

/// A zone's form as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Form(pub Shape);

impl Read for Form {
    fn read(reader: &mut Reader<'_>, node: &Node, field: &Field) -> Option<Self> {
        let half_or_radius = match node.slots() {
            [only] if only.key.is_none() => Some(&only.value),
            _ => None,
        };
        match (node.name(), half_or_radius) {
            (Some("Sphere"), Some(radius)) => {
                let radius =
                    f32::read(reader, radius, &Field { rule: Rule::range(0.0, 1e5, "m"), ..*field })?;
                Some(Self(Shape::Sphere { radius }))
            }
            (Some("Box"), Some(half)) => {
                Some(Self(Shape::Box { half: Place::read(reader, half, field)?.0.abs() }))
            }
            _ => {
                reader.wrong_type(node, field, "`Sphere(radius)` or `Box((half x, half y, half z))`");
                None
            }
        }
    }
}

fn verify_post(post: &Post, reader: &mut Reader<'_>, node: &Node) {
    if post.until.is_some() && post.every.is_none() {
        let help = Some("add `every`, or leave `until` out".to_owned());
        reader.error("missing-field", node.head(), "`until` has a meaning only with `every`", help);
    }
}
