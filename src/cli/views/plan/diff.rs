//! The difference of two values as a tree, from which it is rendered.

use std::collections::BTreeMap;

use similar::{Algorithm, capture_diff_slices};
use value::{Entries, Kind, Path, PathStep, Str, Value};

/// What happens to one part of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    None,
    Create,
    Delete,
    Update,
}

#[derive(Clone, Debug)]
pub struct Diff {
    pub change: Change,
    /// This part forces the replacement of its resource.
    pub replace: bool,
    pub node: Node,
}

#[derive(Clone, Debug)]
pub enum Node {
    /// One of them is there.
    Scalar {
        before: Option<Value>,
        after: Option<Value>,
    },
    /// Known only after apply; what was there before, if anything.
    Unknown {
        before: Option<Box<Diff>>,
    },
    Sensitive {
        before: bool,
        after: bool,
    },
    Object(BTreeMap<Str, Diff>),
    Map(BTreeMap<Str, Diff>),
    List(Vec<Diff>),
    Set(Vec<Diff>),
    /// The two have nothing to do with each other.
    Other {
        before: Box<Diff>,
        after: Box<Diff>,
    },
}

/// Paths that force a replacement, followed along with the value.
#[derive(Clone, Copy, Debug)]
pub struct Replacing<'a> {
    paths: &'a [Path],
}

impl<'a> Replacing<'a> {
    pub fn new(paths: &'a [Path]) -> Self {
        Self { paths }
    }

    /// The mark is shown where a path ends, and not again on everything below.
    fn is_here(self, trail: &[PathStep]) -> bool {
        self.paths.iter().any(|path| path.0 == trail)
    }
}

/// Compares two values, either of which may be absent (which is not the same as null). `trail` is where they are.
pub fn compute(
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    replacing: Replacing<'_>,
) -> Diff {
    let change = change_of(before, after);
    let node = node(before, after, trail, replacing);
    Diff { change, replace: change != Change::None && replacing.is_here(trail), node }
}

fn node(
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    replacing: Replacing<'_>,
) -> Node {
    let (was, is) = (before.is_some_and(Value::is_sensitive), after.is_some_and(Value::is_sensitive));
    if was || is {
        return Node::Sensitive { before: was, after: is };
    }
    if after.is_some_and(|after| !after.is_known()) {
        let gone = before.filter(|before| !before.is_null());
        return Node::Unknown {
            before: gone.map(|b| Box::new(compute(Some(b), None, trail, Replacing::new(&[])))),
        };
    }
    let attribute = |key: &Str| PathStep::Attr(key.clone());
    let key = |key: &Str| PathStep::Index(Value::string(key.clone()));
    match (before.map(Value::kind), after.map(Value::kind)) {
        (Some(Kind::Object(_)) | None, Some(Kind::Object(_))) | (Some(Kind::Object(_)), None) => {
            Node::Object(entries(before, after, trail, replacing, attribute))
        }
        (Some(Kind::Map(_)) | None, Some(Kind::Map(_))) | (Some(Kind::Map(_)), None) => {
            Node::Map(entries(before, after, trail, replacing, key))
        }
        // A map that was written as an object, or the other way round.
        (Some(Kind::Map(_)), Some(Kind::Object(_))) | (Some(Kind::Object(_)), Some(Kind::Map(_))) => {
            Node::Map(entries(before, after, trail, replacing, attribute))
        }
        (Some(Kind::Set(_)) | None, Some(Kind::Set(_))) | (Some(Kind::Set(_)), None) => {
            Node::Set(set_items(before, after, trail))
        }
        (Some(Kind::Tuple(_)) | None, Some(Kind::Tuple(_))) | (Some(Kind::Tuple(_)), None) => {
            Node::List(tuple_items(before, after, trail, replacing))
        }
        (Some(Kind::List(_) | Kind::Tuple(_)) | None, Some(Kind::List(_) | Kind::Tuple(_)))
        | (Some(Kind::List(_)), None) => Node::List(list_items(before, after, trail, replacing)),
        _ if before.is_none_or(is_scalar) && after.is_none_or(is_scalar) => {
            Node::Scalar { before: before.cloned(), after: after.cloned() }
        }
        _ => Node::Other {
            before: Box::new(compute(before, None, trail, Replacing::new(&[]))),
            after: Box::new(compute(None, after, trail, Replacing::new(&[]))),
        },
    }
}

