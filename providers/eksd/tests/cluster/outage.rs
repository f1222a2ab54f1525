//! Removing nodes while no API answers.

use std::sync::Arc;

use provider::Configured;
use provider::conformance::{Bench, configured};
use provider::simple::Access as _;
use value::Value;

use super::server::Server;
use super::{bench, list, now, text};
use crate::tests::support::{object, texts};

/// Says of the node while the API answers.
pub(super) async fn node(server: &Server, running: &Arc<dyn Configured>) -> Value {
    super::node::apply(server, r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n9"}}"#);
    super::node::ready_with(server, "n9", "True", "v1.34.9");
    bench(running, "eksd_node")
        .create(server.object([("name", text("n9")), ("drain", Value::bool(true))]))
        .await
}

/// A node goes out of the state where so many hosts are lost that the API cannot come back by itself, and only there.
pub(super) async fn nodes_of_a_lost_quorum_are_given_up(server: &Server, node: &Value) {
    let place = |name: &str| server.path().join(name).display().to_string();
    let provider = crate::provider();
    let config = object([("lost_hosts", list(&[&place("lost1"), &place("lost2")]))]);
    let config = provider.schema().provider.block.coerce(&config).expect("fits the schema");
    let running = configured(provider.as_ref(), &config, now(server.path())).await.expect("is right");
    let bench = Bench::running(crate::provider(), Arc::clone(&running), "eksd_node");
    let on = |names: &[&str]| {
        let hosts: Vec<String> = names.iter().map(|name| format!("root:{}", place(name))).collect();
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).chain(["local:"]).collect();
        node.with_attr("hosts", list(&hosts))
    };
    let response = bench.try_delete(&on(&["lost1", "lost2"])).await;
    let said = texts(&response.diagnostics);
    assert!(!response.diagnostics.has_errors() && response.state.is_null(), "{said}");
    assert!(
        said.contains("The node n9 went out of the state only") && said.contains("kubectl delete node n9"),
        "{said}"
    );
    // One of three is lost: the others may come back. That is not waited for by who was told to stop.
    running.stop().await;
    let response = bench.try_delete(&on(&["lost1", "kept"])).await;
    assert!(response.diagnostics.has_errors(), "{:?}", response.diagnostics);
    assert_eq!(response.state.text("name"), Some("n9"));
}

#[test]
fn trouble_of_the_api_is_no_hosts_trouble() {
    let resources = crate::cluster::resources();
    assert!(resources.len() >= 3 && resources.iter().all(|resource| !resource.is_on_host()));
}
