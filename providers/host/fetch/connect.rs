use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::FetchError;
use super::proxy::Proxies;

/// Makes connections to servers, through proxies where there are some.
#[derive(Clone)]
pub(super) struct Connector {
    proxies: Proxies,
    tls: Arc<ClientConfig>,
}

/// A connection, encrypted or not.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection that requests can be sent on.
pub(super) struct Connection {
    pub stream: Box<dyn Duplex>,
    /// For requests that a proxy itself answers: what it is to be told of us.
    pub proxy: Option<ByProxy>,
}

/// A proxy that takes requests for others.
pub(super) struct ByProxy {
    pub authorization: Option<String>,
}

/// How long a connection may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What a proxy may say before a tunnel.
const MOST_SAID: usize = 16 << 10;

impl Connector {
    pub(super) fn new(proxies: Proxies, authorities: Option<&str>) -> Result<Self, FetchError> {
        let invalid = |reason: String| {
            FetchError::Invalid(format!("its certificate authorities cannot be read: {reason}"))
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for certificate in CertificateDer::pem_slice_iter(authorities.unwrap_or_default().as_bytes()) {
            let certificate = certificate.map_err(|error| invalid(error.to_string()))?;
            roots.add(certificate).map_err(|error| invalid(error.to_string()))?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| FetchError::Invalid(error.to_string()))?;
        Ok(Self { proxies, tls: Arc::new(config.with_root_certificates(roots).with_no_client_auth()) })
    }

    /// Connects to the server of a URL.
    pub(super) async fn connect(&self, url: &Url) -> Result<Connection, FetchError> {
        let address = address(url);
        let unreachable =
            |reason: String| FetchError::Unreachable { address: address.clone(), reason, again: true };
        match tokio::time::timeout(TIMEOUT, self.connect_by(url)).await {
            Ok(Err(error)) if error.get_ref().is_some_and(|error| error.is::<rustls::Error>()) => {
                Err(FetchError::Unreachable { address, reason: error.to_string(), again: false })
            }
            Ok(connection) => connection.map_err(|error| unreachable(error.to_string())),
            Err(_) => Err(unreachable(format!("no answer within {} s", TIMEOUT.as_secs()))),
        }
    }

    async fn connect_by(&self, url: &Url) -> std::io::Result<Connection> {
        let proxy = self.proxies.for_url(url).map_err(std::io::Error::other)?;
        let mut stream = TcpStream::connect(address(proxy.as_ref().unwrap_or(url))).await?;
        if url.scheme() != "https" {
            let by_proxy = proxy.map(|proxy| ByProxy { authorization: authorization(&proxy) });
            return Ok(Connection { stream: Box::new(stream), proxy: by_proxy });
        }
        if let Some(proxy) = proxy {
            tunnel(&mut stream, &proxy, &address(url)).await?;
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host).map_err(std::io::Error::other)?;
        let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await?;
        Ok(Connection { stream: Box::new(stream), proxy: None })
    }
}

/// `HOST:PORT` of a URL.
fn address(url: &Url) -> String {
    let host = match url.host() {
        Some(Host::Ipv6(address)) => format!("[{address}]"),
        Some(host) => host.to_string(),
        None => String::new(),
    };
    format!("{host}:{}", url.port_or_known_default().unwrap_or(80))
}

/// `Basic` and what is in the URL for it.
pub(super) fn authorization(url: &Url) -> Option<String> {
    let decoded = |text: &str| percent_decoded(text);
    let password = url.password().map(decoded).unwrap_or_default();
    let user = decoded(url.username());
    (!user.is_empty() || !password.is_empty())
        .then(|| format!("Basic {}", STANDARD.encode([user, password].join(&b":"[..]))))
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

/// Asks a proxy to pass on all that follows.
async fn tunnel(stream: &mut TcpStream, proxy: &Url, address: &str) -> std::io::Result<()> {
    let login =
        authorization(proxy).map(|login| format!("Proxy-Authorization: {login}\r\n")).unwrap_or_default();
    let request = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n{login}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut said = Vec::new();
    while !said.ends_with(b"\r\n\r\n") {
        if said.len() > MOST_SAID {
            return Err(std::io::Error::other("the proxy says too much"));
        }
        said.push(stream.read_u8().await?);
    }
    let first = String::from_utf8_lossy(&said);
    let first = first.lines().next().unwrap_or_default();
    match first.split(' ').nth(1) {
        Some(status) if status.starts_with('2') => Ok(()),
        _ => Err(std::io::Error::other(format!("the proxy answered {first:?}"))),
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}
