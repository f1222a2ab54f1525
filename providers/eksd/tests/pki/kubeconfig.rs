use std::fs;

use provider::simple::Access as _;
use value::Value;

use super::{Ca, bench, certificate, differing, openssl_is_here, root, text};

#[tokio::test]
async fn what_is_embedded_is_put_in_by_the_host_and_follows_the_files() {
    if !openssl_is_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is room");
    let (host, ca) = (folder.path().join("h"), Ca::new("kubernetes"));
    let certificates = bench("eksd_certificate", folder.path()).await;
    let asked = certificate(&host, &ca);
    let client = certificates.create(asked.clone()).await;
    let config = |client: &Value| {
        Value::object_of([
            ("host", root(&host)),
            ("path", text("/etc/eksd/admin.conf")),
            ("server", text("https://10.0.0.10:6443")),
            ("certificate_authority", text(&ca.certificate)),
            ("client_certificate", text("/etc/eksd/pki/apiserver.crt")),
            ("client_key", text("/etc/eksd/pki/apiserver.key")),
            ("client_fingerprint", client.attr("fingerprint").cloned().expect("has one")),
            ("embed", Value::bool(true)),
        ])
    };
    let kubeconfigs = bench("eksd_kubeconfig", folder.path()).await;
    let state = kubeconfigs.create(config(&client)).await;
    let file = host.join("etc/eksd/admin.conf");
    // A foreign reader: kube's own.
    let embedded = |name: &str| {
        let read = kube::config::Kubeconfig::read_from(&file).expect("is one");
        let read = serde_json::to_value(&read.auth_infos[0]).expect("is data");
        decoded(read["user"][name].as_str().expect("is embedded"))
    };
    for (name, file) in [("client-certificate-data", "crt"), ("client-key-data", "key")] {
        let whole =
            fs::read_to_string(host.join(format!("etc/eksd/pki/apiserver.{file}"))).expect("is there");
        assert_eq!(embedded(name), whole);
    }
    let key = fs::read_to_string(host.join("etc/eksd/pki/apiserver.key")).expect("is there");
    let encoded = fs::read_to_string(&file).expect("is there");
    let encoded =
        encoded.lines().find_map(|line| line.trim().strip_prefix("client-key-data: ")).expect("is there");
    assert!(
        !format!("{state:?}").contains(encoded)
            && !format!("{state:?}").contains(key.lines().nth(1).expect("has a body"))
    );
    assert_eq!(kubeconfigs.read(&state).await, state);
    // A renewed certificate is followed, by its fingerprint or once it is seen.
    let client = certificates.update(&client, &asked.with_attr("common_name", text("other"))).await;
    let seen = kubeconfigs.read(&state).await;
    assert_eq!(seen, state.with_attr("client_matches", Value::bool(false)));
    let state = kubeconfigs.update(&state, &config(&client)).await;
    assert_eq!(kubeconfigs.read(&state).await, state);
    assert_eq!(Some(embedded("client-certificate-data").as_str()), client.text("certificate_pem"));

    // What others change shows as the field, and what has no field as the text.
    let whole = fs::read_to_string(&file).expect("is there");
    let table = [
        ("https://10.0.0.10:6443", "https://10.0.0.66:6443", "server"),
        ("\"kubernetes-admin\"", "\"mallory\"", "user"),
        ("    server:", "    insecure-skip-tls-verify: true\n    server:", "content"),
    ];
    for (from, to, field) in table {
        fs::write(&file, whole.replace(from, to)).expect("is written");
        let seen = kubeconfigs.read(&state).await;
        let drifted = differing(&state, &seen);
        let expected: Vec<_> =
            ["content", field].into_iter().take(if field == "content" { 1 } else { 2 }).collect();
        assert_eq!(drifted, expected, "{field}");
        kubeconfigs.update(&seen, &config(&client)).await;
        assert_eq!(fs::read_to_string(&file).ok().as_ref(), Some(&whole));
    }
}

fn decoded(text: &str) -> String {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).expect("is base64");
    String::from_utf8(bytes).expect("is text")
}
