use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use addrs::{ConfigResource, ModulePath, Name, Resource};
use diag::{Sources, Span};
use syntax::Expr;

use crate::{
    Backend, Check, Import, ModuleCall, Moved, Output, ProviderBlock, ProviderKey, ProviderMap, Removed,
    RequiredProvider, RequiredVersion, ResourceConfig, Variable,
};

/// A whole configuration: the tree of modules, and the source texts for diagnostics.
#[derive(Clone, Debug)]
pub struct Config {
    pub root: Arc<Module>,
    pub sources: Sources,
    /// Which provider configuration serves each resource.
    pub providers: Arc<ProviderMap>,
}

/// One module: what its files declare.
#[derive(Clone, Debug, Default)]
pub struct Module {
    pub path: ModulePath,
    /// As `path.module` shows it: relative to the root's folder, `.` for the root itself.
    pub dir: PathBuf,
    pub variables: BTreeMap<Name, Variable>,
    pub locals: BTreeMap<Name, Local>,
    pub outputs: BTreeMap<Name, Output>,
    /// Managed, data and ephemeral resources.
    pub resources: BTreeMap<Resource, ResourceConfig>,
    pub module_calls: BTreeMap<Name, ModuleCall>,
    pub providers: BTreeMap<ProviderKey, ProviderBlock>,
    pub required_providers: BTreeMap<Name, RequiredProvider>,
    pub required_versions: Vec<RequiredVersion>,
    /// Of the root module; a child's is ignored with a warning.
    pub backend: Option<Backend>,
    pub moved: Vec<Moved>,
    pub imports: Vec<Import>,
    pub removed: Vec<Removed>,
    pub checks: BTreeMap<Name, Check>,
    pub children: BTreeMap<Name, Arc<Module>>,
}

#[derive(Clone, Debug)]
pub struct Local {
    pub name: Name,
    pub expr: Expr,
    pub span: Span,
}

impl Config {
    /// The module at a path.
    pub fn module(&self, path: &ModulePath) -> Option<&Arc<Module>> {
        path.steps().iter().try_fold(&self.root, |module, name| module.children.get(name))
    }

    /// All modules: every one before its children, those in order of their names.
    pub fn modules(&self) -> impl Iterator<Item = &Arc<Module>> {
        Modules { next: vec![&self.root] }
    }

    /// A resource by its address.
    pub fn resource(&self, address: &ConfigResource) -> Option<&ResourceConfig> {
        self.module(&address.module)?.resources.get(&address.resource)
    }

    /// The call that made a module; `None` for the root.
    pub fn call(&self, path: &ModulePath) -> Option<&ModuleCall> {
        let (parent, name) = path.parent()?;
        self.module(&parent)?.module_calls.get(name)
    }
}

struct Modules<'a> {
    next: Vec<&'a Arc<Module>>,
}

impl<'a> Iterator for Modules<'a> {
    type Item = &'a Arc<Module>;

    fn next(&mut self) -> Option<Self::Item> {
        let module = self.next.pop()?;
        self.next.extend(module.children.values().rev());
        Some(module)
    }
}

impl Module {
    /// How messages name it: `the root module`, or its path.
    pub fn display_name(&self) -> String {
        if self.path.is_root() { "the root module".to_owned() } else { self.path.to_string() }
    }

    /// The same module at the end of another path.
    pub(crate) fn placed(&self, path: ModulePath) -> Self {
        Self {
            moved: self.moved.iter().map(|m| Moved { module: path.clone(), ..m.clone() }).collect(),
            removed: self.removed.iter().map(|removed| removed.inside(&path)).collect(),
            path,
            ..self.clone()
        }
    }
}
