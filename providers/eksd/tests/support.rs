//! What the tests share.

use std::path::Path as FilePath;
use std::process::Command;

use provider::conformance::{Bench, environment};
use sha2::{Digest, Sha256, Sha512};
use tempfile::TempDir;
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

/// One resource type at work, with a folder as the working folder.
pub(super) async fn bench(type_name: &str, folder: &FilePath) -> Bench {
    Bench::new(crate::provider(), type_name, environment(folder)).await
}

pub(super) fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

pub(super) fn text(text: impl Into<Str>) -> Value {
    Value::string(text)
}

/// All messages in one line.
pub(super) fn texts(diagnostics: &diag::Diagnostics) -> String {
    diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

pub(super) fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for a folder")
}

/// The connection of a folder taken as a host.
pub(super) fn root(folder: &FilePath) -> Value {
    Value::string(format!("root:{}", folder.display()))
}

/// A list of texts.
pub(super) fn list(items: &[&str]) -> Value {
    Value::list(Type::String, items.iter().map(|item| text(*item)).collect())
}

/// What stands for a component's program: a script that says its version and sleeps. As `binary` for both architectures.
pub(super) fn binary(folder: &FilePath, name: &str, content: &str) -> Value {
    let path = folder.join("downloads").join(content.len().to_string()).join(name);
    std::fs::create_dir_all(path.parent().expect("has a folder")).expect("can be made");
    std::fs::write(&path, content).expect("can be written");
    fetched(&path)
}

/// An archive of programs in a folder of its own, as etcd's and that of the CNI plugins are.
pub(super) fn archive(folder: &FilePath, name: &str, programs: &[&str]) -> Value {
    let inside = folder.join("downloads").join(name).join("inside");
    std::fs::create_dir_all(&inside).expect("can be made");
    for program in programs {
        std::fs::write(inside.join(program), format!("#!/bin/sh\n# {name}\n")).expect("can be written");
    }
    let path = inside.with_file_name(format!("{name}.tar.gz"));
    let made = Command::new("tar")
        .arg("-C")
        .arg(inside.parent().expect("has a folder"))
        .arg("-czf")
        .arg(&path)
        .arg("inside")
        .status();
    assert!(made.is_ok_and(|status| status.success()), "tar runs");
    fetched(&path)
}

/// A file of this machine as `binary`.
pub(super) fn fetched(path: &FilePath) -> Value {
    let content = std::fs::read(path).expect("can be read");
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let file = object([
        ("uri", text(path.display().to_string())),
        ("sha256", text(hex(&Sha256::digest(&content)))),
        ("sha512", text(hex(&Sha512::digest(&content)))),
    ]);
    object([("amd64", file.clone()), ("arm64", file)])
}

/// The names of the attributes in which two objects differ.
pub(super) fn differing(a: &Value, b: &Value) -> Vec<String> {
    let entries = a.entries().into_iter().flat_map(value::Entries::iter);
    entries.filter(|(name, value)| b.attr(name) != Some(value)).map(|(name, _)| name.to_string()).collect()
}
