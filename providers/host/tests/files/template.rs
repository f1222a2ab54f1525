use std::fs;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::super::support::{Bench, folder, object, root, text, without};
use super::by_key;

const TEMPLATE: &str = "%{ for s in servers ~}\nserver ${s}:${port}\n%{ endfor ~}\n";

fn servers(names: &[&str], port: i64) -> Value {
    let names = names.iter().map(|name| text(name)).collect();
    object([("servers", Value::tuple(names)), ("port", Value::number(port))])
}

/// A host with `/etc`, and the template `t.tftpl` beside it.
fn prepared() -> (tempfile::TempDir, Value) {
    let folder = folder();
    fs::create_dir_all(folder.path().join("h/etc")).expect("can be made");
    fs::write(folder.path().join("t.tftpl"), TEMPLATE).expect("can be written");
    let config = object([
        ("host", root(&folder.path().join("h"))),
        ("path", text("/etc/servers")),
        ("template", text("t.tftpl")),
        ("variables", servers(&["a", "b"], 80)),
    ]);
    (folder, config)
}

#[tokio::test]
async fn files_of_templates_conform() {
    let (folder, config) = prepared();
    let secret = config.with_attr("sensitive_variables", object([("unused", text("x"))]));
    let plain = object([
        ("host", root(&folder.path().join("h"))),
        ("path", text("/etc/servers")),
        ("content", text("plain")),
    ]);
    let cases = [
        Case::new("host_file", config.clone())
            .update(config.with_attr("variables", servers(&["a"], 81)))
            .update(secret.clone())
            .update(plain.clone())
            .update(config.clone())
            .refuses(config.with_attr("content", text("x")), "content")
            .refuses(config.with_attr("variables", text("x")), "variables")
            .refuses(plain.with_attr("variables", servers(&[], 1)), "variables")
            .refuses(
                secret.with_attr("sensitive_variables", object([("port", Value::number(1))])),
                "sensitive_variables",
            ),
        Case::new("host_file", config)
            .named("import")
            .import_made(by_key, &["template", "variables", "rendered", "content", "revision"]),
    ];
    let report = run(crate::provider(), &object([]), environment(folder.path()), &cases).await;
    assert!(report.is_ok(), "{report}");
}

#[tokio::test]
async fn the_plan_has_the_text_and_drift_shows_as_text() {
    let (folder, config) = prepared();
    let file = folder.path().join("h/etc/servers");
    let bench = Bench::new("host_file", folder.path()).await;
    let state = bench.create(config.clone()).await;
    assert_eq!(state.text("rendered"), Some("server a:80\nserver b:80\n"));
    assert_eq!(fs::read_to_string(&file).ok().as_deref(), Some("server a:80\nserver b:80\n"));
    fs::write(&file, "server a:80\nserver c:80\n").expect("can be written");
    let seen = bench.read(&state).await;
    assert_eq!(seen.text("rendered"), Some("server a:80\nserver c:80\n"));
    let (_, plan) = bench.plan(&seen, &config).await;
    let back = state.with_attr("revision", Value::unknown(value::Type::String));
    assert_eq!(plan.planned, back, "back to what it was");
    let state = bench.change(&seen, &config).await.state;
    assert_eq!(fs::read_to_string(&file).ok().as_deref(), Some("server a:80\nserver b:80\n"));
    fs::write(folder.path().join("t.tftpl"), "${length(servers)}").expect("can be written");
    let (_, plan) = bench.plan(&state, &config).await;
    assert_eq!(plan.planned.text("rendered"), Some("2"), "a changed template shows, whatever type it gives");
}

#[tokio::test]
async fn what_is_planned_is_written_and_what_is_unknown_is_rendered_later() {
    let (folder, config) = prepared();
    let bench = Bench::new("host_file", folder.path()).await;
    let nothing = Value::null(value::Type::Dynamic);
    let unknown =
        config.with_attr("variables", object([("servers", Value::dynamic()), ("port", Value::number(1))]));
    let (_, plan) = bench.plan(&nothing, &unknown).await;
    assert!(!plan.diagnostics.has_errors(), "{:?}", plan.diagnostics);
    assert!(plan.planned.attr("rendered").is_some_and(|text| !text.is_known()));
    let known = plan.planned.with_attr("variables", servers(&["later"], 1));
    let response = bench.apply_planned(known).await;
    assert_eq!(response.state.text("rendered"), Some("server later:1\n"));

    let (_, plan) = bench.plan(&nothing, &config).await;
    fs::remove_file(folder.path().join("t.tftpl")).expect("is there");
    let response = bench.apply_planned(plan.planned).await;
    assert!(!response.diagnostics.has_errors(), "a saved plan needs no template: {:?}", response.diagnostics);
    let (_, plan) = bench.plan(&nothing, &config).await;
    let said = format!("{:?}", plan.diagnostics);
    assert!(said.contains("no file exists at"), "{said}");
}

#[tokio::test]
async fn secret_variables_are_shown_nowhere() {
    let (folder, config) = prepared();
    fs::write(folder.path().join("t.tftpl"), "key = ${key}\n").expect("can be written");
    let key = object([("key", text("sesame"))]);
    let config = config
        .with_attr("variables", Value::null(value::Type::Dynamic))
        .with_attr("sensitive_variables", key);
    let bench = Bench::new("host_file", folder.path()).await;
    let state = bench.create(config.clone()).await;
    assert_eq!(
        fs::read_to_string(folder.path().join("h/etc/servers")).ok().as_deref(),
        Some("key = sesame\n")
    );
    let block = &crate::provider().schema().resource("host_file").expect("is offered").block.clone();
    for (name, value) in state.entries().expect("is an object").iter() {
        let hidden = block.attributes.get(name).is_some_and(|attribute| attribute.sensitive);
        assert!(hidden || !format!("{value:?}").contains("sesame"), "{name}");
    }
    assert_eq!((state.text("rendered"), state.text("content_sha256")), (None, None));
    fs::write(folder.path().join("h/etc/servers"), "key = other\n").expect("can be written");
    let seen = bench.read(&state).await;
    let expected =
        state.with_attr("sensitive_rendered", text("key = other\n")).with_attr("size", Value::number(12));
    assert_eq!(without(&seen, "revision"), without(&expected, "revision"));
    fs::write(folder.path().join("t.tftpl"), "${parseint(key, 10)}").expect("can be written");
    let (_, plan) = bench.plan(&state, &config).await;
    let said = format!("{:?}", plan.diagnostics);
    assert!(plan.diagnostics.has_errors() && !said.contains("sesame"), "{said}");
}
