//! Certificates and keys as they are on a host.

use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider::simple::{Access, with};
use provider_host::kit::{Failure, Host, Owned, Result, Script, Stat};
use provider_tls::kit::Described;
use value::{Type, Value};

use super::folder;
use super::plan::{authority, is_ready};
use super::schema::{defaults, paths};

const LOOK: &str = include_str!("look.sh");

/// What the script says of one certificate.
type Said<'a> = BTreeMap<&'a str, &'a str>;

pub(super) async fn read(host: &Host, current: &Value) -> Result<Value> {
    let mut read = read_all(host, std::slice::from_ref(current)).await;
    read.pop().unwrap_or_else(|| Ok(current.clone()))
}

/// The certificates as they are, in order.
pub(super) async fn read_all(host: &Host, current: &[Value]) -> Vec<Result<Value>> {
    let all = current.iter().flat_map(|object| {
        let (path, key) = paths(object);
        [path, key]
    });
    let output = match host.must(Script::read(LOOK).args(all), "look at certificates").await {
        Ok(output) => output.text(),
        Err(failure) => return vec![Err(failure); current.len()],
    };
    let said: Vec<Said<'_>> = output
        .split("object=")
        .skip(1)
        .map(|part| {
            let (openssl, rest) = part.split_once('\n').unwrap_or((part, ""));
            let lines = rest.lines().filter_map(|line| line.split_once('='));
            std::iter::once(("openssl", openssl)).chain(lines).collect()
        })
        .collect();
    let empty = Said::new();
    let read =
        current.iter().enumerate().map(|(at, object)| observed(host, object, said.get(at).unwrap_or(&empty)));
    futures::future::join_all(read).await
}

/// The object with what was seen.
async fn observed(host: &Host, object: &Value, said: &Said<'_>) -> Result<Value> {
    let Some((_, stat)) = said.get("stat").and_then(|line| Stat::parse(line)) else {
        return Ok(Value::null(object.ty()));
    };
    let (path, key_path) = paths(object);
    let Some(pem) = said.get("pem").and_then(|text| STANDARD.decode(text).ok()) else {
        let detail = format!(
            "On {}, groma may not read {path}. Log in as root, or set become = \"sudo\".",
            host.name()
        );
        return Err(Failure::new("Certificate cannot be read", detail));
    };
    let pem = String::from_utf8_lossy(&pem).into_owned();
    let mut seen = defaults().into_iter().fold(object.clone(), |seen, (name, value)| {
        if seen.is_unset(name) { seen.with_attr(name, value) } else { seen }
    });
    let described = Described::read(&pem);
    seen = match &described {
        Ok(described) => says(&seen, described),
        Err(_) => {
            ["common_name", "subject", "issuer", "serial_number", "not_before", "not_after", "fingerprint"]
                .into_iter()
                .fold(seen, |seen, name| seen.with_attr(name, Value::string("")))
        }
    };
    let signed = match authority(object) {
        Some(Ok(authority)) => authority.signed(&pem),
        // After an import nobody has said which authority it is to be.
        _ => true,
    };
    let ready = described.as_ref().is_ok_and(|described| is_ready(host.now(), described.not_after, &seen));
    seen = with(
        &seen,
        [
            ("key_path", Value::string(key_path)),
            ("certificate_pem", Value::string(pem)),
            ("key_matches", Value::bool(key_matches(&seen, described.as_ref().ok(), said))),
            ("signed_by_ca", Value::bool(signed)),
            ("ready_for_renewal", Value::bool(ready)),
        ],
    );
    owned(host, &seen, &stat, said).await
}

