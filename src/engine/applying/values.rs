//! Resources as expressions see them during apply, and root outputs.

use std::collections::HashMap;
use std::sync::Arc;

use ::plan::{Action, Mode};
use addrs::{AbsResourceInstance, Mode as ResourceMode};
use diag::{Diagnostic, Diagnostics};
use futures::stream::{FuturesOrdered, StreamExt};
use state::journal::Record;
use state::{ObjectStatus, OutputState};
use value::{Marks, Value};

use super::Applying;
use crate::compare::{Subject, parts};
use crate::eval::{
    Expansion, ModuleTable, Repetition, encode_object, kept_marks, mark_by_schema, read_object,
};
use crate::program::{ModuleId, ResourceId};
use crate::walk::{Outcome, Visit};

impl Applying {
    /// Says which instances there are.
    pub(super) fn open(&self, id: ResourceId) -> Diagnostics {
        let info = self.program().resource(id);
        let (Some(module), Some(block)) = (info.module, &info.config) else { return Diagnostics::new() };
        let mut diagnostics = Diagnostics::new();
        for table in self.session.tables().instances(module) {
            let expansion = if self.plan.mode == Mode::Destroy {
                let resource = info.address.instance(table.address.clone());
                let stored = self.plan.prior_state.resources.get(&resource);
                let keys: Vec<_> = stored.map_or_else(Vec::new, |r| r.instances.keys().cloned().collect());
                Expansion::of_keys(&keys, block.count.is_some(), block.for_each.is_some())
            } else {
                let scope = self.session.surroundings.scope(&table);
                match Expansion::evaluate(block.count.as_ref(), block.for_each.as_ref(), &scope) {
                    Ok((expansion, findings)) => {
                        diagnostics.extend(findings);
                        expansion
                    }
                    Err(errors) => {
                        diagnostics.extend(errors);
                        continue;
                    }
                }
            };
            let _ = table.expansions[info.slot as usize].set(expansion);
        }
        if self.plan.mode != Mode::Destroy && !diagnostics.has_errors() {
            self.session.expanded(id);
        }
        diagnostics.with_address(&info.address)
    }

