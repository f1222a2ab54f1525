use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use addrs::{ModulePath, Name, ProviderAddr, Resource};
use diag::{Sources, Span};
use syntax::Expr;

use crate::{
    Check, Import, ModuleCall, Moved, Output, ProviderBlock, ProviderKey, ProviderMap, Removed,
    ResourceConfig, Variable,
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

/// An entry of `required_providers`.
#[derive(Clone, Debug)]
pub struct RequiredProvider {
    pub name: Name,
    pub source: ProviderAddr,
    /// The constraint as written, e.g. `~> 5.0`.
    pub version: Option<String>,
    /// `configuration_aliases`: provider configurations that the caller must pass.
    pub aliases: Vec<ProviderKey>,
    pub span: Span,
}

impl Config {
    /// The module at a path.
    pub fn module(&self, path: &ModulePath) -> Option<&Arc<Module>> {
        path.steps().iter().try_fold(&self.root, |module, name| module.children.get(name))
    }
}
