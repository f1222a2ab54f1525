//! The attributes by which releases are asked for.

use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, attribute_error};
use value::{Path, Type, Value};

use super::error::{Failure, Result};
use super::version::Channel;

/// Adds the attributes that say where releases come from.
pub(super) fn with_source(block: Block) -> Block {
    let source = format!(
        "Where releases come from: the URL of a site laid out as the official one ({OFFICIAL}, which is the default), or a folder laid out so, such as an `eksd_mirror` makes. Relative paths are against the working folder."
    );
    let authorities =
        "Certificates of authorities in PEM, which are trusted for `source` besides those of the system.";
    block
        .with(
            "channel",
            Attribute::required(Type::String)
                .described("The release channel: Kubernetes' minor version with a dash, such as `1-34`."),
        )
        .with("source", Attribute::optional(Type::String).described(source))
        .with("ca_certificates", Attribute::optional(Type::String).described(authorities))
}

/// Adds the lock file's.
pub(super) fn with_lock(block: Block) -> Block {
    let text = format!(
        "The file that pins manifests by their digest; `{LOCK_FILE}` in the working folder if not set."
    );
    block.with("lock_file", Attribute::optional(Type::String).described(text))
}

/// Checks what was added.
pub(super) fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if let Some(Err(failure)) = config.text("channel").map(channel_of) {
        diagnostics.extend(Diagnostics::from(failure));
    }
    let number = config.attr("number").filter(|number| number.is_known() && !number.is_null());
    if number.is_some_and(|number| number_of(number).is_none()) {
        let detail = "The number of a release is a whole number from 1 on, such as 21.";
        diagnostics.push(attribute_error(&Path::from_attr("number"), "Invalid release number", detail));
    }
    for name in ["source", "lock_file"] {
        if config.text(name) == Some("") {
            let detail = format!("The {name} must not be empty; leave it out for the default.");
            diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid release source", detail));
        }
    }
    diagnostics
}

pub(super) fn channel_of(text: &str) -> Result<Channel> {
    text.parse().map_err(|error| {
        let detail = format!("{error}: Kubernetes' minor version with a dash.");
        Failure::new("channel", "Invalid release channel", detail)
    })
}

/// A release's number.
pub(super) fn number_of(value: &Value) -> Option<u32> {
    value.as_i64().and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
}

pub(super) const OFFICIAL: &str = "https://distro.eks.amazonaws.com";
pub(super) const LOCK_FILE: &str = ".eksd.lock.hcl";
