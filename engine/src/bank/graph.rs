//! Orders what must come before what, and finds circles.
//!
//! Lives here: one sort and one search, over numbers. May be named here: nothing. Runs on any thread.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Numbers `0..count` so that `from` comes before `to` for every edge `(from, to)`; the lowest number first where
/// there is a choice.
///
/// # Errors
/// The edges of one circle, by their index, in the order in which they are walked.
pub fn order(count: usize, edges: &[(usize, usize)]) -> Result<Vec<usize>, Vec<usize>> {
    let mut waits = vec![0_usize; count];
    let mut leaves = vec![Vec::new(); count];
    let mut arrives = vec![Vec::new(); count];
    for (index, &(from, to)) in edges.iter().enumerate() {
        waits[to] += 1;
        leaves[from].push(to);
        arrives[to].push(index);
    }
    let mut ready: BinaryHeap<_> = (0..count).filter(|&node| waits[node] == 0).map(Reverse).collect();
    let mut sorted = Vec::with_capacity(count);
    while let Some(Reverse(node)) = ready.pop() {
        sorted.push(node);
        for &to in &leaves[node] {
            waits[to] -= 1;
            if waits[to] == 0 {
                ready.push(Reverse(to));
            }
        }
    }
    let Some(start) = waits.iter().position(|&waiting| waiting > 0) else {
        return Ok(sorted);
    };
    // Whatever still waits, waits for something that waits: going back must come round.
    let mut place = vec![None; count];
    let mut walked = Vec::new();
    let mut node = start;
    while place[node].is_none() {
        place[node] = Some(walked.len());
        let Some(&edge) = arrives[node].iter().find(|&&edge| waits[edges[edge].0] > 0) else {
            break;
        };
        walked.push(edge);
        node = edges[edge].0;
    }
    let mut circle = walked.split_off(place[node].unwrap_or(0));
    circle.reverse();
    // Begin at the lowest number, so that the same circle is always told the same way.
    let first = (0..circle.len()).min_by_key(|&index| edges[circle[index]].0).unwrap_or(0);
    circle.rotate_left(first);
    Err(circle)
}

/// The order, and all circles that stood in its way, each once.
pub fn order_and_circles(count: usize, edges: &[(usize, usize)]) -> (Vec<usize>, Vec<Vec<usize>>) {
    const MAX_CIRCLES: usize = 20;
    let mut kept: Vec<usize> = (0..edges.len()).collect();
    let mut circles = Vec::new();
    while circles.len() < MAX_CIRCLES {
        let left: Vec<_> = kept.iter().map(|&edge| edges[edge]).collect();
        match order(count, &left) {
            Ok(order) => return (order, circles),
            Err(circle) => {
                let circle: Vec<_> = circle.into_iter().map(|edge| kept[edge]).collect();
                if circle.is_empty() {
                    break;
                }
                // Dropping the circle's last step opens it and lets the next one show.
                kept.retain(|edge| Some(edge) != circle.last());
                circles.push(circle);
            }
        }
    }
    (Vec::new(), circles)
}
