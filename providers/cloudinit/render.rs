//! The document itself: MIME multipart as Go's `mime/multipart` writes it, then gzip and base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gzip::{Ending, gzip};
use provider::simple::Access;
use value::Value;

pub(crate) const DEFAULT_BOUNDARY: &str = "MIMEBOUNDARY";

pub(crate) const DEFAULT_CONTENT_TYPE: &str = "text/plain";

/// The longest boundary there may be (RFC 2046, 5.1.1).
const MAX_BOUNDARY: usize = 70;

/// Renders the document of a configuration, in which null reads as the default.
pub(crate) fn render(config: &Value) -> String {
    let boundary = set(config, "boundary").unwrap_or(DEFAULT_BOUNDARY);
    let document = multipart(boundary, config.elements("part"));
    let compressed = config.flag("gzip").unwrap_or(true);
    let document = if compressed { gzip(document.as_bytes(), Ending::Close) } else { document.into_bytes() };
    if config.flag("base64_encode").unwrap_or(true) {
        STANDARD.encode(document)
    } else {
        String::from_utf8_lossy(&document).into_owned()
    }
}

/// The CRC-32 of a document in decimal digits.
pub(crate) fn checksum(document: &str) -> String {
    crc32fast::hash(document.as_bytes()).to_string()
}

/// Whether a boundary may be used (RFC 2046, 5.1.1).
pub(crate) fn is_boundary(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "'()+_,-./:=? ".contains(c);
    (1..=MAX_BOUNDARY).contains(&text.len()) && text.chars().all(allowed) && !text.ends_with(' ')
}

fn multipart(boundary: &str, parts: &[Value]) -> String {
    // The first line ends in LF alone, which HashiCorp's provider does and cloud-init reads.
    let mut text =
        format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\nMIME-Version: 1.0\r\n\r\n");
    for (index, part) in parts.iter().enumerate() {
        let break_before = if index == 0 { "" } else { "\r\n" };
        text.push_str(&format!("{break_before}--{boundary}\r\n"));
        if let Some(name) = set(part, "filename") {
            text.push_str(&format!("Content-Disposition: attachment; filename=\"{name}\"\r\n"));
        }
        let content_type = set(part, "content_type").unwrap_or(DEFAULT_CONTENT_TYPE);
        text.push_str("Content-Transfer-Encoding: 7bit\r\n");
        text.push_str(&format!("Content-Type: {content_type}\r\nMime-Version: 1.0\r\n"));
        if let Some(merge_type) = set(part, "merge_type") {
            text.push_str(&format!("X-Merge-Type: {merge_type}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(part.text("content").unwrap_or_default());
    }
    text.push_str(&format!("\r\n--{boundary}--\r\n"));
    text
}

/// A text that is set and not empty.
fn set<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.text(name).filter(|text| !text.is_empty())
}
