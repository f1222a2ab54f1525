//! The difference of two values as a tree, from which it is rendered.

use std::collections::BTreeMap;

use similar::{Algorithm, DiffOp, capture_diff_slices};
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
    Scalar { before: Value, after: Value },
    /// Known only after apply; what was there before, if anything.
    Unknown { before: Option<Box<Diff>> },
    Sensitive { before: bool, after: bool },
    Object(BTreeMap<Str, Diff>),
    Map(BTreeMap<Str, Diff>),
    List(Vec<Diff>),
    Set(Vec<Diff>),
    /// The two have nothing to do with each other.
    Other { before: Box<Diff>, after: Box<Diff> },
}

/// Paths that force a replacement, followed along with the value.
#[derive(Clone, Copy, Debug)]
pub struct Replacing<'a> {
    paths: &'a [Path],
    /// How many steps have been followed.
    depth: usize,
    /// Paths outside this set have been left.
    on_path: bool,
}

impl<'a> Replacing<'a> {
    pub fn new(paths: &'a [Path]) -> Self {
        Self { paths, depth: 0, on_path: !paths.is_empty() }
    }

    fn is_here(self, trail: &[PathStep]) -> bool {
        self.on_path && self.paths.iter().any(|path| path.0.len() <= self.depth && !path.0.is_empty() && trail.starts_with(&path.0))
    }
}

/// Compares two values; absent and null are the same. `trail` is where they are.
pub fn compute(before: &Value, after: &Value, trail: &mut Vec<PathStep>, replacing: Replacing<'_>) -> Diff {
    let replacing = Replacing { depth: trail.len(), ..replacing };
    let mut diff = compare(before, after, trail, replacing);
    // The mark is shown where the path ends, and not again on everything below.
    let exactly_here = replacing.on_path && replacing.paths.iter().any(|path| path.0 == *trail);
    diff.replace = exactly_here && diff.change != Change::None;
    debug_assert!(!exactly_here || replacing.is_here(trail));
    diff
}

fn compare(before: &Value, after: &Value, trail: &mut Vec<PathStep>, replacing: Replacing<'_>) -> Diff {
    let change = change_of(before, after);
    let plain = |node| Diff { change, replace: false, node };
    if before.is_sensitive() || after.is_sensitive() {
        return plain(Node::Sensitive { before: before.is_sensitive(), after: after.is_sensitive() });
    }
    if !after.is_known() {
        let before = (!before.is_null()).then(|| Box::new(compute(before, &null(), trail, Replacing::new(&[]))));
        return plain(Node::Unknown { before });
    }
    let node = match (before.kind(), after.kind()) {
        (Kind::Object(_) | Kind::Null(_), Kind::Object(_)) | (Kind::Object(_), Kind::Null(_)) => {
            Node::Object(entries(before, after, trail, replacing, |key| PathStep::Attr(key.clone())))
        }
        (Kind::Map(_) | Kind::Null(_), Kind::Map(_)) | (Kind::Map(_), Kind::Null(_)) => {
            let step = |key: &Str| PathStep::Index(Value::string(key.clone()));
            Node::Map(entries(before, after, trail, replacing, step))
        }
        // A map that was written as an object, or the other way round.
        (Kind::Map(_), Kind::Object(_)) | (Kind::Object(_), Kind::Map(_)) => {
            Node::Map(entries(before, after, trail, replacing, |key| PathStep::Attr(key.clone())))
        }
        (Kind::Set(_) | Kind::Null(_), Kind::Set(_)) | (Kind::Set(_), Kind::Null(_)) => {
            Node::Set(set_items(before, after, trail))
        }
        (Kind::List(_) | Kind::Tuple(_), Kind::List(_) | Kind::Tuple(_) | Kind::Null(_))
        | (Kind::Null(_), Kind::List(_) | Kind::Tuple(_)) => Node::List(list_items(before, after, trail, replacing)),
        _ if is_scalar(before) && is_scalar(after) => {
            Node::Scalar { before: before.clone(), after: after.clone() }
        }
        _ => Node::Other {
            before: Box::new(compute(before, &null(), trail, Replacing::new(&[]))),
            after: Box::new(compute(&null(), after, trail, Replacing::new(&[]))),
        },
    };
    plain(node)
}

/// What happens to a value as a whole.
pub fn change_of(before: &Value, after: &Value) -> Change {
    match (before.is_null(), after.is_null()) {
        (true, true) => Change::None,
        (true, false) => Change::Create,
        (false, true) => Change::Delete,
        (false, false) if before == after => Change::None,
        (false, false) => Change::Update,
    }
}

fn is_scalar(value: &Value) -> bool {
    matches!(value.kind(), Kind::Null(_) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(..))
}

fn null() -> Value {
    Value::null(value::Type::Dynamic)
}

fn entries(
    before: &Value,
    after: &Value,
    trail: &mut Vec<PathStep>,
    replacing: Replacing<'_>,
    step: impl Fn(&Str) -> PathStep,
) -> BTreeMap<Str, Diff> {
    let none = Entries::new();
    let (old, new) = (before.entries().unwrap_or(&none), after.entries().unwrap_or(&none));
    let absent = null();
    let mut diffs = BTreeMap::new();
    for key in old.keys().chain(new.keys()) {
        if diffs.contains_key(key) {
            continue;
        }
        trail.push(step(key));
        let diff = compute(old.get(key).unwrap_or(&absent), new.get(key).unwrap_or(&absent), trail, replacing);
        trail.pop();
        diffs.insert(key.clone(), diff);
    }
    diffs
}

fn items(value: &Value) -> &[Value] {
    value.items().unwrap_or_default()
}

fn set_items(before: &Value, after: &Value, trail: &mut Vec<PathStep>) -> Vec<Diff> {
    let (old, new) = (items(before), items(after));
    let none = Replacing::new(&[]);
    let mut diffs: Vec<Diff> = old
        .iter()
        .map(|item| {
            let kept = if new.contains(item) { item.clone() } else { null() };
            compute(item, &kept, trail, none)
        })
        .collect();
    diffs.extend(new.iter().filter(|item| !old.contains(item)).map(|item| compute(&null(), item, trail, none)));
    diffs
}

/// Items that stay, go and come, by the longest common subsequence; objects in one place are compared with each other.
fn list_items(before: &Value, after: &Value, trail: &mut Vec<PathStep>, replacing: Replacing<'_>) -> Vec<Diff> {
    let (old, new) = (items(before), items(after));
    let mut diffs = Vec::new();
    let absent = null();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        let (old_range, new_range) = (op.old_range(), op.new_range());
        if let DiffOp::Equal { .. } = op {
            diffs.extend(old[old_range].iter().map(|item| compute(item, item, trail, replacing)));
            continue;
        }
        let pairs = old_range.len().max(new_range.len());
        let (gone, come) = (&old[old_range], &new[new_range.clone()]);
        let mut later = Vec::new();
        for i in 0..pairs {
            match (gone.get(i), come.get(i)) {
                (Some(a), Some(b)) if alike(a, b) => {
                    let index = i64::try_from(new_range.start + i).unwrap_or(i64::MAX);
                    trail.push(PathStep::Index(Value::number(index)));
                    diffs.push(compute(a, b, trail, replacing));
                    trail.pop();
                }
                (a, b) => {
                    diffs.extend(a.map(|a| compute(a, &absent, trail, replacing)));
                    later.extend(b.map(|b| compute(&absent, b, trail, replacing)));
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
