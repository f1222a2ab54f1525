//! PEM (RFC 7468), read as leniently as Go reads it: text around blocks is skipped.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(crate) const CERTIFICATE: &str = "CERTIFICATE";
pub(crate) const CERTIFICATE_REQUEST: &str = "CERTIFICATE REQUEST";
pub(crate) const EC_PRIVATE_KEY: &str = "EC PRIVATE KEY";
pub(crate) const OPENSSH_PRIVATE_KEY: &str = "OPENSSH PRIVATE KEY";
pub(crate) const PRIVATE_KEY: &str = "PRIVATE KEY";
pub(crate) const PUBLIC_KEY: &str = "PUBLIC KEY";
pub(crate) const RSA_PRIVATE_KEY: &str = "RSA PRIVATE KEY";

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";
const LINE: usize = 64;

/// One block: what it says it is, and its bytes.
pub(crate) struct Block {
    pub label: String,
    pub bytes: Vec<u8>,
}

/// Writes one block, with a line feed at its end.
pub(crate) fn encode(label: &str, bytes: &[u8]) -> String {
    let body = STANDARD.encode(bytes);
    let mut text = format!("{BEGIN}{label}{DASHES}\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("-----END {label}{DASHES}\n"));
    text
}

/// All blocks of a text. What looks like a block but cannot be read is skipped.
pub(crate) fn decode(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        rest = after;
        let Some((label, body)) = after.split_once(DASHES) else { break };
        let Some((body, after)) = body.split_once(&format!("-----END {label}{DASHES}")) else { continue };
        // Headers (`Proc-Type: ...`) end with an empty line.
        let body = match body.rsplit_once("\n\n") {
            Some((headers, body)) if headers.contains(':') => body,
            _ => body,
        };
        let packed: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        if let Ok(bytes) = STANDARD.decode(packed) {
            blocks.push(Block { label: label.to_owned(), bytes });
            rest = after;
        }
    }
    blocks
}

/// The first block, which must be of a kind.
pub(crate) fn decode_one(text: &str, label: &str) -> Result<Vec<u8>, String> {
    match decode(text).into_iter().next() {
        Some(block) if block.label == label => Ok(block.bytes),
        Some(block) => Err(format!("invalid PEM type - expected \"{label}\", got \"{}\"", block.label)),
        None => Err(format!("failed to decode PEM of expected type \"{label}\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_between_other_text() {
        let bytes: Vec<u8> = (0..100).collect();
        let text = format!(
            "Subject: x\n{}\r\ntrash\n{}",
            encode("A", &bytes),
            encode("B C", b"x").replace('\n', "\r\n")
        );
        let blocks = decode(&text);
        assert_eq!(blocks.iter().map(|b| b.label.as_str()).collect::<Vec<_>>(), ["A", "B C"]);
        assert_eq!(blocks[0].bytes, bytes);
        for bad in [
            "",
            "-----BEGIN A-----",
            "-----BEGIN A-----\n?\n-----END A-----",
            "-----BEGIN ",
            "-----BEGIN A-----\nAA==",
        ] {
            assert!(decode(bad).is_empty(), "{bad}");
        }
    }

    #[test]
    fn lines_have_64_columns() {
        let text = encode("A", &[0; 96]);
        assert!(text.lines().all(|line| line.len() <= 64));
        assert_eq!(text.lines().count(), 4);
        assert!(text.ends_with("-----END A-----\n"));
    }
}
