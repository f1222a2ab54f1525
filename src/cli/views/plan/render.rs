//! A difference as text.

use std::collections::BTreeMap;

use value::{Str, Value};

use super::diff::{self, Change, Context, Diff, Node};
use super::sequence::{self, Step};
use super::text;
use crate::cli::views::colour::{Palette, Style};

/// How to render.
#[derive(Clone, Copy, Debug)]
pub struct Renderer {
    pub palette: Palette,
    /// Show what does not change as well (`show` of a state).
    pub all: bool,
    /// Leave the symbols out (`show` of a state).
    pub plain: bool,
    /// Write `-> null` behind what goes: attributes, but nothing inside them.
    pub null_suffix: bool,
}

impl Renderer {
    /// `  + `, four columns wide.
    pub fn symbol(self, change: Change) -> String {
        if self.plain {
            return "    ".into();
        }
        match change {
            Change::None => "    ".into(),
            Change::Create => format!("  {} ", self.palette.paint(Style::Green, "+")),
            Change::Delete => format!("  {} ", self.palette.paint(Style::Red, "-")),
            Change::Update => format!("  {} ", self.palette.paint(Style::Yellow, "~")),
        }
    }

    /// What stands behind `name = `; continues on lines of its own at this indent.
    pub fn value(self, diff: &Diff, indent: usize) -> String {
        let forces = self.forces(diff);
        match &diff.node {
            Node::Sensitive { before, after, .. } => self.sensitive(diff, *before, *after),
            Node::Unknown { before: None } => format!("(known after apply){forces}"),
            Node::Unknown { before: Some(before) } => {
                format!("{} -> (known after apply){forces}", self.inside().value(before, indent))
            }
            Node::Scalar { before, after } => self.scalar(diff, before.as_ref(), after.as_ref(), indent),
            Node::Object(entries) => self.entries(diff, entries, indent, Keys::Names),
            Node::Map(entries) => self.entries(diff, entries, indent, Keys::Strings),
            Node::List(items) => self.items(diff, items, indent, Neighbours::Shown),
            Node::Set(items) => self.items(diff, items, indent, Neighbours::Hidden),
            Node::Other { before, after } => {
                let inner = self.inside();
                format!("{} -> {}{forces}", inner.value(before, indent), inner.value(after, indent))
            }
        }
    }

    /// For what lies inside an attribute's value.
    fn inside(self) -> Self {
        Self { null_suffix: false, ..self }
    }

    fn forces(self, diff: &Diff) -> String {
        if diff.replace { self.palette.paint(Style::Red, " # forces replacement") } else { String::new() }
    }

    /// ` -> null` behind what goes.
    fn null(self, diff: &Diff) -> String {
        if diff.change == Change::Delete && self.null_suffix {
            format!(" -> {}", self.palette.paint(Style::Dim, "null"))
        } else {
            String::new()
        }
    }

    fn sensitive(self, diff: &Diff, before: bool, after: bool) -> String {
        let _ = (before, after);
        format!("(sensitive value){}{}", self.null(diff), self.forces(diff))
    }

    /// The lines to put before an attribute whose sensitivity changes.
    pub fn warnings(self, diff: &Diff, indent: usize) -> Vec<String> {
        let Node::Sensitive { before, after, same } = diff.node else { return Vec::new() };
        if diff.change == Change::Create || diff.change == Change::Delete || before == after || self.plain {
            return Vec::new();
        }
        let pad = "    ".repeat(indent);
        let warning = self.palette.paint(Style::Yellow, "Warning:");
        let text = if after {
            "this attribute value will be marked as sensitive and will not\n{pad}  # display in UI output after applying this change."
        } else {
            "this attribute value will no longer be marked as sensitive\n{pad}  # after applying this change."
        };
        let unchanged = if same { " The value is unchanged." } else { "" };
        vec![format!("{pad}  # {warning} {}{unchanged}", text.replace("{pad}", &pad))]
    }

