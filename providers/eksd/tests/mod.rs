//! Tests over the transports that need no other machine: a folder as a host, and this machine.

mod cluster;
mod pki;
mod support;
