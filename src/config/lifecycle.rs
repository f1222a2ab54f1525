use diag::Span;
use syntax::{Expr, Traversal};

use crate::Condition;

/// A `lifecycle` block.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// `None` when not set: the engine decides by what depends on the resource.
    pub create_before_destroy: Option<bool>,
    pub prevent_destroy: bool,
    pub ignore_changes: IgnoreChanges,
    /// References to resources, instances or their attributes.
    pub replace_triggered_by: Vec<Expr>,
    pub preconditions: Vec<Condition>,
    pub postconditions: Vec<Condition>,
    /// Ours: at most so many instances change at a time, in key order; a failure stops the rest.
    pub max_parallel: Option<(u32, Span)>,
}

/// Which changes of the configuration are not acted on.
#[derive(Clone, Debug, Default)]
pub enum IgnoreChanges {
    #[default]
    None,
    All,
    /// Relative traversals: the root is the attribute's name.
    Paths(Vec<Traversal>),
}
