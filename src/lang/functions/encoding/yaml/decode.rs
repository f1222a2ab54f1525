//! Reading of YAML.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};
use value::{Entries, Str, Type, Value, convert};

use super::super::super::FunctionError;
use super::super::super::text::{quoted, text};
use super::scalar::{self, CORE};

/// How deep collections may nest.
const MAX_DEPTH: usize = 128;
/// The most nodes of the value, those that aliases repeat counted each time: an alias costs nothing here, but what is made
/// of the value later costs as much as if all were written out.
const MAX_NODES: usize = 1_000_000;

/// The value of the only document of a text.
pub(super) fn decode(source: &str) -> Result<Value, FunctionError> {
    let mut decoder = Decoder {
        parser: Parser::new_from_str(source),
        open_end: (!source.ends_with('\n')).then(|| source.chars().count()),
        anchors: HashMap::new(),
        nodes: 0,
    };
    decoder.expect_start()?;
    let value = decoder.node(0)?.value;
    match decoder.next()? {
        Event::DocumentEnd => {}
        _ => return Err(decoder.error("unexpected extra content after value")),
    }
    match decoder.next()? {
        Event::StreamEnd => Ok(value),
        _ => Err(decoder.error("unexpected extra content after value")),
    }
}

struct Decoder<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// The length of a text, in characters, whose last line has no end.
    open_end: Option<usize>,
    /// Values by anchor; `None` while the anchor's own node is read.
    anchors: HashMap<usize, Option<Node>>,
    nodes: usize,
}

#[derive(Clone)]
struct Node {
    value: Value,
    /// How many nodes it is made of.
    size: usize,
}

impl<'a> Decoder<'a> {
    fn next(&mut self) -> Result<Event<'a>, FunctionError> {
        match self.parser.next() {
            Some(Ok((
                Event::Scalar(text, style @ (ScalarStyle::Literal | ScalarStyle::Folded), anchor, tag),
                span,
            ))) if self.open_end == Some(span.end.index()) => {
                // The parser ends the last line of a block; to Terraform it stays open.
                let text = text.strip_suffix('\n').map(str::to_owned).map_or(text, Cow::Owned);
                Ok(Event::Scalar(text, style, anchor, tag))
            }
            Some(Ok((event, _))) => Ok(event),
            Some(Err(e)) => Err(syntax_error(&e)),
            None => Ok(Event::StreamEnd),
        }
    }

    fn expect_start(&mut self) -> Result<(), FunctionError> {
        loop {
            match self.next()? {
                Event::StreamStart | Event::Nothing => {}
                Event::DocumentStart(_) => return Ok(()),
                _ => return Err(self.error("on line 1, column 1: missing start of document")),
            }
        }
    }

    fn node(&mut self, depth: usize) -> Result<Node, FunctionError> {
        let event = self.next()?;
        self.node_of(event, depth)
    }

    fn node_of(&mut self, event: Event<'a>, depth: usize) -> Result<Node, FunctionError> {
        if depth > MAX_DEPTH {
            return Err(self.error("collections nest too deeply"));
        }
        let (anchor, node) = match event {
            Event::Alias(anchor) => {
                let node = match self.anchors.get(&anchor) {
                    Some(Some(node)) => node.clone(),
                    Some(None) => {
                        return Err(self.error("cannot refer to an anchor from inside its own definition"));
                    }
                    None => return Err(self.error("reference to undefined anchor")),
                };
                self.count(node.size)?;
                return Ok(node);
            }
            Event::Scalar(source, style, anchor, tag) => {
                self.count(1)?;
                (anchor, Node { value: scalar_value(&source, style, tag.as_deref())?, size: 1 })
            }
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), "seq", "sequence")?;
                self.anchors.insert(anchor, None);
                (anchor, self.sequence(depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), "map", "mapping")?;
                self.anchors.insert(anchor, None);
                (anchor, self.mapping(depth)?)
            }
            _ => return Err(self.error("expecting value but found end of stream")),
        };
        // 0 stands for no anchor.
        if anchor > 0 {
            self.anchors.insert(anchor, Some(node.clone()));
        }
        Ok(node)
    }

    fn sequence(&mut self, depth: usize) -> Result<Node, FunctionError> {
        self.count(1)?;
        let (mut items, mut size) = (Vec::new(), 1);
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Node { value: Value::tuple(items), size }),
                event => {
                    let item = self.node_of(event, depth + 1)?;
                    size += item.size;
                    items.push(item.value);
                }
            }
        }
    }

    /// Later keys win; the entries of a mapping under `<<` count as if they stood in its place.
    fn mapping(&mut self, depth: usize) -> Result<Node, FunctionError> {
        self.count(1)?;
        let (mut entries, mut size) = (Vec::new(), 1);
        loop {
            let (source, style, tag) = match self.next()? {
                Event::MappingEnd => {
                    let entries: Entries = entries.into_iter().collect();
                    return Ok(Node { value: Value::object(entries), size });
                }
                Event::Scalar(source, style, _, tag) => (source, style, tag),
                _ => return Err(self.error("only strings are allowed as mapping keys")),
            };
            let value = self.node(depth + 1)?;
            size += value.size;
            if source == "<<" && tag.is_none() {
                let Some(merged) = value.value.entries() else {
                    let kind = value.value.ty().friendly_name();
                    return Err(self.error(&format!("cannot merge {kind} into mapping")));
                };
                entries.extend(merged.iter().map(|(key, value)| (key.clone(), value.clone())));
            } else {
                entries.push((key_of(&source, style, tag.as_deref())?, value.value));
            }
        }
    }

    fn count(&mut self, nodes: usize) -> Result<(), FunctionError> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            return Err(self.error("the document is too large, or its aliases make it so"));
        }
        Ok(())
    }

    fn error(&self, message: &str) -> FunctionError {
        FunctionError::new(message)
    }
}

fn scalar_value(source: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, FunctionError> {
    match (tag.map(full_name), style) {
        (None, ScalarStyle::Plain) => scalar::plain(source),
        (None, ScalarStyle::Literal | ScalarStyle::Folded) if scalar::is_null(source) => {
            Ok(Value::null(Type::String))
        }
        (None, _) => Ok(text(source)),
        (Some(tag), style) => match tag.strip_prefix(CORE) {
            Some("int" | "float" | "bool") if style != ScalarStyle::Plain => Ok(text(source)),
            Some(core) => scalar::tagged(core, source),
            None => Err(FunctionError::new(format!("unsupported tag {}", quoted(&tag)))),
        },
    }
}

fn key_of(source: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Str, FunctionError> {
    let key = scalar_value(source, style, tag)?;
    if key.is_null() {
        return Err(FunctionError::new("mapping key cannot be null"));
    }
    let key = convert(&key, &Type::String).ok().and_then(|key| key.as_str().cloned());
    key.ok_or_else(|| FunctionError::new("only strings are allowed as mapping keys"))
}

fn check_tag(tag: Option<&Tag>, expected: &str, what: &str) -> Result<(), FunctionError> {
    match tag.map(full_name) {
        Some(tag) if tag.strip_prefix(CORE) != Some(expected) => {
            Err(FunctionError::new(format!("can't interpret {what} as {tag}")))
        }
        _ => Ok(()),
    }
}

fn full_name(tag: &Tag) -> String {
    format!("{}{}", tag.handle, tag.suffix)
}

fn syntax_error(e: &ScanError) -> FunctionError {
    let marker = e.marker();
    FunctionError::new(format!("on line {}, column {}: {}", marker.line(), marker.col() + 1, e.info()))
}
