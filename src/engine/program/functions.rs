use std::collections::BTreeMap;
use std::sync::Arc;

use config::Module;
use lang::functions::Parameter;
use lang::{CallContext, Function, FunctionError};
use provider::{FunctionSignature, Provider};
use value::{Str, Type, Value};

use crate::Operation;

/// A provider's function as expressions call it.
struct ProviderFunction {
    provider: Arc<dyn Provider>,
    signature: FunctionSignature,
    parameters: Vec<Parameter>,
    variadic: Option<Parameter>,
}

/// The functions of every provider that a module has a name for, as `provider::NAME::function`.
pub(super) fn provider_functions(operation: &Operation, module: &Module) -> BTreeMap<Str, Arc<dyn Function>> {
    let mut functions: BTreeMap<Str, Arc<dyn Function>> = BTreeMap::new();
    let names = module.required_providers.values().map(|required| (&required.name, required.source.clone()));
    let builtin = addrs::Name::from("terraform");
    let builtin = (!module.required_providers.contains_key(&builtin))
        .then(|| (&builtin, addrs::ProviderAddr::builtin_terraform()));
    for (name, source) in names.chain(builtin) {
        let Some(provider) = operation.providers.get(&source) else { continue };
        for (function, signature) in &provider.schema().functions {
            functions.insert(
                Str::from(format!("provider::{name}::{function}")),
                Arc::new(ProviderFunction::new(Arc::clone(provider), signature.clone())),
            );
        }
    }
    functions
}

impl ProviderFunction {
    fn new(provider: Arc<dyn Provider>, signature: FunctionSignature) -> Self {
        Self {
            parameters: signature.parameters.iter().map(parameter).collect(),
            variadic: signature.variadic.as_ref().map(parameter),
            provider,
            signature,
        }
    }
}

fn parameter(parameter: &provider::Parameter) -> Parameter {
    Parameter {
        name: parameter.name.clone(),
        ty: parameter.ty.clone(),
        allow_null: parameter.allow_null,
        allow_unknown: parameter.allow_unknown,
        allow_dynamic: parameter.allow_unknown,
        allow_marked: false,
        description: Str::new(),
    }
}

impl Function for ProviderFunction {
    fn name(&self) -> &str {
        &self.signature.name
    }

    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn variadic(&self) -> Option<&Parameter> {
        self.variadic.as_ref()
    }

    fn result_type(&self, _arguments: &[Value]) -> Result<Type, FunctionError> {
        Ok(self.signature.result.clone())
    }

    fn call(&self, _context: &CallContext, arguments: &[Value]) -> Result<Value, FunctionError> {
        self.provider
            .call_function(&self.signature.name, arguments)
            .map_err(|error| FunctionError { argument: error.argument, message: error.message })
    }

    fn description(&self) -> &str {
        &self.signature.summary
    }
}
