//! WAV files that are either complete or not there.

use crate::args::Bits;
use crate::report::Failure;
use hound::{SampleFormat, WavSpec, WavWriter};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Says why a file can't be written there, before any work is done.
pub(super) fn check(path: &Path) -> Result<(), Failure> {
    let name = path.display();
    if path.is_dir() {
        return Err(Failure::not_run(format!("{name} is a folder")).help("give the name of a WAV file in it"));
    }
    if path.exists() && !path.is_file() {
        return Err(Failure::not_run(format!("{name} is not a file")).help("give the name of a WAV file"));
    }
    if path.file_name().is_none() {
        return Err(
            Failure::not_run(format!("\"{name}\" is no name of a file")).help("give the name of a WAV file")
        );
    }
    let folder = folder(path);
    if !folder.is_dir() {
        let missing = format!("there is no folder {} to write {name} in", folder.display());
        return Err(Failure::not_run(missing).help("make it first"));
    }
    Ok(())
}

/// Says whether a WAV file can be as long as that; its sizes are 32 bit numbers.
pub(super) fn check_length(seconds: f64, rate: u32, bits: Bits) -> Result<(), Failure> {
    let bytes = seconds * f64::from(rate) * 2.0 * f64::from(spec(rate, bits).bits_per_sample / 8);
    // The header takes some 70 bytes.
    if bytes > f64::from(u32::MAX) - 1024.0 {
        let message = format!("{seconds} s at {rate} Hz are {:.1} GB, a WAV file holds 4.2 GB", bytes / 1e9);
        return Err(Failure::not_run(message).help("take a lower --rate or fewer --bits"));
    }
    Ok(())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn spec(rate: u32, bits: Bits) -> WavSpec {
    let (bits_per_sample, sample_format) = match bits {
        Bits::Int16 => (16, SampleFormat::Int),
        Bits::Int24 => (24, SampleFormat::Int),
        Bits::Float32 => (32, SampleFormat::Float),
    };
    WavSpec { channels: 2, sample_rate: rate, bits_per_sample, sample_format }
}

/// A stereo WAV file on its way. Until [`WavFile::finish`] it has a name of its own in the same folder; dropped
/// before, it vanishes.
pub(super) struct WavFile {
    path: PathBuf,
    // Closed before the file is removed.
    writer: WavWriter<BufWriter<File>>,
    unfinished: Unfinished,
    bits: Bits,
}

/// A file that is removed unless it gets its name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already when it has its name.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl WavFile {
    /// Begins a file that is to be `path`.
    pub(super) fn create(path: &Path, rate: u32, bits: Bits) -> Result<Self, Failure> {
        let refused = |error: std::io::Error| cannot(path, &error);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let part = folder(path).join(format!(".{name}.{}.part", std::process::id()));
        let file = File::create_new(&part).map_err(refused)?;
        let unfinished = Unfinished(part);
        let writer =
            WavWriter::new(BufWriter::new(file), spec(rate, bits)).map_err(|error| failed(path, error))?;
        Ok(Self { path: path.to_owned(), unfinished, writer, bits })
    }

    /// Appends interleaved samples. Integers are rounded and kept within full scale.
    pub(super) fn write(&mut self, samples: &[f32]) -> Result<(), Failure> {
        let result = samples.iter().try_for_each(|&sample| match self.bits {
            Bits::Int16 => self.writer.write_sample(integer(sample, 16)),
            Bits::Int24 => self.writer.write_sample(integer(sample, 24)),
            Bits::Float32 => self.writer.write_sample(sample),
        });
        result.map_err(|error| failed(&self.path, error))
    }

    /// Completes the file and gives it its name, in place of whatever bore it.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let Self { path, unfinished, writer, .. } = self;
        writer.finalize().map_err(|error| failed(&path, error))?;
        std::fs::rename(&unfinished.0, &path).map_err(|error| cannot(&path, &error))
    }
}

fn integer(sample: f32, bits: u32) -> i32 {
    let scale = (1_i64 << (bits - 1)) as f64;
    // `as` saturates, and NaN, which the mixer never gives, is 0.
    (f64::from(sample) * scale).round().clamp(-scale, scale - 1.0) as i32
}

fn failed(path: &Path, error: hound::Error) -> Failure {
    match error {
        hound::Error::IoError(error) => cannot(path, &error),
        error => Failure::not_run(format!("can't write {}: {error}", path.display())),
    }
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::not_run(format!("can't write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_rounded_and_kept_within_full_scale() {
        for (sample, bits, expected) in [
            (0.0, 16, 0),
            (0.5, 16, 16_384),
            (1.0, 16, 32_767),
            (-1.0, 16, -32_768),
            (7.0, 24, 8_388_607),
            (1.6 / 32_768.0, 16, 2),
            (f32::NAN, 16, 0),
        ] {
            assert_eq!(integer(sample, bits), expected, "{sample} at {bits} bits");
        }
    }

    #[test]
    fn an_hour_at_192_khz_is_too_long_for_float_but_not_for_16_bit() {
        assert!(check_length(3600.0, 192_000, Bits::Float32).is_err());
        assert!(check_length(3600.0, 192_000, Bits::Int16).is_ok());
        assert!(check_length(3600.0, 48_000, Bits::Float32).is_ok());
    }
}
