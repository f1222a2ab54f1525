//! Writing of YAML, laid out as Terraform does: block style, all strings in double quotes or, with several lines, literal.

use std::fmt::Write;

use value::{Kind, Value};

use super::super::super::FunctionError;
use super::super::super::text::check_length;

/// Where a line of a string in quotes may be broken.
const WIDTH: usize = 80;
/// The longest key, in bytes, that is written on one line with its colon.
const MAX_SIMPLE_KEY: usize = 128;
const STEP: usize = 2;

/// One document.
pub(super) fn document(value: &Value) -> Result<String, FunctionError> {
    let mut emitter = Emitter { out: String::new() };
    emitter.node(value, Place { indent: 0, in_mapping: false, at_root: true })?;
    emitter.out.push('\n');
    // A plain scalar alone could go on with what follows, so the document's end is marked.
    if matches!(value.kind(), Kind::Null(_) | Kind::Bool(_) | Kind::Number(_)) {
        emitter.out.push_str("...\n");
    }
    Ok(emitter.out)
}

struct Emitter {
    out: String,
}

/// Where a node is written.
#[derive(Clone, Copy)]
struct Place {
    /// Of the lines of a nested collection.
    indent: usize,
    /// It is the value of a key.
    in_mapping: bool,
    at_root: bool,
}

impl Emitter {
    /// Writes a node after `key:` or `-`, or at the beginning; the line stays open.
    fn node(&mut self, value: &Value, place: Place) -> Result<(), FunctionError> {
        check_length(self.out.len())?;
        match value.kind() {
            Kind::Null(_) => self.scalar("null", place),
            Kind::Bool(b) => self.scalar(if *b { "true" } else { "false" }, place),
            Kind::Number(n) => self.scalar(&n.to_string(), place),
            Kind::String(s) => self.string(s, place),
            Kind::List(s) | Kind::Set(s) | Kind::Tuple(s) => self.sequence(s.items(), place)?,
            Kind::Map(m) | Kind::Object(m) => self.mapping(m.entries(), place)?,
            Kind::Unknown(..) => return Err(FunctionError::new("cannot encode an unknown value")),
        }
        Ok(())
    }

    fn sequence(&mut self, items: &[Value], place: Place) -> Result<(), FunctionError> {
        if items.is_empty() {
            self.scalar("[]", place);
            return Ok(());
        }
        // Under a key the dashes are as far left as the key itself.
        let indent = if place.in_mapping { place.indent - STEP } else { place.indent };
        let own_line = place.in_mapping;
        for (i, item) in items.iter().enumerate() {
            if i > 0 || own_line {
                self.new_line(indent);
            } else {
                self.gap(place);
            }
            self.out.push('-');
            let nested = Place { indent: indent + STEP, in_mapping: false, at_root: false };
            crate::stack::deeper(|| self.node(item, nested))?;
        }
        Ok(())
    }

    fn mapping(&mut self, entries: &value::Entries, place: Place) -> Result<(), FunctionError> {
        if entries.is_empty() {
            self.scalar("{}", place);
            return Ok(());
        }
        for (i, (key, value)) in entries.iter().enumerate() {
            if i > 0 || place.in_mapping {
                self.new_line(place.indent);
            } else {
                self.gap(place);
            }
            let nested = Place { indent: place.indent + STEP, in_mapping: true, at_root: false };
            let long = key.len() > MAX_SIMPLE_KEY || key.contains(is_break);
            if long {
                self.out.push('?');
                self.string(key, Place { in_mapping: false, ..nested });
                self.new_line(place.indent);
                self.out.push(':');
                // The value begins on the line of the colon, as an item after a dash.
                let nested = Place { in_mapping: false, ..nested };
                crate::stack::deeper(|| self.node(value, nested))?;
            } else {
                self.quoted(key, None);
                self.out.push(':');
                crate::stack::deeper(|| self.node(value, nested))?;
            }
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, place: Place) {
        self.gap(place);
        self.out.push_str(text);
    }

    fn string(&mut self, s: &str, place: Place) {
        self.gap(place);
        if s.contains('\n') && may_be_literal(s) {
            self.literal(s, place.indent.max(STEP));
        } else {
            self.quoted(s, Some(place.indent.max(STEP)));
        }
    }

    /// `|` and the lines below it.
    fn literal(&mut self, s: &str, indent: usize) {
        self.out.push('|');
        if s.starts_with([' ', '\n']) {
            let _ = write!(self.out, "{STEP}");
        }
        let without_last = s.strip_suffix(is_break);
        match without_last {
            None => self.out.push('-'),
            Some(rest) if rest.is_empty() || rest.ends_with(is_break) => self.out.push('+'),
            Some(_) => {}
        }
        self.out.push('\n');
        let mut at_line_start = true;
        for c in s.chars() {
            if is_break(c) {
                self.out.push(c);
                at_line_start = true;
            } else {
                if at_line_start {
                    self.out.extend(std::iter::repeat_n(' ', indent));
                }
                self.out.push(c);
                at_line_start = false;
            }
        }
        // The next line begins after the last one of the string, which it would otherwise end.
        if without_last.is_some() {
            self.out.pop();
        }
    }

    /// In double quotes; broken into lines at spaces if an indent for them is given.
    fn quoted(&mut self, s: &str, indent: Option<usize>) {
        self.out.push('"');
        let mut column = self.out.rsplit('\n').next().map_or(0, |line| line.chars().count());
        let mut after_space = false;
        let mut characters = s.chars().enumerate().peekable();
        let last = s.chars().count().saturating_sub(1);
        while let Some((i, c)) = characters.next() {
            if c == ' ' {
                match indent {
                    Some(indent) if !after_space && column > WIDTH && i > 0 && i < last => {
                        self.new_line(indent);
                        column = indent;
                        if matches!(characters.peek(), Some((_, ' '))) {
                            self.out.push('\\');
                            column += 1;
                        }
                    }
                    _ => {
                        self.out.push(' ');
                        column += 1;
                    }
                }
                after_space = true;
                continue;
            }
            let before = self.out.len();
            push_escaped(&mut self.out, c);
            column += self.out[before..].chars().count();
            after_space = false;
        }
        self.out.push('"');
    }

    /// The space after `key:` or `-`.
    fn gap(&mut self, place: Place) {
        if !place.at_root {
            self.out.push(' ');
        }
    }

    fn new_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What a reader can see, as far as the writer that Terraform uses knows: not tabs, not characters above U+FFFF.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

/// Whether a string with several lines keeps its form when written literally.
fn may_be_literal(s: &str) -> bool {
    let mut previous = None;
    for c in s.chars() {
        if !is_printable(c) || (is_break(c) && previous == Some(' ')) {
            return false;
        }
        previous = Some(c);
    }
    previous != Some(' ')
}

fn push_escaped(out: &mut String, c: char) {
    let short = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c if is_printable(c) => {
            out.push(c);
            return;
        }
        c => {
            let code = u32::from(c);
            let _ = match code {
                0..0x100 => write!(out, "\\x{code:02X}"),
                0x100..0x1_0000 => write!(out, "\\u{code:04X}"),
                _ => write!(out, "\\U{code:08X}"),
            };
            return;
        }
    };
    out.push('\\');
    out.push(short);
}
