use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use provider::conformance::Bench;
use provider::simple::Access as _;
use value::{Type, Value};

use super::{Ca, Clock, bench, certificate, differing, list, openssl_is_here, run, text, texts};

const CERTIFICATE: &str = "etc/eksd/pki/apiserver.crt";
const KEY: &str = "etc/eksd/pki/apiserver.key";

fn mode(path: PathBuf) -> u32 {
    fs::metadata(path).expect("is there").permissions().mode() & 0o7777
}

fn at<'a>(folder: &Path, name: &'a str) -> (PathBuf, &'a str) {
    (folder.join(name), name)
}

#[tokio::test]
async fn a_certificate_is_what_openssl_says_it_is() {
    if !openssl_is_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is room");
    let (host, ca) = (folder.path().join("h"), Ca::new("kubernetes"));
    let bench = bench("eksd_certificate", folder.path()).await;
    let state = bench.create(certificate(&host, &ca)).await;
    let (crt, key) = (host.join(CERTIFICATE), host.join(KEY));
    fs::write(folder.path().join("ca"), &ca.certificate).expect("is written");
    let (ca_file, crt_text) = (folder.path().join("ca").display().to_string(), crt.display().to_string());
    run(
        "openssl",
        &[
            "verify",
            "-attime",
            "1714979289",
            "-x509_strict",
            "-purpose",
            "sslserver",
            "-CAfile",
            &ca_file,
            &crt_text,
        ],
    );
    let said = run("openssl", &["x509", "-in", &crt_text, "-noout", "-text", "-nameopt", "RFC2253"]);
    for part in [
        "Issuer: CN=kubernetes\n",
        "CN=kube-apiserver,O=",
        "O=system:masters",
        "DNS:kubernetes, DNS:api.example, IP Address:10.96.0.1, IP Address:0:0:0:0:0:0:0:1",
        "Digital Signature, Key Encipherment\n",
        "TLS Web Server Authentication\n",
        "Not Before: May  6 07:03:09 2024 GMT",
        "Not After : May  6 07:08:09 2025 GMT",
        "CA:FALSE",
        "prime256v1",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    assert_eq!((mode(crt.clone()), mode(key.clone())), (0o644, 0o600));
    let public = run("openssl", &["pkey", "-in", &key.display().to_string(), "-pubout"]);
    assert_eq!(public, run("openssl", &["x509", "-in", &crt_text, "-noout", "-pubkey"]));
    assert_eq!(state.text("certificate_pem"), fs::read_to_string(&crt).ok().as_deref());
    let private = fs::read_to_string(&key).expect("is there");
    let body = private.lines().nth(1).expect("has a body");
    assert!(!format!("{state:?}").contains(body), "the key is nowhere but on its host");
    assert_eq!(bench.read(&state).await, state, "nothing drifts by itself");
    let (_, plan) = bench.plan(&state, &certificate(&host, &ca)).await;
    assert_eq!(plan.planned, state, "a second plan is empty");
    bench.delete(&state).await;
    assert!(!crt.exists() && !key.exists() && !host.join("var/lib/groma").exists());
}

/// Reads after something was changed by hand; gives what drifted, and what an update makes of it.
async fn repaired(bench: &Bench, state: &Value, config: &Value) -> (Vec<String>, Value) {
    let seen = bench.read(state).await;
    let drifted = differing(state, &seen);
    (drifted, bench.update(&seen, config).await)
}

#[tokio::test]
async fn each_change_by_others_shows_as_its_field_and_is_repaired() {
    if !openssl_is_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is room");
    let (host, ca) = (folder.path().join("h"), Ca::new("kubernetes"));
    let bench = bench("eksd_certificate", folder.path()).await;
    let config = certificate(&host, &ca);
    let state = bench.create(config.clone()).await;
    let (crt, key) = (host.join(CERTIFICATE), host.join(KEY));
    let (good_crt, good_key) = (fs::read(&crt).expect("is there"), fs::read(&key).expect("is there"));

    fs::set_permissions(&crt, fs::Permissions::from_mode(0o666)).expect("is set");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("is set");
    let (drifted, state) = repaired(&bench, &state, &config).await;
    assert_eq!(drifted, ["key_mode", "mode"]);
    assert_eq!((mode(crt.clone()), mode(key.clone())), (0o644, 0o600));
    assert_eq!(fs::read(&crt).ok(), Some(good_crt.clone()), "no new certificate for modes");

    // Another certificate of the same authority and key.
    let other = config
        .with_attr("common_name", text("somebody"))
        .with_attr("organization", Value::null(Type::list(Type::String)))
        .with_attr("dns_names", list(&["other"]))
        .with_attr("ip_addresses", list(&["10.96.0.1", "::1", "10.0.0.1"]))
        .with_attr("uses", list(&["client_auth", "digital_signature"]))
        .with_attr("validity_hours", Value::number(9000));
    bench.update(&state, &other).await;
    assert_eq!(fs::read(&key).ok(), Some(good_key.clone()), "the key stays");
    let (drifted, state) = repaired(&bench, &state, &config).await;
    let expected = [
        "certificate_pem",
        "common_name",
        "dns_names",
        "fingerprint",
        "ip_addresses",
        "not_after",
        "organization",
        "serial_number",
        "subject",
        "uses",
        "validity_hours",
    ];
    assert_eq!(drifted, expected);

    // One of another authority with the same name.
    let forged = Ca::new("kubernetes");
    bench.update(&state, &certificate(&host, &forged)).await;
    let (drifted, state) = repaired(&bench, &state, &config).await;
    assert_eq!(drifted, ["certificate_pem", "fingerprint", "serial_number", "signed_by_ca"]);

    // Another key, no key, no certificate at all.
    run("openssl", &["genpkey", "-algorithm", "RSA", "-out", &key.display().to_string()]);
    let (drifted, state) = repaired(&bench, &state, &config).await;
    assert_eq!(drifted, ["key_matches"]);
    fs::remove_file(&key).expect("is there");
    let (drifted, state) = repaired(&bench, &state, &config).await;
    assert_eq!(drifted, ["key_matches"]);
    assert_eq!(state.flag("key_matches"), Some(true));
    fs::write(&crt, "nonsense").expect("is written");
    let (drifted, state) = repaired(&bench, &state, &config).await;
    assert!(
        drifted.contains(&"key_matches".to_owned()) && drifted.contains(&"common_name".to_owned()),
        "{drifted:?}"
    );
    assert_eq!(bench.read(&state).await, state);
    fs::remove_file(&crt).expect("is there");
    assert!(bench.read(&state).await.is_null());
}

#[tokio::test]
async fn a_certificate_is_renewed_inside_its_window() {
    if !openssl_is_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is room");
    let (host, ca, clock) = (folder.path().join("h"), Ca::new("kubernetes"), Clock::default());
    let bench = Bench::new(crate::provider(), "eksd_certificate", clock.environment(folder.path())).await;
    let config = certificate(&host, &ca)
        .with_attr("validity_hours", Value::number(1000))
        .with_attr("renew_before_hours", Value::number(100));
    let state = bench.create(config.clone()).await;
    clock.put_forward(899);
    assert_eq!(bench.read(&state).await, state);
    clock.put_forward(1);
    let seen = bench.read(&state).await;
    assert_eq!(seen, state.with_attr("ready_for_renewal", Value::bool(true)), "only that shows");
    // The plan renews without a refresh, too.
    for prior in [&seen, &state] {
        let (_, plan) = bench.plan(prior, &config).await;
        let unknown = |name: &str| plan.planned.attr(name).is_some_and(|value| !value.is_known());
        assert!(unknown("not_after") && unknown("certificate_pem") && plan.requires_replace.is_empty());
        assert_eq!(plan.planned.flag("ready_for_renewal"), Some(false));
    }
    let key = fs::read(host.join(KEY)).ok();
    let renewed = bench.update(&seen, &config).await;
    assert_eq!(renewed.text("not_after"), Some("2024-07-24T11:08:09Z"));
    assert_eq!(fs::read(host.join(KEY)).ok(), key, "the key is kept");
    assert_eq!(bench.plan(&renewed, &config).await.1.planned, renewed);
    // With rotate_key it is renewed, too.
    clock.put_forward(950);
    let rotating = config.with_attr("rotate_key", Value::bool(true));
    let renewed = bench.update(&bench.read(&renewed).await, &rotating).await;
    assert_ne!(fs::read(host.join(KEY)).ok(), key);
    assert_eq!(renewed.flag("key_matches"), Some(true));
    assert!(!host.join(format!("{KEY}.groma-new")).exists());
    // Another kind of key makes a new one.
    let other = bench.update(&renewed, &config.with_attr("key_algorithm", text("RSA-2048"))).await;
    assert_eq!((other.text("key_algorithm"), other.flag("key_matches")), (Some("RSA-2048"), Some(true)));
    assert_eq!(bench.read(&other).await, other);
}

#[tokio::test]
async fn an_order_of_names_is_no_reason_for_another_certificate() {
    if !openssl_is_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is room");
    let (host, ca) = (folder.path().join("h"), Ca::new("kubernetes"));
    let bench = bench("eksd_certificate", folder.path()).await;
    let config = certificate(&host, &ca);
    let state = bench.create(config.clone()).await;
    let there = fs::read(host.join(CERTIFICATE)).ok();
    let other = config
        .with_attr("organization", list(&["a", "system:masters"]))
        .with_attr("dns_names", list(&["api.example", "kubernetes"]))
        .with_attr("ip_addresses", list(&["::1", "10.96.0.1"]))
        .with_attr("uses", list(&["server_auth", "digital_signature", "key_encipherment"]));
    let changed = bench.update(&state, &other).await;
    assert_eq!(fs::read(host.join(CERTIFICATE)).ok(), there);
    assert_eq!(differing(&state, &changed), ["dns_names", "ip_addresses", "organization", "uses"]);
    assert_eq!(bench.read(&changed).await, changed);
    let more = bench.update(&changed, &other.with_attr("dns_names", list(&["kubernetes"]))).await;
    assert_ne!(more.text("fingerprint"), state.text("fingerprint"));
}

#[tokio::test]
async fn what_was_there_comes_back_and_what_cannot_be_signed_is_said() {
    if !openssl_is_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is room");
    let (host, ca) = (folder.path().join("h"), Ca::new("kubernetes"));
    fs::create_dir_all(host.join("etc/eksd/pki")).expect("is made");
    let (crt, _) = at(&host, CERTIFICATE);
    fs::write(&crt, "theirs").expect("is written");
    fs::write(host.join(KEY), "their key").expect("is written");
    fs::set_permissions(host.join(KEY), fs::Permissions::from_mode(0o640)).expect("is set");
    let bench = bench("eksd_certificate", folder.path()).await;
    let state = bench.create(certificate(&host, &ca)).await;
    bench.delete(&state).await;
    assert_eq!(fs::read_to_string(&crt).ok().as_deref(), Some("theirs"));
    assert_eq!(fs::read_to_string(host.join(KEY)).ok().as_deref(), Some("their key"));
    assert_eq!(mode(host.join(KEY)), 0o640);
    assert!(!host.join("var/lib/groma").exists());

    let null = Value::null(Type::Dynamic);
    let short = Ca::valid("short", 100);
    let (_, plan) = bench.plan(&null, &certificate(&host, &short)).await;
    assert!(
        texts(&plan.diagnostics).contains("longer than that of the authority CN=short"),
        "{}",
        texts(&plan.diagnostics)
    );
    let other = certificate(&host, &Ca { certificate: ca.certificate.clone(), key: short.key.clone() });
    let (_, plan) = bench.plan(&null, &other).await;
    assert!(
        texts(&plan.diagnostics).contains("the private key is not that of the certificate"),
        "{}",
        texts(&plan.diagnostics)
    );
}
