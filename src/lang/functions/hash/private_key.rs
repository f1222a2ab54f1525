//! RSA private keys in PEM.

use aws_lc_rs::rsa::PrivateDecryptingKey;

use super::super::encoding::base64::decode;

/// `AlgorithmIdentifier` of RSA (RFC 8017 A.1): its object identifier, and null for parameters.
const RSA_ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/// `INTEGER 0`, the version of PKCS #8.
const VERSION: [u8; 3] = [0x02, 0x01, 0x00];

/// Reads a key from PEM: `RSA PRIVATE KEY` (PKCS #1) or `PRIVATE KEY` (PKCS #8).
pub(super) fn read(pem: &str) -> Result<PrivateDecryptingKey, String> {
    let (label, der) = unwrap_pem(pem)?;
    let pkcs8 = match label {
        "PRIVATE KEY" => der,
        "RSA PRIVATE KEY" => wrap_pkcs1(&der),
        other => return Err(format!("unsupported key type \"{other}\"")),
    };
    PrivateDecryptingKey::from_pkcs8(&pkcs8)
        .map_err(|_| "it is not an RSA key of 2048 to 8192 bits".to_owned())
}

/// The label and the content of the first block.
fn unwrap_pem(pem: &str) -> Result<(&str, Vec<u8>), String> {
    let none = || "no PEM data is found".to_owned();
    let (_, after) = pem.split_once("-----BEGIN ").ok_or_else(none)?;
    let (label, after) = after.split_once("-----").ok_or_else(none)?;
    let (body, _) = after.split_once(&format!("-----END {label}-----")).ok_or_else(none)?;
    if body.contains("ENCRYPTED") || label.contains("ENCRYPTED") {
        return Err("the key is protected by a passphrase".to_owned());
    }
    let body: String = body.split_whitespace().collect();
    decode(&body).map(|der| (label, der)).map_err(|_| none())
}

/// Puts a PKCS #1 key into the envelope of PKCS #8 (RFC 5208).
fn wrap_pkcs1(pkcs1: &[u8]) -> Vec<u8> {
    let content = [VERSION.as_slice(), &RSA_ALGORITHM, &tagged(0x04, pkcs1)].concat();
    tagged(0x30, &content)
}

/// A DER element: tag, length, content.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut element = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short @ ..0x80) => element.push(short),
        _ => {
            let length = content.len().to_be_bytes();
            let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
            element.push(0x80 | u8::try_from(significant.len()).unwrap_or(0x7f));
            element.extend(significant);
        }
    }
    element.extend_from_slice(content);
    element
}
