use addrs::Mode;
use petgraph::stable_graph::NodeIndex;
use state::State;

use super::{Graph, Vertex};
use crate::program::Program;

/// Keeps the vertices that `wanted` names and what they depend on.
pub(crate) fn keep_needed_by(graph: &mut Graph, wanted: impl Fn(Vertex) -> bool) {
    let mut keep = vec![false; graph.bound()];
    let mut stack: Vec<_> =
        graph.vertices().filter(|(_, vertex)| wanted(*vertex)).map(|(index, _)| index).collect();
    while let Some(index) = stack.pop() {
        if !std::mem::replace(&mut keep[index.index()], true) {
            stack.extend(graph.dependencies(index));
        }
    }
    graph.retain(|index| keep[index.index()]);
}

/// Leaves what destroying needs: the stored objects, which now stand for themselves, their providers, and what those
/// are configured from.
pub(crate) fn prune_for_destroy(graph: &mut Graph, program: &Program, state: &State) {
    detach_stored(graph, program);
    let stored: std::collections::HashSet<_> =
        state.resources.keys().filter_map(|address| program.resource_id(&address.config())).collect();
    keep_needed_by(graph, |vertex| match vertex {
        Vertex::Resource(id) => stored.contains(&id) && program.resource(id).mode() == Mode::Managed,
        _ => false,
    });
}

/// Lets managed resources and module calls, whose instances are those of the state, wait for nothing they refer to.
pub(crate) fn detach_stored(graph: &mut Graph, program: &Program) {
    let mut superfluous: Vec<(NodeIndex, NodeIndex)> = Vec::new();
    for (index, vertex) in graph.vertices() {
        let keeps = |dependency: &NodeIndex| match (vertex, graph.vertex(*dependency)) {
            (Vertex::Resource(id) | Vertex::Open(id), Some(to))
                if program.resource(id).mode() == Mode::Managed =>
            {
                matches!(to, Vertex::Refresh(_) | Vertex::Provider(_) | Vertex::Expand(_) | Vertex::Open(_))
            }
            (Vertex::Expand(_), Some(to)) => matches!(to, Vertex::Expand(_)),
            _ => true,
        };
        superfluous.extend(graph.dependencies(index).filter(|d| !keeps(d)).map(|d| (index, d)));
    }
    for (from, to) in superfluous {
        graph.disconnect(from, to);
    }
}
