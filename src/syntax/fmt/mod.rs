//! Canonical formatting: only the white space between tokens changes, but for a few outdated spellings.

mod layout;
mod line;
mod rewrite;
mod spacing;

use std::borrow::Cow;

use diag::{Diagnostics, FileId};

use crate::parse::parse_body;
use crate::scan::{Comments, Kind, Start, scan};

/// A token with the blanks before it, which formatting sets.
struct Piece<'a> {
    kind: Kind,
    text: Cow<'a, str>,
    spaces: usize,
}

impl<'a> Piece<'a> {
    fn new(kind: Kind, text: impl Into<Cow<'a, str>>) -> Self {
        Self { kind, text: text.into(), spaces: 0 }
    }

    /// A comment to the end of its line holds the newline.
    fn ends_line(&self) -> bool {
        match self.kind {
            Kind::Newline => true,
            Kind::LineComment => self.text.ends_with('\n'),
            _ => false,
        }
    }
}

pub(crate) fn format(file: FileId, text: &str) -> Result<String, Diagnostics> {
    let (body, diagnostics) = parse_body(file, text);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let (pieces, trailing) = pieces(text);
    let mut pieces = rewrite::rewrite(pieces, &body);
    let lines = line::split(&pieces);
    layout::lay_out(&mut pieces, &lines);
    let mut output = String::with_capacity(text.len() + text.len() / 8);
    for piece in &pieces {
        output.extend(std::iter::repeat_n(' ', piece.spaces));
        output.push_str(&piece.text);
    }
    output.extend(std::iter::repeat_n(' ', trailing));
    Ok(output)
}

/// The tokens with where they start, comments included; and the number of blanks after the last, which stay.
fn pieces(text: &str) -> (Vec<(u32, Piece<'_>)>, usize) {
    let mut last_end = 0;
    let mut pieces: Vec<(u32, Piece<'_>)> = Vec::new();
    let mut comment_start = None;
    for token in scan(text, Start::Normal, Comments::Keep) {
        let start = match (token.kind, comment_start.take()) {
            (Kind::Newline, Some(start)) => {
                pieces.pop();
                start
            }
            _ => token.start,
        };
        let kind = if start < token.start { Kind::LineComment } else { token.kind };
        if token.kind == Kind::LineComment {
            comment_start = Some(token.start);
        }
        if token.kind == Kind::Eof {
            return (pieces, token.start.saturating_sub(last_end) as usize);
        }
        last_end = token.end;
        let text = text.get(start as usize..token.end as usize).unwrap_or_default();
        pieces.push((start, Piece::new(kind, text)));
    }
    (pieces, 0)
}
