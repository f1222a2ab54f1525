//! The state file format, version 4 (Terraform `states/statefile`): serde structs of its own, converted at the edge.

mod format;
mod indent;
mod read;
mod write;

pub use indent::indent;
pub(crate) use read::instance_object;
pub use read::{ReadError, read};
pub(crate) use write::instance_text;
pub use write::write;

#[cfg(test)]
mod tests;
