use std::collections::BTreeMap;

use addrs::Name;
use diag::Span;
use syntax::{Body, Expr, Traversal};

use crate::ProviderKey;

/// A `module` block.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    pub name: Name,
    pub source: String,
    pub version: Option<String>,
    pub count: Option<Expr>,
    pub for_each: Option<Expr>,
    pub depends_on: Vec<Traversal>,
    /// Child's provider configuration to the caller's.
    pub providers: BTreeMap<ProviderKey, ProviderKey>,
    /// The input variables: attributes named after the child's variables.
    pub body: Body,
    pub span: Span,
}
