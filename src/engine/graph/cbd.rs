use std::collections::HashSet;

use addrs::ConfigResource;
use state::State;

use super::{Graph, Vertex};
use crate::program::{Program, ResourceId};

/// Which resources are replaced by creating first: those that say so, and everything such a resource depends on,
/// by the configuration or by what the state has stored.
///
/// The whole resource counts, not single instances: an instance that is only destroyed must follow the same order
/// as its siblings that are replaced, or the two orders contradict each other (hashicorp/terraform#26226).
pub(crate) fn propagate_create_before_destroy(
    graph: &Graph,
    program: &Program,
    state: &State,
) -> HashSet<ResourceId> {
    let mut found: HashSet<ResourceId> = HashSet::new();
    let mut seen = vec![false; graph.bound()];
    let mut stack = Vec::new();
    let stored = stored(program, state);
    for id in program.resource_ids() {
        let wants = program.resource(id).config.as_ref().map_or_else(
            || stored.contains(&id),
            |block| block.lifecycle.create_before_destroy == Some(true),
        );
        if wants {
            stack.push(id);
        }
    }
    let stored_dependencies = dependencies_in_state(program, state);
    while let Some(id) = stack.pop() {
        if !found.insert(id) {
            continue;
        }
        stack.extend(stored_dependencies.get(id.0 as usize).into_iter().flatten().copied());
        // Through values, modules and providers to the resources behind them.
        let mut way: Vec<_> = graph.find(Vertex::Resource(id)).into_iter().collect();
        while let Some(index) = way.pop() {
            for dependency in graph.dependencies(index) {
                if std::mem::replace(&mut seen[dependency.index()], true) {
                    continue;
                }
                match graph.vertex(dependency) {
                    Some(Vertex::Resource(other)) => stack.push(other),
                    _ => way.push(dependency),
                }
            }
        }
    }
    found
}

/// Resources with an object that was created under this order: without configuration they keep it.
fn stored(program: &Program, state: &State) -> HashSet<ResourceId> {
    let objects = state.resources.iter().filter(|(_, resource)| {
        let mut current = resource.instances.values().filter_map(|instance| instance.current.as_ref());
        current.any(|object| object.create_before_destroy)
    });
    objects.filter_map(|(address, _)| program.resource_id(&address.config())).collect()
}

fn dependencies_in_state(program: &Program, state: &State) -> Vec<Vec<ResourceId>> {
    let mut dependencies: Vec<Vec<ResourceId>> = program.resources.iter().map(|_| Vec::new()).collect();
    for (address, resource) in &state.resources {
        let Some(id) = program.resource_id(&address.config()) else { continue };
        let mut last: Option<*const ConfigResource> = None;
        for instance in resource.instances.values() {
            for object in instance.current.iter().chain(instance.deposed.values()) {
                // Instances of one resource share their list more often than not.
                if last.replace(object.dependencies.as_ptr()) == Some(object.dependencies.as_ptr()) {
                    continue;
                }
                dependencies[id.0 as usize]
                    .extend(object.dependencies.iter().filter_map(|d| program.resource_id(d)));
            }
        }
    }
    for list in &mut dependencies {
        list.sort_unstable();
        list.dedup();
    }
    dependencies
}
