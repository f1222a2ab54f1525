use super::*;
use crate::key::PrivateKey;
use crate::openssh::PublicForms;

const KINDS: [(&str, &str); 6] = [
    ("RSA", "P224"),
    ("ECDSA", "P224"),
    ("ECDSA", "P256"),
    ("ECDSA", "P384"),
    ("ECDSA", "P521"),
    ("ED25519", "P224"),
];

#[tokio::test]
async fn keys_are_what_openssl_and_openssh_take_them_for() {
    for (algorithm, curve) in KINDS {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let config = object([
            ("algorithm", text(algorithm)),
            ("ecdsa_curve", text(curve)),
            ("openssh_comment", text("me@here")),
        ]);
        let state = create("tls_private_key", config).await;
        let value = |name: &str| state.text(name).unwrap_or_default();
        let kind = format!("{algorithm} {curve}");
        assert_eq!(value("id").len(), 40, "{kind}");
        for (name, label) in
            [("private_key_pem", traditional(algorithm)), ("private_key_pem_pkcs8", "PRIVATE KEY")]
        {
            assert!(value(name).starts_with(&format!("-----BEGIN {label}-----\n")), "{kind} {name}: {label}");
            write(folder.path(), name, value(name));
            if let Some(public) = tool(folder.path(), &format!("openssl pkey -in {name} -pubout")) {
                assert_eq!(public, value("public_key_pem"), "{kind} {name}");
            }
            tool(folder.path(), &format!("openssl pkey -in {name} -check -noout"));
        }
        if curve == "P224" && algorithm == "ECDSA" {
            assert_eq!((value("private_key_openssh"), value("public_key_openssh")), ("", ""));
            continue;
        }
        write(folder.path(), "openssh", value("private_key_openssh"));
        if let Some(public) = tool(folder.path(), "ssh-keygen -y -f openssh") {
            assert_eq!(public, value("public_key_openssh"), "{kind}");
            assert!(public.ends_with(" me@here\n"), "{kind}");
        }
        write(folder.path(), "public", value("public_key_openssh"));
        for (hash, name) in
            [("md5", "public_key_fingerprint_md5"), ("sha256", "public_key_fingerprint_sha256")]
        {
            if let Some(line) = tool(folder.path(), &format!("ssh-keygen -l -E {hash} -f public")) {
                let fingerprint = line.split(' ').nth(1).unwrap_or_default().trim_start_matches("MD5:");
                assert_eq!(fingerprint, value(name), "{kind}");
            }
        }
    }
}

/// Every form that is written can be read, and gives the same public key.
#[tokio::test]
async fn keys_are_read_from_every_form() {
    for (algorithm, curve) in KINDS {
        let state = key(algorithm, curve).await;
        for name in ["private_key_pem", "private_key_pem_pkcs8", "private_key_openssh"] {
            let source = if name == "private_key_openssh" { name } else { "private_key_pem" };
            let form = state.attr(name).cloned().expect("is an attribute");
            if form.as_str().is_some_and(|form| form.is_empty()) {
                continue;
            }
            let (public, diagnostics) = read_data("tls_public_key", object([(source, form)])).await;
            assert!(diagnostics.is_empty(), "{algorithm} {curve} {name}: {diagnostics:?}");
            assert_eq!(public.text("algorithm"), Some(algorithm));
            for name in ["id", "public_key_pem", "public_key_openssh", "public_key_fingerprint_sha256"] {
                assert_eq!(public.attr(name), state.attr(name), "{algorithm} {curve} {name}");
            }
        }
    }
}

