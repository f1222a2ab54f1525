use std::fmt::Write;

use super::{JsonError, type_to_json};
use crate::{Entries, Kind, Type, Value, convert};

/// Writes a wholly known value as JSON text against a type; where the type is `Dynamic` as `{"value":..,"type":..}`.
/// Numbers are written exactly; marks are ignored; an unknown is an error.
pub fn to_json(value: &Value, ty: &Type) -> Result<String, JsonError> {
    let mut out = String::new();
    if conforms(value, ty) {
        write(value, ty, &mut out)?;
    } else {
        let converted = convert(value, ty).map_err(|e| JsonError::new(e.message))?;
        write(&converted, ty, &mut out)?;
    }
    Ok(out)
}

/// Plain JSON of a known value as `jsonencode` and the JSON outputs write it: no type wrappers, HTML characters
/// escaped as Go does, sets as arrays.
pub fn to_plain_json(value: &Value) -> Result<String, JsonError> {
    let mut out = String::new();
    write_plain(value, &mut out)?;
    Ok(out)
}

/// Appends a JSON string, escaped as Go does: also `<`, `>`, `&` and the two line separators of Unicode.
pub fn push_json_string(text: &str, out: &mut String) {
    out.push('"');
    let mut plain_from = 0;
    for (at, c) in text.char_indices() {
        let escape = match c {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{8}' => "\\b",
            '\u{c}' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..'\u{20}' => "",
            _ => continue,
        };
        out.push_str(&text[plain_from..at]);
        if escape.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push_str(escape);
        }
        plain_from = at + c.len_utf8();
    }
    out.push_str(&text[plain_from..]);
    out.push('"');
}

/// Whether a value can be written against a type as it is.
fn conforms(value: &Value, ty: &Type) -> bool {
    match (value.kind(), ty) {
        (_, Type::Dynamic) | (Kind::Null(_) | Kind::Unknown(..), _) => true,
        (Kind::List(s), Type::List(e)) | (Kind::Set(s), Type::Set(e)) => s.element().conforms_to(e),
        (Kind::Map(m), Type::Map(e)) => m.element().conforms_to(e),
        (Kind::Tuple(s), Type::Tuple(types)) => {
            s.items().len() == types.len() && s.items().iter().zip(types.iter()).all(|(v, t)| conforms(v, t))
        }
        (Kind::Object(m), Type::Object(object)) => {
            let names = m.entries().keys().eq(object.iter().map(|(k, _)| k));
            names && m.entries().values().zip(object.iter()).all(|(v, (_, t))| conforms(v, t))
        }
        _ => value.has_type(ty),
    }
}

fn write(value: &Value, ty: &Type, out: &mut String) -> Result<(), JsonError> {
    if *ty == Type::Dynamic && !value.has_type(&Type::Dynamic) {
        let own = value.ty();
        out.push_str("{\"value\":");
        write(value, &own, out)?;
        out.push_str(",\"type\":");
        out.push_str(&type_to_json(&own).to_string());
        out.push('}');
        return Ok(());
    }
    match (value.kind(), ty) {
        (Kind::List(s) | Kind::Set(s), Type::List(e) | Type::Set(e)) => {
            write_items(s.items(), |_, item, out| write(item, e, out), out)
        }
        (Kind::Tuple(s), Type::Tuple(types)) => write_items(
            s.items(),
            |i, item, out| write(item, types.get(i).unwrap_or(&Type::Dynamic), out),
            out,
        ),
        (Kind::Map(m), Type::Map(e)) => write_entries(m.entries(), |_, item, out| write(item, e, out), out),
        (Kind::Object(m), Type::Object(object)) => write_entries(
            m.entries(),
            |name, item, out| write(item, object.get(name).unwrap_or(&Type::Dynamic), out),
            out,
        ),
        _ => write_plain(value, out),
    }
}

fn write_plain(value: &Value, out: &mut String) -> Result<(), JsonError> {
    match value.kind() {
        Kind::Unknown(..) => return Err(JsonError::new("value is not known")),
        Kind::Null(_) => out.push_str("null"),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::Number(n) => {
            // Writing to a String cannot fail.
            let _ = write!(out, "{n}");
        }
        Kind::String(s) => push_json_string(s, out),
        Kind::List(s) | Kind::Set(s) | Kind::Tuple(s) => {
            write_items(s.items(), |_, item, out| write_plain(item, out), out)?;
        }
        Kind::Map(m) | Kind::Object(m) => {
            write_entries(m.entries(), |_, item, out| write_plain(item, out), out)?;
        }
    }
    Ok(())
}

fn write_items(
    items: &[Value],
    write_one: impl Fn(usize, &Value, &mut String) -> Result<(), JsonError>,
    out: &mut String,
) -> Result<(), JsonError> {
    out.push('[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_one(i, item, out)?;
    }
    out.push(']');
    Ok(())
}

fn write_entries(
    entries: &Entries,
    write_one: impl Fn(&str, &Value, &mut String) -> Result<(), JsonError>,
    out: &mut String,
) -> Result<(), JsonError> {
    out.push('{');
    for (i, (key, item)) in entries.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        push_json_string(key, out);
        out.push(':');
        write_one(key, item, out)?;
    }
    out.push('}');
    Ok(())
}
