//! `textencodebase64`, `textdecodebase64`: character sets by their IANA names.

use base64::{DecodeError, Engine};
use encoding_rs::Encoding;
use value::{Type, Value};

use super::super::FunctionError;
use super::super::table::{Call, Core, function};
use super::super::text::{quoted, text};
use super::base64::{ENGINE, decode};

pub(super) fn functions() -> Vec<Core> {
    vec![
        function("textdecodebase64", "Decodes Base64 of text in a character set.")
            .param("source", Type::String)
            .param("encoding", Type::String)
            .returns(Type::String, textdecodebase64),
        function("textencodebase64", "Encodes text in a character set, and the result in Base64.")
            .param("string", Type::String)
            .param("encoding", Type::String)
            .returns(Type::String, textencodebase64),
    ]
}

fn textencodebase64(call: &Call<'_>) -> Result<Value, FunctionError> {
    let charset = Charset::find(call.str(1)?)?;
    let bytes = charset.encode(call.str(0)?).ok_or_else(|| {
        let message =
            format!("the given string contains characters that cannot be represented in {}", charset.name());
        FunctionError::argument(0, message)
    })?;
    Ok(text(ENGINE.encode(bytes)))
}

fn textdecodebase64(call: &Call<'_>) -> Result<Value, FunctionError> {
    let charset = Charset::find(call.str(1)?)?;
    let bytes = decode(call.str(0)?).map_err(|e| {
        let offset = match e {
            DecodeError::InvalidByte(offset, _) | DecodeError::InvalidLastSymbol { offset, .. } => offset,
            _ => call.str(0).map_or(0, str::len),
        };
        FunctionError::argument(
            0,
            format!("the given value is has an invalid base64 symbol at offset {offset}"),
        )
    })?;
    let decoded =
        charset.decode(&bytes).filter(|decoded| !decoded.contains('\u{fffd}')).ok_or_else(|| {
            let message =
                format!("the given string contains symbols that are not defined for {}", charset.name());
            FunctionError::argument(0, message)
        })?;
    Ok(text(decoded))
}

/// A character set. Those of the web's standard are a library's; it lacks the ones below or takes their names for others.
#[derive(Clone, Copy)]
enum Charset {
    Ascii,
    Latin1,
    Utf16 { little_endian: bool, byte_order_mark: bool },
    Web(&'static Encoding),
}

impl Charset {
    fn find(name: &str) -> Result<Self, FunctionError> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "us-ascii" | "ascii" | "iso-ir-6" | "iso646-us" | "us" | "ibm367" | "cp367" | "csascii" => {
                Self::Ascii
            }
            "iso-8859-1" | "iso_8859-1" | "latin1" | "l1" | "iso-ir-100" | "ibm819" | "cp819"
            | "csisolatin1" => Self::Latin1,
            "utf-16le" | "csutf16le" => Self::Utf16 { little_endian: true, byte_order_mark: false },
            "utf-16be" | "csutf16be" => Self::Utf16 { little_endian: false, byte_order_mark: false },
            "utf-16" | "csutf16" => Self::Utf16 { little_endian: false, byte_order_mark: true },
            other => match Encoding::for_label_no_replacement(other.as_bytes()) {
                Some(encoding) if other.is_ascii() && !other.contains(char::is_whitespace) => {
                    Self::Web(encoding)
                }
                _ => {
                    let message = format!(
                        "{} is not a supported IANA encoding name or alias in this version",
                        quoted(name)
                    );
                    return Err(FunctionError::argument(1, message));
                }
            },
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ascii => "US-ASCII",
            Self::Latin1 => "ISO_8859-1:1987",
            Self::Utf16 { byte_order_mark: true, .. } => "UTF-16",
            Self::Utf16 { little_endian: true, .. } => "UTF-16LE",
            Self::Utf16 { little_endian: false, .. } => "UTF-16BE",
            Self::Web(encoding) => encoding.name(),
        }
    }

    /// `None` if a character is not in the set.
    fn encode(self, s: &str) -> Option<Vec<u8>> {
        match self {
            Self::Ascii => s.is_ascii().then(|| s.as_bytes().to_vec()),
            Self::Latin1 => s.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect(),
            Self::Utf16 { little_endian, byte_order_mark } => {
                let mark = byte_order_mark.then_some(0xfeff);
                let bytes = |unit: u16| if little_endian { unit.to_le_bytes() } else { unit.to_be_bytes() };
                Some(mark.into_iter().chain(s.encode_utf16()).flat_map(bytes).collect())
            }
            Self::Web(encoding) => {
                let (bytes, _, unmappable) = encoding.encode(s);
                (!unmappable).then(|| bytes.into_owned())
            }
        }
    }

    /// `None` if there are bytes that mean nothing in the set.
    fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Ascii => bytes.is_ascii().then(|| bytes.iter().copied().map(char::from).collect()),
            Self::Latin1 => Some(bytes.iter().copied().map(char::from).collect()),
            Self::Utf16 { little_endian, byte_order_mark } => {
                let (little_endian, bytes) = match bytes {
                    [0xff, 0xfe, rest @ ..] if byte_order_mark => (true, rest),
                    [0xfe, 0xff, rest @ ..] if byte_order_mark => (false, rest),
                    _ => (little_endian, bytes),
                };
                let (pairs, odd) = bytes.as_chunks::<2>();
                let unit = |pair: &[u8; 2]| {
                    if little_endian { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) }
                };
                let units: Vec<u16> = pairs.iter().map(unit).collect();
                String::from_utf16(&units).ok().filter(|_| odd.is_empty())
            }
            Self::Web(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(bytes)
                .map(std::borrow::Cow::into_owned),
        }
    }
}
