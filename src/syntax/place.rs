//! Places in messages.

use std::cell::OnceCell;

use diag::Span;

/// The starts of a text's lines, found when first asked for.
#[derive(Default)]
pub(crate) struct Lines(OnceCell<Vec<usize>>);

impl Lines {
    /// `line 3, column 1`: the start of a span, where the message knows the text but not the file's name.
    pub(crate) fn describe(&self, text: &str, span: Span) -> String {
        let starts = self.0.get_or_init(|| text.match_indices('\n').map(|(at, _)| at + 1).collect());
        let at = span.start as usize;
        let line = starts.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).and_then(|before| starts.get(before)).copied().unwrap_or(0);
        let column = text.get(start..at).map_or(0, |before| before.chars().count());
        format!("line {}, column {}", line + 1, column + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use diag::FileId;

    #[test]
    fn lines_and_columns_count_from_one() {
        let (text, lines) = ("ab\n\nñé", Lines::default());
        for (at, place) in [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (4, (3, 1)), (6, (3, 2)), (8, (3, 3))] {
            let expected = format!("line {}, column {}", place.0, place.1);
            assert_eq!(lines.describe(text, Span::new(FileId(0), at, at)), expected);
        }
    }
}
