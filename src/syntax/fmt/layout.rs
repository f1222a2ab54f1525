//! Indentation, spaces inside cells, and the alignment of cells.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::Piece;
use super::line::Line;
use super::spacing::space_between;
use crate::scan::Kind;

pub(super) fn lay_out(pieces: &mut [Piece<'_>], lines: &[Line]) {
    indent(pieces, lines);
    for line in lines {
        space_cell(pieces, line.lead.clone());
        if let Some(assign) = &line.assign {
            set_spaces(pieces, assign.start, 1);
            space_cell(pieces, assign.clone());
        }
    }
    align_assignments(pieces, lines);
    align_comments(pieces, lines);
}

fn set_spaces(pieces: &mut [Piece<'_>], index: usize, spaces: usize) {
    if let Some(piece) = pieces.get_mut(index) {
        piece.spaces = spaces;
    }
}

/// Two spaces for every line that left brackets open, however many.
fn indent(pieces: &mut [Piece<'_>], lines: &[Line]) {
    // How many brackets each such line opened and are still open.
    let mut open: Vec<i32> = Vec::new();
    for line in lines {
        let Some(first) = pieces.get(line.lead.start).filter(|_| !line.lead.is_empty()) else { continue };
        if first.kind == Kind::Newline {
            continue;
        }
        let net = net_brackets(pieces, line);
        if net < 0 {
            close(&mut open, -net);
        }
        set_spaces(pieces, line.lead.start, 2 * open.len());
        if net > 0 {
            open.push(net);
        }
    }
}

fn close(open: &mut Vec<i32>, mut closed: i32) {
    while let Some(last) = open.last_mut().filter(|_| closed > 0) {
        if closed < *last {
            *last -= closed;
            return;
        }
        closed -= *last;
        open.pop();
    }
}

fn net_brackets(pieces: &[Piece<'_>], line: &Line) -> i32 {
    let mut net = 0;
    for piece in pieces.get(line.lead.clone()).unwrap_or_default() {
        net += piece.kind.bracket_change();
        if piece.kind == Kind::OpenHeredoc {
            break;
        }
    }
    let assign = line.assign.clone().unwrap_or_default();
    net + pieces.get(assign).unwrap_or_default().iter().map(|piece| piece.kind.bracket_change()).sum::<i32>()
}

/// Sets the spaces before all tokens of the cell but the first.
fn space_cell(pieces: &mut [Piece<'_>], cell: Range<usize>) {
    let mut before = None;
    for index in cell.start..cell.end.saturating_sub(1) {
        let (Some(subject), Some(after)) = (pieces.get(index), pieces.get(index + 1)) else { return };
        let space = space_between(before, subject, after);
        before = Some(subject.kind);
        set_spaces(pieces, index + 1, usize::from(space));
    }
}

fn columns(pieces: &[Piece<'_>], cell: Range<usize>) -> usize {
    let cell = pieces.get(cell).unwrap_or_default();
    cell.iter().map(|piece| piece.spaces + width(&piece.text)).sum()
}

fn width(text: &str) -> usize {
    if text.is_ascii() && !text.contains('\r') { text.len() } else { text.graphemes(true).count() }
}

fn align_assignments(pieces: &mut [Piece<'_>], lines: &[Line]) {
    let cell = |line: &Line| line.assign.as_ref().map(|assign| assign.start);
    align(pieces, lines, cell, |pieces, line| columns(pieces, line.lead.clone()));
}

fn align_comments(pieces: &mut [Piece<'_>], lines: &[Line]) {
    let before = |pieces: &[Piece<'_>], line: &Line| {
        columns(pieces, line.lead.clone()) + columns(pieces, line.assign.clone().unwrap_or_default())
    };
    align(pieces, lines, |line| line.comment, before);
}

/// Aligns the cells of consecutive lines that have them, one space after the widest of what is before.
fn align(
    pieces: &mut [Piece<'_>],
    lines: &[Line],
    cell: impl Fn(&Line) -> Option<usize>,
    before: impl Fn(&[Piece<'_>], &Line) -> usize,
) {
    for chain in lines.chunk_by(|a, b| cell(a).is_some() && cell(b).is_some()) {
        let widths: Vec<_> =
            chain.iter().filter_map(|line| cell(line).map(|start| (start, before(pieces, line)))).collect();
        let widest = widths.iter().map(|(_, width)| *width).max().unwrap_or(0);
        for (start, width) in widths {
            set_spaces(pieces, start, widest - width + 1);
        }
    }
}
