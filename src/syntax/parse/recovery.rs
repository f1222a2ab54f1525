use super::Parser;
use crate::scan::{Kind, Token};

impl Parser<'_> {
    /// Moves to the end of the body item that began at token `start`, after an error somewhere in it.
    ///
    /// The item ends at the first newline after the error outside all brackets, or before a brace that closes
    /// the body. Where the item's brackets do not match, they are what is wrong, and the end is guessed: before
    /// the first line that looks like the start of another item.
    pub(super) fn skip_item(&mut self, start: usize) {
        let error = self.pos.max(start);
        let end = self.balanced_end(start, error).unwrap_or_else(|| self.guessed_end(start, error));
        self.pos = end.max(start + 1).min(self.tokens.len().saturating_sub(1));
        if self.tokens.get(start..self.pos).is_some_and(breaks_string) {
            if self.swallows_brace(start) {
                self.skip_body();
            }
            self.skip_stray_lines();
        }
    }

    /// Whether the string that broke took the opening brace of a block with it: `resource "a {`.
    fn swallows_brace(&self, start: usize) -> bool {
        let item = self.tokens.get(start..self.pos).unwrap_or_default();
        let is_header = item.get(1).is_some_and(|token| token.kind != Kind::Equal);
        let broken = item.iter().position(|token| token.kind == Kind::QuotedNewline);
        let literal = broken.and_then(|at| item.get(at.checked_sub(1)?));
        is_header && literal.is_some_and(|token| self.slice(*token).trim_end().ends_with('{'))
    }

    /// Skips the body of a block whose opening brace was not seen, with its closing brace.
    fn skip_body(&mut self) {
        let mut depth = 1;
        for (at, token) in self.tokens.iter().enumerate().skip(self.pos) {
            let Some(left) = self.look_ahead.checked_sub(1) else { return };
            self.look_ahead = left;
            depth += token.kind.bracket_change();
            if depth == 0 {
                self.pos = self.line_end(at);
                return;
            }
        }
    }

    /// After a broken string the next lines may be the rest of it: skips those that cannot start an item.
    fn skip_stray_lines(&mut self) {
        while self.kind_at(self.pos.wrapping_sub(1)) == Kind::Newline && !self.starts_item(self.pos) {
            self.pos = self.line_end(self.pos);
        }
    }

    fn balanced_end(&mut self, start: usize, error: usize) -> Option<usize> {
        let mut open = Vec::new();
        let mut at = start;
        loop {
            self.look_ahead = self.look_ahead.checked_sub(1)?;
            let kind = self.kind_at(at);
            if let Some(closer) = kind.closer() {
                open.push(closer);
            } else if kind.bracket_change() < 0 {
                match open.pop() {
                    Some(closer) if closer == kind => {}
                    None if kind == Kind::CloseBrace && at >= start => return Some(at),
                    _ => return None,
                }
            } else if kind == Kind::Eof {
                return open.is_empty().then_some(at);
            } else if kind == Kind::Newline && open.is_empty() && at + 1 >= error {
                return Some(at + 1);
            }
            at += 1;
        }
    }

    fn guessed_end(&self, start: usize, error: usize) -> usize {
        let mut at = self.line_start(error.saturating_sub(1));
        if at <= start {
            at = self.line_end(error.saturating_sub(1));
        }
        while !self.starts_item(at) {
            at = self.line_end(at);
        }
        at
    }

    /// Index of the first token of the line; a newline belongs to the line it ends.
    fn line_start(&self, mut at: usize) -> usize {
        while at > 0 && self.kind_at(at - 1) != Kind::Newline {
            at -= 1;
        }
        at
    }

    /// Index after the next newline, or of the end of the file.
    fn line_end(&self, mut at: usize) -> usize {
        loop {
            match self.kind_at(at) {
                Kind::Eof => return at,
                Kind::Newline => return at + 1,
                _ => at += 1,
            }
        }
    }

    /// Whether the line from this token on looks like an attribute, a block header or the end of a block.
    fn starts_item(&self, at: usize) -> bool {
        match self.kind_at(at) {
            Kind::Eof => true,
            Kind::CloseBrace => matches!(self.kind_at(at + 1), Kind::Newline | Kind::Eof),
            Kind::Ident => self.kind_at(at + 1) == Kind::Equal || self.is_block_header(at + 1),
            _ => false,
        }
    }

    fn is_block_header(&self, mut at: usize) -> bool {
        loop {
            match self.kind_at(at) {
                Kind::OpenBrace => return true,
                Kind::Ident | Kind::OpenQuote | Kind::CloseQuote | Kind::QuotedLiteral => at += 1,
                _ => return false,
            }
        }
    }

    fn kind_at(&self, index: usize) -> Kind {
        self.token_at(index).kind
    }
}

fn breaks_string(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| token.kind == Kind::QuotedNewline)
}
