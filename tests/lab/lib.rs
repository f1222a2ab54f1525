//! Real Debian hosts with systemd and sshd on this machine, for the tests of what talks to hosts.
//!
//! [`Lab::up`] boots the hosts of a [`Plan`]; dropping the [`Lab`] takes them down again. README.md says what a
//! host is made of.

pub mod cgroups;
pub mod cluster;
mod command;
pub mod example;
mod faults;
pub mod host;
pub mod image;
mod lab;
pub mod machine;
pub mod network;
pub mod paths;
mod plan;
pub mod processes;
mod record;
pub mod relay;
mod repository;
mod snapshot;
mod ssh;
mod teardown;

pub use faults::{Fault, Ongoing};
pub use lab::Lab;
pub use plan::{Existing, HostPlan, Plan, Purpose, Reach, Sudo};
pub use record::{HostRecord, Record};
pub use relay::{Cable, Relay};
pub use snapshot::differences;
pub use teardown::{down, labs, leftovers, stale};
