//! `base64decode`, `base64encode`, `base64gzip`.

use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine};
use gzip::{Ending, gzip};
use value::{Type, Value};

use super::super::table::{Call, Core, function};
use super::super::text::{quoted, text};
use super::super::{FunctionError, Parameter};

/// The standard alphabet with padding. Bits left over at the end may be anything, as in Go.
pub(in super::super) const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

pub(super) fn functions() -> Vec<Core> {
    vec![
        function("base64decode", "Decodes Base64 to a string.")
            .with(Parameter::new("str", Type::String).marked().unknown())
            .returns(Type::String, base64decode),
        function("base64encode", "Encodes a string in Base64.")
            .param("str", Type::String)
            .returns(Type::String, |call| Ok(text(ENGINE.encode(call.str(0)?)))),
        function("base64gzip", "Compresses a string with gzip and encodes the result in Base64.")
            .param("str", Type::String)
            .returns(Type::String, base64gzip),
    ]
}

/// Decodes Base64 in which lines may be broken.
pub(in super::super) fn decode(encoded: &str) -> Result<Vec<u8>, DecodeError> {
    if encoded.contains(['\r', '\n']) {
        ENGINE.decode(encoded.replace(['\r', '\n'], ""))
    } else {
        ENGINE.decode(encoded)
    }
}

fn base64decode(call: &Call<'_>) -> Result<Value, FunctionError> {
    let marks = call.arg(0)?.marks();
    let Some(encoded) = call.arg(0)?.as_str() else { return Ok(Value::unknown(Type::String).mark(marks)) };
    let decoded = decode(encoded).map_err(|_| {
        let shown = if marks.is_sensitive() { "(sensitive value)".to_owned() } else { quoted(encoded) };
        FunctionError::new(format!("failed to decode base64 data {shown}"))
    })?;
    let decoded = String::from_utf8(decoded)
        .map_err(|_| FunctionError::new("the result of decoding the provided string is not valid UTF-8"))?;
    Ok(text(decoded).mark(marks))
}

/// The bytes are those that Terraform's `base64gzip` gives: they end up in user data, whose change replaces machines.
fn base64gzip(call: &Call<'_>) -> Result<Value, FunctionError> {
    Ok(text(ENGINE.encode(gzip(call.str(0)?.as_bytes(), Ending::FlushAndClose))))
}
