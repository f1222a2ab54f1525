//! What the resources for certificates share.

use diag::{Diagnostic, Diagnostics};
use jiff::Timestamp;
use provider::simple::{Access, Context, Outcome, Plan, with};
use provider::{Attribute, Block, attribute_error};
use sha1::{Digest, Sha1};
use value::{Path, Type, Value};

use crate::certificate::{Issued, seconds};
use crate::extensions::{alternative_names, use_names};

const HOUR: i64 = 3600;

/// Adds the attributes that both kinds of certificates have.
pub(crate) fn certificate_block(block: Block) -> Block {
    let flag = |text: &str| Attribute::optional_computed(Type::Bool).described(text);
    let computed = |ty: Type, text: &str| Attribute::computed(ty).described(text);
    let uses = use_names().join("`, `");
    block
        .with("id", computed(Type::String, "The serial number in decimal digits."))
        .with(
            "allowed_uses",
            Attribute::required(Type::list(Type::String))
                .described(format!("What the key may be used for: `{uses}`.")),
        )
        .with(
            "validity_period_hours",
            Attribute::required(Type::Number).described("How many hours the certificate is valid."),
        )
        .with(
            "early_renewal_hours",
            Attribute::optional_computed(Type::Number)
                .described("How many hours before its end the certificate is made anew; 0 if not set."),
        )
        .with("is_ca_certificate", flag("Whether it is an authority's; false if not set."))
        .with(
            "max_path_length",
            Attribute::optional(Type::Number)
                .described("For an authority: how many further authorities may follow it in a chain."),
        )
        .with("set_subject_key_id", flag("Whether it identifies its key; always so for an authority."))
        .with("cert_pem", computed(Type::String, "The certificate in PEM."))
        .with("ready_for_renewal", computed(Type::Bool, "Whether it is to be made anew."))
        .with("validity_start_time", computed(Type::String, "From when it is valid, in RFC 3339 format."))
        .with("validity_end_time", computed(Type::String, "Until when it is valid, in RFC 3339 format."))
}

/// Adds the names that a certificate can be for beside its subject.
pub(crate) fn names_block(block: Block) -> Block {
    let names = |text: &str| Attribute::optional(Type::list(Type::String)).described(text);
    block
        .with("dns_names", names("Host names it is for."))
        .with("ip_addresses", names("IP addresses it is for."))
        .with("uris", names("URIs it is for."))
        .with_block("subject", crate::names::subject_block())
}

pub(crate) fn certificate_defaults() -> Vec<(&'static str, Value)> {
    vec![
        ("early_renewal_hours", Value::number(0)),
        ("is_ca_certificate", Value::bool(false)),
        ("set_subject_key_id", Value::bool(false)),
    ]
}

pub(crate) fn validate_certificate(config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let known = use_names();
    for text in config.texts("allowed_uses").into_iter().filter(|text| !known.contains(text)) {
        let detail = format!("Attribute allowed_uses value must be one of: {known:?}, got: {text:?}.");
        diagnostics.push(attribute_error(
            &Path::from_attr("allowed_uses"),
            "Invalid Attribute Value Match",
            detail,
        ));
    }
    for name in ["validity_period_hours", "early_renewal_hours", "max_path_length"] {
        let most = if name == "max_path_length" { i64::from(u8::MAX) } else { i64::from(i32::MAX) };
        let value = config.attr(name).filter(|value| value.as_number().is_some());
        if value.is_some_and(|value| value.as_i64().is_none_or(|n| !(0..=most).contains(&n))) {
            let detail = format!("Attribute {name} value must be a whole number from 0 to {most}.");
            diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid Attribute Value", detail));
        }
    }
    diagnostics
}

/// Checks `dns_names`, `ip_addresses` and `uris`.
pub(crate) fn validate_names(config: &Value) -> Option<Diagnostic> {
    let (name, text) = alternative_names(config).err()?;
    let kind = match name {
        "ip_addresses" => "IP address",
        "uris" => "URI",
        _ => "DNS name",
    };
    Some(attribute_error(
        &Path::from_attr(name),
        format!("Invalid {kind}"),
        format!("Failed to parse {text:?}."),
    ))
}

/// Plans whether the certificate is made anew because its end is near.
pub(crate) fn plan_renewal(context: &Context, plan: &mut Plan) {
    plan.set("ready_for_renewal", Value::bool(false));
    if !plan.is_creation() && is_due(context, &plan.planned) {
        plan.set_unknown("ready_for_renewal");
        plan.replace("ready_for_renewal");
    }
}

/// Says in the state whether the certificate's end is near.
pub(crate) fn read_renewal(context: &Context, current: &Value) -> Outcome {
    if !is_due(context, current) {
        return Ok(current.clone());
    }
    Ok(current.with_attr("ready_for_renewal", Value::bool(true)))
}

/// A change of a PEM text replaces; states of old providers hold a hash in its place, whose change does not.
pub(crate) fn replace_on_pem(plan: &mut Plan, names: &[&str]) {
    for name in names {
        let text = plan.prior.text(name).unwrap_or_default();
        if plan.changes(&[name]) && text.contains("-----BEGIN") {
            plan.replace(name);
        }
    }
}

/// The object with what is known of an issued certificate.
pub(crate) fn issued(object: &Value, issued: Issued) -> Value {
    with(
        object,
        [
            ("id", Value::string(issued.serial)),
            ("cert_pem", Value::string(issued.pem)),
            ("ready_for_renewal", Value::bool(false)),
            ("validity_start_time", Value::string(issued.not_before)),
            ("validity_end_time", Value::string(issued.not_after)),
        ],
    )
}

pub(crate) fn failed(summary: &str, error: impl std::fmt::Display) -> Diagnostics {
    Diagnostic::error(summary, format!("{error}.")).into()
}

/// SHA-1 in hexadecimal digits, as ids are made. White space at the ends does not count.
pub(crate) fn hash_id(bytes: &[u8]) -> String {
    Sha1::digest(bytes.trim_ascii()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_due(context: &Context, object: &Value) -> bool {
    let end = object.text("validity_end_time").and_then(|text| text.parse::<Timestamp>().ok());
    let early = object.int("early_renewal_hours").unwrap_or_default().saturating_mul(HOUR);
    match (end, seconds(context.environment.now())) {
        (Some(end), Some(now)) => end.as_second().saturating_sub(early) <= now,
        _ => false,
    }
}
