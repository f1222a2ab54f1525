//! The `eksd` provider: EKS-D releases, and the components of clusters made of them, as resources on hosts.
//!
//! `README.md` has the design. What works on hosts is made of the host provider's kit; `proof` looks over the whole plan.

mod proof;
pub mod releases;

use std::sync::Arc;

use ::provider::simple::Simple;
use ::provider::{Joined, Provider};
use addrs::ProviderAddr;
use provider_host::kit::HostProvider;

/// `groma/eksd`: what is on hosts, and what has no host.
pub fn provider() -> Arc<dyn Provider> {
    let hosted = HostProvider::new("eksd", Vec::new(), Vec::new(), Some(proof::review));
    let address = ProviderAddr::groma("eksd");
    let rest = releases::with(Simple::builder(address.clone())).build();
    Arc::new(Joined::new(address, vec![Arc::new(hosted), rest]))
}
