//! The `host` provider: machines reached by SSH, and what is on them, as resources.
//!
//! See `README.md` for the design: one shell session a host, scripts in POSIX sh, connections as texts without secrets.

mod connection;
mod settings;
mod transport;
