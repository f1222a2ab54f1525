use diag::{Diagnostic, Diagnostics};
use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::stable_graph::NodeIndex;

use super::Graph;
use crate::program::Program;

/// The vertices, every one after those it depends on; an error when there is a cycle.
pub(crate) fn order(graph: &Graph) -> Option<Vec<NodeIndex>> {
    let mut order = toposort(graph.petgraph(), None).ok()?;
    order.reverse();
    Some(order)
}

/// Names the members of each cycle. (Kosaraju's algorithm, as its implementation does not recurse.)
pub(crate) fn cycle_error(graph: &Graph, program: &Program, changes: &[plan::ResourceChange]) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for mut members in kosaraju_scc(graph.petgraph()).into_iter().filter(|members| members.len() > 1) {
        members.sort_unstable();
        let names: Vec<String> = members
            .iter()
            .filter_map(|index| graph.vertex(*index))
            .map(|vertex| vertex.label(program, changes).to_string())
            .collect();
        diagnostics.push(Diagnostic::error(
            format!("Cycle: {}", names.join(", ")),
            "These objects refer to one another in a circle, so none of them can come first. Remove one of the references.",
        ));
    }
    diagnostics
}
