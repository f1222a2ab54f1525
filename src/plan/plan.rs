use std::collections::BTreeMap;
use std::time::SystemTime;

use addrs::{AbsProviderConfig, AbsResourceInstance, Name, Target};
use provider::RolloutStep;
use state::{CheckResult, State};
use value::{Path, Value};

use crate::change::{OutputChange, ResourceChange};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Normal,
    Destroy,
    RefreshOnly,
}

/// What an apply will do, and everything needed to do exactly that.
#[derive(Clone, Debug)]
pub struct Plan {
    pub mode: Mode,
    /// Sorted by address, deposed objects after the current one. Unchanged instances are listed as no-ops.
    pub changes: Vec<ResourceChange>,
    /// What was found changed outside groma: before is the previous state, after the refreshed one.
    pub drift: Vec<ResourceChange>,
    pub outputs: BTreeMap<Name, OutputChange>,
    /// The state as the last run left it, after moves.
    pub previous_state: State,
    /// The state after refresh.
    pub prior_state: State,
    /// The root module's variables, marks kept; ephemeral ones are left out.
    pub variables: BTreeMap<Name, Value>,
    /// Ephemeral variables that were set: they must be given again on apply.
    pub ephemeral_variables: Vec<Name>,
    pub targets: Vec<Target>,
    pub force_replace: Vec<AbsResourceInstance>,
    pub checks: Vec<CheckResult>,
    /// Attributes of changed objects that other expressions read.
    pub relevant_attributes: Vec<RelevantAttribute>,
    pub timestamp: SystemTime,
    /// True when planning failed and the plan is partial.
    pub errored: bool,
    /// What providers that reviewed the plan say of its course.
    pub rollouts: Vec<Rollout>,
    /// Objects whose reading ended with warnings: they may stand as they were last known.
    pub doubtful: Vec<AbsResourceInstance>,
}

/// The changes of one provider configuration as its provider tells of them, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollout {
    pub provider: AbsProviderConfig,
    pub steps: Vec<RolloutStep>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct RelevantAttribute {
    pub resource: AbsResourceInstance,
    pub attribute: Path,
}

impl Plan {
    /// True when applying would change an object, an output or the state.
    pub fn is_applyable(&self) -> bool {
        use crate::action::Action;
        // Where nothing is made, what is unknown stays so.
        let makes = self.mode != Mode::RefreshOnly;
        let changes = self.changes.iter().any(ResourceChange::is_effective)
            || self
                .outputs
                .values()
                .any(|o| o.action != Action::NoOp && (makes || o.after.is_wholly_known()))
            || (self.mode == Mode::RefreshOnly && !self.drift.is_empty());
        changes && !self.errored
    }
}
