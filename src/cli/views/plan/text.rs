//! Strings, numbers and bools as the plan shows them.

use value::{Kind, Value};

/// A scalar on one line.
pub fn scalar(value: &Value) -> String {
    match value.kind() {
        Kind::Null(_) => "null".into(),
        Kind::Unknown(..) => "(known after apply)".into(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(s) => quote(s),
        _ => String::new(),
    }
}

/// A string in quotes, with escapes for what could not be seen otherwise.
pub fn quote(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    out.push('"');
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            c if is_visible(c) => out.push(c),
            c if c.is_ascii() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if u32::from(c) <= 0xffff => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// False for control and format characters, and for blanks that are not a space.
fn is_visible(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    // Debug escapes those and no others within a string; combining characters only at its beginning.
    let mut text = String::from("x");
    text.push(c);
    !text.escape_debug().any(|c| c == '\\')
}

/// A name as it is if it is an identifier, else in quotes.
pub fn name(s: &str) -> String {
    let mut chars = s.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if first && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-') { s.to_owned() } else { quote(s) }
}

/// The value that a string is the JSON text of, if it is that of an object or array.
pub fn json(value: &Value) -> Option<Value> {
    let text = value.as_str()?.trim();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    value::json::from_plain_json(text).ok()
}

/// True when the value is a string of several lines.
pub fn is_multiline(value: &Value) -> bool {
    value.as_str().is_some_and(|s| s.contains('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        for (reason, text, expected) in [
            ("quotes and backslashes", "a\"b\\c", r#""a\"b\\c""#),
            ("the usual control characters", "\t\n\r\u{7}\u{8}\u{b}\u{c}", r#""\t\n\r\a\b\v\f""#),
            ("others in ASCII", "\u{0}\u{1}\u{7f}", r#""\x00\x01\x7f""#),
            ("others beyond it", "\u{85}\u{a0}\u{200b}\u{feff}", r#""\u0085\u00a0\u200b\ufeff""#),
            ("far beyond it", "\u{e0001}", r#""\U000e0001""#),
            ("letters, combined ones, and pictures", "äc\u{301}😀", "\"äc\u{301}😀\""),
            ("what only looks like a template", "${x} %{y}", "\"${x} %{y}\""),
        ] {
            assert_eq!(quote(text), expected, "{reason}");
        }
    }
}
