//! Ogg Vorbis through lewton, planned first and then decoded in parts that do not depend on one another.
//!
//! The plan knows every packet's length before anything is decoded: so the length limit, the trim of start and
//! end, and each part's place are settled first. A Vorbis decoder's only state is the second half of the packet
//! before, so a part begins one packet early and throws that packet's sound away. Parts are the same whatever
//! the number of threads, so the result is too.

use std::ops::Range;

use lewton::audio::{PreviousWindowRight, get_decoded_sample_count, read_audio_packet_generic};
use lewton::header::{IdentHeader, SetupHeader, read_header_ident, read_header_setup};

use super::{Problem, check_shape, ogg, vorbis_header};

/// About how many frames one part holds: 5 s at 48 kHz. The packet it decodes twice is below 1 % of it.
const PART_FRAMES: u64 = 1 << 18;

/// A file ready to be decoded in parts.
pub(super) struct Plan<'a> {
    links: Vec<Link<'a>>,
    parts: Vec<Part>,
    pub channels: usize,
    pub sample_rate: u32,
    pub frames: u64,
    pub tags: Vec<(String, String)>,
}

struct Link<'a> {
    ident: IdentHeader,
    setup: SetupHeader,
    packets: Vec<ogg::Packet<'a>>,
}

/// A run of packets and which of the frames they give are kept.
struct Part {
    link: usize,
    packets: Range<usize>,
    keep: Range<u64>,
}

/// Reads all headers, and finds every packet's place.
pub(super) fn plan(bytes: &[u8]) -> Result<Plan<'_>, Problem> {
    let mut plan = Plan {
        links: Vec::new(),
        parts: Vec::new(),
        channels: 0,
        sample_rate: 0,
        frames: 0,
        tags: Vec::new(),
    };
    for raw in ogg::links(bytes)? {
        plan.add(raw)?;
    }
    check_shape(plan.channels, plan.sample_rate, plan.frames)?;
    Ok(plan)
}

impl<'a> Plan<'a> {
    fn add(&mut self, raw: ogg::Link<'a>) -> Result<(), Problem> {
        let mut packets = raw.packets.into_iter();
        let mut header =
            || packets.next().ok_or_else(|| Problem::Truncated("a Vorbis header is missing".into()));
        let ident = read_header_ident(&header()?.data).map_err(|error| bad_header(&error))?;
        let (channels, sample_rate) = (usize::from(ident.audio_channels), ident.audio_sample_rate);
        check_shape(channels, sample_rate, 1)?;
        let tags = vorbis_header::tags(&header()?.data)?;
        let setup = header()?;
        vorbis_header::check_setup(&setup.data)?;
        let setup =
            read_header_setup(&setup.data, ident.audio_channels, (ident.blocksize_0, ident.blocksize_1))
                .map_err(|error| bad_header(&error))?;
        if self.links.is_empty() {
            (self.channels, self.sample_rate, self.tags) = (channels, sample_rate, tags);
        } else if (self.channels, self.sample_rate) != (channels, sample_rate) {
            return Err(Problem::UnknownFormat(format!(
                "a chain of streams that differ ({} channels at {} Hz, then {channels} at {sample_rate} Hz)",
                self.channels, self.sample_rate
            )));
        }
        // An empty packet, or one marked as a header, carries no sound and is passed over, as the format asks.
        let packets: Vec<_> =
            packets.filter(|packet| packet.data.first().is_some_and(|b| b & 1 == 0)).collect();
        let mut counts = Vec::with_capacity(packets.len());
        for (i, packet) in packets.iter().enumerate() {
            let count = get_decoded_sample_count(&ident, &setup, &packet.data)
                .map_err(|error| Problem::Corrupt(format!("audio packet {i}: {error}")))?;
            // The first packet only fills the overlap.
            counts.push(if i == 0 { 0 } else { count as u64 });
        }
        let keep = kept(&packets, &counts);
        let link = self.links.len();
        self.frames += keep.end - keep.start;
        self.cut(link, &counts, &keep);
        self.links.push(Link { ident, setup, packets });
        Ok(())
    }

    /// Cuts one link into parts.
    fn cut(&mut self, link: usize, counts: &[u64], keep: &Range<u64>) {
        let (mut first, mut begin, mut end) = (0, 0, 0);
        for (i, count) in counts.iter().enumerate() {
            end += count;
            if end - begin >= PART_FRAMES || i + 1 == counts.len() {
                let kept = keep.start.clamp(begin, end)..keep.end.clamp(begin, end);
                if kept.start < kept.end {
                    let keep = kept.start - begin..kept.end - begin;
                    self.parts.push(Part { link, packets: first..i + 1, keep });
                }
                (first, begin) = (i + 1, end);
            }
        }
    }

    /// How many parts there are.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Decodes one part into planar sound.
    pub fn decode(&self, part: usize) -> Result<Vec<Vec<f32>>, Problem> {
        let mut out = vec![Vec::new(); self.channels];
        let Some(part) = self.parts.get(part) else {
            return Ok(out);
        };
        let Some(link) = self.links.get(part.link) else {
            return Ok(out);
        };
        let end = usize::try_from(part.keep.end).unwrap_or(0);
        out.iter_mut().for_each(|channel| channel.reserve_exact(end));
        let mut overlap = PreviousWindowRight::new();
        for i in part.packets.start.saturating_sub(1)..part.packets.end {
            let Some(packet) = link.packets.get(i) else { break };
            let sound: Vec<Vec<f32>> =
                read_audio_packet_generic(&link.ident, &link.setup, &packet.data, &mut overlap)
                    .map_err(|error| Problem::Corrupt(format!("audio packet {i}: {error}")))?;
            // The packet before the part fills the overlap, and gives no sound of its own.
            for (channel, new) in out.iter_mut().zip(&sound) {
                let room = end - channel.len();
                channel.extend_from_slice(new.get(..room).unwrap_or(new));
            }
        }
        let skip = usize::try_from(part.keep.start).unwrap_or(0);
        for channel in &mut out {
            if channel.len() != end {
                return Err(Problem::Corrupt("its packets hold less sound than they say".to_owned()));
            }
            channel.drain(..skip);
        }
        Ok(out)
    }
}

/// Which frames of a link are kept, by the positions its pages give.
///
/// The first page with a position below what it holds trims the start; the last page's trims the end. So do the
/// Vorbis I specification (section A.2) and the reference decoder.
fn kept(packets: &[ogg::Packet<'_>], counts: &[u64]) -> Range<u64> {
    let (mut start, mut trim, mut total) = (0, 0, 0_u64);
    let mut position: Option<u64> = None;
    for (packet, &count) in packets.iter().zip(counts) {
        total += count;
        let begun = position.is_some();
        // Without a position yet, the stream is taken to begin at zero.
        let at = position.map_or(total, |at| at.saturating_add(count));
        position = begun.then_some(at);
        let Some(granule) = packet.granule.and_then(|granule| u64::try_from(granule).ok()) else {
            continue;
        };
        let extra = at.saturating_sub(granule);
        if packet.last {
            // Never more than the last packet: a position further back is an error of the file.
            trim = extra.min(count);
        } else if !begun {
            start = extra.min(total);
        }
        position = Some(granule);
    }
    let end = total - trim;
    start.min(end)..end
}

fn bad_header(error: &lewton::header::HeaderReadError) -> Problem {
    Problem::Corrupt(format!("Vorbis header: {error}"))
}
