//! Tests of the engine over the in-memory provider.

mod basics;
mod commands;
mod conditions;
mod data;
mod failures;
mod fixture;
mod handovers;
mod hooks;
mod interrupts;
mod laws;
mod lifecycle;
mod misbehaviour;
mod moves;
mod order;
mod recovery;
mod rollout;
mod scaling;
mod targets;
mod values;

use fixture::Fixture;
