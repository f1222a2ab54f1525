//! A provider that keeps its objects in memory, for tests of the engine: every behaviour and fault can be set.
//!
//! ```text
//! let memory = Memory::new();
//! memory.fault(Operation::Create, "b", Fault::Fail("no capacity".into()));
//! // ... plan and apply with memory.provider() ...
//! assert_eq!(memory.log().names(Operation::Create), ["a", "b"]);
//! memory.drift("thing-a-1", "value", Value::string("changed by hand"));
//! ```
//!
//! Faults are set by the `name` attribute of the object they hit (`id` of one without a name). Ids are
//! deterministic: `KIND-NAME-N` for the N-th creation under a name, whatever runs concurrently.

mod faults;
mod log;
mod operations;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use addrs::ProviderAddr;
use async_trait::async_trait;
use diag::Diagnostics;
use tokio::sync::Notify;
use value::{Str, Type, Value};

pub use faults::Fault;
pub use log::{Event, Log, Operation, Phase};

use crate::function::{FunctionSignature, Parameter};
use crate::requests::ConfigureRequest;
use crate::review::{PlannedStep, Review, RolloutStep};
use crate::schema::{Block, ProviderSchema, Schema};
use crate::traits::{Configured, FunctionError, Provider};

/// The controls of an in-memory provider, and the provider itself. Clones share the objects.
#[derive(Clone)]
pub struct Memory {
    address: ProviderAddr,
    schema: Arc<ProviderSchema>,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<Inner>,
    stop: Notify,
}

#[derive(Default)]
struct Inner {
    /// Objects by id, each with its type.
    objects: BTreeMap<Str, Object>,
    /// How many were created under a name.
    created: BTreeMap<Str, u64>,
    faults: faults::Faults,
    log: Log,
    /// What `apply` calls resulted in, by token, for `recover`.
    outcomes: BTreeMap<Str, Value>,
    configurations: Vec<Value>,
    reviews: Vec<Vec<PlannedStep>>,
    refusal: Option<String>,
    rollout: Vec<RolloutStep>,
    review: Option<fn(&[PlannedStep]) -> Review>,
    stopped: bool,
}

#[derive(Clone)]
struct Object {
    type_name: Str,
    value: Value,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// `hashicorp/test`, with the types `test_thing` and `test_instance`.
    pub fn new() -> Self {
        Self::at(ProviderAddr::hashicorp("test"))
    }

    /// Under another address; the types keep their names.
    pub fn at(address: ProviderAddr) -> Self {
        let shared = Arc::new(Shared { state: Mutex::default(), stop: Notify::new() });
        Self { address, schema: Arc::new(schema::schema()), shared }
    }

    /// With another resource type, which is kept in memory as all are. It gets the attributes `id`, `name`, `zone` and
    /// `revision`, which mean what they mean in `test_thing`.
    #[must_use]
    pub fn with_type(mut self, type_name: &str, block: Block) -> Self {
        let mut schema = (*self.schema).clone();
        schema.resources.insert(type_name.into(), Schema::new(0, schema::known_by_name(block)));
        self.schema = Arc::new(schema);
        self
    }

    pub fn provider(&self) -> Arc<dyn Provider> {
        Arc::new(self.clone())
    }

    /// Makes every call of an operation on objects of a name fail so, until [`Memory::clear_faults`].
    /// An empty name hits all objects. Several faults on the same calls act together.
    pub fn fault(&self, operation: Operation, name: &str, fault: Fault) {
        self.lock().faults.add(operation, name, fault, None);
    }

    /// As [`Memory::fault`], for the next call only.
    pub fn fault_once(&self, operation: Operation, name: &str, fault: Fault) {
        self.lock().faults.add(operation, name, fault, Some(1));
    }

    pub fn clear_faults(&self) {
        self.lock().faults = faults::Faults::default();
    }

    /// Removes an object behind the engine's back; false if there is none of that id.
    pub fn vanish(&self, id: &str) -> bool {
        self.lock().objects.remove(id).is_some()
    }

    /// Changes an attribute of an object behind the engine's back; false if there is none of that id.
    pub fn drift(&self, id: &str, attribute: &str, value: Value) -> bool {
        match self.lock().objects.get_mut(id) {
            Some(object) => {
                object.value = object.value.with_attr(attribute, value);
                true
            }
            None => false,
        }
    }

    /// Puts an object there as if somebody else had made it; `value` is a complete object of the type.
    pub fn insert(&self, type_name: &str, id: &str, value: Value) {
        let object = Object { type_name: type_name.into(), value: value.with_attr("id", Value::string(id)) };
        self.lock().objects.insert(id.into(), object);
    }

