//! Bringing what a URL names to a host: into a partial file beside its place, where it is verified.
//!
//! The partial file stays when a connection is lost, and is continued by the next try. groma fetches in pieces that are
//! appended one by one, so that it never holds more than a few of them.

mod digest;
mod schema;
mod scripts;

use std::time::Duration;

use provider::simple::Access;
use value::Value;

use self::scripts::Begun;
use crate::block::duration;
use crate::connection::Way;
use crate::failure::{Failure, Result};
use crate::fetch::{FetchError, Source, parse, shown};
use crate::paths;
use crate::resource::Context;
use crate::session::{Host, Script};

pub use digest::{ALGORITHMS, Digest};
pub use schema::{validate, with_attributes};

/// What is to be brought to where.
pub struct Delivery<'a> {
    /// The absolute path that it is for.
    pub path: &'a str,
    url: &'a str,
    via: Via,
    authorities: Option<&'a str>,
    timeout: Duration,
    pub digest: Digest,
}

/// Who asks the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Via {
    Operator,
    Host,
}

/// Where what was to be brought is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    /// It was in its place already.
    There,
    /// It is the partial file.
    Part,
}

/// How much is sent at once.
const PIECE: usize = 4 << 20;

/// How often a server is asked again that gives nothing more.
const TRIES: u32 = 4;

const DEFAULT_TIMEOUT: Duration = Duration::from_hours(1);

impl<'a> Delivery<'a> {
    /// The delivery that an object describes, for a path.
    pub fn of(object: &'a Value, path: &'a str) -> Self {
        let digest = ALGORITHMS.into_iter().find_map(|name| Some(Digest::new(name, object.text(name)?)));
        Self {
            path,
            url: object.text("url").unwrap_or_default(),
            via: if object.text("via") == Some("host") { Via::Host } else { Via::Operator },
            authorities: object.text("ca_certificates"),
            timeout: object.text("timeout").and_then(duration).unwrap_or(DEFAULT_TIMEOUT),
            digest: digest.unwrap_or_else(|| Digest::new(ALGORITHMS[0], "")),
        }
    }

    /// A script that knows the partial file as `$part` and its place as `$to`.
    pub fn script(&self, text: &str) -> Script {
        Script::change(&format!("{}{text}", scripts::PRELUDE))
            .var("p", self.path)
            .var("key", paths::key(self.path))
            .var("algorithm", self.digest.algorithm)
            .var("digest", &self.digest.hex)
    }

    /// Brings it, unless it is there already.
    pub async fn bring(&self, context: &Context, host: &Host) -> Result<Brought> {
        let (mut tries, mut whole) = (0, false);
        loop {
            let size = match scripts::begin(self, host).await? {
                Begun::There => return Ok(Brought::There),
                Begun::Whole => return Ok(Brought::Part),
                Begun::Part(size) => size,
            };
            match self.fetch(context, host, size).await? {
                Ok(()) => {}
                Err((error, progress)) => {
                    tries = if progress { 1 } else { tries + 1 };
                    let pause = Duration::from_millis(250) * 2_u32.pow(tries);
                    if error.is_transient() && tries < TRIES && context.pause(pause).await {
                        continue;
                    }
                    return Err(self.failed(host, &error));
                }
            }
            match scripts::verify(self, host).await? {
                None => return Ok(Brought::Part),
                // What was there of it may be of something else: once, all of it is fetched anew.
                Some(_) if size > 0 && !whole => whole = true,
                Some(found) => return Err(self.wrong(host, &found)),
            }
        }
    }

    /// Fetches what is missing after the first `size` bytes. An error of the server comes with whether there is more now.
    async fn fetch(
        &self,
        context: &Context,
        host: &Host,
        size: u64,
    ) -> Result<std::result::Result<(), (FetchError, bool)>> {
        // A folder that stands for a host has nobody to ask.
        if self.via == Via::Host && !matches!(host.connection().way, Way::Root(_)) {
            return scripts::fetch(self, host).await.map(Ok);
        }
        let source = match Source::new(context, self.url, self.authorities) {
            Ok(source) => source,
            Err(error) => return Ok(Err((error, false))),
        };
        let mut reading = match source.open(size).await {
            Ok(reading) => reading,
            Err(error) => return Ok(Err((error, false))),
        };
        let mut at = reading.from;
        let mut piece = Vec::new();
        let mut more = reading.fill(&mut piece, PIECE).await;
        loop {
            // While a piece is on its way, the next one is fetched.
            let (sent, mut next) = (u64::try_from(piece.len()).unwrap_or(u64::MAX), Vec::new());
            let ahead = async {
                match &more {
                    Ok(true) => Some(reading.fill(&mut next, PIECE).await),
                    _ => None,
                }
            };
            let (appended, fetched) = tokio::join!(scripts::append(self, host, at, piece), ahead);
            appended?;
            at += sent;
            match (fetched, more) {
                (Some(fetched), _) => more = fetched,
                (None, Ok(_)) => return Ok(Ok(())),
                (None, Err(error)) => return Ok(Err((error, at > size))),
            }
            piece = next;
        }
    }

    fn failed(&self, host: &Host, error: &FetchError) -> Failure {
        let detail = format!("On {}, groma could not get {}. {error}", host.name(), self.path);
        Failure::new(format!("Could not download {}", self.path), detail)
    }

    fn wrong(&self, host: &Host, found: &str) -> Failure {
        let (name, wanted) = (self.digest.name(), &self.digest.hex);
        let detail = format!(
            "What {} gives for {} on {} has the {name} {found}, not {wanted}. It was not put into place. Check the URL and the \
             digest.",
            self.shown(),
            self.path,
            host.name(),
        );
        Failure::new("Wrong content", detail)
    }

    /// The URL without secrets.
    fn shown(&self) -> String {
        parse(self.url).map_or_else(|_| "(no URL)".to_owned(), |url| shown(&url))
    }
}
