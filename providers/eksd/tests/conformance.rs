use std::path::Path as FilePath;

use provider::conformance::{Case, environment, run};
use provider::simple::Access;
use value::Value;

use super::support::{archive, binary, folder, list, object, root, text};

/// An import id of what a host has one of.
fn by_host(object: &Value) -> String {
    object.text("host").unwrap_or_default().to_owned()
}

/// Runs a case, and checks that nothing is left after it.
async fn check(folder: &FilePath, cases: &[Case]) {
    let report = run(crate::provider(), &object([]), environment(folder), cases).await;
    assert!(report.is_ok(), "{report}");
    let left = std::process::Command::new("find")
        .current_dir(folder.join("h"))
        .args([".", "!", "-path", ".", "!", "-path", "./var", "!", "-path", "./var/lib"])
        .output()
        .expect("find runs");
    let left = String::from_utf8_lossy(&left.stdout).into_owned();
    assert!(left.is_empty(), "left behind: {left}");
}

fn component(folder: &FilePath, name: &str, content: &str, number: u32) -> Value {
    object([
        ("host", root(&folder.join("h"))),
        ("cluster", text("one")),
        ("node", text("cp1")),
        ("version", text(format!("v1.33.9-eks-1-33-{number}"))),
        ("binary", binary(folder, name, content)),
    ])
}

#[tokio::test]
async fn schedulers_conform() {
    let folder = folder();
    let first = component(folder.path(), "kube-scheduler", "#!/bin/sh\n", 1);
    let with = |name: &str, value: Value| first.with_attr(name, value);
    let map = |name: &str, value: &str| object([(name, text(value))]);
    let case = Case::new("eksd_kube_scheduler", first.clone())
        .update(with("leader_elect", Value::bool(false)))
        .update(component(folder.path(), "kube-scheduler", "#!/bin/sh\n# two\n", 2))
        .update(with("extra_args", map("lock-object-name", "a b")))
        .update(with("extra_args", map("v", "4")))
        .update(with("extra_args", map("profiling", "true")))
        .update(with("extra_args", map("feature-gates", "B=false,A=true")))
        .update(with("extra_args", map("client-ca-file", "")))
        .update(with("unit_options", map("LimitNOFILE", "1024")))
        .update(with("unit_options", map("Unit.After", "")))
        .update(with("environment", map("GOMAXPROCS", "2 %$\"'\\")))
        .update(with("restart_on", map("certificate", "1")))
        .update(with("enabled", Value::bool(false)))
        .update(with("feature_gates", object([("A", Value::bool(true)), ("B", Value::bool(false))])))
        .update(with("tls_cipher_suites", list(&["TLS_AES_128_GCM_SHA256"])))
        .update(with("state", text("stopped")))
        .update(with("client_ca_file", text("")))
        .replace(with("node", text("cp2")))
        .refuses(with("node", text("CP 2")), "node")
        .refuses(with("version", text("../x")), "version")
        .refuses(with("state", text("up")), "state")
        .refuses(with("health_timeout", text("soon")), "health_timeout")
        .refuses(with("extra_args", map("leader-elect", "perhaps")), "extra_args")
        .refuses(with("extra_args", map("v", "2")).with_attr("v", Value::number(2)), "extra_args")
        .refuses(with("extra_args", map("--v", "2")), "extra_args")
        .refuses(with("unit_options", map("ExecStart", "/bin/sh")), "unit_options")
        .refuses(with("environment", map("a-b", "1")), "environment")
        .refuses(with("tls_cipher_suites", list(&["a,b"])), "tls_cipher_suites")
        .refuses(with("binary", object([("amd64", map("uri", "/x"))])), "binary");
    let config = with("extra_args", map("lock-object-name", "x"))
        .with_attr("restart_on", map("certificate", "1"))
        .with_attr("unit_options", map("Nice", "1"));
    let imported = Case::new("eksd_kube_scheduler", config).named("import").import_made(by_host, &["binary"]);
    check(folder.path(), &[case, imported]).await;
}

