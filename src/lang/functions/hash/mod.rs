//! Hashes, passwords and identifiers.

pub(super) mod digest;
mod private_key;

use aws_lc_rs::rsa::Pkcs1PrivateDecryptingKey;
use uuid::Uuid;
use value::{Type, Value};

use super::encoding::base64::decode;
use super::table::{Call, Core, function, whole};
use super::text::{quoted, text};
use super::{FunctionError, Parameter};
use digest::{Algorithm, Form, digest};

/// As Go's library and with it Terraform.
const DEFAULT_COST: u32 = 10;
/// Each more doubles the time; at this one a hash takes about a minute.
const MAX_COST: u32 = 20;
/// What bcrypt can take in.
const MAX_PASSWORD: usize = 72;

pub(super) fn functions() -> Vec<Core> {
    vec![
        string_hash(
            "base64sha256",
            "Gives the SHA-256 hash of a string in Base64.",
            Algorithm::Sha256,
            Form::Base64,
        ),
        string_hash(
            "base64sha512",
            "Gives the SHA-512 hash of a string in Base64.",
            Algorithm::Sha512,
            Form::Base64,
        ),
        string_hash("md5", "Gives the MD5 hash of a string in hexadecimal.", Algorithm::Md5, Form::Hex),
        string_hash("sha1", "Gives the SHA-1 hash of a string in hexadecimal.", Algorithm::Sha1, Form::Hex),
        string_hash(
            "sha256",
            "Gives the SHA-256 hash of a string in hexadecimal.",
            Algorithm::Sha256,
            Form::Hex,
        ),
        string_hash(
            "sha512",
            "Gives the SHA-512 hash of a string in hexadecimal.",
            Algorithm::Sha512,
            Form::Hex,
        ),
        function("bcrypt", "Hashes a password with bcrypt; known only when changes are applied.")
            .param("str", Type::String)
            .variadic(
                Parameter::new("cost", Type::Number)
                    .about("How hard the hash is to compute; 10 if not given."),
            )
            .returns(Type::String, bcrypt),
        function("rsadecrypt", "Decrypts what was encrypted for an RSA key.")
            .param("ciphertext", Type::String)
            .param("privatekey", Type::String)
            .returns(Type::String, rsadecrypt),
        function("uuid", "Gives a random UUID; known only when changes are applied.").returns(
            Type::String,
            |call| {
                Ok(match call.context.now {
                    Some(_) => text(Uuid::new_v4().to_string()),
                    None => Value::unknown(Type::String),
                })
            },
        ),
        function("uuidv5", "Gives the UUID of a name in a namespace.")
            .param("namespace", Type::String)
            .param("name", Type::String)
            .returns(Type::String, uuidv5),
    ]
}

fn string_hash(name: &'static str, description: &'static str, algorithm: Algorithm, form: Form) -> Core {
    function(name, description)
        .param("str", Type::String)
        .returns(Type::String, move |call| Ok(text(digest(call.str(0)?.as_bytes(), algorithm, form))))
}

/// Unknown while planning, since every hash has a salt of its own. A cost below 4 is the default, as in Go.
fn bcrypt(call: &Call<'_>) -> Result<Value, FunctionError> {
    let failed = |why: String| FunctionError::new(format!("error occured generating password {why}"));
    let cost = match call.rest(1) {
        [] => DEFAULT_COST,
        [_] => match whole(call.number(1)?)? {
            ..4 => DEFAULT_COST,
            cost => u32::try_from(cost).ok().filter(|cost| *cost <= MAX_COST).ok_or_else(|| {
                failed(format!("crypto/bcrypt: cost {cost} is outside allowed range (4,{MAX_COST})"))
            })?,
        },
        _ => return Err(FunctionError::new("bcrypt() takes no more than two arguments")),
    };
    if call.context.now.is_none() {
        return Ok(Value::unknown(Type::String));
    }
    let password = call.str(0)?;
    if password.len() > MAX_PASSWORD {
        return Err(failed(format!("bcrypt: password length exceeds {MAX_PASSWORD} bytes")));
    }
    let salt = *Uuid::new_v4().as_bytes();
    let hash = bcrypt::hash_with_salt(password, cost, salt).map_err(|e| failed(e.to_string()))?;
    Ok(text(hash.format_for_version(bcrypt::Version::TwoA)))
}

fn rsadecrypt(call: &Call<'_>) -> Result<Value, FunctionError> {
    let given = call.str(0)?;
    let ciphertext = decode(given).map_err(|_| {
        let message = format!("failed to decode input {}: cipher text must be base64-encoded", quoted(given));
        FunctionError::argument(0, message)
    })?;
    let key = private_key::read(call.str(1)?)
        .map_err(|why| FunctionError::argument(1, format!("invalid private key: {why}")))?;
    let failed = || FunctionError::new("failed to decrypt: crypto/rsa: decryption error");
    let key = Pkcs1PrivateDecryptingKey::new(key).map_err(|_| failed())?;
    let mut buffer = vec![0; key.min_output_size()];
    let plain = key.decrypt(&ciphertext, &mut buffer).map_err(|_| failed())?;
    // Strings of the language are Unicode; what is not is replaced, as Terraform does.
    Ok(text(String::from_utf8_lossy(plain)))
}

fn uuidv5(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (namespace, name) = (call.str(0)?, call.str(1)?);
    let namespace = match namespace {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        given => Uuid::parse_str(given).map_err(|_| {
            let why = match given.len() {
                32 | 36 | 38 | 45 => "invalid UUID format".to_owned(),
                length => format!("invalid UUID length: {length}"),
            };
            FunctionError::new(format!("uuidv5() doesn't support namespace {given} ({why})"))
        })?,
    };
    Ok(text(Uuid::new_v5(&namespace, name.as_bytes()).to_string()))
}
