//! Paths on hosts.

use diag::Diagnostics;
use provider::attribute_error;
use provider::simple::Access;
use sha2::{Digest, Sha256};
use value::{Path, Value};

/// Refuses what is not a plain absolute path.
pub fn validate(config: &Value, name: &str) -> Diagnostics {
    let Some(path) = config.text(name) else { return Diagnostics::new() };
    let problem = if !path.starts_with('/') {
        "is not absolute"
    } else if path.len() > 1 && path.ends_with('/') {
        "ends with a slash"
    } else if path == "/" {
        "is the root folder"
    } else if path.contains("//") || path.split('/').any(|part| part == "." || part == "..") {
        "has empty parts, \".\" or \"..\" in it"
    } else if path.contains(char::is_control) || path.contains('\\') {
        "has control characters or backslashes in it"
    } else if path.len() > 4096 {
        "is longer than 4096 bytes"
    } else {
        return Diagnostics::new();
    };
    attribute_error(&Path::from_attr(name), "Invalid path", format!("The path {path:?} {problem}.")).into()
}

/// The folders above a path, the topmost first, without the root folder.
pub fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter(|(at, _)| *at > 0).map(|(at, _)| path.get(..at).unwrap_or_default())
}

/// A file name for what is recorded of a path, or of anything else that has a name.
pub fn key(path: &str) -> String {
    Sha256::digest(path).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
