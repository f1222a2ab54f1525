//! Scripts on a host: the shell protocol, and the few shells that a host's connection is kept open with.

mod host;
mod link;
mod raise;
mod script;
mod shell;

pub use host::{Host, HostError, Hosts};
pub use link::{LIBRARY, Link};
pub use script::{Fields, Output, Script, quote};
