//! Tests of the resources over the transports that need no other machine: a folder as a host, and this machine.

mod conformance;
mod files;
mod service;
mod session;
mod support;
