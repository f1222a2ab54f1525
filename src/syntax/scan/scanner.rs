use super::{Kind, Token};

/// What the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Configuration or an expression.
    Normal,
    /// A template without quotes around it.
    Template,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comments {
    Skip,
    Keep,
}

/// Splits the text into tokens; the last is always [`Kind::Eof`]. Never fails: what is no token becomes one of
/// the kinds that [`super::report_invalid`] explains. A byte order mark at the start is skipped.
pub(crate) fn scan(text: &str, start: Start, comments: Comments) -> Vec<Token> {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        pos: if text.starts_with('\u{feff}') { 3 } else { 0 },
        tokens: Vec::with_capacity(text.len() / 8 + 2),
        modes: Vec::new(),
        comments,
    };
    let base = match start {
        Start::Normal => Mode::Normal,
        Start::Template => Mode::Bare,
    };
    while scanner.pos < scanner.bytes.len() {
        match scanner.modes.last().copied().unwrap_or(base) {
            Mode::Normal | Mode::Sequence { .. } => scanner.normal(),
            Mode::Quoted => scanner.quoted(),
            Mode::Heredoc { marker, at_line_start } => scanner.heredoc(marker, at_line_start),
            Mode::Bare => scanner.bare(),
        }
    }
    let end = scanner.bytes.len();
    scanner.push(Kind::Eof, end, end);
    scanner.tokens
}

#[derive(Clone, Copy)]
enum Mode {
    Normal,
    /// Inside `${` or `%{`, with the number of braces open since.
    Sequence {
        braces: u32,
    },
    Quoted,
    Heredoc {
        marker: (u32, u32),
        at_line_start: bool,
    },
    Bare,
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pos: usize,
    tokens: Vec<Token>,
    /// Above the mode the text started in.
    modes: Vec<Mode>,
    comments: Comments,
}

