//! What small providers share: each resource type, data source, ephemeral resource and function is a small trait
//! object, and [`Simple`] makes a [`Provider`] of them.
//!
//! Planning is the same for all: defaults where the configuration is null, computed attributes unknown at creation,
//! replacement by a list of attributes; a resource adds what is its own in [`Resource::plan`].

mod access;
mod provider;
mod resource;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use addrs::ProviderAddr;
use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use tokio::sync::watch;
use value::{Str, Value};

pub use access::{Access, with};
pub use resource::{Plan, Resource, Rules, plan_change};

use crate::function::FunctionSignature;
use crate::requests::Environment;
use crate::schema::{Block, ProviderSchema, Schema};
use crate::traits::{FunctionError, Provider};

/// The outcome of one call: the object now, or why not.
pub type Outcome = Result<Value, Diagnostics>;

/// What a resource may know while it works.
#[derive(Clone, Debug)]
pub struct Context {
    pub environment: Environment,
    /// The provider block.
    pub config: Value,
    /// The running groma's version.
    pub version: Str,
    warnings: Arc<Mutex<Diagnostics>>,
    stop: watch::Receiver<bool>,
}

impl Context {
    fn new(environment: Environment, config: Value, version: Str, stop: watch::Receiver<bool>) -> Self {
        Self { environment, config, version, warnings: Arc::default(), stop }
    }

    /// Ends when the provider is asked to stop: what only waits should be raced against it.
    pub async fn stopped(&self) {
        if self.stop.clone().wait_for(|stop| *stop).await.is_err() {
            // Whoever could ask is gone.
            std::future::pending::<()>().await;
        }
    }

    /// Adds a warning to the answer of the call at hand.
    pub fn warn(&self, warning: Diagnostic) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    /// The same for one more call, with warnings of its own.
    fn for_call(&self) -> Self {
        Self { warnings: Arc::default(), ..self.clone() }
    }

    fn take_warnings(&self) -> Diagnostics {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A data source of a [`Simple`] provider.
#[async_trait]
pub trait Data: Send + Sync {
    fn type_name(&self) -> &'static str;

    fn schema(&self) -> Schema;

    /// Checks what the schema cannot say; unknowns are possible.
    fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Reads with a wholly known configuration.
    async fn read(&self, context: &Context, config: &Value) -> Outcome;
}

/// An ephemeral resource of a [`Simple`] provider: opened, never renewed, with nothing to close.
#[async_trait]
pub trait Ephemeral: Send + Sync {
    fn type_name(&self) -> &'static str;

    fn schema(&self) -> Schema;

    async fn open(&self, context: &Context, config: &Value) -> Outcome;
}

/// A function of a [`Simple`] provider.
pub trait Function: Send + Sync {
    fn signature(&self) -> FunctionSignature;

    /// Calls it with converted, checked arguments.
    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError>;
}

/// A provider put together from small parts.
pub struct Simple {
    address: ProviderAddr,
    block: Block,
    parts: Arc<Parts>,
    schema: OnceLock<Arc<ProviderSchema>>,
}

#[derive(Default)]
struct Parts {
    resources: BTreeMap<Str, Box<dyn Resource>>,
    data: BTreeMap<Str, Box<dyn Data>>,
    ephemerals: BTreeMap<Str, Box<dyn Ephemeral>>,
    functions: BTreeMap<Str, Box<dyn Function>>,
}

/// Collects the parts of a [`Simple`] provider.
pub struct Builder {
    address: ProviderAddr,
    block: Block,
    parts: Parts,
}

impl Simple {
    pub fn builder(address: ProviderAddr) -> Builder {
        Builder { address, block: Block::default(), parts: Parts::default() }
    }
}

impl Builder {
    /// Sets what the provider block takes.
    #[must_use]
    pub fn block(mut self, block: Block) -> Self {
        self.block = block;
        self
    }

    #[must_use]
    pub fn resource(mut self, resource: impl Resource + 'static) -> Self {
        self.parts.resources.insert(resource.type_name().into(), Box::new(resource));
        self
    }

    #[must_use]
    pub fn data(mut self, data: impl Data + 'static) -> Self {
        self.parts.data.insert(data.type_name().into(), Box::new(data));
        self
    }

    #[must_use]
    pub fn ephemeral(mut self, ephemeral: impl Ephemeral + 'static) -> Self {
        self.parts.ephemerals.insert(ephemeral.type_name().into(), Box::new(ephemeral));
        self
    }

    #[must_use]
    pub fn function(mut self, function: impl Function + 'static) -> Self {
        self.parts.functions.insert(function.signature().name, Box::new(function));
        self
    }

    pub fn build(self) -> Arc<dyn Provider> {
        let Self { address, block, parts } = self;
        Arc::new(Simple { address, block, parts: Arc::new(parts), schema: OnceLock::new() })
    }
}
