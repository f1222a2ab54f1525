use diag::Diagnostic;
use ecow::EcoString;

use super::Parser;
use crate::scan::{Kind, Token};

impl Parser<'_> {
    /// The text of a literal piece of a template with its escapes resolved. A wrong escape is reported and left
    /// out or as it is.
    pub(super) fn unescape(&mut self, token: Token) -> EcoString {
        let text = self.slice(token);
        let quoted = token.kind == Kind::QuotedLiteral;
        if !text.bytes().any(|b| b == b'$' || b == b'%' || (quoted && b == b'\\')) {
            return text.into();
        }
        let mut value = EcoString::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['\\', '$', '%']) {
            let (plain, special) = rest.split_at(at);
            value.push_str(plain);
            let offset = token.start + offset_of(text, special);
            rest = if quoted && special.starts_with('\\') {
                self.backslash(special, offset, &mut value)
            } else if special.starts_with("$${") || special.starts_with("%%{") {
                value.push_str(&special[1..3]);
                &special[3..]
            } else {
                value.push_str(&special[..1]);
                &special[1..]
            };
        }
        value.push_str(rest);
        value
    }

    /// Resolves the escape at the start of `text`; returns what is after it.
    fn backslash<'t>(&mut self, text: &'t str, offset: u32, value: &mut EcoString) -> &'t str {
        let Some(selector) = text.get(1..).and_then(|rest| rest.chars().next()) else {
            let detail = "Backslash must be followed by an escape sequence selector character.";
            self.invalid_escape(detail.into(), offset, 1);
            return "";
        };
        let simple = match selector {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            '"' => Some('"'),
            '\\' => Some('\\'),
            _ => None,
        };
        if let Some(character) = simple {
            value.push(character);
            return &text[2..];
        }
        match selector {
            'u' => self.unicode(
                text,
                4,
                "The \\u escape sequence must be followed by four hexadecimal digits.",
                offset,
                value,
            ),
            'U' => self.unicode(
                text,
                8,
                "The \\U escape sequence must be followed by eight hexadecimal digits.",
                offset,
                value,
            ),
            _ => {
                let detail = format!("The symbol \"{selector}\" is not a valid escape sequence selector.");
                let len = 1 + selector.len_utf8();
                self.invalid_escape(detail, offset, len);
                value.push(selector);
                &text[len..]
            }
        }
    }

    fn unicode<'t>(
        &mut self,
        text: &'t str,
        digits: usize,
        too_short: &str,
        offset: u32,
        value: &mut EcoString,
    ) -> &'t str {
        let found = text[2..].bytes().take(digits).take_while(u8::is_ascii_hexdigit).count();
        let (escape, rest) = text.split_at(2 + found);
        if found < digits {
            self.invalid_escape(too_short.into(), offset, escape.len());
            value.push_str(escape);
            return rest;
        }
        let code = u32::from_str_radix(&escape[2..], 16).unwrap_or(u32::MAX);
        match char::from_u32(code) {
            Some(character) => value.push(character),
            None => {
                let detail = format!("Cannot encode character U+{code:04x} in UTF-8.");
                self.invalid_escape(detail, offset, escape.len());
                value.push_str(escape);
            }
        }
        rest
    }

    fn invalid_escape(&mut self, detail: String, offset: u32, len: usize) {
        let end = offset.saturating_add(u32::try_from(len).unwrap_or(u32::MAX));
        let subject = self.range(offset, end);
        self.diagnostics.push(Diagnostic::error("Invalid escape sequence", detail).at(subject));
    }

    /// Checks a number's text; it stays as written.
    pub(super) fn number(&mut self, token: Token) -> EcoString {
        let text = self.slice(token);
        let (mantissa, _) = text.split_once(['e', 'E']).unwrap_or((text, ""));
        let exponents = text.bytes().filter(|b| matches!(b, b'e' | b'E')).count();
        let dots = text.bytes().filter(|b| *b == b'.').count();
        let mantissa_dots = mantissa.bytes().filter(|b| *b == b'.').count();
        if exponents > 1 || dots > 1 || mantissa_dots != dots {
            let detail = "Failed to recognize the value of this number literal.";
            let subject = self.span(token);
            self.diagnostics.push(Diagnostic::error("Invalid number literal", detail).at(subject));
            return "0".into();
        }
        text.into()
    }
}

/// Where `part`, which is a suffix of `whole`, begins in it.
fn offset_of(whole: &str, part: &str) -> u32 {
    u32::try_from(whole.len() - part.len()).unwrap_or(u32::MAX)
}
