//! The same input for groma and for Terraform, and the answers compared.
//!
//! Where groma differs on purpose, `docs/differences.md` says why and `exceptions.txt` names the case; an exception
//! that is no longer needed fails the test, too.

mod configurations;
mod exceptions;
mod expressions;
mod formatting;
mod plan_text;
mod stream;

use exceptions::Exceptions;
