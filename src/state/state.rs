use std::collections::BTreeMap;
use std::sync::Arc;

use addrs::{AbsProviderConfig, AbsResourceInstance, DeposedKey, InstanceKey, Name};
use value::Value;

use crate::check_results::CheckResult;
use crate::object::ObjectState;
use crate::resources::Resources;

/// Everything groma knows of the objects it manages. Clones share the resources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The version that wrote it, as Terraform's versions count.
    pub terraform_version: String,
    /// Counts snapshots of one lineage.
    pub serial: u64,
    /// A UUID that stays with the state for its life; empty for a state never written.
    pub lineage: String,
    /// The root module's outputs.
    pub outputs: BTreeMap<Name, OutputState>,
    pub resources: Resources,
    pub check_results: Vec<CheckResult>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OutputState {
    /// Wholly known; marked sensitive when `sensitive` is set.
    pub value: Value,
    pub sensitive: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ResourceState {
    pub provider: AbsProviderConfig,
    pub instances: BTreeMap<InstanceKey, InstanceState>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceState {
    pub current: Option<Arc<ObjectState>>,
    pub deposed: BTreeMap<DeposedKey, Arc<ObjectState>>,
}

impl State {
    /// An empty state of a new lineage (a UUID given by the caller).
    pub fn new(lineage: impl Into<String>) -> Self {
        Self { lineage: lineage.into(), ..Self::default() }
    }

    /// True when there is no object and no output in it.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.outputs.is_empty()
    }

    pub fn instance(&self, address: &AbsResourceInstance) -> Option<&InstanceState> {
        self.resources.get(&address.containing())?.instances.get(&address.key)
    }

    /// All instances with the resource they belong to, in address order.
    pub fn instances(&self) -> impl Iterator<Item = (AbsResourceInstance, &ResourceState, &InstanceState)> {
        self.resources.iter().flat_map(|(address, resource)| {
            resource
                .instances
                .iter()
                .map(move |(key, instance)| (address.instance(key.clone()), &**resource, instance))
        })
    }

    /// Sets or removes the current object of an instance; empty instances and resources disappear.
    pub fn set_current(
        &mut self,
        address: &AbsResourceInstance,
        provider: &AbsProviderConfig,
        object: Option<Arc<ObjectState>>,
    ) {
        self.update(address, provider, |instance| instance.current = object);
    }

    /// Sets or removes a deposed object of an instance.
    pub fn set_deposed(
        &mut self,
        address: &AbsResourceInstance,
        provider: &AbsProviderConfig,
        key: DeposedKey,
        object: Option<Arc<ObjectState>>,
    ) {
        self.update(address, provider, |instance| {
            match object {
                Some(object) => instance.deposed.insert(key, object),
                None => instance.deposed.remove(&key),
            };
        });
    }

    /// Puts a whole instance in its place, of the resource that is there or a new one.
    pub fn put_instance(
        &mut self,
        address: &AbsResourceInstance,
        provider: AbsProviderConfig,
        instance: InstanceState,
    ) {
        self.update(address, &provider, |place| *place = instance);
    }

    /// Takes a whole instance out with its provider; a resource without instances disappears.
    pub fn take_instance(
        &mut self,
        address: &AbsResourceInstance,
    ) -> Option<(AbsProviderConfig, InstanceState)> {
        let resource = Arc::make_mut(self.resources.get_mut(&address.containing())?);
        let provider = resource.provider.clone();
        let instance = resource.instances.remove(&address.key)?;
        if resource.instances.is_empty() {
            self.resources.remove(&address.containing());
        }
        Some((provider, instance))
    }

    fn update(
        &mut self,
        address: &AbsResourceInstance,
        provider: &AbsProviderConfig,
        change: impl FnOnce(&mut InstanceState),
    ) {
        let resource = self.resources.entry(address.containing()).or_insert_with(|| {
            Arc::new(ResourceState { provider: provider.clone(), instances: BTreeMap::new() })
        });
        let resource = Arc::make_mut(resource);
        resource.provider = provider.clone();
        let instance = resource.instances.entry(address.key.clone()).or_default();
        change(instance);
        if instance.is_empty() {
            resource.instances.remove(&address.key);
            if resource.instances.is_empty() {
                self.resources.remove(&address.containing());
            }
        }
    }
}

impl InstanceState {
    pub fn is_empty(&self) -> bool {
        self.current.is_none() && self.deposed.is_empty()
    }
}
