//! `tonmeister reference`: the whole bank language, from the description that the parser itself goes by.

mod schema;
mod text;

use super::json;
use crate::Outcome;
use crate::args::{Reference, ReferenceFormat};
use crate::report::Failure;
use crate::terminal::Io;
use serde::Serialize;
use tonmeister::bank::nearest;
use tonmeister::bank::reference::{Entry, Topic, topics};

/// The topic that is no group of the language.
const GUIDE: &str = "guide";

/// A topic for machines.
#[derive(Serialize)]
struct TopicEntry<'a> {
    name: &'a str,
    part: &'a str,
    section: Option<&'a str>,
    meaning: &'a str,
    form: &'a str,
    fields: Vec<FieldEntry<'a>>,
}

/// A field for machines.
#[derive(Serialize)]
struct FieldEntry<'a> {
    name: &'a str,
    meaning: &'a str,
    unit: &'a str,
    low: Option<f32>,
    high: Option<f32>,
    choices: &'a [&'a str],
    required: bool,
    default: Option<&'a str>,
    example: &'a str,
}

impl<'a> From<&'a Topic> for TopicEntry<'a> {
    fn from(topic: &'a Topic) -> Self {
        let field = |entry: &'a Entry| FieldEntry {
            name: entry.name,
            meaning: entry.doc,
            unit: entry.unit,
            low: entry.range.map(|(low, _)| low),
            high: entry.range.map(|(_, high)| high),
            choices: entry.choices,
            required: entry.default.is_none(),
            default: entry.default.as_deref(),
            example: &entry.example,
        };
        Self {
            name: topic.name,
            part: topic.part.title(),
            section: topic.section,
            meaning: &topic.doc,
            form: &topic.form,
            fields: topic.entries.iter().map(field).collect(),
        }
    }
}

/// Shows a topic, or what topics there are; for machines and as Markdown the whole language; or its schema.
///
/// # Errors
/// If there is no such topic, or the output can't be written.
pub fn run(args: &Reference, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    if args.topic.as_deref().is_some_and(|topic| topic.eq_ignore_ascii_case(GUIDE)) {
        return show_guide(args.format, io);
    }
    let all = topics();
    if args.json_schema {
        json(io, &schema::schema(&all))?;
        return Ok(Outcome::Fine);
    }
    let chosen: Vec<&Topic> = match &args.topic {
        Some(name) => find(&all, name)?,
        None => all.iter().collect(),
    };
    match (args.format, &args.topic) {
        (ReferenceFormat::Json, _) => {
            json(io, &chosen.into_iter().map(TopicEntry::from).collect::<Vec<_>>())?;
        }
        (ReferenceFormat::Markdown, topic) => write!(io.out, "{}", text::markdown(&chosen, topic.is_none()))?,
        (ReferenceFormat::Text, None) => write!(io.out, "{}", text::contents(&chosen))?,
        (ReferenceFormat::Text, Some(_)) => {
            let pages: Vec<_> = chosen.into_iter().map(text::page).collect();
            write!(io.out, "{}", pages.join("\n"))?;
        }
    }
    Ok(Outcome::Fine)
}

/// The guide as it is: Markdown reads well in a terminal, too.
fn show_guide(format: ReferenceFormat, io: &mut Io<'_>) -> Result<Outcome, Failure> {
    if format == ReferenceFormat::Json {
        let failure = Failure::not_run("the guide is a text, and not for machines");
        return Err(failure.help("leave `--format json` out"));
    }
    write!(io.out, "{}", tonmeister::guide::TEXT)?;
    Ok(Outcome::Fine)
}

/// The topics of that name, whatever its case: one group, or all that stand in a section, such as `sounds`.
fn find<'a>(all: &'a [Topic], wanted: &str) -> Result<Vec<&'a Topic>, Failure> {
    let is = |name: &str| name.eq_ignore_ascii_case(wanted);
    let of = |by: &dyn Fn(&Topic) -> bool| all.iter().filter(|topic| by(topic)).collect::<Vec<_>>();
    let by_name = of(&|topic| is(topic.name));
    let found = if by_name.is_empty() { of(&|topic| topic.section.is_some_and(is)) } else { by_name };
    if !found.is_empty() {
        return Ok(found);
    }
    let missing = Failure::not_run(format!("there is no topic \"{wanted}\""));
    let with_field = of(&|topic| topic.entries.iter().any(|entry| is(entry.name)));
    if !with_field.is_empty() {
        let names: Vec<_> = with_field.iter().take(6).map(|topic| topic.name).collect();
        let more = if with_field.len() > names.len() { " and others" } else { "" };
        return Err(missing.help(format!("that is a field of {}{more}", names.join(", "))));
    }
    let names = all.iter().flat_map(|topic| [Some(topic.name), topic.section]).flatten().chain([GUIDE]);
    Err(match nearest(wanted, names) {
        Some(name) => missing.help(format!("did you mean \"{name}\"?")),
        None => missing.help("`tonmeister reference` lists all topics"),
    })
}
