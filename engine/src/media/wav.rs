//! WAV through hound. The RIFF chunks are walked here first, because a chunk of odd length is padded and a header
//! may promise what the file does not hold; hound then gets a file of nothing but `fmt ` and `data`.

use std::io::Read as _;

use hound::{SampleFormat, WavReader};

use super::{Codec, Decoded, Problem, check_shape};

/// The chunks that matter, found and inside the file.
pub(super) struct Chunks<'a> {
    /// How the sound is coded.
    pub format: &'a [u8],
    /// The sound.
    pub data: &'a [u8],
    /// Where the sound begins in the file.
    pub at: usize,
    tags: Vec<(String, String)>,
}

/// Decodes a WAV file.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Problem> {
    let Chunks { format, data, tags, .. } = chunks(bytes)?;
    Ok(Decoded { tags, ..frames(format, data)? })
}

/// How many channels a format says, and the bytes of a frame of them all.
pub(super) fn shape(format: &[u8]) -> Result<(usize, usize), Problem> {
    // hound divides by the bytes of one sample.
    let field = |at: usize| format.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]));
    let (channels, block) = (usize::from(field(2)), usize::from(field(12)));
    if channels == 0 || block < channels || !block.is_multiple_of(channels) {
        return Err(Problem::Corrupt(format!("{channels} channels in frames of {block} bytes")));
    }
    Ok((channels, block))
}

/// How many frames a file has, and their rate.
pub(super) fn length(bytes: &[u8]) -> Result<(u64, u32), Problem> {
    let Chunks { format, data, .. } = chunks(bytes)?;
    let (_, block) = shape(format)?;
    let rate = format.get(4..8).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    Ok(((data.len() / block) as u64, rate))
}

/// Decodes whole frames of a format.
pub(super) fn frames(format: &[u8], data: &[u8]) -> Result<Decoded, Problem> {
    let (channels, block) = shape(format)?;
    let whole = data.len() - data.len() % block;
    if whole != data.len() {
        return Err(Problem::Truncated(format!(
            "the last frame has {} of {block} bytes",
            data.len() - whole
        )));
    }
    let mut head = b"RIFF\0\0\0\0WAVE".to_vec();
    for (name, size) in [(b"fmt ", format.len()), (b"data", data.len())] {
        head.extend_from_slice(name);
        head.extend_from_slice(&u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes());
        if name == b"fmt " {
            head.extend_from_slice(format);
        }
    }
    let reader = WavReader::new(head.as_slice().chain(data)).map_err(|error| refused(&error))?;
    let spec = reader.spec();
    let frames = data.len() / block;
    check_shape(channels, spec.sample_rate, frames as u64)?;

    let mut planar = vec![Vec::with_capacity(frames); channels];
    let bits = spec.bits_per_sample;
    let mut fill = |samples: &mut dyn Iterator<Item = hound::Result<f32>>| -> Result<(), Problem> {
        for _ in 0..frames {
            for channel in &mut planar {
                match samples.next() {
                    Some(Ok(sample)) => channel.push(sample),
                    Some(Err(error)) => return Err(refused(&error)),
                    None => return Err(Problem::Truncated("samples are missing".to_owned())),
                }
            }
        }
        Ok(())
    };
    let float = spec.sample_format == SampleFormat::Float;
    match (spec.sample_format, bits) {
        (SampleFormat::Float, 32) => fill(&mut reader.into_samples::<f32>())?,
        (SampleFormat::Int, 8 | 16 | 24 | 32) => {
            // Exact: a power of two, and f32 holds 24 bits; of 32 bits the lowest eight are rounded.
            let scale = 1.0 / (1_u64 << (bits - 1)) as f32;
            fill(&mut reader.into_samples::<i32>().map(|sample| sample.map(|sample| sample as f32 * scale)))?;
        }
        _ => return Err(Problem::UnknownFormat(format!("a WAV file of {bits} bit"))),
    }
    let codec = Codec::Wav { bits, float };
    Ok(Decoded { channels: planar, sample_rate: spec.sample_rate, codec, tags: Vec::new() })
}

/// Finds a file's chunks.
pub(super) fn chunks(bytes: &[u8]) -> Result<Chunks<'_>, Problem> {
    let mut rest = bytes.get(12..).unwrap_or_default();
    let (mut format, mut data, mut at, mut tags) = (None, None, 0, Vec::new());
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let (name, size) = (&head[..4], u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize);
        let Some(body) = after.get(..size) else {
            // Behind the sound a broken chunk does no harm.
            if data.is_some() {
                break;
            }
            let name = String::from_utf8_lossy(name);
            return Err(Problem::Truncated(format!(
                "chunk {:?} says {size} bytes, the file holds {}",
                name.trim_end(),
                after.len()
            )));
        };
        match name {
            b"fmt " => format = format.or(Some(body)),
            b"data" if data.is_none() => (data, at) = (Some(body), bytes.len() - after.len()),
            b"LIST" => tags.extend(info_tags(body)),
            _ => {}
        }
        rest = after.get(size + size % 2..).unwrap_or_default();
    }
    match (format, data) {
        (Some(format), Some(data)) => Ok(Chunks { format, data, at, tags }),
        (None, _) => Err(Problem::Truncated("the WAV file has no format chunk".to_owned())),
        (_, None) => Err(Problem::Truncated("the WAV file has no data chunk".to_owned())),
    }
}

/// The texts of a `LIST INFO` chunk, under the names Vorbis gives them.
fn info_tags(body: &[u8]) -> Vec<(String, String)> {
    let mut tags = Vec::new();
    let mut rest = body.strip_prefix(b"INFO").unwrap_or_default();
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let Some(text) = after.get(..size) else { break };
        let name = match &head[..4] {
            b"INAM" => "TITLE".into(),
            b"IART" => "ARTIST".into(),
            b"ICRD" => "DATE".into(),
            b"ICMT" => "COMMENT".into(),
            b"ICOP" => "COPYRIGHT".into(),
            b"ISFT" => "ENCODER".into(),
            other => String::from_utf8_lossy(other).into_owned(),
        };
        let text = String::from_utf8_lossy(text);
        tags.push((name, text.trim_end_matches('\0').to_owned()));
        rest = after.get(size + size % 2..).unwrap_or_default();
    }
    tags
}

fn refused(error: &hound::Error) -> Problem {
    match error {
        hound::Error::FormatError(what) => Problem::Corrupt(format!("WAV header: {what}")),
        hound::Error::Unsupported => Problem::UnknownFormat("a WAV file with a compressed codec".to_owned()),
        hound::Error::IoError(_) => Problem::Truncated("the WAV header ends early".to_owned()),
        other => Problem::Corrupt(format!("WAV: {other}")),
    }
}
