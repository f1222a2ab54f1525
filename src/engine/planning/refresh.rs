//! Reading the objects of a provider configuration, all in one call.

use std::sync::Arc;

use addrs::{AbsResourceInstance, DeposedKey, Mode};
use diag::{Diagnostic, Diagnostics};
use plan::{Action, Reason, ResourceChange};
use provider::ReadRequest;
use state::ObjectState;
use value::{Str, Value};

use super::Planning;
use super::priors::{InstancePrior, Prior, Priors};
use crate::HookObject;
use crate::eval::{mark_by_schema, object_id, read_object};
use crate::program::{ProviderId, ResourceId};

struct Found {
    resource: ResourceId,
    address: AbsResourceInstance,
    deposed: Option<DeposedKey>,
    prior: Prior,
    /// What may be shown of it.
    id: Option<(Str, Str)>,
    /// Whether it is among the requests.
    asked: bool,
}

impl Planning {
    /// Upgrades and reads every stored object of the provider that the plan is about.
    pub(super) async fn refresh(&self, id: ProviderId) -> Diagnostics {
        let mut found = self.stored_objects(id);
        let mut requests = Vec::new();
        for object in &mut found {
            object.asked = self.reads()
                && !self.leaves(object.resource)
                && !object.prior.diagnostics.has_errors()
                && !self.unresolved.contains_key(&object.address);
            if object.asked {
                let hook = object.hook();
                self.session.operation.hooks.refresh_start(&hook);
                requests.push(ReadRequest {
                    type_name: Str::from(object.address.resource.ty.as_str()),
                    current: object.prior.value.unmark_deep(),
                    private: object.prior.private.clone(),
                });
            }
        }
        let mut diagnostics = Diagnostics::new();
        if !requests.is_empty()
            && let Err(error) = self.read(id, requests, &mut found).await
        {
            diagnostics.push(error);
        }
        self.note_drift(id, &found);
        self.file(found);
        diagnostics
    }

    fn stored_objects(&self, provider: ProviderId) -> Vec<Found> {
        let program = self.program();
        let mut found = Vec::new();
        for id in program.resource_ids() {
            let info = program.resource(id);
            if info.provider != provider || info.mode() != Mode::Managed || !self.in_graph.contains(&id) {
                continue;
            }
            for address in self.stored.get(&id).into_iter().flatten() {
                let Some(resource) = self.previous.resources.get(address) else { continue };
                for (key, instance) in &resource.instances {
                    let address = address.instance(key.clone());
                    if !self.targeting.includes(id, &address) {
                        continue;
                    }
                    let current = instance.current.iter().map(|object| (None, object));
                    let deposed = instance.deposed.iter().map(|(key, object)| (Some(key.clone()), object));
                    for (deposed, object) in current.chain(deposed) {
                        found.push(self.found(id, address.clone(), deposed, object));
                    }
                }
            }
        }
        found
    }

    fn found(
        &self,
        resource: ResourceId,
        address: AbsResourceInstance,
        deposed: Option<DeposedKey>,
        object: &Arc<ObjectState>,
    ) -> Found {
        let provider = &self.program().provider(self.program().resource(resource).provider).provider;
        let (value, diagnostics) = match provider {
            Some(provider) => match self.moves.take_over(&address, provider.as_ref(), object) {
                Some(moved) => moved,
                None => read_object(provider.as_ref(), &address.resource, object),
            }
            .map_or_else(
                |errors| (Value::dynamic(), errors),
                |value| (object.mark_sensitive(&value), Diagnostics::new()),
            ),
            None => (Value::dynamic(), Diagnostics::new()),
        };
        let prior = Prior {
            previous: value.clone(),
            value,
            private: object.private.clone(),
            object: Arc::clone(object),
            diagnostics: diagnostics.with_address(&address),
        };
        let id = object_id(&self.shown(resource, &prior.previous));
        Found { resource, address, deposed, prior, id, asked: false }
    }

    async fn read(
        &self,
        id: ProviderId,
        requests: Vec<ReadRequest>,
        found: &mut [Found],
    ) -> Result<(), Diagnostic> {
        let configured = self.session.configured(id)?;
        let provider = &self.program().provider(id).address.provider;
        let asked = requests.len();
        let answers =
            self.session.calls.make(provider, async move { configured.read(requests).await }).await?;
        if answers.len() != asked {
            return Err(Diagnostic::error(
                "Provider produced invalid response",
                format!(
                    "Provider \"{}\" was asked to read {asked} objects and answered for {}. This is a bug in the provider.",
                    provider.for_display(),
                    answers.len()
                ),
            ));
        }
        for (object, answer) in found.iter_mut().filter(|object| object.asked).zip(answers) {
            let failed = answer.diagnostics.has_errors();
            if !failed && !answer.diagnostics.is_empty() {
                self.results().doubtful.push(object.address.clone());
            }
            object.prior.diagnostics.extend(answer.diagnostics.with_address(&object.address));
            if !failed {
                if answer.state.is_wholly_known() {
                    object.prior.value = object.prior.object.mark_sensitive(&answer.state);
                    object.prior.private = answer.private;
                } else {
                    object.prior.diagnostics.push(
                        Diagnostic::error(
                            "Provider produced invalid object",
                            format!(
                                "Provider \"{}\" returned an object with unknown values after reading {}. This is a bug in the provider.",
                                provider.for_display(),
                                object.address
                            ),
                        )
                        .address(&object.address),
                    );
                }
            }
            let after = self.shown(object.resource, &object.prior.value);
            let before = self.shown(object.resource, &object.prior.previous);
            self.session.operation.hooks.refresh_end(&object.hook(), &before, &after);
        }
        Ok(())
    }

    fn shown(&self, id: ResourceId, value: &Value) -> Value {
        self.program()
            .resource(id)
            .schema
            .as_ref()
            .map_or_else(|| value.clone(), |schema| mark_by_schema(schema, value))
    }

    fn note_drift(&self, id: ProviderId, found: &[Found]) {
        let drifted: Vec<ResourceChange> = found
            .iter()
            .filter(|object| object.prior.value.unmark_deep() != object.prior.previous.unmark_deep())
            .map(|object| ResourceChange {
                address: object.address.clone(),
                previous_address: self.moves.previous(&object.address),
                deposed: object.deposed.clone(),
                provider: self.program().provider(id).address.clone(),
                action: if object.prior.value.is_null() { Action::Delete } else { Action::Update },
                reason: Reason::None,
                before: self.shown(object.resource, &object.prior.previous),
                after: self.shown(object.resource, &object.prior.value),
                private: Vec::new(),
                required_replace: Vec::new(),
                importing: None,
                generated_config: None,
                create_before_destroy: false,
            })
            .collect();
        self.results().drift.extend(drifted);
    }

    /// Hands the objects to their resources.
    fn file(&self, found: Vec<Found>) {
        let mut by_resource: std::collections::BTreeMap<ResourceId, Priors> =
            std::collections::BTreeMap::new();
        for object in found {
            let instance: &mut InstancePrior = by_resource
                .entry(object.resource)
                .or_default()
                .0
                .entry((object.address.module.clone(), object.address.key.clone()))
                .or_default();
            match object.deposed {
                Some(key) => {
                    instance.deposed.insert(key, object.prior);
                }
                None => instance.current = Some(object.prior),
            }
        }
        for (id, priors) in by_resource {
            let _ = self.priors[id.0 as usize].set(priors);
        }
    }
}

impl Found {
    fn hook(&self) -> HookObject<'_> {
        HookObject { address: &self.address, deposed: self.deposed.as_ref(), id: self.id.clone() }
    }
}