impl Scanner<'_> {
    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        if self.tokens.len() == self.tokens.capacity() {
            self.make_room(start);
        }
        self.tokens.push(Token { kind, start: offset(start), end: offset(end) });
    }

    /// Room for as many tokens as the rest of the text has if it is like what has been read: doubling would reserve more
    /// memory than the whole tree takes.
    #[cold]
    fn make_room(&mut self, read: usize) {
        let rest = self.bytes.len().saturating_sub(read);
        let likely = self.tokens.len().saturating_mul(rest) / read.max(1);
        self.tokens.reserve_exact(likely.max(self.tokens.len() / 8) + 16);
    }

    /// Emits the next `len` bytes as one token.
    fn take(&mut self, kind: Kind, len: usize) {
        let start = self.pos;
        self.pos = (start + len).min(self.bytes.len());
        self.push(kind, start, self.pos);
    }

    fn at(&self, offset: usize) -> u8 {
        self.bytes.get(self.pos + offset).copied().unwrap_or(0)
    }

    /// Scans expression and structure tokens until the mode changes or the text ends.
    fn normal(&mut self) {
        while let Some(&byte) = self.bytes.get(self.pos) {
            match byte {
                b' ' | b'\t' => self.pos += 1,
                b'\n' => self.take(Kind::Newline, 1),
                b'\r' if self.at(1) == b'\n' => self.take(Kind::Newline, 2),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.ident(),
                b'0'..=b'9' => self.number(),
                b'"' => {
                    self.take(Kind::OpenQuote, 1);
                    self.modes.push(Mode::Quoted);
                    return;
                }
                b'{' => {
                    if let Some(Mode::Sequence { braces }) = self.modes.last_mut() {
                        *braces += 1;
                    }
                    self.take(Kind::OpenBrace, 1);
                }
                b'}' => {
                    if self.close_brace(1) {
                        return;
                    }
                }
                b'~' if self.at(1) == b'}' => {
                    if self.close_brace(2) {
                        return;
                    }
                }
                b'<' if self.at(1) == b'<' => {
                    if self.open_heredoc() {
                        return;
                    }
                }
                b'#' => self.line_comment(),
                b'/' if self.at(1) == b'/' => self.line_comment(),
                b'/' if self.at(1) == b'*' => self.block_comment(),
                0x80.. => self.beyond_ascii(),
                _ => self.symbol(byte),
            }
        }
    }

    /// Takes `}` or `~}`; true when it ended a template sequence.
    fn close_brace(&mut self, len: usize) -> bool {
        match self.modes.last_mut() {
            Some(Mode::Sequence { braces: 0 }) => {
                self.modes.pop();
                self.take(Kind::SequenceEnd, len);
                true
            }
            Some(Mode::Sequence { braces }) => {
                *braces -= 1;
                self.take(if len == 2 { Kind::SequenceEnd } else { Kind::CloseBrace }, len);
                false
            }
            _ => {
                self.take(if len == 2 { Kind::SequenceEnd } else { Kind::CloseBrace }, len);
                false
            }
        }
    }

    fn ident(&mut self) {
        let start = self.pos;
        self.pos = ident_end(self.text, start);
        self.push(Kind::Ident, start, self.pos);
    }

    /// Digits, dots and exponents as far as they go, but never ending in a dot: `1.a` is `1`, `.`, `a`.
    fn number(&mut self) {
        let start = self.pos;
        let mut at = start + 1;
        let mut end = at;
        loop {
            match self.bytes.get(at) {
                Some(b'0'..=b'9') => {
                    at += 1;
                    end = at;
                }
                Some(b'.') => at += 1,
                Some(b'e' | b'E') => {
                    let sign = usize::from(matches!(self.bytes.get(at + 1), Some(b'+' | b'-')));
                    if !self.bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
                        break;
                    }
                    at += sign + 2;
                    end = at;
                }
                _ => break,
            }
        }
        self.pos = end;
        self.push(Kind::Number, start, end);
    }

    fn symbol(&mut self, byte: u8) {
        let next = self.at(1);
        let (kind, len) = match byte {
            b'(' => (Kind::OpenParen, 1),
            b')' => (Kind::CloseParen, 1),
            b'[' => (Kind::OpenBracket, 1),
            b']' => (Kind::CloseBracket, 1),
            b'.' if next == b'.' && self.at(2) == b'.' => (Kind::Ellipsis, 3),
            b'.' => (Kind::Dot, 1),
            b',' => (Kind::Comma, 1),
            b':' if next == b':' => (Kind::DoubleColon, 2),
            b':' => (Kind::Colon, 1),
            b'?' => (Kind::Question, 1),
            b'=' if next == b'=' => (Kind::EqualEqual, 2),
            b'=' if next == b'>' => (Kind::FatArrow, 2),
            b'=' => (Kind::Equal, 1),
            b'!' if next == b'=' => (Kind::NotEqual, 2),
            b'!' => (Kind::Not, 1),
            b'<' if next == b'=' => (Kind::LessEqual, 2),
            b'<' => (Kind::Less, 1),
            b'>' if next == b'=' => (Kind::GreaterEqual, 2),
            b'>' => (Kind::Greater, 1),
            b'+' => (Kind::Plus, 1),
            b'-' => (Kind::Minus, 1),
            b'*' if next == b'*' => (Kind::StarStar, 2),
            b'*' => (Kind::Star, 1),
            b'/' => (Kind::Slash, 1),
            b'%' => (Kind::Percent, 1),
            b'&' if next == b'&' => (Kind::And, 2),
            b'&' => (Kind::BitAnd, 1),
            b'|' if next == b'|' => (Kind::Or, 2),
            b'|' => (Kind::BitOr, 1),
            b'~' => (Kind::BitNot, 1),
            b'^' => (Kind::BitXor, 1),
            b';' => (Kind::Semicolon, 1),
            b'`' => (Kind::Backtick, 1),
            b'\'' => (Kind::Apostrophe, 1),
            _ => (Kind::Invalid, 1),
        };
        self.take(kind, len);
    }

    fn beyond_ascii(&mut self) {
        let Some(character) = self.text.get(self.pos..).and_then(|rest| rest.chars().next()) else {
            self.take(Kind::Invalid, 1);
            return;
        };
        if unicode_ident::is_xid_start(character) {
            self.ident();
        } else {
            let curly = matches!(character, '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}');
            self.take(if curly { Kind::CurlyQuote } else { Kind::Invalid }, character.len_utf8());
        }
    }

    fn line_comment(&mut self) {
        let start = self.pos;
        let rest = &self.bytes[start..];
        let mut len = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        if len < rest.len() && rest[len - 1] == b'\r' {
            len -= 1;
        }
        self.pos += len;
        if self.comments == Comments::Keep {
            self.push(Kind::LineComment, start, self.pos);
        }
    }

    fn block_comment(&mut self) {
        let start = self.pos;
        match self.text[start + 2..].find("*/") {
            Some(len) => {
                self.pos = start + 2 + len + 2;
                if self.comments == Comments::Keep {
                    self.push(Kind::BlockComment, start, self.pos);
                }
            }
            None => {
                self.take(Kind::UnclosedComment, 2);
                self.pos = self.bytes.len();
            }
        }
    }

    /// Takes `<<EOT` with its newline and enters the heredoc, or else the first `<`.
    fn open_heredoc(&mut self) -> bool {
        let start = self.pos;
        let marker = start + 2 + usize::from(self.at(2) == b'-');
        let end = match self.text.get(marker..).and_then(|rest| rest.chars().next()) {
            Some(first) if first == '_' || unicode_ident::is_xid_start(first) => ident_end(self.text, marker),
            _ => marker,
        };
        let newline = match &self.bytes[end..] {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => 0,
        };
        if end == marker || newline == 0 {
            self.take(Kind::Less, 1);
            return false;
        }
        self.take(Kind::OpenHeredoc, end + newline - start);
        let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.modes.push(Mode::Heredoc { marker: (offset(marker), offset(end)), at_line_start: true });
        true
    }

    /// Scans a quoted template until it ends or a sequence starts.
    fn quoted(&mut self) {
        let start = self.pos;
        let mut at = start;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'"' => {
                    self.literal(Kind::QuotedLiteral, start, at);
                    self.take(Kind::CloseQuote, 1);
                    self.modes.pop();
                    return;
                }
                b'\\' => {
                    at += 1;
                    if !matches!(self.bytes.get(at), None | Some(b'\n' | b'\r')) {
                        at += 1;
                        // A longer character is passed byte by byte: its other bytes are none of the above.
                    }
                }
                b'$' | b'%' => match self.sequence_at(at) {
                    Sequence::Opens => {
                        self.literal(Kind::QuotedLiteral, start, at);
                        self.open_sequence();
                        return;
                    }
                    Sequence::Escaped => at += 3,
                    Sequence::None => at += 1,
                },
                b'\n' | b'\r' => {
                    self.literal(Kind::QuotedLiteral, start, at);
                    self.break_quoted();
                    return;
                }
                _ => at += 1,
            }
        }
        self.literal(Kind::QuotedLiteral, start, at);
    }

    /// A quoted template ends at its line, so that a forgotten quote does not turn the rest of the file inside
    /// out; so do the sequences it is part of.
    fn break_quoted(&mut self) {
        let start = self.pos;
        let len = if self.at(0) == b'\r' && self.at(1) == b'\n' { 2 } else { 1 };
        self.take(Kind::QuotedNewline, len);
        self.push(Kind::Newline, start, self.pos);
        while matches!(self.modes.last(), Some(Mode::Quoted | Mode::Sequence { .. })) {
            self.modes.pop();
        }
        self.set_line_start(true);
    }

    /// Scans a heredoc up to the end of the line, its closing marker, or the start of a sequence.
    fn heredoc(&mut self, marker: (u32, u32), at_line_start: bool) {
        let start = self.pos;
        let (end, stop) = self.template_line(start);
        match stop {
            Stop::Sequence => {
                self.literal(Kind::StringLiteral, start, end);
                self.set_line_start(false);
                self.open_sequence();
            }
            Stop::Newline(newline) => {
                let line = self.text.get(start..end).unwrap_or_default();
                let wanted = self.text.get(marker.0 as usize..marker.1 as usize).unwrap_or_default();
                if at_line_start && line.trim() == wanted {
                    self.push(Kind::CloseHeredoc, start, end);
                    self.pos = end;
                    self.take(Kind::Newline, newline);
                    self.modes.pop();
                } else {
                    self.literal(Kind::StringLiteral, start, end + newline);
                    self.set_line_start(true);
                }
            }
            Stop::End => self.literal(Kind::StringLiteral, start, end),
        }
    }

    fn bare(&mut self) {
        let start = self.pos;
        let (end, stop) = self.template_line(start);
        match stop {
            Stop::Sequence => {
                self.literal(Kind::StringLiteral, start, end);
                self.open_sequence();
            }
            Stop::Newline(newline) => self.literal(Kind::StringLiteral, start, end + newline),
            Stop::End => self.literal(Kind::StringLiteral, start, end),
        }
    }

    /// Where a line of heredoc or bare template stops, before its newline, and why.
    fn template_line(&self, start: usize) -> (usize, Stop) {
        let mut at = start;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\n' => {
                    let crlf = at > start && self.bytes[at - 1] == b'\r';
                    return if crlf { (at - 1, Stop::Newline(2)) } else { (at, Stop::Newline(1)) };
                }
                b'$' | b'%' => match self.sequence_at(at) {
                    Sequence::Opens => return (at, Stop::Sequence),
                    Sequence::Escaped => at += 3,
                    Sequence::None => at += 1,
                },
                _ => at += 1,
            }
        }
        (at, Stop::End)
    }

    fn set_line_start(&mut self, value: bool) {
        if let Some(Mode::Heredoc { at_line_start, .. }) = self.modes.last_mut() {
            *at_line_start = value;
        }
    }

    /// What a `$` or `%` begins.
    fn sequence_at(&self, at: usize) -> Sequence {
        match (self.bytes.get(at), self.bytes.get(at + 1), self.bytes.get(at + 2)) {
            (_, Some(b'{'), _) => Sequence::Opens,
            (Some(first), Some(second), Some(b'{')) if first == second => Sequence::Escaped,
            _ => Sequence::None,
        }
    }

    fn open_sequence(&mut self) {
        let kind = if self.at(0) == b'$' { Kind::Interpolation } else { Kind::Directive };
        self.take(kind, if self.at(2) == b'~' { 3 } else { 2 });
        self.modes.push(Mode::Sequence { braces: 0 });
    }

    fn literal(&mut self, kind: Kind, start: usize, end: usize) {
        if start < end {
            self.push(kind, start, end);
        }
        self.pos = end;
    }
}

enum Stop {
    Sequence,
    /// The length of the newline.
    Newline(usize),
    End,
}

enum Sequence {
    /// `${`
    Opens,
    /// `$${`
    Escaped,
    None,
}

/// The end of the identifier that starts at `start`; dashes belong to it.
fn ident_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' {
            at += 1;
        } else if byte >= 0x80 {
            match text.get(at..).and_then(|rest| rest.chars().next()) {
                Some(c) if unicode_ident::is_xid_continue(c) => at += c.len_utf8(),
                _ => break,
            }
        } else {
            break;
        }
    }
    at
}
