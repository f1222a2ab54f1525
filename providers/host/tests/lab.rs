//! Real hosts for the tests of what needs a running system.

use std::path::Path as FilePath;
use std::sync::Arc;

use ::lab::{Lab, Plan};
use provider::Configured;
use provider::conformance::{configured, environment};
use value::Value;

use super::support::{Bench, object, text, texts};

/// A lab with one host `d1`; none, with a line that says so, unless `cargo xtask lab test` runs the tests.
pub(super) fn one_host(name: &str) -> Option<Lab> {
    if std::env::var_os("GROMA_TEST_LAB").is_none() {
        eprintln!("not tested, as it needs real hosts: cargo xtask lab test");
        return None;
    }
    Some(
        Lab::up(&Plan::new(name).direct("d1")).unwrap_or_else(|error| panic!("the lab is not up: {error:#}")),
    )
}

/// The connection of a lab's host.
pub(super) fn connection(lab: &Lab, host: &str) -> Value {
    let host = lab.host(host).expect("is planned");
    Value::string(format!("ssh://root@{}:{}", host.address, host.port))
}

/// One resource type at work on the hosts of a lab.
pub(super) async fn bench(lab: &Lab, type_name: &str, folder: &FilePath) -> Bench {
    bench_knowing(lab, type_name, folder, Vec::new()).await
}

/// The same with more lines of `known_hosts`.
pub(super) async fn bench_knowing(lab: &Lab, type_name: &str, folder: &FilePath, more: Vec<String>) -> Bench {
    Bench::running(running(lab, folder, more).await, type_name)
}

/// The provider at work on the hosts of a lab.
pub(super) async fn running(lab: &Lab, folder: &FilePath, more: Vec<String>) -> Arc<dyn Configured> {
    let mut lines: Vec<String> =
        lab.record().hosts.iter().flat_map(|host| host.known_hosts.clone()).collect();
    lines.extend(more);
    let config = object([
        ("private_key_file", text(&lab.record().private_key.display().to_string())),
        ("known_hosts", text(&lines.join("\n"))),
    ]);
    let provider = crate::provider();
    let config = provider.schema().provider.block.coerce(&config).expect("fits the schema");
    configured(provider.as_ref(), &config, environment(folder)).await.expect("the settings are right")
}

/// Runs a line on a host, past groma, and answers what it printed.
pub(super) fn by_hand(lab: &Lab, line: &str) -> String {
    lab.inside("d1", &["sh", "-c", line]).unwrap_or_else(|error| panic!("{line}: {error:#}"))
}

/// What must be on a host after everything was destroyed as it was before.
pub(super) fn snapshot(lab: &Lab) -> String {
    lab.snapshot("d1").expect("can be taken")
}

/// Checks that a host is as it was.
#[track_caller]
pub(super) fn assert_as_before(lab: &Lab, before: &str) {
    if let Some(differences) = ::lab::differences(before, &snapshot(lab)) {
        panic!("the host is not as it was:\n{differences}");
    }
}

/// Cuts all connections of the host once a file is there.
pub(super) async fn cut_once_there(lab: &Lab, file: &str) {
    for _ in 0..600 {
        if lab.inside("d1", &["test", "-e", file]).is_ok() {
            return lab.kill_sessions("d1").expect("can be killed");
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("there is no {file} on the host");
}

/// The names of the attributes in which two objects differ.
pub(super) fn differing(a: &Value, b: &Value) -> Vec<String> {
    let entries = a.entries().into_iter().flat_map(value::Entries::iter);
    entries.filter(|(name, value)| b.attr(name) != Some(value)).map(|(name, _)| name.to_string()).collect()
}

/// Changes by hand, each of which must show as exactly one attribute and be repaired by the next apply: the attribute, the
/// line that is run on the host, and why.
pub(super) async fn each_shows_and_is_repaired(
    lab: &Lab,
    bench: &Bench,
    (state, config): (&Value, &Value),
    rows: &[(&str, &str, &str)],
) {
    for (field, line, why) in rows {
        by_hand(lab, line);
        let seen = bench.read(state).await;
        assert_eq!(differing(state, &seen), [*field], "{why}");
        assert_eq!(bench.read(&seen).await, seen, "{why}: what is known still shows");
        let response = bench.change(&seen, config).await;
        assert!(!response.diagnostics.has_errors(), "{why}: {}", texts(&response.diagnostics));
        assert_eq!(&response.state, state, "{why}");
        assert_eq!(&bench.read(state).await, state, "{why}");
    }
}
