//! Reads objects as state files hold them: JSON attributes that may come from an older schema.

use std::collections::BTreeMap;

use diag::{Diagnostic, Diagnostics};
use serde_json::value::RawValue;
use value::{Str, Type, Value, json};

use crate::schema::{Attribute, Block, NestedBlock, Nesting, ProviderSchema};

/// The default of [`crate::Provider::upgrade_state`]: reads raw JSON attributes against the current schema.
///
/// Attributes that the schema no longer has are dropped, new ones are null, new blocks empty.
pub fn read_state(
    schema: &ProviderSchema,
    type_name: &str,
    version: u64,
    attributes: &str,
) -> Result<Value, Diagnostics> {
    let Some(schema) = schema.resource(type_name) else {
        return Err(Diagnostic::error(
            "Failed to decode resource from state",
            format!(
                "The provider has no resource type \"{type_name}\". The object was probably created by another \
                 version of the provider."
            ),
        )
        .into());
    };
    if version > schema.version {
        return Err(Diagnostic::error(
            "Resource instance managed by newer provider version",
            format!(
                "The current state of this {type_name} was created by a newer provider version than is currently \
                 selected (schema version {version}, the newest known is {}). Upgrade to a release that knows it.",
                schema.version
            ),
        )
        .into());
    }
    read_attributes(&schema.block, attributes).map_err(|error| {
        Diagnostic::error(
            "Failed to decode resource from state",
            format!("Error decoding a {type_name} from prior state: {error}."),
        )
        .into()
    })
}

/// Reads the JSON attributes of an object of a block's shape, leniently as [`read_state`] does.
pub fn read_attributes(block: &Block, attributes: &str) -> Result<Value, json::JsonError> {
    let raw: &RawValue = serde_json::from_str(attributes).map_err(|e| json::JsonError(e.to_string()))?;
    let fitted = fit_block(block, Some(raw));
    json::from_json(&fitted, &block.implied_type())
}

type Members<'a> = BTreeMap<Str, &'a RawValue>;

/// JSON text of the block's exact shape. What is not of the expected kind is passed on, for the reader to report.
fn fit_block(block: &Block, raw: Option<&RawValue>) -> String {
    let members = match raw {
        None => Members::new(),
        Some(raw) => match members(raw) {
            Some(members) => members,
            None => return raw.get().to_owned(),
        },
    };
    let mut fitted = fit_attributes(&block.attributes, &members);
    for (name, nested) in &block.blocks {
        fitted.push((name, fit_nested_block(nested, members.get(name).copied())));
    }
    object(fitted)
}

fn fit_attributes<'a>(
    attributes: &'a BTreeMap<Str, Attribute>,
    members: &Members<'_>,
) -> Vec<(&'a Str, String)> {
    let fit = |attribute: &Attribute, raw: Option<&&RawValue>| {
        raw.map_or("null".into(), |raw| fit(&attribute.ty, raw))
    };
    attributes.iter().map(|(name, attribute)| (name, fit(attribute, members.get(name)))).collect()
}

fn fit_nested_block(nested: &NestedBlock, raw: Option<&RawValue>) -> String {
    let present = raw.filter(|raw| raw.get() != "null");
    match (nested.nesting, present) {
        (Nesting::Single, None) => "null".into(),
        (Nesting::Group, None) => fit_block(&nested.block, None),
        (Nesting::Single | Nesting::Group, Some(raw)) => fit_block(&nested.block, Some(raw)),
        // With dynamic attributes inside, list and map are written together with their type; they are taken whole.
        (_, Some(raw)) if nested.implied_type() == Type::Dynamic => raw.get().to_owned(),
        (Nesting::List, None) if nested.implied_type() == Type::Dynamic => {
            r#"{"value":[],"type":["tuple",[]]}"#.into()
        }
        (Nesting::Map, None) if nested.implied_type() == Type::Dynamic => {
            r#"{"value":{},"type":["object",{}]}"#.into()
        }
        (Nesting::List | Nesting::Set, None) => "[]".into(),
        (Nesting::Map, None) => "{}".into(),
        (Nesting::List | Nesting::Set, Some(raw)) => match elements(raw) {
            Some(elements) => array(elements.into_iter().map(|raw| fit_block(&nested.block, Some(raw)))),
            None => raw.get().to_owned(),
        },
        (Nesting::Map, Some(raw)) => match members(raw) {
            Some(members) => object(members.iter().map(|(k, raw)| (k, fit_block(&nested.block, Some(raw))))),
            None => raw.get().to_owned(),
        },
    }
}

/// JSON text with exactly the attributes of the object types in `ty`.
fn fit(ty: &Type, raw: &RawValue) -> String {
    let fitted = match ty {
        Type::List(e) | Type::Set(e) if holds_object(e) => {
            elements(raw).map(|elements| array(elements.into_iter().map(|raw| fit(e, raw))))
        }
        Type::Map(e) if holds_object(e) => {
            members(raw).map(|members| object(members.iter().map(|(k, raw)| (k, fit(e, raw)))))
        }
        Type::Object(attributes) => members(raw).map(|members| {
            object(attributes.iter().map(|(name, ty)| {
                (name, members.get(name).map_or_else(|| "null".to_owned(), |raw| fit(ty, raw)))
            }))
        }),
        _ => None,
    };
    fitted.unwrap_or_else(|| raw.get().to_owned())
}

fn holds_object(ty: &Type) -> bool {
    match ty {
        Type::Object(_) => true,
        Type::List(e) | Type::Set(e) | Type::Map(e) => holds_object(e),
        _ => false,
    }
}

fn members(raw: &RawValue) -> Option<Members<'_>> {
    serde_json::from_str(raw.get()).ok()
}

fn elements(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

fn object<'a>(members: impl IntoIterator<Item = (&'a Str, String)>) -> String {
    let members: Vec<String> = members
        .into_iter()
        .map(|(name, value)| format!("{}:{value}", serde_json::Value::String(name.to_string())))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn array(elements: impl IntoIterator<Item = String>) -> String {
    let elements: Vec<String> = elements.into_iter().collect();
    format!("[{}]", elements.join(","))
}
