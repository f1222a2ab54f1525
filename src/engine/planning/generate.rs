//! Import blocks whose target has no configuration: an error, or configuration written for them.

use diag::{Diagnostic, Diagnostics};

use super::Planning;
use crate::GenerateConfig;

impl Planning {
    /// Refuses imports without configuration; the command line generates it from [`crate::generate_config`] when
    /// asked to, before it plans.
    pub(super) async fn generated_imports(&self) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for import in &self.imports.without_config {
            let hint = if self.request.generate_config == GenerateConfig::Generate {
                "Configuration can be generated for resources of the root module without count or for_each only."
            } else {
                "Add a resource block, or use -generate-config-out=PATH to have one written."
            };
            diagnostics.push(
                Diagnostic::error(
                    "Configuration for import target does not exist",
                    format!(
                        "The target of this import block has no resource block in the configuration. {hint}"
                    ),
                )
                .at(import.span),
            );
        }
        diagnostics
    }
}
