use std::collections::BTreeMap;

use addrs::{AbsResourceInstance, InstanceKey, Mode, ModuleInstance, ProviderAddr};
use provider::Schema;
use serde::Serialize;
use serde_json::value::RawValue;
use state::{ObjectState, ObjectStatus, State};
use value::{Value, json};

use super::change::plain;
use super::checks::{CheckJson, checks_json};
use super::masks::{omit_unknowns, sensitive_mask};
use super::{JsonError, Schemas, with_schema};

/// `show -json` of a state (format 1.0), as one line with a newline.
pub fn state_json(state: &State, schemas: &dyn Schemas, version: &str) -> Result<String, JsonError> {
    Ok(serde_json::to_string(&StateJson::new(state, schemas, version)?)? + "\n")
}

#[derive(Serialize)]
pub(super) struct StateJson {
    format_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    terraform_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<ValuesJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<CheckJson>,
}

/// `values` of a state, `planned_values` of a plan.
#[derive(Serialize)]
pub(super) struct ValuesJson {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, OutputJson>,
    pub root_module: ModuleJson,
}

#[derive(Serialize)]
pub(super) struct OutputJson {
    pub sensitive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<RawValue>>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub ty: Option<serde_json::Value>,
}

#[derive(Default, Serialize)]
pub(super) struct ModuleJson {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<ResourceJson>,
    #[serde(skip_serializing_if = "String::is_empty")]
    address: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    child_modules: Vec<ModuleJson>,
}

#[derive(Serialize)]
pub(super) struct ResourceJson {
    address: String,
    mode: &'static str,
    #[serde(rename = "type")]
    ty: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<serde_json::Value>,
    provider_name: String,
    schema_version: u64,
    values: Box<RawValue>,
    sensitive_values: Box<RawValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tainted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposed_key: Option<String>,
}

impl StateJson {
    /// A state that a plan begins with: what its conditions came to is the plan's to say.
    pub(super) fn without_checks(
        state: &State,
        schemas: &dyn Schemas,
        version: &str,
    ) -> Result<Self, JsonError> {
        Ok(Self { checks: Vec::new(), ..Self::new(state, schemas, version)? })
    }

    pub(super) fn new(state: &State, schemas: &dyn Schemas, version: &str) -> Result<Self, JsonError> {
        if state.is_empty() {
            return Ok(Self {
                format_version: "1.0",
                terraform_version: None,
                values: None,
                checks: Vec::new(),
            });
        }
        let mut outputs = BTreeMap::new();
        for (name, output) in &state.outputs {
            outputs.insert(name.to_string(), output_json(name, &output.value, output.sensitive)?);
        }
        let mut tree = ModuleTree::default();
        for (address, resource, instance) in state.instances() {
            let provider = &resource.provider.provider;
            if let Some(object) = &instance.current {
                tree.add(&address, object_json(&address, provider, object, schemas)?);
            }
            for (key, object) in &instance.deposed {
                let mut json = object_json(&address, provider, object, schemas)?;
                json.deposed_key = Some(key.to_string());
                tree.add(&address, json);
            }
        }
        Ok(Self {
            format_version: "1.0",
            terraform_version: Some(version.to_owned()),
            values: Some(ValuesJson { outputs, root_module: tree.finish(&ModuleInstance::root()) }),
            checks: checks_json(&state.check_results),
        })
    }
}

pub(super) fn output_json(name: &str, value: &Value, sensitive: bool) -> Result<OutputJson, JsonError> {
    let fail = |reason: String| JsonError::Value { address: format!("output.{name}"), reason };
    if !value.is_wholly_known() {
        return Ok(OutputJson { sensitive, value: None, ty: None });
    }
    Ok(OutputJson {
        sensitive,
        value: Some(plain(value).map_err(fail)?),
        ty: Some(json::type_to_json(&value.ty())),
    })
}

