//! The plan: what is to be changed, why, and its two forms outside: the plan file and the plan JSON.

mod action;
mod change;
pub mod file;
pub mod json;
mod plan;

pub use action::{Action, Reason};
pub use change::{Importing, OutputChange, ResourceChange};
pub use plan::{Mode, Plan, RelevantAttribute, Rollout};
