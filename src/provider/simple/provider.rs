use std::collections::BTreeMap;
use std::sync::Arc;

use addrs::ProviderAddr;
use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use serde_json::{Map, Value as Json};
use tokio::sync::watch;
use value::{Str, Value};

use super::resource::{Resource, plan};
use super::{Context, Parts, Simple};
use crate::requests::{
    ApplyRequest, ApplyResponse, ConfigureRequest, DataRequest, DataResponse, EphemeralResponse,
    ImportRequest, ImportResponse, ImportedObject, PlanRequest, PlanResponse, ReadRequest, ReadResponse,
    RecoverRequest, RecoverResponse,
};
use crate::schema::{ProviderSchema, Schema};
use crate::stored::read_state;
use crate::traits::{Configured, FunctionError, Provider};

/// A [`Simple`] provider at work.
struct Running {
    parts: Arc<Parts>,
    schema: Arc<ProviderSchema>,
    context: Context,
    stop: watch::Sender<bool>,
}

#[async_trait]
impl Provider for Simple {
    fn address(&self) -> ProviderAddr {
        self.address.clone()
    }

    fn schema(&self) -> Arc<ProviderSchema> {
        Arc::clone(self.schema.get_or_init(|| Arc::new(self.build_schema())))
    }

    fn validate_resource(&self, type_name: &str, config: &Value) -> Diagnostics {
        let schema = self.schema();
        let (Some(resource), Some(schema)) =
            (self.parts.resources.get(type_name), schema.resource(type_name))
        else {
            return unknown_type("resource", type_name);
        };
        let mut diagnostics = schema.block.validate_config(config);
        diagnostics.extend(resource.validate(config));
        diagnostics
    }

    fn validate_data(&self, type_name: &str, config: &Value) -> Diagnostics {
        let schema = self.schema();
        let (Some(data), Some(schema)) = (self.parts.data.get(type_name), schema.data_source(type_name))
        else {
            return unknown_type("data source", type_name);
        };
        let mut diagnostics = schema.block.validate_config(config);
        diagnostics.extend(data.validate(config));
        diagnostics
    }

    fn upgrade_state(&self, type_name: &str, version: u64, attributes: &str) -> Result<Value, Diagnostics> {
        let schema = self.schema();
        let current = schema.resource(type_name).map(|schema| schema.version);
        match (self.parts.resources.get(type_name), current) {
            (Some(resource), Some(current)) if version < current => {
                let upgraded = upgrade(resource.as_ref(), version, attributes)?;
                read_state(&schema, type_name, current, &upgraded)
            }
            _ => read_state(&schema, type_name, version, attributes),
        }
    }

    fn move_state(
        &self,
        source_provider: &ProviderAddr,
        source_type: &str,
        _source_version: u64,
        attributes: &str,
        target_type: &str,
    ) -> Result<Value, Diagnostics> {
        let schema = self.schema();
        let moved = self.parts.resources.get(target_type).and_then(|resource| {
            let attributes: Map<String, Json> = serde_json::from_str(attributes).ok()?;
            resource.move_from(source_provider, source_type, &attributes)
        });
        match (moved, schema.resource(target_type)) {
            (Some(moved), Some(target)) => {
                read_state(&schema, target_type, target.version, &Json::Object(moved).to_string())
            }
            _ => Err(Diagnostic::error(
                "Move Resource State Not Supported",
                format!(
                    "The provider {} cannot turn a {source_type} of {} into a {target_type}.",
                    self.address.for_display(),
                    source_provider.for_display()
                ),
            )
            .into()),
        }
    }

    async fn configure(&self, request: ConfigureRequest) -> (Option<Arc<dyn Configured>>, Diagnostics) {
        let ConfigureRequest { config, environment, version } = request;
        let (stop, stopped) = watch::channel(false);
        let context = Context::new(environment, config, version, stopped);
        let running = Running { parts: Arc::clone(&self.parts), schema: self.schema(), context, stop };
        (Some(Arc::new(running)), Diagnostics::new())
    }

    fn call_function(&self, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        match self.parts.functions.get(name) {
            Some(function) => function.call(arguments),
            None => Err(FunctionError {
                argument: None,
                message: format!("The provider has no function named {name}."),
            }),
        }
    }
}

impl Simple {
    fn build_schema(&self) -> ProviderSchema {
        fn schemas<P: ?Sized>(
            parts: &BTreeMap<Str, Box<P>>,
            schema: impl Fn(&P) -> Schema,
        ) -> BTreeMap<Str, Schema> {
            parts.iter().map(|(name, part)| (name.clone(), schema(part))).collect()
        }
        ProviderSchema {
            provider: Schema::new(0, self.block.clone()),
            resources: schemas(&self.parts.resources, |part| part.schema()),
            data_sources: schemas(&self.parts.data, |part| part.schema()),
            ephemerals: schemas(&self.parts.ephemerals, |part| part.schema()),
            functions: self.parts.functions.iter().map(|(name, f)| (name.clone(), f.signature())).collect(),
        }
    }
}

