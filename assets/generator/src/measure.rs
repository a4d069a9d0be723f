//! What a sound file holds, in one line of a table.

use crate::synth::{decibels, peak, rms};

/// The table's head (Markdown).
pub const HEADING: &str = "| file | channels | frames | length | peak dBFS | RMS dBFS | loop seam |\n\
                           | --- | --- | --- | --- | --- | --- | --- |";

/// One row. The seam is the step from the last sample to the first, as a share of the largest step between
/// neighbours within 20 ms of it: at most 1 when the loop holds no click.
pub fn row(file: &str, rate: f64, channels: &[Vec<f64>]) -> String {
    let len = channels.first().map_or(0, Vec::len);
    let top = channels.iter().fold(0.0, |a: f64, c| a.max(peak(c)));
    let power = channels.iter().map(|c| rms(c) * rms(c)).sum::<f64>() / channels.len().max(1) as f64;
    let seam = channels.iter().fold(0.0, |a: f64, c| a.max(seam(c, (rate * 0.02) as usize)));
    format!(
        "| {file} | {} | {len} | {:.2} s | {:.1} | {:.1} | {seam:.2} |",
        channels.len(),
        len as f64 / rate,
        decibels(top),
        decibels(libm::sqrt(power))
    )
}

/// The seam's step over the largest step within `reach` frames on either side.
pub fn seam(line: &[f64], reach: usize) -> f64 {
    let (Some(first), Some(last)) = (line.first(), line.last()) else {
        return 0.0;
    };
    let near = |part: &[f64]| part.windows(2).fold(0.0, |a: f64, w| a.max((w[1] - w[0]).abs()));
    let reach = reach.min(line.len());
    let own = near(&line[..reach]).max(near(&line[line.len() - reach..]));
    (first - last).abs() / own.max(1e-12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_period_has_no_seam_and_a_cut_one_has() {
        let tone = |len: i32| -> Vec<f64> {
            (0..len).map(|i| libm::sin(std::f64::consts::TAU * f64::from(i) / 480.0)).collect()
        };
        assert!(seam(&tone(4_800), 960) < 1.001);
        assert!(seam(&tone(4_800 - 120), 960) > 50.0);
    }
}
