use std::collections::BTreeMap;

use addrs::Mode;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::change::{ChangeJson, change_json, output_change_json, path_json, plain};
use super::checks::{CheckJson, checks_json};
use super::state::{ModuleTree, StateJson, ValuesJson, index, mode, output_json, resource_json};
use super::{JsonError, Schemas, with_schema};
use crate::action::Action;
use crate::{Plan, ResourceChange, Rollout};

/// `show -json PLAN` (format 1.2), as one line with a newline. `configuration` is the JSON of that part.
pub fn plan_json(
    plan: &Plan,
    configuration: &str,
    schemas: &dyn Schemas,
    version: &str,
) -> Result<String, JsonError> {
    let variables = plan
        .variables
        .iter()
        .map(|(name, value)| {
            let value =
                plain(value).map_err(|reason| JsonError::Value { address: format!("var.{name}"), reason })?;
            Ok((name.to_string(), VariableJson { value }))
        })
        .collect::<Result<_, JsonError>>()?;
    let relevant = plan.relevant_attributes.iter().map(|relevant| {
        let fail = |reason| JsonError::Value { address: relevant.resource.to_string(), reason };
        Ok(RelevantJson {
            resource: relevant.resource.to_string(),
            attribute: path_json(&relevant.attribute).map_err(fail)?,
        })
    });
    let outputs = plan
        .outputs
        .iter()
        .map(|(name, change)| Ok((name.to_string(), output_change_json(change)?)))
        .collect::<Result<_, JsonError>>()?;
    let json = PlanJson {
        format_version: "1.2",
        terraform_version: version,
        variables,
        planned_values: planned_values(plan, schemas)?,
        resource_drift: plan.drift.iter().map(resource_change).collect::<Result<_, _>>()?,
        resource_changes: plan.changes.iter().map(resource_change).collect::<Result<_, _>>()?,
        output_changes: outputs,
        prior_state: (!plan.prior_state.is_empty())
            .then(|| StateJson::without_checks(&plan.prior_state, schemas, version))
            .transpose()?,
        configuration: RawValue::from_string(configuration.to_owned())?,
        relevant_attributes: relevant.collect::<Result<_, JsonError>>()?,
        checks: checks_json(&plan.checks),
        rollouts: plan.rollouts.iter().map(rollout).collect(),
        timestamp: timestamp(plan.timestamp),
        applyable: plan.is_applyable(),
        complete: plan.targets.is_empty() && !plan.errored,
        errored: plan.errored,
    };
    Ok(serde_json::to_string(&json)? + "\n")
}

#[derive(Serialize)]
struct PlanJson<'a> {
    format_version: &'static str,
    terraform_version: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variables: BTreeMap<String, VariableJson>,
    planned_values: ValuesJson,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_drift: Vec<ResourceChangeJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_changes: Vec<ResourceChangeJson>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    output_changes: BTreeMap<String, ChangeJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prior_state: Option<StateJson>,
    configuration: Box<RawValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relevant_attributes: Vec<RelevantJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<CheckJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rollouts: Vec<RolloutJson<'a>>,
    timestamp: String,
    applyable: bool,
    complete: bool,
    errored: bool,
}

#[derive(Serialize)]
struct VariableJson {
    value: Box<RawValue>,
}

#[derive(Serialize)]
struct RelevantJson {
    resource: String,
    attribute: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
struct ResourceChangeJson {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module_address: Option<String>,
    mode: &'static str,
    #[serde(rename = "type")]
    ty: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<serde_json::Value>,
    provider_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposed: Option<String>,
    change: ChangeJson,
    #[serde(skip_serializing_if = "str::is_empty")]
    action_reason: &'static str,
}

/// Not in Terraform's JSON: what a provider says of the course of its changes.
#[derive(Serialize)]
struct RolloutJson<'a> {
    provider_name: String,
    steps: Vec<RolloutStepJson<'a>>,
}

#[derive(Serialize)]
struct RolloutStepJson<'a> {
    text: &'a str,
    resources: Vec<String>,
}

fn rollout(rollout: &Rollout) -> RolloutJson<'_> {
    let steps = rollout.steps.iter().map(|step| RolloutStepJson {
        text: &step.text,
        resources: step.addresses.iter().map(ToString::to_string).collect(),
    });
    RolloutJson { provider_name: rollout.provider.provider.to_string(), steps: steps.collect() }
}

fn resource_change(change: &ResourceChange) -> Result<ResourceChangeJson, JsonError> {
    let address = &change.address;
    Ok(ResourceChangeJson {
        address: address.to_string(),
        previous_address: change.previous_address.as_ref().map(ToString::to_string),
        module_address: (!address.module.is_root()).then(|| address.module.to_string()),
        mode: mode(address.resource.mode),
        ty: address.resource.ty.to_string(),
        name: address.resource.name.to_string(),
        index: index(&address.key),
        provider_name: change.provider.provider.to_string(),
        deposed: change.deposed.as_ref().map(ToString::to_string),
        change: change_json(change)?,
        action_reason: change.reason.as_str(),
    })
}

/// What the state would be after the plan, without what is unknown.
fn planned_values(plan: &Plan, schemas: &dyn Schemas) -> Result<ValuesJson, JsonError> {
    let mut outputs = BTreeMap::new();
    for (name, change) in plan.outputs.iter().filter(|(_, change)| change.action != Action::Delete) {
        outputs.insert(name.to_string(), output_json(name, &change.after, change.sensitive)?);
    }
    let mut tree = ModuleTree::default();
    for change in &plan.changes {
        let gone = matches!(change.action, Action::Delete | Action::Forget) || change.deposed.is_some();
        if gone || change.after.is_null() {
            continue;
        }
        let resource = &change.address.resource;
        if resource.mode == Mode::Data && change.action == Action::NoOp {
            continue;
        }
        let provider = &change.provider.provider;
        let version = with_schema(schemas, provider, resource.mode, &resource.ty, |schema| schema.version)?;
        tree.add(&change.address, resource_json(&change.address, provider, &change.after, version)?);
    }
    let root_module = tree.finish(&addrs::ModuleInstance::root());
    Ok(ValuesJson { outputs, root_module })
}

/// RFC 3339 in UTC, to the second.
fn timestamp(time: std::time::SystemTime) -> String {
    let timestamp = Timestamp::try_from(time).unwrap_or_default();
    timestamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
