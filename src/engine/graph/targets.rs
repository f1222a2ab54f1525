use std::collections::HashSet;

use addrs::{AbsResourceInstance, ConfigResource, Target};

use state::State;

use super::{Closures, Graph, Vertex};
use crate::program::{Program, ResourceId};

/// Which instances an operation is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Targeting {
    targets: Vec<Target>,
    /// Resources that a target needs: all of their instances count.
    needed: HashSet<ResourceId>,
}

impl Targeting {
    pub fn is_everything(&self) -> bool {
        self.targets.is_empty()
    }

    pub fn includes(&self, resource: ResourceId, instance: &AbsResourceInstance) -> bool {
        self.targets.is_empty()
            || self.needed.contains(&resource)
            || self.targets.iter().any(|target| target.contains(instance))
    }
}

/// Leaves in the graph what the targets name and what that depends on; root outputs and checks stay when everything
/// they depend on does.
pub(crate) fn apply_targets(
    graph: &mut Graph,
    program: &Program,
    closures: &Closures,
    targets: &[Target],
) -> Targeting {
    if targets.is_empty() {
        return Targeting::default();
    }
    let mut keep = vec![false; graph.bound()];
    let mut needed = HashSet::new();
    let mut stack = Vec::new();
    for (index, vertex) in graph.vertices() {
        if let Vertex::Resource(id) = vertex
            && targets.iter().any(|target| may_contain(target, &program.resource(id).address))
        {
            stack.extend(graph.dependencies(index));
            keep[index.index()] = true;
        }
    }
    while let Some(index) = stack.pop() {
        if let Some(Vertex::Resource(id)) = graph.vertex(index) {
            needed.insert(id);
        }
        if !std::mem::replace(&mut keep[index.index()], true) {
            stack.extend(graph.dependencies(index));
        }
    }
    let included: HashSet<ResourceId> = graph
        .vertices()
        .filter(|(index, _)| keep[index.index()])
        .filter_map(|(_, vertex)| match vertex {
            Vertex::Resource(id) => Some(id),
            _ => None,
        })
        .collect();
    for (index, vertex) in graph.vertices() {
        let tail = match vertex {
            Vertex::Output(module, _) => program.module(module).parent.is_none(),
            Vertex::Check(..) => true,
            _ => false,
        };
        let dependencies = closures.of(index);
        if tail && !dependencies.is_empty() && dependencies.iter().all(|id| included.contains(id)) {
            stack.push(index);
        }
    }
    while let Some(index) = stack.pop() {
        if !std::mem::replace(&mut keep[index.index()], true) {
            stack.extend(graph.dependencies(index));
        }
    }
    graph.retain(|index| keep[index.index()]);
    Targeting { targets: targets.to_vec(), needed }
}

/// Leaves what the targets name and whatever depends on it, which must be destroyed before; by the configuration and
/// by what the state has stored.
pub(crate) fn apply_destroy_targets(
    graph: &mut Graph,
    program: &Program,
    closures: &Closures,
    state: &State,
    targets: &[Target],
) -> Targeting {
    if targets.is_empty() {
        return Targeting::default();
    }
    let named: HashSet<ResourceId> = program
        .resource_ids()
        .filter(|id| targets.iter().any(|target| may_contain(target, &program.resource(*id).address)))
        .collect();
    let mut needed = HashSet::new();
    for (index, vertex) in graph.vertices() {
        if let Vertex::Resource(id) = vertex
            && closures.of(index).iter().any(|dependency| named.contains(dependency))
        {
            needed.insert(id);
        }
    }
    for (address, resource) in &state.resources {
        let mut objects =
            resource.instances.values().flat_map(|i| i.current.iter().chain(i.deposed.values()));
        let depends = objects.any(|object| {
            object.dependencies.iter().any(|d| program.resource_id(d).is_some_and(|d| named.contains(&d)))
        });
        if depends {
            needed.extend(program.resource_id(&address.config()));
        }
    }
    super::keep_needed_by(graph, |vertex| match vertex {
        Vertex::Resource(id) => named.contains(&id) || needed.contains(&id),
        _ => false,
    });
    Targeting { targets: targets.to_vec(), needed }
}

/// True when instances of the resource may be covered.
fn may_contain(target: &Target, address: &ConfigResource) -> bool {
    match target {
        Target::Module(module) => address.module.starts_with(&module.module()),
        Target::Resource(resource) => resource.config() == *address,
        Target::Instance(instance) => instance.config() == *address,
    }
}
