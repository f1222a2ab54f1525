use addrs::Name;
use diag::Span;
use lang::TypeConstraint;
use value::Value;

use crate::Condition;

/// A `variable` block.
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: Name,
    pub description: Option<String>,
    pub ty: TypeConstraint,
    /// True when the block has a `type` argument: then command-line values of other than primitive types are expressions.
    pub typed: bool,
    /// The default, converted already.
    pub default: Option<Value>,
    pub sensitive: bool,
    pub ephemeral: bool,
    pub nullable: bool,
    pub validations: Vec<Condition>,
    /// The message of `deprecated`.
    pub deprecated: Option<String>,
    /// Of the block's header.
    pub span: Span,
}
