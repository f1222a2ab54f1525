//! The HTTP proxy that the provider block can name, for fetching certificates.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider::simple::{Access, Context};
use provider::{Attribute, Block, NestedBlock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use value::Type;

use crate::fetch::{Target, host_and_port};

/// Where the proxy is, and who asks.
pub(crate) struct Proxy {
    host: String,
    port: u16,
    /// `user:password`.
    credentials: Option<String>,
}

const DEFAULT_PORT: u16 = 80;

/// The longest head of an answer that is read.
const MAX_HEAD: usize = 16 * 1024;

/// The provider block.
pub(crate) fn block() -> Block {
    let text = |text: &str| Attribute::optional(Type::String).described(text);
    let proxy = Block::default()
        .described("The proxy through which `data.tls_certificate` reaches `https` URLs.")
        .with("url", text("The proxy: `http://HOST[:PORT]`."))
        .with("username", text("Whom it knows."))
        .with("password", text("And by what.").sensitive())
        .with(
            "from_env",
            Attribute::optional(Type::Bool).described(
                "Whether `HTTPS_PROXY` and `NO_PROXY` say it where `url` does not; true if not set.",
            ),
        );
    Block::default().with_block("proxy", NestedBlock::list(proxy).items(0, 1))
}

impl Proxy {
    /// The proxy for a target, if it is to be reached through one.
    pub(crate) fn find(context: &Context, target: &Target) -> Result<Option<Self>, String> {
        let Some(config) = context.config.elements("proxy").first().filter(|_| target.http) else {
            return Ok(None);
        };
        if let Some(url) = config.text("url") {
            let user = config.text("username");
            let credentials =
                user.map(|user| format!("{user}:{}", config.text("password").unwrap_or_default()));
            return Self::parse(url, credentials).map(Some);
        }
        let variable = |name: &str| {
            let environment = &context.environment;
            let value = environment.variable(name).or_else(|| environment.variable(&name.to_lowercase()));
            value.filter(|value| !value.is_empty())
        };
        let direct = |list: &str| list.split(',').map(str::trim).any(|entry| excludes(entry, &target.host));
        match variable("HTTPS_PROXY") {
            Some(url)
                if config.flag("from_env").unwrap_or(true) && !variable("NO_PROXY").is_some_and(direct) =>
            {
                Self::parse(url, None).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// A connection to the target through the proxy.
    pub(crate) async fn connect(&self, target: &Target) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let host = if target.host.contains(':') { format!("[{}]", target.host) } else { target.host.clone() };
        let authority = format!("{host}:{}", target.port);
        let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
        if let Some(credentials) = &self.credentials {
            request.push_str(&format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(credentials)));
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).await?;
        let head = read_head(&mut stream).await?;
        let status = head.split(' ').nth(1).unwrap_or_default();
        if status.starts_with('2') {
            return Ok(stream);
        }
        let line = head.lines().next().unwrap_or_default().to_owned();
        Err(io::Error::other(format!("the proxy {}:{} answers {line:?}", self.host, self.port)))
    }

    fn parse(url: &str, credentials: Option<String>) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        if scheme != "http" {
            return Err(format!("a proxy with the scheme {scheme:?} cannot be used; http can"));
        }
        let given = rest.split(['/', '?', '#']).next().and_then(|authority| authority.rsplit_once('@'));
        let credentials = credentials.or_else(|| given.map(|(user, _)| user.to_owned()));
        // The URL may hold a password, so it is not part of an error.
        let (host, port) = host_and_port("the proxy's URL", rest)?;
        Ok(Self { host, port: port.unwrap_or(DEFAULT_PORT), credentials })
    }
}

/// Whether an entry of `NO_PROXY` is about a host: the host, a domain above it, or everything.
fn excludes(entry: &str, host: &str) -> bool {
    let domain = entry.trim_start_matches("*.").trim_start_matches('.');
    entry == "*"
        || (!domain.is_empty()
            && (host == domain || host.strip_suffix(domain).is_some_and(|h| h.ends_with('.'))))
}

/// Reads up to the empty line that ends the head of an answer, and no further: TLS follows.
async fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= MAX_HEAD {
            return Err(io::Error::other("the proxy's answer does not end"));
        }
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_read() {
        for (url, expected) in [
            ("http://proxy:3128", Some(("proxy", 3128, None))),
            ("proxy", Some(("proxy", 80, None))),
            ("http://u:p@proxy/", Some(("proxy", 80, Some("u:p")))),
            ("https://proxy", None),
            ("http://", None),
        ] {
            let proxy = Proxy::parse(url, None).ok();
            let found = proxy.as_ref().map(|p| (p.host.as_str(), p.port, p.credentials.as_deref()));
            assert_eq!(found, expected, "{url}");
        }
    }

    #[test]
    fn hosts_can_be_left_out() {
        for (entry, host, left_out) in [
            ("*", "a.example", true),
            ("a.example", "a.example", true),
            (".example", "a.example", true),
            ("example", "a.example", true),
            ("*.example", "a.example", true),
            ("ample", "a.example", false),
            ("", "a.example", false),
        ] {
            assert_eq!(excludes(entry, host), left_out, "{entry}");
        }
    }
}
