//! The state: what groma knows of the objects it manages, its v4 file format, and where it is kept.
//!
//! [`State`] and what it holds are plain data; the file format is a set of serde structs of its own in
//! [`v4`], converted at the edge. [`manager`] reads, locks, backs up and writes; [`journal`] records each
//! finished change beside the state file so that a crash loses nothing.

mod check_results;
pub mod journal;
mod lock;
pub mod manager;
mod object;
mod resources;
mod state;
pub mod v4;

pub use check_results::{CheckKind, CheckObject, CheckResult, CheckStatus};
pub use lock::LockInfo;
pub use object::{ObjectState, ObjectStatus};
pub use resources::Resources;
pub use state::{InstanceState, OutputState, ResourceState, State};
