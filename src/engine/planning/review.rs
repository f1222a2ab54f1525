//! Providers look over what is planned for them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use ::plan::{Action, Plan, Reason, ResourceChange, Rollout};
use addrs::AbsResourceInstance;
use diag::Diagnostics;
use provider::{PlannedAction, PlannedStep};
use value::{Type, Value};

use super::handovers;
use crate::applying::{ApplyGraph, apply_graph};
use crate::eval::read_object;
use crate::graph::{Step, Vertex, order};
use crate::program::ProviderId;
use crate::session::Session;

/// Asks every configured provider about its steps, in an order in which they may run, and puts into the plan what it says
/// of the rollout. A cycle among the changes is found here too, before anybody agrees to the plan.
pub(super) async fn review(session: &Session, plan: &mut Plan) -> Diagnostics {
    if plan.changes.iter().all(|change| change.action == Action::NoOp) {
        return Diagnostics::new();
    }
    let reviewed = ask(session, plan).await;
    if reviewed.handovers.is_empty() || reviewed.diagnostics.has_errors() {
        return reviewed.put_into(plan);
    }
    let warning = handovers::hand_over(plan, &reviewed.handovers);
    // Without these destructions the order is another one.
    let mut diagnostics = ask(session, plan).await.put_into(plan);
    diagnostics.push(warning);
    diagnostics
}

/// What all providers say of a plan.
#[derive(Default)]
struct Reviewed {
    diagnostics: Diagnostics,
    rollouts: Vec<Rollout>,
    /// Changes whose object another resource has, and that resource.
    handovers: Vec<(usize, AbsResourceInstance)>,
}

impl Reviewed {
    fn put_into(self, plan: &mut Plan) -> Diagnostics {
        plan.rollouts.extend(self.rollouts);
        self.diagnostics
    }
}

async fn ask(session: &Session, plan: &Plan) -> Reviewed {
    let program = session.program();
    let mut reviewed = Reviewed::default();
    let built = apply_graph(program, plan);
    reviewed.diagnostics.extend(built.diagnostics.iter().cloned());
    if reviewed.diagnostics.has_errors() {
        return reviewed;
    }
    for id in providers_with_changes(session, plan) {
        let Ok(configured) = session.configured(id) else { continue };
        let (steps, changes) = steps(session, plan, &built, id);
        let address = &program.provider(id).address;
        let review = async move { configured.review_plan(&steps).await };
        match session.calls.make(&address.provider, review).await {
            Ok(review) => {
                reviewed.diagnostics.extend(review.diagnostics);
                if !review.steps.is_empty() {
                    reviewed.rollouts.push(Rollout { provider: address.clone(), steps: review.steps });
                }
                let handovers = review.handovers.into_iter();
                reviewed.handovers.extend(
                    handovers.filter_map(|handover| Some((*changes.get(&handover.step)?, handover.to))),
                );
            }
            Err(crash) => reviewed.diagnostics.push(crash),
        }
    }
    reviewed
}

