//! The graph of an apply: the configuration's, with the planned changes in it.

use std::collections::HashMap;
use std::sync::Arc;

use ::plan::{Action, Mode, Plan, Reason, ResourceChange};
use addrs::ConfigResource;
use diag::Diagnostics;

use super::order::connect_destroys;
use super::rollout::connect_rollouts;
use crate::graph::{
    Closures, Graph, Purpose, Step, Vertex, apply_targets, config_graph, cycle_error, detach_stored,
    keep_needed_by, order,
};
use crate::program::{Program, ResourceId};

pub(crate) struct ApplyGraph {
    pub graph: Graph,
    /// What the state is to store with each resource that changes.
    pub dependencies: HashMap<ResourceId, Arc<[ConfigResource]>>,
    pub diagnostics: Diagnostics,
}

/// Changes by the resource they belong to, in plan order.
pub(super) type ByResource = std::collections::BTreeMap<ResourceId, Vec<usize>>;

/// Builds the graph; a cycle in it is an error naming its members.
pub(crate) fn apply_graph(program: &Program, plan: &Plan) -> ApplyGraph {
    let (mut graph, mut diagnostics) = config_graph(program, Purpose::Apply, &HashMap::new());
    let Some(sequence) = order(&graph) else {
        diagnostics.extend(cycle_error(&graph, program, &plan.changes));
        return ApplyGraph { graph, dependencies: HashMap::new(), diagnostics };
    };
    let closures = Closures::compute(&graph, program, &sequence);
    let by_resource = group(program, plan);
    let dependencies = by_resource
        .keys()
        .filter_map(|id| Some((*id, closures.addresses(graph.find(Vertex::Resource(*id))?))))
        .collect();
    if plan.mode == Mode::Destroy {
        detach_stored(&mut graph, program);
    } else {
        apply_targets(&mut graph, program, &closures, &plan.targets);
    }
    for (id, changes) in &by_resource {
        for at in changes {
            add_change(&mut graph, program, *id, *at, &plan.changes[*at]);
        }
    }
    connect_destroys(&mut graph, program, plan, &by_resource, &closures);
    connect_checks(&mut graph, program, plan);
    if plan.mode == Mode::Destroy {
        keep_needed_by(&mut graph, |vertex| matches!(vertex, Vertex::Change(..)));
    }
    if order(&graph).is_some() {
        diagnostics.extend(connect_rollouts(&mut graph, program, plan, &by_resource));
    } else {
        diagnostics.extend(cycle_error(&graph, program, &plan.changes));
    }
    ApplyGraph { graph, dependencies, diagnostics }
}

fn group(program: &Program, plan: &Plan) -> ByResource {
    let mut groups = ByResource::new();
    for (at, change) in plan.changes.iter().enumerate() {
        if !matches!(change.action, Action::NoOp | Action::Read)
            && let Some(id) = program.resource_id(&change.address.config())
        {
            groups.entry(id).or_default().push(at);
        }
    }
    groups
}

/// The vertices of a change: what creates or updates lies between the resource's opening and closing, what destroys
/// between its gate and its end.
fn add_change(graph: &mut Graph, program: &Program, id: ResourceId, at: usize, change: &ResourceChange) {
    let index = u32::try_from(at).unwrap_or(u32::MAX);
    let provider = Vertex::Provider(program.resource(id).provider);
    graph.add(provider);
    if puts(change.action) {
        let put = Vertex::Change(index, Step::Put);
        graph.add(put);
        graph.depend(put, Vertex::Open(id));
        graph.depend(put, provider);
        graph.depend(Vertex::Resource(id), put);
    }
    if destroys(change.action) {
        let destroy = Vertex::Change(index, Step::Destroy);
        graph.add(destroy);
        graph.add(Vertex::DestroyGate(id));
        graph.add(Vertex::Destroyed(id));
        graph.depend(destroy, provider);
        graph.depend(destroy, Vertex::DestroyGate(id));
        graph.depend(Vertex::Destroyed(id), destroy);
        match change.action {
            Action::DeleteThenCreate => graph.depend(Vertex::Change(index, Step::Put), destroy),
            Action::CreateThenDelete => graph.depend(destroy, Vertex::Change(index, Step::Put)),
            _ => {}
        }
    }
    if change.action == Action::Forget {
        graph.add(Vertex::Change(index, Step::Forget));
    }
}

/// What checks read again is read when everything else is done.
fn connect_checks(graph: &mut Graph, program: &Program, plan: &Plan) {
    let again = plan.changes.iter().filter(|change| change.reason == Reason::ReadBecauseCheckNested);
    let data: Vec<ResourceId> =
        again.filter_map(|change| program.resource_id(&change.address.config())).collect();
    if data.is_empty() {
        return;
    }
    graph.add(Vertex::Changed);
    let changes: Vec<Vertex> =
        graph.vertices().map(|(_, vertex)| vertex).filter(|v| matches!(v, Vertex::Change(..))).collect();
    for change in changes {
        graph.depend(Vertex::Changed, change);
    }
    for id in data {
        graph.depend(Vertex::Resource(id), Vertex::Changed);
    }
}

pub(super) fn puts(action: Action) -> bool {
    matches!(action, Action::Create | Action::Update) || action.is_replace()
}

pub(super) fn destroys(action: Action) -> bool {
    action == Action::Delete || action.is_replace()
}