/// A value, or nothing where it is null: attributes of resources that are null are as good as absent.
pub fn present(value: &Value) -> Option<&Value> {
    Some(value).filter(|value| !value.is_null())
}

/// What happens to a value as a whole.
fn change_of(before: Option<&Value>, after: Option<&Value>) -> Change {
    match (before, after) {
        (None, None) => Change::None,
        (None, Some(_)) => Change::Create,
        (Some(_), None) => Change::Delete,
        (Some(before), Some(after)) if before == after => Change::None,
        (Some(_), Some(_)) => Change::Update,
    }
}

fn is_scalar(value: &Value) -> bool {
    matches!(
        value.kind(),
        Kind::Null(_) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(..)
    )
}

fn entries(
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    replacing: Replacing<'_>,
    step: impl Fn(&Str) -> PathStep,
) -> BTreeMap<Str, Diff> {
    let none = Entries::new();
    let (old, new) =
        (before.and_then(Value::entries).unwrap_or(&none), after.and_then(Value::entries).unwrap_or(&none));
    let mut diffs = BTreeMap::new();
    for key in old.keys().chain(new.keys()) {
        if diffs.contains_key(key) {
            continue;
        }
        trail.push(step(key));
        let diff = compute(old.get(key), new.get(key), trail, replacing);
        trail.pop();
        diffs.insert(key.clone(), diff);
    }
    diffs
}

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::items).unwrap_or_default()
}

fn set_items(before: Option<&Value>, after: Option<&Value>, trail: &mut Vec<PathStep>) -> Vec<Diff> {
    let (old, new) = (items(before), items(after));
    let none = Replacing::new(&[]);
    let mut diffs: Vec<Diff> =
        old.iter().map(|item| compute(Some(item), new.contains(item).then_some(item), trail, none)).collect();
    diffs.extend(
        new.iter().filter(|item| !old.contains(item)).map(|item| compute(None, Some(item), trail, none)),
    );
    diffs
}

/// Tuples are compared place by place.
fn tuple_items(
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    replacing: Replacing<'_>,
) -> Vec<Diff> {
    let (old, new) = (items(before), items(after));
    let places = 0..old.len().max(new.len());
    places.map(|i| at_index(old.get(i), new.get(i), i, trail, replacing)).collect()
}

fn at_index(
    before: Option<&Value>,
    after: Option<&Value>,
    index: usize,
    trail: &mut Vec<PathStep>,
    replacing: Replacing<'_>,
) -> Diff {
    trail.push(PathStep::Index(Value::number(i64::try_from(index).unwrap_or(i64::MAX))));
    let diff = compute(before, after, trail, replacing);
    trail.pop();
    diff
}

/// Items that stay, go and come, by the longest common subsequence; objects in one place are compared with each other.
fn list_items(
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    replacing: Replacing<'_>,
) -> Vec<Diff> {
    let (old, new) = (items(before), items(after));
    let mut diffs = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        let (old_range, new_range) = (op.old_range(), op.new_range());
        let (gone, come) = (&old[old_range], &new[new_range.clone()]);
        let mut later = Vec::new();
        for i in 0..gone.len().max(come.len()) {
            let index = new_range.start + i;
            match (gone.get(i), come.get(i)) {
                (Some(a), Some(b)) if a == b || alike(a, b) => {
                    diffs.push(at_index(Some(a), Some(b), index, trail, replacing));
                }
                (a, b) => {
                    diffs.extend(a.map(|a| at_index(Some(a), None, index, trail, replacing)));
                    later.extend(b.map(|b| at_index(None, Some(b), index, trail, replacing)));
                }
            }
        }
        diffs.extend(later);
    }
    diffs
}

/// Two items that are better shown as one changed than as one gone and one come.
fn alike(a: &Value, b: &Value) -> bool {
    let composite = |v: &Value| v.entries().is_some() || v.items().is_some();
    (composite(a) && composite(b)) || (!b.is_known() && !a.is_null())
}
