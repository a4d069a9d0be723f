//! Where the parts of a sound lie in its file, and how each is decoded by itself.
//!
//! A part of Vorbis is a run of packets and the one before it, whose overlap it needs; a part of WAV is a run of frames.

use std::borrow::Cow;
use std::ops::Range;

use super::super::decode::Plan;
use super::super::sample::Hasher;
use super::super::vorbis::{self, Headers};
use super::super::{Problem, wav};

/// About how many frames one part holds: a sixth of a second. The packet it decodes twice is an eighth of it.
const PART_FRAMES: u64 = 1 << 13;

/// The parts of one file, in order.
pub(super) struct Index {
    pub channels: usize,
    pub sample_rate: u32,
    /// The length of all of it, at its own rate.
    pub frames: u64,
    parts: Vec<Part>,
    coding: Coding,
}

struct Part {
    /// Where it lies in the file; files have at most a gibibyte.
    file: Range<u32>,
    /// What lay there when the file was loaded.
    hash: u64,
    /// Its first frame.
    first: u64,
}

enum Coding {
    /// The format chunk.
    Wav(Vec<u8>),
    Vorbis(Packets),
}

/// The packets of Vorbis streams.
struct Packets {
    /// For each stream, where its first and third header lie.
    headers: Vec<[Vec<Range<u32>>; 2]>,
    runs: Vec<Run>,
    packets: Vec<Packet>,
    /// Where packets lie; one that goes over from one page to the next has several.
    pieces: Vec<Range<u32>>,
}

/// The packets of a part.
struct Run {
    stream: usize,
    /// The one before the part.
    lead: u32,
    packets: Range<u32>,
    keep: Vec<Range<usize>>,
}

struct Packet {
    /// Its first piece; its last lies before the next packet's first.
    piece: u32,
    /// How many frames it adds.
    count: u16,
    /// Whether the blocks before and after it are long.
    neighbours: (bool, bool),
}

fn narrow(range: &Range<usize>) -> Range<u32> {
    range.start as u32..range.end as u32
}

impl Index {
    pub fn new(plan: &Plan<'_>, bytes: &[u8]) -> Result<Self, Problem> {
        match plan {
            Plan::Vorbis(plan) => Ok(Self::vorbis(plan, bytes)),
            Plan::Wav(_) => Self::wav(bytes),
        }
    }

    fn wav(bytes: &[u8]) -> Result<Self, Problem> {
        let wav::Chunks { format, data, at, .. } = wav::chunks(bytes)?;
        let (channels, block) = wav::shape(format)?;
        // All of it is decoded once, in parts: what has a number that is none must not be loaded.
        let mut parts = Vec::new();
        let (mut first, mut sample_rate) = (0, 0);
        for part in data.chunks(PART_FRAMES as usize * block) {
            let decoded = wav::frames(format, part)?;
            super::super::decode::check_finite(&decoded.channels)?;
            let begin = at + first as usize * block;
            let file = narrow(&(begin..begin + part.len()));
            parts.push(Part { file, hash: Hasher::of(part), first });
            first += decoded.frames() as u64;
            sample_rate = decoded.sample_rate;
        }
        let coding = Coding::Wav(format.to_vec());
        Ok(Self { channels, sample_rate, frames: first, parts, coding })
    }

    fn vorbis(plan: &vorbis::Plan<'_>, bytes: &[u8]) -> Self {
        let mut all =
            Packets { headers: Vec::new(), runs: Vec::new(), packets: Vec::new(), pieces: Vec::new() };
        let (mut parts, mut frames) = (Vec::new(), 0);
        for (number, link) in plan.links().iter().enumerate() {
            let base = all.packets.len() as u32;
            all.headers.push(link.header_pieces.each_ref().map(|pieces| pieces.iter().map(narrow).collect()));
            for (i, (packet, &neighbours)) in link.packets.iter().zip(&link.neighbours).enumerate() {
                // Blocks have at most 8192 frames, so a packet adds no more.
                let count = u16::try_from(link.count(i)).unwrap_or(u16::MAX);
                all.packets.push(Packet { piece: all.pieces.len() as u32, count, neighbours });
                all.pieces.extend(packet.pieces.iter().map(narrow));
            }
            for part in link.cut(number, PART_FRAMES) {
                let lead = base + part.packets.start.saturating_sub(1) as u32;
                let packets = base + part.packets.start as u32..base + part.packets.end as u32;
                let file = all.extent(lead..packets.end);
                let hash = Hasher::of(bytes.get(file.start as usize..file.end as usize).unwrap_or_default());
                parts.push(Part { file, hash, first: frames });
                frames += part.keep.iter().map(|keep| keep.len() as u64).sum::<u64>();
                all.runs.push(Run { stream: number, lead, packets, keep: part.keep });
            }
        }
        let (channels, sample_rate) = (plan.channels, plan.sample_rate);
        Self { channels, sample_rate, frames, parts, coding: Coding::Vorbis(all) }
    }

