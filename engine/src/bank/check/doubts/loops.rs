//! What should go on and can't: something that does not loop where the others do, or where only loops count.

use super::Doubts;
use crate::bank::compiled::{Bank, SoundId, SoundKind};
use crate::bank::decode::Text;
use crate::bank::graph::order_and_circles;
use crate::bank::schema::Sound;

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
            let (what, parts): (_, Vec<&Text>) = match item.value {
                Some(Sound::Blend(blend)) => {
                    ("the other layers loop", blend.of.iter().map(|layer| &layer.play).collect())
                }
                Some(Sound::Switch(switch)) if switch.crossfade.is_some() => {
                    let cases = switch.cases.0.iter().map(|(_, play)| play);
                    ("other cases loop", cases.chain(&switch.default).collect())
                }
                _ => continue,
            };
            let of = |part: &Text| self.bank.sound(&part.value).map_or(Lasts::Loops, |id| lasts[id.index()]);
            let most = parts.iter().map(|part| of(part)).max();
            if most == Some(Lasts::Ends) && matches!(item.value, Some(Sound::Switch(_))) {
                let message =
                    format!("{name:?} has a `crossfade`, but nothing that loops to cross over from");
                let help = "add `looping: true` to what it plays, or leave `crossfade` out";
                self.warn("missing-loop", (item.file, item.name), message, help);
            }
            if most == Some(Lasts::Loops) {
                for part in parts.into_iter().filter(|part| of(part) == Lasts::Ends).collect::<Vec<_>>() {
                    let message =
                        format!("{:?} ends on its own while {what}, and does not come back", part.value);
                    let help = "give it a `Clip` with `looping: true`";
                    self.warn("missing-loop", (item.file, part), message, help);
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
            kind => kind.plays().iter().map(|part| lasts[part.index()]).max().unwrap_or(Lasts::Silent),
        };
    }
    lasts
}
