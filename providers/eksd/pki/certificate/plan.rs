//! Whether a new certificate is needed.

use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use provider::simple::{Access, Plan};
use provider::{attribute_error, changed};
use provider_tls::kit::{Authority, Described, Signer};
use value::{Path, Value};

use super::schema::{SAID, TOLD, paths, wanted};

pub(super) fn plan(now: SystemTime, plan: &mut Plan) {
    if plan.is_unset("key_path") {
        match plan.planned.text("path") {
            Some(_) => {
                let planned = plan.planned.with_attr("key_path", Value::null(value::Type::String));
                plan.set("key_path", Value::string(paths(&planned).1));
            }
            None => plan.set_unknown("key_path"),
        }
    }
    let said = ["common_name", "organization"];
    match said.iter().all(|name| plan.planned.attr(name).is_none_or(Value::is_wholly_known)) {
        true => plan.set("subject", Value::string(wanted(&plan.planned).subject_text())),
        false => plan.set_unknown("subject"),
    }
    let authority = authority(&plan.planned);
    match &authority {
        Some(Ok(authority)) => plan.set("issuer", Value::string(authority.name())),
        Some(Err(reason)) => {
            let detail = format!("Nothing can be signed with this authority: {reason}.");
            plan.diagnostics.push(attribute_error(
                &Path::from_attr("ca_cert_pem"),
                "Invalid authority",
                detail,
            ));
        }
        None => plan.set_unknown("issuer"),
    }
    // The key is in the configuration only.
    if let Some(Err(reason)) = signer(&plan.config).filter(|_| matches!(authority, Some(Ok(_)))) {
        let detail = format!("Nothing can be signed with this authority: {reason}.");
        plan.diagnostics.push(attribute_error(
            &Path::from_attr("ca_private_key_pem"),
            "Invalid authority",
            detail,
        ));
    }
    plan.set("ready_for_renewal", Value::bool(false));
    plan.set("key_matches", Value::bool(true));
    plan.set("signed_by_ca", Value::bool(true));
    if !plan.is_creation() && !is_due(now, &plan.prior, &plan.planned) {
        return;
    }
    for name in TOLD {
        plan.set_unknown(name);
    }
    if plan.is_unset("ca_private_key_pem") {
        let detail = "The certificate is to be issued, and the key of its authority is not there. Give it, or, if it is lost, have \
                      another authority sign, once that is trusted wherever this one is.";
        plan.diagnostics.push(attribute_error(
            &Path::from_attr("ca_private_key_pem"),
            "Authority has no key",
            detail.to_owned(),
        ));
    }
    if let (Some(Ok(authority)), Some(hours)) = (&authority, plan.planned.int("validity_hours"))
        && ends(now, hours) > authority.not_after()
    {
        let detail = format!(
            "The certificate would be valid for longer than that of the authority {}. Renew the authority first, or set fewer validity_hours.",
            authority.name()
        );
        plan.diagnostics.push(attribute_error(
            &Path::from_attr("validity_hours"),
            "Authority ends too early",
            detail,
        ));
    }
}

/// Whether a new certificate is to be made; also where that cannot be told yet.
pub(super) fn is_due(now: SystemTime, prior: &Value, planned: &Value) -> bool {
    let good = |name: &str| prior.flag(name) != Some(false);
    let says_else = SAID.iter().any(|name| !says_same(prior, planned, name));
    if says_else || !good("key_matches") || !good("signed_by_ca") {
        return true;
    }
    let pem = prior.text("certificate_pem").unwrap_or_default();
    let Ok(described) = Described::read(pem) else { return true };
    if is_ready(now, described.not_after, planned) {
        return true;
    }
    match authority(planned) {
        Some(Ok(authority)) => !authority.signed(pem),
        // What cannot be read is an error of its own.
        Some(Err(_)) => false,
        None => true,
    }
}

/// Whether a certificate need not change for an attribute: lists are in any order, as after an import, and addresses in any spelling.
fn says_same(prior: &Value, planned: &Value, name: &str) -> bool {
    if changed(prior, planned, [name]).is_empty() {
        return true;
    }
    let sorted = |object: &Value| {
        let list = object.attr(name).filter(|value| value.is_wholly_known() && value.items().is_some())?;
        let texts = list.items().unwrap_or_default().iter().filter_map(Value::as_str);
        let mut texts: Vec<String> = texts
            .map(|text| {
                text.parse::<IpAddr>().map_or_else(|_| text.to_string(), |ip| ip.to_canonical().to_string())
            })
            .collect();
        texts.sort_unstable();
        texts.dedup();
        Some(texts)
    };
    sorted(prior).is_some_and(|prior| Some(prior) == sorted(planned))
}

/// Whether the end is so near that it is to be renewed.
pub(super) fn is_ready(now: SystemTime, not_after: i64, object: &Value) -> bool {
    let before = object.int("renew_before_hours").unwrap_or_default();
    ends(now, before) >= not_after
}

/// The authority of an object; none where it is not known yet.
pub(super) fn authority(object: &Value) -> Option<Result<Authority, String>> {
    object.text("ca_cert_pem").map(Authority::new)
}

/// The authority of an object with its key; none where one of the two is not known.
pub(super) fn signer(object: &Value) -> Option<Result<Signer, String>> {
    let key = object.text("ca_private_key_pem")?;
    Some(authority(object)?.and_then(|authority| authority.with_key(key)))
}

/// The time some hours from now, in seconds since 1970.
fn ends(now: SystemTime, hours: i64) -> i64 {
    let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(now).unwrap_or(i64::MAX).saturating_add(hours.saturating_mul(3600))
}
