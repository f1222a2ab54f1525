//! From syntax trees to a checked configuration: modules, variables, resources and what else blocks declare.
//!
//! Loading checks everything that needs no values and no provider schemas; expressions stay syntax.

mod check;
mod import;
mod lifecycle;
mod load;
mod module;
mod module_call;
mod moved;
mod output;
mod provider_block;
mod providers;
mod removed;
mod resource;
mod variable;
mod vars;

pub use check::{Check, Condition};
pub use import::{Import, ImportId};
pub use lifecycle::{IgnoreChanges, Lifecycle};
pub use load::{LoadOptions, load, load_module_dir};
pub use module::{Config, Local, Module, RequiredProvider};
pub use module_call::ModuleCall;
pub use moved::Moved;
pub use output::Output;
pub use provider_block::{ProviderBlock, ProviderKey};
pub use providers::ProviderMap;
pub use removed::{Removed, RemovedTarget};
pub use resource::{ProviderReference, ResourceConfig};
pub use variable::Variable;
pub use vars::{RawVariable, VariableInput, VariableSource, Variables, read_tfvars};
