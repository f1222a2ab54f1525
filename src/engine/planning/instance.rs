//! Planning one instance of a managed resource.

use std::sync::Arc;

use ::plan::{Action, Importing, Mode, Reason, ResourceChange};
use config::ResourceConfig;
use diag::{Diagnostic, Diagnostics};
use provider::PlanResponse;
use state::ObjectStatus;
use value::{Marks, Path, Value};

use super::Planning;
use super::ignore::ignore_changes;
use super::imports::unknown_id;
use super::priors::{Prior, StateUpdate};
use super::resource::{Instance, Planned};
use crate::HookObject;
use crate::compare::{Subject, parts};
use crate::eval::{kept_marks, mark_by_schema, object_id};

/// What is to be done with the object, before marks and reasons of the outside.
struct Decision {
    action: Action,
    reason: Reason,
    planned: Value,
    required_replace: Vec<Path>,
    private: Vec<u8>,
}

impl Planning {
    pub(super) async fn plan_managed(&self, instance: Instance<'_>) -> Planned {
        let mut out = Planned::default();
        let info = self.program().resource(instance.id);
        let Some((schema, block)) = parts(info) else { return out };
        let subject = Subject { session: &self.session, info, schema, address: &instance.address };
        self.plan_deposed(&instance, &subject, &mut out).await;
        let (prior, importing) = match self.prior(&instance, &subject, &mut out).await {
            Ok(found) => found,
            Err(errors) => {
                out.diagnostics.extend(errors);
                return out;
            }
        };
        if self.request.mode == Mode::RefreshOnly {
            let value = prior.map_or_else(Value::dynamic, |prior| prior.shown(schema));
            // What does not hold is only warned of, so that there are no errors.
            let _ = self.preconditions(&instance, block, &mut out.diagnostics);
            self.postconditions(&instance, block, &value, &mut out.diagnostics);
            out.value = Some(value);
            return out;
        }
        let hooks = &self.session.operation.hooks;
        let hook = HookObject {
            address: &instance.address,
            deposed: None,
            id: prior.as_ref().and_then(|prior| object_id(&prior.shown(schema))),
        };
        hooks.plan_start(&hook);
        match self.decide(&instance, &subject, block, prior.as_ref(), &mut out.diagnostics).await {
            Ok((decision, marks)) => {
                hooks.plan_end(&hook, decision.action, decision.reason);
                self.conclude(
                    &instance,
                    &subject,
                    block,
                    prior.as_ref(),
                    decision,
                    &marks,
                    importing,
                    &mut out,
                );
            }
            Err(errors) => out.diagnostics.extend(errors),
        }
        out
    }

    /// The object as it is now, from the refresh or an import; notes what the prior state has.
    async fn prior(
        &self,
        instance: &Instance<'_>,
        subject: &Subject<'_>,
        out: &mut Planned,
    ) -> Result<(Option<Prior>, Option<Importing>), Diagnostics> {
        let stored = instance.prior.and_then(|prior| prior.current.clone());
        if let Some(prior) = stored {
            if prior.diagnostics.has_errors() {
                return Err(prior.diagnostics);
            }
            out.diagnostics.extend(prior.diagnostics.clone());
            self.note_refreshed(instance, subject, &prior, out)?;
            return Ok(((!prior.value.is_null()).then_some(prior), None));
        }
        let Some(import) = self.imports.of(instance.id, &instance.address) else { return Ok((None, None)) };
        let Some(id) = import.id.clone() else {
            return Err(unknown_id(import.id_span).into());
        };
        let prior = self.import_object(subject, &id).await?;
        self.note_refreshed(instance, subject, &prior, out)?;
        Ok((Some(prior), Some(Importing { id: Some(id) })))
    }

    fn note_refreshed(
        &self,
        instance: &Instance<'_>,
        subject: &Subject<'_>,
        prior: &Prior,
        out: &mut Planned,
    ) -> Result<(), Diagnostics> {
        let object = prior.refreshed(subject.schema, instance.dependencies).map_err(|error| {
            Diagnostic::error("Failed to encode an object for the state", error.to_string())
                .address(&instance.address)
        })?;
        let stored = self.previous.instance(&instance.address).and_then(|i| i.current.as_ref());
        if object.as_ref().map(Arc::as_ptr) != stored.map(Arc::as_ptr) {
            out.updates.push(StateUpdate {
                address: instance.address.clone(),
                deposed: None,
                provider: subject.provider().address.clone(),
                object,
            });
        }
        Ok(())
    }

