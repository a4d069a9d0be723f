//! What concerns more than one field of a sound.
//!
//! May be named here: the groups of sounds, the syntax tree. Runs on any thread.

use super::{
    Around, Blend, Clip, Layer, Mode, Random, Scatter, Sequence, Switch, Transition, TransitionKind,
};
use crate::bank::decode::Reader;
use crate::bank::syntax::{Kind, Node, Slot};

/// The shortest time from one trigger to the next, in seconds.
const SOONEST: f32 = 0.02;

/// Checks what concerns more than one field.
pub(super) fn verify_random(random: &Random, reader: &mut Reader<'_>, node: &Node) {
    verify_choices(random.avoid, reader, node);
    verify_mode(random.mode, reader, node, &[]);
}

/// Checks what concerns more than one field.
pub(super) fn verify_scatter(scatter: &Scatter, reader: &mut Reader<'_>, node: &Node) {
    verify_choices(scatter.avoid, reader, node);
}

fn verify_choices(avoid: Option<u32>, reader: &mut Reader<'_>, node: &Node) {
    let choices = node.field("of").map_or(0, |of| of.slots().len());
    if choices == 0 {
        if node.field("of").is_some_and(|of| matches!(of.kind, Kind::List(_))) {
            let help = Some("give it at least one sound, such as `of: [\"sfx/step.ogg\"]`".to_owned());
            reader.error("empty-random", node.head(), "there is nothing to choose from", help);
        }
    } else if let (Some(avoid), Some(field)) = (avoid, node.field("avoid"))
        && avoid as usize >= choices
    {
        let message = format!("`avoid` of {avoid} is out of range: there are only {choices} choices");
        reader.error(
            "out-of-range",
            field.span.clone(),
            message,
            Some(format!("it goes from 0 to {}", choices - 1)),
        );
    }
}

/// What is only for one of the modes.
fn verify_mode(mode: Mode, reader: &mut Reader<'_>, node: &Node, of_step: &[&str]) {
    let (others, help) = match mode {
        Mode::Step => (&["loops", "transition"][..], "add `mode: Continuous`, or leave it out"),
        Mode::Continuous => (of_step, "leave it out: a continuous playback always begins with the first"),
    };
    for name in others {
        if let Some(field) = node.field(name) {
            let other = if mode == Mode::Step { "`mode: Continuous`" } else { "`mode: Step`" };
            let message = format!("`{name}` is for {other}");
            reader.error("bad-range", field.span.clone(), message, Some(help.to_owned()));
        }
    }
}

/// Checks what concerns more than one field.
pub(super) fn verify_transition(transition: &Transition, reader: &mut Reader<'_>, node: &Node) {
    if transition.kind == TransitionKind::Trigger && transition.time < SOONEST {
        let span = node.field("time").map_or(node.head(), |time| time.span.clone());
        let message = format!("`Trigger` needs a `time` of at least {SOONEST} s");
        let help = Some("write how long after each the next begins, such as `time: 0.5`".to_owned());
        reader.error("out-of-range", span, message, help);
    }
}

/// Checks what concerns more than one field.
pub(super) fn verify_around(around: &Around, reader: &mut Reader<'_>, node: &Node) {
    if around.max < around.min {
        let span = node.field("max").map_or(node.head(), |field| field.span.clone());
        let message = format!("`max` ({} m) is below `min` ({} m)", around.max, around.min);
        reader.error("bad-range", span, message, Some("there would be no place between them".to_owned()));
    }
}

