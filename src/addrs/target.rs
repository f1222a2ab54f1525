use std::fmt;
use std::str::FromStr;

use crate::{AbsResource, AbsResourceInstance, ModuleInstance, ParseError, parse};

/// What `-target`, `state list` and `state rm` may name: a module instance, a resource, or one instance.
///
/// A module step or resource without a key stands for all of its instances.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    Module(ModuleInstance),
    Resource(AbsResource),
    Instance(AbsResourceInstance),
}

impl Target {
    /// True when the target covers this instance.
    pub fn contains(&self, instance: &AbsResourceInstance) -> bool {
        match self {
            Self::Module(module) => module_covers(module, &instance.module),
            Self::Resource(resource) => {
                resource.resource == instance.resource
                    && resource.module.steps().len() == instance.module.steps().len()
                    && module_covers(&resource.module, &instance.module)
            }
            Self::Instance(target) => {
                target.key == instance.key
                    && target.resource == instance.resource
                    && target.module.steps().len() == instance.module.steps().len()
                    && module_covers(&target.module, &instance.module)
            }
        }
    }

    pub fn module(&self) -> &ModuleInstance {
        match self {
            Self::Module(module) => module,
            Self::Resource(resource) => &resource.module,
            Self::Instance(instance) => &instance.module,
        }
    }
}

/// True when every step of `target` matches the head of `module`; a step without a key matches any key.
fn module_covers(target: &ModuleInstance, module: &ModuleInstance) -> bool {
    target.steps().len() <= module.steps().len()
        && target
            .steps()
            .iter()
            .zip(module.steps())
            .all(|(t, m)| t.name == m.name && (t.key.is_none() || t.key == m.key))
}

impl FromStr for Target {
    type Err = ParseError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        parse::target(s)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(module) => module.fmt(f),
            Self::Resource(resource) => resource.fmt(f),
            Self::Instance(instance) => instance.fmt(f),
        }
    }
}
