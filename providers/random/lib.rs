//! The `random` provider: random values that are made once and kept in the state.
//!
//! Names, attributes, import ids and state versions are those of `hashicorp/random` 3.x. Secrets come from the
//! operating system's generator; only values that take a `seed` do not.

mod bytes;
mod common;
mod id;
mod integer;
mod password;
mod pet;
mod seeded;
mod shuffle;
#[cfg(test)]
mod tests;
mod text;
mod uuid;
mod words;

use std::sync::Arc;

use addrs::ProviderAddr;
use provider::Provider;
use provider::simple::Simple;

/// `hashicorp/random`.
pub fn provider() -> Arc<dyn Provider> {
    Simple::builder(ProviderAddr::hashicorp("random"))
        .resource(bytes::RandomBytes)
        .resource(id::RandomId)
        .resource(integer::RandomInteger)
        .resource(password::RandomPassword)
        .resource(password::RandomString)
        .resource(pet::RandomPet)
        .resource(shuffle::RandomShuffle)
        .resource(uuid::RandomUuid::PLAIN)
        .resource(uuid::RandomUuid::V4)
        .resource(uuid::RandomUuid::V7)
        .ephemeral(password::EphemeralPassword)
        .build()
}
