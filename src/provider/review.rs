//! How a provider looks over all that is planned for it.

use std::collections::HashMap;

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
    /// Destructions that must not be, as another resource has the same object.
    pub handovers: Vec<Handover>,
}

/// An object that goes from one resource to another: nothing is destroyed, the old one only leaves the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// The index of the step that would destroy it.
    pub step: usize,
    /// The resource that has it when the plan is applied.
    pub to: AbsResourceInstance,
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
        Self { diagnostics, ..Self::default() }
    }
}

/// Destructions of objects that other resources have when the plan is applied. `identity` says by the step and one of its values what
/// tells it from all others of the provider; none where that is not known yet, or where there may be several alike.
pub fn handovers(
    steps: &[PlannedStep],
    identity: impl Fn(&PlannedStep, &Value) -> Option<String>,
) -> Vec<Handover> {
    let deletions = || steps.iter().enumerate().filter(|(_, step)| step.action == PlannedAction::Delete);
    let gone: HashMap<String, Vec<usize>> = deletions()
        .filter_map(|(at, step)| Some((identity(step, &step.before)?, at)))
        .fold(HashMap::new(), |mut gone, (identity, at)| {
            gone.entry(identity).or_default().push(at);
            gone
        });
    if gone.is_empty() {
        return Vec::new();
    }
    let mut found: HashMap<usize, AbsResourceInstance> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        if matches!(step.action, PlannedAction::Delete | PlannedAction::Gather) {
            continue;
        }
        let Some(deletions) = identity(step, &step.after).and_then(|identity| gone.get(&identity)) else {
            continue;
        };
        for deletion in deletions {
            // An object that is destroyed and then made again is no other resource's.
            let made_again = step.action == PlannedAction::Create && *deletion < at;
            if steps[*deletion].address != step.address || !made_again {
                found.insert(*deletion, step.address.clone());
            }
        }
    }
    let mut handovers: Vec<Handover> = found.into_iter().map(|(step, to)| Handover { step, to }).collect();
    handovers.sort_by_key(|handover| handover.step);
    handovers
}
