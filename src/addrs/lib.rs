//! Addresses: how Terraform names modules, resources, instances and providers, and their text forms.
//!
//! All types are cheap to clone (shared slices, small strings) and ordered as Terraform lists them:
//! by module, then mode, type, name and instance key, with
//! integer keys in numeric order and before string keys.

mod instance_key;
mod module;
mod parse;
mod provider;
mod resource;
mod target;

pub use ecow::EcoString as Name;
pub use instance_key::InstanceKey;
pub use module::{ModuleInstance, ModulePath, ModuleStep};
pub use parse::ParseError;
pub use provider::{AbsProviderConfig, ProviderAddr};
pub use resource::{
    AbsResource, AbsResourceInstance, ConfigResource, DeposedKey, Mode, Resource, ResourceInstance,
};
pub use target::Target;
