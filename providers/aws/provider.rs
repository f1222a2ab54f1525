//! The provider before and after it is configured.

use std::collections::BTreeMap;
use std::sync::Arc;

use addrs::ProviderAddr;
use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use provider::{
    ApplyRequest, ApplyResponse, Block, ConfigureRequest, Configured, DataRequest, DataResponse,
    ImportRequest, ImportResponse, PlanRequest, PlanResponse, Provider, ProviderSchema, ReadRequest,
    ReadResponse, RecoverRequest, RecoverResponse, Schema, Settled,
};
use value::Value;

use crate::client::Client;
use crate::data::{self, DataSource};
use crate::failure::Failure;
use crate::lifecycle::Lifecycle;
use crate::object::Object;
use crate::plan;
use crate::provider_config::{self, Settings};
use crate::resources::{self, operation};
use crate::schema;
use crate::tags::{OPERATION_KEY, TagSettings};
use crate::timeouts;

/// Makes clients; implemented over the AWS SDK by `groma-provider-aws-sdk`, and over a fake in tests.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Finds the region and the credentials and makes clients. Does not call the service.
    async fn connect(&self, settings: &Settings) -> Result<Client, Diagnostics>;
}

/// The provider `hashicorp/aws`.
pub struct AwsProvider {
    connector: Arc<dyn Connector>,
}

impl AwsProvider {
    pub fn new(connector: Arc<dyn Connector>) -> Self {
        Self { connector }
    }

    async fn connect(&self, settings: &Settings) -> Result<Client, Diagnostics> {
        let client = self.connector.connect(settings).await?;
        check_account(&client, settings).await?;
        Ok(client)
    }
}

/// The provider, configured.
struct AwsConfigured {
    /// Or why there is no client: settings that are not known yet.
    client: Result<Client, Diagnostic>,
    tags: TagSettings,
}

#[async_trait]
impl Provider for AwsProvider {
    fn address(&self) -> ProviderAddr {
        ProviderAddr::hashicorp("aws")
    }

    fn schema(&self) -> Arc<ProviderSchema> {
        schema::provider_schema()
    }

    fn validate_provider(&self, config: &Value) -> Diagnostics {
        provider_config::validate(config)
    }

    fn validate_resource(&self, type_name: &str, config: &Value) -> Diagnostics {
        let Some(resource) = resources::find(type_name) else { return unknown_type(type_name).into() };
        let config = Object::new(config.clone());
        let mut diagnostics = Diagnostics::new();
        if config.is_set("id") {
            diagnostics.push(
                Diagnostic::error(
                    "Invalid or unknown key",
                    "The id is given by AWS and cannot be configured.",
                )
                .attribute([diag::PathStep::Attribute("id".into())]),
            );
        }
        if config.map("tags").contains_key(OPERATION_KEY) {
            diagnostics.push(
                Diagnostic::error(
                    "Reserved tag",
                    format!("The tag {OPERATION_KEY} is groma's own: choose another key."),
                )
                .attribute([diag::PathStep::Attribute("tags".into())]),
            );
        }
        timeouts::validate(&config, &mut diagnostics);
        resource.validate(&config, &mut diagnostics);
        diagnostics
    }

    fn validate_data(&self, type_name: &str, config: &Value) -> Diagnostics {
        let Some(source) = data::find(type_name) else { return unknown_type(type_name).into() };
        let config = Object::new(config.clone());
        let mut diagnostics = Diagnostics::new();
        timeouts::validate(&config, &mut diagnostics);
        source.validate(&config, &mut diagnostics);
        diagnostics
    }

    async fn configure(&self, request: ConfigureRequest) -> (Option<Arc<dyn Configured>>, Diagnostics) {
        let tags = provider_config::tag_settings(&request.config, &request.environment);
        if let Some(path) = provider_config::first_unknown(&request.config) {
            let client = Err(not_ready(&path.to_string()));
            return (Some(Arc::new(AwsConfigured { client, tags })), Diagnostics::new());
        }
        match self.connect(&Settings::new(&request)).await {
            Ok(client) => (Some(Arc::new(AwsConfigured { client: Ok(client), tags })), Diagnostics::new()),
            Err(diagnostics) => (None, diagnostics),
        }
    }
}