fn providers_with_changes(session: &Session, plan: &Plan) -> Vec<ProviderId> {
    let mut ids: Vec<ProviderId> = plan
        .changes
        .iter()
        .filter(|change| !matches!(change.action, Action::NoOp | Action::Read))
        .filter_map(|change| session.program().provider_id(&change.provider))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The steps of one provider: what changes in a valid order, then what stays. Beside them which changes destroy in which step.
fn steps(
    session: &Session,
    plan: &Plan,
    built: &ApplyGraph,
    provider: ProviderId,
) -> (Vec<PlannedStep>, BTreeMap<usize, usize>) {
    let program = session.program();
    let graph = &built.graph;
    let mine = |change: &ResourceChange| program.provider_id(&change.provider) == Some(provider);
    let none: Arc<[usize]> = Arc::new([]);
    // The nearest steps of this provider before each vertex; shared where a vertex adds nothing.
    let mut before: BTreeMap<usize, Arc<[usize]>> = BTreeMap::new();
    let mut steps = Vec::new();
    let mut destroyed = BTreeMap::new();
    for index in order(graph).unwrap_or_default() {
        let parts: Vec<Arc<[usize]>> = graph
            .dependencies(index)
            .filter_map(|dependency| before.get(&dependency.index()))
            .filter(|part| !part.is_empty())
            .cloned()
            .collect();
        let nearest = gathered(union(&none, &parts), &mut steps);
        let step = match graph.vertex(index) {
            Some(Vertex::Change(at, step)) => {
                let change = plan.changes.get(at as usize).filter(|change| mine(change));
                change
                    .filter(|change| change.reason != Reason::ForgetBecauseHandedOver)
                    .map(|change| (at as usize, change, step))
            }
            _ => None,
        };
        let after = match step {
            Some((at, change, step)) => {
                if step == Step::Destroy {
                    destroyed.insert(steps.len(), at);
                }
                steps.push(planned_step(change, step, &nearest));
                Arc::from([steps.len() - 1])
            }
            None => nearest,
        };
        before.insert(index.index(), after);
    }
    let unchanged = plan.changes.iter().filter(|change| change.action == Action::NoOp && mine(change));
    steps.extend(unchanged.map(|change| PlannedStep {
        before: change.before.unmark_deep(),
        after: change.after.unmark_deep(),
        ..untouched(&change.address, Value::null(Type::Dynamic))
    }));
    steps.extend(not_targeted(session, plan, provider));
    (steps, destroyed)
}

/// What stays because `-target` leaves it out of the plan, as the state has it: a provider judges the whole, not a part.
fn not_targeted(session: &Session, plan: &Plan, provider: ProviderId) -> Vec<PlannedStep> {
    if plan.targets.is_empty() {
        return Vec::new();
    }
    let program = session.program();
    let planned: HashSet<&AbsResourceInstance> = plan.changes.iter().map(|change| &change.address).collect();
    let Some(reader) = session.operation.providers.get(&program.provider(provider).address.provider) else {
        return Vec::new();
    };
    let mine = plan.prior_state.instances().filter(|(address, resource, _)| {
        program.provider_id(&resource.provider) == Some(provider) && !planned.contains(address)
    });
    mine.filter_map(|(address, _, instance)| {
        let object = instance.current.as_ref()?;
        let value = read_object(reader.as_ref(), &address.resource, object).ok()?;
        Some(untouched(&address, value.unmark_deep()))
    })
    .collect()
}

fn untouched(address: &AbsResourceInstance, value: Value) -> PlannedStep {
    PlannedStep {
        address: address.clone(),
        action: PlannedAction::NoOp,
        before: value.clone(),
        after: value,
        after_steps: Vec::new(),
    }
}

fn planned_step(change: &ResourceChange, step: Step, nearest: &[usize]) -> PlannedStep {
    let null = || Value::null(change.before.ty());
    let (action, before, after) = match (step, change.action) {
        (Step::Put, Action::Update) => {
            (PlannedAction::Update, change.before.unmark_deep(), change.after.unmark_deep())
        }
        (Step::Put, _) => (PlannedAction::Create, null(), change.after.unmark_deep()),
        (Step::Destroy, _) => (PlannedAction::Delete, change.before.unmark_deep(), null()),
        (Step::Forget, _) => (PlannedAction::NoOp, change.before.unmark_deep(), change.before.unmark_deep()),
    };
    PlannedStep { address: change.address.clone(), action, before, after, after_steps: nearest.to_vec() }
}

fn union(none: &Arc<[usize]>, parts: &[Arc<[usize]>]) -> Arc<[usize]> {
    match parts {
        [] => Arc::clone(none),
        [one] => Arc::clone(one),
        many if many.iter().all(|part| Arc::ptr_eq(part, &many[0])) => Arc::clone(&many[0]),
        many => {
            let mut all: Vec<usize> = many.iter().flat_map(|part| part.iter().copied()).collect();
            all.sort_unstable();
            all.dedup();
            Arc::from(all)
        }
    }
}

/// Of very many steps side by side, one that stands for them all: their list at each of many would be quadratic.
fn gathered(nearest: Arc<[usize]>, steps: &mut Vec<PlannedStep>) -> Arc<[usize]> {
    if nearest.len() <= MOST_NAMED {
        return nearest;
    }
    let address = steps[nearest[0]].address.clone();
    steps.push(PlannedStep {
        address,
        action: PlannedAction::Gather,
        before: Value::null(Type::Dynamic),
        after: Value::null(Type::Dynamic),
        after_steps: nearest.to_vec(),
    });
    Arc::from([steps.len() - 1])
}

/// Steps named as coming before another, at most.
const MOST_NAMED: usize = 16;