    fn scalar(self, diff: &Diff, before: Option<&Value>, after: Option<&Value>, indent: usize) -> String {
        if let Some(json) = self.json(diff, before, after, indent) {
            return json;
        }
        if before.is_some_and(text::is_multiline) || after.is_some_and(text::is_multiline) {
            return self.heredoc(diff, before, after, indent);
        }
        let forces = self.forces(diff);
        match (before.map(text::scalar), after.map(text::scalar)) {
            (Some(old), Some(new)) if diff.change == Change::Update => format!("{old} -> {new}{forces}"),
            (_, Some(new)) => format!("{new}{forces}"),
            (old, None) => format!("{}{}{forces}", old.unwrap_or_default(), self.null(diff)),
        }
    }

    /// Strings that hold JSON are compared as what they say.
    fn json(
        self,
        diff: &Diff,
        before: Option<&Value>,
        after: Option<&Value>,
        indent: usize,
    ) -> Option<String> {
        let (old, new) = (before.map(text::json), after.map(text::json));
        let (old, new) = match (old, new) {
            (None | Some(None), None | Some(None)) => return None,
            (Some(None), Some(Some(_))) | (Some(Some(_)), Some(None)) => {
                let side = |before, after| {
                    let diff = diff::compute(before, after, &mut Vec::new(), Context::FREE);
                    self.inside().value(&diff, indent)
                };
                let (old, new) = (side(before, None), side(None, after));
                return Some(format!("{old} -> {new}{}", self.forces(diff)));
            }
            (old, new) => (old.flatten(), new.flatten()),
        };
        let inner = diff::compute(old.as_ref(), new.as_ref(), &mut Vec::new(), Context::FREE);
        let pad = "    ".repeat(indent);
        let only_space = inner.change == Change::None && diff.change == Change::Update;
        let note = match (only_space, diff.replace) {
            (true, true) => " # whitespace changes force replacement".to_owned(),
            (true, false) => " # whitespace changes".to_owned(),
            (false, _) => self.forces(diff),
        };
        // What comes or goes as a whole is marked inside.
        let symbol = match inner.change {
            Change::Update => self.symbol(Change::Update),
            _ => "    ".into(),
        };
        // Where only the white space changes, what it says is shown whole.
        let renderer = if only_space { Self { all: true, ..self } } else { self };
        let text = renderer.inside().value(&inner, indent + 1);
        if !text.contains('\n') {
            return Some(format!("jsonencode({text}){}{note}", self.null(diff)));
        }
        Some(format!("jsonencode({note}\n{pad}    {symbol}{text}\n{pad}    ){}", self.null(diff)))
    }

    /// Text of several lines, compared line by line.
    fn heredoc(self, diff: &Diff, before: Option<&Value>, after: Option<&Value>, indent: usize) -> String {
        let pad = "    ".repeat(indent + 1);
        let text = |v: Option<&Value>| {
            v.and_then(Value::as_str).map(|s| s.strip_suffix('\n').unwrap_or(s).to_owned())
        };
        let (old, new) = (text(before), text(after));
        let (old_lines, new_lines) = (lines(old.as_deref()), lines(new.as_deref()));
        let mut out = format!("<<-EOT{}\n", self.forces(diff));
        if diff.change == Change::Update {
            for step in sequence::lines(&old_lines, &new_lines) {
                let (change, line) = match step {
                    Step::Both(_, to) => (Change::None, new_lines[to]),
                    Step::Gone(from) => (Change::Delete, old_lines[from]),
                    Step::Come(to) => (Change::Create, new_lines[to]),
                };
                push_line(&mut out, &pad, &self.symbol(change), line);
            }
        } else {
            let whole = if new.is_some() { &new_lines } else { &old_lines };
            for line in whole {
                push_line(&mut out, &pad, "    ", line);
            }
        }
        format!("{out}{}EOT{}", pad, self.null(diff))
    }

