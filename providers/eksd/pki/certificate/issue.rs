//! Making keys and certificates.

use std::time::Duration;

use provider::simple::Access;
use provider_host::kit::{Context, Failure, Host, Owned, Result, Script, digest, key as record};
use provider_tls::kit::{Issued, key_of_request};
use value::Value;

use super::folder;
use super::plan::signer;
use super::schema::{KEYS, paths, wanted};

/// Which key a new certificate gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    New,
    /// The one that is there.
    Kept,
}

/// The key for the next certificate.
pub(super) fn key(prior: &Value, planned: &Value) -> Key {
    let other = prior.text("key_algorithm") != planned.text("key_algorithm");
    match other || prior.flag("key_matches") == Some(false) || planned.flag("rotate_key") == Some(true) {
        true => Key::New,
        false => Key::Kept,
    }
}

/// Puts a new certificate, and perhaps a new key, into place.
pub(super) async fn issue(context: &Context, host: &Host, planned: &Value, key: Key) -> Result<()> {
    if folder::is_one(host).await? {
        return folder::issue(context, host, planned, key).await;
    }
    let (path, key_path) = paths(planned);
    let kind = planned.text("key_algorithm").unwrap_or_default();
    let options = KEYS.iter().find(|(name, _)| *name == kind).map_or(KEYS[0].1, |(_, options)| options);
    let script = named(Script::change(REQUEST), planned)
        .var("fresh", if key == Key::New { "yes" } else { "no" })
        .var("options", options);
    let request = host.must(script, &format!("make the key {key_path}")).await?.text();
    let public = key_of_request(&request).map_err(|reason| wrong(host, planned, "the request", reason))?;
    let issued = sign(context, host, planned, &public)?;
    let script = named(Script::change(INSTALL), planned)
        .var("sha", digest(issued.pem.as_bytes()))
        .var("public", digest(&public))
        .input(issued.pem);
    host.must(script, &format!("put the certificate {path} into place")).await.map(|_| ())
}

/// The certificate for a public key.
pub(super) fn sign(context: &Context, host: &Host, planned: &Value, public: &[u8]) -> Result<Issued> {
    let invalid = |reason: String| {
        let detail = format!("Nothing can be signed with this authority: {reason}.");
        Failure::attribute("ca_cert_pem", "Invalid authority", detail)
    };
    let signer = signer(planned).unwrap_or_else(|| Err("its key is not known".into())).map_err(invalid)?;
    let hours = u64::try_from(planned.int("validity_hours").unwrap_or_default()).unwrap_or_default();
    let lasting = Duration::from_secs(hours.saturating_mul(3600));
    signer
        .issue(&wanted(planned), public, context.environment.now(), lasting)
        .map_err(|reason| wrong(host, planned, "the certificate", reason))
}

pub(super) fn wrong(host: &Host, planned: &Value, what: &str, reason: String) -> Failure {
    let (_, key_path) = paths(planned);
    let detail = format!("On {}, {what} of the key {key_path} cannot be used: {reason}.", host.name());
    Failure::new("Could not issue a certificate", detail)
}

/// The script with where certificate and key are, their records, modes and owner.
pub(super) fn named(script: Script, planned: &Value) -> Script {
    let (path, key_path) = paths(planned);
    let owned = Owned::of(planned);
    script
        .var("p", &path)
        .var("k", &key_path)
        .var("p_key", record(&path))
        .var("k_key", record(&key_path))
        .var("mode", owned.mode.as_deref().unwrap_or_default())
        .var("key_mode", planned.text("key_mode").unwrap_or("0600"))
        .var("owner", owned.chown())
}

pub(super) const PLACE: &str = include_str!("place.sh");

const REQUEST: &str = concat!(include_str!("place.sh"), include_str!("request.sh"));
const INSTALL: &str = include_str!("install.sh");