    /// All changes of a resource are made: puts its value together. Data and ephemeral resources are read here.
    pub(super) fn close(&self, id: ResourceId) -> Visit<'_> {
        let info = self.program().resource(id);
        let Some(module) = info.module.filter(|_| info.config.is_some()) else {
            return Visit::Done(Outcome::ok());
        };
        if info.mode() != ResourceMode::Managed {
            return Visit::wait(self.read_resource(id, module));
        }
        let mut diagnostics = Diagnostics::new();
        for table in self.session.tables().instances(module) {
            let Some(expansion) = table.expansion(self.program(), id) else { continue };
            let resource = info.address.instance(table.address.clone());
            let whole = expansion.assemble(|key| self.instance_value(id, &resource.instance(key.clone())));
            let _ = table.resources[info.slot as usize].set(whole);
            diagnostics.extend(self.conditions_of_unchanged(info, &table, expansion));
        }
        diagnostics.into()
    }

    fn instance_value(&self, id: ResourceId, address: &AbsResourceInstance) -> Option<Value> {
        if let Some(value) = self.values().get(address) {
            return Some(value.clone());
        }
        if let Some(change) = self.by_instance.get(address).map(|at| &self.plan.changes[*at]) {
            match change.action {
                Action::NoOp => return Some(change.after.clone()),
                Action::Delete => return Some(change.before.clone()),
                _ => {}
            }
        }
        let info = self.program().resource(id);
        let object = self.plan.prior_state.instance(address)?.current.as_ref()?;
        let provider = self.program().provider(info.provider).provider.as_ref()?;
        let value = read_object(provider.as_ref(), &address.resource, object).ok()?;
        Some(mark_by_schema(info.schema.as_ref()?, &object.mark_sensitive(&value)))
    }

    async fn read_resource(&self, id: ResourceId, module: ModuleId) -> Outcome {
        let info = self.program().resource(id);
        let mut diagnostics = Diagnostics::new();
        let mut failed = false;
        for table in self.session.tables().instances(module) {
            let Some(expansion) = table.expansion(self.program(), id) else { continue };
            let resource = info.address.instance(table.address.clone());
            let mut waiting = expansion.instances().into_iter();
            let mut running = FuturesOrdered::new();
            let mut values = HashMap::new();
            loop {
                while running.len() < self.session.operation.parallelism.get()
                    && let Some((key, repetition)) = waiting.next()
                {
                    let address = resource.instance(key);
                    running.push_back(self.read_instance(id, address, &table, repetition));
                }
                let Some((address, value, findings)) = running.next().await else { break };
                failed |= findings.has_errors();
                diagnostics.extend(findings);
                if let Some(value) = value {
                    values.insert(address.key, value);
                }
            }
            drop(running);
            let whole = expansion.assemble(|key| values.get(key).cloned());
            let _ = table.resources[info.slot as usize].set(whole);
        }
        Outcome { failed, left: false, diagnostics }
    }

    async fn read_instance(
        &self,
        id: ResourceId,
        address: AbsResourceInstance,
        table: &Arc<ModuleTable>,
        repetition: Repetition,
    ) -> (AbsResourceInstance, Option<Value>, Diagnostics) {
        let info = self.program().resource(id);
        let Some((schema, block)) = parts(info) else { return (address, None, Diagnostics::new()) };
        let subject = Subject { session: &self.session, info, schema, address: &address };
        if info.mode() == ResourceMode::Ephemeral {
            let (value, mut findings) =
                self.session.open_ephemeral(&subject, block, table, &repetition).await;
            if value.is_none() && !findings.has_errors() {
                findings.push(
                    Diagnostic::error(
                        "Configuration contains unknown value",
                        format!(
                            "The configuration for {address} still contains unknown values during apply."
                        ),
                    )
                    .address(&address),
                );
            }
            return (address, value, findings);
        }
        let planned = self.by_instance.get(&address).map(|at| &self.plan.changes[*at]);
        if planned.is_none_or(|change| change.action != Action::Read) {
            let value = self.instance_value(id, &address);
            return (address, value, Diagnostics::new());
        }
        let (value, findings) = self.read_data(&subject, block, table, &repetition).await;
        (address, value, findings)
    }

    async fn read_data(
        &self,
        subject: &Subject<'_>,
        block: &config::ResourceConfig,
        table: &ModuleTable,
        repetition: &Repetition,
    ) -> (Option<Value>, Diagnostics) {
        let lifecycle = &block.lifecycle;
        let mut diagnostics = self.session.preconditions(lifecycle, subject.address, table, repetition);
        if diagnostics.has_errors() {
            return (None, diagnostics);
        }
        let (config, findings) = subject.config(block, table, repetition);
        diagnostics.extend(findings);
        let Some(config) = config else { return (None, diagnostics) };
        let (unmarked, marks) = config.unmark_deep_with_paths();
        let marks = kept_marks(&subject.schema.schema.block, marks);
        match self.session.read_data(subject, unmarked).await {
            Ok((value, findings)) => {
                diagnostics.extend(findings);
                let empty = Arc::new([]) as Arc<[addrs::ConfigResource]>;
                let encoded = encode_object(
                    subject.schema,
                    &value,
                    &marks,
                    Vec::new(),
                    ObjectStatus::Ready,
                    &empty,
                    false,
                );
                let provider = &subject.provider().address;
                let recorded = match encoded {
                    Ok(object) => {
                        self.record_object(None, subject.address, None, provider, Some(Arc::new(object)))
                            .await
                    }
                    Err(error) => Err(error.address(subject.address).into()),
                };
                if let Err(errors) = recorded {
                    diagnostics.extend(errors);
                }
                let value = mark_by_schema(subject.schema, &value.mark_with_paths(marks));
                let address = subject.address;
                let findings = self.session.postconditions(lifecycle, address, table, repetition, &value);
                diagnostics.extend(findings);
                (Some(value), diagnostics)
            }
            Err(errors) if let Some(check) = &block.check => {
                diagnostics.extend(self.session.fail_check(check, subject.address, errors));
                (Some(Value::unknown(subject.schema.ty.clone())), diagnostics)
            }
            Err(errors) => {
                diagnostics.extend(errors);
                (None, diagnostics)
            }
        }
    }

    /// Evaluates an output; a root output that changes is recorded.
    pub(super) fn output(&self, module: ModuleId, at: u32) -> Visit<'_> {
        let diagnostics = self.session.output(module, at);
        let info = self.program().module(module);
        if info.parent.is_some() || diagnostics.has_errors() {
            return diagnostics.into();
        }
        let output = info.outputs.get(at);
        let table = self.session.tables().root();
        let Some(value) = table.outputs[at as usize].get().filter(|value| value.is_wholly_known()) else {
            return diagnostics.into();
        };
        let value = value.unmark_deep();
        let value = if output.sensitive { value.mark(Marks::SENSITIVE) } else { value };
        let new = OutputState { value: value.clone(), sensitive: output.sensitive };
        {
            let mut state = self.state();
            let known = state.outputs.get(&output.name);
            if known == Some(&new) || (known.is_none() && value.is_null()) {
                return diagnostics.into();
            }
            state.outputs.insert(output.name.clone(), new);
        }
        let record =
            Record::Output { name: output.name.clone(), value: Some(value), sensitive: output.sensitive };
        Visit::wait(async move {
            let mut diagnostics = diagnostics;
            if let Err(errors) = self.record_output(record).await {
                diagnostics.extend(errors);
            }
            diagnostics.into()
        })
    }
}
