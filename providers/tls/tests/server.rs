use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
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
    // Through a proxy, which sees whom it is to connect to and who asks.
    let proxy = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let proxy_port = proxy.local_addr().expect("is bound").port();
    let asked = tokio::spawn(async move {
        let (mut client, _) = proxy.accept().await.expect("somebody connects");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.expect("asks"));
        }
        let mut server = TcpStream::connect(("127.0.0.1", port)).await.expect("listens");
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.expect("waits");
        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
        String::from_utf8_lossy(&head).into_owned()
    });
    let block = object([
        ("url", text(&format!("http://127.0.0.1:{proxy_port}"))),
        ("username", text("u")),
        ("password", text("p")),
    ]);
    let provider = crate::provider();
    let config = object([("proxy", Value::tuple(vec![block]))]);
    let running = configured(provider.as_ref(), &config, after(0)).await.expect("has what it needs");
    let schema = provider.schema();
    let data = &schema.data_source("tls_certificate").expect("is offered").block;
    let url = text(&format!("https://127.0.0.1:{port}"));
    let config =
        data.coerce(&object([("url", url), ("verify_chain", Value::bool(false))])).expect("fits the schema");
    let response = running.read_data(DataRequest { type_name: "tls_certificate".into(), config }).await;
    assert!(response.diagnostics.is_empty(), "{:?}", response.diagnostics);
    assert_eq!(response.state.elements("certificates").len(), 1);
    let head = asked.await.expect("ended");
    assert!(head.starts_with(&format!("CONNECT 127.0.0.1:{port} HTTP/1.1\r\n")), "{head}");
    assert!(head.contains("\r\nProxy-Authorization: Basic dTpw\r\n"), "{head}");

    let (_, diagnostics) = read("https", true).await;
    assert!(diagnostics.has_errors(), "nobody trusts it");
    server.abort();
    let (_, diagnostics) = read_data("tls_certificate", object([("url", text("tls://127.0.0.1:1"))])).await;
    assert!(diagnostics.has_errors(), "nobody listens");
}
