mod reading;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use addrs::ProviderAddr;
use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Rules, plan_change};
use provider::{
    ApplyRequest, ApplyResponse, ConfigureRequest, Configured, DataRequest, DataResponse, ImportRequest,
    ImportResponse, ImportedObject, PlanRequest, PlanResponse, PlannedStep, Provider, ProviderSchema,
    ReadRequest, ReadResponse, RecoverRequest, RecoverResponse, Review, Schema, with_nulls,
};
use tokio::sync::watch;
use value::{Str, Type, Value};

use crate::block;
use crate::connection::{Connection, Way};
use crate::failure::{Failure, Result};
use crate::patience::{PATIENCE, Patience};
use crate::pool::Pool;
use crate::resource::{Context, Data, Resource, complete, id_of};
use crate::revision;
use crate::session::Host;
use crate::write_only;

/// The provider before it is configured.
pub struct HostProvider {
    name: &'static str,
    parts: Arc<Parts>,
    schema: OnceLock<Arc<ProviderSchema>>,
}

struct Parts {
    resources: BTreeMap<&'static str, Box<dyn Resource>>,
    data: BTreeMap<&'static str, Box<dyn Data>>,
    review: Option<ReviewPlan>,
}

/// Looks over all steps that are planned for a provider; an error refuses the plan.
pub type ReviewPlan = fn(&[PlannedStep]) -> Review;

/// The provider at work.
struct Running {
    parts: Arc<Parts>,
    schema: Arc<ProviderSchema>,
    context: Context,
    pool: Pool,
    patience: Patience,
    stop: watch::Sender<bool>,
}

impl HostProvider {
    /// The provider `groma/NAME`.
    pub fn new(
        name: &'static str,
        resources: Vec<Box<dyn Resource>>,
        data: Vec<Box<dyn Data>>,
        review: Option<ReviewPlan>,
    ) -> Self {
        let resources = resources.into_iter().map(|resource| (resource.type_name(), resource)).collect();
        let data = data.into_iter().map(|data| (data.type_name(), data)).collect();
        Self { name, parts: Arc::new(Parts { resources, data, review }), schema: OnceLock::new() }
    }

    fn build_schema(&self) -> ProviderSchema {
        let resources = self.parts.resources.iter();
        let data = self.parts.data.iter();
        ProviderSchema {
            provider: Schema::new(0, block::schema()),
            resources: resources
                .map(|(name, part)| {
                    let schema = revision::with_attribute(part.schema(), part.revised_by());
                    (Str::from(*name), complete(schema, part.has_host()))
                })
                .collect(),
            data_sources: data
                .map(|(name, part)| (Str::from(*name), complete(part.schema(), part.has_host())))
                .collect(),
            ..ProviderSchema::default()
        }
    }
}

#[async_trait]
impl Provider for HostProvider {
    fn address(&self) -> ProviderAddr {
        ProviderAddr::groma(self.name)
    }

    fn schema(&self) -> Arc<ProviderSchema> {
        Arc::clone(self.schema.get_or_init(|| Arc::new(self.build_schema())))
    }

    fn validate_provider(&self, config: &Value) -> Diagnostics {
        block::validate(config)
    }

    fn validate_resource(&self, type_name: &str, config: &Value) -> Diagnostics {
        let schema = self.schema();
        match (self.parts.resources.get(type_name), schema.resource(type_name)) {
            (Some(resource), Some(schema)) => {
                let mut diagnostics = schema.block.validate_config(config);
                diagnostics.extend(validate_host(config));
                diagnostics.extend(resource.validate(config));
                diagnostics
            }
            _ => unknown_type(type_name).into(),
        }
    }

    fn validate_data(&self, type_name: &str, config: &Value) -> Diagnostics {
        let schema = self.schema();
        match (self.parts.data.get(type_name), schema.data_source(type_name)) {
            (Some(data), Some(schema)) => {
                let mut diagnostics = schema.block.validate_config(config);
                diagnostics.extend(validate_host(config));
                diagnostics.extend(data.validate(config));
                diagnostics
            }
            _ => unknown_type(type_name).into(),
        }
    }

