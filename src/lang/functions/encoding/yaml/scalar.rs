//! What a scalar of YAML means: by its tag, or by its form if it is plain (YAML 1.1 as Go's library reads it).

use std::borrow::Cow;

use value::{Number, Type, Value};

use super::super::super::FunctionError;
use super::super::super::datetime::parse_loose as timestamp;
use super::super::super::text::{quoted, text};
use super::super::base64::decode;

/// The prefix of the core tags (`!!str`).
pub(super) const CORE: &str = "tag:yaml.org,2002:";

/// A scalar without quotes and without a tag.
pub(super) fn plain(source: &str) -> Result<Value, FunctionError> {
    if let Some(value) = word(source) {
        return Ok(value);
    }
    match source.bytes().next() {
        Some(b'.') if matches!(source, ".nan" | ".NaN" | ".NAN") => Err(not_a_number()),
        Some(b'.' | b'+' | b'-' | b'0'..=b'9') => Ok(timestamp(source)
            .map(text)
            .or_else(|| number(source).map(Value::number))
            .unwrap_or_else(|| text(source))),
        _ => Ok(text(source)),
    }
}

/// A scalar with a tag of the core, given without its prefix.
pub(super) fn tagged(tag: &str, source: &str) -> Result<Value, FunctionError> {
    let cannot = || FunctionError::new(format!("cannot parse {} as {CORE}{tag}", quoted(source)));
    match tag {
        "str" => Ok(text(source)),
        "binary" => match decode(source) {
            Ok(_) => Ok(text(source)),
            Err(_) => Err(FunctionError::new(format!("{}: not valid base64", cannot().message))),
        },
        "null" => Ok(Value::null(Type::Dynamic)),
        "bool" => word(source).filter(|value| value.as_bool().is_some()).ok_or_else(cannot),
        "int" | "float" => number(source).map(Value::number).ok_or_else(cannot),
        "timestamp" => timestamp(source).map(text).ok_or_else(cannot),
        other => Err(FunctionError::new(format!("unsupported tag {}", quoted(&format!("{CORE}{other}"))))),
    }
}

/// Whether a plain scalar, or one in block style, stands for null.
pub(super) fn is_null(source: &str) -> bool {
    word(source).is_some_and(|value| value.is_null())
}

fn not_a_number() -> FunctionError {
    FunctionError::new("floating point NaN is not supported")
}

/// Words that are not strings.
fn word(source: &str) -> Option<Value> {
    Some(match source {
        "" | "~" | "null" | "Null" | "NULL" => Value::null(Type::Dynamic),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Value::bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Value::bool(false)
        }
        _ => return None,
    })
}

fn number(source: &str) -> Option<Number> {
    let (negative, digits) = match source.as_bytes().first()? {
        b'-' => (true, &source[1..]),
        b'+' => (false, &source[1..]),
        _ => (false, source),
    };
    let radix = |prefixes: [&str; 2], radix| {
        let digits = prefixes.iter().find_map(|prefix| digits.strip_prefix(prefix))?;
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_alphanumeric());
        Number::parse_radix(digits, radix).ok().filter(|_| plain && !negative)
    };
    radix(["0x", "0X"], 16).or_else(|| radix(["0o", "0O"], 8)).or_else(|| decimal(source))
}

/// Digits with at most one point and an exponent.
fn decimal(source: &str) -> Option<Number> {
    let unsigned = source.strip_prefix(['-', '+']).unwrap_or(source);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let exponent_ok = exponent.is_none_or(|e| !e.is_empty() && digits(e));
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) || !exponent_ok {
        return None;
    }
    let source = match source.strip_prefix('+') {
        Some(rest) => Cow::Borrowed(rest),
        None => Cow::Borrowed(source),
    };
    Number::parse(&source).ok()
}
