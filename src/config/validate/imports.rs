//! `import` blocks: their targets.

use std::collections::BTreeMap;

use diag::{Diagnostic, Diagnostics, Span};
use syntax::{ExprKind, Traversal};

use crate::{Config, Import, place};

/// Checks that targets lie in modules that exist, and that none is named twice.
pub(super) fn check(config: &Config) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for import in &config.root.imports {
        if config.module(&import.target.module).is_none() {
            let detail = format!(
                "The configuration for the given import target {} does not exist. All target instances must have an \
                 associated configuration to be imported.",
                import.target
            );
            diagnostics.push(missing(import, detail));
        }
        let Some(target) = fixed_target(import) else { continue };
        let address = target.to_string();
        if let Some(earlier) = seen.get(&address) {
            let detail = format!(
                "An import block for the resource \"{address}\" was already declared at {}. A resource can have only one \
                 import block.",
                place::range(&config.sources, *earlier)
            );
            let summary = format!("Duplicate import configuration for \"{address}\"");
            diagnostics.push(Diagnostic::error(summary, detail).at(import.to.span));
        } else {
            seen.insert(address, import.span);
        }
    }
    diagnostics
}

/// Checks that every target has its resource block, as it must where no configuration is to be generated.
pub fn check_import_targets(config: &Config) -> Diagnostics {
    let imports = config.root.imports.iter();
    let without = imports.filter(|import| {
        config.module(&import.target.module).is_some() && config.resource(&import.target).is_none()
    });
    without
        .map(|import| {
            let detail = format!(
                "The configuration for the given import target {} does not exist. If you wish to automatically generate \
                 config for this resource, use the -generate-config-out option within groma plan. Otherwise, make sure \
                 the target resource exists within your configuration. For example:\n\n  groma plan \
                 -generate-config-out=generated.tf",
                import.target
            );
            missing(import, detail)
        })
        .collect()
}

fn missing(import: &Import, detail: String) -> Diagnostic {
    Diagnostic::error("Configuration for import target does not exist", detail).at(import.to.span)
}

/// The target where all its keys are literals.
fn fixed_target(import: &Import) -> Option<&Traversal> {
    match &import.to.kind {
        ExprKind::Traversal(traversal) => Some(traversal),
        _ => None,
    }
}
