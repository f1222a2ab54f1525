//! Marks and the paths they lie at, as state files and plans hold them.

use crate::{Kind, Marks, Path, PathStep, Value};

impl Value {
    /// The value without marks, and every path that had some, outermost first.
    pub fn unmark_deep_with_paths(&self) -> (Self, Vec<(Path, Marks)>) {
        let mut found = Vec::new();
        if !self.deep_marks().is_empty() {
            collect(self, &Path::root(), &mut found);
        }
        (self.unmark_deep(), found)
    }

    /// The value with marks added at paths; a path that leads nowhere marks the nearest value on its way.
    #[must_use]
    pub fn mark_with_paths(&self, paths: impl IntoIterator<Item = (Path, Marks)>) -> Self {
        paths.into_iter().fold(self.clone(), |value, (path, marks)| mark_at(&value, &path.0, marks))
    }
}

fn collect(value: &Value, path: &Path, found: &mut Vec<(Path, Marks)>) {
    if !value.marks().is_empty() {
        found.push((path.clone(), value.marks()));
    }
    if value.deep_marks().is_empty() {
        return;
    }
    match value.kind() {
        Kind::List(s) | Kind::Tuple(s) => {
            for (i, item) in s.items().iter().enumerate() {
                let index = i64::try_from(i).unwrap_or(i64::MAX);
                collect(item, &path.index(Value::number(index)), found);
            }
        }
        Kind::Map(m) => {
            for (key, item) in m.entries().iter() {
                collect(item, &path.index(Value::string(key.clone())), found);
            }
        }
        Kind::Object(m) => {
            for (key, item) in m.entries().iter() {
                collect(item, &path.attr(key.clone()), found);
            }
        }
        // Items of sets carry no marks of their own.
        _ => {}
    }
}

fn mark_at(value: &Value, steps: &[PathStep], marks: Marks) -> Value {
    let Some((step, rest)) = steps.split_first() else { return value.clone().mark(marks) };
    let marked = match (value.kind(), step) {
        (Kind::Object(m), PathStep::Attr(name)) => {
            m.entries().get(name).map(|item| value.with_attr(name, mark_at(item, rest, marks)))
        }
        (Kind::Map(m), PathStep::Index(key)) => key.as_str().and_then(|key| {
            m.entries().get(key).map(|item| value.with_attr(key, mark_at(item, rest, marks)))
        }),
        (Kind::List(s) | Kind::Tuple(s), PathStep::Index(key)) => {
            let at = key.as_i64().and_then(|n| usize::try_from(n).ok()).filter(|at| *at < s.items().len());
            at.map(|at| {
                let items = s
                    .items()
                    .iter()
                    .enumerate()
                    .map(|(i, item)| if i == at { mark_at(item, rest, marks) } else { item.clone() })
                    .collect();
                let rebuilt = match value.kind() {
                    Kind::List(_) => Value::list(s.element().clone(), items),
                    _ => Value::tuple(items),
                };
                rebuilt.with_marks(value.marks())
            })
        }
        _ => None,
    };
    marked.unwrap_or_else(|| value.clone().mark(marks))
}
