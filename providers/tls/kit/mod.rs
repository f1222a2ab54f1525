//! Signing and reading certificates, for other providers.

mod authority;
mod described;
mod key;
#[cfg(test)]
mod tests;

pub use authority::{Authority, Issued, Signer, Wanted, key_of_request};
pub use described::Described;
pub use key::Key;

pub use crate::extensions::use_names;
