//! A small HTTP server that does what it is told to.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What it does with a request.
#[derive(Clone)]
pub(super) enum Does {
    /// Gives the content, or the part that is asked for.
    Gives,
    /// Gives all, whatever part is asked for.
    GivesAll,
    /// Breaks the connection after so many bytes of the answer.
    Breaks(usize),
    Says(&'static str),
}

/// A server on this machine; it ends with the test.
pub(super) struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves a content; the first requests are treated as told, those after them as by the last one.
    pub(super) async fn start(content: Vec<u8>, does: Vec<Does>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there are ports");
        let address = listener.local_addr().expect("has an address").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut count = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let now = does.get(count).or(does.last()).cloned().unwrap_or(Does::Gives);
                count += 1;
                let (content, seen) = (content.clone(), Arc::clone(&seen));
                tokio::spawn(async move { answer(stream, &content, now, &seen).await });
            }
        });
        Self { address, asked }
    }

    /// The same by TLS, which gives the content once, with a certificate that only those trust who get it here.
    pub(super) async fn start_tls(content: Vec<u8>) -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("can be made");
        let pem = made.cert.pem();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("is a key");
        let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(crypto)
            .with_safe_default_protocol_versions()
            .expect("has versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("the key fits");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there are ports");
        let port = listener.local_addr().expect("has an address").port();
        tokio::spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(config));
            while let Ok((stream, _)) = listener.accept().await {
                // A client that does not trust the certificate breaks off, which is its right.
                if let Ok(stream) = acceptor.accept(stream).await {
                    let _ = answer(stream, &content, Does::Gives, &Mutex::default()).await;
                }
            }
        });
        (format!("https://localhost:{port}/file"), pem)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/file", self.address)
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The requests so far.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Why an answer was not given is the client's to see.
async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    content: &[u8],
    does: Does,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    let lower = request.to_lowercase();
    let range = lower.lines().find_map(|line| line.strip_prefix("range: bytes=")?.strip_suffix('-'));
    let from: usize = range.and_then(|from| from.parse().ok()).unwrap_or(0);
    let size = content.len();
    let head = match does {
        Does::Says(head) => format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        Does::Gives | Does::Breaks(_) if range.is_some() && from >= size => {
            format!(
                "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{size}\r\nContent-Length: 0\r\n\r\n"
            )
        }
        Does::Gives | Does::Breaks(_) if range.is_some() => format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{}/{size}\r\nContent-Length: {}\r\n\r\n",
            size - 1,
            size - from
        ),
        _ => format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n"),
    };
    stream.write_all(head.as_bytes()).await?;
    let rest = match does {
        Does::Says(_) => &[][..],
        Does::GivesAll => content,
        Does::Gives | Does::Breaks(_) => content.get(from..).unwrap_or_default(),
    };
    let rest = match does {
        Does::Breaks(after) => rest.get(..after.min(rest.len())).unwrap_or_default(),
        _ => rest,
    };
    stream.write_all(rest).await?;
    stream.flush().await
}
