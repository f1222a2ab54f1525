use std::fs;
use std::path::Path as FilePath;
use std::process::Command;

use ::lab::{Lab, Plan, Purpose};
use provider::conformance::Bench;
use provider::simple::Access;
use sha2::{Digest, Sha256};
use value::Value;

use super::lab::{bench, bench_now, by_hand, connection, put, site, up};
use super::lab_control_plane::{apiserver, built, component, credentials, etcd, kubeconfig};
use super::support::{archive, differing, fetched, folder, list, object, text, texts};

const HOST: &str = "n1";

const PLUGINS: &str =
    "kubernetes-1-34/releases/21/artifacts/plugins/v1.9.1/cni-plugins-linux-amd64-v1.9.1.tar.gz";

/// An OCI archive of an image with one file in it, and the digest of its manifest.
fn image(folder: &FilePath, name: &str, content: &str) -> (Value, String) {
    let layout = folder.join(content);
    fs::create_dir_all(layout.join("blobs/sha256")).expect("can be made");
    fs::write(folder.join("file"), content).expect("can be written");
    let tar = |from: &FilePath, to: &FilePath, what: &[&str]| {
        let made = Command::new("tar").arg("-C").arg(from).arg("-cf").arg(to).args(what).status();
        assert!(made.is_ok_and(|status| status.success()), "tar runs");
    };
    tar(folder, &folder.join("layer.tar"), &["file"]);
    let put = |bytes: &[u8], kind: &str| {
        let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        fs::write(layout.join("blobs/sha256").join(&hex), bytes).expect("can be written");
        let described = format!(r#"{{"mediaType":"{kind}","digest":"sha256:{hex}","size":{}}}"#, bytes.len());
        (described, format!("sha256:{hex}"))
    };
    let layer = fs::read(folder.join("layer.tar")).expect("is there");
    let (layer, layer_digest) = put(&layer, "application/vnd.oci.image.layer.v1.tar");
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux","config":{{}},"rootfs":{{"type":"layers","diff_ids":["{layer_digest}"]}}}}"#
    );
    let (config, _) = put(config.as_bytes(), "application/vnd.oci.image.config.v1+json");
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{config},"layers":[{layer}]}}"#
    );
    let (manifest, digest) = put(manifest.as_bytes(), "application/vnd.oci.image.manifest.v1+json");
    let named = manifest.replacen(
        '{',
        &format!(r#"{{"annotations":{{"org.opencontainers.image.ref.name":"{name}"}},"#),
        1,
    );
    fs::write(layout.join("index.json"), format!(r#"{{"schemaVersion":2,"manifests":[{named}]}}"#))
        .expect("can be written");
    fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("can be written");
    let to = folder.join(format!("{content}.tar"));
    tar(&layout, &to, &["blobs", "index.json", "oci-layout"]);
    (fetched(&to), digest)
}

#[tokio::test]
async fn lab_node_has_runtime_images_kubelet_proxy_and_a_way_to_the_api() {
    if !built(&["kube-apiserver", "kube-controller-manager", "kubelet", "kube-proxy"]) {
        return;
    }
    let mut plan = Plan::new("eksd-node").purpose(Purpose::Kubernetes).direct(HOST);
    plan.offered.push("haproxy".into());
    let Some(lab) = up(&plan) else { return };
    let folder = folder();
    credentials(&lab, HOST);

    let (runtimes, runtime) = check_runtime(&lab, folder.path()).await;
    check_images(&lab, folder.path()).await;
    bench(&lab, "eksd_etcd_member", folder.path()).await.create(etcd(&lab, HOST)).await;
    bench(&lab, "eksd_kube_apiserver", folder.path())
        .await
        .create(
            apiserver(&lab, HOST, &[("one", 'A')])
                .with_attr("enable_bootstrap_token_auth", Value::bool(true)),
        )
        .await;
    let endpoints = bench(&lab, "eksd_api_endpoint", folder.path()).await;
    let address = lab.host(HOST).expect("is planned").address;
    let config = object([("host", connection(&lab, HOST)), ("servers", list(&[&format!("{address}:6443")]))]);
    let endpoint = endpoints.create(config.clone()).await;
    assert_eq!(endpoint.text("endpoint"), Some("https://127.0.0.1:7443"));
    assert_eq!(differing(&endpoint, &endpoints.read(&endpoint).await), [""; 0]);
    by_hand(
        &lab,
        HOST,
        "for i in $(seq 30); do curl -sf --cacert /etc/eksd/pki/ca.crt https://127.0.0.1:7443/readyz && exit 0; sleep 1; done; exit 1",
    );
    by_hand(&lab, HOST, "sed -i 's/7443/7444/' /etc/haproxy/haproxy.cfg");
    let seen = endpoints.read(&endpoint).await;
    assert_eq!(differing(&endpoint, &seen), ["endpoint", "port"]);
    let response = endpoints.change(&seen, &config).await;
    assert_eq!(differing(&endpoint, &response.state), [""; 0], "{}", texts(&response.diagnostics));

    let kubelets = bench(&lab, "eksd_kubelet", folder.path()).await;
    let config = component(&lab, HOST, "kubelet")
        .with_attr("cgroup_driver", text("cgroupfs"))
        .with_attr("fail_cgroup_v1", Value::bool(false))
        .with_attr("fail_swap_on", Value::bool(false));
    let config_of_kubelet = config.clone();
    let kubelet = kubelets.create(config.clone()).await;
    assert_eq!(differing(&kubelet, &kubelets.read(&kubelet).await), [""; 0]);
    let node = "for i in $(seq 60); do curl -sf --cacert /etc/eksd/pki/ca.crt --cert /etc/eksd/pki/admin.crt --key /etc/eksd/pki/admin.key \
                https://127.0.0.1:6443/api/v1/nodes/n1 && exit 0; sleep 1; done; exit 1";
    assert!(
        by_hand(&lab, HOST, node).contains("\"kubeletVersion\": \"v1.34.9"),
        "the node has registered itself"
    );
    by_hand(&lab, HOST, "sed -i 's/\"readOnlyPort\": 0/\"readOnlyPort\": 10255/' /etc/eksd/kubelet.yaml");
    let seen = kubelets.read(&kubelet).await;
    assert_eq!(differing(&kubelet, &seen), ["read_only_port"]);
    let response = kubelets.change(&seen, &config).await;
    assert_eq!(differing(&kubelet, &response.state), [""; 0], "{}", texts(&response.diagnostics));

    let proxies = bench(&lab, "eksd_kube_proxy", folder.path()).await;
    // The kernel's table of connections is this machine's own.
    let config = component(&lab, HOST, "kube-proxy")
        .with_attr("conntrack_max_per_core", Value::number(0))
        .with_attr("conntrack_min", Value::number(0))
        .with_attr("conntrack_tcp_timeout_established", text("0s"))
        .with_attr("conntrack_tcp_timeout_close_wait", text("0s"));
    let proxy = proxies.create(config).await;
    assert_eq!(differing(&proxy, &proxies.read(&proxy).await), [""; 0]);
    proxies.delete(&proxy).await;
    kubelets.delete(&kubelet).await;
    check_join(&lab, folder.path(), &kubelets, &config_of_kubelet).await;
    endpoints.delete(&endpoint).await;
    runtimes.delete(&runtime).await;
    assert_eq!(
        by_hand(
            &lab,
            HOST,
            "systemctl is-active containerd; dpkg-query -W -f '${Status}' haproxy 2>/dev/null | grep -c ' installed'; ls -d /opt/cni /opt/eksd/cni-plugins /opt/eksd/kubelet /opt/eksd/kube-proxy 2>/dev/null; :"
        ),
        "active\n0\n"
    );
}

/// A kubelet that has nothing but a token asks for its certificate, gets it from the controller manager, and joins by it.
async fn check_join(lab: &Lab, folder: &FilePath, kubelets: &Bench, kubelet: &Value) {
    const ADMIN: &str = "--cacert /etc/eksd/pki/ca.crt --cert /etc/eksd/pki/admin.crt --key /etc/eksd/pki/admin.key https://127.0.0.1:6443";
    by_hand(lab, HOST, &format!("curl -sf -X DELETE {ADMIN}/api/v1/nodes/n1 >/dev/null"));
    put(lab, HOST, "/etc/eksd/admin.conf", &kubeconfig("https://127.0.0.1:6443", "admin"));
    let managers = bench(lab, "eksd_kube_controller_manager", folder).await;
    let manager = managers
        .create(
            component(lab, HOST, "kube-controller-manager")
                .with_attr("cluster_signing_cert_file", text("/etc/eksd/pki/ca.crt"))
                .with_attr("cluster_signing_key_file", text("/etc/eksd/pki/ca.key")),
        )
        .await;
    let bootstraps = bench_now(lab, "eksd_bootstrap", folder).await;
    let bootstrap = bootstraps
        .create(object([
            ("hosts", Value::list(value::Type::String, vec![connection(lab, HOST)])),
            ("server", text("https://127.0.0.1:7443")),
            ("certificate_authority", text(by_hand(lab, HOST, "cat /etc/eksd/pki/ca.crt"))),
        ]))
        .await;
    put(lab, HOST, "/etc/eksd/bootstrap.conf", bootstrap.text("bootstrap_kubeconfig").expect("is made"));
    let joined = kubelet
        .with_attr("bootstrap_kubeconfig", text("/etc/eksd/bootstrap.conf"))
        .with_attr("kubeconfig", text("/var/lib/kubelet/joined.conf"))
        .with_attr("rotate_certificates", Value::bool(true));
    let state = kubelets.create(joined).await;
    let wait = |what: &str| format!("for i in $(seq 90); do {what} && exit 0; sleep 1; done; exit 1");
    by_hand(lab, HOST, &wait(&format!("curl -sf {ADMIN}/api/v1/nodes/n1 >/dev/null")));
    let requests = by_hand(
        lab,
        HOST,
        &format!("curl -sf {ADMIN}/apis/certificates.k8s.io/v1/certificatesigningrequests"),
    );
    for part in ["\"username\": \"system:bootstrap:", "\"type\": \"Approved\"", "AutoApproved"] {
        assert!(requests.contains(part), "{part}: {requests}");
    }
    // What it asks with from now on is its own.
    by_hand(
        lab,
        HOST,
        "openssl x509 -noout -subject -in /var/lib/kubelet/pki/kubelet-client-current.pem | grep -q system:node:n1 && \
         ! grep -q token /var/lib/kubelet/joined.conf",
    );
    kubelets.delete(&state).await;
    bootstraps.delete(&bootstrap).await;
    managers.delete(&manager).await;
}

async fn check_runtime(lab: &Lab, folder: &FilePath) -> (Bench, Value) {
    let runtimes = bench(lab, "eksd_container_runtime", folder).await;
    let plugins =
        site(PLUGINS).map_or_else(|| archive(folder, "cni", &["bridge", "loopback"]), |path| fetched(&path));
    let config = object([
        ("host", connection(lab, HOST)),
        ("sandbox_image", text("groma.test/pause:1")),
        ("cgroup_driver", text("cgroupfs")),
        ("cni_version", text("v1.9.1-eks-1-34-21")),
        ("cni_plugins", plugins),
        ("cni_config", text(r#"{"cniVersion":"1.0.0","name":"test","plugins":[{"type":"bridge"}]}"#)),
        ("mirrors", object([("groma.test", list(&["https://127.0.0.1:1"]))])),
    ]);
    let runtime = runtimes.create(config.clone()).await;
    assert_eq!(differing(&runtime, &runtimes.read(&runtime).await), [""; 0]);
    let rows: [(&[&str], &str); 5] = [
        (
            &["cgroup_driver"],
            "sed -i 's/SystemdCgroup = false/SystemdCgroup = true/' /etc/containerd/config.toml",
        ),
        (&["sandbox_image"], "sed -i 's,groma.test/pause:1,groma.test/pause:2,' /etc/containerd/config.toml"),
        (&["state"], "systemctl stop containerd"),
        (
            &["plugins_replaced"],
            "f=/opt/eksd/cni-plugins/current/bridge; cp $f $f.new; printf x >>$f.new; mv $f.new $f",
        ),
        (&["cni_config"], "echo '{}' >/etc/cni/net.d/10-eksd.conflist"),
    ];
    for (fields, line) in rows {
        by_hand(lab, HOST, line);
        let seen = runtimes.read(&runtime).await;
        assert_eq!(differing(&runtime, &seen), fields, "{line}");
        let response = runtimes.change(&seen, &config).await;
        assert_eq!(differing(&runtime, &response.state), [""; 0], "{line}: {}", texts(&response.diagnostics));
    }
    (runtimes, runtime)
}

async fn check_images(lab: &Lab, folder: &FilePath) {
    let images = bench(lab, "eksd_image", folder).await;
    let (archive, digest) = image(folder, "whatever", "one");
    let config = |archive: &Value, digest: &str| {
        object([
            ("host", connection(lab, HOST)),
            ("reference", text("groma.test/pause:1")),
            ("archive", archive.clone()),
            ("digest", text(digest)),
            ("snapshotter", text("native")),
        ])
    };
    let wrong = config(&archive, &format!("sha256:{}", "0".repeat(64)));
    let said = texts(&images.change(&Value::null(value::Type::Dynamic), &wrong).await.diagnostics);
    assert!(said.contains(&digest), "{said}");
    assert_eq!(
        by_hand(lab, HOST, "ctr -n k8s.io images ls -q | grep -v ^sha256: ; :"),
        "",
        "nothing is left of what was refused"
    );
    let state = images.create(config(&archive, &digest)).await;
    assert_eq!(differing(&state, &images.read(&state).await), [""; 0]);
    let (other, other_digest) = image(folder, "whatever", "two");
    let response = images.change(&state, &config(&other, &other_digest)).await;
    assert_eq!(
        response.state.text("digest"),
        Some(other_digest.as_str()),
        "{}",
        texts(&response.diagnostics)
    );
    assert_eq!(
        by_hand(lab, HOST, "ctr -n k8s.io images ls -q | grep -v ^sha256: ; :"),
        "groma.test/pause:1\n"
    );
    by_hand(lab, HOST, "ctr -n k8s.io images rm groma.test/pause:1");
    assert!(images.read(&response.state).await.is_null());

    // The same out of a folder that is an OCI layout, as a mirror makes one.
    let (_, digest) = image(folder, "groma.test/pause:1", "three");
    let config = object([
        ("host", connection(lab, HOST)),
        ("reference", text("groma.test/pause:1")),
        ("layout", text(folder.join("three").display().to_string())),
        ("snapshotter", text("native")),
    ]);
    let state = images.create(config).await;
    assert_eq!(state.text("digest"), Some(digest.as_str()));
    assert_eq!(differing(&state, &images.read(&state).await), [""; 0]);
    by_hand(lab, HOST, "ctr -n k8s.io images rm groma.test/pause:1");
}
