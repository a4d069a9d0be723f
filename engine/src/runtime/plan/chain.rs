//! From one chain of effects to the next.

use super::super::builder::Plugins;
use crate::bank::{self, EffectKind};
use crate::media::Edit;
use crate::mixer::{EffectParams, KeySpec, Origin, SlotSpec, Tap};
use crate::reload::Project;

/// One place in a running chain.
#[derive(Clone)]
pub(in crate::runtime) struct Link {
    /// The effect; `None` marks one that is fading out.
    pub(in crate::runtime) effect: Option<bank::Effect>,
    pub(super) key: Option<KeySpec>,
    /// Frames by which it is late.
    pub(super) latency: usize,
}

impl Link {
    /// The same in a graph where buses have moved.
    pub(super) fn followed(&self, follow: &impl Fn(u16) -> Option<u16>) -> Self {
        let key = self.key.and_then(|key| Some(KeySpec { bus: follow(key.bus)?, ..key }));
        Self { key, ..self.clone() }
    }
}

type Chain = (Vec<SlotSpec>, Vec<Link>);

pub(super) fn fresh_chain(effects: &[bank::Effect], builder: &Builder<'_>) -> Chain {
    let slots = effects.iter().map(|effect| builder.slot(effect, Origin::Fresh)).collect();
    (slots, effects.iter().map(link).collect())
}

/// Lines up the new chain with the running one: the longest common run of effects stays, others leave or enter.
pub(super) fn merge_chain(
    old: &[Link],
    settled: bool,
    new: &[bank::Effect],
    builder: &Builder<'_>,
    follow: &impl Fn(u16) -> Option<u16>,
) -> Chain {
    // common[i][j]: how many effects old[i..] and new[j..] can share.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for (i, old) in old.iter().enumerate().rev() {
        for (j, new) in new.iter().enumerate().rev() {
            common[i][j] = if same(old.effect.as_ref(), new) {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut slots, mut chain) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && same(old[i].effect.as_ref(), &new[j]) {
            let slot = builder.slot(&new[j], Origin::Kept(i as u16));
            slots.push(SlotSpec { latency: old[i].latency, ..slot });
            chain.push(link(&new[j]));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]) {
            // One that was leaving already goes on doing so until it had its time.
            if old[i].effect.is_some() || !settled {
                let slot = SlotSpec { origin: Origin::Leaving(i as u16), ..fading(&old[i], i, follow) };
                chain.push(Link { effect: None, key: slot.key, latency: slot.latency });
                slots.push(slot);
            }
            i += 1;
        } else {
            slots.push(builder.slot(&new[j], Origin::Entering));
            chain.push(link(&new[j]));
            j += 1;
        }
    }
    (slots, chain)
}

fn link(effect: &bank::Effect) -> Link {
    Link { effect: Some(effect.clone()), key: key(effect), latency: 0 }
}

/// A running effect carried on as it is, or on its way out.
pub(super) fn fading(link: &Link, place: usize, follow: &impl Fn(u16) -> Option<u16>) -> SlotSpec {
    let place = place as u16;
    SlotSpec {
        params: link.effect.as_ref().map_or(EffectParams::Plugin, params),
        key: link.followed(follow).key,
        origin: if link.effect.is_some() { Origin::Kept(place) } else { Origin::Leaving(place) },
        plugin: None,
        impulse: None,
        bypass: link.effect.as_ref().is_some_and(|effect| effect.bypass),
        latency: link.latency,
    }
}

/// Whether a running effect can take on the new one's settings. What it can't change while it runs (a
/// limiter's latency, a plug-in's settings, an impulse response) makes it another effect.
fn same(old: Option<&bank::Effect>, new: &bank::Effect) -> bool {
    let Some(old) = old else { return false };
    let kind = match (&old.kind, &new.kind) {
        (EffectKind::Own(old), EffectKind::Own(new)) => old.can_become(new),
        (EffectKind::Custom(old), EffectKind::Custom(new)) => old == new,
        _ => false,
    };
    kind && old.file == new.file
}

/// What new slots are made with.
pub(super) struct Builder<'a> {
    pub(super) plugins: &'a Plugins,
    pub(super) project: &'a Project,
}

impl Builder<'_> {
    /// A slot for an effect of the bank; only a new one needs what it is made of.
    fn slot(&self, effect: &bank::Effect, origin: Origin) -> SlotSpec {
        let new = matches!(origin, Origin::Fresh | Origin::Entering);
        let plugin = match &effect.kind {
            EffectKind::Custom(custom) if new => self.plugins.build(custom),
            _ => None,
        };
        let impulse = effect.file.filter(|_| new).and_then(|file| {
            let file = &self.project.bank.media.get(file.index())?.file;
            self.project.store.get(file, Edit::impulse()).cloned()
        });
        SlotSpec {
            params: params(effect),
            key: key(effect),
            origin,
            plugin,
            impulse,
            bypass: effect.bypass,
            latency: 0,
        }
    }
}

fn key(effect: &bank::Effect) -> Option<KeySpec> {
    let tap = |key: bank::Key| match key {
        bank::Key { delayed: true, .. } => Tap::Delayed,
        bank::Key { pre: true, .. } => Tap::Pre,
        _ => Tap::Post,
    };
    effect.key.map(|key| KeySpec { bus: key.bus.0 as u16, tap: tap(key) })
}

fn params(effect: &bank::Effect) -> EffectParams {
    match &effect.kind {
        EffectKind::Own(effect) => EffectParams::Own(effect.clone()),
        EffectKind::Custom(_) => EffectParams::Plugin,
    }
}
