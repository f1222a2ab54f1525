//! The `null` provider: a resource and a data source that do nothing but exist.
//!
//! Names, attributes and state are those of `hashicorp/null` 3.x.

mod data;
mod resource;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use addrs::ProviderAddr;
use provider::Provider;
use provider::simple::Simple;

/// `hashicorp/null`.
pub fn provider() -> Arc<dyn Provider> {
    Simple::builder(ProviderAddr::hashicorp("null"))
        .resource(resource::NullResource)
        .data(data::NullData)
        .build()
}

/// A positive whole number in decimal, as ids of null resources are.
fn random_id() -> String {
    rand::random_range(0..=i64::MAX).to_string()
}
