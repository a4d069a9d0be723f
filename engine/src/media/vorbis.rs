//! Ogg Vorbis through lewton, planned first and then decoded in parts that do not depend on one another.
//!
//! The plan knows every packet's length before anything is decoded: so the length limit, the trim of start and
//! end, and each part's place are settled first. A Vorbis decoder's only state is the second half of the packet
//! before, so a part begins one packet early and throws that packet's sound away. Parts are the same whatever
//! the number of threads, so the result is too. Runs on workers; `lewton` is named here alone.

use std::ops::Range;

use lewton::audio::{PreviousWindowRight, read_audio_packet_generic};
use lewton::header::{IdentHeader, SetupHeader, read_header_ident, read_header_setup};

use super::vorbis_timing::{Block, Timing, lay_out};
use super::{Problem, check_shape, ogg, vorbis_header, vorbis_setup};

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

pub(super) struct Link<'a> {
    headers: Headers,
    /// Where the first and the third header packet lie in the file.
    pub header_pieces: [Vec<Range<usize>>; 2],
    pub packets: Vec<ogg::Packet<'a>>,
    /// For each packet, whether the blocks before and after it are long.
    pub neighbours: Vec<(bool, bool)>,
    /// For each packet, up to where the sound is whole once it is decoded.
    pub reach: Vec<u64>,
    /// The frames that are kept.
    keep: Vec<Range<u64>>,
}

/// What a decoder must know of a stream before its first packet of sound.
pub(super) struct Headers {
    ident: IdentHeader,
    setup: SetupHeader,
    modes: vorbis_setup::Modes,
}

/// A run of packets and which of the frames they give are kept, counted from the first frame they give.
pub(super) struct Part {
    pub link: usize,
    pub packets: Range<usize>,
    pub keep: Vec<Range<usize>>,
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
        let ident = header()?;
        let (channels, sample_rate) = Headers::shape(&ident.data)?;
        let tags = vorbis_header::tags(&header()?.data)?;
        let setup = header()?;
        let headers = Headers::read(&ident.data, &setup.data)?;
        if self.links.is_empty() {
            (self.channels, self.sample_rate, self.tags) = (channels, sample_rate, tags);
        } else if (self.channels, self.sample_rate) != (channels, sample_rate) {
            return Err(Problem::UnknownFormat(format!(
                "a chain of streams that differ ({} channels at {} Hz, then {channels} at {sample_rate} Hz)",
                self.channels, self.sample_rate
            )));
        }
        let (packets, blocks, neighbours) = audio(packets, &headers.modes)?;
        let sizes = (1 << headers.ident.blocksize_0, 1 << headers.ident.blocksize_1);
        let Timing { reach, keep } = lay_out(&blocks, sizes);
        self.frames += keep.iter().map(|keep| keep.end - keep.start).sum::<u64>();
        let header_pieces = [ident.pieces, setup.pieces];
        let link = Link { headers, header_pieces, packets, neighbours, reach, keep };
        self.parts.extend(link.cut(self.links.len(), PART_FRAMES));
        self.links.push(link);
        Ok(())
    }

    /// The file's streams, one after another.
    pub fn links(&self) -> &[Link<'a>] {
        &self.links
    }
    /// How many parts there are.
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// Decodes one part into planar sound.
    pub fn decode(&self, part: usize) -> Result<Vec<Vec<f32>>, Problem> {
        let found = self.parts.get(part).and_then(|part| Some((part, self.links.get(part.link)?)));
        let Some((part, link)) = found else { return Ok(vec![Vec::new(); self.channels]) };
        let packet = |i: usize| Some((i, link.packets.get(i)?.data.as_ref(), link.count(i)));
        let lead = part.packets.start.saturating_sub(1);
        link.headers.decode(
            std::iter::once(lead).chain(part.packets.clone()).map_while(packet),
            &part.keep,
            self.channels,
        )
    }
}

impl Link<'_> {
    /// Cuts the link, which is the file's `number`-th, into parts of about `size` frames.
    pub fn cut(&self, number: usize, size: u64) -> Vec<Part> {
        let mut parts = Vec::new();
        let (mut first, mut begin) = (0, 0);
        let mut keep = self.keep.iter().peekable();
        for (i, &end) in self.reach.iter().enumerate() {
            if end - begin < size && i + 1 != self.reach.len() {
                continue;
            }
            let mut kept = Vec::new();
            while let Some(range) = keep.peek() {
                // A part is some packets longer than `PART_FRAMES`, so its own frames fit any `usize`.
                let (from, to) = (range.start.max(begin), range.end.min(end));
                if from < to {
                    kept.push((from - begin) as usize..(to - begin) as usize);
                }
                if range.end > end {
                    break;
                }
                keep.next();
            }
            if !kept.is_empty() {
                parts.push(Part { link: number, packets: first..i + 1, keep: kept });
            }
            (first, begin) = (i + 1, end);
        }
        parts
    }

    /// How many frames packet `i` adds.
    pub fn count(&self, i: usize) -> usize {
        let before = i.checked_sub(1).and_then(|i| self.reach.get(i)).copied().unwrap_or(0);
        self.reach.get(i).map_or(0, |reach| reach.saturating_sub(before) as usize)
    }
}

