use std::collections::BTreeMap;

use addrs::{ModuleInstance, ModulePath};
use state::{CheckKind, CheckObject, CheckResult, CheckStatus};

use crate::eval::{Verdict, worse};
use crate::program::Program;

/// Results of conditions, gathered during a walk.
#[derive(Debug, Default)]
pub(crate) struct CheckLog(BTreeMap<(CheckKind, String), Checked>);

/// What has conditions, with the results of its instances.
#[derive(Debug, Default)]
struct Checked {
    /// Its instances are known, be they none.
    expanded: bool,
    /// `None` until its conditions are come to.
    objects: BTreeMap<String, Option<Verdict>>,
}

impl CheckLog {
    /// Everything in a program that has conditions, with nothing known of it yet.
    pub fn of(program: &Program) -> Self {
        let mut log = Self::default();
        let mut declare = |kind, path: &ModulePath, name: String| {
            log.0.entry((kind, in_module(path.is_root(), path, &name))).or_default();
        };
        for module in &program.modules {
            for variable in module.variables.items.iter().filter(|v| !v.validations.is_empty()) {
                declare(CheckKind::Variable, &module.path, format!("var.{}", variable.name));
            }
            for output in module.outputs.items.iter().filter(|o| !o.preconditions.is_empty()) {
                declare(CheckKind::Output, &module.path, format!("output.{}", output.name));
            }
            for check in &module.checks.items {
                declare(CheckKind::Check, &module.path, format!("check.{}", check.name));
            }
        }
        for resource in &program.resources {
            let lifecycle = resource.config.as_ref().map(|block| &block.lifecycle);
            if lifecycle.is_some_and(|l| !l.preconditions.is_empty() || !l.postconditions.is_empty()) {
                declare(CheckKind::Resource, &resource.address.module, resource.address.resource.to_string());
            }
        }
        log
    }

    /// Takes over from the plan which instances there are: those that the apply does not come to are unknown in the end.
    pub fn expect(&mut self, planned: &[CheckResult]) {
        for result in planned {
            let Some(checked) = self.0.get_mut(&(result.kind, result.config_address.clone())) else {
                continue;
            };
            checked.expanded |= !result.objects.is_empty() || result.status != CheckStatus::Unknown;
            for object in &result.objects {
                checked.objects.entry(object.address.clone()).or_default();
            }
        }
    }

    /// Notes that there is an object, whether or not its conditions are come to.
    pub fn announce(
        &mut self,
        kind: CheckKind,
        path: &ModulePath,
        config_name: &str,
        module: &ModuleInstance,
        name: &str,
    ) {
        if let Some(checked) = self.0.get_mut(&(kind, in_module(path.is_root(), path, config_name))) {
            checked.objects.entry(in_module(module.is_root(), module, name)).or_default();
        }
    }

    /// True when something has been found wrong with an object already.
    pub fn has_failed(
        &self,
        kind: CheckKind,
        path: &ModulePath,
        config_name: &str,
        module: &ModuleInstance,
        name: &str,
    ) -> bool {
        let checked = self.0.get(&(kind, in_module(path.is_root(), path, config_name)));
        let object = checked.and_then(|c| c.objects.get(&in_module(module.is_root(), module, name)));
        object
            .and_then(Option::as_ref)
            .is_some_and(|verdict| matches!(verdict.status, CheckStatus::Fail | CheckStatus::Error))
    }

    /// Notes that the instances of something are known, if it has conditions.
    pub fn expanded(&mut self, kind: CheckKind, path: &ModulePath, config_name: &str) {
        if let Some(checked) = self.0.get_mut(&(kind, in_module(path.is_root(), path, config_name))) {
            checked.expanded = true;
        }
    }

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
        let objects = &mut self.0.entry((kind, config)).or_default().objects;
        match objects.entry(object).or_default() {
            Some(known) => known.merge(verdict),
            unknown => *unknown = Some(verdict),
        }
    }

    /// All results, sorted by kind and address. What has no instances holds; what was not come to is unknown.
    pub fn results(&self) -> Vec<CheckResult> {
        self.0
            .iter()
            .map(|((kind, address), checked)| CheckResult {
                kind: *kind,
                config_address: address.clone(),
                status: checked.status(),
                objects: checked
                    .objects
                    .iter()
                    .map(|(address, verdict)| CheckObject {
                        address: address.clone(),
                        status: status_of(verdict.as_ref()),
                        failure_messages: verdict.as_ref().map_or_else(Vec::new, |v| v.failures.clone()),
                    })
                    .collect(),
            })
            .collect()
    }
}

impl Checked {
    fn status(&self) -> CheckStatus {
        if self.objects.is_empty() && !self.expanded {
            return CheckStatus::Unknown;
        }
        self.objects
            .values()
            .fold(CheckStatus::Pass, |status, verdict| worse(status, status_of(verdict.as_ref())))
    }
}

fn status_of(verdict: Option<&Verdict>) -> CheckStatus {
    verdict.map_or(CheckStatus::Unknown, |verdict| verdict.status)
}

fn in_module(root: bool, module: &dyn std::fmt::Display, name: &str) -> String {
    if root { name.to_owned() } else { format!("{module}.{name}") }
}
