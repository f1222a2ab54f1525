//! The boundary between the engine and whatever manages real objects: the [`Provider`] and
//! [`Configured`] traits, schemas, requests and responses.
//!
//! It mirrors the Terraform plugin protocol v6 (`tfplugin6.proto`), so that an out-of-process plugin can
//! be one more implementation. Two things are ours: reads come in batches ([`Configured::read`]), and a
//! provider may look over all its planned changes, refuse the plan, and say how it proceeds ([`Configured::review_plan`]).
//!
//! Every implementation must pass [`conformance`].

mod attributes;
mod check;
mod compare;
mod compatible;
pub mod conformance;
pub mod docs;
mod function;
mod joined;
#[cfg(test)]
mod laws;
pub mod memory;
mod planning;
mod proposed;
mod requests;
mod review;
mod schema;
mod sensitive;
pub mod simple;
mod stored;
#[cfg(test)]
mod tests;
mod traits;
mod validity;

pub use attributes::{attribute_error, diagnostic_path};
pub use compatible::assert_compatible;
pub use docs::reference_markdown;
pub use function::{FunctionSignature, Parameter};
pub use joined::Joined;
pub use planning::{changed, fill_unknown, unknown_where_null, with_nulls};
pub use proposed::{planned_data, proposed_new};
pub use requests::{
    ApplyRequest, ApplyResponse, ConfigureRequest, DataRequest, DataResponse, Environment, EphemeralResponse,
    ImportRequest, ImportResponse, ImportedObject, OperationToken, PlanRequest, PlanResponse, Private,
    ReadRequest, ReadResponse, RecoverRequest, RecoverResponse, Settled,
};
pub use review::{Handover, PlannedAction, PlannedStep, Review, RolloutStep, handovers};
pub use schema::{Attribute, Block, NestedBlock, NestedType, Nesting, ProviderSchema, Schema};
pub use sensitive::mark_sensitive;
pub use stored::{read_attributes, read_state};
pub use traits::{Configured, FunctionError, Provider};
pub use validity::assert_plan_valid;
