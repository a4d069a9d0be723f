//! What should go on and can't: something that does not loop where the others do, or where only loops count.

use super::{Doubts, played};
use crate::bank::compiled::{Bank, SoundId, SoundKind};
use crate::bank::graph::order_and_circles;
use crate::bank::schema::{Change, Play, Sound};

/// How long what a sound comes to can last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lasts {
    /// It is silent.
    Silent,
    /// It ends on its own.
    Ends,
    /// It may loop.
    Loops,
}

impl Doubts<'_> {
    pub(super) fn without_loop(&mut self) {
        let project = self.project;
        let lasts = lasting(self.bank);
        for (name, item) in &project.sounds {
            let (what, parts): (_, Vec<&Play>) = match item.value {
                Some(Sound::Blend(blend)) => {
                    ("the other layers loop", blend.of.iter().map(|layer| &layer.play).collect())
                }
                Some(Sound::Switch(switch))
                    if switch.crossfade.is_some()
                        || switch.change.is_some_and(|change| change != Change::Continue) =>
                {
                    let cases = switch.cases.0.iter().map(|(_, play)| play);
                    ("other cases loop", cases.chain(&switch.default).collect())
                }
                _ => continue,
            };
            let of =
                |part: &Play| self.bank.sound(&part.name.value).map_or(Lasts::Loops, |id| lasts[id.index()]);
            let most = parts.iter().map(|part| of(part)).max();
            if most == Some(Lasts::Ends)
                && let Some(Sound::Switch(switch)) = item.value
            {
                let field = if switch.change.is_some() { "change" } else { "crossfade" };
                let message = format!("{name:?} has a `{field}`, but nothing that loops to cross over from");
                let help = format!("add `looping: true` to what it plays, or leave `{field}` out");
                self.warn("missing-loop", (item.file, item.name), message, &help);
            }
            if most == Some(Lasts::Loops) {
                for part in parts.into_iter().filter(|part| of(part) == Lasts::Ends).collect::<Vec<_>>() {
                    let message =
                        format!("{} ends on its own while {what}, and does not come back", played(part));
                    let help = "give it a `Clip` with `looping: true`";
                    self.warn("missing-loop", (item.file, &part.name), message, help);
                }
            }
        }
    }
}

/// The sounds so that each comes after all that it plays.
pub(super) fn parts_first(bank: &Bank) -> Vec<usize> {
    let edges = bank.sounds.iter().enumerate().flat_map(|(own, sound)| {
        sound.kind.plays().into_iter().map(move |SoundId(part)| (part as usize, own))
    });
    order_and_circles(bank.sounds.len(), &edges.collect::<Vec<_>>()).0
}

fn lasting(bank: &Bank) -> Vec<Lasts> {
    let mut lasts = vec![Lasts::Silent; bank.sounds.len()];
    for own in parts_first(bank) {
        lasts[own] = match &bank.sounds[own].kind {
            SoundKind::Clip(clip) if clip.cut.looping => Lasts::Loops,
            SoundKind::Clip(_) => Lasts::Ends,
            // What plays one after another goes on as long as it has a next one, whatever that is.
            SoundKind::Random(random) if random.run.is_some_and(|run| run.loops.is_none()) => Lasts::Loops,
            SoundKind::Sequence(sequence) if sequence.run.is_some_and(|run| run.loops.is_none()) => {
                Lasts::Loops
            }
            SoundKind::Scatter(scatter) if scatter.count.is_none() => Lasts::Loops,
            SoundKind::Music(_) => Lasts::Loops,
            kind => kind.plays().iter().map(|part| lasts[part.index()]).max().unwrap_or(Lasts::Silent),
        };
    }
    lasts
}
