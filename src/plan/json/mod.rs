//! The JSON forms that other tools read: `show -json PLAN` (format 1.2) and `show -json` of a state (format 1.0).
//!
//! Shapes and orders are Terraform's (`internal/command/jsonplan`, `jsonstate`).

mod change;
mod checks;
mod masks;
mod plan;
mod state;

use std::sync::Arc;

use addrs::{Mode, ProviderAddr};
use provider::{ProviderSchema, Schema};

pub use change::{ChangeJson, actions, change_json};
pub use masks::{omit_unknowns, sensitive_mask, unknown_mask};
pub use plan::plan_json;
pub use state::state_json;

/// Answers what providers offer, by address.
pub trait Schemas {
    fn provider_schema(&self, provider: &ProviderAddr) -> Option<Arc<ProviderSchema>>;
}

/// Why a plan or state cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    #[error("There is no schema for {ty} of {provider}: the provider is not part of this groma.")]
    NoSchema { provider: String, ty: String },
    #[error("{address}: {reason}")]
    Value { address: String, reason: String },
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

fn with_schema<T>(
    schemas: &dyn Schemas,
    provider: &ProviderAddr,
    mode: Mode,
    ty: &str,
    f: impl FnOnce(&Schema) -> T,
) -> Result<T, JsonError> {
    let schema = schemas.provider_schema(provider);
    let found = schema.as_ref().and_then(|schema| match mode {
        Mode::Managed => schema.resources.get(ty),
        Mode::Data => schema.data_sources.get(ty),
        Mode::Ephemeral => schema.ephemerals.get(ty),
    });
    found.map(f).ok_or_else(|| JsonError::NoSchema { provider: provider.for_display(), ty: ty.to_owned() })
}
