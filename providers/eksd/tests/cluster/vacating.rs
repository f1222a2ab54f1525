//! Nodes that are emptied for another kubelet, by a resource that does nothing else.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use provider::conformance::{Bench, configured};
use provider::simple::Access as _;
use provider::{Attribute, Block, Configured, Provider, Schema};
use provider_host::kit::{Context, Host, HostProvider, Resource, Result};
use value::{Type, Value};

use super::node::{apply, pod_on, ready_with};
use super::now;
use super::server::Server;
use crate::cluster::Vacating;
use crate::tests::support::{folder, list, root, text, texts};

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
        match planned.text("until") {
            Some("released") => {
                Vacating::with_patience(context, host, "n", settings, Duration::ZERO)?.release().await?;
            }
            Some("ready") => {
                Vacating::new(context, host, "n3", settings)?.end(context, Some("v1.34.9")).await?;
            }
            _ => {}
        }
        if planned.text("until") == Some("nothing") {
            return Ok(planned.clone());
        }
        let vacating = Vacating::new(context, host, planned.text("node").unwrap_or_default(), settings)?;
        vacating.begin(context).await.map_err(|error| {
            assert!(!error.is_cordoned);
            error.failure
        })?;
        if planned.text("until") == Some("end") {
            vacating.end(context, Some("v1.34.9")).await?;
        }
        Ok(planned.clone())
    }

    async fn delete(&self, _context: &Context, _host: &Host, _prior: &Value) -> Result<()> {
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

    // Whoever stops groma is not told that it waited to the end.
    ready_with(server, "n3", "False", "v1.34.9-eks-b");
    let running = configured(provider.as_ref(), &Value::object_of::<&str>([]), now(server.path())).await;
    let stopped = running.expect("needs nothing");
    let bench_of_stopped = Bench::running(Arc::clone(&provider), Arc::clone(&stopped), "test_change");
    let config = Value::object_of([
        ("host", text("local:")),
        ("node", text("n3")),
        ("until", text("ready")),
        ("drain", server.object([("ready_timeout", text("10m"))])),
    ]);
    let (response, ()) = tokio::join!(bench_of_stopped.change(&null, &config), async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        stopped.stop().await;
    });
    let said = texts(&response.diagnostics);
    assert!(said.contains("When groma was stopped, the node n3 is not ready: Ready is False"), "{said}");
    ready_with(server, "n3", "True", "v1.34.9-eks-b");

    // A cordon of somebody else stays.
    server.kubectl(&["cordon", "n3"]);
    assert_eq!(change("end").await, "");
    assert!(cordoned() && !is_ours());
    server.kubectl(&["delete", "node", "n3"]);
    server.kubectl(&["delete", "pdb", "holds"]);
}

/// What keeps pods off a node for a kubelet is taken back when that goes, or by the next one.
pub(super) async fn kubelets_give_their_node_back(server: &Server, running: &Arc<dyn Configured>) {
    let bench = super::bench(running, "eksd_kubelet");
    let host = server.path().join("worker");
    let note = host.join("var/lib/groma/eksd/kubelet-cordon");
    let kubelet = |drain: Value| {
        Value::object_of([
            ("host", text(format!("root:{}", host.display()))),
            ("cluster", text("one")),
            ("node", text("n4")),
            ("version", text("v1.34.9-eks-1-34-21")),
            ("drain", drain),
        ])
    };
    let (drain, none) = (server.object([("ready_timeout", text("10s"))]), Value::null(Type::Dynamic));
    apply(server, r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n4"}}"#);
    ready_with(server, "n4", "True", "v1.34.9-eks-x");
    // As a run leaves it that did not end.
    let begun = || {
        let cordon =
            r#"{"metadata":{"annotations":{"eksd.groma/cordoned":"x"}},"spec":{"unschedulable":true}}"#;
        server.kubectl(&["patch", "node", "n4", "--type=merge", "--patch", cordon]);
        fs::create_dir_all(note.parent().expect("has a folder")).expect("can be made");
        fs::write(&note, "n4\n").expect("can be written");
    };
    let cordoned = || server.kubectl(&["get", "node", "n4", "-o=jsonpath={.spec.unschedulable}"]) == "true";

    let state = bench.create(kubelet(drain.clone())).await;
    begun();
    bench.delete(&state).await;
    assert!(!cordoned() && !note.exists() && !host.join("var/lib/groma").exists());

    // One that cannot reach the API leaves that to the one after it.
    let state = bench.create(kubelet(none.clone())).await;
    begun();
    bench.delete(&state).await;
    assert!(cordoned() && note.exists());
    let said = texts(&bench.change(&none, &kubelet(none.clone())).await.diagnostics);
    assert!(said.contains("Node may still be cordoned") && said.contains("Set drain again"), "{said}");
    let state = bench.create(kubelet(drain.clone())).await;
    assert!(!cordoned() && !note.exists());

    // A node that does not come up with it stays as it is.
    begun();
    bench.delete(&state.with_attr("drain", none.clone())).await;
    ready_with(server, "n4", "False", "v1.34.9-eks-x");
    let said = texts(&bench.change(&none, &kubelet(drain)).await.diagnostics);
    assert!(
        said.contains("After 10 s, the node n4 is not ready") && said.contains("stays cordoned"),
        "{said}"
    );
    assert!(cordoned() && note.exists());
    server.kubectl(&["delete", "node", "n4"]);
}

/// The way to the API is no trouble of the kubelet's host: it is not tried over and over for that, and others' changes go on.
#[tokio::test]
async fn an_api_that_is_away_is_not_the_hosts_trouble() {
    let folder = folder();
    let resources: Vec<Box<dyn Resource>> = vec![Box::new(Change)];
    let provider: Arc<dyn Provider> = Arc::new(HostProvider::new("eksd", resources, Vec::new(), None));
    let running = configured(provider.as_ref(), &Value::object_of::<&str>([]), now(folder.path())).await;
    let bench = Bench::running(Arc::clone(&provider), running.expect("needs nothing"), "test_change");
    let change = async |node: &str, until: &str| {
        let drain = Value::object_of([(
            "hosts",
            list(&[&format!("root:{}", folder.path().join("nowhere").display())]),
        )]);
        let config = Value::object_of([
            ("host", root(folder.path())),
            ("node", text(node)),
            ("until", text(until)),
            ("drain", drain),
        ]);
        texts(&bench.change(&Value::null(Type::Dynamic), &config).await.diagnostics)
    };
    let begun = std::time::Instant::now();
    let said = change("n", "released").await;
    assert!(said.contains("Kubernetes API cannot be reached"), "{said}");
    assert_eq!(change("m", "nothing").await, "");
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}
