//! The `configuration` part of the plan JSON, in Terraform's shape and order of keys.

mod expressions;
mod module;
mod providers;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::Config;
use crate::validate::Schemas;

pub use expressions::{ExpressionJson, ExpressionsJson};

/// The configuration as `show -json` shows it.
#[derive(Debug, Serialize)]
pub struct ConfigJson {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub provider_config: BTreeMap<String, ProviderConfigJson>,
    pub root_module: ModuleJson,
}

/// A provider configuration, under its local name and the module it belongs to.
#[derive(Debug, Serialize)]
pub struct ProviderConfigJson {
    pub name: String,
    pub full_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version_constraint: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub module_address: String,
    #[serde(skip_serializing_if = "ExpressionsJson::is_empty")]
    pub expressions: ExpressionsJson,
    /// Where a child module inherits it from: then it is not shown itself.
    #[serde(skip)]
    parent: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct ModuleJson {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, OutputJson>,
    /// Managed ones first, then data, then ephemeral ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceJson>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub module_calls: BTreeMap<String, ModuleCallJson>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, VariableJson>,
}

#[derive(Debug, Serialize)]
pub struct OutputJson {
    #[serde(skip_serializing_if = "is_false")]
    pub sensitive: bool,
    pub expression: ExpressionJson,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
}

#[derive(Debug, Serialize)]
pub struct ResourceJson {
    pub address: String,
    pub mode: &'static str,
    #[serde(rename = "type")]
    pub ty: String,
    pub name: String,
    pub provider_config_key: String,
    #[serde(skip_serializing_if = "ExpressionsJson::is_empty")]
    pub expressions: ExpressionsJson,
    pub schema_version: u64,
    #[serde(skip_serializing_if = "ExpressionJson::is_empty")]
    pub count_expression: ExpressionJson,
    #[serde(skip_serializing_if = "ExpressionJson::is_empty")]
    pub for_each_expression: ExpressionJson,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct ModuleCallJson {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub expressions: BTreeMap<String, ExpressionJson>,
    #[serde(skip_serializing_if = "ExpressionJson::is_empty")]
    pub count_expression: ExpressionJson,
    #[serde(skip_serializing_if = "ExpressionJson::is_empty")]
    pub for_each_expression: ExpressionJson,
    pub module: ModuleJson,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version_constraint: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct VariableJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(skip_serializing_if = "is_false")]
    pub sensitive: bool,
}

/// Shows a configuration; blocks of providers without a schema have no expressions.
pub fn config_json(config: &Config, schemas: &Schemas<'_>) -> ConfigJson {
    let mut provider_config = providers::configurations(config, schemas);
    let root_module = module::module(&config.root, &provider_config, schemas);
    provider_config.retain(|_, provider| provider.parent.is_none());
    ConfigJson { provider_config, root_module }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_false(b: &bool) -> bool {
    !b
}
