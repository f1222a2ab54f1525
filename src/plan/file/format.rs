//! The shape of `groma-plan.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub struct PlanFormat {
    pub groma_version: String,
    pub workspace: String,
    pub mode: String,
    pub changes: Vec<ChangeFormat>,
    pub drift: Vec<ChangeFormat>,
    pub outputs: BTreeMap<String, OutputFormat>,
    pub variables: BTreeMap<String, ValueFormat>,
    pub ephemeral_variables: Vec<String>,
    pub targets: Vec<String>,
    pub force_replace: Vec<String>,
    pub checks: Vec<CheckFormat>,
    pub relevant_attributes: Vec<(String, PathFormat)>,
    /// Seconds and nanoseconds since the Unix epoch.
    pub timestamp: (u64, u32),
    pub errored: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rollouts: Vec<RolloutFormat>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubtful: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub struct ChangeFormat {
    pub address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposed: Option<String>,
    pub provider: String,
    pub action: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    pub before: ValueFormat,
    pub after: ValueFormat,
    /// Base64.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub private: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_replace: Vec<PathFormat>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importing: Option<ImportingFormat>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated_config: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create_before_destroy: bool,
}

#[derive(Serialize, Deserialize)]
pub struct ImportingFormat {
    /// `None` when not known yet.
    pub id: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub struct OutputFormat {
    pub action: String,
    pub before: ValueFormat,
    pub after: ValueFormat,
    pub sensitive: bool,
}

/// A value with its own type in msgpack (base64), and the paths of sensitive parts.
#[derive(Serialize, Deserialize)]
pub struct ValueFormat {
    pub value: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<PathFormat>,
}

pub type PathFormat = Vec<StepFormat>;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepFormat {
    Attr(String),
    /// As [`ValueFormat::value`].
    Index(String),
}

#[derive(Serialize, Deserialize)]
pub struct RolloutFormat {
    pub provider: String,
    pub steps: Vec<RolloutStepFormat>,
}

#[derive(Serialize, Deserialize)]
pub struct RolloutStepFormat {
    pub text: String,
    pub addresses: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub struct CheckFormat {
    pub kind: String,
    pub config_address: String,
    pub status: String,
    pub objects: Vec<CheckObjectFormat>,
}

#[derive(Serialize, Deserialize)]
pub struct CheckObjectFormat {
    pub address: String,
    pub status: String,
    pub failure_messages: Vec<String>,
}