    async fn configure(&self, request: ConfigureRequest) -> (Option<Arc<dyn Configured>>, Diagnostics) {
        let settings = match block::settings(&request.config, &request.environment) {
            Ok(settings) => settings,
            Err(diagnostics) => return (None, diagnostics),
        };
        let (stop, _) = watch::channel(false);
        let running = Running {
            parts: Arc::clone(&self.parts),
            schema: self.schema(),
            pool: Pool::new(settings),
            patience: Patience::default(),
            context: Context { environment: request.environment, stop: stop.subscribe() },
            stop,
        };
        (Some(Arc::new(running)), Diagnostics::new())
    }
}

/// A literal connection that cannot be read is found before anything runs.
fn validate_host(config: &Value) -> Diagnostics {
    match config.text("host").map(str::parse::<Connection>) {
        Some(Err(reason)) => {
            let detail = format!("The connection cannot be read: {reason}.");
            Failure::attribute("host", "Invalid host", detail).into()
        }
        _ => Diagnostics::new(),
    }
}

impl Running {
    fn resource(&self, type_name: &str) -> Result<&dyn Resource> {
        self.parts.resources.get(type_name).map(Box::as_ref).ok_or_else(|| unknown_type(type_name))
    }

    fn host(&self, resource: &dyn Resource, object: &Value) -> Result<Host> {
        Ok(self.pool.host(&resource.connection(&self.context, object)?))
    }

    /// One object as it is.
    async fn read_one(&self, resource: &dyn Resource, current: &Value) -> Result<Value> {
        let host = self.host(resource, current)?;
        seen(resource, resource.read(&host, current).await, current)
            .map(|object| with_id(resource, &revision::seen(resource.revised_by(), current, object)))
    }

    /// What a creation made, as far as it is certain.
    async fn read_made(&self, resource: &dyn Resource, planned: &Value) -> Result<Value> {
        let host = self.host(resource, planned)?;
        gone_with_machine(resource.recovered(&host, planned).await, planned)
            .map(|object| with_id(resource, &revision::seen(resource.revised_by(), planned, object)))
    }

    /// Makes a change, again for as long as only the connection is the trouble; `said` takes warnings.
    async fn change(
        &self,
        resource: &dyn Resource,
        prior: &Value,
        planned: &Value,
        said: &mut Diagnostics,
    ) -> Result<Value> {
        let object = if planned.is_null() { prior } else { planned };
        let mut host = self.host(resource, object).map_err(Failure::untouched)?;
        let patience = resource.is_on_host().then_some(&self.patience);
        if let Some(refusal) = patience.and_then(|known| known.refusal(host.name(), Instant::now())) {
            return Err(refusal);
        }
        let begun = Instant::now();
        let mut pause = Duration::from_millis(500);
        loop {
            let result = match (prior.is_null(), planned.is_null()) {
                (true, _) => resource.create(&self.context, &host, planned).await,
                (false, false) => resource.update(&self.context, &host, prior, planned).await,
                (false, true) => match resource.delete(&self.context, &host, prior).await {
                    Err(failure) if failure.other_machine => Ok(planned.clone()),
                    result => result.map(|()| planned.clone()),
                },
            };
            said.extend(host.warnings());
            match result {
                Err(failure)
                    if failure.transient
                        && failure.of_host
                        && begun.elapsed() < PATIENCE
                        && !self.context.is_stopped() =>
                {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                    // Another change may have moved it to another address meanwhile.
                    host = self.host(resource, object)?;
                }
                result => {
                    if let Some(patience) = patience {
                        patience.note(host.name(), &result, Instant::now());
                    }
                    let names = resource.revised_by();
                    return result
                        .map(|made| with_id(resource, &revision::made(names, prior, planned, made)));
                }
            }
        }
    }

    /// What exists after a change that failed, as far as can be told.
    async fn left(
        &self,
        resource: &dyn Resource,
        block: &provider::Block,
        prior: &Value,
        planned: &Value,
        failure: &Failure,
    ) -> Value {
        if failure.untouched {
            return prior.clone();
        }
        let object = if planned.is_null() { prior.clone() } else { with_nulls(block, planned) };
        if failure.of_host && failure.transient {
            // It may be there or not: said to be there, as it was or as it was to become, it is looked for next time.
            return if prior.is_null() { object } else { prior.clone() };
        }
        if prior.is_null() {
            return self.read_made(resource, &object).await.unwrap_or(object);
        }
        self.read_one(resource, &object).await.unwrap_or(prior.clone())
    }
}

