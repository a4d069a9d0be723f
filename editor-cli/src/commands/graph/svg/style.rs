//! The colours: dark on light, and the other way round where the viewer prefers that.

use super::super::model::Way;

/// The picture's style sheet. Every colour stands on the ground that the picture brings along.
pub const STYLE: &str = "
.ground{fill:#ffffff}
.card{fill:#f3f5f7;stroke:#5b6b7b}
.master{stroke-width:2.5}
.return{stroke-dasharray:1 2}
text{font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:12px;fill:#1c2733}
.name{font-weight:bold}
.more{fill:#46535f}
.label{font-size:10px;stroke:#ffffff;stroke-width:3px;paint-order:stroke;stroke-linejoin:round}
.line{fill:none;stroke-width:1.4}
.parent{stroke:#5b6b7b}
.send{stroke:#0b63c4}
.key{stroke:#8a3fb5;stroke-dasharray:2 3}
.duck{stroke:#c2410c;stroke-dasharray:7 4}
.curve{stroke:#0f7b4f;stroke-dasharray:9 3 2 3}
.tip{stroke:none;stroke-dasharray:none}
.tip.parent{fill:#5b6b7b}
.tip.send,.label.send{fill:#0b63c4}
.tip.key,.label.key{fill:#8a3fb5}
.tip.duck,.label.duck{fill:#c2410c}
.tip.curve,.label.curve{fill:#0f7b4f}
.label{stroke-dasharray:none}
.label.send,.label.key,.label.duck,.label.curve{stroke:#ffffff}
@media (prefers-color-scheme:dark){
.ground{fill:#14181d}
.card{fill:#20262d;stroke:#8fa1b3}
text{fill:#e6ebf0}
.more{fill:#b6c2ce}
.parent{stroke:#8fa1b3}
.send{stroke:#6cb2ff}
.key{stroke:#d19cf2}
.duck{stroke:#ff9d5c}
.curve{stroke:#5fd3a0}
.tip{stroke:none}
.tip.parent{fill:#8fa1b3}
.tip.send,.label.send{fill:#6cb2ff}
.tip.key,.label.key{fill:#d19cf2}
.tip.duck,.label.duck{fill:#ff9d5c}
.tip.curve,.label.curve{fill:#5fd3a0}
.label.send,.label.key,.label.duck,.label.curve{stroke:#14181d}
}
";

/// The class of a line.
pub const fn class(way: Way) -> &'static str {
    match way {
        Way::Parent => "parent",
        Way::Send => "send",
        Way::Key => "key",
        Way::Duck => "duck",
        Way::Curve => "curve",
    }
}
