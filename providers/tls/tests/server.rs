use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// The certificates of a server on this machine, which nobody trusts.
#[tokio::test]
async fn a_servers_certificates_are_fetched() {
    let key = key("ECDSA", "P256").await;
    let certificate = create(
        "tls_self_signed_cert",
        object([
            ("private_key_pem", key.attr("private_key_pem").cloned().expect("is an attribute")),
            ("validity_period_hours", Value::number(24)),
            ("allowed_uses", texts(&["server_auth"])),
            ("ip_addresses", texts(&["127.0.0.1"])),
        ]),
    )
    .await;
    let pem = |state: &Value, name: &str| {
        crate::pem::decode(state.text(name).unwrap_or_default()).pop().expect("is PEM").bytes
    };
    let chain = vec![pem(&certificate, "cert_pem").into()];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pem(&key, "private_key_pem_pkcs8")));
    let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()
        .expect("has versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("the key fits");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("is bound").port();
    let server = tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust the certificate breaks off, which is its right.
            let _ = acceptor.accept(stream).await;
        }
    });

    let read = async |scheme: &str, verify: bool| {
        let url = text(&format!("{scheme}://127.0.0.1:{port}"));
        read_data("tls_certificate", object([("url", url), ("verify_chain", Value::bool(verify))])).await
    };
    for scheme in ["https", "tls"] {
        let (state, diagnostics) = read(scheme, false).await;
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let [found] = state.elements("certificates") else { panic!("one is shown") };
        assert_eq!(found.attr("cert_pem"), certificate.attr("cert_pem"));
    }
    let (_, diagnostics) = read("https", true).await;
    assert!(diagnostics.has_errors(), "nobody trusts it");
    server.abort();
    let (_, diagnostics) = read_data("tls_certificate", object([("url", text("tls://127.0.0.1:1"))])).await;
    assert!(diagnostics.has_errors(), "nobody listens");
}
