//! Keys and certificates in a folder that stands for a host, where this machine has no openssl: groma makes the keys itself.
//! That is no other place than openssl would make them at.

use provider::simple::Access;
use provider_host::kit::{Context, Host, Result, Script, digest};
use provider_tls::kit::{Issued, Key as Private};
use value::Value;

use super::issue::{Key, PLACE, named, sign, wrong};
use super::schema::KEYS;
use crate::unit::is_folder;

const LOOK: &str = "command -v openssl >/dev/null 2>&1 || printf none";

/// Prints the key that is there.
const READ: &str = r#"[ ! -f "$R$k" ] || cat "$R$k""#;

const PUT: &str = include_str!("put.sh");

/// Whether it is such a folder.
pub(super) async fn is_one(host: &Host) -> Result<bool> {
    if !is_folder(host) {
        return Ok(false);
    }
    Ok(!host.must(Script::read(LOOK), "look for openssl").await?.stdout.is_empty())
}

/// Puts a new certificate, and perhaps a new key, into place.
pub(super) async fn issue(context: &Context, host: &Host, planned: &Value, key: Key) -> Result<()> {
    let there =
        host.must(named(Script::change(&format!("{PLACE}{READ}")), planned), "look at the key").await?;
    let there = there.text();
    let text = |reason: String| wrong(host, planned, "what is there", reason);
    let (private, fresh) = match key == Key::New || there.is_empty() {
        true => {
            let kind = planned.text("key_algorithm").unwrap_or(KEYS[0].0);
            (Private::generate(kind).map_err(text)?, true)
        }
        false => (Private::read(&there).map_err(text)?, false),
    };
    let public = private.public().map_err(text)?;
    let Issued { pem, .. } = sign(context, host, planned, &public)?;
    let key_pem = if fresh { private.pem().map_err(text)? } else { there };
    let script = named(Script::change(PUT), planned)
        .var("sha", digest(pem.as_bytes()))
        .var("key_sha", digest(key_pem.as_bytes()))
        .var("key_size", if fresh { key_pem.len().to_string() } else { "0".into() })
        .input(if fresh { key_pem + &pem } else { pem });
    host.must(script, "put the certificate and its key into place").await.map(|_| ())
}

/// The public key of a private one, in DER; nothing where there is none in it.
pub(super) fn public(pem: &[u8]) -> Option<Vec<u8>> {
    Private::read(&String::from_utf8_lossy(pem)).and_then(|key| key.public()).ok()
}
