//! Destroying or forgetting one object.

use std::sync::Arc;

use ::plan::Action;
use addrs::DeposedKey;
use diag::{Diagnostic, Diagnostics};
use state::ObjectState;
use value::{Str, Value};

use super::record::Begun;
use super::{Applying, Slot};
use crate::HookObject;
use crate::compare::{BUG, Subject};
use crate::eval::object_id;
use crate::reads::first_error;

impl Applying {
    pub(super) async fn destroy(&self, at: usize, slot: Slot) -> Diagnostics {
        let change = &self.plan.changes[at];
        let Some(id) = self.program().resource_id(&change.address.config()) else {
            return Diagnostics::new();
        };
        let info = self.program().resource(id);
        let Some(schema) = &info.schema else { return Diagnostics::new() };
        let subject = Subject { session: &self.session, info, schema, address: &change.address };
        let deposed = match change.action {
            Action::CreateThenDelete => {
                self.deposed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&at).cloned()
            }
            _ => change.deposed.clone(),
        };
        if change.action == Action::CreateThenDelete && deposed.is_none() {
            // There was no old object after all.
            return Diagnostics::new();
        }
        self.destroy_object(&subject, at, deposed.as_ref(), slot)
            .await
            .unwrap_or_else(|errors| errors)
            .with_address(&change.address)
    }

    async fn destroy_object(
        &self,
        subject: &Subject<'_>,
        at: usize,
        deposed: Option<&DeposedKey>,
        slot: Slot,
    ) -> Result<Diagnostics, Diagnostics> {
        let change = &self.plan.changes[at];
        let Some(object) = self.stored_object(subject, deposed) else { return Ok(Diagnostics::new()) };
        let prior = change.before.unmark_deep();
        let null = Value::null(subject.schema.ty.clone());
        let private =
            if change.action == Action::Delete { change.private.clone() } else { object.private.clone() };
        let begun = Begun { action: "delete", planned: &null, config: &null, private: &private };
        let token = self.record_start(subject, change, deposed, begun).await?;
        let hooks = &self.session.operation.hooks;
        let hook = HookObject { address: subject.address, deposed, id: object_id(&change.before) };
        hooks.apply_start(&hook, Action::Delete);
        let configured = self.session.configured(subject.info.provider)?;
        let request = provider::ApplyRequest {
            type_name: subject.type_name(),
            prior: prior.clone(),
            planned: null.clone(),
            config: null,
            private,
            token: Str::from(token.as_str()),
        };
        let provider = &subject.provider().address.provider;
        let answer = self.session.calls.make(provider, async move { configured.apply(request).await }).await;
        drop(slot);
        let response = match answer {
            Ok(response) => response,
            Err(crash) => {
                hooks.apply_end(&hook, Action::Delete, Some(&crash.summary));
                return Err(crash.into());
            }
        };
        let mut findings = response.diagnostics;
        if !response.state.is_null() && !findings.has_errors() {
            findings.push(Diagnostic::error(
                "Provider returned invalid result object after apply",
                format!(
                    "After applying a delete plan, the provider \"{}\" returned a non-null object for {}. Destroying must leave nothing behind.{BUG}",
                    provider.for_display(),
                    subject.address
                ),
            ));
        }
        let left = self.left_over(&object, subject, &prior, &response.state, response.private)?;
        hooks.apply_end(&hook, Action::Delete, first_error(&findings).as_deref());
        self.record_object(Some(token), subject.address, deposed, &subject.provider().address, left).await?;
        Ok(findings)
    }

    fn stored_object(&self, subject: &Subject<'_>, deposed: Option<&DeposedKey>) -> Option<Arc<ObjectState>> {
        let state = self.state();
        let instance = state.instance(subject.address)?;
        match deposed {
            Some(key) => instance.deposed.get(key).cloned(),
            None => instance.current.clone(),
        }
    }

    /// What the state keeps when a destruction did not succeed.
    fn left_over(
        &self,
        object: &Arc<ObjectState>,
        subject: &Subject<'_>,
        prior: &Value,
        now: &Value,
        private: Vec<u8>,
    ) -> Result<Option<Arc<ObjectState>>, Diagnostics> {
        if now.is_null() {
            return Ok(None);
        }
        if now == prior || !now.is_wholly_known() {
            return Ok(Some(Arc::clone(object)));
        }
        let attributes = value::json::to_json(now, &subject.schema.ty).map_err(|error| {
            Diagnostic::error("Failed to encode an object for the state", error.to_string())
                .address(subject.address)
        })?;
        Ok(Some(Arc::new(ObjectState {
            attributes: attributes.into(),
            schema_version: subject.schema.schema.version,
            private,
            ..(**object).clone()
        })))
    }

    pub(super) async fn forget(&self, at: usize) -> Diagnostics {
        let change = &self.plan.changes[at];
        self.record_object(None, &change.address, change.deposed.as_ref(), &change.provider, None)
            .await
            .err()
            .unwrap_or_default()
    }
}
