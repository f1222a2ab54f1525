use std::fs;
use std::sync::Arc;
use std::time::Duration;

use provider::Configured;
use provider::simple::Access as _;
use value::{Type, Value};

use super::server::Server;
use super::{bench, list, text};
use crate::tests::support::{differing, texts};

pub(super) fn apply(server: &Server, json: &str) {
    let file = server.path().join("object.json");
    fs::write(&file, json).expect("is written");
    server.kubectl(&["create", "-f", &file.display().to_string()]);
}

/// Says of a node what its kubelet would.
fn ready(server: &Server, name: &str, status: &str) {
    ready_with(server, name, status, "v1.34.9-eks-x");
}

/// The same of a kubelet of another version.
pub(super) fn ready_with(server: &Server, name: &str, status: &str, version: &str) {
    let patch = format!(
        r#"{{"status":{{"conditions":[{{"type":"Ready","status":"{status}","reason":"R","message":"runtime network not ready"}}],
        "nodeInfo":{{"kubeletVersion":"{version}","machineID":"","systemUUID":"","bootID":"","kernelVersion":"","osImage":"","containerRuntimeVersion":"","kubeProxyVersion":"","operatingSystem":"","architecture":""}},
        "addresses":[{{"type":"InternalIP","address":"10.0.0.7"}}]}}}}"#
    );
    server.kubectl(&["patch", "node", name, "--subresource=status", "--type=merge", "--patch", &patch]);
}

fn node(server: &Server, name: &str, labels: &[(&str, &str)], taints: &[&str]) -> Value {
    let labels = labels.iter().map(|(key, value)| (value::Str::from(*key), text(*value))).collect();
    server.object([
        ("name", text(name)),
        ("labels", Value::map(Type::String, labels)),
        ("taints", list(taints)),
        ("timeout", text("30s")),
    ])
}

