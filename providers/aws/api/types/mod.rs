//! Requests and answers: only the fields the provider uses, named as the service names them.

mod instance;
mod launch;
mod lookup;
mod routing;
mod security;
mod vpc;

use std::collections::BTreeMap;

pub use instance::*;
pub use launch::*;
pub use lookup::*;
pub use routing::*;
pub use security::*;
pub use vpc::*;

/// Tag keys and values.
pub type Tags = BTreeMap<String, String>;

/// A filter of a `Describe` operation: any of the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub name: String,
    pub values: Vec<String>,
}

impl Filter {
    pub fn new<V: Into<String>>(name: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self { name: name.into(), values: values.into_iter().map(Into::into).collect() }
    }
}
