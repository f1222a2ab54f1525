use super::*;

fn subject() -> Value {
    Value::tuple(vec![object([
        ("common_name", text("a, \"b\"")),
        ("organization", text("Örg")),
        ("organizational_unit", text("*")),
        ("country", text("DE")),
        ("street_address", texts(&["Street 1", "Back yard"])),
        ("email_address", text("a@b.example")),
        ("serial_number", text("7")),
    ])])
}

fn pem(state: &Value, name: &str) -> Value {
    state.attr(name).cloned().expect("is an attribute")
}

async fn authority(key: &Value) -> Value {
    create(
        "tls_self_signed_cert",
        object([
            ("private_key_pem", pem(key, "private_key_pem")),
            ("validity_period_hours", Value::number(240)),
            ("allowed_uses", texts(&["cert_signing", "crl_signing", "digital_signature"])),
            ("is_ca_certificate", Value::bool(true)),
            ("max_path_length", Value::number(0)),
            ("set_authority_key_id", Value::bool(true)),
            (
                "subject",
                Value::tuple(vec![object([("common_name", text("The CA")), ("organization", text("O"))])]),
            ),
        ]),
    )
    .await
}

/// A chain of every kind of key, as openssl sees it.
#[tokio::test]
async fn chains_are_verified_by_openssl() {
    for (algorithm, curve) in [
        ("RSA", "P224"),
        ("ECDSA", "P224"),
        ("ECDSA", "P256"),
        ("ECDSA", "P384"),
        ("ECDSA", "P521"),
        ("ED25519", "P224"),
    ] {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let (ca_key, leaf_key) = (key(algorithm, curve).await, key("ECDSA", curve).await);
        let ca = authority(&ca_key).await;
        let request = create(
            "tls_cert_request",
            object([
                ("private_key_pem", pem(&leaf_key, "private_key_pem")),
                ("subject", subject()),
                ("dns_names", texts(&["a.example", "*.b.example"])),
                ("ip_addresses", texts(&["10.0.0.1", "fd00::1"])),
                ("uris", texts(&["spiffe://a/b"])),
            ]),
        )
        .await;
        let leaf = create(
            "tls_locally_signed_cert",
            object([
                ("ca_cert_pem", pem(&ca, "cert_pem")),
                ("ca_private_key_pem", pem(&ca_key, "private_key_pem")),
                ("cert_request_pem", pem(&request, "cert_request_pem")),
                ("validity_period_hours", Value::number(24)),
                (
                    "allowed_uses",
                    texts(&["key_encipherment", "digital_signature", "server_auth", "client_auth"]),
                ),
                ("set_subject_key_id", Value::bool(true)),
            ]),
        )
        .await;
        assert_eq!(ca.text("key_algorithm"), Some(algorithm));
        assert_eq!(leaf.text("ca_key_algorithm"), Some(algorithm));
        assert_eq!(leaf.text("validity_start_time"), Some("2024-05-06T07:08:09Z"));
        assert_eq!(leaf.text("validity_end_time"), Some("2024-05-07T07:08:09Z"));
        write(folder.path(), "ca", ca.text("cert_pem").unwrap_or_default());
        write(folder.path(), "csr", request.text("cert_request_pem").unwrap_or_default());
        write(folder.path(), "leaf", leaf.text("cert_pem").unwrap_or_default());
        tool(folder.path(), "openssl req -in csr -verify -noout");
        tool(folder.path(), "openssl verify -attime 1714979300 -x509_strict -CAfile ca ca");
        tool(folder.path(), "openssl verify -attime 1714979300 -purpose sslserver -CAfile ca leaf");
        let Some(shown) = tool(folder.path(), "openssl x509 -in leaf -noout -text -nameopt RFC2253,-esc_msb")
        else {
            return;
        };
        for expected in [
            "Version: 3",
            "Subject: emailAddress=a@b.example,serialNumber=7,CN=a\\, \\\"b\\\",street=",
            "OU=*,O=Örg,C=DE",
            "Issuer: CN=The CA,O=O",
            "Not After : May  7 07:08:09 2024 GMT",
            "X509v3 Key Usage: critical\n                Digital Signature, Key Encipherment\n",
            "TLS Web Server Authentication, TLS Web Client Authentication",
            "X509v3 Basic Constraints: critical\n                CA:FALSE",
            "X509v3 Authority Key Identifier",
            "DNS:a.example, DNS:*.b.example, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1, URI:spiffe://a/b",
        ] {
            assert!(shown.contains(expected), "{algorithm} {curve}: {expected} in {shown}");
        }
        let shown = tool(folder.path(), "openssl x509 -in ca -noout -text").unwrap_or_default();
        for expected in
            ["CA:TRUE, pathlen:0", "Digital Signature, Certificate Sign, CRL Sign", "Subject Key Identifier"]
        {
            assert!(shown.contains(expected), "{algorithm} {curve}: {expected} in {shown}");
        }
    }
}

