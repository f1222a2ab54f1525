//! What the tests share.

use std::path::Path as FilePath;
use std::sync::Arc;

use provider::conformance::{configured, environment};
use provider::{
    ApplyRequest, ApplyResponse, Configured, Environment, PlanRequest, PlanResponse, ReadRequest,
    proposed_new,
};
use tempfile::TempDir;
use value::{Str, Value};

pub(super) fn object<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    Value::object_of(attributes)
}

pub(super) fn text(text: &str) -> Value {
    Value::string(text)
}

/// All messages in one line.
pub(super) fn texts(diagnostics: &diag::Diagnostics) -> String {
    diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

pub(super) fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for a folder")
}

/// The connection of a folder taken as a host.
pub(super) fn root(folder: &FilePath) -> Value {
    Value::string(format!("root:{}", folder.display()))
}

/// One resource type at work, with a folder as the working folder.
pub(super) struct Bench {
    running: Arc<dyn Configured>,
    type_name: Str,
}

impl Bench {
    pub(super) async fn new(type_name: &str, folder: &FilePath) -> Self {
        let running = configured(crate::provider().as_ref(), &object([]), environment(folder)).await;
        Self { running: running.expect("needs nothing"), type_name: type_name.into() }
    }

    /// One type of a provider that is configured.
    pub(super) fn running(running: Arc<dyn Configured>, type_name: &str) -> Self {
        Self { running, type_name: type_name.into() }
    }

    /// The same with environment variables.
    pub(super) async fn with_variables(
        type_name: &str,
        folder: &FilePath,
        variables: &[(&str, &str)],
    ) -> Self {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let environment = Environment { variables: Arc::new(variables.collect()), ..environment(folder) };
        let running = configured(crate::provider().as_ref(), &object([]), environment).await;
        Self { running: running.expect("needs nothing"), type_name: type_name.into() }
    }

    /// Plans a change from `prior` (null for a creation).
    pub(super) async fn plan(&self, prior: &Value, config: &Value) -> (Value, PlanResponse) {
        let provider = crate::provider();
        let schema = provider.schema();
        let block = &schema.resource(&self.type_name).expect("is offered").block;
        let config = block.coerce(config).expect("fits the schema");
        let prior = if prior.is_null() { Value::null(block.implied_type()) } else { prior.clone() };
        let proposed = proposed_new(block, &prior, &config);
        let request = PlanRequest {
            type_name: self.type_name.clone(),
            prior,
            proposed,
            config: config.clone(),
            private: vec![],
        };
        (config, self.running.plan(request).await)
    }

    /// Plans and makes a change.
    pub(super) async fn change(&self, prior: &Value, config: &Value) -> ApplyResponse {
        let (config, plan) = self.plan(prior, config).await;
        assert!(!plan.diagnostics.has_errors(), "{:?}", plan.diagnostics);
        let prior = if prior.is_null() { Value::null(plan.planned.ty()) } else { prior.clone() };
        self.apply(prior, plan.planned, config).await
    }

    /// Makes a planned creation.
    pub(super) async fn apply_planned(&self, planned: Value) -> ApplyResponse {
        self.apply(Value::null(planned.ty()), planned.clone(), planned).await
    }

    pub(super) async fn create(&self, config: Value) -> Value {
        let response = self.change(&Value::null(value::Type::Dynamic), &config).await;
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
        response.state
    }

    pub(super) async fn read(&self, current: &Value) -> Value {
        let request =
            ReadRequest { type_name: self.type_name.clone(), current: current.clone(), private: vec![] };
        let response = self.running.read(vec![request]).await.pop().expect("one was asked for");
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
        response.state
    }

    /// Reads many objects in one request.
    pub(super) async fn read_all(&self, current: &[Value]) -> Vec<Value> {
        let requests = current.iter().map(|current| ReadRequest {
            type_name: self.type_name.clone(),
            current: current.clone(),
            private: vec![],
        });
        let responses = self.running.read(requests.collect()).await;
        let read = responses.into_iter().map(|response| {
            assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
            response.state
        });
        read.collect()
    }

    pub(super) async fn delete(&self, prior: &Value) {
        let gone = Value::null(prior.ty());
        let response = self.apply(prior.clone(), gone.clone(), gone).await;
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
    }

    async fn apply(&self, prior: Value, planned: Value, config: Value) -> ApplyResponse {
        let token = Str::from("00000000-0000-4000-8000-000000000000");
        let type_name = self.type_name.clone();
        self.running.apply(ApplyRequest { type_name, prior, planned, config, private: vec![], token }).await
    }
}

/// A list of texts.
pub(super) fn list(items: &[&str]) -> Value {
    Value::list(value::Type::String, items.iter().map(|item| text(item)).collect())
}
