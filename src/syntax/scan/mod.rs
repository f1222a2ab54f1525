//! The scanner: source text to tokens, with a stack of modes for templates inside expressions inside templates.

mod check;
mod scanner;
mod token;

pub(crate) use check::report_invalid;
pub(crate) use scanner::{Comments, Start, scan};
pub(crate) use token::{Kind, Token};
