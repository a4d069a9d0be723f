//! What the README shows is true: its bank compiles, its error is the one a designer gets.

use std::fs;
use std::path::Path;
use tonmeister::bank::{Sources, compile};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README's code block of that language whose text contains `word`.
fn block(language: &str, word: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let opening = format!("```{language}\n");
    let blocks = readme.split(opening.as_str()).skip(1);
    let block =
        blocks.map(|rest| rest.split("```").next().unwrap().to_owned()).find(|text| text.contains(word));
    block.unwrap_or_else(|| panic!("no {language} block with {word}"))
}

#[test]
fn the_bank_in_the_readme_compiles() {
    let checked = compile(&Sources::from_texts([("readme.bank.ron", block("ron", "Bank("))]));
    assert!(checked.bank.is_some(), "{}", checked.diagnostics);
}

#[test]
fn the_error_in_the_readme_is_the_one_that_is_shown() {
    let mix = fs::read_to_string(root().join("assets/demo/mix.bank.ron")).unwrap();
    let broken = mix.replacen("parent: \"music\"", "parent: \"musik\"", 1);
    let checked = compile(&Sources::from_texts([("mix.bank.ron", broken)]));
    let shown = checked.diagnostics.to_string();
    let said = block("text", "musik");
    assert!(shown.contains(said.trim_end()), "shown:\n{shown}\nthe README says:\n{said}");
}

#[test]
fn the_commands_in_the_readme_name_files_that_are_there() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for word in readme.split(|c: char| c.is_whitespace() || "()`[]".contains(c)) {
        let word = word.trim_end_matches(['.', ',', ';', ':']);
        if ["assets/", "examples/", "benches/"].iter().any(|folder| word.starts_with(folder)) {
            assert!(root().join(word).exists(), "{word} is named in the README, and is not there");
        }
    }
}
