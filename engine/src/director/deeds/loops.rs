//! Leaving a loop: the lap is finished, then the rest of the sound plays out.

use crate::director::playback::Playback;
use crate::director::{Director, Order, PlaybackId, markers};
use crate::link::Command;

impl Director {
    /// Where on its sample a loop can no longer be left in the same lap; `None` for what doesn't loop.
    pub(in crate::director) fn exit_of(&self, playback: &Playback) -> Option<f64> {
        let facts = self.facts(playback)?;
        facts.lap.map(|_| f64::from(facts.exit))
    }

    /// Lets a playback leave its loop at the lap's end.
    pub(super) fn break_one(&mut self, id: PlaybackId) {
        let Some(playback) = self.playbacks.get(id).filter(|playback| playback.take.looping) else { return };
        let (facts, exit) = (self.facts(playback), self.exit_of(playback));
        let asleep = playback.voice.is_none() && !playback.is_fresh();
        let now = self.now.max(playback.start);
        let mut place = playback.position(now, facts);
        if let (Some(exit), Some((start, end))) = (exit, facts.and_then(|facts| facts.lap))
            && place >= exit
        {
            // It takes one lap more.
            place = (place - f64::from(end - start)).max(0.0);
        }
        if let Some(voice) = playback.voice {
            self.orders.push(Order { at: self.stamp, command: Command::Break { voice } });
        }
        self.bend_way(id, markers::Bend::Break);
        if let Some(playback) = self.playbacks.get_mut(id) {
            (playback.take.looping, playback.broken) = (false, true);
            if !playback.is_fresh() {
                playback.anchor = (now, place);
            }
        }
        if asleep {
            self.rest(id);
        }
    }

    /// Makes a playback that loops leave its loop: the lap is finished, then the rest of the sound plays out.
    pub fn break_loop(&mut self, id: PlaybackId) {
        for sound in self.family(id) {
            self.break_one(sound);
        }
    }
}
