use std::sync::Arc;

use value::{Str, Type, Value};

use super::configured;
use crate::proposed::proposed_new;
use crate::requests::{ApplyRequest, ApplyResponse, Environment, PlanRequest, PlanResponse, ReadRequest};
use crate::traits::{Configured, Provider};

/// One resource type at work, for tests that look at single steps. What must go well panics with what the provider said.
pub struct Bench {
    provider: Arc<dyn Provider>,
    running: Arc<dyn Configured>,
    type_name: Str,
}

impl Bench {
    /// A type of a provider whose block may be empty.
    ///
    /// # Panics
    ///
    /// If the provider cannot be configured so.
    pub async fn new(provider: Arc<dyn Provider>, type_name: &str, environment: Environment) -> Self {
        let running = configured(provider.as_ref(), &Value::object_of::<&str>([]), environment).await;
        let running = running.unwrap_or_else(|error| panic!("the provider cannot be configured: {error}"));
        Self::running(provider, running, type_name)
    }

    /// A type of a provider that is configured.
    pub fn running(provider: Arc<dyn Provider>, running: Arc<dyn Configured>, type_name: &str) -> Self {
        Self { provider, running, type_name: type_name.into() }
    }

    /// Plans a change from `prior` (null for a creation); gives the configuration in the schema's shape, too.
    ///
    /// # Panics
    ///
    /// If the provider has no such type, or the configuration does not fit its schema.
    pub async fn plan(&self, prior: &Value, config: &Value) -> (Value, PlanResponse) {
        let schema = self.provider.schema();
        let block = &schema.resource(&self.type_name).expect("the type is one of the provider's").block;
        let config = block.coerce(config).expect("the configuration fits the schema");
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
    ///
    /// # Panics
    ///
    /// If it cannot be planned; what the apply says is in the answer.
    pub async fn change(&self, prior: &Value, config: &Value) -> ApplyResponse {
        let (config, plan) = self.plan(prior, config).await;
        assert!(!plan.diagnostics.has_errors(), "{:?}", plan.diagnostics);
        let prior = if prior.is_null() { Value::null(plan.planned.ty()) } else { prior.clone() };
        self.apply(prior, plan.planned, config).await
    }

    /// Makes a planned creation.
    pub async fn apply_planned(&self, planned: Value) -> ApplyResponse {
        self.apply(Value::null(planned.ty()), planned.clone(), planned).await
    }

    /// Makes a planned change.
    pub async fn apply_plan(&self, prior: &Value, planned: Value) -> ApplyResponse {
        self.apply(prior.clone(), planned.clone(), planned).await
    }

    /// Plans and makes an object.
    ///
    /// # Panics
    ///
    /// If it cannot be planned or made.
    pub async fn create(&self, config: Value) -> Value {
        let response = self.change(&Value::null(Type::Dynamic), &config).await;
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
        response.state
    }

    /// Plans and makes a change that must go well.
    ///
    /// # Panics
    ///
    /// If it cannot be planned or made.
    pub async fn update(&self, prior: &Value, config: &Value) -> Value {
        let response = self.change(prior, config).await;
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
        response.state
    }

    /// Reads an object.
    ///
    /// # Panics
    ///
    /// If it cannot be read.
    pub async fn read(&self, current: &Value) -> Value {
        self.read_all(std::slice::from_ref(current)).await.pop().expect("one was asked for")
    }

    /// Reads many objects in one request.
    ///
    /// # Panics
    ///
    /// If one of them cannot be read.
    pub async fn read_all(&self, current: &[Value]) -> Vec<Value> {
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

    /// Deletes, or is told why not.
    pub async fn try_delete(&self, prior: &Value) -> ApplyResponse {
        let gone = Value::null(prior.ty());
        self.apply(prior.clone(), gone.clone(), gone).await
    }

    /// Deletes an object.
    ///
    /// # Panics
    ///
    /// If it stays.
    pub async fn delete(&self, prior: &Value) {
        let response = self.try_delete(prior).await;
        assert!(!response.diagnostics.has_errors(), "{:?}", response.diagnostics);
    }

    async fn apply(&self, prior: Value, planned: Value, config: Value) -> ApplyResponse {
        let token = Str::from("00000000-0000-4000-8000-000000000000");
        let type_name = self.type_name.clone();
        self.running.apply(ApplyRequest { type_name, prior, planned, config, private: vec![], token }).await
    }
}
