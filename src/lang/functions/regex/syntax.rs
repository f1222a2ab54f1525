//! The syntax of patterns: RE2's, as Go has it, read and written anew for the `regex` crate.
//!
//! The two agree on what matching means but not on every letter of the syntax: in RE2 `\d`, `\w`, `\s` and `\b` know ASCII
//! only, classes have no set operations, two groups may have the same name, and what is not valid is told by fixed sentences.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::CharIndices;

/// How deep groups may nest.
const MAX_DEPTH: usize = 200;
/// The most that `{n,m}` may repeat, those nested in it multiplied.
const MAX_REPEAT: u32 = 1000;

/// A pattern that the `regex` crate understands, with the names of its groups aside.
#[derive(Debug)]
pub(super) struct Pattern {
    pub translated: String,
    /// Of group 1 on; `None` for one without a name.
    pub groups: Vec<Option<String>>,
}

/// What is wrong with a pattern: RE2's sentence and the part it is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub code: &'static str,
    pub part: String,
}

pub(super) fn translate(pattern: &str) -> Result<Pattern, SyntaxError> {
    let mut parser = Parser {
        source: pattern,
        at: pattern.char_indices().peekable(),
        out: String::new(),
        groups: Vec::new(),
    };
    parser.alternatives(0)?;
    if parser.peek().is_some() {
        return Err(error("unexpected )", pattern));
    }
    Ok(Pattern { translated: parser.out, groups: parser.groups })
}

struct Parser<'a> {
    source: &'a str,
    at: Peekable<CharIndices<'a>>,
    out: String,
    groups: Vec<Option<String>>,
}

/// What stands before a repetition operator.
#[derive(Clone, Copy)]
enum Before {
    /// Nothing that can be repeated.
    Nothing,
    Atom(Atom),
    /// A repetition whose operator begins at a byte of the source.
    Repetition(usize, Atom),
}

/// Something that can be repeated.
#[derive(Clone, Copy)]
struct Atom {
    /// Where it begins in what is written.
    start: usize,
    /// Where it ends, if flags were changed since.
    end: Option<usize>,
    /// The repetitions inside it multiplied.
    count: u32,
}

impl Before {
    /// The same after a change of flags, which begins at a place of what is written. A repetition can be repeated then.
    fn after_flags(self, written: usize) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Atom(atom) | Self::Repetition(_, atom) => {
                Self::Atom(Atom { end: atom.end.or(Some(written)), ..atom })
            }
        }
    }
}

impl<'a> Parser<'a> {
    /// Reads to the end of the pattern or of the group; gives the highest count of nested repetitions.
    fn alternatives(&mut self, depth: usize) -> Result<u32, SyntaxError> {
        if depth > MAX_DEPTH {
            return Err(error("expression nests too deeply", self.source));
        }
        let (mut before, mut highest) = (Before::Nothing, 1);
        while let Some(c) = self.peek() {
            let (start, written) = (self.offset(), self.out.len());
            let atom = |count: u32| Before::Atom(Atom { start: written, end: None, count });
            match c {
                ')' => break,
                '|' => {
                    self.copy();
                    before = Before::Nothing;
                }
                '(' => {
                    before = match self.group(depth)? {
                        Some(count) => atom(count),
                        None => before.after_flags(written),
                    }
                }
                '[' => {
                    self.class()?;
                    before = atom(1);
                }
                '*' | '+' | '?' => {
                    self.next();
                    before = self.repeat(start, before, 1)?;
                }
                '{' => match self.counts() {
                    None => {
                        self.next();
                        self.out.push_str("\\{");
                        before = atom(1);
                    }
                    Some((min, max)) => {
                        let part = &self.source[start..self.offset()];
                        let too_many = |n: u32| n > MAX_REPEAT;
                        if too_many(min) || max.is_some_and(|max| too_many(max) || max < min) {
                            return Err(error("invalid repeat count", part));
                        }
                        before = self.repeat(start, before, max.unwrap_or(min))?;
                    }
                },
                '\\' => {
                    if let Some(start) = self.escape()? {
                        before = Before::Atom(Atom { start, end: None, count: 1 });
                    }
                }
                '.' | '^' | '$' => {
                    self.copy();
                    before = atom(1);
                }
                c => {
                    self.next();
                    push_literal(&mut self.out, c);
                    before = atom(1);
                }
            }
            if let Before::Atom(atom) | Before::Repetition(_, atom) = before {
                highest = highest.max(atom.count);
            }
        }
        Ok(highest)
    }