impl Headers {
    /// How many channels a stream has, and its rate, by its first header.
    fn shape(ident: &[u8]) -> Result<(usize, u32), Problem> {
        let ident = read_header_ident(ident).map_err(|error| bad_header(&error))?;
        let (channels, sample_rate) = (usize::from(ident.audio_channels), ident.audio_sample_rate);
        check_shape(channels, sample_rate, 1)?;
        Ok((channels, sample_rate))
    }

    /// Reads a stream's first and third header.
    pub fn read(ident: &[u8], setup: &[u8]) -> Result<Self, Problem> {
        let (channels, _) = Self::shape(ident)?;
        let ident = read_header_ident(ident).map_err(|error| bad_header(&error))?;
        let modes = vorbis_setup::read(setup, channels)?;
        let setup = read_header_setup(setup, ident.audio_channels, (ident.blocksize_0, ident.blocksize_1))
            .map_err(|error| bad_header(&error))?;
        Ok(Self { ident, setup, modes })
    }

    /// What a packet's head says of its block; see [`vorbis_setup::Modes`].
    pub fn modes(&self) -> &vorbis_setup::Modes {
        &self.modes
    }

    /// Decodes packets, each with its number and how many frames it adds, into planar sound of what is kept of them.
    ///
    /// The packet before a part comes first: it fills the overlap, and gives no sound of its own. A stream's first packet
    /// leads itself: the decoder gives nothing for a packet without one before, but before a short block there is
    /// sound past the centre that no later packet brings.
    pub fn decode<'p>(
        &self,
        packets: impl Iterator<Item = (usize, &'p [u8], usize)>,
        keep: &[Range<usize>],
        channels: usize,
    ) -> Result<Vec<Vec<f32>>, Problem> {
        let mut out = vec![Vec::new(); channels];
        let end = keep.last().map_or(0, |keep| keep.end);
        out.iter_mut().for_each(|channel| channel.reserve_exact(end));
        let mut overlap = PreviousWindowRight::new();
        for (step, (i, data, count)) in packets.enumerate() {
            let sound: Vec<Vec<f32>> =
                read_audio_packet_generic(&self.ident, &self.setup, data, &mut overlap)
                    .map_err(|error| Problem::Corrupt(format!("audio packet {i}: {error}")))?;
            if step == 0 {
                continue;
            }
            for (channel, new) in out.iter_mut().zip(&sound) {
                let new = new.get(new.len().saturating_sub(count)..).unwrap_or(new);
                let room = end - channel.len();
                channel.extend_from_slice(new.get(..room).unwrap_or(new));
            }
        }
        for channel in &mut out {
            if channel.len() != end {
                return Err(Problem::Corrupt("its packets hold less sound than they say".to_owned()));
            }
            let mut kept = 0;
            for keep in keep {
                channel.copy_within(keep.clone(), kept);
                kept += keep.len();
            }
            channel.truncate(kept);
        }
        Ok(out)
    }
}

/// Packets of sound, their blocks, and whether those before and after are long.
type Audio<'a> = (Vec<ogg::Packet<'a>>, Vec<Block>, Vec<(bool, bool)>);

/// A link's packets of sound, and what they tell about their places.
///
/// An empty packet, or one marked as a header, carries no sound and is passed over, as the format asks.
fn audio<'a>(
    packets: impl Iterator<Item = ogg::Packet<'a>>,
    modes: &vorbis_setup::Modes,
) -> Result<Audio<'a>, Problem> {
    let (mut sounding, mut blocks, mut neighbours) = (Vec::new(), Vec::<Block>::new(), Vec::new());
    let mut after_gap = false;
    for (i, packet) in packets.enumerate() {
        if packet.data.first().is_none_or(|head| head & 1 != 0) {
            after_gap = true;
            continue;
        }
        let long = modes
            .is_long(&packet.data)
            .ok_or_else(|| Problem::Corrupt(format!("audio packet {i} has a broken head")))?;
        blocks.push(Block { long, after_gap, granule: packet.granule, last: packet.last });
        sounding.push(packet);
        after_gap = false;
    }
    // The reference decoder overlaps blocks by what they are, lewton by what their flags say of their
    // neighbours. A block at an edge counts as its own neighbour there.
    for (i, packet) in sounding.iter_mut().enumerate() {
        let is_long = |i: Option<usize>| i.and_then(|i| blocks.get(i)).is_none_or(|block| block.long);
        let beside = (is_long(i.checked_sub(1)), is_long(i.checked_add(1)));
        if is_long(Some(i)) {
            modes.set_neighbours(&mut packet.data, beside.0, beside.1);
        }
        neighbours.push(beside);
    }
    Ok((sounding, blocks, neighbours))
}

fn bad_header(error: &lewton::header::HeaderReadError) -> Problem {
    Problem::Corrupt(format!("Vorbis header: {error}"))
}
