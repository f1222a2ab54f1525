use std::path::Path as FilePath;

use ::lab::{Lab, Plan};
use provider::conformance::Bench;
use provider::simple::Access;
use value::Value;

use super::certificates::{Authority, key_pair};
use super::lab::{bench, by_hand, connection, put, put_leaf, site, up};
use super::support::{differing, fetched, folder, list, object, text, texts};

const ETCD: &str = "kubernetes-1-34/releases/21/artifacts/etcd/v3.5.21/etcd-linux-amd64-v3.5.21.tar.gz";

const BIN: &str = "kubernetes-1-34/releases/21/artifacts/kubernetes/v1.34.9/bin/linux/amd64";

const HOST: &str = "cp1";

/// A kubeconfig that names files on its host.
pub(super) fn kubeconfig(server: &str, name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster:\n    server: {server}\n    certificate-authority: /etc/eksd/pki/ca.crt\n\
         contexts:\n- name: c\n  context: {{cluster: c, user: u}}\ncurrent-context: c\nusers:\n- name: u\n  user:\n    \
         client-certificate: /etc/eksd/pki/{name}.crt\n    client-key: /etc/eksd/pki/{name}.key\n"
    )
}

/// Puts all certificates and kubeconfigs of a control-plane node on its host.
pub(super) fn credentials(lab: &Lab, host: &str) {
    let address = lab.host(host).expect("is planned").address.to_string();
    let (ca, etcd, front) =
        (Authority::new("ca"), Authority::new("etcd-ca"), Authority::new("front-proxy-ca"));
    for (path, authority) in [("ca", &ca), ("etcd/ca", &etcd), ("front-proxy-ca", &front)] {
        put(lab, host, &format!("/etc/eksd/pki/{path}.crt"), &authority.pem);
    }
    put(lab, host, "/etc/eksd/pki/ca.key", &ca.key);
    let node = format!("system:node:{host}");
    let rows = [
        ("etcd/server", &etcd, "etcd", ""),
        ("etcd/peer", &etcd, "etcd", ""),
        ("etcd/healthcheck-client", &etcd, "health", ""),
        ("apiserver-etcd-client", &etcd, "apiserver", ""),
        ("front-proxy-client", &front, "front-proxy-client", ""),
        ("apiserver", &ca, "kube-apiserver", ""),
        ("apiserver-kubelet-client", &ca, "apiserver-kubelet-client", "system:masters"),
        ("admin", &ca, "admin", "system:masters"),
        ("controller-manager", &ca, "system:kube-controller-manager", ""),
        ("scheduler", &ca, "system:kube-scheduler", ""),
        ("kubelet", &ca, &node, "system:nodes"),
        ("kube-proxy", &ca, "system:kube-proxy", ""),
    ];
    for (path, authority, name, organization) in rows {
        put_leaf(
            lab,
            host,
            &format!("/etc/eksd/pki/{path}"),
            &authority.leaf(name, organization, &[&address, "10.96.0.1"]),
        );
    }
    let (private, public) = key_pair();
    put(lab, host, "/etc/eksd/pki/sa.key", &private);
    put(lab, host, "/etc/eksd/pki/sa.pub", &public);
    for name in ["controller-manager", "scheduler", "kubelet", "kube-proxy"] {
        put(lab, host, &format!("/etc/eksd/{name}.conf"), &kubeconfig("https://127.0.0.1:6443", name));
    }
}

/// A component of the release on a host.
pub(super) fn component(lab: &Lab, host: &str, name: &str) -> Value {
    object([
        ("host", connection(lab, host)),
        ("cluster", text("one")),
        ("node", text(host)),
        ("version", text("v1.34.9-eks-1-34-21")),
        ("binary", fetched(&site(&format!("{BIN}/{name}")).expect("was looked for"))),
    ])
}

pub(super) fn etcd(lab: &Lab, host: &str) -> Value {
    let address = lab.host(host).expect("is planned").address;
    let url = |port: u16| format!("https://{address}:{port}");
    object([
        ("host", connection(lab, host)),
        ("cluster", text("one")),
        ("node", text(host)),
        ("version", text("v3.5.21-eks-1-34-21")),
        ("binary", fetched(&site(ETCD).expect("was looked for"))),
        ("endpoints", list(&[&url(2379)])),
        ("bootstrap", Value::bool(true)),
        ("listen_client_urls", list(&["https://127.0.0.1:2379", &url(2379)])),
        ("advertise_client_urls", list(&[&url(2379)])),
        ("listen_peer_urls", list(&[&url(2380)])),
        ("initial_advertise_peer_urls", list(&[&url(2380)])),
    ])
}

