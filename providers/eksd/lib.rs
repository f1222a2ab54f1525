//! The `eksd` provider: EKS-D releases, and the components of clusters made of them, as resources on hosts.
//!
//! `README.md` has the design. What works on hosts is made of the host provider's kit; `proof` looks over the whole plan.

mod components;
mod proof;
#[cfg(test)]
mod tests;
mod unit;

use std::sync::Arc;

use provider_host::kit::HostProvider;

/// `groma/eksd`.
pub fn provider() -> Arc<dyn ::provider::Provider> {
    Arc::new(HostProvider::new("eksd", components::all(), Vec::new(), Some(proof::review)))
}
