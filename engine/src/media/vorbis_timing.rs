//! Where each packet's sound lies in its stream, and which of it is kept.
//!
//! Everything is counted in frames from the centre of the first block, where a stream's sound begins; the
//! position a page gives is that of the centre of its last packet's block. Runs on workers; names nothing.

use std::ops::Range;

/// An audio packet, as far as its place in time goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    /// Whether it holds a long block.
    pub long: bool,
    /// Whether a packet was passed over right before it: the position is lost there.
    pub after_gap: bool,
    /// The position its page gives it.
    pub granule: Option<i64>,
    /// Whether it is the stream's last.
    pub last: bool,
}

/// The places of a stream's sound.
#[derive(Debug, Default)]
pub(super) struct Timing {
    /// For each packet, up to where the sound is whole once it is decoded.
    pub reach: Vec<u64>,
    /// The frames that are kept: in order, apart from one another, none empty.
    pub keep: Vec<Range<u64>>,
}

/// Lays out a stream whose short and long blocks have `sizes` frames.
///
/// A position beyond what there is changes nothing. One that falls short trims the sound of the packet that
/// bears it: its end if it is the stream's last, its beginning if it is the first position there is. In
/// between, the file's word is taken for the position, and nothing is trimmed. So does the reference decoder;
/// section A.2 of the Vorbis I specification would trim the stream's beginning rather than the packet's.
pub(super) fn lay_out(blocks: &[Block], sizes: (u64, u64)) -> Timing {
    let (short, long) = sizes;
    let size = |block: &Block| if block.long { long } else { short };
    let mut timing = Timing::default();
    let (mut centre, mut since_gap) = (0_u64, 0_i64);
    let mut position: Option<i64> = None;
    for (i, block) in blocks.iter().enumerate() {
        let previous = i.checked_sub(1).and_then(|i| blocks.get(i));
        let count = previous.map_or(0, |previous| (size(previous) + size(block)) / 4);
        if previous.is_none() || block.after_gap {
            (position, since_gap) = (None, 0);
        } else {
            since_gap += count as i64;
        }
        let at = position.map_or(since_gap, |at| at.saturating_add(count as i64));
        let extra = block.granule.and_then(|granule| u64::try_from(at.saturating_sub(granule)).ok());
        // Never more than the packet gives: a position further back is an error of the file.
        let extra = extra.unwrap_or(0).min(count);
        let kept = match position {
            _ if block.last => centre..centre + count - extra,
            None => centre + extra..centre + count,
            Some(_) => centre..centre + count,
        };
        position = block.granule.or(position.map(|_| at));
        centre += count;
        match timing.keep.last_mut() {
            Some(before) if before.end == kept.start => before.end = kept.end,
            _ if kept.is_empty() => {}
            _ => timing.keep.push(kept),
        }
        // Before a short block, the far half of a long one is flat for a while: it needs no overlap there.
        let flat = block.long && blocks.get(i + 1).is_some_and(|next| !next.long);
        timing.reach.push(centre + if flat { (long - short) / 4 } else { 0 });
    }
    timing
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of 256 and 2048 frames: `L` and `S`, `x` after a gap. Positions by index; the last one is last.
    #[track_caller]
    fn check(blocks: &str, granules: &[(usize, i64)], reach: &[u64], keep: &[(u64, u64)]) {
        let gap = |i: usize| i > 0 && blocks.as_bytes()[i - 1] == b'x';
        let mut list = Vec::new();
        for (i, block) in blocks.char_indices().filter(|&(_, block)| block != 'x') {
            let long = block == 'L';
            let granule = granules.iter().find(|&&(at, _)| at == list.len()).map(|&(_, granule)| granule);
            list.push(Block { long, after_gap: gap(i), granule, last: i + 1 == blocks.len() });
        }
        let timing = lay_out(&list, (256, 2048));
        assert_eq!(timing.reach, reach);
        let kept: Vec<_> = timing.keep.iter().map(|keep| (keep.start, keep.end)).collect();
        assert_eq!(kept, keep);
    }

    #[test]
    fn a_packet_adds_a_quarter_of_both_blocks() {
        check("LLLL", &[], &[0, 1024, 2048, 3072], &[(0, 3072)]);
        check("SSS", &[], &[0, 128, 256], &[(0, 256)]);
        // 576 from centre to centre, and 448 flat frames before the short block.
        check("LSSL", &[], &[448, 576, 704, 1280], &[(0, 1280)]);
        check("L", &[], &[0], &[]);
        check("", &[], &[], &[]);
    }

    #[test]
    fn the_last_position_trims_the_end_of_the_last_packet() {
        check("LLLL", &[(1, 1024), (3, 3000)], &[0, 1024, 2048, 3072], &[(0, 3000)]);
        check("LLLL", &[(1, 1024), (3, 100)], &[0, 1024, 2048, 3072], &[(0, 2048)]);
        check("LLLL", &[(1, 1024), (3, 9000)], &[0, 1024, 2048, 3072], &[(0, 3072)]);
        check("LLLL", &[(3, 2500)], &[0, 1024, 2048, 3072], &[(0, 2500)]);
        // The stream begins at 5000.
        check("LLLL", &[(1, 6024), (3, 8000)], &[0, 1024, 2048, 3072], &[(0, 3000)]);
        check("LL", &[(1, i64::MIN)], &[0, 1024], &[]);
    }

    #[test]
    fn the_first_position_trims_the_packet_that_bears_it() {
        check("LLLL", &[(1, 1000)], &[0, 1024, 2048, 3072], &[(24, 3072)]);
        check("LLLL", &[(2, 2000)], &[0, 1024, 2048, 3072], &[(0, 1024), (1072, 3072)]);
        check("LLLL", &[(2, 2000), (3, 3000)], &[0, 1024, 2048, 3072], &[(0, 1024), (1072, 3048)]);
        check("LLLL", &[(0, 0), (2, 100)], &[0, 1024, 2048, 3072], &[(0, 3072)]);
    }

    #[test]
    fn a_gap_loses_the_position_but_not_the_sound() {
        // From the gap on, 1024 frames are counted up to the position of 1000.
        check("LLxLLL", &[(1, 1024), (3, 1000)], &[0, 1024, 2048, 3072, 4096], &[(0, 2048), (2072, 4096)]);
    }
}
