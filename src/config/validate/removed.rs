//! `removed` blocks: what they name must be gone.

use diag::{Diagnostic, Diagnostics};

use crate::{Config, RemovedTarget};

pub(super) fn check(config: &Config) -> Diagnostics {
    let removed = config.modules().flat_map(|module| &module.removed);
    removed.filter_map(|removed| still_there(config, &removed.from)).collect()
}

fn still_there(config: &Config, from: &RemovedTarget) -> Option<Diagnostic> {
    let (summary, address, span) = match from {
        RemovedTarget::Resource(address) => {
            let resource = config.resource(address)?;
            ("Removed resource still exists", address.to_string(), resource.span)
        }
        RemovedTarget::Module(path) => {
            ("Removed module still exists", path.to_string(), config.call(path)?.span)
        }
    };
    let detail = format!(
        "This statement declares that {address} was removed, but it is still declared in configuration."
    );
    Some(Diagnostic::error(summary, detail).at(span))
}