#[tokio::test]
async fn flags_that_groma_decides_are_none_of_extra_args() {
    let folder = folder();
    let first = component(folder.path(), "kubelet", "#!/bin/sh\n", 1);
    let with = |flag: &str| first.with_attr("extra_args", object([(flag, text("x"))]));
    let case = Case::new("eksd_kubelet", first.clone())
        .refuses(with("hostname-override"), "extra_args")
        .refuses(with("config"), "extra_args");
    check(folder.path(), &[case]).await;
}

#[tokio::test]
async fn controller_managers_conform() {
    let folder = folder();
    let first = component(folder.path(), "kube-controller-manager", "#!/bin/sh\n", 1);
    let with = |name: &str, value: Value| first.with_attr(name, value);
    let case = Case::new("eksd_kube_controller_manager", first.clone())
        .update(with("cluster_cidr", list(&["10.0.0.0/16", "fd00::/48"])))
        .update(with("terminated_pod_gc_threshold", Value::number(10)))
        .import_made(by_host, &["binary"]);
    check(folder.path(), &[case]).await;
}

#[tokio::test]
async fn apiservers_conform() {
    let folder = folder();
    let first = component(folder.path(), "kube-apiserver", "#!/bin/sh\n", 1)
        .with_attr("etcd_servers", list(&["https://127.0.0.1:2379"]));
    let key = |name: &str, byte: char| {
        object([("name", text(name)), ("secret", text(format!("{}=", byte.to_string().repeat(43))))])
    };
    let keys = |keys: Vec<Value>| first.with_attr("encryption_keys", Value::tuple(keys));
    let one = keys(vec![key("one", 'A')]);
    let case = Case::new("eksd_kube_apiserver", one.clone())
        .update(keys(vec![key("one", 'A'), key("two", 'E')]))
        .update(keys(vec![key("two", 'E'), key("one", 'A')]))
        .update(one.with_attr("audit_policy", text("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n")))
        .update(one.with_attr("audit_log_path", text("/var/log/audit2/a.log")))
        .update(one.with_attr("audit_policy_file", text("/etc/eksd/other.yaml")))
        .update(one.with_attr("encrypted_resources", list(&["secrets", "configmaps"])))
        .update(first.with_attr("encryption_provider_config", text("")))
        .update(
            one.with_attr("anonymous_auth", Value::bool(false)).with_attr("authentication_config", text("")),
        )
        .refuses(first.clone(), "encryption_keys")
        .refuses(keys(vec![]), "encryption_keys")
        .refuses(keys(vec![key("one", 'A'), key("one", 'E')]), "encryption_keys")
        .refuses(keys(vec![object([("name", text("x")), ("secret", text("c2hvcnQ="))])]), "encryption_keys")
        .refuses(one.with_attr("anonymous_auth", Value::bool(false)), "anonymous_auth")
        .refuses(one.with_attr("audit_policy_file", text("etc/x")), "audit_policy_file");
    let imported = Case::new("eksd_kube_apiserver", one).named("import").import_made(by_host, &["binary"]);
    check(folder.path(), &[case, imported]).await;
}

