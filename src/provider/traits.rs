use std::sync::Arc;

use addrs::ProviderAddr;
use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use value::{Str, Value};

use crate::requests::{
    ApplyRequest, ApplyResponse, ConfigureRequest, DataRequest, DataResponse, EphemeralResponse,
    ImportRequest, ImportResponse, PlanRequest, PlanResponse, Private, ReadRequest, ReadResponse,
    RecoverRequest, RecoverResponse, Settled,
};
use crate::review::{PlannedStep, Review};
use crate::schema::ProviderSchema;

/// A provider before it is configured: what it offers, and checks that need no credentials.
#[async_trait]
pub trait Provider: Send + Sync {
    fn address(&self) -> ProviderAddr;

    /// Built when first used, then shared.
    fn schema(&self) -> Arc<ProviderSchema>;

    /// Checks a provider block (unknowns allowed). The value conforms to the schema already.
    fn validate_provider(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    fn validate_resource(&self, _type_name: &str, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    fn validate_data(&self, _type_name: &str, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Brings an object written under an older schema version (as raw JSON text of its attributes) to the current one.
    ///
    /// The default reads it against the current schema, dropping attributes that no longer exist.
    fn upgrade_state(&self, type_name: &str, version: u64, attributes: &str) -> Result<Value, Diagnostics> {
        crate::stored::read_state(&self.schema(), type_name, version, attributes)
    }

    /// Takes over an object of another type (`moved` across types): raw JSON in, an object of `target_type` out.
    fn move_state(
        &self,
        source_provider: &ProviderAddr,
        source_type: &str,
        _source_version: u64,
        _attributes: &str,
        target_type: &str,
    ) -> Result<Value, Diagnostics> {
        Err(Diagnostic::error(
            "Move Resource State Not Supported",
            format!(
                "The provider {} cannot turn a {source_type} of {} into a {target_type}.",
                self.address().for_display(),
                source_provider.for_display()
            ),
        )
        .into())
    }

    /// Makes a client ready for use. Everything from outside (environment, home folder) is in the request.
    async fn configure(&self, request: ConfigureRequest) -> (Option<Arc<dyn Configured>>, Diagnostics);

    /// Calls one of the functions in the schema; arguments are converted and checked already.
    fn call_function(&self, name: &str, _arguments: &[Value]) -> Result<Value, FunctionError> {
        Err(FunctionError { argument: None, message: format!("The provider has no function named {name}.") })
    }
}

/// Why a provider function failed, and which argument (from 0) is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    pub argument: Option<usize>,
    pub message: String,
}

/// A configured provider: it can read and change real objects.
///
/// All methods may run concurrently. Errors are diagnostics in the responses, never panics.
#[async_trait]
pub trait Configured: Send + Sync {
    /// Reads the current state of many objects at once; answers in the order of the requests.
    /// An object that no longer exists answers with a null state.
    async fn read(&self, requests: Vec<ReadRequest>) -> Vec<ReadResponse>;

    /// Says what a change would result in. Must not change anything.
    async fn plan(&self, request: PlanRequest) -> PlanResponse;

    /// Makes one change. On failure answers what exists now, as far as known, beside the error.
    async fn apply(&self, request: ApplyRequest) -> ApplyResponse;

    /// After a crash: finds out what became of an `apply` whose answer was never received.
    async fn recover(&self, request: RecoverRequest) -> RecoverResponse;

    /// Says that the answers to these creations are on disk, so that what marked the objects for [`Configured::recover`]
    /// may go. Called once at the end of an apply; not after a crash, so a provider looks for marks on what it reads
    /// as well. A failure does no harm: it is a warning at most.
    async fn settled(&self, _created: Vec<Settled>) -> Diagnostics {
        Diagnostics::new()
    }

    async fn import(&self, request: ImportRequest) -> ImportResponse;

    async fn read_data(&self, request: DataRequest) -> DataResponse;

    async fn open_ephemeral(&self, type_name: Str, _config: Value) -> EphemeralResponse {
        EphemeralResponse::unsupported(&type_name)
    }

    async fn renew_ephemeral(&self, type_name: Str, _private: Private) -> EphemeralResponse {
        EphemeralResponse::unsupported(&type_name)
    }

    async fn close_ephemeral(&self, _type_name: Str, _private: Private) -> Diagnostics {
        Diagnostics::new()
    }

    /// Looks over all changes planned for this provider, in an order in which they may run, and over what stays: an error
    /// refuses the plan. May say in which steps the changes proceed, which the plan then shows, and which objects only go from one
    /// resource to another ([`crate::handovers`]): then it is asked again about the plan without their destructions.
    async fn review_plan(&self, _steps: &[PlannedStep]) -> Review {
        Review::default()
    }

    /// Asks calls in flight to end soon (the first Ctrl-C). They still answer truthfully.
    async fn stop(&self) {}
}
