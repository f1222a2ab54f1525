//! One resource: which instances it has, each planned, and the value of the whole.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use addrs::{AbsResourceInstance, ConfigResource, InstanceKey, Mode};
use diag::{Diagnostic, Diagnostics};
use futures::stream::{FuturesOrdered, StreamExt};
use petgraph::stable_graph::NodeIndex;
use plan::{Action, Mode as PlanMode, ResourceChange};
use value::Value;

use super::Planning;
use super::priors::{InstancePrior, Priors, StateUpdate};
use crate::eval::{Expansion, ModuleTable, Repetition, read_object};
use crate::interrupt::Urgency;
use crate::program::ResourceId;
use crate::walk::Outcome;

/// One instance to be planned.
pub(super) struct Instance<'a> {
    pub id: ResourceId,
    pub address: AbsResourceInstance,
    pub table: &'a Arc<ModuleTable>,
    pub repetition: Repetition,
    pub prior: Option<&'a InstancePrior>,
    pub dependencies: &'a Arc<[ConfigResource]>,
}

/// What planning an instance gave.
#[derive(Default)]
pub(super) struct Planned {
    /// As expressions see it; `None` when planning failed.
    pub value: Option<Value>,
    pub changes: Vec<ResourceChange>,
    pub updates: Vec<StateUpdate>,
    pub diagnostics: Diagnostics,
}

static NO_PRIORS: std::sync::LazyLock<Priors> = std::sync::LazyLock::new(Priors::default);

impl Planning {
    pub(super) async fn resource(&self, index: NodeIndex, id: ResourceId) -> Outcome {
        let dependencies = self.closures.addresses(index);
        let mut diagnostics = Diagnostics::new();
        if self.request.mode == PlanMode::Destroy && self.program().resource(id).mode() == Mode::Managed {
            self.destroy_resource(id, &dependencies, &mut diagnostics).await;
            return diagnostics.into();
        }
        let tables = self
            .program()
            .resource(id)
            .module
            .map_or_else(Vec::new, |module| self.session.tables().instances(module));
        let Some(expanded) = self.expand_resource(id, &tables, &mut diagnostics) else {
            return diagnostics.into();
        };
        self.session.expanded(id);
        diagnostics.extend(self.imports.evaluate(id, &self.session.surroundings));
        for (address, target) in self.imports.of_resource(id) {
            let expected = expanded.iter().any(|(table, expansion)| {
                table.address == address.module && expansion.contains(&address.key)
            });
            if !expected {
                diagnostics.push(import_without_config(address).at(target.span));
            }
        }
        let orphans = self.plan_orphans(id, &dependencies).await;
        let generated = self.generate(id, &dependencies).await;
        let mut failed = orphans.diagnostics.has_errors() || generated.diagnostics.has_errors();
        diagnostics.extend(self.collect(id, generated));
        diagnostics.extend(self.collect(id, orphans));
        for (table, expansion) in &expanded {
            let (values, findings) = self.plan_instances(id, table, expansion, &dependencies).await;
            failed |= findings.has_errors() || self.cut_short.load(Ordering::Acquire);
            diagnostics.extend(findings);
            let slot = self.program().resource(id).slot as usize;
            let whole = expansion.assemble(|key| values.get(key).cloned());
            let _ = table.resources[slot].set(whole);
        }
        Outcome { failed: failed || diagnostics.has_errors(), left: false, diagnostics }
    }

    /// Evaluates `count` or `for_each` in every module instance.
    fn expand_resource(
        &self,
        id: ResourceId,
        tables: &[Arc<ModuleTable>],
        diagnostics: &mut Diagnostics,
    ) -> Option<Vec<(Arc<ModuleTable>, Expansion)>> {
        let info = self.program().resource(id);
        let Some(block) = &info.config else { return Some(Vec::new()) };
        let mut expanded = Vec::with_capacity(tables.len());
        for table in tables {
            let scope = self.session.surroundings.scope(table);
            match Expansion::evaluate(block.count.as_ref(), block.for_each.as_ref(), &scope) {
                Ok((expansion, findings)) => {
                    diagnostics.extend(findings.with_address(&info.address));
                    let _ = table.expansions[info.slot as usize].set(expansion.clone());
                    expanded.push((Arc::clone(table), expansion));
                }
                Err(errors) => diagnostics.extend(errors.with_address(&info.address)),
            }
        }
        (!diagnostics.has_errors()).then_some(expanded)
    }

