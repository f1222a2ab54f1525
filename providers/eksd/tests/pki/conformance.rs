use provider::conformance::{Case, environment, run};
use provider::simple::Access as _;
use value::{Type, Value};

use super::{Ca, certificate, list, openssl_is_here, root, text};

/// An import id of `HOST PATH`.
fn by_path(object: &Value) -> String {
    format!("{} {}", object.text("host").unwrap_or_default(), object.text("path").unwrap_or_default())
}

#[tokio::test]
async fn certificates_and_kubeconfigs_conform() {
    if !openssl_is_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is room");
    let (ca, other) = (Ca::new("kubernetes"), Ca::new("kubernetes"));
    let host = folder.path().join("h");
    let config = certificate(&host, &ca);
    let with = |name: &str, value: Value| config.with_attr(name, value);
    let certificates = Case::new("eksd_certificate", config.clone())
        .update(with("common_name", text("other")))
        .update(with("organization", Value::null(Type::list(Type::String))))
        .update(with("mode", text("0640")))
        .update(with("key_mode", text("0640")))
        .update(with("rotate_key", Value::bool(true)))
        .update(with("renew_before_hours", Value::number(8000)))
        .update(with("validity_hours", Value::number(10)).with_attr("renew_before_hours", Value::number(1)))
        .update(with("key_algorithm", text("RSA-2048")))
        .update(certificate(&host, &other))
        .replace(with("path", text("/etc/eksd/pki/other.pem")))
        .replace(with("key_path", text("/etc/eksd/pki/other/key.pem")))
        .refuses(with("path", text("etc/a.crt")), "path")
        .refuses(with("key_path", text("/etc/eksd/pki/apiserver.crt")), "key_path")
        .refuses(with("key_algorithm", text("DSA")), "key_algorithm")
        .refuses(with("key_mode", text("9")), "key_mode")
        .refuses(with("uses", list(&["serverAuth"])), "uses")
        .refuses(with("ip_addresses", list(&["localhost"])), "ip_addresses")
        .refuses(with("common_name", text("")), "common_name")
        .refuses(with("validity_hours", Value::number(0)), "validity_hours")
        .refuses(with("renew_before_hours", Value::number(8760)), "renew_before_hours");
    let not_known = ["ca_cert_pem", "ca_private_key_pem"];
    // An import knows no other order than that of the certificate.
    let in_order = config
        .with_attr("organization", list(&["a", "system:masters"]))
        .with_attr("ip_addresses", list(&["10.96.0.1", "::1"]))
        .with_attr("uses", list(&["digital_signature", "key_encipherment", "server_auth"]));
    let imported = Case::new("eksd_certificate", in_order).named("import").import_made(by_path, &not_known);
    let kubeconfig = Value::object_of([
        ("host", root(&host)),
        ("path", text("/etc/eksd/admin.conf")),
        ("server", text("https://10.0.0.10:6443")),
        ("certificate_authority", text(&ca.certificate)),
        ("client_certificate", text("/etc/eksd/pki/admin.crt")),
        ("client_key", text("/etc/eksd/pki/admin.key")),
    ]);
    let with = |name: &str, value: Value| kubeconfig.with_attr(name, value);
    let kubeconfigs = Case::new("eksd_kubeconfig", kubeconfig.clone())
        .update(with("server", text("https://[fd00::1]:6443")))
        .update(with("certificate_authority", text(format!("{}{}", ca.certificate, other.certificate))))
        .update(with("user", text("\"odd\" name: x")))
        .update(with("cluster_name", text("c")))
        .update(with("mode", text("0640")))
        .replace(with("path", text("/etc/eksd/other.conf")))
        .import_made(by_path, &[])
        .refuses(with("server", text("http://10.0.0.1")), "server")
        .refuses(with("certificate_authority", text("x")), "certificate_authority")
        .refuses(with("client_key", text("admin.key")), "client_key");
    let cases = [certificates, imported, kubeconfigs];
    let report =
        run(crate::provider(), &Value::object_of::<&str>([]), environment(folder.path()), &cases).await;
    assert!(report.is_ok(), "{report}");
    assert!(!host.join("var/lib/groma").exists(), "nothing is left of what was found");
}
