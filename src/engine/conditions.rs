//! Conditions of the instances of resources, the same while planning and applying.

use addrs::AbsResourceInstance;
use config::Lifecycle;
use diag::Diagnostics;
use state::CheckKind;
use value::Value;

use crate::eval::{Conditions, ModuleTable, Repetition};
use crate::session::Session;

impl Session {
    /// Evaluates and notes the preconditions of an instance.
    pub fn preconditions(
        &self,
        lifecycle: &Lifecycle,
        address: &AbsResourceInstance,
        table: &ModuleTable,
        repetition: &Repetition,
    ) -> Diagnostics {
        if lifecycle.preconditions.is_empty() {
            return Diagnostics::new();
        }
        let scope = self.surroundings.scope(table).with_repetition(repetition);
        let (verdict, findings) = Conditions::Precondition.evaluate(&lifecycle.preconditions, &scope);
        self.record_check(CheckKind::Resource, address, verdict);
        findings.with_address(address)
    }

    /// Evaluates and notes the postconditions of an instance, whose value is `itself`.
    pub fn postconditions(
        &self,
        lifecycle: &Lifecycle,
        address: &AbsResourceInstance,
        table: &ModuleTable,
        repetition: &Repetition,
        itself: &Value,
    ) -> Diagnostics {
        if lifecycle.postconditions.is_empty() {
            return Diagnostics::new();
        }
        let scope = self.surroundings.scope(table).with_repetition(repetition).with_self(itself);
        let (verdict, findings) = Conditions::Postcondition.evaluate(&lifecycle.postconditions, &scope);
        self.record_check(CheckKind::Resource, address, verdict);
        findings.with_address(address)
    }
}