/// What reading came to, also where the machine is gone for good.
fn seen(resource: &dyn Resource, result: Result<Value>, current: &Value) -> Result<Value> {
    match result {
        Err(failure) if failure.lost => Ok(resource.left_of(current)),
        result => gone_with_machine(result, current),
    }
}

/// Objects of a machine that is no more are gone with it.
fn gone_with_machine(result: Result<Value>, current: &Value) -> Result<Value> {
    match result {
        Err(failure) if failure.other_machine => Ok(Value::null(current.ty())),
        result => result,
    }
}

fn with_id(resource: &dyn Resource, object: &Value) -> Value {
    if object.is_null() || !resource.has_host() {
        return object.clone();
    }
    object.with_attr("id", Value::string(id_of(resource, object)))
}

#[async_trait]
impl Configured for Running {
    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<ReadResponse> {
        self.read_by_host(requests).await
    }

    async fn plan(&self, request: PlanRequest) -> PlanResponse {
        let (Ok(resource), Some(schema)) =
            (self.resource(&request.type_name), self.schema.resource(&request.type_name))
        else {
            let diagnostics = unknown_type(&request.type_name).into();
            return PlanResponse { diagnostics, ..PlanResponse::ok(request.proposed) };
        };
        let rules = Rules { defaults: resource.defaults(), replaced_by: resource.replaced_by() };
        plan_change(&schema.block, &rules, request, |plan| {
            resource.plan(&self.context, plan);
            revision::plan(resource.revised_by(), plan);
            if resource.has_host() {
                if !plan.is_creation() && moves(plan.prior.text("host"), plan.planned.text("host")) {
                    plan.replace("host");
                }
                if plan.changes(resource.key()) {
                    plan.set_unknown("id");
                }
            }
        })
    }

    async fn apply(&self, request: ApplyRequest) -> ApplyResponse {
        let ApplyRequest { type_name, prior, planned, config, private, .. } = request;
        let (Ok(resource), Some(schema)) = (self.resource(&type_name), self.schema.resource(&type_name))
        else {
            return ApplyResponse { private, ..ApplyResponse::failed(prior, unknown_type(&type_name)) };
        };
        let planned = write_only::filled(&schema.block, &planned, &config);
        let mut said = Diagnostics::new();
        let mut response = match self.change(resource, &prior, &planned, &mut said).await {
            Ok(state) => ApplyResponse::ok(write_only::cleared(&schema.block, &state)),
            Err(failure) => {
                let state = self.left(resource, &schema.block, &prior, &planned, &failure).await;
                ApplyResponse::failed(write_only::cleared(&schema.block, &state), failure)
            }
        };
        response.diagnostics.extend(said);
        ApplyResponse { private, ..response }
    }

    /// Looks at what is there: all changes are idempotent, so what is not wholly done is done again.
    async fn recover(&self, request: RecoverRequest) -> RecoverResponse {
        let (Ok(resource), Some(schema)) =
            (self.resource(&request.type_name), self.schema.resource(&request.type_name))
        else {
            return RecoverResponse::Failed(unknown_type(&request.type_name).into());
        };
        if resource.state_only() {
            return match request.planned.is_null() {
                true => RecoverResponse::Found { state: request.planned, private: request.private },
                false => RecoverResponse::NotApplied,
            };
        }
        if !resource.tells(&request.prior, &request.planned) {
            return RecoverResponse::NotApplied;
        }
        let read = if request.planned.is_null() {
            self.read_one(resource, &request.prior).await
        } else {
            let object = with_nulls(&schema.block, &request.planned);
            match request.prior.is_null() {
                true => self.read_made(resource, &object).await,
                false => self.read_one(resource, &object).await,
            }
        };
        match read {
            Ok(state) if state.is_null() && !request.planned.is_null() => RecoverResponse::NotApplied,
            Ok(state) => RecoverResponse::Found { state, private: request.private },
            // It may be there or not: said to be there, it is looked for, or made again, later.
            Err(failure) if failure.may_wait => {
                let state = match request.prior.is_null() {
                    true => with_nulls(&schema.block, &request.planned),
                    false => request.prior,
                };
                RecoverResponse::Found { state, private: request.private }
            }
            Err(failure) => RecoverResponse::Failed(failure.into()),
        }
    }

