//! `lifecycle { max_parallel = n }`: at most n instances of a resource change at a time, those that only go before the
//! others and in reverse key order, the others in key order, and a failure stops the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use ::plan::{Action, Plan};
use addrs::ConfigResource;
use diag::{Diagnostic, Diagnostics};

use super::graph::{ByResource, destroys, puts};
use crate::graph::{Graph, Step, Vertex};
use crate::program::{Program, ResourceId};

/// Connects the changes of each such resource into lanes; says where an order does not allow for that.
///
/// The graph is acyclic before and after. Mostly all lanes can be had at once; where they cannot, halves of them are tried
/// by themselves, down to the single resource, so that what is given up is looked for in few steps.
pub(super) fn connect_rollouts(
    graph: &mut Graph,
    program: &Program,
    plan: &Plan,
    by_resource: &ByResource,
) -> Diagnostics {
    let mut rollouts: Vec<Rollout> = by_resource
        .iter()
        .filter_map(|(id, changes)| Some(Rollout::new(*id, width(program, *id)?, plan, changes)))
        .collect();
    // Those that can go in one order only have it before others choose theirs.
    rollouts.sort_by_key(|rollout| (rollout.orders.len() > 1, !rollout.replaces));
    let mut apart = Vec::new();
    connect(graph, &rollouts, &mut apart);
    let addresses = apart.into_iter().map(|rollout| (&program.resource(rollout.id).address, rollout.width));
    addresses.map(|(address, width)| not_in_turn(address, width)).collect()
}

/// The lanes that the changes of a resource may go in.
struct Rollout {
    id: ResourceId,
    width: usize,
    /// Some object is destroyed and made again.
    replaces: bool,
    /// Edges for each order of the changes, the best first.
    orders: Vec<Vec<(Vertex, Vertex)>>,
    /// Edges if destructions and creations go in lanes of their own. They are among what is alike, so that they never are
    /// against anything else.
    apart: Vec<(Vertex, Vertex)>,
}

impl Rollout {
    fn new(id: ResourceId, width: usize, plan: &Plan, changes: &[usize]) -> Self {
        let action = |at: &usize| plan.changes[*at].action;
        let span = |at: usize| ends(at, plan.changes[at].action);
        let mut orders: Vec<Vec<usize>> = Vec::new();
        for order in in_turn(plan, changes) {
            if !orders.contains(&order) {
                orders.push(order);
            }
        }
        let only = |step: Step, of: fn(Action) -> bool| {
            let members = changes.iter().filter(|at| of(action(at))).copied();
            let members: Vec<usize> = members.collect();
            lanes(&members, width, |at| (change(at, step), change(at, step)))
        };
        let mut apart = only(Step::Destroy, destroys);
        apart.extend(only(Step::Put, puts));
        Self {
            id,
            width,
            replaces: changes.iter().any(|at| action(at).is_replace()),
            orders: orders.iter().map(|order| lanes(order, width, span)).collect(),
            apart,
        }
    }
}

/// Connects as many of them as go together; the others are put to those that go `apart`.
fn connect<'a>(graph: &mut Graph, rollouts: &'a [Rollout], apart: &mut Vec<&'a Rollout>) {
    let wanted: Vec<_> = rollouts.iter().filter_map(|r| r.orders.first()).flatten().copied().collect();
    if graph.depend_acyclic(&wanted) {
        return;
    }
    if let [rollout] = rollouts {
        if !rollout.orders.iter().skip(1).any(|edges| graph.depend_acyclic(edges)) {
            graph.depend_acyclic(&rollout.apart);
            apart.push(rollout);
        }
        return;
    }
    let (first, second) = rollouts.split_at(rollouts.len() / 2);
    connect(graph, first, apart);
    connect(graph, second, apart);
}

/// Each change waits for the one that is `width` before it.
fn lanes(changes: &[usize], width: usize, span: impl Fn(usize) -> (Vertex, Vertex)) -> Vec<(Vertex, Vertex)> {
    let pairs = changes.iter().zip(changes.iter().skip(width));
    pairs.map(|(before, after)| (span(*after).0, span(*before).1)).collect()
}

/// The changes in the orders that their lanes may have, the best first. What else depends on the resource mostly lets objects
/// go before others change, and with create-before-destroy after them: lanes that went another way would be a cycle. It may
/// be the other way round, as where what is above is replaced one by one: then nothing of this resource goes before that.
/// A replacement is both, and lies between.
fn in_turn(plan: &Plan, changes: &[usize]) -> [Vec<usize>; 3] {
    let kind = |at: &usize| match plan.changes[*at].action {
        action if action.is_replace() => 1,
        action if puts(action) => 2,
        _ => 0,
    };
    // What only goes does so from the last key to the first, as what comes later may need what came before.
    let (mut alike, others): (Vec<usize>, Vec<usize>) = changes.iter().partition(|at| kind(at) == 0);
    alike.reverse();
    alike.extend(others);
    // Stable: what is alike stays in that order.
    let sorted = |by: &dyn Fn(&usize) -> i32| {
        let mut changes = alike.clone();
        changes.sort_by_key(by);
        changes
    };
    let last = changes.iter().any(|at| plan.changes[*at].create_before_destroy);
    [sorted(&|at| i32::from((kind(at) == 0) == last)), sorted(&|at| kind(at)), sorted(&|at| -kind(at))]
}

fn not_in_turn(address: &ConfigResource, width: usize) -> Diagnostic {
    Diagnostic::warning(
        "Rollout cannot be serial",
        format!(
            "The other changes of this plan leave no order in which the instances of {address} change one after the other: \
             objects around them must be replaced in between. At most {width} of them (lifecycle.max_parallel) are \
             destroyed at a time, and as many made, but all may be gone before the first is made again. To keep some of \
             them up, make the changes in several steps, with -target."
        ),
    )
    .address(address)
}

fn width(program: &Program, id: ResourceId) -> Option<usize> {
    let (n, _) = program.resource(id).config.as_ref()?.lifecycle.max_parallel?;
    Some(usize::try_from(n).unwrap_or(usize::MAX).max(1))
}

/// The first and the last vertex of a change.
fn ends(at: usize, action: Action) -> (Vertex, Vertex) {
    let (put, destroy) = (change(at, Step::Put), change(at, Step::Destroy));
    match action {
        Action::DeleteThenCreate => (destroy, put),
        Action::CreateThenDelete => (put, destroy),
        Action::Forget => (change(at, Step::Forget), change(at, Step::Forget)),
        action if destroys(action) => (destroy, destroy),
        action => {
            debug_assert!(puts(action));
            (put, put)
        }
    }
}

fn change(at: usize, step: Step) -> Vertex {
    Vertex::Change(u32::try_from(at).unwrap_or(u32::MAX), step)
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
