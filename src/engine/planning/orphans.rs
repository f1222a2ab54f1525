//! Stored instances that the configuration no longer has.

use std::sync::Arc;

use ::plan::{Action, Mode, Reason};
use addrs::{AbsResourceInstance, ConfigResource, InstanceKey, Mode as ResourceMode};
use config::{Config, RemovedTarget};

use super::Planning;
use super::priors::StateUpdate;
use super::resource::Planned;
use crate::compare::Subject;
use crate::eval::Expansion;
use crate::program::ResourceId;

impl Planning {
    pub(super) async fn plan_orphans(&self, id: ResourceId, dependencies: &Arc<[ConfigResource]>) -> Planned {
        let mut out = Planned::default();
        if !self.stored.contains_key(&id) {
            return out;
        }
        let info = self.program().resource(id);
        for address in self.stored_instances(id) {
            let Some(reason) = self.orphan_reason(id, &address) else { continue };
            if info.mode() != ResourceMode::Managed {
                // What was only read is only forgotten.
                if let Some(stored) = self.previous.resources.get(&address.containing()) {
                    out.updates.push(StateUpdate {
                        provider: stored.provider.clone(),
                        deposed: None,
                        object: None,
                        address,
                    });
                }
                continue;
            }
            let Some(schema) = &info.schema else { continue };
            if let Some(started) = self.unresolved.get(&address) {
                out.diagnostics.push(crate::recover::refusal(started));
                continue;
            }
            if self.request.mode == Mode::RefreshOnly {
                self.keep_refreshed(id, &address, dependencies, &mut out);
                continue;
            }
            let Some(prior) = self.instance_prior(id, &address) else { continue };
            let subject = Subject { session: &self.session, info, schema, address: &address };
            let action = if self.leaves(id) { Action::Forget } else { Action::Delete };
            if let Some(current) = &prior.current {
                self.plan_delete_object(&subject, None, current, action, reason, dependencies, &mut out)
                    .await;
            }
            for (key, deposed) in &prior.deposed {
                self.plan_delete_object(
                    &subject,
                    Some(key),
                    deposed,
                    action,
                    Reason::None,
                    dependencies,
                    &mut out,
                )
                .await;
            }
        }
        out
    }

    fn keep_refreshed(
        &self,
        id: ResourceId,
        address: &AbsResourceInstance,
        dependencies: &Arc<[ConfigResource]>,
        out: &mut Planned,
    ) {
        let info = self.program().resource(id);
        let Some(schema) = &info.schema else { return };
        let Some(prior) = self.instance_prior(id, address) else { return };
        let objects = prior.deposed.iter().map(|(key, prior)| (Some(key), prior));
        for (deposed, prior) in prior.current.iter().map(|prior| (None, prior)).chain(objects) {
            out.diagnostics.extend(prior.diagnostics.clone());
            if let Ok(object) = prior.refreshed(schema, dependencies) {
                out.updates.push(StateUpdate {
                    address: address.clone(),
                    deposed: deposed.cloned(),
                    provider: self.program().provider(info.provider).address.clone(),
                    object,
                });
            }
        }
    }

    /// Why an instance is no longer wanted; `None` when it is.
    fn orphan_reason(&self, id: ResourceId, address: &AbsResourceInstance) -> Option<Reason> {
        let info = self.program().resource(id);
        let table = self.session.table(&address.module);
        if info.config.is_none() {
            if self.moves.previous(address).is_some() {
                return Some(Reason::DeleteBecauseNoMoveTarget);
            }
            // Also when the module itself is gone, as in Terraform.
            return Some(Reason::DeleteBecauseNoResourceConfig);
        }
        let Some(expansion) = table.as_ref().and_then(|table| table.expansion(self.program(), id)) else {
            return Some(Reason::DeleteBecauseNoModule);
        };
        if expansion.contains(&address.key) {
            return None;
        }
        Some(match (expansion, &address.key) {
            (Expansion::Count(_), InstanceKey::Int(_)) => Reason::DeleteBecauseCountIndex,
            (Expansion::ForEach(_), InstanceKey::String(_)) => Reason::DeleteBecauseEachKey,
            _ => Reason::DeleteBecauseWrongRepetition,
        })
    }

    /// True when a `removed` block says that the objects are to be left alone. They are not even read: whoever is asked for
    /// them may be gone for good.
    pub(super) fn leaves(&self, id: ResourceId) -> bool {
        let info = self.program().resource(id);
        let address = &info.address;
        let applies = self.request.mode == Mode::Normal && info.config.is_none();
        applies
            && self.forgotten.iter().any(|from| match from {
                RemovedTarget::Module(path) => address.module.starts_with(path),
                RemovedTarget::Resource(resource) => resource == address,
            })
    }
}

/// What `removed` blocks say is to be left alone.
pub(super) fn forgotten(config: &Config) -> Vec<RemovedTarget> {
    let mut found = Vec::new();
    let mut modules = vec![&config.root];
    while let Some(module) = modules.pop() {
        found.extend(module.removed.iter().filter(|r| !r.destroy).map(|r| r.from.clone()));
        modules.extend(module.children.values());
    }
    found
}
