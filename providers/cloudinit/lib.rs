//! The `cloudinit` provider: multi-part documents for cloud-init.
//!
//! Names, attributes and the rendered documents are those of `hashicorp/cloudinit` 2.3.

mod config;
mod render;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use addrs::ProviderAddr;
use provider::Provider;
use provider::simple::Simple;

/// `hashicorp/cloudinit`.
pub fn provider() -> Arc<dyn Provider> {
    Simple::builder(ProviderAddr::hashicorp("cloudinit"))
        .resource(config::ConfigResource)
        .data(config::ConfigData)
        .build()
}
