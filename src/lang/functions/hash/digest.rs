//! Hash algorithms by name, and how their results are written.

use std::io::{self, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::digest::DynDigest;

/// How much of a file is read at once.
const CHUNK: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Form {
    Hex,
    Base64,
}

/// The hash of bytes, written.
pub(in super::super) fn digest(bytes: &[u8], algorithm: Algorithm, form: Form) -> String {
    let mut hasher = hasher(algorithm);
    hasher.update(bytes);
    write(&hasher.finalize(), form)
}

/// The hash of all that can be read, written.
pub(in super::super) fn digest_reader(
    mut reader: impl Read,
    algorithm: Algorithm,
    form: Form,
) -> io::Result<String> {
    let mut hasher = hasher(algorithm);
    let mut buffer = vec![0; CHUNK];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(write(&hasher.finalize(), form)),
            Ok(n) => hasher.update(&buffer[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

fn hasher(algorithm: Algorithm) -> Box<dyn DynDigest> {
    match algorithm {
        Algorithm::Md5 => Box::new(md5::Md5::default()),
        Algorithm::Sha1 => Box::new(sha1::Sha1::default()),
        Algorithm::Sha256 => Box::new(sha2::Sha256::default()),
        Algorithm::Sha512 => Box::new(sha2::Sha512::default()),
    }
}

fn write(hash: &[u8], form: Form) -> String {
    match form {
        Form::Hex => hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        Form::Base64 => STANDARD.encode(hash),
    }
}
