//! Tests of the engine over the in-memory provider.

mod basics;
mod fixture;

pub(crate) use fixture::{Fixture, Run};
