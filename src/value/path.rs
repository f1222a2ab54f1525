use std::fmt;

use crate::{Kind, Str, Value};

/// Steps into a value: attributes of objects, keys of maps, indices of lists, elements of sets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path(pub Vec<PathStep>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathStep {
    Attr(Str),
    /// A string (map), a whole number (list, tuple) or the element itself (set).
    Index(Value),
}

impl Path {
    pub fn root() -> Self {
        Self::default()
    }

    pub fn from_attr(name: impl Into<Str>) -> Self {
        Self::root().attr(name)
    }

    #[must_use]
    pub fn attr(&self, name: impl Into<Str>) -> Self {
        self.step(PathStep::Attr(name.into()))
    }

    #[must_use]
    pub fn index(&self, key: Value) -> Self {
        self.step(PathStep::Index(key))
    }

    #[must_use]
    pub fn step(&self, step: PathStep) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The value at this path, if every step exists and is known.
    pub fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(value, |value, step| match step {
            PathStep::Attr(name) => value.attr(name),
            PathStep::Index(key) => match (value.kind(), key.kind()) {
                (Kind::Map(_) | Kind::Object(_), Kind::String(key)) => value.attr(key),
                (Kind::List(_) | Kind::Tuple(_), Kind::Number(n)) => {
                    value.items()?.get(usize::try_from(n.to_i64()?).ok()?)
                }
                (Kind::Set(_), _) => value.items()?.iter().find(|item| *item == key),
                _ => None,
            },
        })
    }
}

/// `.a["k"][0]`, as messages show it.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.0 {
            match step {
                PathStep::Attr(name) => write!(f, ".{name}")?,
                PathStep::Index(key) => match key.kind() {
                    Kind::String(key) => write!(f, "[{key:?}]")?,
                    Kind::Number(n) => write!(f, "[{n}]")?,
                    _ => f.write_str("[...]")?,
                },
            }
        }
        Ok(())
    }
}
