use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use addrs::{AbsProviderConfig, AbsResourceInstance, DeposedKey, InstanceKey, ModuleInstance};
use diag::Diagnostics;
use state::ObjectState;
use value::{Value, json};

use crate::eval::mark_by_schema;
use crate::program::TypeSchema;

/// The refreshed objects of one resource, by instance.
#[derive(Default)]
pub(super) struct Priors(pub HashMap<(ModuleInstance, InstanceKey), InstancePrior>);

#[derive(Default)]
pub(super) struct InstancePrior {
    pub current: Option<Prior>,
    pub deposed: BTreeMap<DeposedKey, Prior>,
}

/// One object before it is planned.
#[derive(Clone)]
pub(super) struct Prior {
    /// As the last run left it, with the sensitive marks that the state stores.
    pub previous: Value,
    /// As it is now; null when it is gone.
    pub value: Value,
    pub private: Vec<u8>,
    pub object: Arc<ObjectState>,
    /// Why it could not be read.
    pub diagnostics: Diagnostics,
}

/// A difference between the previous and the prior state.
pub(super) struct StateUpdate {
    pub address: AbsResourceInstance,
    pub deposed: Option<DeposedKey>,
    pub provider: AbsProviderConfig,
    pub object: Option<Arc<ObjectState>>,
}

impl Priors {
    pub fn get(&self, module: &ModuleInstance, key: &InstanceKey) -> Option<&InstancePrior> {
        self.0.get(&(module.clone(), key.clone()))
    }
}

impl Prior {
    /// The value as plans and expressions show it: with the schema's marks.
    pub fn shown(&self, schema: &TypeSchema) -> Value {
        mark_by_schema(schema, &self.value)
    }

    /// The object as the prior state has it; the stored one when nothing changed.
    pub fn refreshed(
        &self,
        schema: &TypeSchema,
        dependencies: &Arc<[addrs::ConfigResource]>,
    ) -> Result<Option<Arc<ObjectState>>, json::JsonError> {
        if self.value.is_null() {
            return Ok(None);
        }
        let dependencies = merged(&self.object.dependencies, dependencies);
        let same = self.value.unmark_deep() == self.previous.unmark_deep()
            && self.object.schema_version == schema.schema.version
            && self.private == self.object.private;
        if same && Arc::ptr_eq(&dependencies, &self.object.dependencies) {
            return Ok(Some(Arc::clone(&self.object)));
        }
        let mut object = ObjectState { dependencies, ..(*self.object).clone() };
        if !same {
            object.attributes = json::to_json(&self.value.unmark_deep(), &schema.ty)?.into();
            object.schema_version = schema.schema.version;
            object.private.clone_from(&self.private);
        }
        Ok(Some(Arc::new(object)))
    }
}

/// What the state has stored and what the configuration says now: until the object is applied again it may still
/// refer to what it was created with.
fn merged(
    stored: &Arc<[addrs::ConfigResource]>,
    current: &Arc<[addrs::ConfigResource]>,
) -> Arc<[addrs::ConfigResource]> {
    if stored == current {
        return Arc::clone(stored);
    }
    let known: HashSet<&addrs::ConfigResource> = stored.iter().collect();
    if current.iter().all(|address| known.contains(address)) {
        return Arc::clone(stored);
    }
    if stored.is_empty() {
        return Arc::clone(current);
    }
    let mut all: Vec<_> = stored.iter().chain(current.iter()).cloned().collect();
    all.sort_by_cached_key(ToString::to_string);
    all.dedup();
    all.into()
}
