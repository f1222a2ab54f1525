//! The provider `hashicorp/aws`: networks and hosts in Amazon EC2, with the names, attributes and state of `HashiCorp`'s.
//!
//! The logic stands over traits of its own ([`api::Ec2Api`], [`api::StsApi`]), so that it builds in seconds and is
//! tested against a fake; `groma-provider-aws-sdk` puts the AWS SDK behind them.
//!
//! - [`api`] the operations, requests and answers; [`client`] repeats, waits, batches.
//! - `resource` what a type must say and do; `plan` and `lifecycle` what is common to all types.
//! - `object` and `observed` the way from values to typed fields and back.
//! - `resources/`, `data/` one file a type.

pub mod api;
pub mod client;
mod data;
mod failure;
#[cfg(test)]
mod fake;
mod lifecycle;
mod object;
mod observed;
mod plan;
mod provider;
mod provider_config;
mod regions;
mod resource;
mod resources;
pub mod retry;
mod schema;
mod tags;
#[cfg(test)]
mod tests;
mod timeouts;
mod validate;

pub use self::provider::{AwsProvider, Connector};
pub use client::Client;
pub use provider_config::{AssumeRole, Settings, StaticCredentials, WebIdentity, invalid_region};
pub use regions::is_known as is_known_region;
