//! Getting what a URL names, from any byte on: by the machine that groma runs on.

mod connect;
mod error;
mod http;
mod proxy;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use provider::Environment;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use url::Url;

use self::connect::Connector;
pub use self::error::FetchError;
use crate::resource::Context;

/// Where something can be had.
#[derive(Clone, Debug)]
pub struct Source {
    url: Url,
    connector: Connector,
    asks: Asks,
}

/// What else a server is told.
#[derive(Clone, Default)]
struct Asks {
    /// The types of content that are understood.
    accept: Option<String>,
    /// For the server of the URL, and for none that it leads to.
    login: Option<String>,
}

impl fmt::Debug for Asks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asks").field("accept", &self.accept).finish_non_exhaustive()
    }
}

/// What is being had: from a byte on, to the end.
#[derive(Debug)]
pub struct Reading {
    /// The first byte; 0 where the server does not give parts.
    pub from: u64,
    name: String,
    body: Body,
}

#[derive(Debug)]
enum Body {
    File(File),
    Http(Incoming),
    Nothing,
}

/// How long each step of getting something may take.
const TIMEOUT: Duration = Duration::from_mins(1);

/// How much is read of a file at once.
const CHUNK: usize = 256 << 10;

/// Reads a URL that can be fetched.
pub fn parse(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("it is no URL: {error}"))?;
    match url.scheme() {
        "http" | "https" if url.host().is_some() => Ok(url),
        "file" if url.to_file_path().is_ok() => Ok(url),
        "file" => Err("a file is given as file:///PATH".into()),
        scheme => Err(format!("its scheme {scheme:?} is none of https, http, file")),
    }
}

/// The URL as it may be shown: passwords and signatures in it are secrets.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    if url.query().is_some() {
        url.set_query(Some("..."));
    }
    // Only URLs without a host have no place for these, and need none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

impl Source {
    /// A source that is got at with the proxies of groma's environment. `authorities` are certificates in PEM that are
    /// trusted besides those of the system.
    pub fn new(context: &Context, url: &str, authorities: Option<&str>) -> Result<Self, FetchError> {
        Self::in_environment(&context.environment, url, authorities)
    }

    /// The same, for what has no host.
    pub fn in_environment(
        environment: &Environment,
        url: &str,
        authorities: Option<&str>,
    ) -> Result<Self, FetchError> {
        let url = parse(url).map_err(FetchError::Invalid)?;
        let proxies = proxy::Proxies::of(environment);
        Ok(Self { url, connector: Connector::new(proxies, authorities)?, asks: Asks::default() })
    }

    /// With the types of content that are understood, as `Accept` has them.
    #[must_use]
    pub fn accept(mut self, types: &str) -> Self {
        self.asks.accept = Some(types.to_owned());
        self
    }

    /// With what logs in at the server, as `Authorization` has it, instead of what the URL says.
    #[must_use]
    pub fn login(mut self, login: String) -> Self {
        self.asks.login = Some(login);
        self
    }

    /// Begins to read at a byte, or at the start where only all can be had.
    pub async fn open(&self, from: u64) -> Result<Reading, FetchError> {
        let name = shown(&self.url);
        let (from, body) = match self.url.to_file_path() {
            Ok(path) if self.url.scheme() == "file" => open_file(path, from).await?,
            _ => match http::get(&self.connector, &self.url, &self.asks, from).await? {
                Some((from, body)) => (from, Body::Http(body)),
                None => (from, Body::Nothing),
            },
        };
        Ok(Reading { from, name, body })
    }
}

impl Reading {
    /// Adds to `bytes` until they are at least `most`; says whether there may be more.
    pub async fn fill(&mut self, bytes: &mut Vec<u8>, most: usize) -> Result<bool, FetchError> {
        while bytes.len() < most {
            let next = tokio::time::timeout(TIMEOUT, self.next()).await;
            match next.map_err(|_| FetchError::stalled(&self.name))?? {
                Some(next) => bytes.extend_from_slice(&next),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    async fn next(&mut self) -> Result<Option<Bytes>, FetchError> {
        match &mut self.body {
            Body::Nothing => Ok(None),
            Body::File(file) => {
                let mut bytes = Vec::with_capacity(CHUNK);
                let read =
                    file.read_buf(&mut bytes).await.map_err(|error| FetchError::file(&self.name, &error))?;
                Ok((read > 0).then(|| Bytes::from(bytes)))
            }
            Body::Http(body) => loop {
                let Some(frame) = body.frame().await else { return Ok(None) };
                let frame = frame.map_err(|error| FetchError::cut(&self.name, &error))?;
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            },
        }
    }
}

async fn open_file(path: PathBuf, from: u64) -> Result<(u64, Body), FetchError> {
    let open = async {
        let mut file = File::open(&path).await?;
        let size = file.metadata().await?.len();
        let from = if from <= size { from } else { 0 };
        file.seek(std::io::SeekFrom::Start(from)).await?;
        Ok((from, Body::File(file)))
    };
    open.await.map_err(|error: std::io::Error| FetchError::file(&path.display().to_string(), &error))
}
