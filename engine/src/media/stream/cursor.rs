//! Reading a sound as it is heard, in any order.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::super::decode::{check_finite, guarded};
use super::super::edit::crossed;
use super::super::{Problem, Source};
use super::Tables;

/// How many decoded parts are kept: two are needed where one goes over into the next, and two more where a loop's end is
/// faded into what comes before its beginning.
const KEPT: usize = 4;

/// Reads stretches of a [`Source`]. One after another they cost a decoder's work; a leap costs one packet more.
pub struct Cursor {
    source: Arc<Source>,
    tables: Arc<Tables>,
    parts: VecDeque<(usize, Vec<Vec<f32>>)>,
}

impl Cursor {
    pub(super) fn new(source: Arc<Source>, tables: Arc<Tables>) -> Self {
        Self { source, tables, parts: VecDeque::new() }
    }

    /// What is heard from frame `first` on, one list for each channel: `count` frames, or fewer at the end.
    ///
    /// # Errors
    /// If the file can't be read, is no longer what was loaded, or does not hold what it says.
    pub fn read(&mut self, first: usize, count: usize) -> Result<Vec<Vec<f32>>, Problem> {
        let end = first.saturating_add(count).min(self.source.frames());
        let mut sound = self.cut(first..end)?;
        let layout = self.source.layout.clone();
        if let Some(lap) = &layout.lap {
            // The end of what repeats is faded into what comes before its beginning.
            let fades = lap.end - layout.fade;
            let (from, to) = (first.max(fades), end.min(lap.end));
            if from < to {
                let shift = lap.len();
                let before = self.cut(from - shift..to - shift)?;
                for (sound, before) in sound.iter_mut().zip(before) {
                    let faded = sound.iter_mut().skip(from - first).zip(before);
                    for (i, (sound, before)) in faded.enumerate() {
                        *sound = crossed(*sound, before, from - fades + i, layout.fade);
                    }
                }
            }
        }
        Ok(sound)
    }

    /// The crossfade at the end of what repeats, in frames.
    pub(in crate::media) fn crossfade(&self) -> usize {
        self.source.layout.fade
    }

    /// As [`Cursor::read`], without the crossfade at the end of what repeats: as it is heard by whoever leaves the loop.
    pub(in crate::media) fn uncrossed(
        &mut self,
        first: usize,
        count: usize,
    ) -> Result<Vec<Vec<f32>>, Problem> {
        let end = first.saturating_add(count).min(self.source.frames());
        self.cut(first.min(end)..end)
    }

    /// A stretch of what is left of the file, before anything is faded.
    fn cut(&mut self, range: Range<usize>) -> Result<Vec<Vec<f32>>, Problem> {
        if range.is_empty() {
            return Ok(vec![Vec::new(); self.source.channels()]);
        }
        let kept = self.source.layout.kept.clone();
        if !self.source.layout.reverse {
            return self.converted(kept.start + range.start..kept.start + range.end);
        }
        let mut sound = self.converted(kept.end - range.end..kept.end - range.start)?;
        sound.iter_mut().for_each(|channel| channel.reverse());
        Ok(sound)
    }

    /// A stretch of the file at the engine's rate.
    fn converted(&mut self, range: Range<usize>) -> Result<Vec<Vec<f32>>, Problem> {
        let tables = Arc::clone(&self.tables);
        let Some(resampler) = &tables.resampler else {
            return self.decoded(range.start as i64..range.end as i64);
        };
        let input = self.decoded(resampler.needs(range.start as u64..range.end as u64))?;
        let run = |channel: &Vec<f32>| resampler.run(range.start as u64, range.len(), channel);
        Ok(input.iter().map(run).collect())
    }

    /// A stretch of the file at its own rate. Beyond its ends is silence or, if it repeats as it is, the file again.
    fn decoded(&mut self, range: Range<i64>) -> Result<Vec<Vec<f32>>, Problem> {
        let length = self.source.index.frames as i64;
        let mut sound =
            vec![Vec::with_capacity((range.end - range.start).max(0) as usize); self.source.channels()];
        let mut at = range.start;
        while at < range.end {
            let place = if self.source.round { at.rem_euclid(length) } else { at };
            if !(0..length).contains(&place) {
                let next = if place < 0 { range.end.min(at - place) } else { range.end };
                sound
                    .iter_mut()
                    .for_each(|channel| channel.resize(channel.len() + (next - at) as usize, 0.0));
                at = next;
                continue;
            }
            let (part, frames) = self.source.index.part_of(place as u64).ok_or(Problem::Empty)?;
            let from = (place - frames.start as i64) as usize;
            let count = (frames.end as i64 - place).min(range.end - at) as usize;
            for (channel, decoded) in sound.iter_mut().zip(self.part(part)?) {
                let decoded = decoded.get(from..from + count);
                channel.extend_from_slice(
                    decoded.ok_or_else(|| Problem::Truncated("sound is missing".to_owned()))?,
                );
            }
            at += count as i64;
        }
        Ok(sound)
    }

    /// A decoded part.
    fn part(&mut self, number: usize) -> Result<&[Vec<f32>], Problem> {
        if !self.parts.iter().any(|(kept, _)| *kept == number) {
            let Self { source, tables, .. } = self;
            let decoded =
                guarded(|| source.index.decode(number, &tables.headers, |range| tables.place.read(range)))?;
            check_finite(&decoded)?;
            if self.parts.len() >= KEPT {
                self.parts.pop_front();
            }
            self.parts.push_back((number, decoded));
        }
        let found = self.parts.iter().find(|(kept, _)| *kept == number);
        Ok(found.map_or(&[], |(_, decoded)| decoded.as_slice()))
    }
}