/// Checks what concerns more than one field.
pub(super) fn verify_clip(clip: &Clip, reader: &mut Reader<'_>, node: &Node) {
    let mut order = |low: (&str, Option<f32>), high: (&str, Option<f32>)| {
        if let (Some(from), Some(to)) = (low.1, high.1)
            && to <= from
            && let Some(field) = node.field(high.0).or(node.field(low.0))
        {
            let message = format!("`{}` ({to} s) is not after `{}` ({from} s)", high.0, low.0);
            reader.error("bad-range", field.span.clone(), message, Some("nothing would be left".to_owned()));
        }
    };
    order(("start", Some(clip.start)), ("end", clip.end));
    order(("loop_start", clip.loop_start), ("loop_end", clip.loop_end));
    order(("start", Some(clip.start)), ("loop_end", clip.loop_end));
    order(("loop_start", clip.loop_start), ("end", clip.end));
    if let (Some(end), false, Some(field)) = (clip.end, clip.looping, node.field("offset"))
        && clip.offset.1 >= end - clip.start
    {
        let message = format!(
            "`offset` of up to {} s goes beyond the {} s that are played",
            clip.offset.1,
            end - clip.start
        );
        reader.error("bad-range", field.span.clone(), message, Some("nothing would be left".to_owned()));
    }
    let from = clip.start;
    for (name, at) in &clip.markers.0 {
        if *at < from || clip.end.is_some_and(|end| *at >= end) {
            let message = format!("the marker {:?} ({at} s) lies outside of what is played", name.value);
            let to = clip.end.map_or_else(|| "the file's end".to_owned(), |end| format!("{end} s"));
            let help = Some(format!("it plays from {from} s to {to}"));
            reader.error("out-of-range", name.span.clone(), message, help);
        }
    }
    let of_loops = ["loop_start", "loop_end", "crossfade"];
    if !clip.looping
        && let Some((name, field)) = of_loops.iter().find_map(|name| Some((name, node.field(name)?)))
    {
        let message = format!("`{name}` is for what loops");
        let help = Some("add `looping: true`, or leave it out".to_owned());
        reader.error("bad-range", field.span.clone(), message, help);
    }
}

/// Checks what concerns more than one field.
pub(super) fn verify_sequence(sequence: &Sequence, reader: &mut Reader<'_>, node: &Node) {
    nothing_to_play(sequence.of.is_empty(), reader, node);
    verify_mode(sequence.mode, reader, node, &["reset", "scope"]);
}

/// Checks what concerns more than one field.
pub(super) fn verify_layer(layer: &Layer, reader: &mut Reader<'_>, node: &Node) {
    nothing_to_play(layer.of.is_empty(), reader, node);
}

/// Checks what concerns more than one field.
pub(super) fn verify_blend(blend: &Blend, reader: &mut Reader<'_>, node: &Node) {
    nothing_to_play(blend.of.is_empty(), reader, node);
    let written = node.field("of").map_or(&[] as &[Slot], Node::slots);
    for (blended, slot) in blend.of.iter().zip(written) {
        if blended.to < blended.from {
            let message = format!("`to` ({}) is below `from` ({})", blended.to, blended.from);
            reader.error(
                "bad-range",
                slot.value.head(),
                message,
                Some("it would never be heard in full".to_owned()),
            );
        }
    }
}

fn nothing_to_play(empty: bool, reader: &mut Reader<'_>, node: &Node) {
    let of = node.field("of").filter(|of| matches!(of.kind, Kind::List(_)) && of.slots().is_empty());
    if let Some(of) = of.filter(|_| empty) {
        let help = Some("give it at least one sound, such as `of: [\"sfx/step.ogg\"]`".to_owned());
        reader.error("empty-random", of.span.clone(), "there is nothing to play", help);
    }
}

/// Checks what concerns more than one field.
pub(super) fn verify_switch(switch: &Switch, reader: &mut Reader<'_>, node: &Node) {
    if switch.change.is_some()
        && let Some(crossfade) = node.field("crossfade").filter(|_| switch.crossfade.is_some())
    {
        let help = Some("leave one of them out".to_owned());
        reader.error("bad-range", crossfade.span.clone(), "`change` says already what becomes of it", help);
    }
    if switch.cases.0.is_empty()
        && switch.default.is_none()
        && let Some(cases) = node.field("cases").filter(|cases| cases.slots().is_empty())
    {
        let help = Some("give it a case, such as `cases: {\"wood\": \"sfx/wood.ogg\"}`".to_owned());
        reader.error("empty-random", cases.span.clone(), "there is nothing to play", help);
    }
}