    fn entries(self, diff: &Diff, entries: &BTreeMap<Str, Diff>, indent: usize, keys: Keys) -> String {
        let forces = self.forces(diff);
        // Attributes that are null are left out where a state is shown.
        let left_out = |entry: &Diff| self.plain && keys == Keys::Names && is_null(entry);
        if entries.values().all(left_out) {
            return format!("{{}}{}{forces}", self.null(diff));
        }
        let shown = |entry: &Diff| self.all || entry.change != Change::None;
        let label = |key: &Str| match keys {
            Keys::Names => text::name(key),
            Keys::Strings => text::quote(key),
        };
        let width = entries.keys().map(|key| label(key).chars().count()).max().unwrap_or(0);
        let pad = "    ".repeat(indent + 1);
        let mut out = format!("{{{forces}\n");
        let mut hidden = 0;
        for (key, entry) in entries.iter().filter(|(_, entry)| !left_out(entry)) {
            if !shown(entry) {
                hidden += 1;
                continue;
            }
            for line in self.warnings(entry, indent + 1) {
                out.push_str(&format!("{line}\n"));
            }
            let symbol = self.symbol(entry.change);
            let value = self.inside().value(entry, indent + 1);
            out.push_str(&format!("{pad}{symbol}{:width$} = {value}\n", label(key)));
        }
        if hidden > 0 {
            let kind = if keys == Keys::Names { "attribute" } else { "element" };
            out.push_str(&format!("{pad}    {}\n", self.hidden(hidden, kind)));
        }
        let close = "    ".repeat(indent);
        format!("{out}{close}    }}{}", self.null(diff))
    }

    fn items(self, diff: &Diff, items: &[Diff], indent: usize, neighbours: Neighbours) -> String {
        let forces = self.forces(diff);
        if items.is_empty() {
            return format!("[]{}{forces}", self.null(diff));
        }
        let pad = "    ".repeat(indent + 1);
        let changed = |i: usize| items.get(i).is_some_and(|item| item.change != Change::None);
        let mut out = format!("[{forces}\n");
        let mut hidden = 0;
        for (i, item) in items.iter().enumerate() {
            let near = neighbours == Neighbours::Shown && ((i > 0 && changed(i - 1)) || changed(i + 1));
            if !self.all && !changed(i) && !near {
                hidden += 1;
                continue;
            }
            if hidden > 0 {
                out.push_str(&format!("{pad}    {}\n", self.hidden(hidden, "element")));
                hidden = 0;
            }
            // An item that stays is shown whole, if on one line.
            let renderer = if item.change == Change::None { Self { all: true, ..self } } else { self };
            out.push_str(&format!(
                "{pad}{}{},\n",
                self.symbol(item.change),
                renderer.inside().value(item, indent + 1)
            ));
        }
        if hidden > 0 {
            out.push_str(&format!("{pad}    {}\n", self.hidden(hidden, "element")));
        }
        let close = "    ".repeat(indent);
        format!("{out}{close}    ]{}", self.null(diff))
    }

    pub fn hidden(self, count: usize, kind: &str) -> String {
        let plural = if count == 1 { "" } else { "s" };
        self.palette.paint(Style::Dim, &format!("# ({count} unchanged {kind}{plural} hidden)"))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keys {
    Names,
    Strings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Neighbours {
    Shown,
    Hidden,
}

fn is_null(diff: &Diff) -> bool {
    let absent = |value: &Option<Value>| value.as_ref().is_none_or(Value::is_null);
    matches!(&diff.node, Node::Scalar { before, after } if absent(before) && absent(after))
}

fn lines(text: Option<&str>) -> Vec<&str> {
    text.map_or_else(Vec::new, |text| text.split('\n').collect())
}

fn push_line(out: &mut String, pad: &str, symbol: &str, line: &str) {
    // Empty lines carry no trailing blanks.
    let text = format!("{pad}{symbol}{line}");
    out.push_str(text.trim_end());
    out.push('\n');
}
