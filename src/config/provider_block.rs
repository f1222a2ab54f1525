use addrs::Name;
use diag::Span;
use syntax::Body;

/// A provider configuration by its local name and alias: `aws`, `aws.west`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderKey {
    pub name: Name,
    pub alias: Option<Name>,
}

/// A `provider` block.
#[derive(Clone, Debug)]
pub struct ProviderBlock {
    pub key: ProviderKey,
    /// The deprecated `version` argument, as written.
    pub version: Option<String>,
    pub body: Body,
    pub span: Span,
}
