//! The operations of the fake, each noted and perhaps failed before it does anything.

mod common;
mod instances;
mod interfaces;
mod options;
mod routes;
mod security;
mod vpc;

use super::{Fake, World, refused};
use crate::api::{ApiResult, Instance};

impl Fake {
    /// What the fake cannot do.
    fn refuse<T>(&self, operation: &'static str) -> ApiResult<T> {
        self.act(operation, |_: &mut World| Err(refused("UnsupportedOperation")))
    }

    fn change(
        &self,
        operation: &'static str,
        instance_id: &str,
        change: impl FnOnce(&mut Instance),
    ) -> ApiResult<()> {
        self.act(operation, |world| world.instance(instance_id).map(change))
    }
}
