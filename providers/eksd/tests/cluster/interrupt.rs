//! Asking groma to stop while something is removed.

use std::time::Duration;

use provider::simple::Access as _;
use value::Value;

use super::node::{apply, pod_on, ready_with};
use super::server::Server;
use super::{bench, text};
use crate::tests::support::texts;

/// What holds a removal would hold it for 10 minutes.
pub(super) async fn removals_end_with_an_interrupt(server: &Server) {
    a_drain(server).await;
    a_finalizer(server).await;
}

/// A disruption budget that never allows.
async fn a_drain(server: &Server) {
    apply(server, r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n7"}}"#);
    ready_with(server, "n7", "True", "v1.34.9");
    pod_on(server, "n7", "kept", Some("ReplicaSet"));
    apply(
        server,
        r#"{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"kept","namespace":"default"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"kept"}}}}"#,
    );
    let running = server.configured().await;
    let bench = bench(&running, "eksd_node");
    let state = bench.create(server.object([("name", text("n7")), ("drain", Value::bool(true))])).await;
    let (response, ()) = tokio::join!(within(bench.try_delete(&state)), stop(&running));
    let said = texts(&response.diagnostics);
    assert!(said.contains("When groma was stopped, 1 pods were still on the node n7"), "{said}");
    assert_eq!(response.state.text("name"), Some("n7"), "it stays in the state");
    server.kubectl(&["get", "pod", "kept"]);
    server.kubectl(&["get", "node", "n7"]);
    server.kubectl(&["delete", "pdb", "kept"]);
    server.kubectl(&["delete", "pod", "kept", "--force", "--grace-period=0"]);
    server.kubectl(&["delete", "node", "n7"]);
}

/// A finalizer that nobody takes away.
async fn a_finalizer(server: &Server) {
    let yaml = "{apiVersion: v1, kind: ConfigMap, metadata: {name: held, finalizers: [example.com/held]}}";
    let running = server.configured().await;
    let bench = bench(&running, "eksd_manifest");
    let state = bench.create(server.object([("yaml", text(yaml))])).await;
    let (response, ()) = tokio::join!(within(bench.try_delete(&state)), stop(&running));
    let said = texts(&response.diagnostics);
    assert!(
        said.contains("v1 ConfigMap - held was still there when groma was stopped")
            && said.contains("example.com/held"),
        "{said}"
    );
    assert!(!response.state.is_null(), "it stays in the state");
    let free = r#"{"metadata":{"finalizers":null}}"#;
    server.kubectl(&["patch", "configmap", "held", "--type=merge", "--patch", free]);
    let again = server.configured().await;
    super::bench(&again, "eksd_manifest").delete(&state).await;
}

async fn stop(running: &std::sync::Arc<dyn provider::Configured>) {
    tokio::time::sleep(Duration::from_secs(3)).await;
    running.stop().await;
}

async fn within<T>(change: impl Future<Output = T>) -> T {
    let ended = tokio::time::timeout(Duration::from_mins(2), change).await;
    ended.expect("it ends long before its own time is over")
}