/// Modes and owners. Certificate and key have the same owner: where they do not, that of the key shows.
async fn owned(host: &Host, seen: &Value, stat: &Stat, said: &Said<'_>) -> Result<Value> {
    let certificate = Owned::observed(host, seen, stat).await?;
    let Some((_, key_stat)) = said.get("key_stat").and_then(|line| Stat::parse(line)) else {
        return Ok(certificate.onto(seen));
    };
    let mode = seen.attr("key_mode").cloned().unwrap_or_else(|| Value::null(Type::String));
    let key = Owned::observed(host, &seen.with_attr("mode", mode), &key_stat).await?;
    let key_mode = key.mode.clone().map_or_else(|| Value::null(Type::String), Value::string);
    Ok(Owned { mode: certificate.mode, ..key }.onto(seen).with_attr("key_mode", key_mode))
}

/// Whether the key is that of the certificate. Where no openssl can tell, it is as it was.
fn key_matches(object: &Value, described: Option<&Described>, said: &Said<'_>) -> bool {
    let Some(described) = described else { return false };
    if let Some(private) = said.get("private").and_then(|text| STANDARD.decode(text).ok()) {
        return folder::public(&private).as_ref() == Some(&described.key);
    }
    match said.get("public").map(|text| STANDARD.decode(text)) {
        Some(Ok(public)) => public == described.key,
        Some(Err(_)) => false,
        None if said.contains_key("key_stat") && said.get("openssl") == Some(&"no") => {
            object.flag("key_matches").unwrap_or(true)
        }
        None => false,
    }
}

/// The object with what the certificate says, in the words that are known where they mean the same.
fn says(object: &Value, read: &Described) -> Value {
    let mut dns_names = read.dns_names.clone();
    if read.has_other_names {
        dns_names.push("(names of other kinds)".into());
    }
    let mut uses = read.uses.clone();
    if read.is_ca && !uses.iter().any(|name| name == "cert_signing") {
        uses.push("cert_signing".into());
    }
    let same_text = |text: &str| text.to_owned();
    let same_address = |text: &str| {
        text.parse::<IpAddr>().map_or_else(|_| text.to_owned(), |ip| ip.to_canonical().to_string())
    };
    let algorithm = read.key_algorithm();
    let seen = with(
        object,
        [
            ("common_name", Value::string(&read.common_name)),
            ("organization", names(object, "organization", &read.organizations, same_text)),
            ("dns_names", names(object, "dns_names", &dns_names, same_text)),
            ("ip_addresses", names(object, "ip_addresses", &read.ip_addresses, same_address)),
            ("uses", names(object, "uses", &uses, same_text)),
            ("key_algorithm", Value::string(algorithm)),
            ("validity_hours", Value::number(hours(read.not_after - read.not_before))),
        ],
    );
    with(
        &seen,
        [
            ("subject", Value::string(&read.subject)),
            ("issuer", Value::string(&read.issuer)),
            ("serial_number", Value::string(&read.serial_number)),
            ("not_before", Value::string(read.not_before_text())),
            ("not_after", Value::string(read.not_after_text())),
            ("fingerprint", Value::string(&read.fingerprint)),
        ],
    )
}

/// A list as it is known if it has the same members as was seen, in whatever order; null if there are none.
fn names(object: &Value, name: &str, seen: &[String], normal: impl Fn(&str) -> String) -> Value {
    let known = object.attr(name).filter(|value| value.is_wholly_known());
    let mut had: Vec<String> = object.texts(name).into_iter().map(&normal).collect();
    let mut has: Vec<String> = seen.iter().map(|text| normal(text)).collect();
    for list in [&mut had, &mut has] {
        list.sort_unstable();
        list.dedup();
    }
    match known {
        Some(known) if had == has && (has.is_empty() || !known.is_null()) => known.clone(),
        _ if seen.is_empty() => Value::null(Type::list(Type::String)),
        _ => Value::list(Type::String, seen.iter().map(Value::string).collect()),
    }
}

/// How many hours were asked for, of a certificate that is valid for so many seconds: those of groma begin a little earlier.
fn hours(seconds: i64) -> i64 {
    if seconds % 3600 == EARLIER { (seconds - EARLIER) / 3600 } else { seconds / 3600 }
}

const EARLIER: i64 = 300;