#[async_trait]
impl Configured for AwsConfigured {
    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<ReadResponse> {
        let client = match &self.client {
            Ok(client) => client,
            Err(reason) => {
                return requests.into_iter().map(|r| ReadResponse::failed(r, reason.clone())).collect();
            }
        };
        let mut by_type: BTreeMap<_, Vec<(usize, ReadRequest)>> = BTreeMap::new();
        for (at, request) in requests.into_iter().enumerate() {
            by_type.entry(request.type_name.clone()).or_default().push((at, request));
        }
        let batches = by_type.into_iter().map(|(type_name, batch)| async move {
            let (places, requests): (Vec<usize>, Vec<ReadRequest>) = batch.into_iter().unzip();
            let answers = match self.lifecycle(client, &type_name) {
                Ok(lifecycle) => lifecycle.read(requests).await,
                Err(error) => requests.into_iter().map(|r| ReadResponse::failed(r, error.clone())).collect(),
            };
            places.into_iter().zip(answers).collect::<Vec<_>>()
        });
        let mut answers: Vec<_> = futures::future::join_all(batches).await.into_iter().flatten().collect();
        answers.sort_by_key(|(at, _)| *at);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    async fn plan(&self, request: PlanRequest) -> PlanResponse {
        match (resources::find(&request.type_name), facts(&request.type_name)) {
            (Some(resource), Some(facts)) => plan::plan(resource, facts, request, &self.tags),
            _ => {
                let diagnostics = unknown_type(&request.type_name).into();
                PlanResponse { diagnostics, ..PlanResponse::ok(request.proposed) }
            }
        }
    }

    async fn apply(&self, request: ApplyRequest) -> ApplyResponse {
        match self.ready(&request.type_name) {
            Ok(lifecycle) => lifecycle.apply(request).await,
            Err(error) => ApplyResponse::failed(request.prior, error),
        }
    }

    async fn recover(&self, request: RecoverRequest) -> RecoverResponse {
        match self.ready(&request.type_name) {
            Ok(lifecycle) => lifecycle.recover(request).await,
            Err(error) => RecoverResponse::Failed(error.into()),
        }
    }

    async fn settled(&self, created: Vec<Settled>) -> Diagnostics {
        let Ok(client) = &self.client else { return Diagnostics::new() };
        let marked: Vec<String> = created
            .into_iter()
            .filter_map(|object| {
                let lifecycle = self.lifecycle(client, &object.type_name).ok()?;
                Some(lifecycle.marked(&[Object::new(object.state)]))
            })
            .flatten()
            .collect();
        match operation::unmark(client, &marked).await {
            Ok(()) => Diagnostics::new(),
            Err(failure) => still_marked(&failure, &marked).into(),
        }
    }

    async fn import(&self, request: ImportRequest) -> ImportResponse {
        let answer = match self.ready(&request.type_name) {
            Ok(lifecycle) => lifecycle.import(&request.id).await,
            Err(error) => Err(error.into()),
        };
        match answer {
            Ok(object) => ImportResponse { objects: vec![object], diagnostics: Diagnostics::new() },
            Err(diagnostics) => ImportResponse { objects: Vec::new(), diagnostics },
        }
    }

    async fn read_data(&self, request: DataRequest) -> DataResponse {
        let failed = |state: Value, diagnostics| DataResponse { state, diagnostics };
        let (Some(source), Some(schema)) =
            (data::find(&request.type_name), schema::facts().data_source(&request.type_name))
        else {
            let ty = request.config.ty();
            return failed(Value::null(ty), unknown_type(&request.type_name).into());
        };
        let client = match &self.client {
            Ok(client) => client,
            Err(reason) => return failed(Value::null(schema.block.implied_type()), reason.clone().into()),
        };
        self.read_source(source, &schema.block, client, request.config).await
    }

    async fn stop(&self) {
        if let Ok(client) = &self.client {
            client.stop();
        }
    }
}

impl AwsConfigured {
    fn ready(&self, type_name: &str) -> Result<Lifecycle<'_>, Diagnostic> {
        self.lifecycle(self.client.as_ref().map_err(Clone::clone)?, type_name)
    }

    fn lifecycle<'a>(&'a self, client: &'a Client, type_name: &str) -> Result<Lifecycle<'a>, Diagnostic> {
        match (resources::find(type_name), facts(type_name)) {
            (Some(resource), Some(schema)) => Ok(Lifecycle { resource, schema, client, tags: &self.tags }),
            _ => Err(unknown_type(type_name)),
        }
    }

    async fn read_source(
        &self,
        source: &dyn DataSource,
        schema: &Block,
        client: &Client,
        config: Value,
    ) -> DataResponse {
        let object = Object::new(config);
        match source.read(client, &object).await {
            Ok(mut observed) => {
                if let Some(tags) = &mut observed.tags {
                    tags.retain(|key, _| !self.tags.is_ignored(key));
                }
                DataResponse {
                    state: observed.to_state(schema, object.value()),
                    diagnostics: Diagnostics::new(),
                }
            }
            Err(failure) => DataResponse {
                state: Value::null(schema.implied_type()),
                diagnostics: failure.diagnostic(&format!("reading {}", source.noun())).into(),
            },
        }
    }
}

fn facts(type_name: &str) -> Option<&'static Block> {
    schema::facts().resource(type_name).map(|Schema { block, .. }| block)
}

/// Checks the credentials and the account against the provider block.
async fn check_account(client: &Client, settings: &Settings) -> Result<(), Diagnostics> {
    let restricted = !settings.allowed_account_ids.is_empty() || !settings.forbidden_account_ids.is_empty();
    if settings.skip_credentials_validation && !restricted {
        return Ok(());
    }
    let identity = client.identity().await.map_err(|failure| {
        failure.diagnostic("Retrieving AWS account details: validating provider credentials")
    })?;
    let account = &identity.account;
    let refused = settings.forbidden_account_ids.contains(account)
        || !settings.allowed_account_ids.is_empty() && !settings.allowed_account_ids.contains(account);
    if refused {
        return Err(Diagnostic::error(
            "AWS account ID not allowed",
            format!(
                "The credentials are of account {account}, which allowed_account_ids or forbidden_account_ids of the \
                 provider excludes."
            ),
        )
        .into());
    }
    Ok(())
}

fn not_ready(path: &str) -> Diagnostic {
    Diagnostic::error(
        "Provider configuration not known yet",
        format!(
            "{} of the provider \"aws\" depends on values that are known only after apply, so AWS cannot be asked \
             yet. Apply what it depends on first, with -target.",
            path.trim_start_matches('.')
        ),
    )
}

fn still_marked(failure: &Failure, ids: &[String]) -> Diagnostic {
    Diagnostic::warning(
        format!("Tag {OPERATION_KEY} not removed"),
        format!(
            "{failure}\n\nThe tag marks what was created until that is written down, and does no harm. The next refresh \
             tries again; or remove it by hand from {}.",
            ids.join(", ")
        ),
    )
}

fn unknown_type(type_name: &str) -> Diagnostic {
    Diagnostic::error("Invalid resource type", format!("The provider hashicorp/aws has no type {type_name}."))
}
