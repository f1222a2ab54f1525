use std::collections::BTreeMap;
use std::sync::Arc;

use addrs::{
    AbsProviderConfig, AbsResource, ConfigResource, DeposedKey, InstanceKey, Mode, ModuleInstance, Resource,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use value::{Path, PathStep, Value, json};

use super::{format, indent};
use crate::check_results::{CheckKind, CheckObject, CheckResult, CheckStatus};
use crate::object::{ObjectState, ObjectStatus};
use crate::state::{InstanceState, OutputState, ResourceState, State};

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("The file is empty.")]
    Empty,
    #[error("The file is not valid JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error(
        "The file has state format version {0}, of Terraform 0.11 or older. Run \"terraform apply -refresh-only\" \
         with Terraform 0.13 to 1.x first: it rewrites the file in version 4, which groma reads."
    )]
    TooOld(u64),
    #[error(
        "The file has state format version {0}, and this groma knows version 4 only. It was written by a newer \
         Terraform or groma: use that one, or a newer groma."
    )]
    TooNew(u64),
    #[error("There is no \"version\" in the file, so it is not a Terraform state.")]
    NoVersion,
    #[error("{place}: {reason}")]
    Invalid { place: String, reason: String },
}

#[derive(serde::Deserialize)]
struct VersionOnly {
    version: Option<u64>,
}

/// Reads a version 4 state file.
pub fn read(text: &str) -> Result<State, ReadError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    match serde_json::from_str::<VersionOnly>(text)?.version {
        Some(4) => {}
        None => return Err(ReadError::NoVersion),
        Some(version @ 0..4) => return Err(ReadError::TooOld(version)),
        Some(version) => return Err(ReadError::TooNew(version)),
    }
    let file: format::File = serde_json::from_str(text)?;
    let mut state = State {
        terraform_version: file.terraform_version,
        serial: file.serial,
        lineage: file.lineage,
        ..State::default()
    };
    for (name, output) in file.outputs {
        let output = read_output(&output).map_err(|reason| invalid(format!("outputs.{name}"), reason))?;
        state.outputs.insert(name.into(), output);
    }
    for (i, resource) in file.resources.into_iter().enumerate() {
        let place = format!("resources[{i}] ({}.{})", resource.ty, resource.name);
        add_resource(&mut state, resource).map_err(|reason| invalid(place, reason))?;
    }
    for (i, result) in file.check_results.into_iter().flatten().enumerate() {
        let result = read_check(result).map_err(|reason| invalid(format!("check_results[{i}]"), reason))?;
        state.check_results.push(result);
    }
    Ok(state)
}

fn invalid(place: String, reason: String) -> ReadError {
    ReadError::Invalid { place, reason }
}

fn read_output(output: &format::Output) -> Result<OutputState, String> {
    let ty = json::type_from_json(&output.ty).map_err(|e| e.to_string())?;
    let value = json::from_json(output.value.get(), &ty).map_err(|e| e.to_string())?;
    let value = if output.sensitive { value.mark(value::Marks::SENSITIVE) } else { value };
    Ok(OutputState { value, sensitive: output.sensitive })
}

fn add_resource(state: &mut State, resource: format::Resource) -> Result<(), String> {
    let module: ModuleInstance = resource.module.parse().map_err(|e: addrs::ParseError| e.to_string())?;
    let mode = match resource.mode.as_str() {
        "managed" => Mode::Managed,
        "data" => Mode::Data,
        other => return Err(format!("The mode {other:?} is neither \"managed\" nor \"data\".")),
    };
    let provider = read_provider(&resource.provider)?;
    let address = AbsResource {
        module,
        resource: Resource { mode, ty: resource.ty.into(), name: resource.name.into() },
    };
    let mut instances: BTreeMap<InstanceKey, InstanceState> = BTreeMap::new();
    for instance in resource.instances {
        let (key, deposed, object) = parse_instance(instance)?;
        let slot = instances.entry(key.clone()).or_default();
        let taken = match deposed {
            Some(deposed) => slot.deposed.insert(deposed, object).is_some(),
            None => slot.current.replace(object).is_some(),
        };
        if taken {
            return Err(format!("The instance {} is in the file twice.", address.instance(key)));
        }
    }
    if instances.is_empty() {
        return Ok(());
    }
    match state.resources.entry(address) {
        std::collections::btree_map::Entry::Vacant(entry) => {
            entry.insert(Arc::new(ResourceState { provider, instances }));
            Ok(())
        }
        std::collections::btree_map::Entry::Occupied(entry) => {
            Err(format!("The resource {} is in the file twice.", entry.key()))
        }
    }
}

