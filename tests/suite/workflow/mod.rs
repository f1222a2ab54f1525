//! The command line from end to end, without a peer.

mod eksd_authorities;
mod eksd_pki;
mod eksd_refusals;
mod interrupted;
mod operations;
mod quickstart;
mod state_commands;
