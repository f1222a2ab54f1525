//! The difference of two values as a tree, from which it is rendered.

use std::collections::BTreeMap;

use provider::Attribute;
use value::{Entries, Kind, Path, PathStep, Str, Type, Value};

use super::sequence::{self, Step};

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
        /// Whether nothing but the sensitivity changes.
        same: bool,
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

impl Node {
    /// Whether it has parts, none of which changes.
    fn all_parts_stay(&self) -> bool {
        let stays = |part: &Diff| part.change == Change::None;
        match self {
            Self::Object(parts) | Self::Map(parts) => parts.values().all(stays),
            Self::List(parts) | Self::Set(parts) => parts.iter().all(stays),
            _ => false,
        }
    }
}

/// What is known of a value besides itself.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Paths that force a replacement, followed along with the value.
    replacing: &'a [Path],
    shape: Shape,
}

/// Whose type a value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Its schema's.
    Declared,
    /// Its own, which is shown as if it were JSON: sets and tuples as lists, maps as objects.
    Free,
}

impl<'a> Context<'a> {
    /// An attribute of a schema.
    pub fn attribute(attribute: &Attribute, replacing: &'a [Path]) -> Self {
        let free = attribute.nested.is_none() && attribute.ty == Type::Dynamic;
        Self { replacing, shape: if free { Shape::Free } else { Shape::Declared } }
    }

    /// The mark is shown where a path ends, and not again on everything below.
    fn is_here(self, trail: &[PathStep]) -> bool {
        self.replacing.iter().any(|path| path.0 == trail)
    }

    /// For what does not stay, within which nothing forces a replacement.
    fn inside(self) -> Self {
        Self { replacing: &[], ..self }
    }
}

impl Context<'static> {
    /// An output, or what a text in JSON says.
    pub const FREE: Self = Self { replacing: &[], shape: Shape::Free };
}

/// Compares two values, either of which may be absent (which is not the same as null). `trail` is where they are.
pub fn compute(
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    context: Context<'_>,
) -> Diff {
    let node = node(before, after, trail, context);
    // Where types are not shown, another type of the same parts is no change.
    let change = match (context.shape, change_of(before, after)) {
        (Shape::Free, Change::Update) if node.all_parts_stay() => Change::None,
        (_, change) => change,
    };
    Diff { change, replace: change != Change::None && context.is_here(trail), node }
}

fn node(
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    context: Context<'_>,
) -> Node {
    let (was, is) = (before.is_some_and(Value::is_sensitive), after.is_some_and(Value::is_sensitive));
    if was || is {
        let same = before.map(Value::unmark_deep) == after.map(Value::unmark_deep);
        return Node::Sensitive { before: was, after: is, same };
    }
    if after.is_some_and(|after| !after.is_known()) {
        let gone = before.filter(|before| !before.is_null());
        return Node::Unknown {
            before: gone.map(|b| Box::new(compute(Some(b), None, trail, context.inside()))),
        };
    }
    let attribute = |key: &Str| PathStep::Attr(key.clone());
    let key = |key: &Str| PathStep::Index(Value::string(key.clone()));
    let form = |value| form(value, context.shape);
    let forms = match (before.map(form), after.map(form)) {
        (Some(one), None) | (None, Some(one)) => (one, one),
        (Some(old), Some(new)) => (old, new),
        (None, None) => (Form::Scalar, Form::Scalar),
    };
    match forms {
        (Form::Object, Form::Object) => Node::Object(entries(before, after, trail, context, attribute)),
        (Form::Map, Form::Map) => Node::Map(entries(before, after, trail, context, key)),
        // A map that was written as an object, or the other way round.
        (Form::Map, Form::Object) | (Form::Object, Form::Map) => {
            Node::Map(entries(before, after, trail, context, attribute))
        }
        (Form::List, Form::List) => Node::List(list_items(before, after, trail, context)),
        (Form::Set, Form::Set) => Node::Set(set_items(before, after, trail, context)),
        (Form::Scalar, Form::Scalar) => Node::Scalar { before: before.cloned(), after: after.cloned() },
        _ => Node::Other {
            before: Box::new(compute(before, None, trail, context.inside())),
            after: Box::new(compute(None, after, trail, context.inside())),
        },
    }
}

/// How a value is taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Object,
    Map,
    List,
    Set,
    Scalar,
}

fn form(value: &Value, shape: Shape) -> Form {
    match (value.kind(), shape) {
        (Kind::Object(_), _) | (Kind::Map(_), Shape::Free) => Form::Object,
        (Kind::Map(_), Shape::Declared) => Form::Map,
        (Kind::List(_) | Kind::Tuple(_), _) | (Kind::Set(_), Shape::Free) => Form::List,
        (Kind::Set(_), Shape::Declared) => Form::Set,
        _ => Form::Scalar,
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

fn entries(
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    context: Context<'_>,
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
        let diff = compute(old.get(key), new.get(key), trail, context);
        trail.pop();
        diffs.insert(key.clone(), diff);
    }
    diffs
}

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::items).unwrap_or_default()
}

fn set_items(
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    context: Context<'_>,
) -> Vec<Diff> {
    let (old, new) = (items(before), items(after));
    let none = context.inside();
    let mut diffs: Vec<Diff> =
        old.iter().map(|item| compute(Some(item), new.contains(item).then_some(item), trail, none)).collect();
    diffs.extend(
        new.iter().filter(|item| !old.contains(item)).map(|item| compute(None, Some(item), trail, none)),
    );
    diffs
}

fn list_items(
    before: Option<&Value>,
    after: Option<&Value>,
    trail: &mut Vec<PathStep>,
    context: Context<'_>,
) -> Vec<Diff> {
    let (old, new) = (items(before), items(after));
    let bare = |items: &[Value]| items.iter().map(Value::unmark_deep).collect::<Vec<_>>();
    let is_object = |value: &Value| form(value, context.shape) == Form::Object;
    let steps = sequence::list(&bare(old), &bare(new), |a, b| is_object(a) && is_object(b));
    let mut at = |before: Option<&Value>, after: Option<&Value>, index: usize| {
        trail.push(PathStep::Index(Value::number(i64::try_from(index).unwrap_or(i64::MAX))));
        let diff = compute(before, after, trail, context);
        trail.pop();
        diff
    };
    let diffs = steps.into_iter().map(|step| match step {
        Step::Both(from, to) => at(old.get(from), new.get(to), to),
        Step::Gone(from) => at(old.get(from), None, from),
        Step::Come(to) => at(None, new.get(to), to),
    });
    diffs.collect()
}
