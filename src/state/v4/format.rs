//! The shape of the file, field by field in the order Terraform writes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Deserialize)]
pub struct File {
    #[serde(default)]
    pub terraform_version: String,
    #[serde(default)]
    pub serial: u64,
    #[serde(default)]
    pub lineage: String,
    #[serde(default)]
    pub outputs: BTreeMap<String, Output>,
    #[serde(default)]
    pub resources: Vec<Resource>,
    #[serde(default)]
    pub check_results: Option<Vec<CheckResult>>,
}

#[derive(Serialize, Deserialize)]
pub struct Output {
    pub value: Box<RawValue>,
    #[serde(rename = "type")]
    pub ty: serde_json::Value,
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
}

#[derive(Serialize, Deserialize)]
pub struct Resource {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub module: String,
    pub mode: String,
    #[serde(rename = "type")]
    pub ty: String,
    pub name: String,
    pub provider: String,
    pub instances: Vec<Instance>,
}

#[derive(Serialize, Deserialize)]
pub struct Instance {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index_key: Option<IndexKey>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub deposed: String,
    #[serde(default)]
    pub schema_version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Box<RawValue>>,
    /// Of states first written before 0.12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes_flat: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub sensitive_attributes: Vec<Vec<PathStep>>,
    /// Base64.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub private: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub create_before_destroy: bool,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum IndexKey {
    Int(u64),
    String(String),
}

#[derive(Serialize, Deserialize)]
pub struct PathStep {
    #[serde(rename = "type")]
    pub ty: String,
    /// A string for `get_attr`; `{value, type}` for `index`.
    pub value: serde_json::Value,
}

#[derive(Serialize, Deserialize)]
pub struct CheckResult {
    pub object_kind: String,
    pub config_addr: String,
    pub status: String,
    #[serde(default)]
    pub objects: Option<Vec<CheckObject>>,
}

#[derive(Serialize, Deserialize)]
pub struct CheckObject {
    pub object_addr: String,
    pub status: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failure_messages: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
fn is_false(b: &bool) -> bool {
    !b
}
