use addrs::{Name, Resource};
use diag::Span;
use syntax::Expr;

/// `condition` and `error_message` of a validation, precondition, postcondition or assertion.
#[derive(Clone, Debug)]
pub struct Condition {
    pub condition: Expr,
    pub error_message: Expr,
    pub span: Span,
}

/// A `check` block.
#[derive(Clone, Debug)]
pub struct Check {
    pub name: Name,
    /// The nested data source; it is among the module's resources too, marked as belonging to this check.
    pub data: Option<Resource>,
    pub asserts: Vec<Condition>,
    pub span: Span,
}
