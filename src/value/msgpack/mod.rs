//! The msgpack form of values, as in saved plans and the plugin protocol (go-cty `cty/msgpack`).

mod decode;
mod encode;
#[cfg(test)]
mod tests;

pub use self::decode::decode;
pub use self::encode::encode;

/// Why bytes cannot be read, or a value cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MsgpackError(pub String);

impl MsgpackError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// The extension type of an unknown value of which something is known.
const REFINED_UNKNOWN: i8 = 0x0c;

/// What a refinement says, as keys of the map in the extension.
mod refinement_key {
    pub(super) const IS_NULL: i64 = 1;
    pub(super) const STRING_PREFIX: i64 = 2;
    pub(super) const NUMBER_MIN: i64 = 3;
    pub(super) const NUMBER_MAX: i64 = 4;
    pub(super) const LENGTH_MIN: i64 = 5;
    pub(super) const LENGTH_MAX: i64 = 6;
}

/// A description of what is known of an unknown value may not be longer, in bytes.
const MAX_REFINEMENT: usize = 1024;
