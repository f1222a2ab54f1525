//! Expression evaluation: references, scopes, the function table, and decoding of bodies against schemas.
//!
//! Knows nothing of resources' life cycles: whoever evaluates gives a [`Scope`] that answers references.

mod decode;
pub mod evaluate;
pub mod functions;
mod reference;
mod scope;
mod stack;
mod suggest;
mod type_expr;

pub use decode::{attribute_span, block_references, decode_attributes, decode_block, path_span};
pub use evaluate::{
    ValueNotes, console_type_argument, evaluate, evaluate_as, evaluate_attempt, values_in_play,
};
pub use functions::{CallContext, Function, FunctionError};
pub use reference::{PathAttr, Reference, Subject, parse_reference, references};
pub use scope::{ConstantScope, EmptyScope, MapScope, Repetition, Root, Scope};
pub use type_expr::{TypeConstraint, parse_type};
