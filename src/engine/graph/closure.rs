use std::collections::HashMap;
use std::sync::Arc;

use addrs::{ConfigResource, Mode};
use petgraph::stable_graph::NodeIndex;

use super::{Graph, Vertex};
use crate::program::{Program, ResourceId};

/// Which resources each vertex depends on, directly or through others. Equal sets are shared, so that the memory
/// is linear where many vertices wait for the same.
pub(crate) struct Closures {
    /// Sorted by id.
    sets: Vec<Arc<[ResourceId]>>,
    addresses: HashMap<usize, Arc<[ConfigResource]>>,
}

impl Closures {
    /// `order`: dependencies first.
    pub fn compute(graph: &Graph, program: &Program, order: &[NodeIndex]) -> Self {
        let empty: Arc<[ResourceId]> = Arc::new([]);
        let mut sets = vec![Arc::clone(&empty); graph.bound()];
        // What dependents inherit: the set, with the vertex's own resource in it.
        let mut inherited = vec![Arc::clone(&empty); graph.bound()];
        for index in order {
            let mut parts: Vec<&Arc<[ResourceId]>> = graph
                .dependencies(*index)
                .map(|dependency| &inherited[dependency.index()])
                .filter(|part| !part.is_empty())
                .collect();
            parts.sort_by_key(|part| part.as_ptr());
            parts.dedup_by_key(|part| part.as_ptr());
            let set = match parts.as_slice() {
                [] => Arc::clone(&empty),
                [one] => Arc::clone(one),
                many => union(many),
            };
            inherited[index.index()] = match graph.vertex(*index) {
                Some(Vertex::Resource(id)) if program.resource(id).mode() != Mode::Ephemeral => {
                    with(&set, id)
                }
                _ => Arc::clone(&set),
            };
            sets[index.index()] = match graph.vertex(*index) {
                Some(Vertex::Resource(id)) => without(&set, id),
                _ => set,
            };
        }
        let mut closures = Self { sets, addresses: HashMap::new() };
        closures.name_all(program);
        closures
    }

    pub fn of(&self, index: NodeIndex) -> &[ResourceId] {
        self.sets.get(index.index()).map_or(&[], |set| set)
    }

    /// The same as addresses, sorted: what the state stores.
    pub fn addresses(&self, index: NodeIndex) -> Arc<[ConfigResource]> {
        self.sets
            .get(index.index())
            .and_then(|set| self.addresses.get(&set.as_ptr().addr()))
            .cloned()
            .unwrap_or_else(|| Arc::new([]))
    }

    fn name_all(&mut self, program: &Program) {
        if self.sets.iter().all(|set| set.is_empty()) {
            return;
        }
        // Ordered as text, once for all sets.
        let mut by_text: Vec<(String, ResourceId)> =
            program.resource_ids().map(|id| (program.resource(id).address.to_string(), id)).collect();
        by_text.sort_unstable();
        let mut rank = vec![0_usize; by_text.len()];
        for (at, (_, id)) in by_text.into_iter().enumerate() {
            rank[id.0 as usize] = at;
        }
        for set in &self.sets {
            if !set.is_empty() {
                self.addresses.entry(set.as_ptr().addr()).or_insert_with(|| {
                    let mut ids = set.to_vec();
                    ids.sort_unstable_by_key(|id| rank[id.0 as usize]);
                    ids.into_iter().map(|id| program.resource(id).address.clone()).collect()
                });
            }
        }
    }
}

fn union(parts: &[&Arc<[ResourceId]>]) -> Arc<[ResourceId]> {
    let mut all: Vec<ResourceId> = parts.iter().flat_map(|part| part.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    // Often the largest part holds the others already.
    parts.iter().find(|part| part.len() == all.len()).map_or_else(|| all.into(), |part| Arc::clone(part))
}

fn with(set: &Arc<[ResourceId]>, id: ResourceId) -> Arc<[ResourceId]> {
    match set.binary_search(&id) {
        Ok(_) => Arc::clone(set),
        Err(at) => set[..at].iter().chain([&id]).chain(&set[at..]).copied().collect(),
    }
}

fn without(set: &Arc<[ResourceId]>, id: ResourceId) -> Arc<[ResourceId]> {
    match set.binary_search(&id) {
        Ok(_) => set.iter().copied().filter(|other| *other != id).collect(),
        Err(_) => Arc::clone(set),
    }
}
