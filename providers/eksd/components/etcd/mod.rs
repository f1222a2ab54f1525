//! etcd: members that join and leave without ever risking quorum by our hand, and snapshots of what they hold.

mod cluster;
mod guard;
mod leaving;
mod member;
mod members;
mod restore;
mod settings;
mod snapshot;
mod standing;

pub use cluster::plain_id;
pub use member::{Member, restarts};
pub use snapshot::Snapshot;
