//! The hashes of a file's content, as attributes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use provider::{Attribute, Block};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use value::{Type, Value};

const HASHES: [(&str, &str); 6] = [
    ("content_md5", "MD5 of the content in hexadecimal digits."),
    ("content_sha1", "SHA-1 of the content in hexadecimal digits."),
    ("content_sha256", "SHA-256 of the content in hexadecimal digits."),
    ("content_base64sha256", "SHA-256 of the content in base64."),
    ("content_sha512", "SHA-512 of the content in hexadecimal digits."),
    ("content_base64sha512", "SHA-512 of the content in base64."),
];

/// Adds the attributes of all hashes, and `id`.
pub(crate) fn with_hashes(block: Block) -> Block {
    let id = Attribute::computed(Type::String).described("SHA-1 of the content in hexadecimal digits.");
    HASHES.into_iter().fold(block.with("id", id), |block, (name, description)| {
        block.with(name, Attribute::computed(Type::String).described(description))
    })
}

/// The object with all hashes, and `id`, set.
pub(crate) fn filled(object: &Value, content: &[u8]) -> Value {
    let (sha256, sha512) = (Sha256::digest(content), Sha512::digest(content));
    let sha1 = sha1_hex(content);
    provider::simple::with(
        object,
        [
            ("id", Value::string(sha1.as_str())),
            ("content_md5", Value::string(hex(&Md5::digest(content)))),
            ("content_sha1", Value::string(sha1)),
            ("content_sha256", Value::string(hex(&sha256))),
            ("content_base64sha256", Value::string(STANDARD.encode(sha256))),
            ("content_sha512", Value::string(hex(&sha512))),
            ("content_base64sha512", Value::string(STANDARD.encode(sha512))),
        ],
    )
}

/// What the id of a file is made of.
pub(crate) fn sha1_hex(content: &[u8]) -> String {
    hex(&Sha1::digest(content))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
