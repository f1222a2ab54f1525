//! The `host` provider: machines reached by SSH, and what is on them, as resources.
//!
//! `README.md` has the design: connections are texts without secrets, all work on a host is done by POSIX sh scripts that
//! are sent through a few shells of one connection, and what was found is recorded on the host and comes back. Providers of
//! other things on hosts are made of the same parts: [`kit`].

mod addresses;
mod block;
mod commands;
mod connection;
mod contents;
mod data;
mod delivery;
mod facts;
mod failure;
mod fetch;
mod gate;
mod guard;
mod ownership;
mod paths;
mod patience;
mod pool;
mod provider;
mod resource;
mod resources;
mod revision;
mod session;
mod settings;
mod ssh;
#[cfg(test)]
mod tests;
mod transport;
mod write_only;

use std::sync::Arc;

/// What other providers of things on hosts are made of: the same connections, scripts, records of what was found, and
/// planning.
pub mod kit {
    pub use crate::block::duration;
    pub use crate::connection::{Connection, Raise, Target, Way};
    pub use crate::delivery::{ALGORITHMS, Brought, Delivery, Digest};
    pub use crate::failure::{Failure, Result};
    pub use crate::fetch::{FetchError, Reading, Source};
    pub use crate::ownership::{Owned, Stat};
    pub use crate::paths::{key, validate as validate_path};
    pub use crate::provider::{HostProvider, ReviewPlan};
    pub use crate::resource::{Context, Data, Resource, complete, connection, is_recorded};
    pub use crate::resources::{Package, digest};
    pub use crate::session::{Fields, Host, HostError, Output, Script, quote};
    pub use crate::transport::{Stream, TransportError};

    /// Mode, owner and group.
    pub mod ownership {
        pub use crate::ownership::{change, parse_mode, validate, with_attributes};
    }
}

/// `groma/host`.
pub fn provider() -> Arc<dyn ::provider::Provider> {
    Arc::new(provider::HostProvider::new("host", resources::all(), data::all(), Some(resources::review)))
}
