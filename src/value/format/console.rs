use crate::quote::push_go_quoted;
use crate::{Kind, Type, Value};

/// `tolist([...])`, `{ "a" = 1 }`, `(known after apply)`, `(sensitive value)`: as `terraform console` prints.
///
/// `indent` is that of the line on which the value starts; the lines after it are indented by it.
pub fn console(value: &Value, indent: usize) -> String {
    let mut out = String::new();
    push(value, indent, &mut out);
    out
}

fn push(value: &Value, indent: usize, out: &mut String) {
    if value.marks().is_ephemeral() {
        out.push_str("(ephemeral value)");
        return;
    }
    if value.is_sensitive() && value.is_known() {
        out.push_str("(sensitive value)");
        return;
    }
    match value.kind() {
        Kind::Unknown(..) => out.push_str("(known after apply)"),
        Kind::Null(ty) => out.push_str(&null(ty)),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::Number(n) => out.push_str(&n.to_string()),
        Kind::String(s) => push_string(s, indent, out),
        Kind::Tuple(s) => push_items(s.items(), indent, out),
        Kind::Object(m) => push_entries(m.entries(), indent, out),
        Kind::List(s) => wrapped("tolist(", out, |out| push_items(s.items(), indent, out)),
        Kind::Set(s) => wrapped("toset(", out, |out| push_items(s.items(), indent, out)),
        Kind::Map(m) => wrapped("tomap(", out, |out| push_entries(m.entries(), indent, out)),
    }
}

fn wrapped(function: &str, out: &mut String, inside: impl FnOnce(&mut String)) {
    out.push_str(function);
    inside(out);
    out.push(')');
}

fn null(ty: &Type) -> String {
    match ty {
        Type::Dynamic => "null".into(),
        Type::String => "tostring(null)".into(),
        Type::Number => "tonumber(null)".into(),
        Type::Bool => "tobool(null)".into(),
        Type::List(e) => format!("tolist(null) /* of {} */", e.friendly_name()),
        Type::Set(e) => format!("toset(null) /* of {} */", e.friendly_name()),
        Type::Map(e) => format!("tomap(null) /* of {} */", e.friendly_name()),
        Type::Tuple(_) | Type::Object(_) => format!("null /* {} */", ty.friendly_name()),
    }
}

/// Text of several lines as a heredoc, other text in quotes.
fn push_string(text: &str, indent: usize, out: &mut String) {
    if !text.contains('\n') {
        push_go_quoted(text, out);
        return;
    }
    let mut delimiter = String::from("EOT");
    while text.split('\n').any(|line| line.trim() == delimiter) {
        delimiter.push('_');
    }
    out.push_str(if indent > 0 { "<<-" } else { "<<" });
    out.push_str(&delimiter);
    for line in text.split('\n').chain([delimiter.as_str()]) {
        push_line(indent, out);
        out.push_str(line);
    }
}

fn push_items(items: &[Value], indent: usize, out: &mut String) {
    out.push('[');
    for item in items {
        push_line(indent + 2, out);
        push(item, indent + 2, out);
        out.push(',');
    }
    if !items.is_empty() {
        push_line(indent, out);
    }
    out.push(']');
}

fn push_entries(entries: &crate::Entries, indent: usize, out: &mut String) {
    out.push('{');
    for (key, item) in entries.iter() {
        push_line(indent + 2, out);
        push_string(key, indent + 2, out);
        out.push_str(" = ");
        push(item, indent + 2, out);
    }
    if !entries.is_empty() {
        push_line(indent, out);
    }
    out.push('}');
}

fn push_line(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}
