//! The Ogg container: pages into the packets of its Vorbis streams, borrowed from the file's bytes.
//!
//! One link is one Vorbis stream from its first page to its end-of-stream page; a chained file has several.
//! Streams of other codecs beside it are passed over. A page is used only if its checksum holds and none
//! before it is missing. The layout is RFC 3533's.

use std::borrow::Cow;
use std::ops::Range;

use super::Problem;

/// One packet of a stream.
pub(super) struct Packet<'a> {
    /// The packet's bytes.
    pub data: Cow<'a, [u8]>,
    /// Where they lie in the file: in one piece unless it goes over from one page to the next.
    pub pieces: Vec<Range<usize>>,
    /// The position the page gives, in frames, on the last packet that ends on the page. It may be negative.
    pub granule: Option<i64>,
    /// Whether it is the stream's last packet.
    pub last: bool,
}

/// One Vorbis stream of the file.
pub(super) struct Link<'a> {
    serial: u32,
    next_page: u32,
    /// The head of a packet that goes on in the next page, and where its bytes lie.
    open: Option<(Vec<u8>, Vec<Range<usize>>)>,
    ended: bool,
    /// Its packets in order, the three headers first.
    pub packets: Vec<Packet<'a>>,
}

const HEADER_BYTES: usize = 27;
const CONTINUED: u8 = 1;
const FIRST: u8 = 2;
const LAST: u8 = 4;

struct Page<'a> {
    flags: u8,
    granule: i64,
    serial: u32,
    number: u32,
    lacing: &'a [u8],
    body: &'a [u8],
    /// Where the body begins in the file.
    at: usize,
}

/// Splits a file into its Vorbis links, at least one.
pub(super) fn links(bytes: &[u8]) -> Result<Vec<Link<'_>>, Problem> {
    let mut links: Vec<Link<'_>> = Vec::new();
    let mut other = None;
    let mut rest = bytes;
    while !rest.is_empty() {
        // What follows a finished stream without being Ogg (an ID3 tag, padding) is not our concern.
        if !rest.starts_with(b"OggS") && links.last().is_some_and(|link| link.ended) {
            break;
        }
        let (page, after) = read_page(rest, bytes.len() - rest.len())?;
        rest = after;
        if page.flags & FIRST != 0 {
            if !page.body.starts_with(b"\x01vorbis") {
                other.get_or_insert_with(|| codec_name(page.body));
                continue;
            }
            if links.last().is_some_and(|link| !link.ended) {
                return Err(Problem::Corrupt("a Vorbis stream begins before the one before it ends".into()));
            }
            links.push(Link {
                serial: page.serial,
                next_page: page.number,
                open: None,
                ended: false,
                packets: Vec::new(),
            });
        }
        match links.last_mut() {
            Some(link) if link.serial == page.serial && !link.ended => link.take(&page)?,
            _ => {}
        }
    }
    match links.last() {
        None => Err(Problem::UnknownFormat(other.unwrap_or("an Ogg file without a first page").to_owned())),
        Some(link) if !link.ended => {
            Err(Problem::Truncated("the Ogg stream has no end-of-stream page".to_owned()))
        }
        Some(_) => Ok(links),
    }
}

impl<'a> Link<'a> {
    fn take(&mut self, page: &Page<'a>) -> Result<(), Problem> {
        if page.number != self.next_page {
            return Err(Problem::Corrupt(format!(
                "Ogg page {} is missing, page {} comes instead",
                self.next_page, page.number
            )));
        }
        self.next_page = page.number.wrapping_add(1);
        if (page.flags & CONTINUED != 0) != self.open.is_some() {
            return Err(Problem::Corrupt(format!("Ogg page {} breaks a packet apart", page.number)));
        }
        let before = self.packets.len();
        let mut body = page.body;
        let (mut size, mut at) = (0, page.at);
        for &lace in page.lacing {
            size += usize::from(lace);
            if lace == 255 {
                continue;
            }
            let (data, after) = body.split_at(size.min(body.len()));
            (body, size) = (after, 0);
            let piece = at..at + data.len();
            at = piece.end;
            let (data, pieces) = match self.open.take() {
                Some((mut head, mut pieces)) => {
                    head.extend_from_slice(data);
                    pieces.push(piece);
                    (Cow::Owned(head), pieces)
                }
                None => (Cow::Borrowed(data), vec![piece]),
            };
            self.packets.push(Packet { data, pieces, granule: None, last: false });
        }
        if page.lacing.last() == Some(&255) {
            let (head, pieces) = self.open.get_or_insert_default();
            head.extend_from_slice(body);
            pieces.push(at..at + body.len());
        }
        self.ended = page.flags & LAST != 0;
        if self.ended && self.open.is_some() {
            return Err(Problem::Truncated("its last packet has no end".to_owned()));
        }
        if self.packets.len() > before
            && let Some(packet) = self.packets.last_mut()
        {
            packet.granule = (page.granule != -1).then_some(page.granule);
            packet.last = self.ended;
        }
        Ok(())
    }
}

/// Reads the page at the head of `bytes`, which stands at `offset` in the file.
fn read_page(bytes: &[u8], offset: usize) -> Result<(Page<'_>, &[u8]), Problem> {
    let cut = || Problem::Truncated(format!("the file ends inside the Ogg page at byte {offset}"));
    let seen = bytes.len().min(4);
    if bytes[..seen] != b"OggS"[..seen] {
        return Err(Problem::Corrupt(format!("no Ogg page at byte {offset}, where one must begin")));
    }
    let (header, after) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or_else(cut)?;
    if header[4] != 0 {
        return Err(Problem::Corrupt(format!("Ogg version {} at byte {offset}", header[4])));
    }
    let (lacing, after) = after.split_at_checked(usize::from(header[26])).ok_or_else(cut)?;
    let size = lacing.iter().map(|&lace| usize::from(lace)).sum();
    let at = offset + bytes.len() - after.len();
    let (body, after) = after.split_at_checked(size).ok_or_else(cut)?;

    let word = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let mut blank = *header;
    blank[22..26].fill(0);
    if [&blank[..], lacing, body].into_iter().fold(0, checksum) != word(22) {
        return Err(Problem::Corrupt(format!("the checksum of the Ogg page at byte {offset} is wrong")));
    }
    let granule = i64::from(word(6)) | (i64::from(word(10)) << 32);
    Ok((Page { flags: header[5], granule, serial: word(14), number: word(18), lacing, body, at }, after))
}

fn codec_name(body: &[u8]) -> &'static str {
    match body {
        _ if body.starts_with(b"OpusHead") => "Opus in Ogg",
        _ if body.starts_with(b"\x7fFLAC") => "FLAC in Ogg",
        _ if body.starts_with(b"Speex   ") => "Speex in Ogg",
        _ if body.starts_with(b"\x80theora") => "Theora video in Ogg",
        _ => "an Ogg file without a Vorbis stream",
    }
}

/// Ogg's checksum: CRC-32 with the polynomial 0x04c11db7, not reflected, no inversion.
pub(super) fn checksum(crc: u32, bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0;
        while i < 256 {
            let mut crc = (i as u32) << 24;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 0x8000_0000 != 0 { (crc << 1) ^ 0x04c1_1db7 } else { crc << 1 };
                bit += 1;
            }
            table[i] = crc;
            i += 1;
        }
        table
    };
    bytes.iter().fold(crc, |crc, &byte| (crc << 8) ^ TABLE[usize::from((crc >> 24) as u8 ^ byte)])
}
