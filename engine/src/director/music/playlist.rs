//! Where a list of segments has come to.

use super::super::rng::Rng;
use crate::bank::{Music, PlayOrder, Turn};

/// A place in a list and in those around it.
#[derive(Debug, Clone, Default)]
pub(super) struct Cursor {
    /// The lists from the outermost in.
    stack: Vec<Level>,
}

#[derive(Debug, Clone)]
struct Level {
    list: usize,
    /// How many times all of it is still played after this one; `None` is without end.
    left: Option<u32>,
    /// What is still to come of this time, the next at the end: places in the list.
    coming: Vec<usize>,
    /// What is played, and how many times again.
    again: Option<(usize, u32)>,
    /// The last place that was drawn.
    last: Option<usize>,
}

impl Cursor {
    /// The beginning of a list.
    pub(super) fn at(music: &Music, list: usize) -> Self {
        Self { stack: vec![Level::of(music, list)] }
    }

    /// The next segment; `None` when the list has come to its end.
    pub(super) fn next(&mut self, music: &Music, rng: &mut Rng) -> Option<usize> {
        // Each step goes on or leaves a list, and lists hold at least one thing: what is empty can't hold it up for ever.
        for _ in 0..10_000 {
            let level = self.stack.last_mut()?;
            if let Some((segment, again)) = level.again {
                level.again = (again > 1).then_some((segment, again - 1));
                return Some(segment);
            }
            match level.draw(music, rng) {
                Some(Turn::Segment(segment, count)) => level.again = Some((segment, count)),
                Some(Turn::List(list)) => self.stack.push(Level::of(music, list)),
                None => _ = self.stack.pop(),
            }
        }
        None
    }
}

impl Level {
    fn of(music: &Music, list: usize) -> Self {
        let repeat = music.lists.get(list).map_or(Some(0), |list| list.repeat);
        Self { list, left: repeat, coming: Vec::new(), again: None, last: None }
    }

    /// What comes next in this list; `None` when it has come to its end.
    fn draw(&mut self, music: &Music, rng: &mut Rng) -> Option<Turn> {
        let list = music.lists.get(self.list)?;
        if self.coming.is_empty() {
            match &mut self.left {
                Some(0) => return None,
                Some(left) => *left -= 1,
                None => {}
            }
            self.fill(list.order, list.of.len(), rng);
        }
        let place = self.coming.pop()?;
        self.last = Some(place);
        list.of.get(place).copied()
    }

    /// Lays out all of the list for one time.
    fn fill(&mut self, order: PlayOrder, count: usize, rng: &mut Rng) {
        let mut draw = |below: usize| ((rng.unit() * below as f32) as usize).min(below.saturating_sub(1));
        match order {
            PlayOrder::Sequence => self.coming.extend((0..count).rev()),
            PlayOrder::Shuffle => {
                self.coming.extend(0..count);
                (1..count).rev().for_each(|place| self.coming.swap(place, draw(place + 1)));
                // The first of a round is not the last of the one before.
                if count > 1 && self.coming.last().copied() == self.last {
                    self.coming.swap(0, count - 1);
                }
            }
            PlayOrder::Random => {
                let mut last = self.last;
                for _ in 0..count {
                    let others = if last.is_some() && count > 1 { count - 1 } else { count };
                    let drawn = draw(others);
                    let place = if others < count && last.is_some_and(|last| drawn >= last) {
                        drawn + 1
                    } else {
                        drawn
                    };
                    self.coming.insert(0, place);
                    last = Some(place);
                }
            }
        }
    }
}