#[tokio::test]
async fn etcd_members_conform() {
    let folder = folder();
    let member = |number: u32| {
        component(folder.path(), "etcd", "#!/bin/sh\n", number)
            .with_attr("version", text(format!("v3.5.21-eks-1-33-{number}")))
            .with_attr("endpoints", list(&["https://10.0.0.1:2379", "https://10.0.0.2:2379"]))
            .with_attr("listen_client_urls", list(&["https://127.0.0.1:2379", "https://10.0.0.1:2379"]))
            .with_attr("advertise_client_urls", list(&["https://10.0.0.1:2379"]))
            .with_attr("listen_peer_urls", list(&["https://10.0.0.1:2380"]))
            .with_attr("initial_advertise_peer_urls", list(&["https://10.0.0.1:2380"]))
    };
    let first = member(1);
    let with = |name: &str, value: Value| first.with_attr(name, value);
    let case = Case::new("eksd_etcd_member", first.clone())
        .update(member(2))
        .update(with("endpoints", list(&["https://10.0.0.1:2379"])))
        .update(with("quota_backend_bytes", Value::number(8_589_934_592_i64)))
        .update(with("bootstrap", Value::bool(true)))
        .replace(with("data_dir", text("/srv/etcd")))
        .replace(with("initial_advertise_peer_urls", list(&["https://10.0.0.9:2380"])))
        .refuses(with("endpoints", list(&["10.0.0.1:2379"])), "endpoints")
        .refuses(with("endpoints", list(&[])), "endpoints")
        .refuses(with("replaces", text("cp1")), "replaces")
        .refuses(with("peers", list(&["telnet://x"])), "peers")
        .refuses(with("restore_from", text("snapshot.db")), "restore_from")
        .refuses(with("etcdutl", text("etcdutl")), "etcdutl")
        .refuses(with("extra_args", object([("data-dir", text("/x"))])), "extra_args");
    let imported = Case::new("eksd_etcd_member", first)
        .named("import")
        .import_made(by_host, &["binary", "endpoints", "is_learner", "is_foreign"]);
    let first = object([("host", root(&folder.path().join("h"))), ("name", text("before"))]);
    let with = |name: &str, value: Value| first.with_attr(name, value);
    let snapshot = Case::new("eksd_etcd_snapshot", first.clone())
        .update(with("triggers", object([("version", text("v1 = 2"))])))
        .update(with("keep", Value::number(1)))
        .replace(with("directory", text("/srv/backups")))
        .refuses(with("name", text("a b")), "name")
        .refuses(with("keep", Value::number(0)), "keep")
        .refuses(with("directory", text("backups")), "directory")
        .refuses(with("endpoint", text("https://a:1,https://b:1")), "endpoint");
    let again = Case::new("eksd_etcd_snapshot", first).named("import").import_made(by_key, &[]);
    check(folder.path(), &[case, imported, snapshot, again]).await;
}