pub(super) async fn nodes_are_changed_where_they_are_ours(server: &Server, running: &Arc<dyn Configured>) {
    let bench = bench(running, "eksd_node");
    let config = node(server, "n1", &[("pool", "db"), ("zone", "a")], &["dedicated=db:NoSchedule"]);
    let null = Value::null(Type::Dynamic);
    let said = texts(&bench.change(&null, &config.with_attr("timeout", text("2s"))).await.diagnostics);
    assert!(
        said.contains("The node n1 did not join the cluster within 2 s")
            && said.contains("journalctl -u kubelet"),
        "{said}"
    );
    apply(
        server,
        r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","labels":{"theirs":"1"}},"spec":{"taints":[{"key":"theirs","effect":"NoExecute"}]}}"#,
    );
    ready(server, "n1", "False");
    let said = texts(&bench.change(&null, &config.with_attr("timeout", text("2s"))).await.diagnostics);
    assert!(
        said.contains("After 2 s, the node n1 is not ready: Ready is False (R: runtime network not ready)"),
        "{said}"
    );
    let (state, ()) = tokio::join!(bench.create(config.clone()), async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        ready(server, "n1", "True");
    });
    assert_eq!(
        (state.text("kubelet_version"), state.text("internal_ip"), state.flag("ready")),
        (Some("v1.34.9-eks-x"), Some("10.0.0.7"), Some(true))
    );
    let taints = || {
        server.kubectl(&[
            "get",
            "node",
            "n1",
            "-o=jsonpath={range .spec.taints[*]}{.key}={.value}:{.effect} {end}",
        ])
    };
    let labels = || server.kubectl(&["get", "node", "n1", "-o=jsonpath={.metadata.labels}"]);
    // The API server itself taints nodes that it has just got to know.
    assert!(
        taints().contains("theirs=:NoExecute") && taints().contains("dedicated=db:NoSchedule"),
        "{}",
        taints()
    );
    assert!(labels().contains(r#""pool":"db""#) && labels().contains(r#""theirs":"1""#), "{}", labels());
    assert_eq!(bench.read(&state).await, state);
    assert_eq!(bench.plan(&state, &config).await.1.planned, state, "a second plan is empty");
    // Drift is what differs of ours.
    server.kubectl(&["label", "node", "n1", "zone-", "more=theirs"]);
    server.kubectl(&["taint", "node", "n1", "dedicated=web:NoSchedule", "--overwrite"]);
    ready(server, "n1", "False");
    let seen = bench.read(&state).await;
    assert_eq!(differing(&state, &seen), ["labels", "ready", "taints"]);
    assert_eq!(seen.texts("taints"), ["dedicated=web:NoSchedule"]);
    ready(server, "n1", "True");
    let state = bench.update(&bench.read(&state).await, &config).await;
    assert!(
        taints().contains("dedicated=db:NoSchedule")
            && labels().contains(r#""zone":"a""#)
            && labels().contains(r#""more":"theirs""#)
    );
    // What we no longer say goes; what others say stays.
    let fewer = node(server, "n1", &[("zone", "b")], &[]).with_attr("timeout", text("31s"));
    let mut entries = fewer.entries().expect("is an object").clone();
    entries.insert("unschedulable", Value::bool(true));
    let state = bench.update(&state, &Value::object(entries)).await;
    assert!(
        !labels().contains("pool") && labels().contains(r#""zone":"b""#) && labels().contains("theirs"),
        "{}",
        labels()
    );
    assert!(!taints().contains("dedicated") && taints().contains("theirs=:NoExecute"), "{}", taints());
    assert_eq!(server.kubectl(&["get", "node", "n1", "-o=jsonpath={.spec.unschedulable}"]), "true");
    bench.delete(&state).await;
    assert!(server.try_kubectl(&["get", "node", "n1"]).is_err());
    assert!(bench.read(&state).await.is_null());
}

/// A pod on the node that is drained, of a controller or of none.
fn pod(server: &Server, name: &str, controller: Option<&str>) {
    pod_on(server, "n2", name, controller);
}

pub(super) fn pod_on(server: &Server, node: &str, name: &str, controller: Option<&str>) {
    let owners = controller.map_or_else(String::new, |kind| {
        format!(r#","ownerReferences":[{{"apiVersion":"apps/v1","kind":"{kind}","name":"x","uid":"{name}","controller":true}}]"#)
    });
    apply(
        server,
        &format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}","namespace":"default","labels":{{"app":"{name}"}}{owners}}},
        "spec":{{"nodeName":"{node}","terminationGracePeriodSeconds":0,"containers":[{{"name":"c","image":"x"}}]}}}}"#
        ),
    );
    let status = r#"{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}"#;
    server.kubectl(&["patch", "pod", name, "--subresource=status", "--type=merge", "--patch", status]);
}

pub(super) async fn draining_honours_disruption_budgets(server: &Server, running: &Arc<dyn Configured>) {
    let bench = bench(running, "eksd_node");
    apply(server, r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n2"}}"#);
    ready(server, "n2", "True");
    let mut entries = node(server, "n2", &[], &[]).entries().expect("is an object").clone();
    entries.insert("drain", Value::bool(true));
    entries.insert("drain_timeout", text("3s"));
    let config = Value::object(entries);
    let state = bench.create(config.clone()).await;
    pod(server, "free", Some("ReplicaSet"));
    pod(server, "guarded", Some("ReplicaSet"));
    pod(server, "daemon", Some("DaemonSet"));
    pod(server, "bare", None);
    apply(
        server,
        r#"{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"budget","namespace":"default"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"guarded"}}}}"#,
    );
    let allowed = |count: u32| {
        let status = format!(
            r#"{{"status":{{"observedGeneration":1,"disruptionsAllowed":{count},"currentHealthy":1,"desiredHealthy":1,"expectedPods":1}}}}"#
        );
        server.kubectl(&[
            "patch",
            "pdb",
            "budget",
            "--subresource=status",
            "--type=merge",
            "--patch",
            &status,
        ]);
    };
    allowed(0);
    let gone = |name: &str| server.try_kubectl(&["get", "pod", name]).is_err();
    let failing = async |state: &Value| {
        let mut entries = config.entries().expect("is an object").clone();
        entries.insert("unschedulable", Value::bool(true));
        texts(&bench.change(state, &Value::object(entries)).await.diagnostics)
    };
    let said = failing(&state).await;
    assert!(said.contains("default/bare has no controller") && said.contains("delete_bare_pods"), "{said}");
    assert!(!gone("free"), "nothing has left yet");
    // On its way it is waited for, and no longer an error.
    let held = r#"{"metadata":{"finalizers":["example.org/held"]}}"#;
    server.kubectl(&["patch", "pod", "bare", "--type=merge", "--patch", held]);
    server.kubectl(&["delete", "pod", "bare", "--wait=false"]);
    let said = failing(&state).await;
    assert!(said.contains("default/bare: it is still shutting down"), "{said}");
    let free = r#"{"metadata":{"finalizers":null}}"#;
    server.kubectl(&["patch", "pod", "bare", "--type=merge", "--patch", free]);
    assert!(gone("bare"));
    let said = failing(&state).await;
    assert!(
        said.contains("default/guarded: ") && said.contains("budget") && said.contains("apply again"),
        "{said}"
    );
    assert!(gone("free") && !gone("guarded") && !gone("daemon"));
    assert_eq!(server.kubectl(&["get", "node", "n2", "-o=jsonpath={.spec.unschedulable}"]), "true");
    allowed(1);
    bench.delete(&bench.read(&state).await).await;
    assert!(gone("guarded") && !gone("daemon") && server.try_kubectl(&["get", "node", "n2"]).is_err());
    server.kubectl(&["delete", "pod", "daemon", "--force", "--grace-period=0"]);
}
