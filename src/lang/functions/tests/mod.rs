//! The functions against answers that were recorded from `terraform console`, and what needs no such answers.

mod context;
mod properties;
mod recorded;
mod signatures;
