//! Conditions of the instances of resources.

use ::plan::Mode;
use config::ResourceConfig;
use diag::{Diagnostics, Severity};
use state::CheckKind;
use value::Value;

use super::Planning;
use super::resource::Instance;
use crate::eval::Conditions;

impl Planning {
    pub(super) fn preconditions(
        &self,
        instance: &Instance<'_>,
        block: &ResourceConfig,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Diagnostics> {
        if block.lifecycle.preconditions.is_empty() {
            return Ok(());
        }
        let scope = self.session.surroundings.scope(instance.table).with_repetition(&instance.repetition);
        let (verdict, findings) = Conditions::Precondition.evaluate(&block.lifecycle.preconditions, &scope);
        self.session.record_check(CheckKind::Resource, &instance.address, verdict);
        let findings = self.weighed(findings.with_address(&instance.address));
        diagnostics.extend(findings.into_result()?);
        Ok(())
    }

    pub(super) fn postconditions(
        &self,
        instance: &Instance<'_>,
        block: &ResourceConfig,
        value: &Value,
        diagnostics: &mut Diagnostics,
    ) {
        if block.lifecycle.postconditions.is_empty() {
            return;
        }
        let scope = self
            .session
            .surroundings
            .scope(instance.table)
            .with_repetition(&instance.repetition)
            .with_self(value);
        let (verdict, findings) = Conditions::Postcondition.evaluate(&block.lifecycle.postconditions, &scope);
        self.session.record_check(CheckKind::Resource, &instance.address, verdict);
        diagnostics.extend(self.weighed(findings.with_address(&instance.address)));
    }

    /// Where nothing is going to be changed, what does not hold is said and prevents nothing.
    fn weighed(&self, mut findings: Diagnostics) -> Diagnostics {
        if self.request.mode == Mode::RefreshOnly {
            for finding in &mut findings {
                finding.severity = Severity::Warning;
            }
        }
        findings
    }
}
