use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path as FilePath;
use std::sync::Arc;

use provider::conformance::{Case, configured, environment, run};
use provider::simple::Access;
use provider::{
    ApplyRequest, ApplyResponse, Configured, DataRequest, PlanRequest, ReadRequest, RecoverRequest,
    RecoverResponse, proposed_new,
};
use tempfile::TempDir;
use value::{Str, Value};

fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for a folder")
}

async fn running(folder: &FilePath) -> Arc<dyn Configured> {
    configured(crate::provider().as_ref(), &object([]), environment(folder)).await.expect("needs nothing")
}

/// What a creation of a `local_file` answers.
async fn create(folder: &FilePath, config: Value) -> ApplyResponse {
    let provider = crate::provider();
    let running = running(folder).await;
    let schema = provider.schema();
    let block = &schema.resource("local_file").expect("is offered").block;
    let config = block.coerce(&config).expect("fits the schema");
    let prior = Value::null(block.implied_type());
    let proposed = proposed_new(block, &prior, &config);
    let type_name = Str::from("local_file");
    let request = PlanRequest {
        type_name: type_name.clone(),
        prior: prior.clone(),
        proposed,
        config: config.clone(),
        private: vec![],
    };
    let planned = running.plan(request).await.planned;
    let token = Str::from("00000000-0000-4000-8000-000000000000");
    running.apply(ApplyRequest { type_name, prior, planned, config, private: vec![], token }).await
}

async fn read(folder: &FilePath, current: Value) -> Value {
    let request = ReadRequest { type_name: "local_file".into(), current, private: vec![] };
    running(folder).await.read(vec![request]).await.pop().expect("one was asked for").state
}

#[tokio::test]
async fn conforms() {
    let folder = folder();
    fs::write(folder.path().join("source"), "copied").expect("can be written");
    let content = |content: &str| object([("filename", text("a/b")), ("content", text(content))]);
    let plain = Case::new("local_file", content("1"))
        .replace(content("2"))
        .replace(object([("filename", text("c")), ("content_base64", text("AAEC/w=="))]))
        .replace(object([("filename", text("c")), ("source", text("source"))]))
        .replace(object([
            ("filename", text("c")),
            ("source", text("source")),
            ("file_permission", text("600")),
        ]))
        .replace(object([("filename", text("c")), ("sensitive_content", text("s"))]))
        .refuses(object([("content", text("1"))]), "filename")
        .refuses(object([("filename", text("a"))]), "content")
        .refuses(object([("filename", text("a")), ("content", text("")), ("source", text("b"))]), "content")
        .refuses(object([("filename", text("a")), ("content_base64", text("?"))]), "content_base64")
        .refuses(
            object([("filename", text("a")), ("content", text("")), ("file_permission", text("888"))]),
            "file_permission",
        );
    let sensitive = Case::new("local_sensitive_file", content("1")).replace(content("2"));
    let report = run(crate::provider(), &object([]), environment(folder.path()), &[plain, sensitive]).await;
    assert!(report.is_ok(), "{report}");
    assert!(!folder.path().join("c").exists());
}

#[tokio::test]
async fn hashes_are_those_of_the_content() {
    let folder = folder();
    let state =
        create(folder.path(), object([("filename", text("a")), ("content", text("abc"))])).await.state;
    for (name, expected) in [
        ("id", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("content_md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("content_sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("content_sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("content_base64sha256", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
    ] {
        assert_eq!(state.text(name), Some(expected), "{name}");
    }
    let data = running(folder.path()).await;
    let schema = crate::provider().schema();
    let block = &schema.data_source("local_file").expect("is offered").block;
    let config = block.coerce(&object([("filename", text("a"))])).expect("fits the schema");
    let response = data.read_data(DataRequest { type_name: "local_file".into(), config }).await;
    assert_eq!(response.state.text("content"), Some("abc"));
    assert_eq!(response.state.text("content_base64"), Some("YWJj"));
    for name in ["id", "content_md5", "content_sha512", "content_base64sha512"] {
        assert_eq!(response.state.attr(name), state.attr(name), "{name}");
    }
    let config = block.coerce(&object([("filename", text("missing"))])).expect("fits the schema");
    assert!(
        data.read_data(DataRequest { type_name: "local_file".into(), config }).await.diagnostics.has_errors()
    );
}

#[tokio::test]
async fn a_changed_or_vanished_file_is_gone() {
    let folder = folder();
    let path = folder.path().join("a");
    let state = create(folder.path(), object([("filename", text("a")), ("content", text("1"))])).await.state;
    assert_eq!(read(folder.path(), state.clone()).await, state);
    fs::write(&path, "2").expect("can be written");
    assert!(read(folder.path(), state.clone()).await.is_null());
    fs::remove_file(&path).expect("is there");
    assert!(read(folder.path(), state).await.is_null());
}

#[tokio::test]
async fn files_are_written_whole_with_permissions_and_through_links() {
    let folder = folder();
    let mode =
        |name: &str| fs::metadata(folder.path().join(name)).map(|m| m.permissions().mode() & 0o7777).ok();
    let config = object([
        ("filename", text("new/a")),
        ("content", text("1")),
        ("file_permission", text("0600")),
        ("directory_permission", text("0700")),
    ]);
    create(folder.path(), config).await;
    assert_eq!((mode("new"), mode("new/a")), (Some(0o700), Some(0o600)));
    std::os::unix::fs::symlink("new/a", folder.path().join("link")).expect("can be made");
    create(folder.path(), object([("filename", text("link")), ("content", text("2"))])).await;
    assert_eq!(fs::read_to_string(folder.path().join("new/a")).ok().as_deref(), Some("2"));
    assert!(folder.path().join("link").is_symlink());
    assert_eq!(
        fs::read_dir(folder.path().join("new")).map(Iterator::count).ok(),
        Some(1),
        "nothing is left beside it"
    );
    let failed = create(folder.path(), object([("filename", text("new")), ("content", text("1"))])).await;
    assert!(failed.diagnostics.has_errors() && failed.state.is_null());
}

#[tokio::test]
async fn the_outcome_of_a_lost_change_is_found() {
    let folder = folder();
    let state = create(folder.path(), object([("filename", text("a")), ("content", text("1"))])).await.state;
    let running = running(folder.path()).await;
    let null = Value::null(state.ty());
    let recover = async |prior: &Value, planned: &Value| {
        let request = RecoverRequest {
            type_name: "local_file".into(),
            prior: prior.clone(),
            planned: planned.clone(),
            config: planned.clone(),
            private: vec![],
            token: "00000000-0000-4000-8000-000000000000".into(),
        };
        match running.recover(request).await {
            RecoverResponse::Found { state, .. } => Some(state),
            _ => None,
        }
    };
    assert_eq!(recover(&null, &state).await, Some(state.clone()), "created");
    assert_eq!(recover(&state, &null).await, None, "not deleted");
    fs::write(folder.path().join("a"), "2").expect("can be written");
    assert_eq!(recover(&null, &state).await, None, "something else is there");
    fs::remove_file(folder.path().join("a")).expect("is there");
    assert_eq!(recover(&null, &state).await, None, "not created");
    assert_eq!(recover(&state, &null).await, Some(null), "deleted");
}

#[test]
fn folders_are_told_from_files() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").expect("can be written");
    let exists = |name: &str| {
        let path = folder.path().join(name).to_string_lossy().into_owned();
        crate::provider().call_function("direxists", &[text(&path)])
    };
    assert_eq!(exists(""), Ok(Value::bool(true)));
    assert_eq!(exists("none"), Ok(Value::bool(false)));
    assert!(exists("file").is_err());
}
