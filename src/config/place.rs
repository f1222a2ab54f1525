//! Source places as messages show them: `main.tf:1,1-13`.

use diag::{Sources, Span};

/// The whole range: `FILE:LINE,COLUMN-COLUMN`, or `FILE:LINE,COLUMN-LINE,COLUMN` over several lines.
pub(crate) fn range(sources: &Sources, span: Span) -> String {
    let Some((file, start, end)) = sources.locate(span) else { return "an unknown place".to_owned() };
    if start.line == end.line {
        format!("{}:{},{}-{}", file.name, start.line, start.column, end.column)
    } else {
        format!("{}:{},{}-{},{}", file.name, start.line, start.column, end.line, end.column)
    }
}

/// Only the start: `FILE:LINE,COLUMN`.
pub(crate) fn start(sources: &Sources, span: Span) -> String {
    let Some((file, start, _)) = sources.locate(span) else { return "an unknown place".to_owned() };
    format!("{}:{},{}", file.name, start.line, start.column)
}