    async fn plan_instances(
        &self,
        id: ResourceId,
        table: &Arc<ModuleTable>,
        expansion: &Expansion,
        dependencies: &Arc<[ConfigResource]>,
    ) -> (HashMap<InstanceKey, Value>, Diagnostics) {
        let info = self.program().resource(id);
        let priors = self.priors[id.0 as usize].get().unwrap_or(&NO_PRIORS);
        let resource = info.address.instance(table.address.clone());
        let mut values = HashMap::new();
        let mut diagnostics = Diagnostics::new();
        let mut included = Vec::new();
        for (key, repetition) in expansion.instances() {
            let address = resource.instance(key);
            if self.targeting.includes(id, &address) {
                let prior = priors.get(&table.address, &address.key);
                included.push(Instance { id, address, table, repetition, prior, dependencies });
            } else if let Some(value) = self.stored_value(id, &address) {
                values.insert(address.key, value);
            }
        }
        // As many at once as there may be calls; results in order, so that plans do not depend on timing.
        let width = self.session.operation.parallelism.get();
        let mut waiting = included.into_iter();
        let mut running = FuturesOrdered::new();
        let mut all = Planned::default();
        loop {
            while running.len() < width
                && self.session.operation.interrupt.urgency() == Urgency::None
                && let Some(instance) = waiting.next()
            {
                running.push_back(self.plan_keyed(instance));
            }
            let Some((key, one)) = running.next().await else { break };
            if let Some(value) = one.value {
                values.insert(key, value);
            }
            all.changes.extend(one.changes);
            all.updates.extend(one.updates);
            all.diagnostics.extend(one.diagnostics);
        }
        drop(running);
        if waiting.next().is_some() {
            self.cut_short.store(true, Ordering::Release);
        }
        diagnostics.extend(self.collect(id, all));
        (values, diagnostics)
    }

    async fn plan_keyed(&self, instance: Instance<'_>) -> (InstanceKey, Planned) {
        let key = instance.address.key.clone();
        (key, self.plan_instance(instance).await)
    }

    async fn plan_instance(&self, instance: Instance<'_>) -> Planned {
        if let Some(started) = self.unresolved.get(&instance.address) {
            return Planned { diagnostics: crate::recover::refusal(started).into(), ..Planned::default() };
        }
        match self.program().resource(instance.id).mode() {
            Mode::Managed => self.plan_managed(instance).await,
            Mode::Data => self.plan_data(instance).await,
            Mode::Ephemeral => self.plan_ephemeral(instance).await,
        }
    }

    /// What the state has of an instance that is not planned.
    pub(super) fn stored_value(&self, id: ResourceId, address: &AbsResourceInstance) -> Option<Value> {
        let info = self.program().resource(id);
        let object = self.previous.instance(address)?.current.as_ref()?;
        let provider = self.program().provider(info.provider).provider.as_ref()?;
        let value = read_object(provider.as_ref(), &address.resource, object).ok()?;
        let marked = object.mark_sensitive(&value);
        Some(crate::eval::mark_by_schema(info.schema.as_ref()?, &marked))
    }

    /// Adds to the results and notes whether the resource has changes.
    pub(super) fn collect(&self, id: ResourceId, planned: Planned) -> Diagnostics {
        if planned.changes.iter().any(|change| change.action != Action::NoOp) {
            self.mark_pending(id);
        }
        self.triggered.note(id, &planned.changes);
        let mut results = self.results();
        results.changes.extend(planned.changes);
        results.updates.extend(planned.updates);
        planned.diagnostics
    }

    /// In destroy mode: every stored object is deleted, and stands for itself meanwhile.
    async fn destroy_resource(
        &self,
        id: ResourceId,
        dependencies: &Arc<[ConfigResource]>,
        diagnostics: &mut Diagnostics,
    ) {
        let info = self.program().resource(id);
        let deleted = self.plan_deletions(id, dependencies).await;
        let mut values: HashMap<AbsResourceInstance, Value> = HashMap::new();
        for change in &deleted.changes {
            if change.deposed.is_none() {
                values.insert(change.address.clone(), change.before.clone());
            }
        }
        diagnostics.extend(self.collect(id, deleted));
        let (Some(module), Some(block)) = (info.module, &info.config) else { return };
        for table in self.session.tables().instances(module) {
            let resource = info.address.instance(table.address.clone());
            let keys: Vec<InstanceKey> = self
                .previous
                .resources
                .get(&resource)
                .map(|stored| stored.instances.keys().cloned().collect())
                .unwrap_or_default();
            let expansion = Expansion::of_keys(&keys, block.count.is_some(), block.for_each.is_some());
            let whole = expansion.assemble(|key| {
                let address = resource.instance(key.clone());
                values.get(&address).cloned().or_else(|| self.stored_value(id, &address))
            });
            let _ = table.expansions[info.slot as usize].set(expansion);
            let _ = table.resources[info.slot as usize].set(whole);
        }
    }
}

pub(crate) fn import_without_config(address: &AbsResourceInstance) -> Diagnostic {
    Diagnostic::error(
        "Configuration for import target does not exist",
        format!(
            "The configuration for the given import target {address} does not exist. All target instances must have an associated configuration to be imported."
        ),
    )
}
