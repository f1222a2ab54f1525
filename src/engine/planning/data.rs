//! Data sources: read while planning when that is possible, else planned to be read during apply.

use std::sync::Arc;

use ::plan::{Action, Mode, Reason, ResourceChange};
use addrs::{AbsResourceInstance, Mode as ResourceMode};
use provider::planned_data;
use state::ObjectStatus;
use value::{Marks, Path, Value};

use super::Planning;
use super::priors::StateUpdate;
use super::resource::{Instance, Planned};
use crate::compare::{Subject, parts};
use crate::eval::{encode_object, kept_marks, mark_by_schema};
use crate::graph::Vertex;
use crate::program::{Program, ResourceId, Target};

impl Planning {
    pub(super) async fn plan_data(&self, instance: Instance<'_>) -> Planned {
        let mut out = Planned::default();
        let info = self.program().resource(instance.id);
        let Some((schema, block)) = parts(info) else { return out };
        let subject = Subject { session: &self.session, info, schema, address: &instance.address };
        if let Err(errors) = self.preconditions(&instance, block, &mut out.diagnostics) {
            out.diagnostics.extend(errors);
            return out;
        }
        let (config, findings) = subject.config(block, instance.table, &instance.repetition);
        out.diagnostics.extend(findings);
        let Some(config) = config else { return out };
        let (unmarked, marks) = config.unmark_deep_with_paths();
        let marks = kept_marks(&subject.schema.schema.block, marks);
        if let Some(reason) = self.deferral(instance.id, &unmarked) {
            self.defer(&instance, &subject, reason, &unmarked, &marks, &mut out);
            return out;
        }
        match self.session.read_data(&subject, unmarked.clone()).await {
            Ok((value, findings)) => {
                out.diagnostics.extend(findings);
                let value = mark_by_schema(schema, &value.mark_with_paths(marks.iter().cloned()));
                self.keep_data(&instance, &subject, &value, &marks, &mut out);
                self.postconditions(&instance, block, &value, &mut out.diagnostics);
                if block.check.is_some() && self.request.mode == Mode::Normal {
                    let reason = Reason::ReadBecauseCheckNested;
                    let again = data_read(&subject, &instance.address, reason, value.clone());
                    self.results().read_again.push(again);
                }
                out.value = Some(value);
            }
            Err(errors) if let Some(check) = &block.check => {
                // A check only informs; it is read again when the changes have been made.
                out.diagnostics.extend(self.session.fail_check(check, &instance.address, errors));
                self.defer(&instance, &subject, Reason::ReadBecauseCheckNested, &unmarked, &marks, &mut out);
            }
            Err(errors) => out.diagnostics.extend(errors),
        }
        out
    }

    fn deferral(&self, id: ResourceId, config: &Value) -> Option<Reason> {
        if !config.is_wholly_known() {
            return Some(Reason::ReadBecauseConfigUnknown);
        }
        let pending = explicit(self.program(), id).into_iter().any(|dependency| self.has_pending(dependency));
        pending.then_some(Reason::ReadBecauseDependencyPending)
    }

    fn has_pending(&self, dependency: Target) -> bool {
        let vertex = match dependency {
            Target::Resource(id) if self.program().resource(id).mode() == ResourceMode::Managed => {
                return self.is_pending(id);
            }
            Target::Resource(id) => Vertex::Resource(id),
            Target::Variable(m, at) => Vertex::Variable(m, at),
            Target::Local(m, at) => Vertex::Local(m, at),
            Target::Output(m, at) => Vertex::Output(m, at),
            Target::Outputs(m) | Target::Everything(m) => Vertex::Close(m),
        };
        self.vertices
            .get(&vertex)
            .is_some_and(|index| self.closures.of(*index).iter().any(|id| self.is_pending(*id)))
            || matches!(dependency, Target::Resource(id) if self.is_pending(id))
    }

    fn defer(
        &self,
        instance: &Instance<'_>,
        subject: &Subject<'_>,
        reason: Reason,
        config: &Value,
        marks: &[(Path, Marks)],
        out: &mut Planned,
    ) {
        let planned = planned_data(&subject.schema.schema.block, config);
        let after = mark_by_schema(subject.schema, &planned.mark_with_paths(marks.iter().cloned()));
        if self.request.mode != Mode::RefreshOnly {
            out.changes.push(data_read(subject, &instance.address, reason, after.clone()));
        }
        out.value = Some(after);
    }

    fn keep_data(
        &self,
        instance: &Instance<'_>,
        subject: &Subject<'_>,
        value: &Value,
        marks: &[(Path, Marks)],
        out: &mut Planned,
    ) {
        let empty = Arc::new([]) as Arc<[addrs::ConfigResource]>;
        match encode_object(subject.schema, value, marks, Vec::new(), ObjectStatus::Ready, &empty, false) {
            Ok(object) => out.updates.push(StateUpdate {
                address: instance.address.clone(),
                deposed: None,
                provider: subject.provider().address.clone(),
                object: Some(Arc::new(object)),
            }),
            Err(error) => out.diagnostics.push(error.address(&instance.address)),
        }
    }
}

/// What `depends_on` of the resource and of the module calls around it name.
fn explicit(program: &Program, id: ResourceId) -> Vec<Target> {
    let info = program.resource(id);
    let mut targets = Vec::new();
    if let (Some(module), Some(block)) = (info.module, &info.config) {
        let _ = program.module(module).dependency_targets(program, &block.depends_on, &mut targets);
    }
    let mut at = info.module;
    while let Some(module) = at.map(|id| program.module(id)) {
        if let Some((parent, call)) = module.parent.zip(module.call.as_ref()) {
            let _ = program.module(parent).dependency_targets(program, &call.depends_on, &mut targets);
        }
        at = module.parent;
    }
    targets.sort_unstable();
    targets.dedup();
    targets
}

fn data_read(
    subject: &Subject<'_>,
    address: &AbsResourceInstance,
    reason: Reason,
    after: Value,
) -> ResourceChange {
    ResourceChange {
        address: address.clone(),
        previous_address: None,
        deposed: None,
        provider: subject.provider().address.clone(),
        action: Action::Read,
        reason,
        before: Value::null(subject.schema.ty.clone()),
        after,
        private: Vec::new(),
        required_replace: Vec::new(),
        importing: None,
        generated_config: None,
        create_before_destroy: false,
    }
}
