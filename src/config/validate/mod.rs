//! Checks of a loaded configuration that need no values: references, module arguments, moves, imports.

mod attributes;
mod imports;
mod module;
mod moves;
mod reference;
mod removed;

use std::sync::Arc;

use addrs::ProviderAddr;
use diag::Diagnostics;
use provider::ProviderSchema;

use crate::Config;

pub use imports::check_import_targets;

/// Finds a provider's schema; `None` where it is not at hand, and then what depends on it is not checked.
pub type Schemas<'a> = dyn Fn(&ProviderAddr) -> Option<Arc<ProviderSchema>> + 'a;

/// Checks every reference outside of the bodies that providers' schemas describe, the arguments of module calls, and
/// the `moved`, `removed` and `import` blocks.
pub fn check_references(config: &Config) -> Diagnostics {
    check_all(config, &|_| None)
}

/// As [`check_references`], and also checks types of resources, and references in their bodies and to their attributes.
pub fn check_all(config: &Config, schemas: &Schemas<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for module in config.modules() {
        module::Checker::new(module, schemas, &mut diagnostics).check();
    }
    diagnostics.extend(moves::check(config));
    diagnostics.extend(removed::check(config));
    diagnostics.extend(imports::check(config));
    diagnostics
}
