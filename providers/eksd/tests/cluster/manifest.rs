use std::sync::Arc;
use std::time::Duration;

use provider::{Configured, ImportRequest};
use value::{Type, Value};

use super::server::Server;
use super::{bench, text};
use crate::tests::support::{differing, texts};

const WHOLE: &str = r#"
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: shop}
spec: {size: 3}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: "1", b: "2"}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {size: {type: integer}}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData: {password: hunter2}
"#;

fn manifest(server: &Server, yaml: &str) -> Value {
    server.object([("yaml", text(yaml)), ("namespace", text("shop")), ("timeout", text("60s"))])
}

fn applied<'a>(state: &'a Value, name: &str) -> &'a str {
    state.attr("applied").and_then(|map| map.entries()?.get(name)?.as_str()).map_or("", |text| text.as_str())
}

pub(super) async fn objects_are_applied_seen_and_removed(server: &Server, running: &Arc<dyn Configured>) {
    let bench = bench(running, "eksd_manifest");
    let config = manifest(server, WHOLE);
    let state = bench.create(config.clone()).await;
    assert_eq!(server.kubectl(&["get", "widget", "-n", "shop", "w", "-o=jsonpath={.spec.size}"]), "3");
    assert_eq!(
        server.kubectl(&["get", "secret", "-n", "shop", "s", "-o=jsonpath={.data.password}"]),
        "aHVudGVyMg=="
    );
    assert!(applied(&state, "v1 Secret shop s").contains("sha256:"), "{state:?}");
    assert!(!applied(&state, "v1 Secret shop s").contains("aHVudGVyMg"));
    assert_eq!(bench.read(&state).await, state, "nothing drifts by itself");
    assert_eq!(bench.plan(&state, &config).await.1.planned, state, "a second plan is empty");

    let imported = running
        .import(ImportRequest {
            type_name: "eksd_manifest".into(),
            id: "local: v1 ConfigMap shop settings".into(),
        })
        .await;
    let said = texts(&imported.diagnostics);
    assert!(said.contains("/etc/eksd/admin.conf"), "the usual kubeconfig is not here: {said}");

    // What is no longer written is removed, and only that.
    let fewer = WHOLE
        .replace("kind: ConfigMap\nmetadata: {name: settings}", "kind: ConfigMap\nmetadata: {name: other}");
    let state = bench.update(&state, &manifest(server, &fewer)).await;
    assert!(server.try_kubectl(&["get", "configmap", "-n", "shop", "settings"]).is_err());
    server.kubectl(&["get", "configmap", "-n", "shop", "other"]);
    server.kubectl(&["get", "widget", "-n", "shop", "w"]);
    // An object that others removed is seen, and made again.
    server.kubectl(&["delete", "configmap", "-n", "shop", "other"]);
    let seen = bench.read(&state).await;
    assert_eq!(differing(&state, &seen), ["applied", "objects"]);
    let state = bench.update(&seen, &manifest(server, &fewer)).await;
    server.kubectl(&["get", "configmap", "-n", "shop", "other"]);
    // Namespaces are not finalized here, as nothing runs that does it.
    let rest = fewer.replace("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n", "");
    server.kubectl(&["label", "namespace", "shop", "kept=yes"]);
    let unkept = bench.change(&state, &manifest(server, &rest).with_attr("timeout", text("2s"))).await;
    let said = texts(&unkept.diagnostics);
    assert!(
        said.contains("v1 Namespace shop shop was still there 2 s after")
            && said.contains("finalizers: kubernetes"),
        "{said}"
    );
    server.kubectl(&["get", "--raw", "/api/v1/namespaces/shop"]);
    let finalized =
        r#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"},"spec":{"finalizers":[]}}"#;
    let file = server.path().join("finalized.json");
    std::fs::write(&file, finalized).expect("is written");
    server.kubectl(&[
        "replace",
        "--raw",
        "/api/v1/namespaces/shop/finalize",
        "-f",
        &file.display().to_string(),
    ]);
    let seen = bench.read(&unkept.state).await;
    bench.delete(&seen).await;
    assert!(server.try_kubectl(&["get", "crd", "widgets.example.com"]).is_err());
    assert!(bench.read(&state).await.is_null());
}

