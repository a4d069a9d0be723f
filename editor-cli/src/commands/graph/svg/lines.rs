//! The lines between boxes, their tips, and labels where they cover nothing.

use super::super::layout::{Rect, depths};
use super::super::model::{Edge, Model, Way};
use super::{LETTER, cut, escaped, letters, style};

/// The estimated size of a label's letters beside those of a box.
const SMALL: f32 = 10.0 / 12.0;
/// The length of a tip.
const TIP: f32 = 8.0;
/// How far apart bows between the same two boxes are at their outermost, roughly.
const APART: f32 = 16.0;
/// Where along a line its label may stand, the best place first.
const STOPS: [f32; 9] = [0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78, 0.15, 0.85];

/// A line from one box to another: a cubic Bézier curve.
pub struct Line {
    way: Way,
    points: [(f32, f32); 4],
    label: String,
    /// Where the label stands.
    place: Rect,
}

/// A side of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// Lays all lines.
pub fn draw(model: &Model, boxes: &[Rect]) -> Vec<Line> {
    let depths = depths(model);
    // Sound goes to the right; what leads back leaves to the left.
    let sides: Vec<_> = model
        .edges
        .iter()
        .map(|edge| match depths[edge.from].cmp(&depths[edge.to]) {
            std::cmp::Ordering::Greater => (Side::Right, Side::Left),
            std::cmp::Ordering::Equal => (Side::Left, Side::Left),
            std::cmp::Ordering::Less => (Side::Left, Side::Right),
        })
        .collect();
    let mut taken: Vec<Rect> = boxes.to_vec();
    let mut lines = Vec::new();
    for (index, edge) in model.edges.iter().enumerate() {
        let (out, into) = sides[index];
        let from = port(model, boxes, &sides, edge.from, out, (index, true));
        let to = port(model, boxes, &sides, edge.to, into, (index, false));
        let bow = out == into;
        let reach = if bow {
            let same = |other: &&Edge| {
                [(other.from, other.to), (other.to, other.from)].contains(&(edge.from, edge.to))
            };
            let before = model.edges.iter().take(index).filter(same).count();
            36.0 + ((to.1 - from.1).abs() * 0.15).min(84.0) + APART * before as f32
        } else {
            ((to.0 - from.0).abs() / 2.0).max(40.0)
        };
        let away = |side: Side| if side == Side::Left { -reach } else { reach };
        let points = [from, (from.0 + away(out), from.1), (to.0 + away(into), to.1), to];
        let label = cut(&edge.label);
        let size = (letters(&label) as f32 * LETTER * SMALL, 12.0);
        let place = find_place(&points, size, bow, &taken);
        if !label.is_empty() {
            taken.push(place);
        }
        lines.push(Line { way: edge.way, points, label, place });
    }
    lines
}

/// Where a line meets a box: all that meet the same side share it evenly, in the order of where they come from.
fn port(
    model: &Model,
    boxes: &[Rect],
    sides: &[(Side, Side)],
    bus: usize,
    side: Side,
    own: (usize, bool),
) -> (f32, f32) {
    let mut ends = Vec::new();
    for (index, (edge, (out, into))) in model.edges.iter().zip(sides).enumerate() {
        if edge.from == bus && *out == side {
            ends.push((boxes[edge.to].y, (index, true)));
        }
        if edge.to == bus && *into == side {
            ends.push((boxes[edge.from].y, (index, false)));
        }
    }
    ends.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let place = ends.iter().position(|(_, end)| *end == own).unwrap_or(0);
    let here = boxes[bus];
    let x = if side == Side::Left { here.x } else { here.x + here.width };
    (x, here.y + here.height * (place + 1) as f32 / (ends.len() + 1) as f32)
}

/// The point of a curve at a part of its way.
fn at(points: &[(f32, f32); 4], part: f32) -> (f32, f32) {
    let rest = 1.0 - part;
    let weights =
        [rest * rest * rest, 3.0 * rest * rest * part, 3.0 * rest * part * part, part * part * part];
    let sum = |of: fn(&(f32, f32)) -> f32| {
        points.iter().zip(weights).map(|(point, weight)| of(point) * weight).sum()
    };
    (sum(|point| point.0), sum(|point| point.1))
}

/// The first place along a curve where a label covers nothing, else its middle: on the curve, or outside of a bow.
fn find_place(points: &[(f32, f32); 4], (width, height): (f32, f32), bow: bool, taken: &[Rect]) -> Rect {
    let around = |part: f32| {
        let (x, y) = at(points, part);
        let left = if bow { x - width - 4.0 } else { x - width / 2.0 };
        Rect { x: left, y: y - height / 2.0, width, height }
    };
    let free = |place: &Rect| taken.iter().all(|other| !other.meets(place));
    STOPS.into_iter().map(around).find(free).unwrap_or_else(|| around(0.5))
}

impl Line {
    /// The line and its tip.
    pub fn path(&self) -> String {
        let class = style::class(self.way);
        let [(x, y), (x1, y1), (x2, y2), (tip, end)] = self.points;
        let back = if x2 < tip { -TIP } else { TIP };
        format!(
            "<path class=\"line {class}\" d=\"M{x:.1} {y:.1}C{x1:.1} {y1:.1} {x2:.1} {y2:.1} {:.1} {end:.1}\"/>\
             <path class=\"tip {class}\" d=\"M{tip:.1} {end:.1}l{back} -3.5v7z\"/>\n",
            tip + back * 0.8,
        )
    }

    /// The label.
    pub fn text(&self) -> String {
        if self.label.is_empty() {
            return String::new();
        }
        let (x, y) = (self.place.x, self.place.y + self.place.height - 3.0);
        let class = style::class(self.way);
        format!("<text class=\"label {class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>\n", escaped(&self.label))
    }

    /// A box around all of it.
    pub fn bounds(&self) -> Rect {
        let points = (0..=16).map(|step| at(&self.points, step as f32 / 16.0));
        let boxes = points.map(|(x, y)| Rect { x, y, width: 0.0, height: 0.0 });
        let label = (!self.label.is_empty()).then_some(self.place);
        boxes.chain(label).reduce(super::around).unwrap_or_default()
    }
}