fn object_json(
    address: &AbsResourceInstance,
    provider: &ProviderAddr,
    object: &ObjectState,
    schemas: &dyn Schemas,
) -> Result<ResourceJson, JsonError> {
    let resource = &address.resource;
    let decoded =
        with_schema(schemas, provider, resource.mode, &resource.ty, |schema| decode(schema, object))?;
    let (value, schema_version) =
        decoded.map_err(|reason| JsonError::Value { address: address.to_string(), reason })?;
    let mut json = resource_json(address, provider, &value, schema_version)?;
    json.depends_on = object.dependencies.iter().map(ToString::to_string).collect();
    json.tainted = object.status == ObjectStatus::Tainted;
    Ok(json)
}

fn decode(schema: &Schema, object: &ObjectState) -> Result<(Value, u64), String> {
    let value =
        json::from_json(&object.attributes, &schema.block.implied_type()).map_err(|e| e.to_string())?;
    let value = object.mark_sensitive(&value);
    Ok((provider::mark_sensitive(&schema.block, &value), object.schema_version))
}

pub(super) fn resource_json(
    address: &AbsResourceInstance,
    provider: &ProviderAddr,
    value: &Value,
    schema_version: u64,
) -> Result<ResourceJson, JsonError> {
    let fail = |reason: String| JsonError::Value { address: address.to_string(), reason };
    let known = omit_unknowns(value).unwrap_or_else(|| Value::object(value::Entries::new()));
    Ok(ResourceJson {
        address: address.to_string(),
        mode: mode(address.resource.mode),
        ty: address.resource.ty.to_string(),
        name: address.resource.name.to_string(),
        index: index(&address.key),
        provider_name: provider.to_string(),
        schema_version,
        values: plain(&known).map_err(fail)?,
        sensitive_values: plain(&sensitive_mask(value)).map_err(fail)?,
        depends_on: Vec::new(),
        tainted: false,
        deposed_key: None,
    })
}

pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Data => "data",
        Mode::Ephemeral => "ephemeral",
        Mode::Managed => "managed",
    }
}

pub(super) fn index(key: &InstanceKey) -> Option<serde_json::Value> {
    match key {
        InstanceKey::None => None,
        InstanceKey::Int(n) => Some((*n).into()),
        InstanceKey::String(s) => Some(s.as_str().into()),
    }
}

/// Resources by module instance, put together into the nested form at the end.
#[derive(Default)]
pub(super) struct ModuleTree {
    resources: BTreeMap<ModuleInstance, Vec<ResourceJson>>,
    children: BTreeMap<ModuleInstance, std::collections::BTreeSet<ModuleInstance>>,
}

impl ModuleTree {
    pub(super) fn add(&mut self, address: &AbsResourceInstance, resource: ResourceJson) {
        self.resources.entry(address.module.clone()).or_default().push(resource);
        let mut module = address.module.clone();
        while let Some((parent, _)) = module.parent() {
            if !self.children.entry(parent.clone()).or_default().insert(module) {
                break;
            }
            module = parent;
        }
    }

    pub(super) fn finish(mut self, module: &ModuleInstance) -> ModuleJson {
        self.take(module)
    }

    fn take(&mut self, module: &ModuleInstance) -> ModuleJson {
        let mut children: Vec<_> = self.children.remove(module).unwrap_or_default().into_iter().collect();
        children.sort_by_cached_key(ToString::to_string);
        let mut resources = self.resources.remove(module).unwrap_or_default();
        // Data resources sort by their address as text, after `d` and before what follows it.
        resources.sort_by_cached_key(|r| (r.mode == "managed", sort_key(r)));
        ModuleJson {
            resources,
            address: module.to_string(),
            child_modules: children.iter().map(|child| self.take(child)).collect(),
        }
    }
}

fn sort_key(resource: &ResourceJson) -> (String, String, Option<u64>, String) {
    let index = resource.index.as_ref();
    (
        resource.ty.clone(),
        resource.name.clone(),
        index.and_then(serde_json::Value::as_u64),
        index.and_then(serde_json::Value::as_str).unwrap_or_default().to_owned(),
    )
}
