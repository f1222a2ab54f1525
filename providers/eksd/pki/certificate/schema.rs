use std::net::IpAddr;

use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Schema, attribute_error};
use provider_host::kit::{ownership, validate_path};
use provider_tls::kit::{Wanted, use_names};
use value::{Path, Type, Value};

/// Kinds of keys, and how openssl is asked for them.
pub(super) const KEYS: [(&str, &str); 5] = [
    ("ECDSA-P256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256"),
    ("ECDSA-P384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384"),
    ("RSA-2048", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048"),
    ("RSA-3072", "-algorithm RSA -pkeyopt rsa_keygen_bits:3072"),
    ("RSA-4096", "-algorithm RSA -pkeyopt rsa_keygen_bits:4096"),
];

/// What the certificate says of itself: attributes that only a new one can change.
pub(super) const SAID: [&str; 8] = [
    "common_name",
    "organization",
    "dns_names",
    "ip_addresses",
    "uses",
    "validity_hours",
    "key_algorithm",
    "subject",
];

/// What only a new certificate will tell.
pub(super) const TOLD: [&str; 5] =
    ["certificate_pem", "serial_number", "not_before", "not_after", "fingerprint"];

pub(super) fn schema() -> Schema {
    let text = |description: &str| Attribute::computed(Type::String).described(description);
    let flag = |description: &str| Attribute::computed(Type::Bool).described(description);
    let names = |description: &str| Attribute::optional(Type::list(Type::String)).described(description);
    let own = |ty: Type, description: &str| Attribute::optional_computed(ty).described(description);
    let block = Block::default()
        .described(
            "A certificate on a host, whose private key is made there by openssl and never leaves it: groma gets a signed request \
             and signs the certificate with the authority's key. Every property is read back, and inside `renew_before_hours` \
             of its end the plan renews it in place.",
        )
        .with("path", Attribute::required(Type::String).described("The absolute path of the certificate. Its folder must exist."))
        .with("key_path", own(Type::String, "The absolute path of the private key; if not set, that of the certificate with `.key` for `.crt` or `.pem`."))
        .with("key_algorithm", own(Type::String, "The kind of key: `ECDSA-P256` (if not set), `ECDSA-P384`, `RSA-2048`, `RSA-3072` or `RSA-4096`."))
        .with("key_mode", own(Type::String, "The permission bits of the key; 0600 if not set. It has the owner and group of the certificate."))
        .with("rotate_key", own(Type::Bool, "Whether each new certificate gets a new key; if false or not set, the key stays as long as it is good."))
        .with("ca_cert_pem", Attribute::required(Type::String).described("The authority's certificate in PEM; of several the first one."))
        .with("ca_private_key_pem", Attribute::optional(Type::String).sensitive().write_only().described("The authority's private key in PEM. Without it nothing is issued: a certificate that is there stays, and a plan that needs another one is refused. It is not kept in the state: each plan and apply takes it from the configuration, which may get it from an ephemeral resource or variable."))
        .with("common_name", Attribute::required(Type::String).described("The subject's common name: for Kubernetes the user, such as `system:node:NAME`."))
        .with("organization", names("The subject's organizations: for Kubernetes the groups, such as `system:masters`."))
        .with("dns_names", names("Host names that the certificate is for."))
        .with("ip_addresses", names("IP addresses that the certificate is for."))
        .with("uses", Attribute::required(Type::list(Type::String)).described(format!("What the key may be used for: `{}`.", use_names().join("`, `"))))
        .with("validity_hours", own(Type::Number, "How many hours the certificate is valid; 8760 (a year) if not set."))
        .with("renew_before_hours", own(Type::Number, "How many hours before its end the certificate is renewed; 720 (30 days) if not set."))
        .with("certificate_pem", text("The certificate in PEM."))
        .with("subject", text("The whole subject."))
        .with("issuer", text("The subject of the authority that signed it."))
        .with("serial_number", text("The serial number in decimal digits."))
        .with("not_before", text("From when it is valid, in RFC 3339 format."))
        .with("not_after", text("Until when it is valid, in RFC 3339 format."))
        .with("fingerprint", text("SHA-256 of the certificate in hexadecimal digits."))
        .with("ready_for_renewal", flag("Whether its end is so near that it is to be renewed."))
        .with("key_matches", flag("Whether the key on the host is that of the certificate."))
        .with("signed_by_ca", flag("Whether it is signed by the authority."));
    Schema::new(0, ownership::with_attributes(block, "the certificate", "0644"))
}

pub(super) fn defaults() -> Vec<(&'static str, Value)> {
    vec![
        ("key_algorithm", Value::string(KEYS[0].0)),
        ("mode", Value::string("0644")),
        ("key_mode", Value::string("0600")),
        ("rotate_key", Value::bool(false)),
        ("validity_hours", Value::number(8760)),
        ("renew_before_hours", Value::number(720)),
    ]
}

pub(super) fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = validate_path(config, "path");
    diagnostics.extend(validate_path(config, "key_path"));
    diagnostics.extend(ownership::validate(config));
    let mut wrong = |name: &str, summary: &str, detail: String| {
        diagnostics.push(attribute_error(&Path::from_attr(name), summary, detail));
    };
    if config.text("path").is_some_and(|path| Some(path) == config.text("key_path")) {
        wrong("key_path", "Invalid path", "Certificate and key cannot be the same file.".into());
    }
    if let Some(text) = config.text("key_algorithm").filter(|text| KEYS.iter().all(|(name, _)| name != text))
    {
        let names = KEYS.map(|(name, _)| name).join(", ");
        wrong("key_algorithm", "Invalid kind of key", format!("{text:?} is none of {names}."));
    }
    if let Some(text) = config.text("key_mode").filter(|text| ownership::parse_mode(text).is_none()) {
        wrong(
            "key_mode",
            "Invalid mode",
            format!("{text:?} is not three or four octal digits, such as \"0600\"."),
        );
    }
    if config.text("common_name").is_some_and(|name| name.is_empty() || name.chars().count() > 64) {
        wrong("common_name", "Invalid name", "A common name has 1 to 64 characters.".into());
    }
    let known = use_names();
    for text in config.texts("uses").into_iter().filter(|text| !known.contains(text)) {
        wrong("uses", "Invalid use", format!("{text:?} is none of {}.", known.join(", ")));
    }
    for text in config.texts("ip_addresses").into_iter().filter(|text| text.parse::<IpAddr>().is_err()) {
        wrong("ip_addresses", "Invalid IP address", format!("{text:?} is no IP address."));
    }
    for text in config.texts("dns_names").into_iter().filter(|text| text.is_empty() || !text.is_ascii()) {
        wrong("dns_names", "Invalid name", format!("{text:?} is no host name."));
    }
    let number = |name: &str| config.attr(name).filter(|value| value.as_number().is_some());
    for (name, least) in [("validity_hours", 1), ("renew_before_hours", 0)] {
        if number(name).is_some_and(|value| value.as_i64().is_none_or(|n| !(least..=MOST_HOURS).contains(&n)))
        {
            wrong(
                name,
                "Invalid number of hours",
                format!("It must be a whole number from {least} to {MOST_HOURS}."),
            );
        }
    }
    let hours =
        |name: &str, default: i64| if config.is_unset(name) { Some(default) } else { config.int(name) };
    if let (Some(valid), Some(before)) = (hours("validity_hours", 8760), hours("renew_before_hours", 720))
        && before >= valid
    {
        wrong(
            "renew_before_hours",
            "Never done renewing",
            format!(
                "A certificate of {valid} hours that is renewed {before} hours before its end is renewed by every apply. Set fewer."
            ),
        );
    }
    diagnostics
}

/// Where certificate and key are.
pub(super) fn paths(object: &Value) -> (String, String) {
    let path = object.text("path").unwrap_or_default();
    let key = object.text("key_path").map_or_else(|| beside(path), str::to_owned);
    (path.to_owned(), key)
}

/// Where the key of a certificate usually is.
fn beside(path: &str) -> String {
    let stem = path.strip_suffix(".crt").or_else(|| path.strip_suffix(".pem")).unwrap_or(path);
    format!("{stem}.key")
}

/// What the certificate is to say.
pub(super) fn wanted(object: &Value) -> Wanted {
    let texts = |name: &str| object.texts(name).into_iter().map(str::to_owned).collect();
    Wanted {
        common_name: object.text("common_name").unwrap_or_default().to_owned(),
        organizations: texts("organization"),
        dns_names: texts("dns_names"),
        ip_addresses: texts("ip_addresses"),
        uses: texts("uses"),
    }
}

/// The object with nulls for what is only known once it is made.
pub(super) fn as_asked(planned: &Value) -> Value {
    provider::with_nulls(&provider_host::kit::complete(schema(), true).block, planned)
}

/// A hundred years.
const MOST_HOURS: i64 = 876_600;