/// The key identifier is the usual SHA-1 of the key, as openssl makes it too.
#[tokio::test]
async fn key_identifiers_are_those_of_openssl() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    for (algorithm, curve) in [("RSA", "P224"), ("ECDSA", "P256")] {
        let key = key(algorithm, curve).await;
        write(folder.path(), "key", key.text("private_key_pem").unwrap_or_default());
        let made = "openssl req -x509 -new -key key -subj /CN=a -out made -addext subjectKeyIdentifier=hash";
        if tool(folder.path(), made).is_none() {
            return;
        }
        write(folder.path(), "ca", authority(&key).await.text("cert_pem").unwrap_or_default());
        let identifier = |name: &str| {
            let shown =
                tool(folder.path(), &format!("openssl x509 -in {name} -noout -ext subjectKeyIdentifier"));
            shown.and_then(|shown| shown.lines().nth(1).map(|line| line.trim().to_owned()))
        };
        assert_eq!(identifier("ca"), identifier("made"), "{algorithm}");
        assert!(identifier("ca").is_some());
    }
}

#[tokio::test]
async fn certificates_are_made_anew_when_their_end_is_near() {
    let key = key("ED25519", "P224").await;
    let config = object([
        ("private_key_pem", pem(&key, "private_key_pem")),
        ("validity_period_hours", Value::number(10)),
        ("early_renewal_hours", Value::number(3)),
        ("allowed_uses", texts(&[])),
        ("dns_names", texts(&["a"])),
    ]);
    let state = create("tls_self_signed_cert", config.clone()).await;
    assert_eq!(state.flag("ready_for_renewal"), Some(false));
    for (hours, due) in [(6, false), (7, true), (11, true)] {
        let request = provider::ReadRequest {
            type_name: "tls_self_signed_cert".into(),
            current: state.clone(),
            private: vec![],
        };
        let read =
            running(after(hours)).await.read(vec![request]).await.pop().expect("one was asked for").state;
        assert_eq!(read.flag("ready_for_renewal"), Some(due), "{hours}");
        let plan = plan(after(hours), "tls_self_signed_cert", Some(&read), &config).await;
        assert_eq!(!plan.requires_replace.is_empty(), due, "{hours}");
        assert_eq!(plan.planned == read, !due, "{hours}");
    }
}

