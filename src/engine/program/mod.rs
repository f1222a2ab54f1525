//! What is known before anything is evaluated: the modules, resources and provider configurations that the
//! configuration and the state name, each with a small number that everything else refers to it by.

mod build;
mod functions;
mod references;

use std::collections::HashMap;
use std::sync::Arc;

use addrs::{AbsProviderConfig, ConfigResource, Mode, ModulePath, Name, Resource};
use config::{Check, Config, Local, Module, ModuleCall, Output, ProviderBlock, ResourceConfig, Variable};
use diag::Diagnostics;
use lang::CallContext;
use provider::{Provider, ProviderSchema, Schema};
use syntax::Expr;
use value::Type;

use crate::eval::located;

pub(crate) use build::Times;
pub(crate) use references::Target;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ModuleId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ResourceId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ProviderId(pub u32);

/// The configuration and the state's addresses, indexed.
pub(crate) struct Program {
    pub config: Arc<Config>,
    /// Parents before children; the root is first.
    pub modules: Vec<ModuleInfo>,
    pub resources: Vec<ResourceInfo>,
    pub providers: Vec<ProviderInfo>,
    resource_ids: HashMap<ConfigResource, ResourceId>,
    provider_ids: HashMap<AbsProviderConfig, ProviderId>,
}

pub(crate) struct ModuleInfo {
    pub id: ModuleId,
    pub path: ModulePath,
    pub config: Arc<Module>,
    pub parent: Option<ModuleId>,
    /// The call in the parent that this module is the callee of, and its arguments by name.
    pub call: Option<Arc<ModuleCall>>,
    pub arguments: HashMap<Name, Expr>,
    pub variables: Named<Arc<Variable>>,
    pub locals: Named<Arc<Local>>,
    pub outputs: Named<Arc<Output>>,
    pub checks: Named<Arc<Check>>,
    /// Children by the call's name.
    pub children: HashMap<Name, ModuleId>,
    /// Resources by their address in the module; the position is their slot in a module instance's table.
    pub resources: HashMap<Resource, ResourceId>,
    pub slots: u32,
    pub context: Arc<CallContext>,
}

/// Things in order, also found by name.
pub(crate) struct Named<T> {
    pub items: Vec<T>,
    index: HashMap<Name, u32>,
}

pub(crate) struct ResourceInfo {
    pub address: ConfigResource,
    /// `None` when the module is only in the state.
    pub module: Option<ModuleId>,
    /// `None` when the resource is only in the state.
    pub config: Option<Arc<ResourceConfig>>,
    pub slot: u32,
    pub provider: ProviderId,
    /// `None` when the provider is missing or has no such type.
    pub schema: Option<Arc<TypeSchema>>,
}

pub(crate) struct ProviderInfo {
    pub address: AbsProviderConfig,
    pub provider: Option<Arc<dyn Provider>>,
    pub schema: Option<Arc<ProviderSchema>>,
    pub block: Option<Arc<ProviderBlock>>,
    pub module: Option<ModuleId>,
    /// Where it is named, for messages, when the state alone names it.
    pub only_in_state: Option<ConfigResource>,
}

impl ProviderInfo {
    /// Findings of the provider about its configuration, where the block says what they are about.
    pub fn placed(&self, findings: Diagnostics) -> Diagnostics {
        match &self.block {
            Some(block) => located(findings, &block.body, block.span),
            None => findings,
        }
    }
}

/// The schema of a resource type with its implied type.
pub(crate) struct TypeSchema {
    pub schema: Schema,
    pub ty: Type,
    pub holds_sensitive: bool,
}

impl Program {
    pub fn module(&self, id: ModuleId) -> &ModuleInfo {
        &self.modules[id.0 as usize]
    }

    pub fn resource(&self, id: ResourceId) -> &ResourceInfo {
        &self.resources[id.0 as usize]
    }

    pub fn provider(&self, id: ProviderId) -> &ProviderInfo {
        &self.providers[id.0 as usize]
    }

    pub fn resource_id(&self, address: &ConfigResource) -> Option<ResourceId> {
        self.resource_ids.get(address).copied()
    }

    pub fn provider_id(&self, address: &AbsProviderConfig) -> Option<ProviderId> {
        self.provider_ids.get(address).copied()
    }

    pub fn resource_ids(&self) -> impl Iterator<Item = ResourceId> + use<> {
        (0..u32::try_from(self.resources.len()).unwrap_or(u32::MAX)).map(ResourceId)
    }

    pub fn provider_ids(&self) -> impl Iterator<Item = ProviderId> + use<> {
        (0..u32::try_from(self.providers.len()).unwrap_or(u32::MAX)).map(ProviderId)
    }
}

impl ResourceInfo {
    pub fn mode(&self) -> Mode {
        self.address.resource.mode
    }
}

impl<T> Named<T> {
    pub fn new<'a>(items: impl Iterator<Item = (&'a Name, T)>) -> Self {
        let mut named = Self { items: Vec::new(), index: HashMap::new() };
        for (name, item) in items {
            named.index.insert(name.clone(), u32::try_from(named.items.len()).unwrap_or(u32::MAX));
            named.items.push(item);
        }
        named
    }

    pub fn position(&self, name: &Name) -> Option<u32> {
        self.index.get(name).copied()
    }

    pub fn get(&self, at: u32) -> &T {
        &self.items[at as usize]
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn positions(&self) -> impl Iterator<Item = u32> + use<T> {
        0..u32::try_from(self.items.len()).unwrap_or(u32::MAX)
    }
}
