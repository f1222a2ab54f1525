//! What the tests share.

use std::ops::Deref;
use std::path::Path as FilePath;
use std::sync::Arc;

use provider::conformance::{self, environment};
use provider::{Configured, Environment};
use tempfile::TempDir;
use value::Value;

pub(crate) fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

pub(crate) fn text(text: &str) -> Value {
    Value::string(text)
}

/// All messages in one line.
pub(crate) fn texts(diagnostics: &diag::Diagnostics) -> String {
    diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for a folder")
}

/// The connection of a folder taken as a host.
pub(crate) fn root(folder: &FilePath) -> Value {
    Value::string(format!("root:{}", folder.display()))
}

/// One resource type at work, with a folder as the working folder.
pub(crate) struct Bench(conformance::Bench);

impl Bench {
    pub(crate) async fn new(type_name: &str, folder: &FilePath) -> Self {
        Self(conformance::Bench::new(crate::provider(), type_name, environment(folder)).await)
    }

    /// One type of a provider that is configured.
    pub(crate) fn running(running: Arc<dyn Configured>, type_name: &str) -> Self {
        Self(conformance::Bench::running(crate::provider(), running, type_name))
    }

    /// The same with environment variables.
    pub(crate) async fn with_variables(
        type_name: &str,
        folder: &FilePath,
        variables: &[(&str, &str)],
    ) -> Self {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let environment = Environment { variables: Arc::new(variables.collect()), ..environment(folder) };
        Self(conformance::Bench::new(crate::provider(), type_name, environment).await)
    }
}

impl Deref for Bench {
    type Target = conformance::Bench;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// A list of texts.
pub(crate) fn list(items: &[&str]) -> Value {
    Value::list(value::Type::String, items.iter().map(|item| text(item)).collect())
}

/// An object without one of its attributes.
pub(crate) fn without(object: &Value, name: &str) -> Value {
    let entries = object.entries().into_iter().flat_map(value::Entries::iter);
    Value::object_of(
        entries.filter(|(key, _)| key.as_str() != name).map(|(key, value)| (key.clone(), value.clone())),
    )
}
