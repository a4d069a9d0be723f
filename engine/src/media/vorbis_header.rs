//! The Vorbis comment header: a stream's tags. Runs on workers; names nothing but the room's error.

use super::Problem;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lying_tag_count_is_corrupt_and_costs_nothing() {
        let mut packet = b"\x03vorbis\0\0\0\0".to_vec();
        packet.extend_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(tags(&packet), Err(Problem::Corrupt(_))));
    }
}
