//! Values as literal expressions, in the layout of `terraform fmt`.

use crate::quote::push_literal;
use crate::{Kind, Value};

/// A value as an expression that evaluates to it, up to the difference between lists, sets and tuples, and between
/// maps and objects. What is not known is written as null, and sensitive values are written out.
pub fn expression(value: &Value) -> String {
    let mut lines = Lines { lines: vec![Line::default()] };
    lines.value(value);
    lines.finish()
}

/// `name = expression`, over as many lines as it takes, without a line break at the end.
pub fn attribute(name: &str, value: &Value) -> String {
    let mut lines = Lines { lines: vec![Line { key: Some(name.to_owned()), ..Line::default() }] };
    lines.value(value);
    lines.finish()
}

/// A string in quotes, escaped as the language needs.
pub fn quoted(text: &str) -> String {
    let mut out = String::new();
    push_literal(text, &mut out);
    out
}

/// True for what may stand as a name without quotes.
pub fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    let starts = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    starts && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

struct Lines {
    lines: Vec<Line>,
}

#[derive(Default)]
struct Line {
    /// What stands before `=`.
    key: Option<String>,
    text: String,
    /// Brackets opened less brackets closed.
    depth: isize,
}

impl Lines {
    fn value(&mut self, value: &Value) {
        match value.kind() {
            Kind::Null(_) | Kind::Unknown(..) => self.push("null"),
            Kind::Bool(b) => self.push(if *b { "true" } else { "false" }),
            Kind::Number(n) => self.push(&n.to_string()),
            Kind::String(s) => self.push(&quoted(s)),
            Kind::List(s) | Kind::Set(s) | Kind::Tuple(s) => self.items(s.items()),
            Kind::Map(m) | Kind::Object(m) if m.entries().is_empty() => self.push("{}"),
            Kind::Map(m) | Kind::Object(m) => self.entries(m.entries()),
        }
    }

    fn items(&mut self, items: &[Value]) {
        self.bracket("[", 1);
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.value(item);
        }
        self.bracket("]", -1);
    }

    fn entries(&mut self, entries: &crate::Entries) {
        self.bracket("{", 1);
        for (key, item) in entries.iter() {
            let key = if is_identifier(key) { key.to_string() } else { quoted(key) };
            self.lines.push(Line { key: Some(key), ..Line::default() });
            self.value(item);
        }
        self.lines.push(Line::default());
        self.bracket("}", -1);
    }

    fn push(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.text.push_str(text);
        }
    }

    fn bracket(&mut self, text: &str, depth: isize) {
        self.push(text);
        if let Some(line) = self.lines.last_mut() {
            line.depth += depth;
        }
    }

    /// Indents by the brackets open at the start of each line, and aligns `=` over lines that follow each other.
    fn finish(self) -> String {
        let widths = aligned_widths(&self.lines);
        let mut out = String::new();
        let mut open: Vec<isize> = Vec::new();
        for (i, (line, width)) in self.lines.iter().zip(widths).enumerate() {
            close(&mut open, -line.depth);
            if i > 0 {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n("  ", open.len()));
            if let Some(key) = &line.key {
                out.push_str(key);
                out.extend(std::iter::repeat_n(' ', width.saturating_sub(key.chars().count())));
                out.push_str(" = ");
            }
            out.push_str(&line.text);
            if line.depth > 0 {
                open.push(line.depth);
            }
        }
        out
    }
}

/// However many brackets a line opens, they are one level of indentation, which ends where the last is closed.
fn close(open: &mut Vec<isize>, mut closed: isize) {
    while closed > 0 {
        let Some(last) = open.last_mut() else { return };
        if *last > closed {
            *last -= closed;
            return;
        }
        closed -= *last;
        open.pop();
    }
}

fn aligned_widths(lines: &[Line]) -> Vec<usize> {
    let alone = |line: &Line| line.key.is_none() || line.depth != 0;
    let mut widths = Vec::with_capacity(lines.len());
    for group in lines.chunk_by(|a, b| !alone(a) && !alone(b)) {
        let width = group.iter().filter_map(|line| line.key.as_ref()).map(|key| key.chars().count()).max();
        widths.extend(std::iter::repeat_n(width.unwrap_or(0), group.len()));
    }
    widths
}
