//! What the tests share.

use std::path::Path;
use std::process::Command;

use provider::conformance::{Bench, environment};
use value::{Str, Type, Value};

/// What a program says that must end well.
pub(super) fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("the program is here");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

pub(super) fn text(text: impl Into<Str>) -> Value {
    Value::string(text)
}

pub(super) fn list(items: &[&str]) -> Value {
    Value::list(Type::String, items.iter().map(|item| text(*item)).collect())
}

/// The connection of a folder taken as a host.
pub(super) fn root(folder: &Path) -> Value {
    text(format!("root:{}", folder.display()))
}

/// All messages in one line.
pub(super) fn texts(diagnostics: &diag::Diagnostics) -> String {
    diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The names of attributes that differ.
pub(super) fn differing(one: &Value, other: &Value) -> Vec<String> {
    let entries = one.entries().expect("is an object").iter();
    let entries = entries.filter(|(name, value)| other.attr(name) != Some(value));
    entries.map(|(name, _)| name.to_string()).collect()
}

pub(super) async fn bench(type_name: &str, folder: &Path) -> Bench {
    Bench::new(crate::provider(), type_name, environment(folder)).await
}
