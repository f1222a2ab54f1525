//! Conditions of what does not change: they must hold as well when everything around it has changed.

use ::plan::Action;
use diag::Diagnostics;

use super::Applying;
use crate::eval::{Expansion, ModuleTable};
use crate::program::ResourceInfo;

impl Applying {
    /// Evaluates the conditions of those instances in a module that the plan leaves as they are.
    pub(super) fn conditions_of_unchanged(
        &self,
        info: &ResourceInfo,
        table: &ModuleTable,
        expansion: &Expansion,
    ) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let Some(lifecycle) = info.config.as_ref().map(|block| &block.lifecycle) else { return diagnostics };
        if lifecycle.preconditions.is_empty() && lifecycle.postconditions.is_empty() {
            return diagnostics;
        }
        let resource = info.address.instance(table.address.clone());
        for (key, repetition) in expansion.instances() {
            let address = resource.instance(key);
            let change = self.by_instance.get(&address).map(|at| &self.plan.changes[*at]);
            let Some(change) = change.filter(|change| change.action == Action::NoOp) else { continue };
            let findings = self.session.preconditions(lifecycle, &address, table, &repetition);
            let holds = !findings.has_errors();
            diagnostics.extend(findings);
            if holds {
                let (session, value) = (&self.session, &change.after);
                diagnostics.extend(session.postconditions(lifecycle, &address, table, &repetition, value));
            }
        }
        diagnostics
    }
}
