use std::fs;

use provider::DataRequest;
use provider::conformance::{configured, environment};
use provider::simple::Access;
use value::Value;

use super::super::support::{folder, object, root, text};
use super::set_mode;

async fn read(type_name: &str, config: Value) -> Result<Value, String> {
    let folder = folder();
    let provider = crate::provider();
    let block = provider.schema().data_source(type_name).expect("is offered").block.clone();
    let config = block.coerce(&config).expect("fits the schema");
    let checked = provider.validate_data(type_name, &config);
    assert!(!checked.has_errors(), "{checked:?}");
    let running = configured(provider.as_ref(), &object([]), environment(folder.path())).await?;
    let response = running.read_data(DataRequest { type_name: type_name.into(), config }).await;
    if response.diagnostics.has_errors() {
        Err(format!("{:?}", response.diagnostics))
    } else {
        Ok(response.state)
    }
}

#[tokio::test]
async fn a_file_is_read_as_it_is() {
    let folder = folder();
    fs::write(folder.path().join("text"), "one\n\ntwo").expect("can be written");
    fs::write(folder.path().join("bytes"), [0, 255, 10]).expect("can be written");
    fs::write(folder.path().join("empty"), "").expect("can be written");
    set_mode(&folder.path().join("text"), 0o4640);
    let config = |path: &str| object([("host", root(folder.path())), ("path", text(path))]);
    let file = read("host_file", config("/text")).await.expect("is there");
    assert_eq!((file.text("content"), file.int("size")), (Some("one\n\ntwo"), Some(8)));
    assert_eq!((file.text("mode"), file.text("owner")), (Some("4640"), Some("root")));
    assert_eq!(
        file.text("content_sha256"),
        Some("f1687a1c91e7dabb67da04e90073a106ff7ad470212e3c98986afd56472abef8")
    );
    let file = read("host_file", config("/bytes")).await.expect("is there");
    assert_eq!((file.text("content"), file.text("content_base64")), (None, Some("AP8K")));
    let file = read("host_file", config("/empty")).await.expect("is there");
    assert_eq!((file.text("content"), file.int("size")), (Some(""), Some(0)));
    let missing = read("host_file", config("/none")).await.expect_err("is not there");
    assert!(missing.contains("could not read the file /none: there is no such file"), "{missing}");
}

#[tokio::test]
async fn a_command_says_what_it_says() {
    let config = object([("host", text("local:")), ("command", text("echo out; echo err >&2"))]);
    let said = read("host_command", config.clone()).await.expect("runs");
    assert_eq!(
        (said.text("stdout"), said.text("stderr"), said.int("exit_code")),
        (Some("out\n"), Some("err\n"), Some(0))
    );
    let failed =
        read("host_command", config.with_attr("command", text("exit 4"))).await.expect_err("is not expected");
    assert!(failed.contains("the command ended with status 4"), "{failed}");
}

#[tokio::test]
async fn facts_are_those_of_the_host() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("etc")).expect("can be made");
    fs::write(folder.path().join("etc/os-release"), "ID=debian\nVERSION_ID=\"12\"\n")
        .expect("can be written");
    let facts = read("host_facts", object([("host", root(folder.path()))])).await.expect("can be read");
    assert_eq!(
        (facts.text("os_id"), facts.text("os_version"), facts.text("kernel")),
        (Some("debian"), Some("12"), None)
    );
    let facts = read("host_facts", object([("host", text("local:"))])).await.expect("can be read");
    assert!(facts.int("cpus").is_some_and(|cpus| cpus > 0));
}
