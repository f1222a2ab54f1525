//! Templates as flat sequences, on which white space is stripped before they become trees.

use diag::Span;
use ecow::EcoString;
use unicode_segmentation::UnicodeSegmentation;

use crate::ast::{Expr, Ident};

/// One piece of a template: a literal of at most a line, an interpolation, or a directive marker.
pub(crate) enum Piece {
    Literal { value: EcoString, span: Span },
    Interpolation(Expr),
    If { condition: Expr, span: Span },
    Else(Span),
    EndIf(Span),
    For { key: Option<Ident>, value: Ident, collection: Expr, span: Span },
    EndFor(Span),
}

impl Piece {
    /// Sets the span of a directive marker.
    pub(crate) fn set_span(&mut self, new: Span) {
        match self {
            Self::Literal { span, .. } | Self::If { span, .. } | Self::For { span, .. } => *span = new,
            Self::Else(span) | Self::EndIf(span) | Self::EndFor(span) => *span = new,
            Self::Interpolation(_) => {}
        }
    }
}

/// Removes from every line of a `<<-` heredoc the indentation of the least indented one. Only literals count:
/// what an interpolation yields never changes it, and one at the start of a line means no indentation. Blank
/// lines are left out and stay as they are.
pub(crate) fn indent_flush(pieces: &mut [Piece]) {
    let mut least = usize::MAX;
    let mut line_starts = Vec::new();
    let mut at_line_start = true;
    for (index, piece) in pieces.iter().enumerate() {
        let literal = match piece {
            Piece::Literal { value, .. } => Some(value.as_str()),
            _ => None,
        };
        if std::mem::take(&mut at_line_start) {
            match literal {
                Some(line) if line.ends_with('\n') && line.trim_start().is_empty() => {}
                Some(line) => {
                    least = least.min(width(indentation(line)));
                    line_starts.push(index);
                }
                None => least = 0,
            }
        }
        at_line_start = literal.is_some_and(|line| line.ends_with('\n'));
    }
    for index in line_starts {
        if let Some(Piece::Literal { value, .. }) = pieces.get_mut(index) {
            let cut = prefix(value, least);
            *value = value.get(cut..).unwrap_or_default().into();
        }
    }
}

fn width(blanks: &str) -> usize {
    if blanks.is_ascii() { blanks.len() } else { blanks.graphemes(true).count() }
}

/// The bytes of the first `count` characters of a line, which are blanks.
fn prefix(line: &str, count: usize) -> usize {
    match line.get(..count) {
        Some(blanks) if blanks.is_ascii() => count,
        _ => line.graphemes(true).take(count).map(str::len).sum(),
    }
}

fn indentation(line: &str) -> &str {
    line.get(..line.len() - line.trim_start().len()).unwrap_or_default()
}

/// Joins literals that follow one another.
pub(crate) fn meld(pieces: &mut Vec<Piece>) {
    let mut melded: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces.drain(..) {
        match (melded.last_mut(), piece) {
            (Some(Piece::Literal { value, span }), Piece::Literal { value: next, span: next_span }) => {
                value.push_str(&next);
                *span = span.to(next_span);
            }
            (_, piece) => melded.push(piece),
        }
    }
    *pieces = melded;
}
