//! The format of `known_hosts` files: who is meant by a line, and which key it names.
//!
//! Written anew because the SSH library's reader knows no patterns and no certificate authorities, and passes over
//! revocations in silence.

use std::path::PathBuf;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use russh::keys::parse_public_key_base64;
use russh::keys::ssh_key::public::KeyData;

/// One line that names a key.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub place: Place,
    pub marker: Marker,
    hosts: Hosts,
    pub key: KeyData,
}

/// Where a line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// None: in the provider block's text.
    pub file: Option<PathBuf>,
    pub line: usize,
}

/// What a line says of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// It is the host's.
    Host,
    /// It signs certificates of hosts.
    Authority,
    /// It must never be accepted.
    Revoked,
}

#[derive(Clone, Debug)]
enum Hosts {
    Patterns(Vec<Pattern>),
    Hashed { salt: Vec<u8>, hash: Vec<u8> },
}

#[derive(Clone, Debug)]
struct Pattern {
    negated: bool,
    text: String,
}

/// Reads the lines of a file. What cannot be read is passed over, as OpenSSH does: files are older than key types.
pub(super) fn parse(text: &str, file: Option<&PathBuf>) -> Vec<Line> {
    let numbered = text.lines().enumerate();
    numbered
        .filter_map(|(i, line)| {
            let place = Place { file: file.cloned(), line: i + 1 };
            let parsed = parse_line(line, &place);
            if parsed.is_none() && !is_blank(line) {
                tracing::debug!(%place, "a line of known_hosts that cannot be read is passed over");
            }
            parsed
        })
        .collect()
}

fn is_blank(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

fn parse_line(line: &str, place: &Place) -> Option<Line> {
    if is_blank(line) {
        return None;
    }
    let mut fields = line.split_ascii_whitespace();
    let mut hosts = fields.next()?;
    let marker = match hosts {
        "@cert-authority" => Marker::Authority,
        "@revoked" => Marker::Revoked,
        other if other.starts_with('@') => return None,
        _ => Marker::Host,
    };
    if marker != Marker::Host {
        hosts = fields.next()?;
    }
    let algorithm = fields.next()?;
    let key = parse_public_key_base64(fields.next()?).ok()?;
    if key.algorithm().as_str() != algorithm {
        return None;
    }
    Some(Line { place: place.clone(), marker, hosts: Hosts::parse(hosts)?, key: key.key_data().clone() })
}

impl Hosts {
    fn parse(text: &str) -> Option<Self> {
        let Some(hashed) = text.strip_prefix('|') else {
            let patterns = text.split(',').filter(|pattern| !pattern.is_empty());
            return Some(Self::Patterns(patterns.map(Pattern::parse).collect()));
        };
        let (salt, hash) = hashed.strip_prefix("1|")?.split_once('|')?;
        Some(Self::Hashed { salt: STANDARD.decode(salt).ok()?, hash: STANDARD.decode(hash).ok()? })
    }
}

impl Pattern {
    fn parse(text: &str) -> Self {
        let (negated, text) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        Self { negated, text: text.to_ascii_lowercase() }
    }
}

impl Line {
    /// Whether the line is about a host, named as in [`Name::full`].
    pub(super) fn is_about(&self, host: &str) -> bool {
        match &self.hosts {
            Hosts::Patterns(patterns) => {
                let hit = |pattern: &&Pattern| wildcard(&pattern.text, host);
                let excluded = patterns.iter().filter(|pattern| pattern.negated).any(|pattern| hit(&pattern));
                !excluded && patterns.iter().filter(|pattern| !pattern.negated).any(|pattern| hit(&pattern))
            }
            Hosts::Hashed { salt, hash } => {
                let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, salt);
                hmac::sign(&key, host.as_bytes()).as_ref() == hash.as_slice()
            }
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{} line {}", file.display(), self.line),
            None => write!(f, "the provider block's known_hosts line {}", self.line),
        }
    }
}

/// What a server is called in `known_hosts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// A name or an address in small letters, without the port.
    pub bare: String,
    /// With the port if it is not 22: `[host]:2222`.
    pub full: String,
}

impl Name {
    pub(super) fn new(host: &str, port: u16) -> Self {
        let bare = host.to_ascii_lowercase();
        let full = if port == 22 { bare.clone() } else { format!("[{bare}]:{port}") };
        Self { bare, full }
    }
}

/// Whether a text matches a pattern of `*` (anything) and `?` (one character). Time is bounded by the product of lengths.
pub(super) fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == b'?' || text.get(t) == Some(&c) => {
                p += 1;
                t += 1;
            }
            _ => match &mut star {
                Some((at, from)) => {
                    *from += 1;
                    (p, t) = (*at + 1, *from);
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == b'*')
}