    /// A repetition operator, which has been read from `start`, and the `?` after it.
    fn repeat(&mut self, start: usize, before: Before, times: u32) -> Result<Before, SyntaxError> {
        let lazy = self.peek() == Some('?');
        if lazy {
            self.next();
        }
        let operator = &self.source[start..self.offset()];
        match before {
            Before::Nothing => Err(error("missing argument to repetition operator", operator)),
            Before::Repetition(from, _) => {
                Err(error("invalid nested repetition operator", &self.source[from..self.offset()]))
            }
            Before::Atom(atom) => {
                let count = atom.count.saturating_mul(times.max(1));
                if count > MAX_REPEAT {
                    return Err(error("invalid repeat count", operator));
                }
                match atom.end {
                    None => self.out.push_str(operator),
                    Some(end) => {
                        // Flags in between hold only for what follows.
                        let flags = self.out.split_off(end);
                        self.out.insert_str(atom.start, "(?:");
                        let _ = write!(self.out, "){operator}{flags}");
                    }
                }
                Ok(Before::Repetition(start, Atom { end: None, count, ..atom }))
            }
        }
    }

    /// `{n}`, `{n,}` or `{n,m}`; anything else is literal, and nothing is read.
    fn counts(&mut self) -> Option<(u32, Option<u32>)> {
        let rest = &self.source[self.offset()..];
        let inside = rest.strip_prefix('{')?;
        let inside = &inside[..inside.find('}')?];
        let (min, max) = inside
            .split_once(',')
            .map_or((inside, Some(inside)), |(min, max)| (min, Some(max).filter(|max| !max.is_empty())));
        // A number of too many digits is a repeat count too, only not a valid one.
        let number = |s: &str| {
            let leading_zero = s.len() > 1 && s.starts_with('0');
            let digits = !s.is_empty() && !leading_zero && s.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| s.parse().unwrap_or(u32::MAX))
        };
        let min = number(min)?;
        let max = match max {
            Some(max) => Some(number(max)?),
            None => None,
        };
        for _ in 0..inside.len() + 2 {
            self.next();
        }
        Some((min, max))
    }

    /// A group; gives the highest count of repetitions in it, or nothing where it only changes flags.
    fn group(&mut self, depth: usize) -> Result<Option<u32>, SyntaxError> {
        let rest = &self.source[self.offset()..];
        if rest.starts_with("(?P<") || rest.starts_with("(?<") {
            let name = self.group_name(rest)?;
            self.groups.push(Some(name));
            self.out.push('(');
        } else if rest.starts_with("(?") {
            if !self.flags()? {
                return Ok(None);
            }
        } else {
            self.copy();
            self.groups.push(None);
        }
        let count = self.alternatives(depth + 1)?;
        if self.next() != Some(')') {
            return Err(error("missing closing )", self.source));
        }
        self.out.push(')');
        Ok(Some(count))
    }

    fn group_name(&mut self, rest: &'a str) -> Result<String, SyntaxError> {
        let end = rest.find('>').ok_or_else(|| error("invalid named capture", rest))?;
        let begin = rest.find('<').map_or(0, |at| at + 1);
        let name = &rest[begin..end];
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(error("invalid named capture", &rest[..=end]));
        }
        for _ in 0..=end {
            self.next();
        }
        Ok(name.to_owned())
    }

    /// `(?i)` or the beginning of `(?i:...)`, for which it gives true.
    fn flags(&mut self) -> Result<bool, SyntaxError> {
        let start = self.offset();
        self.next();
        self.next();
        let (mut negated, mut any) = (false, false);
        loop {
            let c = self.next();
            let part = &self.source[start..self.offset()];
            match c {
                Some('i' | 'm' | 's' | 'U') => any = true,
                Some('-') if !negated => (negated, any) = (true, false),
                Some(end @ (':' | ')')) if !negated || any => {
                    if part == "(?)" {
                        return Ok(false);
                    }
                    self.out.push_str(part);
                    return Ok(end == ':');
                }
                _ => return Err(error("invalid or unsupported Perl syntax", part)),
            }
        }
    }

    /// What a backslash begins; gives where the last character of it is written, if it is anything.
    fn escape(&mut self) -> Result<Option<usize>, SyntaxError> {
        let (start, written) = (self.offset(), self.out.len());
        self.next();
        match self.peek() {
            None => return Err(error("trailing backslash at end of expression", "")),
            Some('Q') => {
                self.next();
                return Ok(self.literal_text());
            }
            Some(c @ ('A' | 'z')) => {
                self.next();
                let _ = write!(self.out, "\\{c}");
            }
            Some(c @ ('b' | 'B')) => {
                self.next();
                let _ = write!(self.out, "(?-u:\\{c})");
            }
            Some(c) if perl_class(c).is_some() => {
                self.next();
                self.out.push('[');
                self.out.push_str(perl_class(c).unwrap_or_default());
                self.out.push(']');
            }
            Some('p' | 'P') => {
                let class = self.unicode_class(start)?;
                self.out.push_str(&class);
            }
            Some(_) => {
                let c = self.escaped_char(start)?;
                push_literal(&mut self.out, c);
            }
        }
        Ok(Some(written))
    }

    /// After `\Q`, to `\E` or the end.
    fn literal_text(&mut self) -> Option<usize> {
        let rest = &self.source[self.offset()..];
        let text = rest.split("\\E").next().unwrap_or(rest);
        let skip = text.chars().count() + if text.len() < rest.len() { 2 } else { 0 };
        for _ in 0..skip {
            self.next();
        }
        let mut last = None;
        for c in text.chars() {
            last = Some(self.out.len());
            push_literal(&mut self.out, c);
        }
        last
    }

    /// What follows a backslash at `start` and means one character.
    fn escaped_char(&mut self, start: usize) -> Result<char, SyntaxError> {
        let c = self.next();
        let found = match c {
            Some('a') => Some('\u{7}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('v') => Some('\u{b}'),
            Some('x') => self.hex(),
            Some(first @ '1'..='7') if !matches!(self.peek(), Some('0'..='7')) => {
                // A back reference, which RE2 does not have.
                let _ = first;
                None
            }
            Some(first @ '0'..='7') => {
                let mut code = first.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    if let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) {
                        code = code * 8 + digit;
                        self.next();
                    }
                }
                char::from_u32(code)
            }
            Some(c) if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(c),
            None => return Err(error("trailing backslash at end of expression", "")),
            Some(_) => None,
        };
        found.ok_or_else(|| error("invalid escape sequence", &self.source[start..self.offset()]))
    }

    /// After `\x`: two digits, or any number in braces.
    fn hex(&mut self) -> Option<char> {
        let mut code = 0u32;
        if self.peek() == Some('{') {
            self.next();
            let mut digits = 0;
            loop {
                match self.next()? {
                    '}' => break,
                    c => code = code.checked_mul(16)?.checked_add(c.to_digit(16)?)?,
                }
                digits += 1;
            }
            return char::from_u32(code).filter(|_| digits > 0);
        }
        for _ in 0..2 {
            code = code * 16 + self.next()?.to_digit(16)?;
        }
        char::from_u32(code)
    }

    /// `\pL`, `\p{Greek}`, `\P{^Greek}`, from the letter on.
    fn unicode_class(&mut self, start: usize) -> Result<String, SyntaxError> {
        let mut negated = self.next() == Some('P');
        let mut name = String::new();
        match self.next() {
            Some('{') => loop {
                match self.next() {
                    Some('}') => break,
                    Some(c) => name.push(c),
                    None => return Err(error("invalid character class range", &self.source[start..])),
                }
            },
            Some(c) => name.push(c),
            None => return Err(error("invalid character class range", &self.source[start..])),
        }
        if let Some(rest) = name.strip_prefix('^') {
            name = rest.to_owned();
            negated = !negated;
        }
        let class = format!("\\{}{{{name}}}", if negated { 'P' } else { 'p' });
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if name.is_empty() || !plain || regex::Regex::new(&class).is_err() {
            return Err(error("invalid character class range", &self.source[start..self.offset()]));
        }
        Ok(class)
    }

    fn class(&mut self) -> Result<(), SyntaxError> {
        let start = self.offset();
        let source = self.source;
        self.copy();
        if self.peek() == Some('^') {
            self.copy();
        }
        let mut first = true;
        loop {
            let item = self.offset();
            match self.peek() {
                None => return Err(error("missing closing ]", &source[start..])),
                Some(']') if !first => {
                    self.copy();
                    return Ok(());
                }
                Some('[') if source[item..].starts_with("[:") && source[item..].contains(":]") => {
                    self.posix_class()?;
                }
                Some('\\') if matches!(source[item..].chars().nth(1), Some('p' | 'P')) => {
                    self.next();
                    let class = self.unicode_class(item)?;
                    self.out.push_str(&class);
                }
                Some('\\') if source[item..].chars().nth(1).and_then(perl_class).is_some() => {
                    self.next();
                    let class = self.next().and_then(perl_class).unwrap_or_default();
                    // A negated one is a class of its own within this one.
                    if let Some(inner) = class.strip_prefix('^') {
                        let _ = write!(self.out, "[^{inner}]");
                    } else {
                        self.out.push_str(class);
                    }
                }
                Some(_) => self.class_range(&source[start..])?,
            }
            first = false;
        }
    }

    /// One character of a class, or two with a dash between.
    fn class_range(&mut self, class: &str) -> Result<(), SyntaxError> {
        let start = self.offset();
        let low = self.class_char(class)?;
        push_literal(&mut self.out, low);
        let rest = &self.source[self.offset()..];
        if rest.starts_with('-') && !rest.starts_with("-]") && rest.len() > 1 {
            self.next();
            let high = self.class_char(class)?;
            if high < low {
                return Err(error("invalid character class range", &self.source[start..self.offset()]));
            }
            self.out.push('-');
            push_literal(&mut self.out, high);
        }
        Ok(())
    }

    fn class_char(&mut self, class: &str) -> Result<char, SyntaxError> {
        let start = self.offset();
        match self.next() {
            Some('\\') => self.escaped_char(start),
            Some(c) => Ok(c),
            None => Err(error("missing closing ]", class)),
        }
    }

    /// `[:alpha:]`, within a class.
    fn posix_class(&mut self) -> Result<(), SyntaxError> {
        const NAMES: [&str; 14] = [
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
            "space", "upper", "word", "xdigit",
        ];
        let rest = &self.source[self.offset()..];
        let end = rest.find(":]").map_or(rest.len(), |at| at + 2);
        let part = &rest[..end];
        let name = part.trim_start_matches("[:").trim_end_matches(":]");
        if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err(error("invalid character class range", part));
        }
        for _ in part.chars() {
            self.next();
        }
        self.out.push_str(part);
        Ok(())
    }

    fn peek(&mut self) -> Option<char> {
        self.at.peek().map(|(_, c)| *c)
    }

    fn next(&mut self) -> Option<char> {
        self.at.next().map(|(_, c)| c)
    }

    /// Writes the next character as it is.
    fn copy(&mut self) {
        if let Some(c) = self.next() {
            self.out.push(c);
        }
    }

    /// The byte where the next character begins.
    fn offset(&mut self) -> usize {
        self.at.peek().map_or(self.source.len(), |(at, _)| *at)
    }
}

/// The inside of the class that a letter stands for.
fn perl_class(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "0-9",
        'D' => "^0-9",
        's' => "\\t\\n\\f\\r ",
        'S' => "^\\t\\n\\f\\r ",
        'w' => "0-9A-Za-z_",
        'W' => "^0-9A-Za-z_",
        _ => return None,
    })
}

fn push_literal(out: &mut String, c: char) {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        let _ = write!(out, "\\x{{{:x}}}", c as u32);
    } else {
        out.push(c);
    }
}

fn error(code: &'static str, part: &str) -> SyntaxError {
    SyntaxError { code, part: part.to_owned() }
}
