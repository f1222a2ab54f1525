//! The provider as a whole, against the fake: the conformance suite, and each thing that goes wrong in a cloud.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::conformance::{self, Case};
use provider::{
    ApplyRequest, ApplyResponse, ConfigureRequest, Configured, DataRequest, PlanRequest, PlanResponse,
    Provider, ReadRequest, RecoverRequest, RecoverResponse, Settled, proposed_new,
};
use value::{Type, Value};

use crate::api::Tags;
use crate::client::Client;
use crate::fake::{Fake, Fault, StoppedTimer, VirtualTimer};
use crate::provider_config::Settings;
use crate::retry::{RetryPolicy, Timer};
use crate::tags::OPERATION_KEY;
use crate::{AwsProvider, Connector};

mod faults;
mod types;

const TOKEN: &str = "6f1b3a52-0c5f-4a43-9d0c-0123456789ab";

struct FakeConnector {
    fake: Arc<Fake>,
    timer: Arc<dyn Timer>,
}

#[async_trait]
impl Connector for FakeConnector {
    async fn connect(&self, settings: &Settings) -> Result<Client, Diagnostics> {
        let region = settings.region.clone().unwrap_or_else(|| "us-east-1".into());
        let policy = RetryPolicy { max_retries: settings.max_retries.unwrap_or(5), ..RetryPolicy::default() };
        Ok(Client::new(self.fake.clone(), self.fake.clone(), region, policy, self.timer.clone()))
    }
}

/// A provider over a fake, and the way a user would work with it.
struct Bench {
    fake: Arc<Fake>,
    provider: AwsProvider,
    configured: Arc<dyn Configured>,
}

impl Bench {
    async fn new() -> Self {
        Self::with(object(&[("region", text("us-east-1"))]), Arc::new(VirtualTimer::default())).await
    }

    async fn with(config: Value, timer: Arc<dyn Timer>) -> Self {
        let fake = Arc::new(Fake::default());
        let provider = AwsProvider::new(Arc::new(FakeConnector { fake: fake.clone(), timer }));
        let environment = conformance::environment(FilePath::new("/"));
        let configured = conformance::configured(&provider, &config, environment).await.expect("configures");
        Self { fake, provider, configured }
    }

    fn config(&self, type_name: &str, attributes: &[(&str, Value)]) -> Value {
        let schema = self.provider.schema();
        let block = &schema.resources[type_name].block;
        block.coerce(&object(attributes)).expect("fits the schema")
    }

    fn nothing(&self, type_name: &str) -> Value {
        Value::null(self.provider.schema().resources[type_name].block.implied_type())
    }

    async fn plan(&self, type_name: &str, prior: &Value, config: &Value) -> PlanResponse {
        let schema = self.provider.schema();
        let proposed = if config.is_null() {
            config.clone()
        } else {
            proposed_new(&schema.resources[type_name].block, prior, config)
        };
        let (prior, config) = (prior.clone(), config.clone());
        let request =
            PlanRequest { type_name: type_name.into(), prior, proposed, config, private: Vec::new() };
        self.configured.plan(request).await
    }

    async fn apply(&self, type_name: &str, prior: &Value, config: &Value) -> ApplyResponse {
        let planned = self.plan(type_name, prior, config).await.planned;
        let (prior, config) = (prior.clone(), config.clone());
        let (type_name, token) = (type_name.into(), TOKEN.into());
        self.configured
            .apply(ApplyRequest { type_name, prior, planned, config, private: Vec::new(), token })
            .await
    }

    /// Creates an object, which must succeed, up to the end of the apply.
    async fn create(&self, type_name: &str, attributes: &[(&str, Value)]) -> Value {
        let state = self.create_unsettled(type_name, attributes).await;
        assert!(self.settle(&[(type_name, state.clone())]).await.is_empty());
        state
    }

