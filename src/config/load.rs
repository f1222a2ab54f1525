use std::path::Path;

use diag::{Diagnostics, Sources};

use crate::{Config, Module};

/// How to load.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// The Terraform version that `required_version` constraints are checked against.
    pub terraform_version: String,
}

/// Loads the configuration in a folder and all local modules it calls. The value is as complete as the errors allow.
pub fn load(_dir: &Path, _sources: &Sources, _options: &LoadOptions) -> (Config, Diagnostics) {
    todo!("config helper")
}

/// Loads one folder without its children.
pub fn load_module_dir(_dir: &Path, _sources: &Sources) -> (Module, Diagnostics) {
    todo!("config helper")
}
