//! Where the state is kept: a local file with its lock, backup and journal.
//!
//! The lock is a POSIX record lock on the state file itself, as Terraform takes it, so that the two exclude
//! each other. Such a lock ends when *any* descriptor of the file is closed by the process, so the file is
//! opened once and read and written through that one descriptor, in place. A crash in the middle of writing
//! loses nothing: the whole new content is first put beside it under another name.

mod file;
mod local;

pub use file::write_new;
pub use local::{LocalState, LockedState, Locking, ManagerError, Opened};

#[cfg(test)]
mod tests;
