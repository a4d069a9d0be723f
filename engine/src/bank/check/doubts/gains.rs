//! What the written gains come to, from the clip to the master.
//!
//! Every number here is the most that there can be: of drawn ranges the upper end, of curves the highest point in reach, of
//! several choices the loudest. A distance, a ducking rule and a blend only take away from that.

use super::desk::{Desk, above};
use super::loops::parts_first;
use super::{Doubts, range, reaches, signed};
use crate::bank::compiled::{
    Bank, Blended, Choice, Event, EventProperty, Part, Random, SoundId, SoundKind, Spread,
};

/// Beyond this much above the file's own level something is wrong, however soft the file.
const TOO_LOUD: f32 = 12.0;

/// A gain on the way and whose it is: `event "gun/shot"`.
pub(super) type Step = (String, f32);

/// The loudest way through a sound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loudest {
    /// The sum in dB; no number above `-inf` if it is silent.
    pub sum: f32,
    /// What of that is the sound's own.
    own: f32,
    /// The part that the way leads through.
    via: Option<usize>,
    /// Whether any way through it loops.
    pub loops: bool,
}

/// The upper end of what is drawn of gain.
fn highest(spread: &Spread) -> f32 {
    spread.gain.high.get()
}

/// A draw's own gain, and what there is to draw with its.
fn choice(random: &Random) -> (f32, Vec<(usize, f32)>) {
    let one = |choice: &Choice| (choice.sound.index(), highest(&choice.spread));
    (highest(&random.spread), random.of.iter().map(one).collect())
}

/// The loudest way through each sound.
pub(super) fn loudest(bank: &Bank) -> Vec<Loudest> {
    let silent = Loudest { sum: f32::NEG_INFINITY, own: 0.0, via: None, loops: false };
    let mut all = vec![silent; bank.sounds.len()];
    for own in parts_first(bank) {
        let kind = &bank.sounds[own].kind;
        // The container's own gain, and its parts with theirs.
        let (spread, parts): (f32, Vec<(usize, f32)>) = match kind {
            SoundKind::Clip(clip) => {
                let gain = clip.gain.get();
                all[own] = Loudest { sum: gain, own: gain, via: None, loops: clip.cut.looping };
                continue;
            }
            SoundKind::Random(random) => choice(random),
            SoundKind::Scatter(scatter) => choice(&scatter.choice),
            SoundKind::Layer(layer) => {
                let part = |part: &Part| (part.sound.index(), part.gain.get() + highest(&part.spread));
                (highest(&layer.spread), layer.of.iter().map(part).collect())
            }
            SoundKind::Blend(blend) => {
                let part = |part: &Blended| (part.sound.index(), highest(&part.spread));
                (highest(&blend.spread), blend.of.iter().map(part).collect())
            }
            kind => {
                let spread = match kind {
                    SoundKind::Sequence(sequence) => highest(&sequence.spread),
                    SoundKind::Switch(switch) => highest(&switch.spread),
                    _ => 0.0,
                };
                (spread, kind.plays().iter().map(|part| (part.index(), 0.0)).collect())
            }
        };
        let loops = parts.iter().any(|&(part, _)| all[part].loops);
        let loudest = parts.into_iter().max_by(|a, b| (all[a.0].sum + a.1).total_cmp(&(all[b.0].sum + b.1)));
        if let Some((via, gain)) = loudest {
            let own_gain = spread + gain;
            all[own] = Loudest { sum: all[via].sum + own_gain, own: own_gain, via: Some(via), loops };
        }
    }
    all
}

/// The most that an event's own gain comes to, its curves included.
pub(super) fn event_gain(bank: &Bank, event: &Event) -> f32 {
    let curves = event.curves.iter().filter(|curve| curve.property == EventProperty::Gain);
    event.gain.get() + curves.map(|curve| reaches(&curve.points, range(bank, curve.from)).1).sum::<f32>()
}

/// The loudest way of an event as far as its bus.
pub(super) fn steps(bank: &Bank, event: &Event, loudest: &[Loudest]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut next = event.play.map(SoundId::index);
    while let Some(sound) = next {
        steps.push((format!("{:?}", bank.sounds[sound].name), loudest[sound].own));
        next = loudest[sound].via;
    }
    steps.reverse();
    steps.push((format!("event {:?}", event.name), event_gain(bank, event)));
    steps
}

/// The steps that change something, in words.
pub(super) fn way(steps: &[Step]) -> String {
    let moving = steps.iter().filter(|(_, gain)| *gain != 0.0);
    moving.map(|(name, gain)| format!("{name} {}", signed(*gain))).collect::<Vec<_>>().join(", ")
}

impl Doubts<'_> {
    /// Events whose written gains add up to more than any file needs.
    pub(super) fn too_loud(&mut self, desk: &Desk<'_>, loudest: &[Loudest]) {
        let (project, bank) = (self.project, self.bank);
        let passages = desk.passages();
        for event in &bank.events {
            let Some(play) = event.play else { continue };
            let sum = passages[event.bus.index()].of(event_gain(bank, event) + loudest[play.index()].sum);
            if sum <= TOO_LOUD || desk.muted[event.bus.index()] || self.diagnostics.is_full() {
                continue;
            }
            let Some(item) = project.events.get(event.name.as_str()) else { continue };
            let mut steps = steps(bank, event, loudest);
            let mut level: f32 = steps.iter().map(|(_, gain)| gain).sum();
            for bus in above(bank, event.bus) {
                let out = desk.passage(bus.index()).of(level);
                steps.push((format!("bus {:?}", bank.buses[bus.index()].name), out - level));
                level = out;
            }
            let message =
                format!("{:?} may leave the master at {} dB: {}", event.name, signed(sum), way(&steps));
            let help = format!(
                "beyond {} dB it is up to limiters what is left of it; lower one of these",
                signed(TOO_LOUD)
            );
            self.warn("too-loud", (item.file, item.name), message, &help);
        }
    }
}
