//! What should go on and can't: something that does not loop where the others do, or where only loops count.

use super::{Doubts, played};
use crate::bank::check::lasts::{Lasting, Lasts};
use crate::bank::compiled::{Bank, SoundId};
use crate::bank::graph::order_and_circles;
use crate::bank::schema::{Change, Play, Sound};

impl Doubts<'_> {
    pub(super) fn without_loop(&mut self) {
        let project = self.project;
        let lasting = Lasting::of(project);
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
            let of = |part: &Play| lasting.lasts(&part.name.value);
            let most = parts.iter().map(|part| of(part)).max();
            if most == Some(Lasts::Ends)
                && let Some(Sound::Switch(switch)) = item.value
            {
                let field = if switch.change.is_some() { "change" } else { "crossfade" };
                let message = format!("{name:?} has a `{field}`, but nothing that loops to cross over from");
                let help = format!("add `looping: true` to what it plays, or leave `{field}` out");
                self.warn("missing-loop", (item.file, item.name), message, &help);
            }
            if matches!(most, Some(Lasts::Endless(_))) {
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
