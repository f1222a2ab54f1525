//! The `local` provider: files on the machine that groma runs on.
//!
//! Names, attributes and state are those of `hashicorp/local` 2.x. Relative paths are against
//! [`provider::Environment::working_dir`].

mod content;
mod data;
mod direxists;
mod file;
mod resource;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use addrs::ProviderAddr;
use provider::Provider;
use provider::simple::Simple;

/// `hashicorp/local`.
pub fn provider() -> Arc<dyn Provider> {
    Simple::builder(ProviderAddr::hashicorp("local"))
        .resource(resource::LocalFile::PLAIN)
        .resource(resource::LocalFile::SENSITIVE)
        .data(data::FileData::PLAIN)
        .data(data::FileData::SENSITIVE)
        .function(direxists::DirExists)
        .build()
}