/// States of releases before 4 hold a hash in place of the PEM text.
#[tokio::test]
async fn a_hash_in_place_of_a_key_does_not_replace() {
    let key = key("ED25519", "P224").await;
    let config = object([("private_key_pem", pem(&key, "private_key_pem"))]);
    let state = create("tls_cert_request", config.clone()).await;
    let old = state.with_attr("private_key_pem", text("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
    let plan = plan(after(0), "tls_cert_request", Some(&old), &config).await;
    assert!(plan.requires_replace.is_empty());
}

#[tokio::test]
async fn what_cannot_be_signed_is_refused() {
    let (key, other) = (key("ED25519", "P224").await, key("ED25519", "P224").await);
    let request =
        create("tls_cert_request", object([("private_key_pem", pem(&key, "private_key_pem"))])).await;
    let leaf = |ca: &Value, ca_key: &Value, request: Value| {
        object([
            ("ca_cert_pem", pem(ca, "cert_pem")),
            ("ca_private_key_pem", pem(ca_key, "private_key_pem")),
            ("cert_request_pem", request),
            ("validity_period_hours", Value::number(24)),
            ("allowed_uses", texts(&[])),
        ])
    };
    let ca = authority(&key).await;
    let request_pem = pem(&request, "cert_request_pem");
    for (config, expected) in [
        (leaf(&ca, &other, request_pem.clone()), "Failed to create certificate"),
        (leaf(&ca, &key, text("x")), "Failed to parse certificate request PEM"),
        (leaf(&ca, &key, pem(&ca, "cert_pem")), "Failed to parse certificate request PEM"),
    ] {
        let (state, diagnostics) = try_create("tls_locally_signed_cert", config).await;
        assert!(state.is_null());
        assert_eq!(diagnostics.iter().map(|d| d.summary.as_str()).collect::<Vec<_>>(), [expected]);
    }
    // One that is not an authority's signs, with a warning.
    let plain = create(
        "tls_self_signed_cert",
        object([
            ("private_key_pem", pem(&key, "private_key_pem")),
            ("validity_period_hours", Value::number(24)),
            ("allowed_uses", texts(&[])),
        ]),
    )
    .await;
    let (state, diagnostics) = try_create("tls_locally_signed_cert", leaf(&plain, &key, request_pem)).await;
    assert!(!state.is_null() && !diagnostics.has_errors());
    let warning = "Potentially Invalid Certificate Authority";
    assert_eq!(diagnostics.iter().map(|d| d.summary.as_str()).collect::<Vec<_>>(), [warning]);
    // An authority needs a name.
    let (state, diagnostics) = try_create(
        "tls_self_signed_cert",
        object([
            ("private_key_pem", pem(&key, "private_key_pem")),
            ("validity_period_hours", Value::number(24)),
            ("allowed_uses", texts(&[])),
            ("is_ca_certificate", Value::bool(true)),
        ]),
    )
    .await;
    assert!(state.is_null() && diagnostics.has_errors());
}

#[tokio::test]
async fn certificates_are_described_as_go_does() {
    let key = key("RSA", "P224").await;
    let leaf = create(
        "tls_self_signed_cert",
        object([
            ("private_key_pem", pem(&key, "private_key_pem")),
            ("validity_period_hours", Value::number(24)),
            ("allowed_uses", texts(&[])),
            ("subject", subject()),
        ]),
    )
    .await;
    let ca = authority(&key).await;
    let both =
        format!("{}{}", leaf.text("cert_pem").unwrap_or_default(), ca.text("cert_pem").unwrap_or_default());
    let (state, diagnostics) = read_data("tls_certificate", object([("content", text(&both))])).await;
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let [first, second] = state.elements("certificates") else { panic!("two were given") };
    for (name, expected) in [
        ("signature_algorithm", "SHA256-RSA"),
        ("public_key_algorithm", "RSA"),
        ("not_before", "2024-05-06T07:08:09Z"),
        ("not_after", "2024-05-07T07:08:09Z"),
        (
            "subject",
            "SERIALNUMBER=7,CN=a\\, \\\"b\\\",STREET=Street 1+STREET=Back yard,OU=*,O=Örg,C=DE,\
             1.2.840.113549.1.9.1=#160b6140622e6578616d706c65",
        ),
        ("serial_number", leaf.text("id").unwrap_or_default()),
        ("cert_pem", leaf.text("cert_pem").unwrap_or_default()),
    ] {
        assert_eq!(first.text(name), Some(expected), "{name}");
    }
    assert_eq!((first.flag("is_ca"), second.flag("is_ca")), (Some(false), Some(true)));
    assert_eq!(first.int("version"), Some(3));
    assert_eq!(second.text("issuer"), Some("CN=The CA,O=O"));
    let folder = tempfile::tempdir().expect("there is room for a folder");
    write(folder.path(), "leaf", leaf.text("cert_pem").unwrap_or_default());
    if let Some(line) = tool(folder.path(), "openssl x509 -in leaf -noout -fingerprint -sha1") {
        let digits = line.trim().rsplit('=').next().unwrap_or_default().replace(':', "").to_lowercase();
        assert_eq!(first.text("sha1_fingerprint"), Some(digits.as_str()));
    }
    for bad in ["x", key.text("private_key_pem").unwrap_or_default()] {
        assert!(read_data("tls_certificate", object([("content", text(bad))])).await.1.has_errors());
    }
}
