//! `lifecycle { max_parallel = n }`: at most n instances of a resource change at a time, those that only go before the
//! others, in key order, and a failure stops the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use ::plan::{Action, Plan};
use diag::{Diagnostic, Diagnostics};

use super::graph::{ByResource, destroys, puts};
use crate::graph::{Graph, Step, Vertex};
use crate::program::{Program, ResourceId};

/// Connects the changes of each such resource into lanes; answers how many edges that took.
pub(super) fn connect_rollouts(
    graph: &mut Graph,
    program: &Program,
    plan: &Plan,
    by_resource: &ByResource,
) -> usize {
    let mut edges = 0;
    for (id, changes) in by_resource {
        let Some(width) = width(program, *id) else { continue };
        let changes = in_turn(plan, changes);
        for (at, change) in changes.iter().enumerate().skip(width) {
            let before = changes[at - width];
            let from = ends(*change, plan.changes[*change].action).0;
            let to = ends(before, plan.changes[before].action).1;
            graph.depend(from, to);
            edges += 1;
        }
    }
    edges
}

/// The changes in the order of their lanes. What else depends on the resource lets objects go before others change, and with
/// create-before-destroy after them: lanes that went another way would be a cycle.
fn in_turn(plan: &Plan, changes: &[usize]) -> Vec<usize> {
    let goes = |at: &usize| !puts(plan.changes[*at].action);
    let last = changes.iter().any(|at| plan.changes[*at].create_before_destroy);
    let mut changes = changes.to_vec();
    // Stable: each part stays in key order.
    changes.sort_by_key(|at| goes(at) == last);
    changes
}

fn width(program: &Program, id: ResourceId) -> Option<usize> {
    let (n, _) = program.resource(id).config.as_ref()?.lifecycle.max_parallel?;
    Some(usize::try_from(n).unwrap_or(usize::MAX).max(1))
}

/// The first and the last vertex of a change.
fn ends(at: usize, action: Action) -> (Vertex, Vertex) {
    let index = u32::try_from(at).unwrap_or(u32::MAX);
    let (put, destroy) = (Vertex::Change(index, Step::Put), Vertex::Change(index, Step::Destroy));
    match action {
        Action::DeleteThenCreate => (destroy, put),
        Action::CreateThenDelete => (put, destroy),
        Action::Forget => (Vertex::Change(index, Step::Forget), Vertex::Change(index, Step::Forget)),
        action if destroys(action) => (destroy, destroy),
        action => {
            debug_assert!(puts(action));
            (put, put)
        }
    }
}

/// Which rollouts have failed.
pub(super) struct Rollouts {
    /// The resource of each change that belongs to one.
    members: BTreeMap<usize, ResourceId>,
    failed: Mutex<BTreeMap<ResourceId, usize>>,
    /// Changes that were not begun since.
    left: Mutex<BTreeSet<usize>>,
}

impl Rollouts {
    pub fn new(program: &Program, plan: &Plan) -> Self {
        let members = plan.changes.iter().enumerate().filter_map(|(at, change)| {
            let id = program.resource_id(&change.address.config())?;
            (width(program, id).is_some() && change.action != Action::NoOp).then_some((at, id))
        });
        Self { members: members.collect(), failed: Mutex::default(), left: Mutex::default() }
    }

    pub fn fail(&self, at: usize) {
        if let Some(id) = self.members.get(&at) {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).entry(*id).or_insert(at);
        }
    }

    /// True when a change must not begin as its rollout has failed. A replacement that has begun is finished.
    pub fn stops(&self, at: usize, step: Step, action: Action) -> bool {
        let begun = matches!(
            (action, step),
            (Action::DeleteThenCreate, Step::Put) | (Action::CreateThenDelete, Step::Destroy)
        );
        let failed = self
            .members
            .get(&at)
            .is_some_and(|id| self.failed.lock().unwrap_or_else(PoisonError::into_inner).contains_key(id));
        if failed && !begun {
            self.left.lock().unwrap_or_else(PoisonError::into_inner).insert(at);
        }
        failed && !begun
    }

    /// One finding a stopped rollout: what was left as it is.
    pub fn report(&self, plan: &Plan, done: impl Fn(usize) -> bool) -> Diagnostics {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let stopped = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        failed
            .iter()
            .filter_map(|(id, cause)| {
                let left: Vec<String> = self
                    .members
                    .iter()
                    .filter(|(at, member)| *member == id && *at != cause && (stopped.contains(at) || !done(**at)))
                    .map(|(at, _)| plan.changes[*at].address.to_string())
                    .collect();
                let cause = &plan.changes[*cause].address;
                (!left.is_empty()).then(|| {
                    Diagnostic::error(
                        "Rollout stopped",
                        format!(
                            "The change of {cause} failed, so {} further instances were left as they are: {}.",
                            left.len(),
                            super::finish::shortened(&left)
                        ),
                    )
                    .address(cause.config())
                })
            })
            .collect()
    }
}
