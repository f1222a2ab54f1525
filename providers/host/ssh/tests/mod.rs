//! Tests of the SSH transport, most of them against a real sshd.

mod login;
mod server;