#[tokio::test]
async fn kubelets_and_proxies_conform() {
    let folder = folder();
    let first = component(folder.path(), "kubelet", "#!/bin/sh\n", 1);
    let with = |name: &str, value: Value| first.with_attr(name, value);
    let map = |name: &str, value: &str| object([(name, text(value))]);
    let drain = |name: &str, value: Value| {
        object([("hosts", list(&["local:"])), ("timeout", text("5m"))]).with_attr(name, value)
    };
    let kubelet = Case::new("eksd_kubelet", first.clone())
        .update(with("cgroup_driver", text("cgroupfs")))
        .update(with("fail_cgroup_v1", Value::bool(false)))
        .update(with("cluster_dns", list(&["10.96.0.10"])))
        .update(with("system_reserved", map("cpu", "100m")))
        .update(with("node_labels", map("example.org/a", "b")))
        .update(with("swap_behavior", text("NoSwap")))
        .update(with("feature_gates", object([("A", Value::bool(true))])))
        .update(with("extra_config", text(r#"{"maxOpenFiles":1000,"logging":{"format":"json"}}"#)))
        .update(with("extra_config", text(r#"{"imageGCHighThresholdPercent":100}"#)))
        .update(with("config", text("/etc/eksd/other.yaml")))
        .update(with("drain", drain("hosts", list(&["ssh://10.0.0.11"]))))
        .replace(with("node", text("cp2")))
        .refuses(with("drain", drain("hosts", list(&[]))), "drain")
        .refuses(with("drain", drain("timeout", text("soon"))), "drain")
        .refuses(with("extra_config", text("[]")), "extra_config")
        .refuses(with("config", text("x")), "config");
    let imported = Case::new("eksd_kubelet", with("extra_config", text(r#"{"maxOpenFiles":1000}"#)))
        .named("import")
        .import_made(by_host, &["binary"]);
    let first = component(folder.path(), "kube-proxy", "#!/bin/sh\n", 1);
    let with = |name: &str, value: Value| first.with_attr(name, value);
    let proxy = Case::new("eksd_kube_proxy", first.clone())
        .update(with("conntrack_max_per_core", Value::number(0)))
        .update(with("proxy_mode", text("nftables")))
        .import_made(by_host, &["binary"]);
    check(folder.path(), &[kubelet, imported, proxy]).await;
}

/// An import id of the host and what tells objects apart there.
fn by_key(object: &Value) -> String {
    format!("{} {}", by_host(object), object.text("id").unwrap_or_default())
}

#[tokio::test]
async fn runtimes_images_and_endpoints_conform() {
    let folder = folder();
    let host = root(&folder.path().join("h"));
    let archive = |name: &str| archive(folder.path(), name, &["bridge", "loopback", "host-local"]);
    let first = object([("host", host.clone()), ("sandbox_image", text("example.org/pause:1"))]);
    let with = |name: &str, value: Value| first.with_attr(name, value);
    let plugins = with("cni_version", text("v1.9.1-eks-1-34-21")).with_attr("cni_plugins", archive("a"));
    let mirrors = object([("public.ecr.aws", list(&["https://mirror.example"]))]);
    let list_of_plugins = r#"{"cniVersion":"1.0.0","name":"x","plugins":[]}"#;
    let runtime = Case::new("eksd_container_runtime", first.clone())
        .update(with("cgroup_driver", text("cgroupfs")))
        .update(with("sandbox_image", text("example.org/pause:2")))
        .update(plugins.clone())
        .update(plugins.with_attr("cni_version", text("v2")).with_attr("cni_plugins", archive("b")))
        .update(plugins.with_attr("cni_config", text(list_of_plugins)))
        .update(with("mirrors", mirrors))
        .update(with("extra_config", text("[debug]\n  level = \"warn\"\n")))
        .refuses(with("cgroup_driver", text("x")), "cgroup_driver")
        .refuses(with("cni_plugins", archive("a")), "cni_version")
        .update(with("cni_version", text("v9")))
        .refuses(with("cni_config", text("{}")), "cni_config")
        .refuses(with("mirrors", object([("../x", list(&["https://a.example"]))])), "mirrors")
        .refuses(with("sandbox_image", text("a\"b")), "sandbox_image");
    let imported =
        Case::new("eksd_container_runtime", plugins.with_attr("cni_config", text(list_of_plugins)))
            .named("import")
            .import_made(by_host, &["cni_plugins"]);
    let first = object([
        ("host", host.clone()),
        ("reference", text("example.org/a/b:1")),
        ("archive", binary(folder.path(), "b.tar", "one")),
    ]);
    let with = |name: &str, value: Value| first.with_attr(name, value);
    let image = Case::new("eksd_image", first.clone())
        .update(with("archive", binary(folder.path(), "b.tar", "other")))
        .replace(with("reference", text("example.org/a/b:2")))
        .import_made(by_key, &["archive"])
        .refuses(with("reference", text("b")), "reference")
        .refuses(with("digest", text("sha256:1")), "digest")
        .refuses(with("layout", text("images")), "archive");
    let first = object([("host", host), ("servers", list(&["10.0.0.1:6443", "10.0.0.2:6443"]))]);
    let with = |name: &str, value: Value| first.with_attr(name, value);
    let endpoint = Case::new("eksd_api_endpoint", first.clone())
        .update(with("servers", list(&["10.0.0.1:6443"])))
        .update(with("port", Value::number(8443)))
        .update(with("bind_address", text("::1")))
        .update(with("ca_file", text("")))
        .update(with("restart_on", object([("ca", text("a=b"))])))
        .import_made(by_host, &[])
        .refuses(with("restart_on", object([("c a", text("1"))])), "restart_on")
        .refuses(with("servers", list(&["10.0.0.1"])), "servers")
        .refuses(with("port", Value::number(0)), "port");
    check(folder.path(), &[runtime, imported, image, endpoint]).await;
}
