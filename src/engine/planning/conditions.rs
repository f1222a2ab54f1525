//! Conditions of the instances of resources.

use ::plan::Mode;
use config::ResourceConfig;
use diag::{Diagnostics, Severity};
use value::Value;

use super::Planning;
use super::resource::Instance;

impl Planning {
    pub(super) fn preconditions(
        &self,
        instance: &Instance<'_>,
        block: &ResourceConfig,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Diagnostics> {
        let Instance { address, table, repetition, .. } = instance;
        let findings = self.session.preconditions(&block.lifecycle, address, table, repetition);
        diagnostics.extend(self.weighed(findings).into_result()?);
        Ok(())
    }

    pub(super) fn postconditions(
        &self,
        instance: &Instance<'_>,
        block: &ResourceConfig,
        value: &Value,
        diagnostics: &mut Diagnostics,
    ) {
        let Instance { address, table, repetition, .. } = instance;
        let findings = self.session.postconditions(&block.lifecycle, address, table, repetition, value);
        diagnostics.extend(self.weighed(findings));
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
