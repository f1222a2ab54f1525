//! The `eksd` provider: EKS-D releases, and the components of clusters made of them, as resources on hosts.
//!
//! `README.md` has the design. What works on hosts is made of the host provider's kit; `proof` looks over the whole plan.

mod cluster;
mod pki;
mod proof;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use provider_host::kit::HostProvider;

/// `groma/eksd`.
pub fn provider() -> Arc<dyn ::provider::Provider> {
    let resources = pki::resources().into_iter().chain(cluster::resources()).collect();
    Arc::new(HostProvider::new("eksd", resources, cluster::data(), Some(proof::review)))
}
