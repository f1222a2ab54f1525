//! From syntax trees to a checked configuration: modules, variables, resources and what else blocks declare.
//!
//! Loading checks everything that needs no values and no provider schemas; expressions stay syntax.

mod address;
mod backend;
mod check;
mod constant;
mod cx;
mod file;
mod files;
mod import;
pub mod json;
mod lifecycle;
mod load;
mod manifest;
mod merge;
mod module;
mod module_call;
mod module_source;
mod moved;
mod names;
mod output;
mod place;
mod provider_block;
mod providers;
mod removed;
mod required_providers;
mod resource;
mod suggest;
mod terraform_block;
#[cfg(test)]
mod testing;
pub mod validate;
mod variable;
mod vars;
mod version;

pub use backend::{Backend, BackendArguments, read_backend_file};
pub use check::{Check, Condition};
pub use files::{Files, has_configuration};
pub use import::{Import, ImportId};
pub use json::{ConfigJson, config_json};
pub use lifecycle::{IgnoreChanges, Lifecycle};
pub use load::{LoadOptions, TERRAFORM_VERSION, load, load_module_dir};
pub use manifest::{Manifest, ManifestError, ManifestRecord};
pub use module::{Config, Local, Module};
pub use module_call::{ModuleCall, PassedProvider};
pub use moved::Moved;
pub use output::Output;
pub use provider_block::{ProviderBlock, ProviderKey};
pub use providers::ProviderMap;
pub use removed::{Removed, RemovedTarget};
pub use required_providers::RequiredProvider;
pub use resource::{ProviderReference, ResourceConfig};
pub use terraform_block::RequiredVersion;
pub use variable::Variable;
pub use vars::{
    RawVariable, VariableInput, VariableSource, Variables, auto_variable_files, missing_variables,
    parse_var_option, read_tfvars,
};
pub use version::{Version, VersionConstraints, VersionError, canonical as canonical_constraints};
