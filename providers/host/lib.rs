//! The `host` provider: machines reached by SSH, and what is on them, as resources.
//!
//! `README.md` has the design: connections are texts without secrets, all work on a host is done by POSIX sh scripts that
//! are sent through a few shells of one connection, and what was found is recorded on the host and comes back.

mod addresses;
mod block;
mod commands;
mod connection;
mod data;
mod delivery;
mod facts;
mod failure;
mod fetch;
mod guard;
mod ownership;
mod paths;
mod pool;
mod provider;
mod resource;
mod resources;
mod session;
mod settings;
mod ssh;
#[cfg(test)]
mod tests;
mod transport;

use std::sync::Arc;

/// `groma/host`.
pub fn provider() -> Arc<dyn ::provider::Provider> {
    Arc::new(provider::HostProvider::new(resources::all(), data::all()))
}