pub(super) fn apiserver(lab: &Lab, host: &str, keys: &[(&str, char)]) -> Value {
    let key = |(name, byte): &(&str, char)| {
        object([("name", text(*name)), ("secret", text(format!("{}=", byte.to_string().repeat(43))))])
    };
    component(lab, host, "kube-apiserver")
        .with_attr("advertise_address", text(lab.host(host).expect("is planned").address.to_string()))
        .with_attr("etcd_servers", list(&["https://127.0.0.1:2379"]))
        .with_attr("encryption_keys", Value::tuple(keys.iter().map(key).collect()))
}

/// Whether what is needed was built.
pub(super) fn built(programs: &[&str]) -> bool {
    site(ETCD).is_some() && programs.iter().all(|program| site(&format!("{BIN}/{program}")).is_some())
}

async fn put_right(bench: &Bench, lab: &Lab, state: &Value, config: &Value, fields: &[&str], line: &str) {
    by_hand(lab, HOST, line);
    let seen = bench.read(state).await;
    let mut differ = differing(state, &seen);
    differ.sort();
    assert_eq!(differ, fields, "{line}");
    let response = bench.change(&seen, config).await;
    assert_eq!(differing(state, &response.state), [""; 0], "{line}: {}", texts(&response.diagnostics));
    assert_eq!(differing(state, &bench.read(state).await), [""; 0], "{line}");
}

#[tokio::test]
async fn lab_control_plane_is_healthy_and_what_changes_by_hand_shows() {
    if !built(&["kube-apiserver", "kube-controller-manager", "kube-scheduler"]) {
        return;
    }
    let Some(lab) = up(&Plan::new("eksd-control").direct(HOST)) else { return };
    credentials(&lab, HOST);
    let folder = folder();
    let member = bench(&lab, "eksd_etcd_member", folder.path()).await;
    member.create(etcd(&lab, HOST)).await;
    let apiservers = bench(&lab, "eksd_kube_apiserver", folder.path()).await;
    let config = apiserver(&lab, HOST, &[("one", 'A')]);
    let state = apiservers.create(config.clone()).await;
    assert_eq!(differing(&state, &apiservers.read(&state).await), [""; 0]);

    let curl = "curl -sk -o /dev/null -w '%{http_code}' https://127.0.0.1:6443";
    assert_eq!(by_hand(&lab, HOST, &format!("{curl}/readyz")), "200", "load balancers may ask");
    assert_eq!(by_hand(&lab, HOST, &format!("{curl}/api/v1/namespaces")), "401", "and nothing else");
    let admin = "curl -sSf --cacert /etc/eksd/pki/ca.crt --cert /etc/eksd/pki/admin.crt --key /etc/eksd/pki/admin.key -H 'Content-Type: application/json'";
    let secret = |name: &str| {
        let body = format!(
            r#"{{"apiVersion":"v1","kind":"Secret","metadata":{{"name":"{name}"}},"stringData":{{"a":"hidden"}}}}"#
        );
        by_hand(
            &lab,
            HOST,
            &format!(
                "{admin} https://127.0.0.1:6443/api/v1/namespaces/default/secrets -d '{body}' >/dev/null"
            ),
        );
        by_hand(
            &lab,
            HOST,
            &format!(
                "ETCDCTL_API=3 ETCDCTL_CACERT=/etc/eksd/pki/etcd/ca.crt ETCDCTL_CERT=/etc/eksd/pki/etcd/server.crt ETCDCTL_KEY=/etc/eksd/pki/etcd/server.key \
             /opt/eksd/etcd/current/etcdctl get /registry/secrets/default/{name} | tr -cd '[:print:]'"
            ),
        )
    };
    let stored = secret("first");
    assert!(stored.contains("k8s:enc:secretbox:v1:one:") && !stored.contains("hidden"), "{stored}");
    // Rotation: both know the new key, then it is the one that is written with.
    let both = apiservers.change(&state, &apiserver(&lab, HOST, &[("one", 'A'), ("two", 'E')])).await.state;
    let rotated = apiserver(&lab, HOST, &[("two", 'E'), ("one", 'A')]);
    let response = apiservers.change(&both, &rotated).await;
    assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
    assert!(secret("second").contains("k8s:enc:secretbox:v1:two:"));
    let read = by_hand(
        &lab,
        HOST,
        &format!("{admin} https://127.0.0.1:6443/api/v1/namespaces/default/secrets/first"),
    );
    assert!(read.contains("aGlkZGVu"), "what was written with the old key is read");
    // Without the key that something is written with an API server is not ready.
    let (state, config) = (response.state, rotated);
    assert_eq!(by_hand(&lab, HOST, "stat -c '%a %U' /var/log/kubernetes/audit/audit.log"), "600 root\n");
    let audit = by_hand(
        &lab,
        HOST,
        "grep -c '\"resource\":\"secrets\"' /var/log/kubernetes/audit/audit.log; grep -c hidden /var/log/kubernetes/audit/audit.log; :",
    );
    assert!(!audit.starts_with("0\n") && audit.ends_with("\n0\n"), "{audit}");
    put_right(
        &apiservers,
        &lab,
        &state,
        &config,
        &["profiling"],
        "sed -i 's/--profiling=false/--profiling=true/' /etc/systemd/system/kube-apiserver.service",
    )
    .await;

    let managers = bench(&lab, "eksd_kube_controller_manager", folder.path()).await;
    let state = managers.create(component(&lab, HOST, "kube-controller-manager")).await;
    assert_eq!(differing(&state, &managers.read(&state).await), [""; 0]);
    check_scheduler(&lab, folder.path()).await;
}

