//! What a file is to hold, and where it comes from.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, attribute_error};
use sha2::{Digest, Sha256};
use value::{Path, Type, Value};

use super::template;
use crate::block::expand;
use crate::failure::{Failure, Result};
use crate::resource::Context;

/// The attributes that a content may come from; exactly one is set.
pub(super) const SOURCES: [&str; 5] =
    ["content", "sensitive_content", "content_base64", "source", "template"];

/// A content with its digest.
pub(super) struct Content {
    pub bytes: Vec<u8>,
    /// In hexadecimal digits.
    pub sha256: String,
}

pub(super) fn with_attributes(block: Block) -> Block {
    template::with_attributes(block)
        .with(
            "content",
            Attribute::optional(Type::String)
                .described("The content as text. Exactly one of the contents, `source` and `template` is set."),
        )
        .with(
            "sensitive_content",
            Attribute::optional(Type::String)
                .sensitive()
                .described("The content as text that is never shown."),
        )
        .with("content_base64", Attribute::optional(Type::String).described("The content in base64."))
        .with(
            "source",
            Attribute::optional(Type::String)
                .described("The path of a file on the machine that groma runs on, whose content is copied."),
        )
        .with(
            "content_sha256",
            Attribute::computed(Type::String)
                .described("SHA-256 of the content in hexadecimal digits; null for `sensitive_content` and with `sensitive_variables`."),
        )
        .with("size", Attribute::computed(Type::Number).described("The content's size in bytes."))
}

pub(super) fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = template::validate(config);
    let set: Vec<&str> = SOURCES.into_iter().filter(|name| !config.is_unset(name)).collect();
    let known = set.iter().all(|name| config.attr(name).is_none_or(Value::is_known));
    if set.is_empty() || (set.len() > 1 && known) {
        let found = if set.is_empty() { "none is".to_owned() } else { format!("{} are", set.join(" and ")) };
        let detail = format!("Exactly one of {} must be set; {found}.", SOURCES.join(", "));
        let name = set.first().copied().unwrap_or("content");
        diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid content", detail));
    }
    if config.text("content_base64").is_some_and(|text| STANDARD.decode(text).is_err()) {
        diagnostics.push(attribute_error(
            &Path::from_attr("content_base64"),
            "Invalid content",
            "The value is not base64.",
        ));
    }
    diagnostics
}

/// Plans the digest and the size where the content is known, so that a change of a copied file shows.
pub(super) fn plan(context: &Context, plan: &mut Plan) {
    template::plan(context, plan);
    let is_known = |name: &&str| plan.planned.attr(name).is_none_or(Value::is_known);
    if !SOURCES.iter().chain(&template::RENDERED).all(is_known) {
        plan.set_unknown("content_sha256");
        plan.set_unknown("size");
        return;
    }
    match bytes(context, &plan.planned) {
        Ok(bytes) => {
            let shown = shown_digest(&plan.planned, &digest(&bytes));
            plan.set("content_sha256", shown);
            plan.set("size", size(bytes.len()));
        }
        Err(failure) => plan.diagnostics.push(failure.diagnostic()),
    }
}

pub(super) fn size(bytes: usize) -> Value {
    Value::number(i64::try_from(bytes).unwrap_or(i64::MAX))
}

impl Content {
    /// The content of a planned file; it must be what was planned.
    pub(super) fn load(context: &Context, planned: &Value) -> Result<Self> {
        let bytes = bytes(context, planned)?;
        let sha256 = digest(&bytes);
        if let Some(expected) = planned.text("content_sha256").filter(|expected| *expected != sha256) {
            let detail = format!(
                "The file changed after it was planned: its SHA-256 is {sha256}, not {expected}. Plan again."
            );
            return Err(Failure::attribute("source", "Source file changed", detail));
        }
        Ok(Self { bytes, sha256 })
    }
}

fn bytes(context: &Context, object: &Value) -> Result<Vec<u8>> {
    let text = object.text("content").or_else(|| object.text("sensitive_content"));
    if let Some(text) = text.or_else(|| template::text(object)) {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(text) = object.text("content_base64") {
        return STANDARD.decode(text).map_err(|_| {
            Failure::attribute("content_base64", "Invalid content", "The value is not base64.")
        });
    }
    let text = object.text("source").unwrap_or_default();
    let path = expand(text, context.environment.home.as_deref(), &context.environment.working_dir);
    std::fs::read(&path).map_err(|error| {
        Failure::attribute(
            "source",
            "Source file cannot be read",
            format!("The file {}: {error}.", path.display()),
        )
    })
}

/// What `content_sha256` says. Of a sensitive content it says nothing: short secrets can be guessed from a digest.
pub(super) fn shown_digest(object: &Value, digest: &str) -> Value {
    let secret = !object.is_unset("sensitive_content") || template::is_secret(object);
    if secret { Value::null(Type::String) } else { Value::string(digest) }
}

/// The digest of the content that an object is known to have.
pub(super) fn known_digest(object: &Value) -> Option<String> {
    let of_secret = || {
        let text = object.text("sensitive_content").or_else(|| object.text("sensitive_rendered"));
        text.map(|text| digest(text.as_bytes()))
    };
    object.text("content_sha256").map(str::to_owned).or_else(of_secret)
}

pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
