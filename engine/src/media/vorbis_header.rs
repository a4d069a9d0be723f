//! Vorbis headers, looked through before the decoder sees them.
//!
//! The comment header is read here. The setup header is only measured: a few bytes of it can ask the decoder
//! for terabytes of codebook tables, and a failed allocation cannot be caught.

use super::Problem;

/// The most values that all codebooks of a stream may unfold to. Real encoders stay below 200 000.
const MAX_CODEBOOK_VALUES: u64 = 1 << 22;

/// The stream's tags as `(name, value)`, in file order, names in upper case (case has no meaning in them). Bytes
/// that are not UTF-8 become the replacement mark.
pub(super) fn tags(packet: &[u8]) -> Result<Vec<(String, String)>, Problem> {
    let corrupt = || Problem::Corrupt("the Vorbis comment header does not parse".to_owned());
    let mut rest = packet.strip_prefix(b"\x03vorbis").ok_or_else(corrupt)?;
    let word = |rest: &mut &[u8]| -> Option<usize> {
        let (head, after) = rest.split_first_chunk::<4>()?;
        *rest = after;
        usize::try_from(u32::from_le_bytes(*head)).ok()
    };
    let text = |rest: &mut &[u8]| -> Option<String> {
        let size = word(rest)?;
        let (head, after) = rest.split_at_checked(size)?;
        *rest = after;
        Some(String::from_utf8_lossy(head).into_owned())
    };
    text(&mut rest).ok_or_else(corrupt)?; // the encoder's name
    let count = word(&mut rest).ok_or_else(corrupt)?;
    let mut tags = Vec::new();
    for _ in 0..count {
        // Each costs at least four bytes of the packet, so a lying count ends here.
        let tag = text(&mut rest).ok_or_else(corrupt)?;
        let (name, value) = tag.split_once('=').unwrap_or((&tag, ""));
        tags.push((name.to_ascii_uppercase(), value.to_owned()));
    }
    Ok(tags)
}

/// Walks the codebooks of a setup header and refuses what would unfold beyond [`MAX_CODEBOOK_VALUES`].
/// The layout is that of the Vorbis I specification, section 3.2.1.
pub(super) fn check_setup(packet: &[u8]) -> Result<(), Problem> {
    let corrupt = |what: &str| Problem::Corrupt(format!("the Vorbis setup header {what}"));
    let body = packet.strip_prefix(b"\x05vorbis").ok_or_else(|| corrupt("is missing"))?;
    measure(&mut Bits { bytes: body, at: 0 })
        .ok_or_else(|| corrupt("ends early"))?
        .then_some(())
        .ok_or_else(|| corrupt("asks for impossible codebooks"))
}

/// `None`: the packet ends early. `Some(false)`: the codebooks are out of bounds.
fn measure(bits: &mut Bits<'_>) -> Option<bool> {
    let mut total = 0;
    for _ in 0..=bits.take(8)? {
        if bits.take(24)? != 0x56_43_42 {
            return Some(false);
        }
        let dimensions = bits.take(16)?;
        let entries = bits.take(24)?;
        total += entries * dimensions.max(1);
        if dimensions == 0 || entries == 0 || total > MAX_CODEBOOK_VALUES {
            return Some(false);
        }
        if bits.take(1)? == 1 {
            bits.take(5)?;
            let mut done = 0;
            while done < entries {
                done += bits.take(64 - (entries - done).leading_zeros())?;
            }
            if done > entries {
                return Some(false);
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
            let width = u64::from(bits.take(4)? as u32 + 1);
            bits.skip(1);
            let values = match lookup {
                1 => whole_root(entries, dimensions),
                2 => entries * dimensions,
                _ => return Some(false),
            };
            bits.skip(values * width);
        }
    }
    Some(true)
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
    /// The next `count` bits, at most 32; `None` past the end.
    fn take(&mut self, count: u32) -> Option<u64> {
        let mut value = 0;
        for bit in 0..count {
            let byte = *self.bytes.get(usize::try_from(self.at / 8).ok()?)?;
            value |= u64::from(byte >> (self.at % 8) & 1) << bit;
            self.at += 1;
        }
        Some(value)
    }

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
    fn a_lying_tag_count_is_corrupt_and_costs_nothing() {
        let mut packet = b"\x03vorbis\0\0\0\0".to_vec();
        packet.extend_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(tags(&packet), Err(Problem::Corrupt(_))));
    }

    #[test]
    fn a_codebook_of_terabytes_is_refused() {
        // One codebook, 65535 dimensions, 16777215 entries.
        let packet = b"\x05vorbis\x00BCV\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";
        assert!(matches!(check_setup(packet), Err(Problem::Corrupt(_))));
    }
}