    /// Memory taken.
    pub fn bytes(&self) -> usize {
        let coding = match &self.coding {
            Coding::Wav(format) => format.len(),
            Coding::Vorbis(all) => {
                let keeps: usize = all.runs.iter().map(|run| size_of_val::<[Range<usize>]>(&run.keep)).sum();
                keeps
                    + size_of_val::<[Run]>(&all.runs)
                    + size_of_val::<[Packet]>(&all.packets)
                    + size_of_val::<[Range<u32>]>(&all.pieces)
            }
        };
        coding + size_of_val::<[Part]>(&self.parts)
    }

    /// The part that holds a frame, with its number and the frames it holds.
    pub fn part_of(&self, frame: u64) -> Option<(usize, Range<u64>)> {
        let number = self.parts.partition_point(|part| part.first <= frame).checked_sub(1)?;
        let end = self.parts.get(number + 1).map_or(self.frames, |next| next.first);
        Some((number, self.parts.get(number)?.first..end)).filter(|(_, frames)| frames.contains(&frame))
    }

    /// Reads the headers of all streams.
    pub fn headers(
        &self,
        read: impl Fn(Range<u32>) -> Result<Vec<u8>, Problem>,
    ) -> Result<Vec<Headers>, Problem> {
        let Coding::Vorbis(all) = &self.coding else { return Ok(Vec::new()) };
        let join = |pieces: &[Range<u32>]| {
            pieces
                .iter()
                .map(|piece| read(piece.clone()))
                .collect::<Result<Vec<_>, _>>()
                .map(|all| all.concat())
        };
        all.headers.iter().map(|[ident, setup]| Headers::read(&join(ident)?, &join(setup)?)).collect()
    }

    /// Decodes a part.
    pub fn decode(
        &self,
        part: usize,
        headers: &[Headers],
        read: impl Fn(Range<u32>) -> Result<Vec<u8>, Problem>,
    ) -> Result<Vec<Vec<f32>>, Problem> {
        let about = self.parts.get(part).ok_or(Problem::Empty)?;
        let bytes = read(about.file.clone())?;
        if Hasher::of(&bytes) != about.hash {
            return Err(Problem::Changed);
        }
        match &self.coding {
            Coding::Wav(format) => Ok(wav::frames(format, &bytes)?.channels),
            Coding::Vorbis(all) => all.decode(part, headers, &bytes, about.file.start, self.channels),
        }
    }
}

impl Packets {
    fn pieces(&self, packet: u32) -> &[Range<u32>] {
        let at =
            |packet: u32| self.packets.get(packet as usize).map_or(self.pieces.len(), |p| p.piece as usize);
        self.pieces.get(at(packet)..at(packet + 1)).unwrap_or_default()
    }

    /// From where to where packets lie in the file, with whatever lies between them.
    fn extent(&self, packets: Range<u32>) -> Range<u32> {
        let first = self.pieces(packets.start).first().map_or(0, |piece| piece.start);
        let last = self.pieces(packets.end.saturating_sub(1)).last().map_or(0, |piece| piece.end);
        first..last.max(first)
    }

    fn decode(
        &self,
        part: usize,
        headers: &[Headers],
        bytes: &[u8],
        begin: u32,
        channels: usize,
    ) -> Result<Vec<Vec<f32>>, Problem> {
        let run = self.runs.get(part).ok_or(Problem::Empty)?;
        let headers = headers.get(run.stream).ok_or(Problem::Empty)?;
        let packet = |number: u32| {
            let piece = |piece: &Range<u32>| {
                bytes.get((piece.start - begin) as usize..(piece.end - begin) as usize).unwrap_or_default()
            };
            let mut data = match self.pieces(number) {
                [whole] => Cow::Borrowed(piece(whole)),
                several => Cow::Owned(several.iter().map(piece).collect::<Vec<_>>().concat()),
            };
            let about = self.packets.get(number as usize)?;
            if headers.modes().is_long(&data) == Some(true) {
                headers.modes().set_neighbours(&mut data, about.neighbours.0, about.neighbours.1);
            }
            Some((number as usize, data, usize::from(about.count)))
        };
        let packets: Vec<_> =
            std::iter::once(run.lead).chain(run.packets.clone()).map_while(packet).collect();
        headers.decode(
            packets.iter().map(|(i, data, count)| (*i, data.as_ref(), *count)),
            &run.keep,
            channels,
        )
    }
}
