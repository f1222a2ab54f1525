//! The certificates that a server shows in a TLS handshake.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::proxy::Proxy;

/// Where to connect to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub host: String,
    pub port: u16,
    /// Whether it is reached by HTTP, so through a proxy if one is set.
    pub http: bool,
}

const HTTPS_PORT: u16 = 443;

/// How long a server has for everything.
const TIMEOUT: Duration = Duration::from_secs(30);

impl Target {
    /// Reads `https://HOST[:PORT][/...]` or `tls://HOST:PORT`.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("{url:?} has no scheme"))?;
        let default = match scheme {
            "https" => Some(HTTPS_PORT),
            "tls" => None,
            _ => return Err(format!("{url:?} has the scheme {scheme:?}; https and tls can be used")),
        };
        let (host, port) = host_and_port(url, rest)?;
        let port = match port {
            Some(port) => port,
            None => default.ok_or_else(|| format!("port missing from URL: {url}"))?,
        };
        Ok(Self { host, port, http: scheme == "https" })
    }
}

/// The host and the port of what follows the scheme of a URL.
pub(crate) fn host_and_port(url: &str, rest: &str) -> Result<(String, Option<u16>), String> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) =
                rest.split_once(']').ok_or_else(|| format!("{url:?} has no end of its address"))?;
            (host, after.strip_prefix(':'))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = match port.filter(|port| !port.is_empty()) {
        Some(port) => Some(port.parse().map_err(|_| format!("{url:?} has the port {port:?}"))?),
        None => None,
    };
    if host.is_empty() {
        return Err(format!("{url:?} has no host"));
    }
    Ok((host.to_owned(), port))
}

/// The server's certificates in DER, its own first.
pub(crate) async fn fetch(
    target: &Target,
    verify: bool,
    proxy: Option<&Proxy>,
) -> Result<Vec<Vec<u8>>, String> {
    let failed = |error: &dyn std::fmt::Display| {
        format!("unable to execute TLS connection towards {}:{}: {error}", target.host, target.port)
    };
    let work = async {
        let config = config(verify).map_err(|error| failed(&error))?;
        let name = ServerName::try_from(target.host.clone()).map_err(|error| failed(&error))?;
        let stream = match proxy {
            Some(proxy) => proxy.connect(target).await,
            None => TcpStream::connect((target.host.as_str(), target.port)).await,
        };
        let stream = stream.map_err(|error| failed(&error))?;
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .map_err(|error| failed(&error))?;
        let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
        Ok(chain.iter().map(|certificate| certificate.as_ref().to_vec()).collect())
    };
    match tokio::time::timeout(TIMEOUT, work).await {
        Ok(result) => result,
        Err(_) => Err(failed(&"no answer in time")),
    }
}

fn config(verify: bool) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(default_provider());
    let builder =
        ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    if !verify {
        let any = Arc::new(AnyCertificate(provider));
        return Ok(builder.dangerous().with_custom_certificate_verifier(any).with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Takes any certificate: what it says is what the user wants to see. The handshake itself is still checked.
#[derive(Debug)]
struct AnyCertificate(Arc<rustls::crypto::CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read() {
        let target = |host: &str, port| Ok(Target { host: host.into(), port, http: host != "::1" });
        for (url, expected) in [
            ("https://example.com", target("example.com", 443)),
            ("https://example.com:8443/path?q#f", target("example.com", 8443)),
            ("https://user@example.com", target("example.com", 443)),
            ("tls://[::1]:1234", target("::1", 1234)),
        ] {
            assert_eq!(Target::parse(url), expected, "{url}");
        }
        for bad in [
            "example.com",
            "http://example.com",
            "tls://example.com",
            "https://",
            "https://a:x",
            "tls://[::1:1",
        ] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
    }
}
