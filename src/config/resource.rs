use addrs::{Name, Resource};
use diag::Span;
use syntax::{Body, Expr, Traversal};

use crate::{Lifecycle, ProviderKey};

/// A `resource`, `data` or `ephemeral` block.
#[derive(Clone, Debug)]
pub struct ResourceConfig {
    pub resource: Resource,
    pub count: Option<Expr>,
    pub for_each: Option<Expr>,
    pub provider: ProviderReference,
    pub depends_on: Vec<Traversal>,
    pub lifecycle: Lifecycle,
    /// What the provider's schema decodes: the block without the meta-arguments.
    pub body: Body,
    /// The check block a data source is nested in.
    pub check: Option<Name>,
    /// Of the header: `resource "a" "b"`.
    pub span: Span,
}

/// Which provider configuration of the module serves a resource: named by `provider =`, or implied by the type.
#[derive(Clone, Debug)]
pub struct ProviderReference {
    pub key: ProviderKey,
    /// Where it is named; `None` when implied.
    pub span: Option<Span>,
}
