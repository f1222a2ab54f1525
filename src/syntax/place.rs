//! Places in messages.

use diag::Span;

/// `line 3, column 1`: the start of a span, where the message knows the text but not the file's name.
pub(crate) fn describe(text: &str, span: Span) -> String {
    let before = text.get(..span.start as usize).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.get(line_start..).map_or(0, |line| line.chars().count()) + 1;
    format!("line {line}, column {column}")
}
