//! `urlencode`.

use std::fmt::Write;

use value::Type;

use super::super::table::{Core, function};
use super::super::text::text;

pub(super) fn functions() -> Vec<Core> {
    vec![
        function("urlencode", "Escapes a string for the query of a URL.")
            .param("str", Type::String)
            .returns(Type::String, |call| Ok(text(encode(call.str(0)?)))),
    ]
}

/// As a form is encoded: a space is `+`, all that is not unreserved (RFC 3986 section 2.3) is escaped byte by byte.
fn encode(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for byte in s.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}
