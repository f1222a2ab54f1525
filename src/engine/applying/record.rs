//! Making progress durable, and the state after it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ::plan::ResourceChange;
use addrs::{AbsResourceInstance, DeposedKey};
use diag::{Diagnostic, Diagnostics};
use state::ObjectState;
use state::journal::{Record, Started};
use value::{Value, msgpack};

use super::Applying;
use crate::compare::Subject;
use crate::eval::{without_ephemeral, without_write_only};

/// What a provider is about to be asked.
pub(super) struct Begun<'a> {
    /// `create`, `update`, `delete`.
    pub action: &'a str,
    pub planned: &'a Value,
    pub config: &'a Value,
    pub private: &'a [u8],
}

impl Applying {
    /// Makes the start of a change durable and gives the token that it has.
    pub(super) async fn record_start(
        &self,
        subject: &Subject<'_>,
        change: &ResourceChange,
        deposed: Option<&DeposedKey>,
        begun: Begun<'_>,
    ) -> Result<String, Diagnostics> {
        let Begun { action, planned, config, private } = begun;
        let token = uuid::Uuid::new_v4().to_string();
        let encode = |value: &Value| {
            msgpack::encode(&value.unmark_deep(), &subject.schema.ty).map_err(|error| {
                Diagnostic::error(
                    "Failed to record a change",
                    format!("The planned change cannot be written to the journal: {error}."),
                )
                .address(subject.address)
            })
        };
        let kept = without_write_only(&subject.schema.schema.block, &without_ephemeral(config));
        let id = self.program().resource_id(&subject.address.config());
        let started = Started {
            token: token.clone(),
            address: subject.address.clone(),
            deposed: deposed.cloned(),
            provider: subject.provider().address.clone(),
            action: action.to_owned(),
            schema_version: subject.schema.schema.version,
            planned: encode(planned)?,
            config: encode(&kept)?,
            private: private.to_vec(),
            dependencies: id
                .and_then(|id| self.dependencies.get(&id).cloned())
                .unwrap_or_else(|| Arc::new([])),
            create_before_destroy: change.create_before_destroy,
        };
        match self.recorder.started(started).await {
            Ok(()) => Ok(token),
            Err(errors) => Err(self.halt(errors)),
        }
    }

    /// Makes what an instance's object is now durable, and the state so.
    pub(super) async fn record_object(
        &self,
        token: Option<String>,
        address: &AbsResourceInstance,
        deposed: Option<&DeposedKey>,
        provider: &addrs::AbsProviderConfig,
        object: Option<Arc<ObjectState>>,
    ) -> Result<(), Diagnostics> {
        // The state first: it is true even if it cannot be written.
        match deposed {
            Some(key) => self.state().set_deposed(address, provider, key.clone(), object.clone()),
            None => self.state().set_current(address, provider, object.clone()),
        }
        let record = Record::Finished {
            token,
            address: address.clone(),
            deposed: deposed.cloned(),
            provider: provider.clone(),
            object,
        };
        self.recorder.finished(record).await.map_err(|errors| self.halt(errors))
    }

    /// Lets the current object wait under a key for its destruction.
    pub(super) async fn record_deposed(
        &self,
        address: &AbsResourceInstance,
        provider: &addrs::AbsProviderConfig,
    ) -> Result<Option<DeposedKey>, Diagnostics> {
        let key = {
            let mut state = self.state();
            let Some(current) = state.instance(address).and_then(|instance| instance.current.clone()) else {
                return Ok(None);
            };
            let key = new_key(&state, address);
            state.set_deposed(address, provider, key.clone(), Some(current));
            state.set_current(address, provider, None);
            key
        };
        let record =
            Record::Deposed { address: address.clone(), provider: provider.clone(), key: key.clone() };
        self.recorder.finished(record).await.map_err(|errors| self.halt(errors))?;
        Ok(Some(key))
    }

    /// Moved and imported objects are at their addresses from the start: what is recorded later refers to those.
    pub(super) async fn record_moves(&self) -> Result<(), Diagnostics> {
        for change in self.plan.changes.iter().filter(|c| c.importing.is_some() && c.deposed.is_none()) {
            let imported = self.plan.prior_state.instance(&change.address).and_then(|i| i.current.clone());
            let record = finished(&change.address, None, &change.provider, imported);
            self.recorder.finished(record).await.map_err(|errors| self.halt(errors))?;
        }
        for change in &self.plan.changes {
            let Some(previous) = change.previous_address.as_ref().filter(|_| change.deposed.is_none()) else {
                continue;
            };
            let Some(instance) = self.plan.prior_state.instance(&change.address).cloned() else { continue };
            let provider = &change.provider;
            let was = self.plan.previous_state.resources.get(&previous.containing());
            let provider_before = was.map_or(provider, |resource| &resource.provider);
            let mut records = vec![finished(&change.address, None, provider, instance.current.clone())];
            for (key, object) in &instance.deposed {
                records.push(finished(&change.address, Some(key), provider, Some(Arc::clone(object))));
                records.push(finished(previous, Some(key), provider_before, None));
            }
            records.push(finished(previous, None, provider_before, None));
            for record in records {
                self.recorder.finished(record).await.map_err(|errors| self.halt(errors))?;
            }
        }
        Ok(())
    }

    pub(super) async fn record_output(&self, record: Record) -> Result<(), Diagnostics> {
        self.recorder.finished(record).await.map_err(|errors| self.halt(errors))
    }

    /// What cannot be recorded must not go on.
    fn halt(&self, errors: Diagnostics) -> Diagnostics {
        self.halted.store(true, Ordering::Release);
        errors
    }
}

fn finished(
    address: &AbsResourceInstance,
    deposed: Option<&DeposedKey>,
    provider: &addrs::AbsProviderConfig,
    object: Option<Arc<ObjectState>>,
) -> Record {
    Record::Finished {
        token: None,
        address: address.clone(),
        deposed: deposed.cloned(),
        provider: provider.clone(),
        object,
    }
}

fn new_key(state: &state::State, address: &AbsResourceInstance) -> DeposedKey {
    loop {
        let text: addrs::Name = uuid::Uuid::new_v4().simple().to_string().chars().take(8).collect();
        let key = DeposedKey(text);
        let taken = state.instance(address).is_some_and(|instance| instance.deposed.contains_key(&key));
        if !taken {
            return key;
        }
    }
}
