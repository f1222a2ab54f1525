//! The way to an API server: whom groma trusts there, and whom it goes through. The server here answers one question only.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use provider::conformance::configured;
use provider::simple::Access as _;
use provider::{DataRequest, ReadRequest, RecoverRequest, RecoverResponse};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use value::Value;

use super::now;
use crate::tests::support::{list, text};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.distinguished_name.push(DnType::CommonName, "kubernetes");
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("is made")).expect("is signed")
}

/// A certificate and its key in PEM.
fn signed(authority: &Authority, usage: ExtendedKeyUsagePurpose, address: [u8; 4]) -> (String, String) {
    let key = KeyPair::generate().expect("is made");
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::IpAddress(address.into())];
    params.extended_key_usages = vec![usage];
    (params.signed_by(&key, authority).expect("is signed").pem(), key.serialize_pem())
}

/// Starts a server that knows clients of an authority, and says what it is asked; gives its port.
async fn start(authority: &Authority, address: [u8; 4]) -> u16 {
    let (certificate, key) = signed(authority, ExtendedKeyUsagePurpose::ServerAuth, address);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("is one")).expect("is one");
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("there are some")
        .with_client_cert_verifier(clients.expect("has roots"))
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(certificate.as_bytes()).expect("is one")],
            PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("is one"),
        )
        .expect("belong together");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a port");
    let port = listener.local_addr().expect("is bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut asked = vec![0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut asked).await {
                    let asked = String::from_utf8_lossy(&asked[..count]).into_owned();
                    let body = match asked.split(' ').nth(1) {
                        Some("/version") => {
                            r#"{"major":"1","minor":"34","gitVersion":"v1.34.9","gitCommit":"","gitTreeState":"","buildDate":"","goVersion":"","compiler":"","platform":""}"#
                        }
                        Some("/readyz?verbose") => "[+]ping ok",
                        _ => {
                            r#"{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"v1","resources":[]}"#
                        }
                    };
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

/// Writes a kubeconfig with files beside it.
fn kubeconfig(
    folder: &Path,
    name: &str,
    port: u16,
    trusted: &Authority,
    client: &(String, String),
) -> String {
    let files =
        [("ca.crt", trusted.pem()), ("client.crt", client.0.clone()), ("client.key", client.1.clone())];
    for (file, content) in files {
        fs::write(folder.join(format!("{name}-{file}")), content).expect("is written");
    }
    let text = format!(
        "current-context: c\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{server: \"https://127.0.0.1:{port}\", certificate-authority: {name}-ca.crt}}}}]\n\
         users: [{{name: u, user: {{client-certificate: {name}-client.crt, client-key: {name}-client.key}}}}]\n"
    );
    let file = folder.join(name);
    fs::write(&file, text).expect("is written");
    file.display().to_string()
}

#[tokio::test]
async fn only_the_right_server_is_spoken_to_and_only_with_the_right_certificate() {
    let folder = tempfile::tempdir().expect("there is room");
    let (own, other) = (authority(), authority());
    let client = signed(&own, ExtendedKeyUsagePurpose::ClientAuth, [127, 0, 0, 1]);
    let stranger = signed(&other, ExtendedKeyUsagePurpose::ClientAuth, [127, 0, 0, 1]);
    let (good, misnamed) = (start(&own, [127, 0, 0, 1]).await, start(&own, [127, 0, 0, 2]).await);
    let table = [
        ("right", good, &own, &client, None),
        (
            "another-authority",
            good,
            &other,
            &client,
            Some("is not trusted or does not trust us: invalid peer certificate"),
        ),
        ("another-name", misnamed, &own, &client, Some("not valid for name")),
        ("a-stranger", good, &own, &stranger, Some("")),
    ];
    let environment = now(folder.path());
    let provider = crate::provider();
    let running = configured(provider.as_ref(), &Value::object_of::<&str>([]), environment)
        .await
        .expect("needs nothing");
    for (name, port, trusted, client, expected) in table {
        let file = kubeconfig(folder.path(), name, port, trusted, client);
        let block = &provider.schema().data_source("eksd_cluster_health").expect("is offered").block.clone();
        let config = Value::object_of([("hosts", list(&["local:"])), ("kubeconfig", text(file))]);
        let config = block.coerce(&config).expect("fits the schema");
        let response =
            running.read_data(DataRequest { type_name: "eksd_cluster_health".into(), config }).await;
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
        let server = response.state.elements("apiservers")[0].clone();
        match expected {
            None => {
                assert_eq!(
                    (server.text("version"), server.flag("ready")),
                    (Some("v1.34.9"), Some(true)),
                    "{server:?}"
                );
            }
            Some(expected) => {
                let said = server.text("message").expect("says why");
                assert!(said.contains(expected) && server.flag("ready") == Some(false), "{name}: {said}");
            }
        }
    }
}

/// At 3 a.m. the API is down, and the plan that repairs it must be made all the same.
#[tokio::test]
async fn what_an_api_that_is_away_holds_is_planned_with_as_it_was() {
    let folder = tempfile::tempdir().expect("there is room");
    let own = authority();
    let client = signed(&own, ExtendedKeyUsagePurpose::ClientAuth, [127, 0, 0, 1]);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("there is a port");
    let port = listener.local_addr().expect("is bound").port();
    drop(listener);
    let file = kubeconfig(folder.path(), "away", port, &own, &client);
    let provider = crate::provider();
    let running = configured(provider.as_ref(), &Value::object_of::<&str>([]), now(folder.path()))
        .await
        .expect("needs nothing");
    let object = |type_name: &str, more: [(&str, Value); 2]| {
        let block = &provider.schema().resource(type_name).expect("is offered").block.clone();
        let place = [("hosts", list(&["local:"])), ("kubeconfig", text(&file))];
        block.coerce(&Value::object_of(place.into_iter().chain(more))).expect("fits the schema")
    };
    let manifest = object(
        "eksd_manifest",
        [
            ("yaml", text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")),
            ("objects", list(&["v1 ConfigMap default a"])),
        ],
    );
    let node = object("eksd_node", [("name", text("cp1")), ("id", text("cp1"))]);
    let reads = [("eksd_manifest", &manifest), ("eksd_manifest", &manifest), ("eksd_node", &node)];
    let requests = reads.map(|(type_name, current)| ReadRequest {
        type_name: type_name.into(),
        current: current.clone(),
        private: vec![],
    });
    let null = Value::null(manifest.ty());
    let recovering = running.recover(RecoverRequest {
        type_name: "eksd_manifest".into(),
        prior: null.clone(),
        planned: manifest.clone(),
        config: manifest.clone(),
        private: vec![],
        token: "t".into(),
    });
    let (read, recovered) = tokio::join!(running.read(requests.into()), recovering);
    for ((_, current), response) in reads.iter().zip(&read) {
        assert!(
            !response.diagnostics.has_errors() && response.state == **current,
            "{:?}",
            response.diagnostics
        );
    }
    let said: Vec<_> = read.iter().flat_map(|response| response.diagnostics.iter()).collect();
    let [warning] = &said[..] else { panic!("one for all: {said:?}") };
    assert_eq!(warning.summary, "Kubernetes API cannot be reached");
    assert!(
        warning.detail.contains("Connection refused") && warning.detail.contains("last known"),
        "{warning}"
    );
    assert!(matches!(recovered, RecoverResponse::Found { state, .. } if state == manifest));
}
