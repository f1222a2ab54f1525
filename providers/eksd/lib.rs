//! The `eksd` provider: EKS-D releases, and the components of clusters made of them, as resources on hosts.
//!
//! `README.md` has the design. What works on hosts is made of the host provider's kit; `proof` looks over the whole plan.

mod cluster;
mod components;
mod pki;
mod proof;
pub mod releases;
#[cfg(test)]
mod tests;
mod unit;

use std::sync::Arc;

use ::provider::simple::Simple;
use ::provider::{Joined, Provider};
use addrs::ProviderAddr;
use provider_host::kit::{HostProvider, Resource};

/// `groma/eksd`: what is on hosts, and what has no host.
pub fn provider() -> Arc<dyn Provider> {
    let resources: Vec<Box<dyn Resource>> =
        components::all().into_iter().chain(pki::resources()).chain(cluster::resources()).collect();
    let hosted = HostProvider::new("eksd", resources, cluster::data(), Some(proof::review));
    let address = ProviderAddr::groma("eksd");
    let rest = releases::with(Simple::builder(address.clone())).build();
    Arc::new(Joined::new(address, vec![Arc::new(hosted), rest]))
}
