use std::collections::BTreeMap;

use addrs::{ModuleInstance, ModulePath};
use state::{CheckKind, CheckObject, CheckResult, CheckStatus};

use crate::eval::{Verdict, worse};

/// Results of conditions, gathered during a walk.
#[derive(Debug, Default)]
pub(crate) struct CheckLog(BTreeMap<(CheckKind, String), BTreeMap<String, Verdict>>);

impl CheckLog {
    /// Notes what the conditions of one instance came to; later results of the same instance are added.
    pub fn record(
        &mut self,
        kind: CheckKind,
        path: &ModulePath,
        config_name: &str,
        module: &ModuleInstance,
        name: &str,
        verdict: Verdict,
    ) {
        let config = in_module(path.is_root(), path, config_name);
        let object = in_module(module.is_root(), module, name);
        let objects = self.0.entry((kind, config)).or_default();
        match objects.get_mut(&object) {
            Some(known) => known.merge(verdict),
            None => {
                objects.insert(object, verdict);
            }
        }
    }

    /// All results, sorted by kind and address.
    pub fn results(&self) -> Vec<CheckResult> {
        self.0
            .iter()
            .map(|((kind, address), objects)| CheckResult {
                kind: *kind,
                config_address: address.clone(),
                status: objects
                    .values()
                    .fold(CheckStatus::Pass, |status, verdict| worse(status, verdict.status)),
                objects: objects
                    .iter()
                    .map(|(address, verdict)| CheckObject {
                        address: address.clone(),
                        status: verdict.status,
                        failure_messages: verdict.failures.clone(),
                    })
                    .collect(),
            })
            .collect()
    }
}

fn in_module(root: bool, module: &dyn std::fmt::Display, name: &str) -> String {
    if root { name.to_owned() } else { format!("{module}.{name}") }
}
