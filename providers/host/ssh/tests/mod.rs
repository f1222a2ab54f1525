//! Tests of the SSH transport, most of them against a real sshd.

mod config;
mod faults;
mod hosts;
mod jumps;
mod known_hosts;
mod login;
mod machines;
mod passwords;
mod pipe;
mod processes;
mod refusals;
mod server;
