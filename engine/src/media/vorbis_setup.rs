//! The Vorbis setup header, looked through before the decoder sees it, and what it says about each packet.
//!
//! A few bytes of this header can ask the decoder for terabytes of codebook tables, and a failed allocation
//! cannot be caught: so it is measured first. The same walk reaches the modes at its end, which tell long
//! blocks from short ones. The layouts are those of the Vorbis I specification, sections 3.2.1 and 4.2.4.
//! Runs on workers; names nothing but the room's error.

use std::borrow::Cow;

use super::Problem;

/// The most values that all codebooks of a stream may unfold to. Real encoders stay below 200 000.
const MAX_CODEBOOK_VALUES: u64 = 1 << 22;

/// What stands at the head of a stream's audio packets.
#[derive(Debug)]
pub(super) struct Modes {
    /// For each mode, whether its block is the long one.
    long: Vec<bool>,
    /// How many bits a packet spends on its mode.
    bits: u32,
}

/// Walks a setup header; refuses what ends early or would unfold beyond [`MAX_CODEBOOK_VALUES`].
pub(super) fn read(packet: &[u8], channels: usize) -> Result<Modes, Problem> {
    let corrupt = |what: &str| Problem::Corrupt(format!("the Vorbis setup header {what}"));
    let body = packet.strip_prefix(b"\x05vorbis").ok_or_else(|| corrupt("is missing"))?;
    walk(&mut Bits { bytes: body, at: 0 }, channels).map_err(corrupt)
}

impl Modes {
    /// Whether an audio packet holds a long block. `None`: its head ends early or names no mode.
    pub fn is_long(&self, packet: &[u8]) -> Option<bool> {
        let mut bits = Bits { bytes: packet, at: 1 };
        let mode = usize::try_from(bits.take(self.bits).ok()?).ok()?;
        let long = *self.long.get(mode)?;
        if long {
            bits.take(2).ok()?;
        }
        Some(long)
    }

    /// Makes a long block's two flags tell the truth about its neighbours. Some old encoders got them wrong.
    pub fn set_neighbours(&self, packet: &mut Cow<'_, [u8]>, previous_long: bool, next_long: bool) {
        for (flag, at) in [(previous_long, self.bits + 1), (next_long, self.bits + 2)] {
            let (byte, mask) = ((at / 8) as usize, 1_u8 << (at % 8));
            let wrong = |&have: &u8| (have & mask != 0) != flag;
            if packet.get(byte).is_some_and(wrong)
                && let Some(have) = packet.to_mut().get_mut(byte)
            {
                *have ^= mask;
            }
        }
    }
}

/// The bits it takes to write `value`.
fn width(value: usize) -> u32 {
    usize::BITS - value.leading_zeros()
}

