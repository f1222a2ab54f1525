use diag::{Diagnostic, Diagnostics, FileId, Span};

use super::{Property, Value, ValueKind, string};
use crate::MAX_NESTING;
use crate::stack::deeper;
use crate::suggest::did_you_mean;

/// Reads one JSON value and nothing after it. The first structural error ends the reading; what a wrong keyword
/// or number stands for is [`ValueKind::Invalid`].
pub(super) fn read(file: FileId, text: &str) -> (Value, Diagnostics) {
    let pos = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut reader = Reader { file, text, pos, depth: 0, diagnostics: Diagnostics::new() };
    let value = match reader.value() {
        Ok(value) => {
            reader.skip_blanks();
            if reader.peek().is_some() {
                let at = reader.here();
                reader.fail(
                    "Extraneous data after value",
                    "Extra characters appear after the JSON value.",
                    at,
                );
            }
            value
        }
        Err(Failed) => Value { kind: ValueKind::Invalid, span: Span::new(file, 0, text.len()) },
    };
    (value, reader.diagnostics)
}

struct Failed;

type Read<T> = Result<T, Failed>;

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    pos: usize,
    depth: u32,
    diagnostics: Diagnostics,
}

const START_OF_VALUE: &str =
    "A JSON value must start with a brace, a bracket, a number, a string, or a keyword.";

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.pos).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.pos += 1;
        }
    }

    /// The next character, or the empty span at the end.
    fn here(&self) -> Span {
        let len = self.text.get(self.pos..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        self.span(self.pos, self.pos + len)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    fn report(&mut self, summary: &str, detail: impl Into<String>, at: Span) {
        self.diagnostics.push(Diagnostic::error(summary, detail).at(at));
    }

    fn fail(&mut self, summary: &str, detail: &str, at: Span) -> Failed {
        self.report(summary, detail, at);
        Failed
    }

    fn value(&mut self) -> Read<Value> {
        self.skip_blanks();
        let at = self.here();
        match self.peek() {
            None => Err(self.fail("Missing value", "The JSON data ends prematurely.", at)),
            Some(b'{' | b'[') => self.nested(at),
            Some(b'"') => {
                let (text, span) = self.string()?;
                Ok(Value { kind: ValueKind::String(text), span })
            }
            Some(b'0'..=b'9' | b'-') => Ok(self.number()),
            Some(byte) if byte.is_ascii_alphabetic() => Ok(self.keyword()),
            Some(b']' | b'}' | b',' | b':') => Err(self.fail("Missing JSON value", START_OF_VALUE, at)),
            Some(_) => Err(self.fail("Invalid start of value", START_OF_VALUE, at)),
        }
    }

    fn nested(&mut self, open: Span) -> Read<Value> {
        if self.depth >= MAX_NESTING {
            let detail = "The values in this file are nested too deeply.";
            return Err(self.fail("JSON nested too deeply", detail, open));
        }
        self.depth += 1;
        self.pos += 1;
        let start = self.pos - 1;
        let is_object = self.text.as_bytes().get(start) == Some(&b'{');
        let kind = deeper(|| if is_object { self.object(open) } else { self.array(open) });
        self.depth -= 1;
        Ok(Value { kind: kind?, span: self.span(start, self.pos) })
    }

    fn object(&mut self, open: Span) -> Read<ValueKind> {
        let mut properties = Vec::new();
        self.skip_blanks();
        if self.eat(b'}') {
            return Ok(ValueKind::Object(properties.into()));
        }
        loop {
            properties.push(self.property(open)?);
            self.skip_blanks();
            let at = self.here();
            match self.peek() {
                Some(b',') => self.after_comma(b'}', "object", "property", at)?,
                Some(b'}') => {
                    self.pos += 1;
                    return Ok(ValueKind::Object(properties.into()));
                }
                None => return Err(self.unclosed_object(open)),
                Some(b']') => {
                    let detail = "A JSON object must be closed with a brace, not a bracket.";
                    return Err(self.fail("Mismatched braces", detail, at));
                }
                Some(_) => {
                    let detail = "A comma must appear between each property definition in an object.";
                    return Err(self.fail("Missing attribute separator comma", detail, at));
                }
            }
        }
    }

    fn unclosed_object(&mut self, open: Span) -> Failed {
        self.fail("Unclosed object", "No closing brace was found for this JSON object.", open)
    }

    fn property(&mut self, open: Span) -> Read<Property> {
        self.skip_blanks();
        let at = self.here();
        match self.peek() {
            Some(b'"') => {}
            None => return Err(self.unclosed_object(open)),
            Some(_) => {
                let detail = "A JSON object property name must be a string.";
                return Err(self.fail("Invalid object property name", detail, at));
            }
        }
        let (name, name_span) = self.string()?;
        self.skip_blanks();
        if !self.eat(b':') {
            let at = self.here();
            let detail = match self.peek() {
                None => return Err(self.unclosed_object(open)),
                Some(b'=') => "JSON uses a colon as its name/value delimiter, not an equals sign.",
                Some(_) => "A colon must appear between an object property's name and its value.",
            };
            return Err(self.fail("Missing property value colon", detail, at));
        }
        Ok(Property { name, name_span, value: self.value()? })
    }

    fn array(&mut self, open: Span) -> Read<ValueKind> {
        const UNCLOSED: &str = "No closing bracket was found for this JSON array.";
        let mut values = Vec::new();
        self.skip_blanks();
        if self.eat(b']') {
            return Ok(ValueKind::Array(values.into()));
        }
        loop {
            self.skip_blanks();
            if self.peek().is_none() {
                return Err(self.fail("Unclosed array", UNCLOSED, open));
            }
            values.push(self.value()?);
            self.skip_blanks();
            let at = self.here();
            match self.peek() {
                Some(b',') => self.after_comma(b']', "array", "value", at)?,
                Some(b']') => {
                    self.pos += 1;
                    return Ok(ValueKind::Array(values.into()));
                }
                None => return Err(self.fail("Unclosed array", UNCLOSED, open)),
                Some(b'}') => {
                    let detail = "A JSON array must be closed with a bracket, not a brace.";
                    return Err(self.fail("Mismatched brackets", detail, at));
                }
                Some(_) => {
                    let detail = "A comma must appear between each value in an array.";
                    return Err(self.fail("Missing attribute separator comma", detail, at));
                }
            }
        }
    }

    /// Takes a comma, after which the closing bracket may not follow.
    fn after_comma(&mut self, closer: u8, container: &str, item: &str, comma: Span) -> Read<()> {
        self.pos += 1;
        self.skip_blanks();
        if self.peek() != Some(closer) {
            return Ok(());
        }
        let detail =
            format!("JSON does not permit a trailing comma after the final {item} in an {container}.");
        Err(self.fail(&format!("Trailing comma in {container}"), &detail, comma))
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.pos += usize::from(is);
        is
    }

    fn string(&mut self) -> Read<(ecow::EcoString, Span)> {
        let start = self.pos;
        let content = self.text.get(start + 1..).unwrap_or_default();
        match string::decode(content) {
            Ok((text, len)) => {
                self.pos = start + 1 + len + 1;
                Ok((text, self.span(start, self.pos)))
            }
            Err(error) => {
                let at = start + 1 + error.offset;
                let span = self.span(at, at + error.len);
                Err(self.fail("Invalid JSON string", error.detail, span))
            }
        }
    }

    /// The longest run of characters that numbers are made of.
    fn number(&mut self) -> Value {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let len =
            rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let text = rest.get(..len).unwrap_or_default();
        let span = self.span(self.pos, self.pos + len);
        self.pos += len;
        if is_number(text) {
            return Value { kind: ValueKind::Number(text.into()), span };
        }
        self.report("Invalid JSON number", "There is a syntax error in the given JSON number.", span);
        Value { kind: ValueKind::Invalid, span }
    }

    fn keyword(&mut self) -> Value {
        let rest = self.text.get(self.pos..).unwrap_or_default();
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let word = rest.get(..len).unwrap_or_default();
        let span = self.span(self.pos, self.pos + len);
        self.pos += len;
        let kind = match word {
            "true" => ValueKind::Bool(true),
            "false" => ValueKind::Bool(false),
            "null" => ValueKind::Null,
            _ => {
                let hint = if word == "undefined" {
                    " Did you mean \"null\"?".into()
                } else {
                    did_you_mean(word, ["true", "false", "null"])
                };
                let detail = format!("\"{word}\" is not a valid JSON keyword.{hint}");
                self.report("Invalid JSON keyword", detail, span);
                ValueKind::Invalid
            }
        };
        Value { kind, span }
    }
}

/// JSON's number grammar.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}
