//! The graph as text that Graphviz lays out.

use super::model::{Kind, Model, Way};
use crate::terminal::printable;

/// Writes the graph in DOT.
pub fn write(model: &Model) -> String {
    let mut text = "digraph buses {\n    rankdir=LR;\n    node [shape=box, style=rounded, fontname=\"monospace\"];\n    \
                    edge [fontname=\"monospace\", fontsize=10];\n"
        .to_owned();
    for bus in &model.buses {
        let effects = bus.effects.join(", ");
        let lines = [&bus.name, &bus.state, &effects].into_iter().filter(|line| !line.is_empty());
        let label = lines.map(|line| escaped(line)).collect::<Vec<_>>().join("\\n");
        let shape = match bus.kind {
            Kind::Master => ", penwidth=2",
            Kind::Bus => "",
            Kind::Return => ", peripheries=2",
        };
        text += &format!("    \"{}\" [label=\"{label}\"{shape}];\n", escaped(&bus.name));
    }
    let name = |index: usize| model.buses.get(index).map_or_else(String::new, |bus| escaped(&bus.name));
    for edge in &model.edges {
        // Only parents say how far a bus is from the master.
        let look = match edge.way {
            Way::Parent => "weight=4",
            Way::Send => "color=\"#0b63c4\", fontcolor=\"#0b63c4\", constraint=false",
            Way::Key => "color=\"#8a3fb5\", fontcolor=\"#8a3fb5\", style=dotted, constraint=false",
            Way::Duck => "color=\"#c2410c\", fontcolor=\"#c2410c\", style=dashed, constraint=false",
            Way::Curve => "color=\"#0f7b4f\", fontcolor=\"#0f7b4f\", style=dashed, constraint=false",
        };
        let label = match edge.way {
            Way::Parent => String::new(),
            way => format!(", label=\"{}\\n{}\"", way.name(), escaped(&edge.label)),
        };
        text += &format!("    \"{}\" -> \"{}\" [{look}{label}];\n", name(edge.from), name(edge.to));
    }
    if !model.vcas.is_empty() {
        // `\l` ends a line that stands to the left.
        let lines: String = model.vcas.iter().map(|vca| format!("VCA {}\\l", escaped(vca))).collect();
        text += &format!("    label=\"{lines}\";\n    labeljust=l;\n    fontname=\"monospace\";\n");
    }
    text + "}\n"
}

/// Text between DOT's quotes.
fn escaped(text: &str) -> String {
    printable(text).replace('\\', "\\\\").replace('"', "\\\"")
}