fn walk(bits: &mut Bits<'_>, channels: usize) -> Result<Modes, &'static str> {
    codebooks(bits)?;
    for _ in 0..=bits.take(6)? {
        bits.take(16)?; // a time transform, of no meaning
    }
    for _ in 0..=bits.take(6)? {
        floor(bits)?;
    }
    for _ in 0..=bits.take(6)? {
        residue(bits)?;
    }
    for _ in 0..=bits.take(6)? {
        mapping(bits, channels)?;
    }
    let mut long = Vec::new();
    for _ in 0..=bits.take(6)? {
        long.push(bits.take(1)? == 1);
        bits.skip(16 + 16 + 8);
    }
    if bits.take(1)? == 0 {
        return Err("does not end where it must");
    }
    let bits = width(long.len() - 1);
    Ok(Modes { long, bits })
}

fn codebooks(bits: &mut Bits<'_>) -> Result<(), &'static str> {
    const IMPOSSIBLE: &str = "asks for impossible codebooks";
    let mut total = 0;
    for _ in 0..=bits.take(8)? {
        if bits.take(24)? != 0x56_43_42 {
            return Err(IMPOSSIBLE);
        }
        let dimensions = bits.take(16)?;
        let entries = bits.take(24)?;
        total += entries * dimensions.max(1);
        if dimensions == 0 || entries == 0 || total > MAX_CODEBOOK_VALUES {
            return Err(IMPOSSIBLE);
        }
        if bits.take(1)? == 1 {
            bits.take(5)?;
            let mut done = 0;
            while done < entries {
                done += bits.take(64 - (entries - done).leading_zeros())?;
            }
            if done > entries {
                return Err(IMPOSSIBLE);
            }
        } else {
            let sparse = bits.take(1)? == 1;
            for _ in 0..entries {
                if !sparse || bits.take(1)? == 1 {
                    bits.take(5)?;
                }
            }
        }
        let lookup = bits.take(4)?;
        if lookup > 0 {
            bits.skip(64);
            let width = bits.take(4)? + 1;
            bits.skip(1);
            let values = match lookup {
                1 => whole_root(entries, dimensions),
                2 => entries * dimensions,
                _ => return Err(IMPOSSIBLE),
            };
            bits.skip(values * width);
        }
    }
    Ok(())
}

fn floor(bits: &mut Bits<'_>) -> Result<(), &'static str> {
    match bits.take(16)? {
        0 => {
            bits.skip(8 + 16 + 16 + 6 + 8);
            let books = bits.take(4)? + 1;
            bits.skip(8 * books);
        }
        1 => {
            let mut partitions = Vec::new();
            for _ in 0..bits.take(5)? {
                partitions.push(bits.take(4)?);
            }
            // Classes are written as far as the greatest that is used.
            let mut dimensions = [0; 16];
            let classes = partitions.iter().max().map_or(0, |&class| class + 1);
            for (dimension, _) in dimensions.iter_mut().zip(0..classes) {
                *dimension = bits.take(3)? + 1;
                let subclasses = bits.take(2)?;
                bits.skip(if subclasses > 0 { 8 } else { 0 } + (8 << subclasses));
            }
            bits.skip(2);
            let range = bits.take(4)?;
            for class in partitions {
                let dimension = usize::try_from(class).ok().and_then(|class| dimensions.get(class));
                bits.skip(dimension.map_or(0, |dimension| dimension * range));
            }
        }
        _ => return Err("has a floor of an unknown kind"),
    }
    Ok(())
}

fn residue(bits: &mut Bits<'_>) -> Result<(), &'static str> {
    bits.skip(16 + 24 + 24 + 24);
    let classes = bits.take(6)? + 1;
    bits.skip(8);
    let mut books = 0;
    for _ in 0..classes {
        let low = bits.take(3)?;
        let high = if bits.take(1)? == 1 { bits.take(5)? } else { 0 };
        books += u64::from(low.count_ones() + high.count_ones());
    }
    bits.skip(8 * books);
    Ok(())
}

fn mapping(bits: &mut Bits<'_>, channels: usize) -> Result<(), &'static str> {
    bits.skip(16);
    let submaps = if bits.take(1)? == 1 { bits.take(4)? + 1 } else { 1 };
    if bits.take(1)? == 1 {
        let steps = bits.take(8)? + 1;
        bits.skip(steps * 2 * u64::from(width(channels.saturating_sub(1))));
    }
    bits.skip(2);
    if submaps > 1 {
        bits.skip(4 * channels as u64);
    }
    bits.skip(submaps * (8 + 8 + 8));
    Ok(())
}

/// The greatest whole number whose `dimensions`-th power is at most `entries`.
fn whole_root(entries: u64, dimensions: u64) -> u64 {
    let fits = |root: u64| {
        let mut power = 1_u64;
        for _ in 0..dimensions {
            power = power.saturating_mul(root);
            if power > entries {
                return false;
            }
        }
        true
    };
    if dimensions >= 32 {
        return 1;
    }
    let (mut low, mut high) = (1, entries + 1);
    while high - low > 1 {
        let middle = u64::midpoint(low, high);
        if fits(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Reads bits from the lowest of each byte upwards, as Vorbis packs them.
struct Bits<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl Bits<'_> {
    /// The next `count` bits, at most 32.
    fn take(&mut self, count: u32) -> Result<u64, &'static str> {
        let mut value = 0;
        for bit in 0..count {
            let byte = usize::try_from(self.at / 8).ok().and_then(|at| self.bytes.get(at));
            value |= u64::from(byte.ok_or("ends early")? >> (self.at % 8) & 1) << bit;
            self.at += 1;
        }
        Ok(value)
    }

    /// Steps over `count` bits. Past the end is noticed by the next [`Self::take`].
    fn skip(&mut self, count: u64) {
        self.at = self.at.saturating_add(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_roots() {
        for (entries, dimensions, root) in
            [(1024, 10, 2), (1023, 10, 1), (3125, 5, 5), (3124, 5, 4), (81, 4, 3), (400, 1, 400), (7, 40, 1)]
        {
            assert_eq!(whole_root(entries, dimensions), root, "{entries} {dimensions}");
        }
    }

    #[test]
    fn a_codebook_of_terabytes_is_refused() {
        // One codebook, 65535 dimensions, 16777215 entries.
        let packet = b"\x05vorbis\x00BCV\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
        assert!(matches!(read(packet, 1), Err(Problem::Corrupt(_))));
    }

    #[test]
    fn the_head_of_a_packet_tells_its_block_and_takes_its_neighbours() {
        // Two bits of mode: three modes, of which the last is long.
        let modes = Modes { long: vec![false, false, true], bits: 2 };
        assert_eq!(modes.is_long(&[0b000]), Some(false));
        assert_eq!(modes.is_long(&[0b100]), Some(true));
        assert_eq!(modes.is_long(&[0b110]), None, "there is no fourth mode");
        assert_eq!(modes.is_long(&[]), None);
        let wide = Modes { long: [vec![false; 63], vec![true]].concat(), bits: 6 };
        assert_eq!(wide.is_long(&[0b111_1110]), None, "its second flag is in the byte that is missing");
        assert_eq!(wide.is_long(&[0b111_1110, 0]), Some(true));
        let mut packet = Cow::Borrowed(&[0b0111_1110, 0b10][..]);
        wide.set_neighbours(&mut packet, false, false);
        assert!(matches!(packet, Cow::Borrowed(_)), "what is right is not copied");
        wide.set_neighbours(&mut packet, true, true);
        assert_eq!(packet[..], [0b1111_1110, 0b11]);
    }
}