    /// The object of an id as it is now.
    pub fn object(&self, id: &str) -> Option<Value> {
        self.lock().objects.get(id).map(|object| object.value.clone())
    }

    /// The ids of all objects, sorted.
    pub fn ids(&self) -> Vec<Str> {
        self.lock().objects.keys().cloned().collect()
    }

    /// What was called so far.
    pub fn log(&self) -> Log {
        self.lock().log.clone()
    }

    pub fn clear_log(&self) {
        self.lock().log.clear();
    }

    /// The provider blocks it was configured with, in order.
    pub fn configurations(&self) -> Vec<Value> {
        self.lock().configurations.clone()
    }

    /// Makes `review_plan` refuse with this message.
    pub fn refuse_plan(&self, message: &str) {
        self.lock().refusal = Some(message.into());
    }

    /// Lets `review_plan` answer what a function says.
    pub fn review_by(&self, review: fn(&[PlannedStep]) -> Review) {
        self.lock().review = Some(review);
    }

    /// Makes `review_plan` tell of these steps.
    pub fn tell_rollout(&self, steps: Vec<RolloutStep>) {
        self.lock().rollout = steps;
    }

    /// The steps that `review_plan` was asked about, call by call.
    pub fn reviews(&self) -> Vec<Vec<PlannedStep>> {
        self.lock().reviews.clone()
    }

    /// Whether it was asked to stop.
    pub fn stopped(&self) -> bool {
        self.lock().stopped
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.shared.lock()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A test that panicked elsewhere leaves consistent data: every change is one statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Provider for Memory {
    fn address(&self) -> ProviderAddr {
        self.address.clone()
    }

    fn schema(&self) -> Arc<ProviderSchema> {
        Arc::clone(&self.schema)
    }

    fn validate_resource(&self, type_name: &str, config: &Value) -> Diagnostics {
        let name = operations::name_of(config, config);
        let mut diagnostics = Diagnostics::new();
        for fault in self.lock().begin(Operation::Validate, type_name, &name) {
            faults::add_diagnostics(&fault, &mut diagnostics);
        }
        self.lock().end(Operation::Validate, type_name, &name);
        if let Some(schema) = self.schema.resource(type_name) {
            diagnostics.extend(schema.block.validate_config(config));
        }
        diagnostics.extend(schema::check_value(config));
        diagnostics
    }

    async fn configure(&self, request: ConfigureRequest) -> (Option<Arc<dyn Configured>>, Diagnostics) {
        let faults = self.lock().begin(Operation::Configure, "", "");
        self.lock().configurations.push(request.config);
        let mut diagnostics = Diagnostics::new();
        operations::wait(&self.shared, &faults).await;
        for fault in &faults {
            faults::add_diagnostics(fault, &mut diagnostics);
        }
        self.lock().end(Operation::Configure, "", "");
        if diagnostics.has_errors() {
            return (None, diagnostics);
        }
        (Some(Arc::new(self.clone())), diagnostics)
    }

    fn call_function(&self, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        match (name, arguments) {
            ("echo", [value]) => Ok(value.clone()),
            ("fail", [message]) => Err(FunctionError {
                argument: Some(0),
                message: message.as_str().map(ToString::to_string).unwrap_or_default(),
            }),
            _ => Err(FunctionError {
                argument: None,
                message: format!("The provider has no function named {name}."),
            }),
        }
    }
}

impl Inner {
    /// Logs the start of a call and takes the faults that hit it.
    fn begin(&mut self, operation: Operation, type_name: &str, name: &str) -> Vec<Fault> {
        self.log.begin(operation, type_name, name);
        self.faults.take(operation, name)
    }

    fn end(&mut self, operation: Operation, type_name: &str, name: &str) {
        self.log.end(operation, type_name, name);
    }
}

fn functions() -> BTreeMap<Str, FunctionSignature> {
    let function = |name: &str, parameter: &str, ty: Type, result: Type, summary: &str| FunctionSignature {
        name: name.into(),
        parameters: vec![Parameter { name: parameter.into(), ty, allow_null: true, allow_unknown: false }],
        variadic: None,
        result,
        summary: summary.into(),
    };
    [
        function("echo", "value", Type::Dynamic, Type::Dynamic, "Returns its argument."),
        function("fail", "message", Type::String, Type::String, "Fails with the given message."),
    ]
    .into_iter()
    .map(|function| (function.name.clone(), function))
    .collect()
}
