//! The canonical order of a set's items (go-cty `setRules.Less`), and what counts as the same item.

use std::cmp::Ordering;

use super::equal;
use crate::quote::push_go_quoted;
use crate::{Kind, Value};

/// Sorts unmarked items into the canonical order of a set and drops duplicates. Unknown items are all kept, as
/// they may turn out to differ.
pub(crate) fn sort_set_items(items: Vec<Value>) -> Vec<Value> {
    let mut keyed: Vec<(SortKey, Value)> = items.into_iter().map(|item| (SortKey::of(&item), item)).collect();
    keyed.sort_by(|(key, item), (other_key, other)| key.cmp(other_key).then_with(|| tie_break(item, other)));

    let mut kept: Vec<Value> = Vec::with_capacity(keyed.len());
    // Equal items have equal keys, so each is only compared with those of its own key: nearly always none.
    let mut same_key_from = 0;
    let mut last_key: Option<SortKey> = None;
    for (key, item) in keyed {
        if last_key.as_ref() != Some(&key) {
            same_key_from = kept.len();
            last_key = Some(key);
        }
        if !kept[same_key_from..].iter().any(|other| equal(&item, other) == Some(true)) {
            kept.push(item);
        }
    }
    kept
}

/// A total order of values of one type, in which sets hold their items: strings by bytes, numbers ascending,
/// false before true, others by a text form; null after all, unknown after that.
pub fn canonical_cmp(a: &Value, b: &Value) -> Ordering {
    SortKey::of(a).cmp(&SortKey::of(b)).then_with(|| tie_break(a, b))
}

/// What decides the order; the variants are in ascending order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Bool(bool),
    Number(crate::Number),
    String(crate::Str),
    Text(String),
    Unknown,
    Null,
}

impl SortKey {
    fn of(value: &Value) -> Self {
        match value.kind() {
            Kind::Bool(b) => Self::Bool(*b),
            Kind::Number(n) => Self::Number(n.clone()),
            Kind::String(s) => Self::String(s.clone()),
            Kind::Unknown(..) => Self::Unknown,
            Kind::Null(_) => Self::Null,
            _ => {
                let mut text = String::new();
                push_text(value, &mut text);
                Self::Text(text)
            }
        }
    }
}

/// Numbers show only ten digits in the text form; the structure decides between what it leaves equal.
fn tie_break(a: &Value, b: &Value) -> Ordering {
    match (a.kind(), b.kind()) {
        (Kind::Unknown(..), Kind::Unknown(..)) => format!("{a:?}").cmp(&format!("{b:?}")),
        (Kind::Tuple(a), Kind::Tuple(b)) | (Kind::List(a), Kind::List(b)) | (Kind::Set(a), Kind::Set(b)) => {
            compare_all(a.items().iter(), b.items().iter())
        }
        (Kind::Object(a), Kind::Object(b)) | (Kind::Map(a), Kind::Map(b)) => a
            .entries()
            .keys()
            .cmp(b.entries().keys())
            .then_with(|| compare_all(a.entries().values(), b.entries().values())),
        _ => Ordering::Equal,
    }
}

fn compare_all<'a>(a: impl Iterator<Item = &'a Value>, b: impl Iterator<Item = &'a Value>) -> Ordering {
    a.zip(b).map(|(a, b)| canonical_cmp(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn push_text(value: &Value, out: &mut String) {
    match value.kind() {
        Kind::Unknown(..) => out.push('?'),
        Kind::Null(_) => out.push('~'),
        Kind::Bool(b) => out.push(if *b { 'T' } else { 'F' }),
        Kind::Number(n) => out.push_str(&n.to_general(Some(10))),
        Kind::String(s) => push_go_quoted(s, out),
        Kind::List(s) | Kind::Set(s) => push_items(('[', ']'), s.items().iter(), out),
        Kind::Tuple(s) => push_items(('<', '>'), s.items().iter(), out),
        Kind::Object(m) => push_items(('<', '>'), m.entries().values(), out),
        Kind::Map(m) => {
            out.push('{');
            for (key, item) in m.entries().iter() {
                push_go_quoted(key, out);
                out.push(':');
                push_text(item, out);
                out.push(';');
            }
            out.push('}');
        }
    }
}

fn push_items<'a>(brackets: (char, char), items: impl Iterator<Item = &'a Value>, out: &mut String) {
    out.push(brackets.0);
    for item in items {
        push_text(item, out);
        out.push(';');
    }
    out.push(brackets.1);
}
