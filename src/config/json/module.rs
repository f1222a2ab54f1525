use std::collections::BTreeMap;

use addrs::Mode;
use syntax::Traversal;

use super::expressions::{ExpressionJson, ExpressionsJson, plain};
use super::providers::{key, shown_key};
use super::{ModuleCallJson, ModuleJson, OutputJson, ProviderConfigJson, ResourceJson, VariableJson};
use crate::validate::Schemas;
use crate::{Module, ModuleCall, Output, ResourceConfig, Variable};

type Providers = BTreeMap<String, ProviderConfigJson>;

pub(super) fn module(module: &Module, providers: &Providers, schemas: &Schemas<'_>) -> ModuleJson {
    let of_mode = |mode: Mode| module.resources.values().filter(move |r| r.resource.mode == mode);
    let resources = of_mode(Mode::Managed).chain(of_mode(Mode::Data)).chain(of_mode(Mode::Ephemeral));
    ModuleJson {
        outputs: module.outputs.iter().map(|(name, o)| (name.to_string(), output(o))).collect(),
        resources: resources.map(|r| resource(r, module, providers, schemas)).collect(),
        module_calls: module
            .module_calls
            .iter()
            .filter_map(|(name, c)| Some((name.to_string(), call(c, module, providers, schemas)?)))
            .collect(),
        variables: module.variables.iter().map(|(name, v)| (name.to_string(), variable(v))).collect(),
    }
}

fn output(output: &Output) -> OutputJson {
    OutputJson {
        sensitive: output.sensitive,
        expression: ExpressionJson::new(&output.value),
        depends_on: depends_on(&output.depends_on),
        description: output.description.clone().unwrap_or_default(),
    }
}

fn resource(
    resource: &ResourceConfig,
    module: &Module,
    providers: &Providers,
    schemas: &Schemas<'_>,
) -> ResourceJson {
    let address = &resource.resource;
    let schema = schemas(&module.provider_source(&resource.provider.key.name));
    let schema = schema.as_ref().and_then(|schema| match address.mode {
        Mode::Managed => schema.resources.get(&address.ty),
        Mode::Data => schema.data_sources.get(&address.ty),
        Mode::Ephemeral => schema.ephemerals.get(&address.ty),
    });
    ResourceJson {
        address: address.to_string(),
        mode: match address.mode {
            Mode::Managed => "managed",
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        },
        ty: address.ty.to_string(),
        name: address.name.to_string(),
        provider_config_key: shown_key(&key(&module.path, &resource.provider.key), providers),
        expressions: schema.map(|s| ExpressionsJson::new(&resource.body, &s.block)).unwrap_or_default(),
        schema_version: schema.map_or(0, |schema| schema.version),
        count_expression: ExpressionJson::of(resource.count.as_ref()),
        for_each_expression: ExpressionJson::of(resource.for_each.as_ref()),
        depends_on: depends_on(&resource.depends_on),
    }
}

/// `None` for a module that could not be loaded.
fn call(
    call: &ModuleCall,
    parent: &Module,
    providers: &Providers,
    schemas: &Schemas<'_>,
) -> Option<ModuleCallJson> {
    let child = parent.children.get(&call.name)?;
    let (arguments, _) = call.body.just_attributes();
    let arguments = arguments.iter().filter(|a| child.variables.contains_key(&a.name.name));
    Some(ModuleCallJson {
        source: call.source.clone(),
        expressions: arguments.map(|a| (a.name.name.to_string(), ExpressionJson::new(&a.expr))).collect(),
        count_expression: ExpressionJson::of(call.count.as_ref()),
        for_each_expression: ExpressionJson::of(call.for_each.as_ref()),
        module: module(child, providers, schemas),
        version_constraint: call.version.clone().unwrap_or_default(),
        depends_on: depends_on(&call.depends_on),
    })
}

fn variable(variable: &Variable) -> VariableJson {
    VariableJson {
        default: variable.default.as_ref().and_then(plain),
        description: variable.description.clone().unwrap_or_default(),
        sensitive: variable.sensitive,
    }
}

fn depends_on(references: &[Traversal]) -> Vec<String> {
    references.iter().map(ToString::to_string).collect()
}
