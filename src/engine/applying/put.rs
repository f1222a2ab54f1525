//! Creating or updating one object.

use std::sync::Arc;

use ::plan::{Action, ResourceChange};
use addrs::{AbsResourceInstance, DeposedKey};
use diag::{Diagnostic, Diagnostics};
use provider::{ApplyResponse, Settled, assert_compatible};
use state::ObjectStatus;
use value::{Marks, Path, Str, Value};

use super::record::Begun;
use super::{Applying, Slot};
use crate::HookObject;
use crate::compare::{BUG, Subject, parts};
use crate::eval::{ModuleTable, Repetition, encode_object, kept_marks, mark_by_schema, object_id};
use crate::planning::ignore_changes;
use crate::reads::first_error;

/// One change with everything about its instance.
struct Put<'a> {
    subject: Subject<'a>,
    change: &'a ResourceChange,
    block: &'a config::ResourceConfig,
    table: Arc<ModuleTable>,
    repetition: Repetition,
}

/// What the provider is asked for.
struct Proposal {
    prior: Value,
    config: Value,
    marks: Vec<(Path, Marks)>,
    planned: Value,
    private: Vec<u8>,
}

impl Applying {
    pub(super) async fn put(&self, at: usize, slot: Slot) -> Diagnostics {
        let change = &self.plan.changes[at];
        let Some(id) = self.program().resource_id(&change.address.config()) else {
            return Diagnostics::new();
        };
        let info = self.program().resource(id);
        let Some((schema, block)) = parts(info) else { return Diagnostics::new() };
        let subject = Subject { session: &self.session, info, schema, address: &change.address };
        let Some((table, repetition)) = self.instance(id, &change.address) else {
            return Diagnostic::error(
                "Instance no longer exists",
                format!(
                    "The configuration no longer has {}, for which the plan has a change. Create a new plan.",
                    change.address
                ),
            )
            .into();
        };
        let put = Put { subject, change, block, table, repetition };
        let mut diagnostics = Diagnostics::new();
        match self.propose(&put, &mut diagnostics).await {
            Ok(proposal) => {
                let result = self.carry_out(at, &put, proposal, slot, &mut diagnostics).await;
                if let Err(errors) = result {
                    diagnostics.extend(errors);
                }
            }
            Err(errors) => diagnostics.extend(errors),
        }
        put.subject.placed(diagnostics)
    }

    /// Evaluates the configuration again, now with what was unknown, and plans again: the result must be what the
    /// plan promised.
    async fn propose(&self, put: &Put<'_>, diagnostics: &mut Diagnostics) -> Result<Proposal, Diagnostics> {
        let Put { subject, change, block, table, repetition } = put;
        let findings = self.session.preconditions(&block.lifecycle, subject.address, table, repetition);
        diagnostics.extend(findings.into_result()?);
        let (config, findings) = subject.config(block, table, repetition);
        let Some(config) = config else { return Err(findings) };
        diagnostics.extend(findings);
        if !config.is_wholly_known() {
            return Err(Diagnostic::error(
                "Configuration contains unknown value",
                format!("The configuration for {} still contains unknown values during apply (this is a bug: please report it).", subject.address),
            )
            .into());
        }
        let tainted = change.reason == ::plan::Reason::ReplaceBecauseTainted;
        let config = match change.action {
            Action::Create => config,
            _ if tainted => config,
            _ => {
                let stored = self.stored_marked(subject, change);
                ignore_changes(&block.lifecycle.ignore_changes, &stored, &config)
            }
        };
        let (unmarked, marks) = config.unmark_deep_with_paths();
        let marks = kept_marks(&subject.schema.schema.block, marks);
        let (prior, private) = if change.action == Action::Update {
            (change.before.unmark_deep(), self.stored_private(change))
        } else {
            (Value::null(subject.schema.ty.clone()), Vec::new())
        };
        let response = subject.plan(&prior, &unmarked, &private).await?;
        diagnostics.extend(response.diagnostics);
        let promised = change.after.unmark_deep();
        let problems = assert_compatible(&subject.schema.schema.block, &promised, &response.planned);
        if !problems.is_empty() {
            return Err(subject.contradictions(
                "Provider produced inconsistent final plan",
                "when expanding the plan to include new values learned so far during apply, produced an invalid new value for",
                problems,
            ));
        }
        Ok(Proposal {
            prior,
            config: config.clone(),
            marks,
            planned: response.planned,
            private: response.private,
        })
    }

