//! Effects as they are mistaken: what is said about them, and what may be said to them.

use super::{bank, check};

/// The words about a bus "music" with these effects, beside a bus "dialogue".
fn told(effects: &str, more: &str) -> String {
    let text = format!("Bank(buses: {{\"music\": (effects: [{effects}]), \"dialogue\": ()}}, {more})");
    check(&text).diagnostics.to_string()
}

/// The words about a curve on that property of an equaliser of two bands.
fn told_of_curve(property: &str) -> String {
    let more = format!(
        "levels: {{\"speech\": (bus: \"dialogue\")}}, \
         curves: [(from: \"speech\", to: \"music\", property: \"{property}\", points: [(-60, 0)])]"
    );
    told("Eq([Peak(freq: 100, gain: 1), Peak(freq: 900, gain: 1)])", &more)
}

#[test]
fn an_effect_without_its_required_field_is_shown_with_it() {
    let words = told("Convolution(\"hall.wav\")", "");
    assert!(words.contains("help: write `(file: …)`"), "{words}");
}

#[test]
fn a_curve_on_a_band_is_told_the_nearest_parameter() {
    let words = told_of_curve("Eq.1.gian");
    assert!(words.contains("`Eq` has no parameter `1.gian`"), "{words}");
    assert!(words.contains("help: did you mean `gain`?"), "{words}");
    let words = told_of_curve("Eq[1].2.treshold");
    assert!(words.contains("help: did you mean `threshold`?"), "{words}");
}

#[test]
fn a_curve_on_no_band_is_told_which_there_are() {
    for property in ["Eq.3.gain", "Eq.0.gain", "Eq.99.gain"] {
        let words = told_of_curve(property);
        assert!(words.contains("help: there are bands 1 to 2"), "{words}");
    }
    for property in ["Eq.gain", "Eq.one.gain"] {
        let words = told_of_curve(property);
        assert!(words.contains("help: say of which band, such as `Eq.1.gain`"), "{words}");
    }
    assert_eq!(told_of_curve("Eq.2.gain"), "no findings");
}

#[test]
fn a_pass_of_its_own_goes_by_its_name() {
    let curve = |property: &str| {
        format!(
            r#"levels: {{"speech": (bus: "dialogue")}},
            curves: [(from: "speech", to: "music", property: "{property}", points: [(-60, 0), (0, 100)])]"#
        )
    };
    let effects = "HighPass(freq: 90), Eq([Peak(freq: 500, gain: 2), Notch(freq: 50)]), LowPass(freq: 9000)";
    let moved = |property: &str| {
        let text = format!(
            "Bank(buses: {{\"music\": (effects: [{effects}]), \"dialogue\": ()}}, {})",
            curve(property)
        );
        bank(&text).curves[0].property
    };
    assert_eq!(moved("HighPass.freq"), moved("Eq.1.freq"));
    assert_eq!(moved("LowPass.freq"), moved("Eq[3].1.freq"));
    assert_ne!(moved("LowPass.freq"), moved("HighPass.freq"));
    for (property, words) in [
        ("LowPass.frq", "help: did you mean `freq`?"),
        ("LowPass[2].freq", "no effect `LowPass` number 2"),
        ("LowPas.freq", "help: did you mean `LowPass`?"),
    ] {
        let told = told(effects, &curve(property));
        assert!(told.contains(words), "{property}: {told}");
    }
}

#[test]
fn an_equaliser_in_its_long_form_needs_bands() {
    for written in ["Eq(key: \"dialogue\")", "Eq(bypass: true)"] {
        let words = told(written, "");
        assert!(words.contains("error[missing-field]: `Eq` needs `bands`"), "{words}");
        assert!(words.contains("help: `bands` is the list of its bands, such as `[Peak("), "{words}");
    }
}

#[test]
fn a_pass_on_a_bus_can_be_bypassed_and_keeps_its_own_checks() {
    for written in ["HighPass(freq: 80, bypass: true)", "LowPass(bypass: true, freq: 9000)"] {
        let bank = bank(&format!("Bank(buses: {{\"music\": (effects: [{written}])}})"));
        let music = &bank.buses[bank.bus("music").unwrap().index()];
        assert!(music.effects[0].bypass, "{written}");
    }
    let bank = bank("Bank(buses: {\"music\": (effects: [HighPass(freq: 80)])})");
    assert!(!bank.buses[bank.bus("music").unwrap().index()].effects[0].bypass);

    let words = told("HighPass(freq: 80, bypas: true)", "");
    assert!(words.contains("`HighPass` has no field called `bypas`"), "{words}");
    assert!(words.contains("did you mean `bypass`?"), "{words}");
    assert!(told("HighPass(bypass: true)", "").contains("`HighPass` needs `freq`"));
    assert!(told("HighPass(freq: 80, slope: 13)", "").contains("there is no `slope` of 13 dB/oct"));
    let words = told("Eq([HighPass(freq: 80, bypass: true)])", "");
    assert!(words.contains("`HighPass` has no field called `bypass`"), "a band has none: {words}");
}
