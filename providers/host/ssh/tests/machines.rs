//! Machines that are said to be elsewhere.

use provider::conformance::{configured, environment};
use value::Value;

use super::server::{Server, free_port, sshd_is_here, user};
use crate::tests::support::{Bench, folder, list, object, text, texts};

fn at(port: u16) -> Value {
    object([
        ("address", text("127.0.0.1")),
        ("port", Value::number(i64::from(port))),
        ("user", text(&user())),
        ("wait_timeout", text("1s")),
    ])
}

#[tokio::test]
async fn another_way_to_a_machine_may_lead_to_another_one() {
    if !sshd_is_here() {
        return;
    }
    let (old, new, folder) = (Server::start(""), Server::start(""), folder());
    std::fs::copy(old.file("authorized_keys"), new.file("authorized_keys")).expect("is written");
    let config = object([
        ("private_key_file", text(&old.file("user_ed25519").display().to_string())),
        ("known_hosts", text(&format!("{}{}", old.known("ed25519"), new.known("ed25519")))),
        ("connect_timeout", text("5s")),
    ]);
    let provider = crate::provider();
    let config = provider.schema().provider.block.coerce(&config).expect("fits the schema");
    let running = configured(provider.as_ref(), &config, environment(folder.path())).await;
    let bench = Bench::running(running.expect("the settings are right"), "host_machine");
    let state = bench.create(at(old.port)).await;

    // What was last known is old, as after -refresh=false: what the plan says holds, and the new addresses are told.
    let stale = state.with_attr("addresses", list(&["192.0.2.1"])).with_attr("kernel", text("old"));
    let (_, plan) = bench.plan(&stale, &at(new.port)).await;
    assert!(plan.requires_replace.is_empty(), "it is the same machine: {:?}", plan.requires_replace);
    assert!(plan.planned.attr("addresses").is_some_and(|addresses| !addresses.is_known()));
    let moved = bench.apply_plan(&stale, plan.planned.clone()).await;
    assert!(!moved.diagnostics.has_errors(), "{}", texts(&moved.diagnostics));
    for (name, promised) in
        plan.planned.entries().expect("is an object").iter().filter(|(_, value)| value.is_known())
    {
        assert_eq!(moved.state.attr(name), Some(promised), "{name}");
    }
    assert_eq!(moved.state.attr("addresses"), state.attr("addresses"));
    assert_eq!(bench.read(&moved.state).await.attr("kernel"), state.attr("kernel"), "the next refresh tells");

    // How long to wait is no way: nothing is asked, and nothing told that the plan did not say.
    let patient = at(old.port).with_attr("wait_timeout", text("2s"));
    let (_, plan) = bench.plan(&stale, &patient).await;
    let made = bench.apply_plan(&stale, plan.planned.clone()).await;
    assert_eq!((made.state, made.diagnostics.has_errors()), (plan.planned, false));

    let other = state.with_attr("machine_id", text("0123456789abcdef0123456789abcdef"));
    let (_, plan) = bench.plan(&other, &at(new.port)).await;
    let replaced: Vec<String> = plan.requires_replace.iter().map(ToString::to_string).collect();
    assert!(replaced.iter().any(|path| path.contains("port")), "{replaced:?}");
    // Where the plan could not look, the apply says what to do.
    let failed = bench.apply_plan(&other, plan.planned).await;
    let said = texts(&failed.diagnostics);
    for part in ["Another machine answers", "-replace=ADDRESS", "lost_hosts"] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    assert_eq!(failed.state, other, "nothing was changed");

    let (_, plan) = bench.plan(&other, &at(free_port())).await;
    assert!(plan.requires_replace.is_empty() && !plan.diagnostics.has_errors(), "nobody answers there yet");
}