    async fn carry_out(
        &self,
        at: usize,
        put: &Put<'_>,
        proposal: Proposal,
        slot: Slot,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Diagnostics> {
        let Put { subject, change, .. } = put;
        let action = if change.action == Action::Update { Action::Update } else { Action::Create };
        let verb = if action == Action::Update { "update" } else { "create" };
        let begun = Begun {
            action: verb,
            planned: &proposal.planned,
            config: &proposal.config,
            private: &proposal.private,
        };
        let token = self.record_start(subject, change, None, begun).await?;
        let hooks = &self.session.operation.hooks;
        let id = object_id(&change.before).filter(|_| action == Action::Update);
        hooks.apply_start(&HookObject { address: subject.address, deposed: None, id }, action);
        let answer = self.ask(subject, &proposal, &token).await;
        drop(slot);
        let (response, found) = match answer {
            Ok(response) => {
                let found = judge(subject, &proposal, &response);
                (response, found)
            }
            Err(crash) => {
                // Nothing is known: the start stays in the journal for the next run to find out about.
                hooks.apply_end(
                    &HookObject { address: subject.address, deposed: None, id: None },
                    action,
                    Some(&crash.summary),
                );
                return Err(crash.into());
            }
        };
        let mut findings = response.diagnostics.clone();
        findings.extend(found);
        let failed = findings.has_errors();
        let value = self.keep(at, put, &proposal, &response, failed, token).await?;
        let hook = HookObject { address: subject.address, deposed: None, id: object_id(&value) };
        hooks.apply_end(&hook, action, first_error(&findings).as_deref());
        diagnostics.extend(findings);
        if !failed {
            let Put { subject, block, table, repetition, .. } = put;
            diagnostics.extend(self.session.postconditions(
                &block.lifecycle,
                subject.address,
                table,
                repetition,
                &value,
            ));
        }
        self.values().insert(subject.address.clone(), value);
        Ok(())
    }

    async fn ask(
        &self,
        subject: &Subject<'_>,
        proposal: &Proposal,
        token: &str,
    ) -> Result<ApplyResponse, Diagnostic> {
        let configured = self.session.configured(subject.info.provider)?;
        let request = provider::ApplyRequest {
            type_name: subject.type_name(),
            prior: proposal.prior.clone(),
            planned: proposal.planned.clone(),
            config: proposal.config.unmark_deep(),
            private: proposal.private.clone(),
            token: Str::from(token),
        };
        let provider = &subject.provider().address.provider;
        self.session.calls.make(provider, async move { configured.apply(request).await }).await
    }

    /// Records what exists now, and returns it with its marks.
    async fn keep(
        &self,
        at: usize,
        put: &Put<'_>,
        proposal: &Proposal,
        response: &ApplyResponse,
        failed: bool,
        token: String,
    ) -> Result<Value, Diagnostics> {
        let Put { subject, change, .. } = put;
        let provider = &subject.provider().address;
        let creates = change.action != Action::Update;
        // Unknown values cannot be stored; what they would have been is for the next refresh to find.
        let state = without_unknown(&response.state);
        if state.is_null() {
            let object = if change.action == Action::CreateThenDelete {
                // The old object is still the current one.
                self.state().instance(subject.address).and_then(|instance| instance.current.clone())
            } else {
                None
            };
            self.record_object(Some(token), subject.address, None, provider, object).await?;
            return Ok(state);
        }
        let status = if creates && failed { ObjectStatus::Tainted } else { ObjectStatus::Ready };
        let id = self.program().resource_id(&subject.address.config());
        let dependencies =
            id.and_then(|id| self.dependencies.get(&id).cloned()).unwrap_or_else(|| Arc::new([]));
        let object = encode_object(
            subject.schema,
            &state,
            &proposal.marks,
            response.private.clone(),
            status,
            &dependencies,
            change.create_before_destroy,
        )
        .map_err(|error| error.address(subject.address))?;
        if change.action == Action::CreateThenDelete
            && let Some(key) = self.record_deposed(subject.address, provider).await?
        {
            self.remember_deposed(at, key);
        }
        self.record_object(Some(token), subject.address, None, provider, Some(Arc::new(object))).await?;
        if creates {
            let settled = Settled { type_name: subject.type_name(), state: state.clone() };
            self.created.add(subject.info.provider, settled);
        }
        Ok(mark_by_schema(subject.schema, &state.mark_with_paths(proposal.marks.iter().cloned())))
    }

    fn remember_deposed(&self, at: usize, key: DeposedKey) {
        self.deposed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(at, key);
    }

    fn instance(
        &self,
        id: crate::program::ResourceId,
        address: &AbsResourceInstance,
    ) -> Option<(Arc<ModuleTable>, Repetition)> {
        let table = self.session.table(&address.module)?;
        let repetition = table.expansion(self.program(), id)?.repetition(&address.key)?;
        Some((table, repetition))
    }

    /// The prior object with the marks that the state stores.
    fn stored_marked(&self, subject: &Subject<'_>, change: &ResourceChange) -> Value {
        let before = change.before.unmark_deep();
        let prior = self.plan.prior_state.instance(subject.address);
        match prior.and_then(|instance| instance.current.as_ref()) {
            Some(object) => object.mark_sensitive(&before),
            None => before,
        }
    }

    fn stored_private(&self, change: &ResourceChange) -> Vec<u8> {
        let prior = self.plan.prior_state.instance(&change.address);
        prior.and_then(|i| i.current.as_ref()).map(|object| object.private.clone()).unwrap_or_default()
    }
}

/// What contradicts the plan in the provider's answer.
fn judge(subject: &Subject<'_>, proposal: &Proposal, response: &ApplyResponse) -> Diagnostics {
    let provider = subject.provider().address.provider.for_display();
    let failed = response.diagnostics.has_errors();
    let state = &response.state;
    if state.is_null() {
        if failed {
            return Diagnostics::new();
        }
        return Diagnostic::error(
            "Provider produced inconsistent result after apply",
            format!(
                "When applying changes to {}, provider \"{provider}\" produced an unexpected new value: Root object was present, but now absent.{BUG}",
                subject.address
            ),
        )
        .into();
    }
    if !state.is_wholly_known() && !failed {
        return Diagnostic::error(
            "Provider returned invalid result object after apply",
            format!(
                "After the apply operation, the provider \"{provider}\" still indicated an unknown value for {}{}. All values must be known after apply, so this is always a bug in the provider and should be reported in the provider's own repository.",
                subject.address,
                first_unknown(state, &Path::root()).unwrap_or_default()
            ),
        )
        .into();
    }
    if failed {
        return Diagnostics::new();
    }
    let problems = assert_compatible(&subject.schema.schema.block, &proposal.planned, state);
    subject.contradictions(
        "Provider produced inconsistent result after apply",
        "produced an unexpected new value for",
        problems,
    )
}

fn first_unknown(value: &Value, at: &Path) -> Option<Path> {
    if !value.is_known() {
        return Some(at.clone());
    }
    if let Some(entries) = value.entries() {
        return entries.iter().find_map(|(name, value)| first_unknown(value, &at.attr(name.clone())));
    }
    (!value.is_wholly_known()).then(|| at.clone())
}

/// Null in place of unknown.
fn without_unknown(value: &Value) -> Value {
    if value.is_wholly_known() {
        return value.clone();
    }
    match value.entries() {
        Some(entries) => Value::object(
            entries.iter().map(|(name, value)| (name.clone(), without_unknown(value))).collect(),
        ),
        None => Value::null(value.ty()),
    }
}
