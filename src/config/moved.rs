use addrs::{ModulePath, Target};
use diag::Span;

/// A `moved` block; both ends relative to the module that holds it.
#[derive(Clone, Debug)]
pub struct Moved {
    pub module: ModulePath,
    pub from: Target,
    pub to: Target,
    pub span: Span,
}
