//! Nodes that are emptied for another kubelet, by a resource that does nothing else.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use provider::conformance::{Bench, configured};
use provider::simple::Access as _;
use provider::{Attribute, Block, Provider, Schema};
use provider_host::kit::{Context, Host, HostProvider, Resource, Result};
use value::{Type, Value};

use super::node::{apply, pod_on, ready_with};
use super::now;
use super::server::Server;
use crate::cluster::Vacating;
use crate::tests::support::{text, texts};

/// A change of a kubelet without the kubelet: `until` is how far it gets.
struct Change;

#[async_trait]
impl Resource for Change {
    fn type_name(&self) -> &'static str {
        "test_change"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .with("node", Attribute::required(Type::String))
            .with("until", Attribute::required(Type::String))
            .with("drain", Vacating::attribute());
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["node"]
    }

    async fn read(&self, _host: &Host, current: &Value) -> Result<Value> {
        Ok(current.clone())
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let settings = planned.attr("drain").expect("is an attribute");
        let vacating = Vacating::new(host, planned.text("node").unwrap_or_default(), settings)?;
        vacating.begin(context).await.map_err(|error| {
            assert!(!error.is_cordoned);
            error.failure
        })?;
        if planned.text("until") == Some("end") {
            vacating.end(context, Some("v1.34.9")).await?;
        }
        Ok(planned.clone())
    }

    async fn delete(&self, _host: &Host, _prior: &Value) -> Result<()> {
        Ok(())
    }
}

pub(super) async fn nodes_are_emptied_and_given_back(server: &Server) {
    let resources: Vec<Box<dyn Resource>> = vec![Box::new(Change)];
    let provider: Arc<dyn Provider> = Arc::new(HostProvider::new("eksd", resources, Vec::new(), None));
    let running = configured(provider.as_ref(), &Value::object_of::<&str>([]), now(server.path())).await;
    let bench = Bench::running(Arc::clone(&provider), running.expect("needs nothing"), "test_change");
    let null = Value::null(Type::Dynamic);
    let settings = |timeout: &str| server.object([("timeout", text(timeout)), ("ready_timeout", text("3s"))]);
    let change = async |until: &str| {
        let config = Value::object_of([
            ("host", text("local:")),
            ("node", text("n3")),
            ("until", text(until)),
            ("drain", settings("3s")),
        ]);
        texts(&bench.change(&null, &config).await.diagnostics)
    };
    let node = |path: &str| server.kubectl(&["get", "node", "n3", &format!("-o=jsonpath={path}")]);
    let cordoned = || node("{.spec.unschedulable}") == "true";
    let is_ours = || node("{.metadata.annotations}").contains("eksd.groma/cordoned");

    // A node that is not there has no pods.
    assert_eq!(change("emptied").await, "");
    apply(server, r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n3"}}"#);
    ready_with(server, "n3", "True", "v1.33.12-eks-a");
    pod_on(server, "n3", "moving", Some("ReplicaSet"));
    pod_on(server, "n3", "held", Some("ReplicaSet"));
    apply(
        server,
        r#"{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"holds","namespace":"default"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"held"}}}}"#,
    );
    let allowed = |count: u32| {
        let status = format!(
            r#"{{"status":{{"observedGeneration":1,"disruptionsAllowed":{count},"currentHealthy":1,"desiredHealthy":1,"expectedPods":1}}}}"#
        );
        server.kubectl(&[
            "patch",
            "pdb",
            "holds",
            "--subresource=status",
            "--type=merge",
            "--patch",
            &status,
        ]);
    };

    // A budget that never lets go: pod and budget are named, and the node is as it was.
    allowed(0);
    let said = change("end").await;
    for part in [
        "After 3 s, 1 pods were still on the node n3: default/held: ",
        "holds",
        "Nothing was switched",
        "as before",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!cordoned() && !is_ours(), "{}", node("{.spec}"));

    // A kubelet that does not come up in its version: the node stays as it is for the next run.
    allowed(1);
    let said = change("end").await;
    let expected =
        "After 3 s, the node n3 is not ready: its kubelet says that it is v1.33.12-eks-a, not v1.34.9";
    assert!(said.contains(expected), "{said}");
    assert!(cordoned() && is_ours());
    assert!(server.try_kubectl(&["get", "pod", "held"]).is_err());

    // That one ends it, however far the one before got.
    assert_eq!(change("emptied").await, "");
    assert!(cordoned() && is_ours());
    let (said, ()) = tokio::join!(change("end"), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        ready_with(server, "n3", "True", "v1.34.9-eks-b");
    });
    assert_eq!(said, "");
    assert!(!cordoned() && !is_ours());

    // A cordon of somebody else stays.
    server.kubectl(&["cordon", "n3"]);
    assert_eq!(change("end").await, "");
    assert!(cordoned() && !is_ours());
    server.kubectl(&["delete", "node", "n3"]);
    server.kubectl(&["delete", "pdb", "holds"]);
}
