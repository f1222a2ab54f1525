//! Diagnostics: what went wrong or is worth a warning, where, and the values in play.
//!
//! A [`Diagnostic`] is data; nothing here renders or prints. Operations return a value *and*
//! [`Diagnostics`], so warnings travel with success and many errors come out of one run.
//! Rendering (Terraform's box, or JSON) is `src/cli`'s, which also holds the [`Sources`].

mod diagnostic;
mod sources;
mod span;

pub use diagnostic::{Diagnostic, Diagnostics, PathStep, Severity, ValueInPlay};
pub use sources::{Position, SourceFile, Sources};
pub use span::{FileId, Span};
