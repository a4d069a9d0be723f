//! The graph as a picture that can be read on light and dark ground, without scripts or outside fonts.

mod lines;
mod style;

use super::layout::{Rect, place};
use super::model::{Kind, Model, Node, Way};
use crate::terminal::printable;
use lines::Line;
use style::STYLE;

/// The estimated width of a letter, for a fixed-width font of 12 pixels.
const LETTER: f32 = 7.3;
/// The distance of two lines of text.
const LEADING: f32 = 16.0;
/// Between a box's edge and its text.
const PADDING: f32 = 10.0;
/// Around everything.
const MARGIN: f32 = 24.0;
/// A name longer than this is cut; a pointer that rests on the box shows all of it.
const LONGEST: usize = 36;
/// The letters of a line of effects.
const WRAP: usize = 26;

/// Draws the graph.
pub fn write(model: &Model) -> String {
    let texts: Vec<_> = model.buses.iter().map(lines_of).collect();
    let sizes: Vec<_> = texts.iter().map(|lines| size(lines)).collect();
    let boxes = place(model, &sizes);
    let lines = lines::draw(model, &boxes);

    let mut body = String::new();
    lines.iter().for_each(|line| body += &line.path());
    for ((bus, lines), place) in model.buses.iter().zip(&texts).zip(&boxes) {
        body += &card(bus, lines, place);
    }
    lines.iter().for_each(|line| body += &line.text());

    let all = boxes.iter().copied().chain(lines.iter().map(Line::bounds));
    let bounds = all.reduce(around).unwrap_or_default();
    let (legend, legend_width, legend_height) = legend(model, bounds.x, bounds.y + bounds.height + MARGIN);
    body += &legend;
    let (x, y) = (bounds.x - MARGIN, bounds.y - MARGIN);
    let width = bounds.width.max(legend_width) + 2.0 * MARGIN;
    let height = bounds.height + legend_height + 3.0 * MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{x:.1} {y:.1} {width:.1} {height:.1}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n<title>Bus graph</title>\n<style>{STYLE}</style>\n\
         <rect class=\"ground\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>\n{body}</svg>\n"
    )
}

/// The least box around two.
fn around(one: Rect, other: Rect) -> Rect {
    let (x, y) = (one.x.min(other.x), one.y.min(other.y));
    let right = (one.x + one.width).max(other.x + other.width);
    let bottom = (one.y + one.height).max(other.y + other.height);
    Rect { x, y, width: right - x, height: bottom - y }
}

/// The lines of text in a bus's box: name, state, effects.
fn lines_of(bus: &Node) -> Vec<String> {
    let mut lines = vec![cut(&bus.name)];
    if !bus.state.is_empty() {
        lines.push(bus.state.clone());
    }
    let mut line = String::new();
    for (index, effect) in bus.effects.iter().enumerate() {
        let comma = if index + 1 < bus.effects.len() { "," } else { "" };
        let word = format!("{}{comma}", cut(effect));
        if !line.is_empty() && letters(&line) + 1 + letters(&word) > WRAP {
            lines.push(std::mem::take(&mut line));
        }
        line += if line.is_empty() { "" } else { " " };
        line += &word;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A text's beginning, if it is long.
fn cut(text: &str) -> String {
    let text = printable(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// How many letters wide a text is; those of the Far East count twice.
fn letters(text: &str) -> usize {
    text.chars()
        .map(|letter| if letter >= '\u{1100}' && !('\u{2000}'..'\u{2e80}').contains(&letter) { 2 } else { 1 })
        .sum()
}

fn size(lines: &[String]) -> (f32, f32) {
    let widest = lines.iter().map(|line| letters(line)).max().unwrap_or(0);
    (widest as f32 * LETTER + 2.0 * PADDING, lines.len() as f32 * LEADING + PADDING)
}

/// A bus's box.
fn card(bus: &Node, lines: &[String], place: &Rect) -> String {
    let Rect { x, y, width, height } = place;
    let class = match bus.kind {
        Kind::Master => "card master",
        Kind::Bus => "card",
        Kind::Return => "card return",
    };
    let mut text = format!(
        "<g><title>{}</title><rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" \
         height=\"{height:.1}\" rx=\"6\"/>",
        escaped(&printable(&bus.name))
    );
    for (index, line) in lines.iter().enumerate() {
        let class = if index == 0 { "name" } else { "more" };
        let (x, y) = (x + PADDING, y + LEADING * (index + 1) as f32);
        text += &format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(line));
    }
    text + "</g>\n"
}

/// What the lines mean, and the faders for groups; with its width and height.
fn legend(model: &Model, x: f32, y: f32) -> (String, f32, f32) {
    let (mut text, mut right) = (String::new(), x);
    for way in Way::ALL.into_iter().filter(|way| model.edges.iter().any(|edge| edge.way == *way)) {
        let class = style::class(way);
        text += &format!("<path class=\"line {class}\" d=\"M{right:.1} {y:.1}h30\"/>");
        let name = way.name();
        text +=
            &format!("<text class=\"more\" x=\"{:.1}\" y=\"{:.1}\">{name}</text>\n", right + 36.0, y + 4.0);
        right += 36.0 + letters(name) as f32 * LETTER + 24.0;
    }
    let mut width = right - x;
    for (index, vca) in model.vcas.iter().enumerate() {
        let line = format!("VCA {}", printable(vca));
        let y = y + LEADING * (index + 1) as f32 + 6.0;
        text += &format!("<text class=\"more\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>\n", escaped(&line));
        width = width.max(letters(&line) as f32 * LETTER);
    }
    (text, width, LEADING * model.vcas.len() as f32)
}

/// Text between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
