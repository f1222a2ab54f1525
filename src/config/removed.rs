use addrs::{ConfigResource, ModulePath};
use diag::Span;

/// A `removed` block.
#[derive(Clone, Debug)]
pub struct Removed {
    /// Absolute: the module that holds the block is part of it.
    pub from: RemovedTarget,
    /// `lifecycle { destroy = false }` forgets instead of destroying.
    pub destroy: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum RemovedTarget {
    Module(ModulePath),
    Resource(ConfigResource),
}