    /// Creates an object, as far as the answer.
    async fn create_unsettled(&self, type_name: &str, attributes: &[(&str, Value)]) -> Value {
        let response =
            self.apply(type_name, &self.nothing(type_name), &self.config(type_name, attributes)).await;
        assert!(!response.diagnostics.has_errors(), "{type_name}: {:?}", response.diagnostics);
        response.state
    }

    async fn update(&self, type_name: &str, prior: &Value, attributes: &[(&str, Value)]) -> ApplyResponse {
        self.apply(type_name, prior, &self.config(type_name, attributes)).await
    }

    async fn delete(&self, type_name: &str, prior: &Value) -> ApplyResponse {
        self.apply(type_name, prior, &self.nothing(type_name)).await
    }

    async fn recover(&self, type_name: &str, prior: &Value, config: &Value) -> RecoverResponse {
        let planned = self.plan(type_name, prior, config).await.planned;
        let (prior, config) = (prior.clone(), config.clone());
        let (type_name, token) = (type_name.into(), TOKEN.into());
        self.configured
            .recover(RecoverRequest { type_name, prior, planned, config, private: Vec::new(), token })
            .await
    }

    async fn settle(&self, created: &[(&str, Value)]) -> Diagnostics {
        let settled = created
            .iter()
            .map(|(type_name, state)| Settled { type_name: (*type_name).into(), state: state.clone() });
        self.configured.settled(settled.collect()).await
    }

    /// Whether an object carries the tag of the operation that created it.
    fn is_marked(&self, id: &str) -> bool {
        self.fake.world().tags_of(id).is_some_and(|tags| tags.contains_key(OPERATION_KEY))
    }

    async fn read(&self, type_name: &str, states: &[Value]) -> Vec<Value> {
        let request = |state: &Value| ReadRequest {
            type_name: type_name.into(),
            current: state.clone(),
            private: Vec::new(),
        };
        let answers = self.configured.read(states.iter().map(request).collect()).await;
        answers
            .into_iter()
            .map(|answer| {
                assert!(answer.diagnostics.is_empty(), "{:?}", answer.diagnostics);
                answer.state
            })
            .collect()
    }

    async fn data(&self, type_name: &str, attributes: &[(&str, Value)]) -> (Value, Diagnostics) {
        let schema = self.provider.schema();
        let config =
            schema.data_sources[type_name].block.coerce(&object(attributes)).expect("fits the schema");
        let answer = self.configured.read_data(DataRequest { type_name: type_name.into(), config }).await;
        (answer.state, answer.diagnostics)
    }

    async fn vpc(&self) -> String {
        id(&self.create("aws_vpc", &[("cidr_block", text("10.0.0.0/16"))]).await)
    }
}

fn object(attributes: &[(&str, Value)]) -> Value {
    Value::object_of(attributes.iter().map(|(name, value)| (*name, value.clone())))
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn yes() -> Value {
    Value::bool(true)
}

fn tags(pairs: &[(&str, &str)]) -> Value {
    Value::object_of(pairs.iter().map(|(k, v)| (*k, text(v))))
}

fn texts(items: &[&str]) -> Value {
    Value::tuple(items.iter().map(|item| text(item)).collect())
}

fn blocks(items: &[Value]) -> Value {
    Value::tuple(items.to_vec())
}

/// An item of an attribute that is written as blocks: what is left out is null.
fn item(type_name: &str, attribute: &str, attributes: &[(&str, Value)]) -> Value {
    let schema = crate::schema::provider_schema();
    let ty = schema.resources[type_name].block.attributes[attribute].ty.clone();
    let element = ty.element().and_then(Type::as_object).expect("a collection of objects");
    let given: BTreeMap<&str, Value> = attributes.iter().cloned().collect();
    let value = |name: &str, ty: &Type| given.get(name).cloned().unwrap_or_else(|| Value::null(ty.clone()));
    Value::object_of(element.iter().map(|(name, ty)| (name.clone(), value(name, ty))))
}

fn id(state: &Value) -> String {
    string(state, "id")
}

fn string(state: &Value, name: &str) -> String {
    state.attr_str(name).map(ToString::to_string).unwrap_or_default()
}