pub(super) async fn drift_is_what_differs_in_our_fields(server: &Server, running: &Arc<dyn Configured>) {
    let bench = bench(running, "eksd_manifest");
    let yaml = r"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: main
        image: example.com/web:1
        resources: {limits: {cpu: 1000m, memory: 1024Mi}}
        ports: [{containerPort: 80}]
";
    let config = server.object([("yaml", text(yaml)), ("wait", Value::bool(false))]);
    let state = bench.create(config.clone()).await;
    let name = "apps/v1 Deployment default web";
    assert_eq!(
        bench.read(&state).await,
        state,
        "the server's own way of writing and its defaults are no drift"
    );
    // Fields of others are theirs.
    server.kubectl(&["annotate", "deployment", "web", "note=theirs"]);
    server.kubectl(&[
        "patch",
        "deployment",
        "web",
        "--patch",
        r#"{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"x"}]}}}}"#,
    ]);
    assert_eq!(bench.read(&state).await, state);
    server.kubectl(&["scale", "deployment", "web", "--replicas=5"]);
    server.kubectl(&["set", "image", "deployment/web", "main=example.com/web:2"]);
    let seen = bench.read(&state).await;
    assert_eq!(differing(&state, &seen), ["applied"]);
    let expected =
        applied(&state, name).replace("\"replicas\":2", "\"replicas\":5").replace("web:1", "web:2");
    assert_eq!(applied(&seen, name), expected, "exactly the fields");
    // They are others' now: to take them back needs to be said.
    let refused = bench.change(&seen, &config).await;
    let said = texts(&refused.diagnostics);
    assert!(
        said.contains(".spec.replicas (conflict with") && said.contains("set force_conflicts = true"),
        "{said}"
    );
    let state = bench.update(&seen, &config.with_attr("force_conflicts", Value::bool(true))).await;
    assert_eq!(server.kubectl(&["get", "deployment", "web", "-o=jsonpath={.spec.replicas}"]), "2");
    assert_eq!(bench.read(&state).await, state);
    // A field that is no longer written goes.
    let fewer = yaml.replace("        ports: [{containerPort: 80}]\n", "");
    let config = config.with_attr("yaml", text(fewer)).with_attr("force_conflicts", Value::bool(true));
    let state = bench.update(&state, &config).await;
    assert_eq!(
        server.kubectl(&[
            "get",
            "deployment",
            "web",
            "-o=jsonpath={.spec.template.spec.containers[0].ports}"
        ]),
        ""
    );
    bench.delete(&state).await;
    assert!(server.try_kubectl(&["get", "deployment", "web"]).is_err());
}

