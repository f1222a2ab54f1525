//! Expression evaluation: references, scopes, the function table, and decoding of bodies against schemas.
//!
//! Knows nothing of resources' life cycles: whoever evaluates gives a [`Scope`] that answers references.

mod decode;
mod evaluate;
pub mod functions;
mod reference;
mod scope;
mod type_expr;

pub use decode::{block_references, decode_block};
pub use evaluate::{evaluate, evaluate_as};
pub use functions::{CallContext, Function, FunctionError};
pub use reference::{PathAttr, Reference, Subject, parse_reference, references};
pub use scope::{EmptyScope, Scope};
pub use type_expr::{TypeConstraint, parse_type};
