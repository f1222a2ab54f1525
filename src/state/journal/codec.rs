//! Records as lines of JSON.

use addrs::{AbsProviderConfig, AbsResourceInstance, ConfigResource, DeposedKey, ParseError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use value::json;

use super::{Record, Started};
use crate::v4;

/// One line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The first line: the state that the records build on.
    Journal {
        version: u64,
        lineage: String,
        serial: u64,
    },
    Started(StartedLine),
    Finished {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
        address: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deposed: Option<String>,
        provider: String,
        object: Option<Box<RawValue>>,
    },
    Deposed {
        address: String,
        provider: String,
        key: String,
    },
    Output {
        name: String,
        value: Option<Box<RawValue>>,
        ty: Option<serde_json::Value>,
        sensitive: bool,
    },
    /// The records before it are in a state file with this SHA-256, about to be put in place.
    Folding {
        digest: String,
    },
}

#[derive(Serialize, Deserialize)]
pub struct StartedLine {
    token: String,
    address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposed: Option<String>,
    provider: String,
    action: String,
    schema_version: u64,
    planned: String,
    config: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    private: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<String>,
    #[serde(default)]
    create_before_destroy: bool,
}

/// A record as a line with its newline.
pub fn encode(record: &Record) -> Result<Vec<u8>, String> {
    line(&match record {
        Record::Started(started) => Line::Started(encode_started(started)),
        Record::Finished { token, address, deposed, provider, object } => Line::Finished {
            token: token.clone(),
            address: address.to_string(),
            deposed: deposed.as_ref().map(ToString::to_string),
            provider: provider.to_string(),
            object: match object {
                Some(object) => Some(raw(v4::instance_text(object).map_err(|e| e.to_string())?)?),
                None => None,
            },
        },
        Record::Deposed { address, provider, key } => Line::Deposed {
            address: address.to_string(),
            provider: provider.to_string(),
            key: key.to_string(),
        },
        Record::Output { name, value, sensitive } => {
            let (value, ty) = match value {
                Some(value) => {
                    let ty = value.ty();
                    let text = json::to_json(&value.unmark_deep(), &ty).map_err(|e| e.to_string())?;
                    (Some(raw(text)?), Some(json::type_to_json(&ty)))
                }
                None => (None, None),
            };
            Line::Output { name: name.to_string(), value, ty, sensitive: *sensitive }
        }
    })
}

/// Any line with its newline.
pub fn line(line: &Line) -> Result<Vec<u8>, String> {
    let mut bytes = serde_json::to_vec(line).map_err(|e| e.to_string())?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The record of a line; `None` for the lines that are about the journal itself.
pub fn decode(line: Line) -> Result<Option<Record>, String> {
    Ok(Some(match line {
        Line::Journal { .. } | Line::Folding { .. } => return Ok(None),
        Line::Started(started) => Record::Started(decode_started(started)?),
        Line::Finished { token, address, deposed, provider, object } => Record::Finished {
            token,
            address: parse(&address)?,
            deposed: deposed.map(|key| DeposedKey(key.into())),
            provider: parse(&provider)?,
            object: object.map(|raw| v4::instance_object(raw.get())).transpose()?,
        },
        Line::Deposed { address, provider, key } => Record::Deposed {
            address: parse::<AbsResourceInstance>(&address)?,
            provider: parse::<AbsProviderConfig>(&provider)?,
            key: DeposedKey(key.into()),
        },
        Line::Output { name, value, ty, sensitive } => {
            let value = match (value, ty) {
                (Some(value), Some(ty)) => {
                    let ty = json::type_from_json(&ty).map_err(|e| e.to_string())?;
                    let value = json::from_json(value.get(), &ty).map_err(|e| e.to_string())?;
                    Some(if sensitive { value.mark(value::Marks::SENSITIVE) } else { value })
                }
                _ => None,
            };
            Record::Output { name: name.into(), value, sensitive }
        }
    }))
}

fn encode_started(started: &Started) -> StartedLine {
    StartedLine {
        token: started.token.clone(),
        address: started.address.to_string(),
        deposed: started.deposed.as_ref().map(ToString::to_string),
        provider: started.provider.to_string(),
        action: started.action.clone(),
        schema_version: started.schema_version,
        planned: STANDARD.encode(&started.planned),
        config: STANDARD.encode(&started.config),
        private: STANDARD.encode(&started.private),
        dependencies: started.dependencies.iter().map(ToString::to_string).collect(),
        create_before_destroy: started.create_before_destroy,
    }
}

fn decode_started(line: StartedLine) -> Result<Started, String> {
    let bytes = |text: &str| STANDARD.decode(text).map_err(|_| "A field is not base64.".to_owned());
    Ok(Started {
        address: parse(&line.address)?,
        deposed: line.deposed.map(|key| DeposedKey(key.into())),
        provider: parse(&line.provider)?,
        action: line.action,
        schema_version: line.schema_version,
        planned: bytes(&line.planned)?,
        config: bytes(&line.config)?,
        private: bytes(&line.private)?,
        dependencies: line
            .dependencies
            .iter()
            .map(|d| parse::<ConfigResource>(d))
            .collect::<Result<_, _>>()?,
        create_before_destroy: line.create_before_destroy,
        token: line.token,
    })
}

fn parse<T: std::str::FromStr<Err = ParseError>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|e: ParseError| e.to_string())
}

fn raw(text: String) -> Result<Box<RawValue>, String> {
    RawValue::from_string(text).map_err(|e| e.to_string())
}