#[async_trait]
impl Configured for Running {
    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<ReadResponse> {
        let mut responses = Vec::with_capacity(requests.len());
        for request in requests {
            let outcome = match self.parts.resources.get(&request.type_name) {
                Some(resource) => resource.read(&self.context, &request.current).await,
                None => Err(unknown_type("resource", &request.type_name)),
            };
            responses.push(match outcome {
                Ok(state) => ReadResponse::ok(state, request.private),
                Err(diagnostics) => ReadResponse::failed(request, diagnostics),
            });
        }
        responses
    }

    async fn plan(&self, request: PlanRequest) -> PlanResponse {
        match (self.parts.resources.get(&request.type_name), self.schema.resource(&request.type_name)) {
            (Some(resource), Some(schema)) => plan(resource.as_ref(), &schema.block, &self.context, request),
            _ => PlanResponse {
                diagnostics: unknown_type("resource", &request.type_name),
                ..PlanResponse::ok(request.proposed)
            },
        }
    }

    async fn apply(&self, request: ApplyRequest) -> ApplyResponse {
        let ApplyRequest { type_name, prior, planned, config, private, .. } = request;
        let Some(resource) = self.parts.resources.get(&type_name) else {
            return ApplyResponse {
                private,
                ..ApplyResponse::failed(prior, unknown_type("resource", &type_name))
            };
        };
        let context = self.context.for_call();
        let outcome = match (prior.is_null(), planned.is_null()) {
            (true, _) => resource.create(&context, &planned, &config).await,
            (false, true) => resource.delete(&context, &prior).await.map(|()| planned),
            (false, false) => resource.update(&context, &prior, &planned, &config).await,
        };
        let mut diagnostics = context.take_warnings();
        let state = outcome.unwrap_or_else(|errors| {
            diagnostics.extend(errors);
            prior
        });
        ApplyResponse { state, private, diagnostics }
    }

    async fn recover(&self, request: RecoverRequest) -> RecoverResponse {
        match self.parts.resources.get(&request.type_name) {
            Some(resource) => resource.recover(&self.context, &request).await,
            None => RecoverResponse::Failed(unknown_type("resource", &request.type_name)),
        }
    }

    async fn import(&self, request: ImportRequest) -> ImportResponse {
        let outcome = match self.parts.resources.get(&request.type_name) {
            Some(resource) => resource.import(&self.context, &request.id).await,
            None => Err(unknown_type("resource", &request.type_name)),
        };
        match outcome {
            Ok(state) => {
                let object = ImportedObject { type_name: request.type_name, state, private: Vec::new() };
                ImportResponse { objects: vec![object], diagnostics: Diagnostics::new() }
            }
            Err(diagnostics) => ImportResponse { objects: Vec::new(), diagnostics },
        }
    }

    async fn read_data(&self, request: DataRequest) -> DataResponse {
        let context = self.context.for_call();
        let outcome = match self.parts.data.get(&request.type_name) {
            Some(data) => data.read(&context, &request.config).await,
            None => Err(unknown_type("data source", &request.type_name)),
        };
        let mut diagnostics = context.take_warnings();
        let state = outcome.unwrap_or_else(|errors| {
            diagnostics.extend(errors);
            Value::null(request.config.ty())
        });
        DataResponse { state, diagnostics }
    }

    async fn open_ephemeral(&self, type_name: Str, config: Value) -> EphemeralResponse {
        let Some(ephemeral) = self.parts.ephemerals.get(&type_name) else {
            return EphemeralResponse::unsupported(&type_name);
        };
        let (result, diagnostics) = match ephemeral.open(&self.context, &config).await {
            Ok(result) => (result, Diagnostics::new()),
            Err(diagnostics) => (Value::null(config.ty()), diagnostics),
        };
        EphemeralResponse { result, private: Vec::new(), renew_at: None, diagnostics }
    }

    async fn stop(&self) {
        self.stop.send_replace(true);
    }
}

fn upgrade(resource: &dyn Resource, version: u64, attributes: &str) -> Result<String, Diagnostics> {
    let failed = |error: String| {
        Diagnostics::from(Diagnostic::error(
            "Failed to decode resource from state",
            format!(
                "The stored {} of schema version {version} cannot be brought to the current one: {error}.",
                resource.type_name()
            ),
        ))
    };
    let mut attributes: Map<String, Json> =
        serde_json::from_str(attributes).map_err(|e| failed(e.to_string()))?;
    resource.upgrade(version, &mut attributes).map_err(failed)?;
    Ok(Json::Object(attributes).to_string())
}

fn unknown_type(kind: &str, type_name: &str) -> Diagnostics {
    Diagnostic::error(
        format!("Invalid {kind} type"),
        format!("The provider does not support {kind} type \"{type_name}\"."),
    )
    .into()
}
