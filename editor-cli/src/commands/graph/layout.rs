//! Where boxes stand: the master to the right, every other bus a column further left than its parent, children side by
//! side in front of it. So no two lines to parents cross; among siblings the barycentre of all other lines decides.
//!
//! The same graph always gives the same places: sorts are stable, and nothing depends on hashes.

use super::model::{Model, Way};

/// Between two boxes of a column.
const GAP: f32 = 18.0;
/// Between two columns; labels stand here.
const AISLE: f32 = 130.0;
/// How often siblings are sorted anew; the best order of all is kept.
const SWEEPS: usize = 8;

/// A box.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rect {
    /// The left edge.
    pub x: f32,
    /// The upper edge.
    pub y: f32,
    /// The width.
    pub width: f32,
    /// The height.
    pub height: f32,
}

impl Rect {
    /// Whether two boxes share a point.
    pub fn meets(&self, other: &Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }

    fn middle(&self) -> f32 {
        self.y + self.height / 2.0
    }
}

/// How far each bus is from the master.
pub fn depths(model: &Model) -> Vec<usize> {
    let parent = |index: &usize| model.buses.get(*index).and_then(|bus| bus.parent);
    let walk = |index| std::iter::successors(Some(index), parent).take(model.buses.len()).count() - 1;
    (0..model.buses.len()).map(walk).collect()
}

/// Places boxes of these sizes.
pub fn place(model: &Model, sizes: &[(f32, f32)]) -> Vec<Rect> {
    let depths = depths(model);
    let mut children = vec![Vec::new(); sizes.len()];
    for (index, bus) in model.buses.iter().enumerate() {
        if let Some(parent) = bus.parent.and_then(|parent| children.get_mut(parent)) {
            parent.push(index);
        }
    }
    let mut best = rows(&children, &depths, sizes);
    let mut least = length(model, &best);
    let mut boxes = best.clone();
    for _ in 0..SWEEPS {
        let wishes: Vec<_> = (0..sizes.len()).map(|index| wish(model, &children, &boxes, index)).collect();
        for siblings in &mut children {
            siblings.sort_by(|one, other| wishes[*one].total_cmp(&wishes[*other]));
        }
        boxes = rows(&children, &depths, sizes);
        let found = length(model, &boxes);
        if found < least {
            least = found;
            best.clone_from(&boxes);
        }
    }
    columns(&depths, &mut best);
    best
}

/// How far all lines but those to parents go up or down.
fn length(model: &Model, boxes: &[Rect]) -> f32 {
    let others = model.edges.iter().filter(|edge| edge.way != Way::Parent);
    others.map(|edge| (boxes[edge.from].middle() - boxes[edge.to].middle()).abs()).sum()
}

/// The height to which the lines of a bus and of all below it pull it; its own without any.
fn wish(model: &Model, children: &[Vec<usize>], boxes: &[Rect], bus: usize) -> f32 {
    let (mut sum, mut count) = (0.0, 0);
    let mut below = vec![bus];
    let mut next = 0;
    while let Some(&index) = below.get(next) {
        below.extend(&children[index]);
        next += 1;
    }
    for edge in model.edges.iter().filter(|edge| edge.way != Way::Parent) {
        for (here, there) in [(edge.from, edge.to), (edge.to, edge.from)] {
            if below.contains(&here) && !below.contains(&there) {
                sum += boxes[there].middle();
                count += 1;
            }
        }
    }
    let here = boxes[bus].middle();
    // Half of the way: a bus that all others lead to would else leap from one end to the other and back.
    if count == 0 { here } else { (here + sum / count as f32) / 2.0 }
}

/// The heights of all boxes: each beside the middle of its children.
fn rows(children: &[Vec<usize>], depths: &[usize], sizes: &[(f32, f32)]) -> Vec<Rect> {
    let mut nearest_first: Vec<_> = (0..sizes.len()).collect();
    nearest_first.sort_by_key(|index| depths[*index]);
    let mut needed: Vec<f32> = sizes.iter().map(|(_, height)| height + GAP).collect();
    let of_children =
        |needed: &[f32], index: usize| children[index].iter().map(|child| needed[*child]).sum::<f32>();
    for &index in nearest_first.iter().rev() {
        needed[index] = needed[index].max(of_children(&needed, index));
    }
    let mut tops = vec![0.0; sizes.len()];
    let mut boxes = vec![Rect::default(); sizes.len()];
    for &index in &nearest_first {
        let (width, height) = sizes[index];
        boxes[index] = Rect { x: 0.0, y: tops[index] + (needed[index] - height) / 2.0, width, height };
        let mut top = tops[index] + (needed[index] - of_children(&needed, index)) / 2.0;
        for &child in &children[index] {
            tops[child] = top;
            top += needed[child];
        }
    }
    boxes
}

/// The columns: the deepest to the left, each as wide as its widest box.
fn columns(depths: &[usize], boxes: &mut [Rect]) {
    let deepest = depths.iter().copied().max().unwrap_or(0);
    let mut left = 0.0;
    for depth in (0..=deepest).rev() {
        let of_column = |index: &usize| depths[*index] == depth;
        let column: Vec<_> = (0..boxes.len()).filter(of_column).collect();
        let width = column.iter().map(|&index| boxes[index].width).fold(0.0, f32::max);
        for index in column {
            boxes[index].x = left;
            boxes[index].width = width;
        }
        left += width + AISLE;
    }
}
