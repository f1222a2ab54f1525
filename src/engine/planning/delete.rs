//! Planned destructions: of orphans, deposed objects, and of everything in destroy mode.

use std::sync::Arc;

use ::plan::{Action, Reason, ResourceChange};
use addrs::{AbsResourceInstance, ConfigResource, DeposedKey};
use diag::Diagnostic;
use value::Value;

use super::Planning;
use super::instance::prevented;
use super::priors::{Prior, Priors, StateUpdate};
use super::resource::Planned;
use crate::HookObject;
use crate::compare::Subject;
use crate::eval::object_id;
use crate::program::ResourceId;

impl Planning {
    /// Plans to destroy (or forget) one object; an object that is gone already only leaves the state.
    #[expect(clippy::too_many_arguments, reason = "all of them describe the one object")]
    pub(super) async fn plan_delete_object(
        &self,
        subject: &Subject<'_>,
        deposed: Option<&DeposedKey>,
        prior: &Prior,
        action: Action,
        reason: Reason,
        dependencies: &Arc<[ConfigResource]>,
        out: &mut Planned,
    ) {
        if prior.diagnostics.has_errors() {
            out.diagnostics.extend(prior.diagnostics.clone());
            return;
        }
        out.diagnostics.extend(prior.diagnostics.clone());
        match prior.refreshed(subject.schema, dependencies) {
            Ok(object) if object.as_ref().is_some_and(|object| Arc::ptr_eq(object, &prior.object)) => {}
            Ok(object) => out.updates.push(StateUpdate {
                address: subject.address.clone(),
                deposed: deposed.cloned(),
                provider: subject.provider().address.clone(),
                object,
            }),
            Err(error) => out.diagnostics.push(
                Diagnostic::error("Failed to encode an object for the state", error.to_string())
                    .address(subject.address),
            ),
        }
        if prior.value.is_null() {
            return;
        }
        let hooks = &self.session.operation.hooks;
        let hook =
            HookObject { address: subject.address, deposed, id: object_id(&prior.shown(subject.schema)) };
        hooks.plan_start(&hook);
        let mut private = prior.private.clone();
        if action == Action::Delete {
            match subject.plan_destroy(&prior.value.unmark_deep(), &prior.private).await {
                Ok(response) => {
                    out.diagnostics.extend(response.diagnostics);
                    private = response.private;
                }
                Err(errors) => {
                    out.diagnostics.extend(errors);
                    return;
                }
            }
        }
        hooks.plan_end(&hook, action, reason);
        out.changes.push(ResourceChange {
            address: subject.address.clone(),
            previous_address: self.moves.previous(subject.address),
            deposed: deposed.cloned(),
            provider: subject.provider().address.clone(),
            action,
            reason,
            before: prior.shown(subject.schema),
            after: Value::null(subject.schema.ty.clone()),
            private,
            required_replace: Vec::new(),
            importing: None,
            generated_config: None,
            create_before_destroy: self
                .program()
                .resource_id(&subject.address.config())
                .is_some_and(|id| self.replaced_first.contains(&id)),
        });
    }

    /// Every stored object of a resource, in address order.
    pub(super) async fn plan_deletions(
        &self,
        id: ResourceId,
        dependencies: &Arc<[ConfigResource]>,
    ) -> Planned {
        let mut out = Planned::default();
        let info = self.program().resource(id);
        let Some(schema) = &info.schema else { return out };
        for address in self.stored_instances(id) {
            let subject = Subject { session: &self.session, info, schema, address: &address };
            if let Some(started) = self.unresolved.get(&address) {
                out.diagnostics.push(crate::recover::refusal(started));
                continue;
            }
            let Some(prior) = self.instance_prior(id, &address) else { continue };
            let objects = prior.deposed.iter().map(|(key, prior)| (Some(key), prior));
            for (deposed, prior) in prior.current.iter().map(|prior| (None, prior)).chain(objects) {
                if deposed.is_none()
                    && !prior.value.is_null()
                    && let Some(block) = info.config.as_ref().filter(|block| block.lifecycle.prevent_destroy)
                {
                    out.diagnostics.push(prevented(&address, block));
                    continue;
                }
                self.plan_delete_object(
                    &subject,
                    deposed,
                    prior,
                    Action::Delete,
                    Reason::None,
                    dependencies,
                    &mut out,
                )
                .await;
            }
        }
        out
    }

    /// Addresses of the stored instances of a resource that the plan is about.
    pub(super) fn stored_instances(&self, id: ResourceId) -> Vec<AbsResourceInstance> {
        let resources = self.stored.get(&id).into_iter().flatten();
        resources
            .filter_map(|address| Some((address, self.previous.resources.get(address)?)))
            .flat_map(|(address, stored)| stored.instances.keys().map(|key| address.instance(key.clone())))
            .filter(|address| self.targeting.includes(id, address))
            .collect()
    }

    pub(super) fn instance_prior(
        &self,
        id: ResourceId,
        address: &AbsResourceInstance,
    ) -> Option<&super::priors::InstancePrior> {
        let priors: &Priors = self.priors[id.0 as usize].get()?;
        priors.get(&address.module, &address.key)
    }
}