/// What changes by hand shows and is put right, and a change that cannot work says why.
async fn check_scheduler(lab: &Lab, folder: &FilePath) {
    let schedulers = bench(lab, "eksd_kube_scheduler", folder).await;
    let config = component(lab, HOST, "kube-scheduler");
    let state = schedulers.create(config.clone()).await;
    let program = "/opt/eksd/kube-scheduler/current/kube-scheduler";
    let rows: [(&[&str], &str); 5] = [
        (
            &["leader_elect"],
            "sed -i 's/--leader-elect=true/--leader-elect=false/' /etc/systemd/system/kube-scheduler.service",
        ),
        (
            &["binary_replaced", "binary_sha256"],
            &format!("cp {program} {program}.new; printf x >>{program}.new; mv {program}.new {program}"),
        ),
        (&["state"], "systemctl stop kube-scheduler"),
        (&["enabled"], "systemctl disable kube-scheduler"),
        (
            &["unit_options"],
            "sed -i '/^MemoryDenyWriteExecute=/d' /etc/systemd/system/kube-scheduler.service",
        ),
    ];
    for (fields, line) in rows {
        put_right(&schedulers, lab, &state, &config, fields, line).await;
    }
    let pid = || by_hand(lab, HOST, "systemctl show --value -p MainPID kube-scheduler");
    let old = pid();
    let certificate = config.with_attr("restart_on", object([("certificate", text("1"))]));
    let state = schedulers.change(&state, &certificate).await.state;
    assert_ne!(pid(), old, "restarted for a certificate");

    // What cannot start says why at once, and the next apply makes it good.
    let bad = certificate.with_attr("extra_args", object([("nonsense", text("1"))]));
    let response = schedulers.change(&state, &bad).await;
    let said = texts(&response.diagnostics);
    assert!(
        said.contains("cannot start with its flags") && said.contains("unknown flag: --nonsense"),
        "{said}"
    );
    assert!(
        matches!(response.state.text("state"), Some("failed" | "starting")),
        "{:?}",
        response.state.text("state")
    );
    let response = schedulers.change(&response.state, &certificate).await;
    assert_eq!(differing(&state, &response.state), [""; 0], "{}", texts(&response.diagnostics));
    schedulers.delete(&state).await;
    assert_eq!(
        by_hand(
            lab,
            HOST,
            "ls -d /opt/eksd/kube-scheduler /etc/systemd/system/kube-scheduler.service 2>&1 | grep -vc 'No such'; :"
        ),
        "0\n"
    );
}
