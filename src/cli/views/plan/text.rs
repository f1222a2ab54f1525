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

/// A string in quotes, escaped as the language needs it.
pub fn quote(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    out.push('"');
    let mut chars = s.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
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
