//! JSON forms of types and values (go-cty `cty/json`).

mod parse;
mod read;
#[cfg(test)]
mod tests;
mod types;
mod write;

pub use self::read::{from_json, from_plain_json};
pub use self::types::{type_from_json, type_to_json};
pub use self::write::{push_json_string, to_json, to_plain_json};

/// Why JSON cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(pub String);

impl JsonError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}
