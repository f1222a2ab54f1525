use std::collections::BTreeMap;

use addrs::{DeposedKey, InstanceKey, Mode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use value::{Path, PathStep, json};

use super::{format, indent};
use crate::check_results::{CheckKind, CheckResult, CheckStatus};
use crate::object::{ObjectState, ObjectStatus};
use crate::state::{ResourceState, State};

/// Writes a version 4 state file: two-space indent, keys in Terraform's order, a newline at the end.
pub fn write(state: &State) -> Result<String, json::JsonError> {
    let outputs = state
        .outputs
        .iter()
        .map(|(name, output)| {
            let ty = output.value.ty();
            let value = json::to_json(&output.value.unmark_deep(), &ty)?;
            let output = format::Output {
                value: raw(value)?,
                ty: json::type_to_json(&ty),
                sensitive: output.sensitive,
            };
            Ok((name.to_string(), output))
        })
        .collect::<Result<BTreeMap<_, _>, json::JsonError>>()?;
    let checks: Vec<_> = state.check_results.iter().map(write_check).collect();
    let file = File {
        version: 4,
        terraform_version: &state.terraform_version,
        serial: state.serial,
        lineage: &state.lineage,
        outputs,
        resources: Resources(state),
        check_results: (!checks.is_empty()).then_some(checks),
    };
    let mut text = indent::Indented::default();
    serde_json::to_writer(&mut text, &file).map_err(|e| json::JsonError(e.to_string()))?;
    let mut text = text.finish();
    text.push('\n');
    Ok(text)
}

/// [`format::File`] as it is written.
#[derive(Serialize)]
struct File<'a> {
    version: u64,
    terraform_version: &'a str,
    serial: u64,
    lineage: &'a str,
    outputs: BTreeMap<String, format::Output>,
    resources: Resources<'a>,
    check_results: Option<Vec<format::CheckResult>>,
}

/// The resources of a state, each put together when it is written: of a large state all at once would be several times as
/// much as the state itself.
struct Resources<'a>(&'a State);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        let stored = self.0.resources.iter().filter(|(address, _)| address.resource.mode != Mode::Ephemeral);
        // By the module's name as text, as Terraform has them.
        let mut sorted: Vec<_> =
            stored.map(|(address, r)| (address.module.to_string(), address, r)).collect();
        sorted.sort_by(|(a, b, _), (c, d, _)| (a, &b.resource).cmp(&(c, &d.resource)));
        for (_, address, resource) in sorted {
            let resource = write_resource(address, resource).map_err(S::Error::custom)?;
            sequence.serialize_element(&resource)?;
        }
        sequence.end()
    }
}

fn write_resource(
    address: &addrs::AbsResource,
    resource: &ResourceState,
) -> Result<format::Resource, json::JsonError> {
    let mut instances = Vec::new();
    for (key, instance) in &resource.instances {
        if let Some(object) = &instance.current {
            instances.push(object_instance(key, None, object)?);
        }
        for (deposed, object) in &instance.deposed {
            instances.push(object_instance(key, Some(deposed), object)?);
        }
    }
    Ok(format::Resource {
        module: address.module.to_string(),
        mode: if address.resource.mode == Mode::Data { "data" } else { "managed" }.into(),
        ty: address.resource.ty.to_string(),
        name: address.resource.name.to_string(),
        provider: resource.provider.to_string(),
        instances,
    })
}

pub(crate) fn object_instance(
    key: &InstanceKey,
    deposed: Option<&DeposedKey>,
    object: &ObjectState,
) -> Result<format::Instance, json::JsonError> {
    Ok(format::Instance {
        index_key: match key {
            InstanceKey::None => None,
            InstanceKey::Int(n) => Some(format::IndexKey::Int(*n)),
            InstanceKey::String(s) => Some(format::IndexKey::String(s.to_string())),
        },
        status: if object.status == ObjectStatus::Tainted { "tainted" } else { "" }.into(),
        deposed: deposed.map(|d| d.0.to_string()).unwrap_or_default(),
        schema_version: object.schema_version,
        attributes: Some(raw(object.attributes.to_string())?),
        attributes_flat: None,
        sensitive_attributes: object.sensitive.iter().map(write_path).collect::<Result<_, _>>()?,
        private: STANDARD.encode(&object.private),
        dependencies: object.dependencies.iter().map(ToString::to_string).collect(),
        create_before_destroy: object.create_before_destroy,
    })
}

/// One instance as compact JSON, as the journal holds it.
pub(crate) fn instance_text(object: &ObjectState) -> Result<String, json::JsonError> {
    let instance = object_instance(&InstanceKey::None, None, object)?;
    serde_json::to_string(&instance).map_err(|e| json::JsonError(e.to_string()))
}

fn raw(text: String) -> Result<Box<RawValue>, json::JsonError> {
    RawValue::from_string(text).map_err(|e| json::JsonError(e.to_string()))
}

fn write_path(path: &Path) -> Result<Vec<format::PathStep>, json::JsonError> {
    path.0.iter().map(write_step).collect()
}

fn write_step(step: &PathStep) -> Result<format::PathStep, json::JsonError> {
    Ok(match step {
        PathStep::Attr(name) => format::PathStep { ty: "get_attr".into(), value: name.as_str().into() },
        PathStep::Index(key) => {
            let ty = key.ty();
            let text = json::to_json(key, &ty)?;
            let value: serde_json::Value =
                serde_json::from_str(&text).map_err(|e| json::JsonError(e.to_string()))?;
            format::PathStep {
                ty: "index".into(),
                value: serde_json::json!({ "value": value, "type": json::type_to_json(&ty) }),
            }
        }
    })
}

fn write_check(result: &CheckResult) -> format::CheckResult {
    let objects = result.objects.iter().map(|object| format::CheckObject {
        object_addr: object.address.clone(),
        status: write_status(object.status).into(),
        failure_messages: object.failure_messages.clone(),
    });
    format::CheckResult {
        object_kind: match result.kind {
            CheckKind::Resource => "resource",
            CheckKind::Output => "output",
            CheckKind::Check => "check",
            CheckKind::Variable => "var",
        }
        .into(),
        config_addr: result.config_address.clone(),
        status: write_status(result.status).into(),
        objects: (!result.objects.is_empty()).then(|| objects.collect()),
    }
}

fn write_status(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Pass => "pass",
        CheckStatus::Fail => "fail",
        CheckStatus::Error => "error",
        CheckStatus::Unknown => "unknown",
    }
}
