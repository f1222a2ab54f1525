//! The outdated spellings that are replaced: `"${a}"` alone, bare labels, `type = "string"`.

use ecow::EcoString;

use super::Piece;
use crate::analysis::quote;
use crate::body::{Block, Body, NativeBody};
use crate::scan::Kind;

/// A range of the text that may be spelt anew.
struct Edit {
    start: u32,
    end: u32,
    what: What,
}

enum What {
    Value,
    /// The type of a variable.
    Type,
    /// From a block's type to its last label.
    Labels(Vec<EcoString>),
}

pub(super) fn rewrite<'a>(pieces: Vec<(u32, Piece<'a>)>, body: &NativeBody) -> Vec<Piece<'a>> {
    let mut edits = Vec::new();
    collect(body, &mut edits);
    edits.sort_by_key(|edit| edit.start);
    let mut output = Vec::with_capacity(pieces.len());
    let mut pieces = pieces.into_iter().peekable();
    for edit in edits {
        while let Some((_, piece)) = pieces.next_if(|(start, _)| *start < edit.start) {
            output.push(piece);
        }
        let mut inside = Vec::new();
        while let Some((_, piece)) = pieces.next_if(|(start, _)| *start < edit.end) {
            inside.push(piece);
        }
        output.extend(match edit.what {
            What::Value => value(inside),
            What::Type => ty(inside),
            What::Labels(labels) => labels.iter().flat_map(|label| quoted(label)).collect(),
        });
    }
    output.extend(pieces.map(|(_, piece)| piece));
    output
}

/// The edits of a body and all within it, with a stack of its own.
fn collect(body: &NativeBody, edits: &mut Vec<Edit>) {
    let mut open = vec![(body, "", 0)];
    while let Some((body, parent, depth)) = open.pop() {
        for attribute in &body.attributes {
            let is_type = depth == 1 && parent == "variable" && attribute.name.name == "type";
            let what = if is_type { What::Type } else { What::Value };
            edits.push(Edit { start: attribute.expr.span.start, end: attribute.expr.span.end, what });
        }
        for block in &body.blocks {
            edits.extend(labels(block));
            if let Body::Native(inner) = &block.body {
                open.push((inner, &block.ty.name, depth + 1));
            }
        }
    }
}

fn labels(block: &Block) -> Option<Edit> {
    let end = block.labels.last()?.span.end;
    let labels = block.labels.iter().map(|label| label.value.clone()).collect();
    Some(Edit { start: block.ty.span.end, end, what: What::Labels(labels) })
}

fn quoted<'a>(label: &str) -> Vec<Piece<'a>> {
    let text = quote(label);
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
    let mut pieces = vec![Piece::new(Kind::OpenQuote, "\"")];
    if !inner.is_empty() {
        pieces.push(Piece::new(Kind::QuotedLiteral, inner.to_owned()));
    }
    pieces.push(Piece::new(Kind::CloseQuote, "\""));
    pieces
}

/// `"${expression}"` without its quotes, in parentheses if it spans lines and has none.
fn value(mut pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    if !is_wrapped(&pieces) {
        return pieces;
    }
    pieces.truncate(pieces.len() - 2);
    pieces.drain(..2);
    while pieces.last().is_some_and(|piece| piece.kind == Kind::Newline) {
        pieces.pop();
    }
    let blank = pieces.iter().take_while(|piece| piece.kind == Kind::Newline).count();
    pieces.drain(..blank);
    let multi_line = needs_parens(&pieces);
    let in_parens = pieces.first().is_some_and(|piece| piece.kind == Kind::OpenParen)
        && pieces.last().is_some_and(|piece| piece.kind == Kind::CloseParen);
    if multi_line && !in_parens {
        pieces.insert(0, Piece::new(Kind::OpenParen, "("));
        pieces.push(Piece::new(Kind::CloseParen, ")"));
    }
    pieces
}

/// Whether a line ends in the expression. Inside brackets a comment may end one, as in Terraform.
fn needs_parens(pieces: &[Piece<'_>]) -> bool {
    let mut depth = 0;
    pieces.iter().any(|piece| {
        depth += piece.kind.bracket_change();
        piece.kind == Kind::Newline || (depth == 0 && piece.ends_line())
    })
}

/// Whether this is a quoted template of a single interpolation and nothing else.
fn is_wrapped(pieces: &[Piece<'_>]) -> bool {
    let [open, interpolation, inside @ .., end, close] = pieces else { return false };
    let framed = open.kind == Kind::OpenQuote
        && interpolation.kind == Kind::Interpolation
        && end.kind == Kind::SequenceEnd
        && close.kind == Kind::CloseQuote;
    if !framed || inside.is_empty() {
        return false;
    }
    let mut quotes = 0_u32;
    for piece in inside {
        match piece.kind {
            Kind::OpenQuote => quotes += 1,
            Kind::CloseQuote => quotes = quotes.saturating_sub(1),
            Kind::Interpolation | Kind::SequenceEnd | Kind::QuotedLiteral if quotes == 0 => return false,
            _ => {}
        }
    }
    true
}

fn ty(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let element = match pieces.as_slice() {
        [word] if word.kind == Kind::Ident && matches!(&*word.text, "list" | "map" | "set") => "any",
        [open, word, _] if open.kind == Kind::OpenQuote && word.kind == Kind::QuotedLiteral => {
            match &*word.text {
                "string" => return vec![Piece::new(Kind::Ident, "string")],
                "list" | "map" => "string",
                _ => return pieces,
            }
        }
        _ => return pieces,
    };
    let word = pieces.into_iter().find(|piece| matches!(piece.kind, Kind::Ident | Kind::QuotedLiteral));
    let name = word.map(|piece| piece.text).unwrap_or_default();
    vec![
        Piece::new(Kind::Ident, name),
        Piece::new(Kind::OpenParen, "("),
        Piece::new(Kind::Ident, element),
        Piece::new(Kind::CloseParen, ")"),
    ]
}
