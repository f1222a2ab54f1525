//! Root outputs, and the plan from what the walk has found.

use std::collections::BTreeMap;

use ::plan::{Action, Mode, OutputChange, Plan, ResourceChange};
use addrs::{ModuleInstance, ModulePath, Name};
use diag::Diagnostics;
use state::{CheckKind, State};
use value::{Kind, Type, Value};

use super::{Planning, Results};
use crate::PlanRequest;
use crate::program::ModuleId;

use super::relevant::relevant_attributes;

impl Planning {
    pub(super) fn output(&self, module: ModuleId, at: u32) -> Diagnostics {
        let diagnostics = self.session.output(module, at);
        let info = self.program().module(module);
        if info.parent.is_none() && !diagnostics.has_errors() {
            let output = info.outputs.get(at);
            let table = self.session.tables().root();
            if let Some(value) = table.outputs[at as usize].get()
                && self.request.mode != Mode::Destroy
            {
                let before = self.previous.outputs.get(&output.name);
                let change = output_change(&output.name, before, value.clone(), output.sensitive);
                self.results().outputs.insert(output.name.clone(), change);
            }
        }
        diagnostics
    }

    pub(super) async fn finish(self, mut diagnostics: Diagnostics) -> (Plan, Diagnostics) {
        self.outputs_without_config();
        let mut results = std::mem::take(&mut *self.results());
        if changes_something(&results) {
            results.changes.append(&mut results.read_again);
        }
        sort(&mut results.changes);
        sort(&mut results.drift);
        results.doubtful.sort();
        let mut prior = self.previous.clone();
        for update in results.updates {
            match update.deposed {
                Some(key) => prior.set_deposed(&update.address, &update.provider, key, update.object),
                None => prior.set_current(&update.address, &update.provider, update.object),
            }
        }
        let root = &self.program().config.root;
        let is_ephemeral = |name: &Name| root.variables.get(name).is_some_and(|v| v.ephemeral);
        let given = &self.request.operation.variables;
        let mut plan = Plan {
            mode: self.request.mode,
            changes: results.changes,
            drift: results.drift,
            outputs: results.outputs,
            previous_state: self.previous.clone(),
            prior_state: prior,
            variables: given
                .values
                .iter()
                .filter(|(name, _)| !is_ephemeral(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            ephemeral_variables: given.set.iter().filter(|name| is_ephemeral(name)).cloned().collect(),
            targets: self.request.targets.clone(),
            force_replace: self.request.force_replace.clone(),
            checks: self.session.checks().results(),
            relevant_attributes: Vec::new(),
            timestamp: self.request.timestamp,
            errored: diagnostics.has_errors(),
            rollouts: Vec::new(),
            doubtful: results.doubtful,
        };
        plan.relevant_attributes = relevant_attributes(self.program(), &plan);
        diagnostics.extend(self.moves.warning());
        diagnostics.extend(super::notices::notices(&plan));
        if !plan.errored {
            diagnostics.extend(super::review::review(&self.session, &mut plan).await);
            plan.errored = diagnostics.has_errors();
        }
        (plan, diagnostics)
    }

    fn outputs_without_config(&self) {
        let root = &self.program().config.root;
        let destroys_everything = self.request.mode == Mode::Destroy && self.targeting.is_everything();
        if self.request.mode == Mode::Destroy {
            // They are there, and not evaluated.
            for name in root.outputs.keys().map(|name| format!("output.{name}")) {
                let (path, instance) = (ModulePath::root(), ModuleInstance::root());
                self.session.checks().announce(CheckKind::Output, &path, &name, &instance, &name);
            }
        }
        let mut results = self.results();
        for (name, output) in &self.previous.outputs {
            if (!root.outputs.contains_key(name) && self.targeting.is_everything()) || destroys_everything {
                results.outputs.insert(
                    name.clone(),
                    OutputChange {
                        name: name.clone(),
                        action: Action::Delete,
                        before: output.value.clone(),
                        after: Value::null(Type::Dynamic),
                        sensitive: output.sensitive,
                    },
                );
            }
        }
    }
}

fn output_change(
    name: &Name,
    before: Option<&state::OutputState>,
    after: Value,
    sensitive: bool,
) -> OutputChange {
    let was = before.map_or_else(|| Value::null(Type::Dynamic), |output| output.value.clone());
    let same_sensitivity = before.is_some_and(|output| output.sensitive == sensitive);
    let action = match (was.kind(), after.kind()) {
        (Kind::Null(_), Kind::Null(_)) => Action::NoOp,
        (Kind::Null(_), _) if before.is_none() => Action::Create,
        _ if same_sensitivity && after.is_wholly_known() && was.unmark_deep() == after.unmark_deep() => {
            Action::NoOp
        }
        _ => Action::Update,
    };
    OutputChange { name: name.clone(), action, before: was, after, sensitive }
}

fn changes_something(results: &Results) -> bool {
    results.changes.iter().any(ResourceChange::is_effective)
        || results.outputs.values().any(|o| o.action != Action::NoOp)
}

/// By address, the current object before deposed ones.
fn sort(changes: &mut [ResourceChange]) {
    changes.sort_by(|a, b| (&a.address, &a.deposed).cmp(&(&b.address, &b.deposed)));
}

/// The plan of an operation that ended before it began.
pub(super) fn empty(request: &PlanRequest, previous: State) -> Plan {
    Plan {
        mode: request.mode,
        changes: Vec::new(),
        drift: Vec::new(),
        outputs: BTreeMap::new(),
        prior_state: previous.clone(),
        previous_state: previous,
        variables: BTreeMap::new(),
        ephemeral_variables: Vec::new(),
        targets: request.targets.clone(),
        force_replace: request.force_replace.clone(),
        checks: Vec::new(),
        relevant_attributes: Vec::new(),
        timestamp: request.timestamp,
        errored: true,
        rollouts: Vec::new(),
        doubtful: Vec::new(),
    }
}
