//! The command line from end to end, without a peer.

mod interrupted;
mod operations;
mod quickstart;
mod state_commands;
