//! The `time` provider: points in time that are kept in the state, and waiting.
//!
//! Names, attributes and state are those of `hashicorp/time` 0.13. The current time is that of
//! [`provider::Environment::now`].

mod duration;
mod functions;
mod instant;
mod offset;
mod rotating;
mod sleep;
mod static_;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use addrs::ProviderAddr;
use provider::Provider;
use provider::simple::Simple;

/// `hashicorp/time`.
pub fn provider() -> Arc<dyn Provider> {
    Simple::builder(ProviderAddr::hashicorp("time"))
        .resource(offset::TimeOffset)
        .resource(rotating::TimeRotating)
        .resource(sleep::TimeSleep)
        .resource(static_::TimeStatic)
        .function(functions::DurationParse)
        .function(functions::Rfc3339Parse)
        .function(functions::UnixTimestampParse)
        .build()
}
