//! The tables, for a terminal or as Markdown.

use crate::Cell;
use crate::engines::ENGINES;

/// A scene's heading.
pub fn title(name: &str, markdown: bool) -> String {
    if markdown { format!("## {name}") } else { format!("== {name}") }
}

/// What two voices sounded like.
pub fn likeness(rows: &[(&str, &str, [String; 3])], markdown: bool) {
    let head = ["engine", "interpolation", "two voices, dB", "correlation", ""].map(str::to_owned).to_vec();
    let body = rows.iter().map(|(name, interpolation, rest)| {
        let mut row = vec![(*name).to_owned(), (*interpolation).to_owned()];
        row.extend(rest.iter().cloned());
        row
    });
    print(head, body.collect(), markdown);
}

/// What each engine costs with each number of voices.
pub fn figures(counts: &[usize], cells: &[Vec<Cell>], markdown: bool) {
    for (what, of) in [
        ("ns per voice and frame", (|cell| cell.nanos) as fn(&crate::Figures) -> f64),
        ("spread between rounds, %", |cell| cell.spread * 100.0),
        ("p99 block, µs (2667 are there)", |cell| cell.p99_micros),
        ("level, dB", |cell| f64::from(cell.rms_db)),
    ] {
        let mut head = vec![what.to_owned()];
        head.extend(counts.iter().map(|count| format!("{count} voices")));
        let row = |(index, engine): (usize, &crate::Engine)| {
            let mut row = vec![engine.name.to_owned()];
            row.extend(cells.iter().map(|column| match &column[index] {
                Ok(cell) if of(cell).abs() >= 1000.0 => format!("{:.0}", of(cell)),
                Ok(cell) if of(cell).abs() < 10.0 => format!("{:.2}", of(cell)),
                Ok(cell) => format!("{:.1}", of(cell)),
                Err(_) => "–".to_owned(),
            }));
            row
        };
        print(head, ENGINES.iter().enumerate().map(row).collect(), markdown);
    }
}

fn print(head: Vec<String>, body: Vec<Vec<String>>, markdown: bool) {
    if markdown {
        let line = |row: &[String]| println!("| {} |", row.join(" | "));
        line(&head);
        line(&vec!["---".to_owned(); head.len()]);
        body.iter().for_each(|row| line(row));
    } else {
        let width = |column: usize| {
            let cells = std::iter::once(&head).chain(&body).map(|row| row[column].chars().count());
            cells.max().unwrap_or_default()
        };
        for row in std::iter::once(&head).chain(&body) {
            let cells: Vec<String> = row
                .iter()
                .enumerate()
                .map(|(column, cell)| format!("{cell:<w$}", w = width(column)))
                .collect();
            println!("{}", cells.join("  ").trim_end());
        }
    }
    println!();
}
