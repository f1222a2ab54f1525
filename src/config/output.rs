use addrs::Name;
use diag::Span;
use syntax::{Expr, Traversal};

use crate::Condition;

/// An `output` block.
#[derive(Clone, Debug)]
pub struct Output {
    pub name: Name,
    pub description: Option<String>,
    pub value: Expr,
    pub sensitive: bool,
    pub ephemeral: bool,
    pub depends_on: Vec<Traversal>,
    pub preconditions: Vec<Condition>,
    pub deprecated: Option<String>,
    pub span: Span,
}
