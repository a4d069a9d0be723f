//! In which order buses are rendered.

use crate::bank::{Bank, Effect};

/// The order of rendering: the bank's own with the leaving buses among them, so that ways that end still lead
/// forward. Those that can't, because the new bank leads the other way, are given back: they end at once.
pub(super) fn order(bank: &Bank, count: usize, ending: &[(u16, u16)]) -> (Vec<u16>, Vec<(u16, u16)>) {
    let place: Vec<usize> = {
        let mut place = vec![0; bank.buses.len()];
        bank.order.iter().enumerate().for_each(|(at, bus)| place[bus.index()] = at);
        place
    };
    // What each bus must wait for, of the bank's own ways: everything before it that it may listen to.
    let own = |bus: usize| place.get(bus).copied();
    let mut wait: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (index, bus) in bank.buses.iter().enumerate() {
        let sends = bus.sends.iter().filter(|send| !send.delayed).map(|send| send.to);
        let targets = bus.parent.iter().copied().chain(sends);
        targets.for_each(|target| wait[target.index()].push(index));
        let keys = bus.effects.iter().filter_map(|Effect { key, .. }| key.filter(|key| !key.delayed));
        wait[index].extend(keys.map(|key| key.bus.index()));
    }
    for rule in &bank.ducking {
        rule.targets.iter().for_each(|target| wait[target.bus.index()].push(rule.trigger.index()));
    }
    let mut blocked = Vec::new();
    for &(from, to) in ending {
        let (source, target) = (usize::from(from), usize::from(to));
        if leads(&wait, target, source) {
            blocked.push((from, to));
        } else {
            wait[target].push(source);
        }
    }
    // Of those that wait for nothing more: leaving ones first, then as the bank has them; the master is last by
    // its own ways.
    let mut left: Vec<usize> = (0..count).collect();
    left.sort_by_key(|&bus| own(bus).map_or((0, bus), |at| (1, at)));
    let mut done = vec![false; count];
    let mut order = Vec::with_capacity(count);
    while let Some(at) = left.iter().position(|&bus| wait[bus].iter().all(|&other| done[other])) {
        let bus = left.remove(at);
        done[bus] = true;
        order.push(bus as u16);
    }
    (order, blocked)
}

/// Whether the signal of `from` reaches `to` already; `wait[x]` lists what comes before `x`.
fn leads(wait: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = vec![false; wait.len()];
    let mut open = vec![to];
    while let Some(bus) = open.pop() {
        if bus == from {
            return true;
        }
        if !std::mem::replace(&mut seen[bus], true) {
            open.extend(&wait[bus]);
        }
    }
    false
}
