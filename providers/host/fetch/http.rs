use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_RANGE, HOST, HeaderMap, HeaderValue, LOCATION,
    PROXY_AUTHORIZATION, RANGE, USER_AGENT, WWW_AUTHENTICATE,
};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use url::{Position, Url};

use super::connect::{Connection, Connector, authorization};
use super::{Asks, FetchError, shown};

const MOST_REDIRECTS: usize = 10;

/// How long a server may think.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Asks for all from a byte on. Answers where the answer begins; none if there is nothing after that byte.
pub(super) async fn get(
    connector: &Connector,
    url: &Url,
    asks: &Asks,
    from: u64,
) -> Result<Option<(u64, Incoming)>, FetchError> {
    let mut url = url.clone();
    let mut from = from;
    let mut login = asks.login.clone().or_else(|| authorization(&url));
    let accept = asks.accept.as_deref().unwrap_or("*/*");
    for _ in 0..=MOST_REDIRECTS {
        let response = ask(connector, &url, (accept, login.as_deref()), from).await?;
        let status = response.status();
        if status.is_redirection() {
            let next = follow(&url, response.headers())?;
            if next.origin() != url.origin() {
                // What logs us in is for the one server.
                login = authorization(&next);
            }
            url = next;
        } else if status == StatusCode::PARTIAL_CONTENT {
            return match begins(response.headers()) {
                Some(begin) if begin == from => Ok(Some((from, response.into_body()))),
                _ => Err(unasked(&url)),
            };
        } else if status == StatusCode::RANGE_NOT_SATISFIABLE && from > 0 {
            if size(response.headers()) == Some(from) {
                return Ok(None);
            }
            from = 0;
        } else if status == StatusCode::OK {
            return Ok(Some((0, response.into_body())));
        } else {
            let again = status.is_server_error()
                || status == StatusCode::TOO_MANY_REQUESTS
                || status == StatusCode::REQUEST_TIMEOUT;
            let challenge = response.headers().get(WWW_AUTHENTICATE);
            let challenge = challenge.and_then(|challenge| challenge.to_str().ok()).map(str::to_owned);
            let (url, status) = (shown(&url), status.to_string());
            return Err(FetchError::Status { url, status, again, challenge });
        }
    }
    Err(FetchError::Redirect { url: shown(&url), reason: "on and on".into() })
}

async fn ask(
    connector: &Connector,
    url: &Url,
    asks: (&str, Option<&str>),
    from: u64,
) -> Result<Response<Incoming>, FetchError> {
    let connection = connector.connect(url).await?;
    let request = request(url, asks, from, &connection)
        .map_err(|error| FetchError::Invalid(format!("no request can be made of it: {error}")))?;
    let name = shown(url);
    let answer = async {
        let io = TokioIo::new(connection.stream);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
        // It ends with the body, or when that is given up.
        tokio::spawn(connection);
        sender.send_request(request).await
    };
    match tokio::time::timeout(TIMEOUT, answer).await {
        Ok(response) => response.map_err(|error| FetchError::cut(&name, &error)),
        Err(_) => Err(FetchError::stalled(&name)),
    }
}

fn request(
    url: &Url,
    (accept, login): (&str, Option<&str>),
    from: u64,
    connection: &Connection,
) -> Result<Request<Empty<Bytes>>, hyper::http::Error> {
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let path = &url[Position::BeforePath..Position::AfterQuery];
    let target = match &connection.proxy {
        Some(_) => format!("http://{host}{path}"),
        None => path.to_owned(),
    };
    let mut request = Request::get(target)
        .header(HOST, host)
        .header(USER_AGENT, "groma")
        .header(ACCEPT, accept)
        .header(ACCEPT_ENCODING, "identity");
    if from > 0 {
        request = request.header(RANGE, format!("bytes={from}-"));
    }
    let by_proxy = connection.proxy.as_ref().and_then(|proxy| proxy.authorization.as_deref());
    for (name, login) in [(AUTHORIZATION, login), (PROXY_AUTHORIZATION, by_proxy)] {
        if let Some(login) = login {
            let mut login = HeaderValue::from_str(login)?;
            login.set_sensitive(true);
            request = request.header(name, login);
        }
    }
    request.body(Empty::new())
}

/// Where a redirection leads.
fn follow(url: &Url, headers: &HeaderMap) -> Result<Url, FetchError> {
    let wrong = |reason: &str| FetchError::Redirect { url: shown(url), reason: reason.to_owned() };
    let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
    let location = location.ok_or_else(|| wrong("nowhere"))?;
    let next = url.join(location).map_err(|_| wrong("to what is no URL"))?;
    match next.scheme() {
        "http" | "https" => Ok(next),
        scheme => Err(wrong(&format!("to a URL of the scheme {scheme:?}"))),
    }
}

/// The first byte of `bytes FIRST-LAST/SIZE`.
fn begins(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    range.split_once('-')?.0.trim().parse().ok()
}

/// The size in `bytes */SIZE`.
fn size(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_RANGE)?.to_str().ok()?.rsplit_once('/')?.1.trim().parse().ok()
}

fn unasked(url: &Url) -> FetchError {
    let status = "a part that was not asked for".into();
    FetchError::Status { url: shown(url), status, again: false, challenge: None }
}
