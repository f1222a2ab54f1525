//! What the tests share.

use std::path::Path as FilePath;
use std::sync::Arc;

use provider::conformance::{configured, environment};
use provider::{
    ApplyRequest, ApplyResponse, Configured, PlanRequest, PlanResponse, ReadRequest, proposed_new,
};
use sha2::{Digest, Sha256, Sha512};
use tempfile::TempDir;
use value::{Str, Value};

pub(super) fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

pub(super) fn text(text: &str) -> Value {
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

/// One resource type at work, with a folder as the working folder.
pub(super) struct Bench {
    running: Arc<dyn Configured>,
    type_name: Str,
}

impl Bench {
    pub(super) async fn new(type_name: &str, folder: &FilePath) -> Self {
        let running = configured(crate::provider().as_ref(), &object([]), environment(folder)).await;
        Self { running: running.expect("needs nothing"), type_name: type_name.into() }
    }

    /// One type of a provider that is configured.
    pub(super) fn running(running: Arc<dyn Configured>, type_name: &str) -> Self {
        Self { running, type_name: type_name.into() }
    }

    /// Plans a change from `prior` (null for a creation).
    pub(super) async fn plan(&self, prior: &Value, config: &Value) -> (Value, PlanResponse) {
        let provider = crate::provider();
        let schema = provider.schema();
        let block = &schema.resource(&self.type_name).expect("is offered").block;
        let config = block.coerce(config).expect("fits the schema");
        let prior = if prior.is_null() { Value::null(block.implied_type()) } else { prior.clone() };
        let proposed = proposed_new(block, &prior, &config);
        let request = PlanRequest {
            type_name: self.type_name.clone(),
            prior,
            proposed,
            config: config.clone(),
            private: vec![],
        };
        (config, self.running.plan(request).await)
    }

    /// Plans and makes a change.
    pub(super) async fn change(&self, prior: &Value, config: &Value) -> ApplyResponse {
        let (config, plan) = self.plan(prior, config).await;
        assert!(!plan.diagnostics.has_errors(), "{:?}", plan.diagnostics);
        let prior = if prior.is_null() { Value::null(plan.planned.ty()) } else { prior.clone() };
        self.apply(prior, plan.planned, config).await
    }

    pub(super) async fn create(&self, config: Value) -> Value {
        let response = self.change(&Value::null(value::Type::Dynamic), &config).await;
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
        response.state
    }

    pub(super) async fn read(&self, current: &Value) -> Value {
        let request =
            ReadRequest { type_name: self.type_name.clone(), current: current.clone(), private: vec![] };
        let response = self.running.read(vec![request]).await.pop().expect("one was asked for");
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
        response.state
    }

    /// Deletes, or is told why not.
    pub(super) async fn try_delete(&self, prior: &Value) -> ApplyResponse {
        let gone = Value::null(prior.ty());
        self.apply(prior.clone(), gone.clone(), gone).await
    }

    pub(super) async fn delete(&self, prior: &Value) {
        let response = self.try_delete(prior).await;
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
    }

    async fn apply(&self, prior: Value, planned: Value, config: Value) -> ApplyResponse {
        let token = Str::from("00000000-0000-4000-8000-000000000000");
        let type_name = self.type_name.clone();
        self.running.apply(ApplyRequest { type_name, prior, planned, config, private: vec![], token }).await
    }
}

/// A list of texts.
pub(super) fn list(items: &[&str]) -> Value {
    Value::list(value::Type::String, items.iter().map(|item| text(item)).collect())
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
    let made = std::process::Command::new("tar")
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
        ("uri", text(&path.display().to_string())),
        ("sha256", text(&hex(&Sha256::digest(&content)))),
        ("sha512", text(&hex(&Sha512::digest(&content)))),
    ]);
    object([("amd64", file.clone()), ("arm64", file)])
}

/// The names of the attributes in which two objects differ.
pub(super) fn differing(a: &Value, b: &Value) -> Vec<String> {
    let entries = a.entries().into_iter().flat_map(value::Entries::iter);
    entries.filter(|(name, value)| b.attr(name) != Some(value)).map(|(name, _)| name.to_string()).collect()
}