/// Old states name the provider without its source: `provider.aws`.
fn read_provider(text: &str) -> Result<AbsProviderConfig, String> {
    if let Some(name) = text.strip_prefix("provider.") {
        let (name, alias) = name.split_once('.').map_or((name, None), |(n, a)| (n, Some(a)));
        return Ok(AbsProviderConfig {
            module: addrs::ModulePath::root(),
            provider: addrs::ProviderAddr::implied(name),
            alias: alias.map(Into::into),
        });
    }
    text.parse().map_err(|e: addrs::ParseError| e.to_string())
}

/// Reads an instance of a resource: its key, the deposed key if it has one, and the object.
pub(crate) fn parse_instance(
    instance: format::Instance,
) -> Result<(InstanceKey, Option<DeposedKey>, Arc<ObjectState>), String> {
    if instance.attributes.is_none() && instance.attributes_flat.is_some() {
        return Err(
            "The object is in the \"attributes_flat\" form of Terraform 0.11: refresh the state with Terraform first.".into(),
        );
    }
    let key = match instance.index_key {
        None => InstanceKey::None,
        Some(format::IndexKey::Int(n)) => InstanceKey::Int(n),
        Some(format::IndexKey::String(s)) => InstanceKey::String(s.into()),
    };
    let deposed = (!instance.deposed.is_empty()).then(|| DeposedKey(instance.deposed.into()));
    let status = match instance.status.as_str() {
        "" => ObjectStatus::Ready,
        "tainted" => ObjectStatus::Tainted,
        other => return Err(format!("The status {other:?} is not known.")),
    };
    let sensitive = instance.sensitive_attributes.into_iter().map(read_path).collect::<Result<_, _>>()?;
    let private = STANDARD.decode(&instance.private).map_err(|_| "\"private\" is not base64.".to_owned())?;
    let dependencies: Vec<ConfigResource> = instance
        .dependencies
        .iter()
        .map(|d| d.parse().map_err(|e: addrs::ParseError| e.to_string()))
        .collect::<Result<_, _>>()?;
    let attributes =
        instance.attributes.map_or_else(|| Arc::from("{}"), |raw| Arc::from(indent::compact(raw.get())));
    let object = ObjectState {
        status,
        schema_version: instance.schema_version,
        attributes,
        sensitive,
        private,
        dependencies: dependencies.into(),
        create_before_destroy: instance.create_before_destroy,
    };
    Ok((key, deposed, Arc::new(object)))
}

/// Reads one instance of the file's form from its own JSON text, as the journal holds it.
pub(crate) fn instance_object(json: &str) -> Result<Arc<ObjectState>, String> {
    let instance: format::Instance = serde_json::from_str(json).map_err(|e| e.to_string())?;
    parse_instance(instance).map(|(_, _, object)| object)
}

fn read_path(steps: Vec<format::PathStep>) -> Result<Path, String> {
    steps.into_iter().map(read_step).collect::<Result<_, _>>().map(Path)
}

fn read_step(step: format::PathStep) -> Result<PathStep, String> {
    match (step.ty.as_str(), &step.value) {
        ("get_attr", serde_json::Value::String(name)) => Ok(PathStep::Attr(name.as_str().into())),
        ("index", serde_json::Value::Object(index)) => {
            let ty = index.get("type").ok_or("An index step has no \"type\".")?;
            let ty = json::type_from_json(ty).map_err(|e| e.to_string())?;
            let key = index.get("value").ok_or("An index step has no \"value\".")?;
            let key: Value = json::from_json(&key.to_string(), &ty).map_err(|e| e.to_string())?;
            Ok(PathStep::Index(key))
        }
        (ty, _) => Err(format!("A path step of type {ty:?} is not known.")),
    }
}

fn read_check(result: format::CheckResult) -> Result<CheckResult, String> {
    let kind = match result.object_kind.as_str() {
        "resource" => CheckKind::Resource,
        "output" => CheckKind::Output,
        "check" => CheckKind::Check,
        "var" => CheckKind::Variable,
        other => return Err(format!("The object kind {other:?} is not known.")),
    };
    let objects = result.objects.into_iter().flatten().map(|object| {
        Ok(CheckObject {
            address: object.object_addr,
            status: read_status(&object.status)?,
            failure_messages: object.failure_messages,
        })
    });
    Ok(CheckResult {
        kind,
        config_address: result.config_addr,
        status: read_status(&result.status)?,
        objects: objects.collect::<Result<_, String>>()?,
    })
}

fn read_status(status: &str) -> Result<CheckStatus, String> {
    match status {
        "pass" => Ok(CheckStatus::Pass),
        "fail" => Ok(CheckStatus::Fail),
        "error" => Ok(CheckStatus::Error),
        "unknown" => Ok(CheckStatus::Unknown),
        other => Err(format!("The check status {other:?} is not known.")),
    }
}
