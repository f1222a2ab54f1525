//! Conditions of what does not change: they must hold as well when everything around it has changed.

use ::plan::Action;
use diag::Diagnostics;
use state::CheckKind;

use super::Applying;
use crate::eval::{Conditions, Expansion, ModuleTable};
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
            let scope = self.session.surroundings.scope(table).with_repetition(&repetition);
            let (mut verdict, mut findings) =
                Conditions::Precondition.evaluate(&lifecycle.preconditions, &scope);
            if !findings.has_errors() {
                let scope = scope.with_self(&change.after);
                let (after, more) = Conditions::Postcondition.evaluate(&lifecycle.postconditions, &scope);
                verdict.merge(after);
                findings.extend(more);
            }
            self.session.record_check(CheckKind::Resource, &address, verdict);
            diagnostics.extend(findings.with_address(&address));
        }
        diagnostics
    }
}
