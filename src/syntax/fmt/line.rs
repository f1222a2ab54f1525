//! Lines as formatting sees them: a heredoc with all its text is part of one line.

use std::ops::Range;

use super::Piece;
use crate::scan::Kind;

/// Up to three cells, each a range of tokens. The cells of consecutive lines are aligned with each other.
pub(super) struct Line {
    pub lead: Range<usize>,
    /// From the equals sign on, where all of the assignment is on this line.
    pub assign: Option<Range<usize>>,
    /// A comment after something else.
    pub comment: Option<usize>,
}

pub(super) fn split(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (index, piece) in pieces.iter().enumerate() {
        if piece.ends_line() {
            lines.push(Line { lead: start..index + 1, assign: None, comment: None });
            start = index + 1;
        }
    }
    // Also when empty: a chain of aligned lines ends at the end of the file.
    lines.push(Line { lead: start..pieces.len(), assign: None, comment: None });
    for line in &mut lines {
        line.split_comment(pieces);
        line.split_assignment(pieces);
    }
    lines
}

impl Line {
    fn split_comment(&mut self, pieces: &[Piece<'_>]) {
        let last = self.lead.end.saturating_sub(1);
        let comment = |kind| matches!(kind, Kind::LineComment | Kind::BlockComment);
        if self.lead.len() > 1 && pieces.get(last).is_some_and(|piece| comment(piece.kind)) {
            self.comment = Some(last);
            self.lead.end = last;
        }
    }

    fn split_assignment(&mut self, pieces: &[Piece<'_>]) {
        let lead = pieces.get(self.lead.clone()).unwrap_or_default();
        let Some(offset) = lead.iter().skip(1).position(|piece| piece.kind == Kind::Equal) else { return };
        let equal = self.lead.start + 1 + offset;
        let assign = equal..self.lead.end;
        let net: i32 = pieces
            .get(assign.clone())
            .unwrap_or_default()
            .iter()
            .map(|piece| piece.kind.bracket_change())
            .sum();
        if net == 0 {
            self.lead.end = equal;
            self.assign = Some(assign);
        }
    }
}