    /// Import ids are `HOST KEY [KEY...]`: `ssh://root@10.0.0.5 /etc/motd`.
    async fn import(&self, request: ImportRequest) -> ImportResponse {
        match self.import_one(&request).await {
            Ok(state) => ImportResponse {
                objects: vec![ImportedObject { type_name: request.type_name, state, private: Vec::new() }],
                diagnostics: Diagnostics::new(),
            },
            Err(failure) => ImportResponse { objects: Vec::new(), diagnostics: failure.into() },
        }
    }

    async fn read_data(&self, request: DataRequest) -> DataResponse {
        let read = async {
            let data = self
                .parts
                .data
                .get(request.type_name.as_str())
                .ok_or_else(|| unknown_type(&request.type_name))?;
            let connection = data.connection(&request.config)?;
            data.read(&self.pool.host(&connection), &request.config).await
        };
        match read.await {
            Ok(state) => DataResponse { state, diagnostics: Diagnostics::new() },
            Err(failure) => {
                DataResponse { state: Value::null(request.config.ty()), diagnostics: failure.into() }
            }
        }
    }

    async fn review_plan(&self, steps: &[PlannedStep]) -> Review {
        self.parts.review.map_or_else(Review::default, |review| review(steps))
    }

    async fn stop(&self) {
        self.stop.send_replace(true);
    }
}

impl Running {
    async fn import_one(&self, request: &ImportRequest) -> Result<Value> {
        let resource = self.resource(&request.type_name)?;
        let schema =
            self.schema.resource(&request.type_name).ok_or_else(|| unknown_type(&request.type_name))?;
        if let Some(object) = resource.named(&schema.block, &request.id) {
            return self.imported(resource, request, &object?).await;
        }
        let names: Vec<&str> = if resource.has_host() { vec!["host"] } else { Vec::new() };
        let names: Vec<&str> = names.into_iter().chain(resource.key().iter().copied()).collect();
        let wrong = || {
            let form = names.iter().map(|name| name.to_uppercase()).collect::<Vec<_>>().join(" ");
            let detail =
                format!("The id {:?} has not the form \"{form}\" (with spaces between).", request.id);
            Failure::new("Invalid import id", detail)
        };
        let mut object = schema.block.empty_value();
        let mut rest = request.id.as_str();
        for (index, name) in names.iter().enumerate() {
            let (value, after) =
                if index + 1 == names.len() { (rest, "") } else { rest.split_once(' ').ok_or_else(wrong)? };
            if value.is_empty() {
                return Err(wrong());
            }
            let value = match schema.block.attributes.get(*name).map(|attribute| &attribute.ty) {
                Some(Type::Number) => Value::number(value.parse::<i64>().map_err(|_| wrong())?),
                _ => Value::string_nfc(value),
            };
            object = object.with_attr(name, value);
            rest = after;
        }
        self.imported(resource, request, &object).await
    }

    async fn imported(
        &self,
        resource: &dyn Resource,
        request: &ImportRequest,
        object: &Value,
    ) -> Result<Value> {
        let state = self.read_one(resource, object).await?;
        if state.is_null() {
            let detail = format!("There is no {} {:?} to import.", request.type_name, request.id);
            return Err(Failure::new("Cannot import non-existent remote object", detail));
        }
        Ok(state)
    }
}

/// Whether another machine is meant, rather than another way to the same one.
fn moves(prior: Option<&str>, planned: Option<&str>) -> bool {
    let (Some(prior), Some(planned)) = (prior, planned) else { return true };
    let (Ok(prior), Ok(planned)) = (prior.parse::<Connection>(), planned.parse::<Connection>()) else {
        return prior != planned;
    };
    match (&prior.machine, &planned.machine) {
        (Some(prior), Some(planned)) => prior != planned,
        _ => match (&prior.way, &planned.way) {
            (Way::Ssh(prior), Way::Ssh(planned)) => {
                prior.address != planned.address || prior.port != planned.port
            }
            (prior, planned) => prior != planned,
        },
    }
}

fn unknown_type(type_name: &str) -> Failure {
    Failure::new("Invalid resource type", format!("The provider does not support the type \"{type_name}\"."))
        .untouched()
}