    async fn decide(
        &self,
        instance: &Instance<'_>,
        subject: &Subject<'_>,
        block: &ResourceConfig,
        prior: Option<&Prior>,
        diagnostics: &mut Diagnostics,
    ) -> Result<(Decision, Vec<(Path, Marks)>), Diagnostics> {
        self.preconditions(instance, block, diagnostics)?;
        let (config, findings) = subject.config(block, instance.table, &instance.repetition);
        let Some(config) = config else { return Err(findings) };
        diagnostics.extend(findings);
        let null = Value::null(subject.schema.ty.clone());
        let before = prior.map_or(&null, |prior| &prior.value);
        let tainted = prior.is_some_and(|prior| prior.object.status == ObjectStatus::Tainted);
        let config =
            if tainted { config } else { ignore_changes(&block.lifecycle.ignore_changes, before, &config) };
        let (unmarked, marks) = config.unmark_deep_with_paths();
        let marks = kept_marks(&subject.schema.schema.block, marks);
        let before = before.unmark_deep();
        let private = prior.map_or(&[][..], |prior| &prior.private);

        if tainted || before.is_null() {
            let response = subject.plan(&null, &unmarked, &[]).await?;
            let (action, reason) = if tainted {
                (self.replacement(instance.id), Reason::ReplaceBecauseTainted)
            } else {
                (Action::Create, Reason::None)
            };
            return Ok((Decision::new(action, reason, response, diagnostics), marks));
        }

        let response = subject.plan(&before, &unmarked, private).await?;
        let required: Vec<Path> = response
            .requires_replace
            .iter()
            .filter(|path| really_changes(path, &before, &response.planned))
            .cloned()
            .collect();
        let reason = self.replace_reason(instance, block, &required)?;
        if reason == Reason::None {
            let same = response.planned == before;
            let marks_differ = prior.is_some_and(|prior| !same_marks(&prior.value, &marks));
            let action = if same && !marks_differ { Action::NoOp } else { Action::Update };
            return Ok((Decision::new(action, reason, response, diagnostics), marks));
        }
        // What a new object would be like, without anything taken over from the old one.
        let response = subject.plan(&null, &unmarked, &[]).await?;
        let mut decision = Decision::new(self.replacement(instance.id), reason, response, diagnostics);
        decision.required_replace = required;
        Ok((decision, marks))
    }

    fn replacement(&self, id: crate::program::ResourceId) -> Action {
        if self.replaced_first.contains(&id) { Action::CreateThenDelete } else { Action::DeleteThenCreate }
    }

    fn replace_reason(
        &self,
        instance: &Instance<'_>,
        block: &ResourceConfig,
        required: &[Path],
    ) -> Result<Reason, Diagnostics> {
        if self.force_replace.contains(&instance.address) {
            return Ok(Reason::ReplaceByRequest);
        }
        if !required.is_empty() {
            return Ok(Reason::ReplaceBecauseCannotUpdate);
        }
        let triggers = &block.lifecycle.replace_triggered_by;
        if triggers.is_empty() {
            return Ok(Reason::None);
        }
        let scope = self.session.surroundings.scope(instance.table).with_repetition(&instance.repetition);
        let module = self.program().module(instance.table.module);
        let fires =
            self.triggered.fires(self.program(), module, &instance.table.address, triggers, &scope)?;
        Ok(if fires { Reason::ReplaceByTriggers } else { Reason::None })
    }

    #[expect(clippy::too_many_arguments, reason = "the last step joins what the ones before it found")]
    fn conclude(
        &self,
        instance: &Instance<'_>,
        subject: &Subject<'_>,
        block: &ResourceConfig,
        prior: Option<&Prior>,
        decision: Decision,
        marks: &[(Path, Marks)],
        importing: Option<Importing>,
        out: &mut Planned,
    ) {
        let after = mark_by_schema(subject.schema, &decision.planned.mark_with_paths(marks.iter().cloned()));
        let before =
            prior.map_or_else(|| Value::null(subject.schema.ty.clone()), |prior| prior.shown(subject.schema));
        if decision.action.is_replace() && block.lifecycle.prevent_destroy {
            out.diagnostics.push(prevented(&instance.address, block));
        }
        self.postconditions(instance, block, &after, &mut out.diagnostics);
        out.changes.push(ResourceChange {
            address: instance.address.clone(),
            previous_address: self.moves.previous(&instance.address),
            deposed: None,
            provider: subject.provider().address.clone(),
            action: decision.action,
            reason: decision.reason,
            before,
            after: after.clone(),
            private: decision.private,
            required_replace: decision.required_replace,
            generated_config: None,
            importing,
            create_before_destroy: self.replaced_first.contains(&instance.id),
        });
        out.value = Some(after);
    }

    /// Objects left behind by unfinished replacements are destroyed.
    async fn plan_deposed(&self, instance: &Instance<'_>, subject: &Subject<'_>, out: &mut Planned) {
        if self.request.mode == Mode::RefreshOnly {
            return;
        }
        for (key, prior) in instance.prior.iter().flat_map(|prior| &prior.deposed) {
            self.plan_delete_object(
                subject,
                Some(key),
                prior,
                Action::Delete,
                Reason::None,
                instance.dependencies,
                out,
            )
            .await;
        }
    }
}

impl Decision {
    fn new(action: Action, reason: Reason, response: PlanResponse, diagnostics: &mut Diagnostics) -> Self {
        diagnostics.extend(response.diagnostics);
        Self {
            action,
            reason,
            planned: response.planned,
            required_replace: Vec::new(),
            private: response.private,
        }
    }
}

/// Providers may name attributes that in the end do not change.
fn really_changes(path: &Path, before: &Value, planned: &Value) -> bool {
    match (path.get(before), path.get(planned)) {
        (Some(before), Some(after)) => before != after,
        (None, None) => false,
        _ => true,
    }
}

/// The same sensitive places in the stored object and in the new configuration.
fn same_marks(prior: &Value, marks: &[(Path, Marks)]) -> bool {
    let (_, stored) = prior.unmark_deep_with_paths();
    stored.len() == marks.len() && stored.iter().all(|mark| marks.contains(mark))
}

pub(super) fn prevented(address: &addrs::AbsResourceInstance, block: &ResourceConfig) -> Diagnostic {
    Diagnostic::error(
        "Instance cannot be destroyed",
        format!(
            "Resource {address} has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To avoid this error and continue with the plan, either disable lifecycle.prevent_destroy or reduce the scope of the plan using the -target option."
        ),
    )
    .at(block.span)
    .address(address)
}
