//! JSON's string escapes.

use ecow::EcoString;

pub(super) struct Invalid {
    /// Into the text after the opening quote.
    pub offset: usize,
    pub len: usize,
    pub detail: &'static str,
}

/// Decodes the text after an opening quote; also returns how many bytes come before the closing one.
pub(super) fn decode(text: &str) -> Result<(EcoString, usize), Invalid> {
    let mut value = EcoString::new();
    let mut from = 0;
    loop {
        let rest = text.get(from..).unwrap_or_default();
        let stop = rest.find(|c: char| c == '"' || c == '\\' || c < ' ');
        let at = from + stop.unwrap_or(rest.len());
        value.push_str(text.get(from..at).unwrap_or_default());
        match text.as_bytes().get(at) {
            Some(b'"') => return Ok((value, at)),
            Some(b'\\') => {
                let (character, len) = escape(text, at)?;
                value.push(character);
                from = at + len;
            }
            end @ (Some(b'\n') | None) => {
                let len = usize::from(end.is_some());
                return Err(Invalid {
                    offset: at,
                    len,
                    detail: "There is no closing quote for this JSON string.",
                });
            }
            Some(_) => {
                let detail = "Control characters must be written as escapes in a JSON string.";
                return Err(Invalid { offset: at, len: 1, detail });
            }
        }
    }
}

/// The character of the escape at an offset, and the escape's length.
fn escape(text: &str, at: usize) -> Result<(char, usize), Invalid> {
    let character = match text.as_bytes().get(at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(text, at),
        _ => {
            let detail = "A backslash must be followed by one of \" \\ / b f n r t u in a JSON string.";
            return Err(Invalid { offset: at, len: 1, detail });
        }
    };
    Ok((character, 2))
}

/// `\uXXXX`, or two of them that form a surrogate pair; half a pair is the replacement character.
fn unicode(text: &str, at: usize) -> Result<(char, usize), Invalid> {
    let Some(first) = hex(text, at) else {
        let detail = "The \\u escape sequence must be followed by four hexadecimal digits.";
        return Err(Invalid { offset: at, len: 2, detail });
    };
    if let Some(character) = char::from_u32(first) {
        return Ok((character, 6));
    }
    let second = hex(text, at + 6).filter(|low| (0xdc00..0xe000).contains(low));
    let pair =
        second.filter(|_| first < 0xdc00).map(|low| 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00));
    match pair.and_then(char::from_u32) {
        Some(character) => Ok((character, 12)),
        None => Ok((char::REPLACEMENT_CHARACTER, 6)),
    }
}

fn hex(text: &str, at: usize) -> Option<u32> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}
