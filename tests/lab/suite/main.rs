//! Tests that need real hosts: `cargo xtask lab test`.

mod faults;
mod groma;
mod hosts;
mod support;
mod teardown;
