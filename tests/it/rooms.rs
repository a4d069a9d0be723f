//! The way of the data is one direction: what each room of the engine may name, and which crate belongs where.

use std::fs;
use std::path::{Path, PathBuf};

/// A room and the rooms it may name.
const ROOMS: &[(&str, &[&str])] = &[
    ("units", &[]),
    ("effects", &["units"]),
    ("dsp", &["effects", "units"]),
    ("modulators", &["effects", "units"]),
    ("bank", &["effects", "modulators", "units"]),
    ("media", &["dsp", "units"]),
    ("space", &["units"]),
    ("link", &["effects"]),
    ("mixer", &["dsp", "effects", "link", "media", "modulators", "units"]),
    ("director", &["bank", "effects", "link", "modulators", "space", "units"]),
    ("reload", &["bank", "effects", "media", "units"]),
    (
        "runtime",
        &[
            "bank",
            "director",
            "dsp",
            "effects",
            "link",
            "media",
            "mixer",
            "modulators",
            "reload",
            "space",
            "units",
        ],
    ),
    ("ecs", &["director", "runtime", "space", "units"]),
    ("scene", &["bank", "director", "ecs", "mixer", "runtime", "space", "units"]),
];

/// A crate and the rooms that may name it.
const CRATES: &[(&str, &[&str])] = &[
    ("kira", &["mixer", "runtime"]),
    ("rtrb", &["link"]),
    ("bevy_ecs", &["ecs"]),
    ("bevy_transform", &["ecs"]),
    ("ron", &["bank"]),
    ("serde", &["bank"]),
    ("notify", &["reload"]),
    ("lewton", &["media"]),
    ("hound", &["media"]),
    ("memmap2", &["media"]),
    ("glam", &["space", "director", "runtime", "ecs", "scene"]),
];

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            files(&entry, into);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            into.push(entry);
        }
    }
}

/// What a line of code names after `prefix`, comments left out.
fn named<'a>(line: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    let code = line.split("//").next().unwrap_or("");
    code.match_indices(prefix).map(|(at, _)| {
        let rest = &code[at + prefix.len()..];
        &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())]
    })
}

#[test]
fn every_room_names_only_what_it_may() {
    let engine = Path::new(env!("CARGO_MANIFEST_DIR")).join("engine/src");
    let mut paths = Vec::new();
    files(&engine, &mut paths);
    paths.sort();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in paths {
        let relative = path.strip_prefix(&engine).unwrap();
        let Some(first) = relative.components().next() else {
            continue;
        };
        let room = Path::new(first.as_os_str()).file_stem().unwrap().to_string_lossy().into_owned();
        if room == "lib" {
            continue;
        }
        let (_, allowed) =
            ROOMS.iter().find(|(name, _)| *name == room).unwrap_or_else(|| panic!("{room} is no room"));
        for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            for other in named(line, "crate::") {
                seen += 1;
                let is_room = ROOMS.iter().any(|(name, _)| *name == other);
                if is_room && other != room && !allowed.contains(&other) {
                    wrong.push(format!("{}:{}: {room} names {other}", relative.display(), number + 1));
                }
            }
            for (name, rooms) in CRATES {
                let used =
                    named(line, "use ").any(|found| found == *name) || line.contains(&format!(" {name}::"));
                let comment = line.trim_start().starts_with("//");
                if used && !comment && !rooms.contains(&room.as_str()) {
                    wrong.push(format!(
                        "{}:{}: {room} names the crate {name}",
                        relative.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(seen > 100, "the scan found the code");
    assert!(wrong.is_empty(), "arrows never turn back:\n{}", wrong.join("\n"));
}
