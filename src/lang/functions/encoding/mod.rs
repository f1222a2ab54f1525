//! Encodings: Base64, JSON, YAML, CSV, URLs, character sets.

pub(super) mod base64;
mod charset;
mod csv;
mod json;
mod url;
mod yaml;

use super::table::Core;

pub(super) fn functions() -> Vec<Core> {
    [
        base64::functions(),
        charset::functions(),
        csv::functions(),
        json::functions(),
        url::functions(),
        yaml::functions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
