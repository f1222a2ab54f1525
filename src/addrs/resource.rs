use std::fmt;

use crate::{InstanceKey, ModuleInstance, ModulePath, Name};

/// What kind of object a resource block declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    Data,
    Ephemeral,
    Managed,
}

/// A resource within its module: `aws_vpc.main`, `data.aws_ami.debian`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Resource {
    pub mode: Mode,
    pub ty: Name,
    pub name: Name,
}

/// An instance of a resource within its module instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceInstance {
    pub resource: Resource,
    pub key: InstanceKey,
}

/// A resource block in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConfigResource {
    pub module: ModulePath,
    pub resource: Resource,
}

/// A resource in one module instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AbsResource {
    pub module: ModuleInstance,
    pub resource: Resource,
}

/// One instance of a resource, anywhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AbsResourceInstance {
    pub module: ModuleInstance,
    pub resource: Resource,
    pub key: InstanceKey,
}

/// Names an object left behind by an unfinished replacement: 8 lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeposedKey(pub Name);

impl Resource {
    pub fn managed(ty: impl Into<Name>, name: impl Into<Name>) -> Self {
        Self { mode: Mode::Managed, ty: ty.into(), name: name.into() }
    }

    pub fn data(ty: impl Into<Name>, name: impl Into<Name>) -> Self {
        Self { mode: Mode::Data, ty: ty.into(), name: name.into() }
    }

    pub fn in_module(self, module: ModuleInstance) -> AbsResource {
        AbsResource { module, resource: self }
    }

    /// The provider that serves the type when the block names none: the type up to the first underscore.
    pub fn implied_provider(&self) -> &str {
        self.ty.split_once('_').map_or(self.ty.as_str(), |(provider, _)| provider)
    }
}

impl ConfigResource {
    pub fn instance(&self, module: ModuleInstance) -> AbsResource {
        AbsResource { module, resource: self.resource.clone() }
    }
}

impl AbsResource {
    pub fn config(&self) -> ConfigResource {
        ConfigResource { module: self.module.module(), resource: self.resource.clone() }
    }

    pub fn instance(&self, key: InstanceKey) -> AbsResourceInstance {
        AbsResourceInstance { module: self.module.clone(), resource: self.resource.clone(), key }
    }
}

impl AbsResourceInstance {
    /// The resource this is an instance of.
    pub fn containing(&self) -> AbsResource {
        AbsResource { module: self.module.clone(), resource: self.resource.clone() }
    }

    pub fn config(&self) -> ConfigResource {
        ConfigResource { module: self.module.module(), resource: self.resource.clone() }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self.mode {
            Mode::Data => "data.",
            Mode::Ephemeral => "ephemeral.",
            Mode::Managed => "",
        };
        write!(f, "{prefix}{}.{}", self.ty, self.name)
    }
}

impl fmt::Display for ResourceInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.resource, self.key)
    }
}

impl fmt::Display for ConfigResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        self.resource.fmt(f)
    }
}

impl fmt::Display for AbsResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        self.resource.fmt(f)
    }
}

impl fmt::Display for AbsResourceInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(f, "{}.", self.module)?;
        }
        write!(f, "{}{}", self.resource, self.key)
    }
}

impl fmt::Display for DeposedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
