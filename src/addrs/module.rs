use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use crate::{InstanceKey, Name};

/// A module by its static path in the configuration: the root is empty, `module.a.module.b` is `[a, b]`.
///
/// What is nearer to the root comes first, as in Terraform's plans and lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ModulePath(Arc<[Name]>);

/// A module instance: every step of the path with its key. Ordered as [`ModulePath`] is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ModuleInstance(Arc<[ModuleStep]>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleStep {
    pub name: Name,
    pub key: InstanceKey,
}

impl ModulePath {
    pub fn root() -> Self {
        Self::default()
    }

    pub fn new(steps: impl IntoIterator<Item = Name>) -> Self {
        Self(steps.into_iter().collect())
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn steps(&self) -> &[Name] {
        &self.0
    }

    #[must_use]
    pub fn child(&self, name: impl Into<Name>) -> Self {
        Self(self.0.iter().cloned().chain([name.into()]).collect())
    }

    /// The calling module and the call's name; `None` for the root.
    pub fn parent(&self) -> Option<(Self, &Name)> {
        let (last, rest) = self.0.split_last()?;
        Some((Self(rest.into()), last))
    }

    /// True when `self` is `other` or lies inside it.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl ModuleInstance {
    pub fn root() -> Self {
        Self::default()
    }

    pub fn new(steps: impl IntoIterator<Item = ModuleStep>) -> Self {
        Self(steps.into_iter().collect())
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn steps(&self) -> &[ModuleStep] {
        &self.0
    }

    #[must_use]
    pub fn child(&self, name: impl Into<Name>, key: InstanceKey) -> Self {
        let step = ModuleStep { name: name.into(), key };
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// The calling module instance and this call's step; `None` for the root.
    pub fn parent(&self) -> Option<(Self, &ModuleStep)> {
        let (last, rest) = self.0.split_last()?;
        Some((Self(rest.into()), last))
    }

    /// The path without the keys.
    pub fn module(&self) -> ModulePath {
        ModulePath(self.0.iter().map(|step| step.name.clone()).collect())
    }

    /// True when `self` is `other` or lies inside it.
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl Ord for ModulePath {
    fn cmp(&self, other: &Self) -> Ordering {
        nearest_first(&self.0, &other.0)
    }
}

impl PartialOrd for ModulePath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ModuleInstance {
    fn cmp(&self, other: &Self) -> Ordering {
        nearest_first(&self.0, &other.0)
    }
}

impl PartialOrd for ModuleInstance {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn nearest_first<T: Ord>(a: &[T], b: &[T]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// `module.a.module.b`; empty for the root.
impl fmt::Display for ModulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.0.iter().enumerate() {
            let dot = if i == 0 { "" } else { "." };
            write!(f, "{dot}module.{name}")?;
        }
        Ok(())
    }
}

/// `module.a["k"].module.b[0]`; empty for the root.
impl fmt::Display for ModuleInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            let dot = if i == 0 { "" } else { "." };
            write!(f, "{dot}module.{}{}", step.name, step.key)?;
        }
        Ok(())
    }
}
