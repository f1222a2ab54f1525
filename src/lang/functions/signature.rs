//! Signatures of the core functions, as `metadata functions -json` prints them.

use std::collections::BTreeMap;

use serde::Serialize;
use value::Type;
use value::json::type_to_json;

use super::table::{Core, core_functions};
use super::{Function, Parameter};

/// The version of the form below.
const FORMAT_VERSION: &str = "1.0";

/// The whole document of `metadata functions -json`.
#[derive(Clone, Debug, Serialize)]
pub struct Signatures {
    pub format_version: &'static str,
    /// By name; each function twice, once as `core::NAME`.
    pub function_signatures: BTreeMap<String, Signature>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Signature {
    pub description: String,
    pub return_type: serde_json::Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<SignatureParameter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variadic_parameter: Option<SignatureParameter>,
}

#[derive(Clone, Debug, Serialize)]
pub struct SignatureParameter {
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_nullable: bool,
    #[serde(rename = "type")]
    pub ty: serde_json::Value,
}

/// Signatures of all core functions.
pub fn signatures() -> Signatures {
    let function_signatures = core_functions()
        .flat_map(|function| {
            let signature = Signature::of(function);
            [
                (function.name().to_owned(), signature.clone()),
                (format!("core::{}", function.name()), signature),
            ]
        })
        .collect();
    Signatures { format_version: FORMAT_VERSION, function_signatures }
}

impl Signature {
    fn of(function: &Core) -> Self {
        Self {
            description: function.description().to_owned(),
            return_type: type_to_json(&return_type(function)),
            parameters: function.parameters().iter().map(SignatureParameter::of).collect(),
            variadic_parameter: function.variadic().map(SignatureParameter::of),
        }
    }
}

/// Where the type of an argument may not be known and the function leaves that to the protocol, a call with such an
/// argument has no known type, and the signature says so.
fn return_type(function: &Core) -> Type {
    let mut parameters = function.parameters().iter().chain(function.variadic());
    if parameters.any(|parameter| parameter.ty == Type::Dynamic && !parameter.allow_dynamic) {
        return Type::Dynamic;
    }
    function.static_type().clone()
}

impl SignatureParameter {
    fn of(parameter: &Parameter) -> Self {
        Self {
            name: parameter.name.to_string(),
            description: parameter.description.to_string(),
            is_nullable: parameter.allow_null,
            ty: type_to_json(&parameter.ty),
        }
    }
}