pub(super) async fn fields_of_others_are_left_to_them(server: &Server, running: &Arc<dyn Configured>) {
    let bench = bench(running, "eksd_manifest");
    server.applied_by("somebody", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared, namespace: default}\ndata: {a: theirs, b: theirs}\n");
    let one = Value::object_of([
        ("apiVersion", text("v1")),
        ("kind", text("ConfigMap")),
        ("metadata", Value::object_of([("name", text("shared"))])),
        ("data", Value::object_of([("a", text("ours"))])),
    ]);
    let config = server.object([("manifest", one)]);
    let response = bench.change(&Value::null(Type::Dynamic), &config).await;
    let said = texts(&response.diagnostics);
    assert!(
        said.contains(".data.a (conflict with \"somebody\"") && said.contains("force_conflicts"),
        "{said}"
    );
    let state = bench.create(config.with_attr("force_conflicts", Value::bool(true))).await;
    let is = || server.kubectl(&["get", "configmap", "shared", "-o=jsonpath={.data.a},{.data.b}"]);
    assert_eq!(is(), "ours,theirs");
    server.applied_by(
        "somebody",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared, namespace: default}\ndata: {b: changed}\n",
    );
    assert_eq!(bench.read(&state).await, state, "their fields are no drift");
    bench.delete(&state).await;
    // What is wrong in an object is said with its name.
    let wrong = server
        .object([("yaml", text("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dta: {a: b}}"))]);
    let said = texts(&bench.change(&Value::null(Type::Dynamic), &wrong).await.diagnostics);
    assert!(said.contains("apply v1 ConfigMap - a") && said.contains("dta"), "{said}");
    let unknown = server.object([
        ("yaml", text("{apiVersion: example.org/v9, kind: Gadget, metadata: {name: a}}")),
        ("timeout", text("2s")),
    ]);
    let said = texts(&bench.change(&Value::null(Type::Dynamic), &unknown).await.diagnostics);
    assert!(said.contains("The API serves no Gadget of example.org/v9"), "{said}");
}

pub(super) async fn roll_outs_and_removals_are_waited_for(server: &Server, running: &Arc<dyn Configured>) {
    let bench = bench(running, "eksd_manifest");
    let yaml = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: slow, namespace: default}\nspec:\n  replicas: 1\n  \
        selector: {matchLabels: {app: slow}}\n  template:\n    metadata: {labels: {app: slow}}\n    spec: {containers: [{name: c, image: x}]}\n";
    let config = |timeout: &str| server.object([("yaml", text(yaml)), ("timeout", text(timeout))]);
    let status = |status: &str| {
        server.kubectl(&[
            "patch",
            "deployment",
            "slow",
            "--subresource=status",
            "--type=merge",
            "--patch",
            &format!("{{\"status\":{status}}}"),
        ])
    };
    let response = bench.change(&Value::null(Type::Dynamic), &config("2s")).await;
    let said = texts(&response.diagnostics);
    assert!(
        said.contains(
            "After 2 s, apps/v1 Deployment default slow is not ready: its controller has not seen it."
        ),
        "{said}"
    );
    assert!(!response.state.is_null(), "it is there");
    let patient = config("60s");
    let waiting = bench.update(&response.state, &patient);
    let rolling = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        status(
            r#"{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"readyReplicas":1,"availableReplicas":1}"#,
        );
    };
    let (state, ()) = tokio::join!(waiting, rolling);
    status(
        r#"{"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded","message":"no pods"}]}"#,
    );
    let said = texts(&bench.change(&bench.read(&state).await, &config("61s")).await.diagnostics);
    assert!(said.contains("will not become ready: ProgressDeadlineExceeded: no pods"), "{said}");
    // A finalizer holds the object until who put it there takes it away.
    server.kubectl(&[
        "patch",
        "deployment",
        "slow",
        "--type=merge",
        "--patch",
        r#"{"metadata":{"finalizers":["example.com/held"]}}"#,
    ]);
    let (deleted, ()) = tokio::join!(bench.delete(&state), async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        server.kubectl(&[
            "patch",
            "deployment",
            "slow",
            "--type=merge",
            "--patch",
            r#"{"metadata":{"finalizers":null}}"#,
        ]);
    });
    let () = deleted;
    assert!(server.try_kubectl(&["get", "deployment", "slow"]).is_err());
}

pub(super) async fn a_server_that_restarts_is_waited_for(server: &mut Server, running: &Arc<dyn Configured>) {
    let bench = bench(running, "eksd_manifest");
    let config =
        server.object([("yaml", text("{apiVersion: v1, kind: ConfigMap, metadata: {name: later}}"))]);
    server.stop();
    let again = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        server.start_again();
    };
    let (state, ()) = tokio::join!(bench.create(config), again);
    server.wait();
    server.kubectl(&["get", "configmap", "later"]);
    bench.delete(&state).await;
}
