//! Providers look over what is planned for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::plan::{Action, Plan, ResourceChange};
use diag::Diagnostics;
use provider::{PlannedAction, PlannedStep};

use crate::applying::{ApplyGraph, apply_graph};
use crate::graph::{Step, Vertex, order};
use crate::program::ProviderId;
use crate::session::Session;

/// Asks every configured provider about its steps, in an order in which they may run. A cycle among the changes is
/// found here too, before anybody agrees to the plan.
pub(super) async fn review(session: &Session, plan: &mut Plan) -> Diagnostics {
    let program = session.program();
    let mut diagnostics = Diagnostics::new();
    if plan.changes.iter().all(|change| change.action == Action::NoOp) {
        return diagnostics;
    }
    let built = apply_graph(program, plan);
    diagnostics.extend(built.diagnostics.iter().cloned());
    if diagnostics.has_errors() {
        return diagnostics;
    }
    for id in providers_with_changes(session, plan) {
        let Ok(configured) = session.configured(id) else { continue };
        let steps = steps(session, plan, &built, id);
        let address = &program.provider(id).address.provider;
        match session.calls.make(address, async move { configured.review_plan(&steps).await }).await {
            Ok(findings) => diagnostics.extend(findings),
            Err(crash) => diagnostics.push(crash),
        }
    }
    diagnostics
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

/// The steps of one provider: what changes in a valid order, then what stays.
fn steps(session: &Session, plan: &Plan, built: &ApplyGraph, provider: ProviderId) -> Vec<PlannedStep> {
    let program = session.program();
    let graph = &built.graph;
    let mine = |change: &ResourceChange| program.provider_id(&change.provider) == Some(provider);
    let none: Arc<[usize]> = Arc::new([]);
    // The nearest steps of this provider before each vertex; shared where a vertex adds nothing.
    let mut before: BTreeMap<usize, Arc<[usize]>> = BTreeMap::new();
    let mut steps = Vec::new();
    for index in order(graph).unwrap_or_default() {
        let parts: Vec<Arc<[usize]>> = graph
            .dependencies(index)
            .filter_map(|dependency| before.get(&dependency.index()))
            .filter(|part| !part.is_empty())
            .cloned()
            .collect();
        let nearest = union(&none, &parts);
        let step = match graph.vertex(index) {
            Some(Vertex::Change(at, step)) => {
                plan.changes.get(at as usize).filter(|c| mine(c)).map(|c| (c, step))
            }
            _ => None,
        };
        let after = match step {
            Some((change, step)) => {
                steps.push(planned_step(change, step, &nearest));
                Arc::from([steps.len() - 1])
            }
            None => nearest,
        };
        before.insert(index.index(), after);
    }
    let unchanged = plan.changes.iter().filter(|change| change.action == Action::NoOp && mine(change));
    steps.extend(unchanged.map(|change| PlannedStep {
        address: change.address.clone(),
        action: PlannedAction::NoOp,
        before: change.before.unmark_deep(),
        after: change.after.unmark_deep(),
        after_steps: Vec::new(),
    }));
    steps
}

fn planned_step(change: &ResourceChange, step: Step, nearest: &[usize]) -> PlannedStep {
    let null = || value::Value::null(change.before.ty());
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
            // Of very many that run side by side the last stand for all: lists by each of many would be quadratic.
            let from = all.len().saturating_sub(MOST_NAMED);
            Arc::from(&all[from..])
        }
    }
}

/// Steps named as coming before another.
const MOST_NAMED: usize = 256;
