//! `tonmeister graph` from outside.

mod common;

use common::{err, out, tonmeister};
use std::path::Path;
use tempfile::TempDir;

/// A desk with every way from one bus to another. Its sound files are nowhere: a graph needs none.
const DESK: &str = r#"Bank(
    buses: {
        "music": (gain: -4, sends: {"echo": (gain: -12, pre: true)}),
        "music/pad": (parent: "music", effects: [Compressor(threshold: -24, key: "music/drum"), Gain(-1)]),
        "music/drum": (parent: "music", mute: true),
        "echo": (effects: [Delay(time: 0.3)], sends: {"music": (gain: -20, delayed: true)}),
        "dialogue <&\"x\">": (),
    },
    vcas: {"all music": (gain: -3, buses: ["music", "echo"])},
    ducking: [(trigger: "dialogue <&\"x\">", targets: {"music": (depth: 9), "echo": (depth: 6, band: (300, 4000))})],
    levels: {"beat": (bus: "music/drum")},
    curves: [(from: "beat", to: "music/pad", property: "Compressor.threshold", points: [(-60, 0), (-20, -6)])],
    reverbs: {"cave": (rt60: 3.2)},
    events: {"tone": (play: "nowhere.wav", bus: "music/pad")},
)
"#;

fn desk() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("desk.bank.ron"), DESK).expect("a bank");
    folder
}

fn graph(folder: &Path, args: &[&str]) -> String {
    let output = tonmeister(folder, &[&["graph", "."], args].concat());
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    out(&output)
}

#[test]
fn dot_names_every_bus_and_every_way_between_them() {
    let folder = desk();
    insta::assert_snapshot!("graph_dot", graph(folder.path(), &[]));
}

#[test]
fn machines_get_the_same_by_name() {
    let folder = desk();
    let value: serde_json::Value =
        serde_json::from_str(&graph(folder.path(), &["--format", "json"])).expect("JSON");
    let has = |kind: &str, from: &str, to: &str, label: &str| {
        let edge = serde_json::json!({"kind": kind, "from": from, "to": to, "label": label});
        assert!(value["edges"].as_array().expect("an array").contains(&edge), "{edge} is not in {value:#}");
    };
    has("parent", "music/pad", "music", "");
    has("parent", "reverb/cave", "master", "");
    has("send", "music", "echo", "-12 dB pre");
    has("send", "echo", "music", "-20 dB delayed");
    has("key", "music/drum", "music/pad", "Compressor");
    has("duck", "dialogue <&\"x\">", "echo", "-6 dB 300 to 4000 Hz");
    has("curve", "music/drum", "music/pad", "beat: Compressor.threshold");
    assert_eq!(value["vcas"], serde_json::json!(["all music, -3 dB: music, echo"]));
    assert_eq!(
        (&value["buses"][0]["name"], &value["buses"][0]["kind"]),
        (&"master".into(), &"master".into())
    );
}

/// The numbers of an element's attributes.
fn numbers(element: &str, names: [&str; 4]) -> [f32; 4] {
    names.map(|name| {
        let (_, rest) = element.split_once(&format!(" {name}=\"")).expect("the attribute");
        rest.split('"').next().and_then(|number| number.parse().ok()).expect("a number")
    })
}

#[test]
fn the_picture_shows_all_inside_its_frame_and_no_box_covers_another() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/demo");
    let folder = desk();
    for (place, texts) in [
        (
            folder.path(),
            vec![
                ">music/pad<",
                ">-4 dB<",
                ">muted<",
                ">VCA all music, -3 dB: music, echo<",
                "&lt;&amp;&quot;x&quot;&gt;",
            ],
        ),
        (demo.as_path(), vec![">music/drum<", ">reverb/cave<", ">-9 dB<", ">ducking<"]),
    ] {
        let svg = graph(place, &["--format", "svg"]);
        for text in texts {
            assert!(svg.contains(text), "{text}: {svg}");
        }
        let (_, frame) = svg.split_once("viewBox=\"").expect("a frame");
        let frame: Vec<f32> = frame
            .split('"')
            .next()
            .unwrap_or("")
            .split(' ')
            .map(|number| number.parse().expect("a number"))
            .collect();
        let boxes: Vec<_> = svg
            .split("<rect class=\"card")
            .skip(1)
            .map(|rect| numbers(rect, ["x", "y", "width", "height"]))
            .collect();
        assert!(boxes.len() > 5);
        for (index, [x, y, width, height]) in boxes.iter().enumerate() {
            assert!(*x >= frame[0] && *y >= frame[1]);
            assert!(x + width <= frame[0] + frame[2] && y + height <= frame[1] + frame[3]);
            for [left, top, wide, high] in &boxes[..index] {
                let apart = x + width <= *left || left + wide <= *x || y + height <= *top || top + high <= *y;
                assert!(apart, "box {index} covers another: {svg}");
            }
        }
        for (open, close) in [("<g>", "</g>"), ("<text ", "</text>"), ("<svg ", "</svg>")] {
            assert_eq!(svg.matches(open).count(), svg.matches(close).count(), "{open}");
        }
        assert_eq!(svg, graph(place, &["--format", "svg"]), "the same graph, the same picture");
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}

#[test]
fn a_files_ending_says_what_is_written() {
    let folder = desk();
    for (file, begins) in [("a.svg", "<svg "), ("a.dot", "digraph "), ("a.gv", "digraph "), ("a.json", "{")] {
        assert_eq!(graph(folder.path(), &["-o", file]), format!("7 buses: {file}\n"));
        let text = std::fs::read_to_string(folder.path().join(file)).expect("a file");
        assert!(text.starts_with(begins), "{file}: {text}");
    }
    let cases: [(&[&str], &str); 3] = [
        (&["graph", ".", "-o", "a.png"], "name it *.svg, *.dot or *.json"),
        (&["graph", ".", "-o", "nowhere/a.svg"], "can't write nowhere/a.svg"),
        (&["graph", "nowhere"], "there is no nowhere"),
    ];
    for (args, why) in cases {
        let output = tonmeister(folder.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(why), "{args:?}: {}", err(&output));
    }
}

#[test]
fn a_project_with_errors_has_no_graph_but_findings() {
    let folder = desk();
    std::fs::write(folder.path().join("bad.bank.ron"), "Bank(buses: {\"x\": (parent: \"musik\")})")
        .expect("a bank");
    let output = tonmeister(folder.path(), &["graph", "."]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(1), ""));
    assert!(err(&output).contains("did you mean \"music\"?"), "{}", err(&output));
}
