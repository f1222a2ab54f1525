use std::sync::Arc;

use config::Config;
use diag::Diagnostics;

use crate::{Operation, Providers};

/// Checks a configuration against its providers' schemas without any values: bodies, references, conditions,
/// cycles. All variables and resources are unknown.
pub fn validate(_operation: &Operation) -> Diagnostics {
    let _: Option<(Arc<Config>, Providers)> = None;
    todo!("engine helper")
}
