//! All buses' buffers, and which of the buses have something to do.

use super::buffer::Buffer;
use std::ops::Range;

/// Bits in a word.
const WORD: usize = u64::BITS as usize;

/// The buffers by bus, and a bit for each place in the order of rendering: a bus whose bit is not set is still, and costs
/// nothing. Its buffer is clean.
pub(super) struct Buffers {
    list: Vec<Buffer>,
    places: Vec<u16>,
    awake: Vec<u64>,
}

impl Buffers {
    /// Silent buffers for as many buses as there are in the order of rendering; all are awake.
    pub(super) fn new(order: &[u16], buses: usize) -> Self {
        let mut made = Self {
            list: (0..buses).map(|_| Buffer::SILENT).collect(),
            places: vec![0; buses],
            awake: vec![0; order.len().div_ceil(WORD)],
        };
        for (place, &bus) in order.iter().enumerate() {
            if let Some(known) = made.places.get_mut(usize::from(bus)) {
                *known = place as u16;
            }
            made.wake(bus);
        }
        made
    }

    /// The buffers, by bus. Who feeds one that may be still [wakes](Self::wake) it.
    pub(super) fn list(&mut self) -> &mut [Buffer] {
        &mut self.list
    }

    /// One bus's buffer.
    pub(super) fn get(&self, bus: u16) -> Option<&Buffer> {
        self.list.get(usize::from(bus))
    }

    /// The bus has something to do, from its next turn on.
    #[inline]
    pub(super) fn wake(&mut self, bus: u16) {
        if let Some(&place) = self.places.get(usize::from(bus))
            && let Some(word) = self.awake.get_mut(usize::from(place) / WORD)
        {
            *word |= 1 << (usize::from(place) % WORD);
        }
    }

    /// The bus has nothing to do until it is woken.
    pub(super) fn lull(&mut self, bus: u16) {
        if let Some(&place) = self.places.get(usize::from(bus))
            && let Some(word) = self.awake.get_mut(usize::from(place) / WORD)
        {
            *word &= !(1 << (usize::from(place) % WORD));
        }
    }

    /// The first place in the order, from `place` on, whose bus is awake.
    #[inline]
    pub(super) fn next_awake(&self, place: usize) -> Option<usize> {
        let (first, bit) = (place / WORD, place % WORD);
        let rest = self.awake.get(first)? & (u64::MAX << bit);
        if rest != 0 {
            return Some(first * WORD + rest.trailing_zeros() as usize);
        }
        let (word, bits) = self.awake.iter().enumerate().skip(first + 1).find(|(_, bits)| **bits != 0)?;
        Some(word * WORD + bits.trailing_zeros() as usize)
    }

    /// A bus's buffer, for something that will be heard.
    #[inline]
    pub(super) fn feed(&mut self, bus: u16) -> Option<&mut Buffer> {
        self.feed_all([bus]).map(|[buffer]| buffer)
    }

    /// The buffers of as many buses, for something that will be heard; `None` if two are the same.
    #[inline]
    pub(super) fn feed_all<const N: usize>(&mut self, buses: [u16; N]) -> Option<[&mut Buffer; N]> {
        // What is fed is awake; so most voices find it, and only the first of a block has to wake the bus.
        for bus in buses {
            let buffer = self.list.get_mut(usize::from(bus))?;
            if !std::mem::replace(&mut buffer.fed, true) {
                self.wake(bus);
            }
        }
        self.list.get_disjoint_mut(buses.map(usize::from)).ok()
    }

    /// Notes that a voice sounds on a bus in these frames.
    #[inline]
    pub(super) fn count_voice(&mut self, bus: u16, frames: Range<usize>) {
        let Some(buffer) = self.list.get_mut(usize::from(bus)) else { return };
        buffer.mark_active(&frames);
        buffer.voices = buffer.voices.saturating_add(1);
        if buffer.voices == 1 {
            self.wake(bus);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_awake_is_found_in_the_order_of_rendering() {
        let order: Vec<u16> = (0..200).rev().collect();
        let mut buffers = Buffers::new(&order, 200);
        assert_eq!((buffers.next_awake(0), buffers.next_awake(199)), (Some(0), Some(199)));
        order.iter().for_each(|&bus| buffers.lull(bus));
        assert_eq!(buffers.next_awake(0), None);
        assert!(buffers.feed(199 - 70).is_some());
        buffers.wake(0);
        buffers.wake(7777);
        assert_eq!(
            [0, 70, 71, 200].map(|place| buffers.next_awake(place)),
            [Some(70), Some(70), Some(199), None]
        );
        assert!(buffers.feed_all([3, 4, 3]).is_none() && buffers.feed_all([3, 4, 5]).is_some());
    }
}
