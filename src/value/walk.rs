//! Visiting and rebuilding what lies inside a value.

use std::ops::ControlFlow;

use crate::{Entries, Kind, Marks, Path, PathStep, Value};

impl Value {
    /// Visits this value and everything inside it, outermost first. [`ControlFlow::Break`] leaves out what lies inside
    /// the value just visited.
    pub fn walk(&self, mut visit: impl FnMut(&Path, &Self) -> ControlFlow<()>) {
        walk_at(self, &mut Path::root(), &mut visit);
    }

    /// Rebuilds this value from the inside out: each value inside, then the one that holds it, is passed to `change`.
    pub fn transform<E>(&self, mut change: impl FnMut(&Path, Self) -> Result<Self, E>) -> Result<Self, E> {
        transform_at(self, &mut Path::root(), &mut change)
    }

    /// The paths of everything unknown.
    pub fn unknown_paths(&self) -> Vec<Path> {
        let mut found = Vec::new();
        self.walk(|path, value| {
            if !value.is_known() {
                found.push(path.clone());
            }
            if value.is_wholly_known() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found
    }

    /// The same value with a null in place of everything unknown.
    #[must_use]
    pub fn unknown_as_null(&self) -> Self {
        if self.is_wholly_known() {
            return self.clone();
        }
        match self.kind() {
            Kind::Unknown(ty, _) => Self::null(ty.clone()).mark(self.marks()),
            _ => self.map_children(|_, child| child.unknown_as_null()),
        }
    }

    /// The same value without some marks, at any depth.
    #[must_use]
    pub fn without_marks_deep(&self, marks: Marks) -> Self {
        if (self.deep_marks().without(marks)) == self.deep_marks() {
            return self.clone();
        }
        let own = self.marks().without(marks);
        self.map_children(|_, child| child.without_marks_deep(marks)).with_marks(own)
    }

    /// The same value with the marks of everything inside on itself too.
    #[must_use]
    pub fn with_deep_marks(&self) -> Self {
        self.clone().mark(self.deep_marks())
    }

    /// Where two values differ: the deepest places that both have, and those that only one has. Sets are compared as a
    /// whole. Marks are not compared.
    pub fn diff_paths(&self, other: &Self) -> Vec<Path> {
        let mut found = Vec::new();
        diff_at(self, other, &mut Path::root(), &mut found);
        found
    }

    /// The same value with another in place of what is at a path; `None` if the path leads nowhere. Attributes of
    /// objects and keys of maps may be new.
    #[must_use]
    pub fn with_path(&self, path: &Path, new: Self) -> Option<Self> {
        set_at(self, &path.0, new)
    }

    /// The same collection, tuple or object with each thing directly inside replaced; other kinds as they are. The
    /// element type must stay the same.
    #[must_use]
    pub fn map_children(&self, mut change: impl FnMut(PathStep, &Self) -> Self) -> Self {
        let result: Result<Self, std::convert::Infallible> =
            self.try_map_children(|step, child| Ok(change(step, child)));
        match result {
            Ok(value) => value,
        }
    }

    /// As [`Value::map_children`], for changes that can fail.
    pub fn try_map_children<E>(
        &self,
        mut change: impl FnMut(PathStep, &Self) -> Result<Self, E>,
    ) -> Result<Self, E> {
        let rebuilt = match self.kind() {
            Kind::List(s) => Self::list(s.element().clone(), map_items(s.items(), &mut change)?),
            Kind::Tuple(s) => Self::tuple(map_items(s.items(), &mut change)?),
            Kind::Set(s) => {
                let items = s.items().iter().map(|item| change(PathStep::Index(item.clone()), item));
                Self::set(s.element().clone(), items.collect::<Result<_, E>>()?)
            }
            Kind::Map(m) => {
                let entries =
                    map_entries(m.entries(), |key| PathStep::Index(Self::string(key)), &mut change)?;
                Self::map(m.element().clone(), entries)
            }
            Kind::Object(m) => Self::object(map_entries(m.entries(), PathStep::Attr, &mut change)?),
            _ => return Ok(self.clone()),
        };
        // A set takes the marks of its items.
        let own = rebuilt.marks();
        Ok(rebuilt.with_marks(own | self.marks()))
    }

    /// What lies directly inside, with the step to it.
    pub fn children(&self) -> Vec<(PathStep, &Self)> {
        match self.kind() {
            Kind::List(s) | Kind::Tuple(s) => {
                s.items().iter().enumerate().map(|(i, item)| (PathStep::position(i), item)).collect()
            }
            Kind::Set(s) => s.items().iter().map(|item| (PathStep::Index(item.clone()), item)).collect(),
            Kind::Map(m) => {
                m.entries().iter().map(|(k, v)| (PathStep::Index(Self::string(k.clone())), v)).collect()
            }
            Kind::Object(m) => m.entries().iter().map(|(k, v)| (PathStep::Attr(k.clone()), v)).collect(),
            _ => Vec::new(),
        }
    }
}

impl PathStep {
    /// The step to an item of a list or tuple.
    pub fn position(at: usize) -> Self {
        Self::Index(Value::number(at))
    }

    /// The step to an entry of a map.
    pub fn key(key: impl Into<crate::Str>) -> Self {
        Self::Index(Value::string(key))
    }
}

fn map_items<E>(
    items: &[Value],
    change: &mut impl FnMut(PathStep, &Value) -> Result<Value, E>,
) -> Result<Vec<Value>, E> {
    items.iter().enumerate().map(|(i, item)| change(PathStep::position(i), item)).collect()
}

fn map_entries<E>(
    entries: &Entries,
    step: fn(crate::Str) -> PathStep,
    change: &mut impl FnMut(PathStep, &Value) -> Result<Value, E>,
) -> Result<Entries, E> {
    let entries: Result<Vec<_>, E> =
        entries.iter().map(|(key, item)| Ok((key.clone(), change(step(key.clone()), item)?))).collect();
    Ok(Entries::from_iter(entries?))
}

fn walk_at(value: &Value, path: &mut Path, visit: &mut impl FnMut(&Path, &Value) -> ControlFlow<()>) {
    if visit(path, value).is_break() {
        return;
    }
    for (step, child) in value.children() {
        path.0.push(step);
        walk_at(child, path, visit);
        path.0.pop();
    }
}

fn transform_at<E>(
    value: &Value,
    path: &mut Path,
    change: &mut impl FnMut(&Path, Value) -> Result<Value, E>,
) -> Result<Value, E> {
    // Items of other types make another element type, which only rebuilding by kind can give.
    let rebuilt = value.try_map_children(|step, child| {
        path.0.push(step);
        let changed = transform_at(child, path, change);
        path.0.pop();
        changed
    })?;
    change(path, rebuilt)
}

fn diff_at(a: &Value, b: &Value, path: &mut Path, found: &mut Vec<Path>) {
    if a == b || (a.clone().unmark() == b.clone().unmark()) {
        return;
    }
    match (a.kind(), b.kind()) {
        (Kind::List(x), Kind::List(y)) | (Kind::Tuple(x), Kind::Tuple(y)) => {
            let (x, y) = (x.items(), y.items());
            for i in 0..x.len().max(y.len()) {
                diff_child(x.get(i), y.get(i), PathStep::position(i), path, found);
            }
        }
        (Kind::Map(x), Kind::Map(y)) => {
            diff_entries(x.entries(), y.entries(), PathStep::key, path, found);
        }
        (Kind::Object(x), Kind::Object(y)) => {
            diff_entries(x.entries(), y.entries(), PathStep::Attr, path, found);
        }
        _ => {
            if a.unmark_deep() != b.unmark_deep() {
                found.push(path.clone());
            }
        }
    }
}

fn diff_entries(
    x: &Entries,
    y: &Entries,
    step: fn(crate::Str) -> PathStep,
    path: &mut Path,
    found: &mut Vec<Path>,
) {
    let keys: std::collections::BTreeSet<_> = x.keys().chain(y.keys()).collect();
    for key in keys {
        diff_child(x.get(key), y.get(key), step(key.clone()), path, found);
    }
}

fn diff_child(x: Option<&Value>, y: Option<&Value>, step: PathStep, path: &mut Path, found: &mut Vec<Path>) {
    path.0.push(step);
    match (x, y) {
        (Some(x), Some(y)) => diff_at(x, y, path, found),
        _ => found.push(path.clone()),
    }
    path.0.pop();
}

fn set_at(value: &Value, steps: &[PathStep], new: Value) -> Option<Value> {
    let Some((step, rest)) = steps.split_first() else { return Some(new) };
    match (value.kind(), step) {
        (Kind::Object(_), PathStep::Attr(name)) => set_entry(value, name, rest, new),
        (Kind::Map(_), PathStep::Index(key)) => set_entry(value, key.as_str()?, rest, new),
        (Kind::List(_) | Kind::Tuple(_) | Kind::Set(_), PathStep::Index(_)) => {
            let mut found = None;
            let mut new = Some(new);
            let changed = value.map_children(|own, child| {
                if own != *step {
                    return child.clone();
                }
                found = new.take().and_then(|new| set_at(child, rest, new));
                found.clone().unwrap_or_else(|| child.clone())
            });
            found.map(|_| changed)
        }
        _ => None,
    }
}

fn set_entry(value: &Value, key: &str, rest: &[PathStep], new: Value) -> Option<Value> {
    let changed = match value.attr(key) {
        Some(child) => set_at(child, rest, new)?,
        None if rest.is_empty() => new,
        None => return None,
    };
    Some(value.with_attr(key, changed))
}
