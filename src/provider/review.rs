//! How a provider looks over all that is planned for it.

use addrs::AbsResourceInstance;
use diag::Diagnostics;
use value::Value;

/// What is planned for one object, as [`crate::Configured::review_plan`] sees it.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    pub address: AbsResourceInstance,
    pub action: PlannedAction,
    pub before: Value,
    pub after: Value,
    /// Indices of steps that must be done before this one begins, all of them less than its own. What comes before
    /// those is left out; what is in no such chain may run at the same time.
    pub after_steps: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedAction {
    /// Nothing changes.
    NoOp,
    Create,
    Update,
    Delete,
    /// No change of any object: a point where many steps end before many others begin, so that the order of a large plan
    /// is exact and yet small. The address is that of one of them, both values are null.
    Gather,
}

/// What a provider says of everything that is planned for it.
#[derive(Clone, Debug, Default)]
pub struct Review {
    /// An error refuses the plan.
    pub diagnostics: Diagnostics,
    /// The changes as people tell of them, in order. Empty where a provider has nothing to add to the list of changes.
    pub steps: Vec<RolloutStep>,
}

/// A part of the changes that begins when those before it are done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolloutStep {
    /// What is done and what stays available meanwhile: `upgrade kubelet on w1, w2 to v1.34.9 (3 of 5 nodes stay)`.
    pub text: String,
    /// The objects that change.
    pub addresses: Vec<AbsResourceInstance>,
}

impl From<Diagnostics> for Review {
    fn from(diagnostics: Diagnostics) -> Self {
        Self { diagnostics, steps: Vec::new() }
    }
}