#[test]
fn keys_of_other_tools_are_read() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("was written");
    for (name, command) in [
        ("rsa", "openssl genrsa -out rsa 2048"),
        ("rsa1", "openssl genrsa -traditional -out rsa1 2048"),
        ("ec", "openssl ecparam -name prime256v1 -genkey -out ec -noout"),
        ("ec8", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp521r1 -out ec8"),
        ("ec224", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp224r1 -out ec224"),
        ("ed", "openssl genpkey -algorithm ED25519 -out ed"),
    ] {
        if tool(folder.path(), command).is_none() {
            return;
        }
        let key = PrivateKey::from_pem(&read(name)).expect("is a key");
        let public = key.public().and_then(|public| public.to_der()).expect("has a public key");
        let expected = tool(folder.path(), &format!("openssl pkey -in {name} -pubout"));
        assert_eq!(Some(crate::pem::encode(crate::pem::PUBLIC_KEY, &public)), expected, "{name}");
    }
    for (name, kind) in [("sr", "rsa"), ("se", "ecdsa"), ("s5", "ed25519")] {
        // Words are split at spaces, so the empty passphrase is given by leaving the input empty.
        let output = Command::new("ssh-keygen")
            .args(["-q", "-t", kind, "-N", "", "-C", "", "-f", name])
            .current_dir(folder.path())
            .output();
        if output.is_err() {
            let _ = writeln!(std::io::stderr(), "ssh-keygen is not installed: not compared with it");
            return;
        }
        let key = PrivateKey::from_openssh(&read(name)).expect("is a key");
        let forms: Option<PublicForms> = key.public().expect("has a public key").to_openssh("");
        let line = forms.map(|forms| forms.authorized_key.trim_end().to_owned());
        assert_eq!(line.as_deref(), Some(read(&format!("{name}.pub")).trim_end()), "{kind}");
        // An RSA key of OpenSSH lacks numbers that PKCS#1 has.
        write(folder.path(), "pem", &key.to_pem().expect("can be written"));
        tool(folder.path(), "openssl pkey -in pem -check -noout");
    }
}

#[test]
fn what_is_no_key_is_refused() {
    for bad in ["", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        assert!(PrivateKey::from_pem(bad).is_err(), "{bad}");
        assert!(PrivateKey::from_openssh(bad).is_err(), "{bad}");
    }
    let cut = crate::pem::encode(
        crate::pem::OPENSSH_PRIVATE_KEY,
        b"openssh-key-v1\0\0\0\0\x04none\xff\xff\xff\xff",
    );
    assert!(PrivateKey::from_openssh(&cut).is_err());
}

#[tokio::test]
async fn old_states_get_the_forms_that_were_added() {
    let new = key("RSA", "P224").await;
    let pem = new.text("private_key_pem").unwrap_or_default().replace('\n', "\\n");
    let stored = format!(
        r#"{{"algorithm":"RSA","ecdsa_curve":"P224","id":"x","private_key_pem":"{pem}","public_key_pem":"",
            "public_key_openssh":"","public_key_fingerprint_md5":"","rsa_bits":2048}}"#
    );
    let state = crate::provider().upgrade_state("tls_private_key", 0, &stored).expect("can be upgraded");
    for name in ["id", "private_key_pem_pkcs8", "public_key_pem", "public_key_fingerprint_sha256"] {
        assert_eq!(state.attr(name), new.attr(name), "{name}");
    }
    assert!(state.text("private_key_openssh").is_some_and(|text| text.contains("OPENSSH")));
}

#[tokio::test]
async fn an_ephemeral_key_is_made_and_not_stored() {
    let schema = crate::provider().schema();
    let block = &schema.ephemerals.get("tls_private_key").expect("is offered").block;
    let config = block.coerce(&object([("algorithm", text("ED25519"))])).expect("fits the schema");
    let response = running(after(0)).await.open_ephemeral("tls_private_key".into(), config).await;
    assert!(response.diagnostics.is_empty());
    assert!(response.result.text("private_key_pem").is_some_and(|pem| PrivateKey::from_pem(pem).is_ok()));
    assert!(response.private.is_empty());
}

fn traditional(algorithm: &str) -> &'static str {
    match algorithm {
        "RSA" => "RSA PRIVATE KEY",
        "ECDSA" => "EC PRIVATE KEY",
        _ => "PRIVATE KEY",
    }
}
