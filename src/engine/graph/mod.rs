//! The dependency graph: its vertices, the transforms that build it, and what is computed over it.
//!
//! An edge leads from a vertex to one that must be done before it. Where many vertices wait for many, a vertex of
//! its own stands between, so that the number of edges stays linear.

mod cbd;
mod closure;
mod config;
mod cycles;
mod dot;
mod prune;
mod targets;
mod vertex;

use std::collections::HashMap;

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};

pub(crate) use cbd::propagate_create_before_destroy;
pub(crate) use closure::Closures;
pub(crate) use config::{Purpose, config_graph, target_vertex};
pub(crate) use cycles::{cycle_error, order};
pub use dot::{GraphKind, graph_dot};
pub(crate) use prune::{detach_stored, keep_needed_by, prune_for_destroy};
pub(crate) use targets::{Targeting, apply_destroy_targets, apply_targets};
pub(crate) use vertex::{Step, Vertex};

/// Vertices with the edges to what they depend on.
#[derive(Clone, Default)]
pub(crate) struct Graph {
    inner: StableDiGraph<Vertex, ()>,
    index: HashMap<Vertex, NodeIndex>,
}

impl Graph {
    pub fn add(&mut self, vertex: Vertex) -> NodeIndex {
        *self.index.entry(vertex).or_insert_with(|| self.inner.add_node(vertex))
    }

    pub fn find(&self, vertex: Vertex) -> Option<NodeIndex> {
        self.index.get(&vertex).copied()
    }

    /// Lets `from` wait for `to`. Doubled edges do no harm; an edge to itself is left out.
    pub fn connect(&mut self, from: NodeIndex, to: NodeIndex) {
        if from != to {
            self.inner.add_edge(from, to, ());
        }
    }

    /// [`Self::connect`] when both are there.
    pub fn depend(&mut self, from: Vertex, to: Vertex) {
        if let (Some(from), Some(to)) = (self.find(from), self.find(to)) {
            self.connect(from, to);
        }
    }

    /// [`Self::depend`] for all of them, unless that would close a cycle; answers whether they are in.
    pub fn depend_acyclic(&mut self, edges: &[(Vertex, Vertex)]) -> bool {
        let ends = edges.iter().filter_map(|(from, to)| Some((self.find(*from)?, self.find(*to)?)));
        let ends: Vec<(NodeIndex, NodeIndex)> = ends.collect();
        let added: Vec<_> = ends.into_iter().map(|(from, to)| self.inner.add_edge(from, to, ())).collect();
        let acyclic = order(self).is_some();
        if !acyclic {
            for edge in added {
                self.inner.remove_edge(edge);
            }
        }
        acyclic
    }

    pub fn vertex(&self, index: NodeIndex) -> Option<Vertex> {
        self.inner.node_weight(index).copied()
    }

    pub fn vertices(&self) -> impl Iterator<Item = (NodeIndex, Vertex)> + '_ {
        self.inner.node_indices().filter_map(|index| Some((index, self.vertex(index)?)))
    }

    pub fn dependencies(&self, of: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
        self.inner.neighbors_directed(of, Direction::Outgoing)
    }

    pub fn dependents(&self, of: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
        self.inner.neighbors_directed(of, Direction::Incoming)
    }

    /// Vertices and edges, for tests of how the graph grows.
    #[cfg(test)]
    pub fn size(&self) -> (usize, usize) {
        (self.inner.node_count(), self.inner.edge_count())
    }

    /// One more than the greatest index: the size of a table by index.
    pub fn bound(&self) -> usize {
        self.index.values().map(|index| index.index() + 1).max().unwrap_or(0)
    }

    pub fn retain(&mut self, mut keep: impl FnMut(NodeIndex) -> bool) {
        let gone: Vec<NodeIndex> = self.inner.node_indices().filter(|index| !keep(*index)).collect();
        for index in gone {
            if let Some(vertex) = self.inner.remove_node(index) {
                self.index.remove(&vertex);
            }
        }
    }

    pub(crate) fn petgraph(&self) -> &StableDiGraph<Vertex, ()> {
        &self.inner
    }

    pub(crate) fn disconnect(&mut self, from: NodeIndex, to: NodeIndex) {
        while let Some(edge) = self.inner.find_edge(from, to) {
            self.inner.remove_edge(edge);
        }
    }
}
