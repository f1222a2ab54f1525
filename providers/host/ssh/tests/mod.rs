//! Tests of the SSH transport, most of them against a real sshd.

mod config;
mod known_hosts;
mod login;
mod server;
