use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, attribute_error};
use value::{Path, Type, Value};

use super::digest::{ALGORITHMS, Digest};
use crate::block::duration;
use crate::fetch::parse;

/// Adds where something is fetched from, and what it must be. The digests are `digest` attributes.
pub fn with_attributes(block: Block, url: Attribute) -> Block {
    let text = |description: &str| Attribute::optional(Type::String).described(description);
    block
        .with("url", url)
        .with(
            "via",
            text("Who fetches it: `operator` (the default), the machine that groma runs on, through the proxies of its environment, or \
                  `host`, which needs curl or wget."),
        )
        .with("sha256", text("SHA-256 of the content in hexadecimal digits. Exactly one of it and `sha512` is set."))
        .with("sha512", text("SHA-512 of the content in hexadecimal digits."))
        .with(
            "ca_certificates",
            text("Certificates in PEM that are trusted besides those of the system; for `via = \"operator\"`."),
        )
        .with("timeout", text("How long the host may take to fetch it, such as \"10m\"; for `via = \"host\"`. An hour if not set."))
}

/// Checks what [`with_attributes`] added, where there is a URL.
pub fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut wrong = |name: &str, detail: String| {
        diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid download", detail));
    };
    if let Some(Err(reason)) = config.text("url").map(parse) {
        wrong("url", format!("It cannot be fetched: {reason}."));
    }
    if let Some(via) = config.text("via").filter(|via| !["operator", "host"].contains(via)) {
        wrong("via", format!("{via:?} is none of operator, host."));
    }
    if config.text("via") == Some("host") && !config.is_unset("ca_certificates") {
        wrong(
            "ca_certificates",
            "They are for via = \"operator\": the host trusts what its own programs trust.".into(),
        );
    }
    if let Some(text) = config.text("timeout")
        && duration(text).is_none_or(|timeout| timeout.is_zero())
    {
        wrong("timeout", format!("{text:?} is no duration such as \"30s\" or \"5m\"."));
    }
    let set: Vec<&str> = ALGORITHMS.into_iter().filter(|name| !config.is_unset(name)).collect();
    let known = set.iter().all(|name| config.attr(name).is_none_or(Value::is_known));
    if set.is_empty() || (set.len() > 1 && known) {
        let found = if set.is_empty() { "none is" } else { "both are" };
        wrong("sha256", format!("Exactly one of sha256 and sha512 must be set; {found}."));
    }
    for name in ALGORITHMS {
        if let Some(problem) = config.text(name).and_then(|text| Digest::problem(name, text)) {
            wrong(name, problem);
        }
    }
    diagnostics
}
