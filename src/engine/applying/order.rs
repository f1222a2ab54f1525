//! In which order objects are destroyed, and how that lies against creations and updates.
//!
//! The rules, for A that depends on B by what the state has stored:
//! - A is destroyed before B is.
//! - Without create-before-destroy, all that is destroyed comes before what is created or changed around it: B is
//!   changed only after A is destroyed, and A only after B is destroyed.
//! - With create-before-destroy (which everything such a resource depends on shares), B is destroyed only after A is
//!   changed.
//!
//! Resources with create-before-destroy depend only on others with it, so the rules never contradict each other:
//! first the destructions of those without, then all creations and updates by reference, then the other destructions.

use std::collections::{BTreeMap, BTreeSet};

use ::plan::Plan;

use super::graph::{ByResource, destroys, puts};
use crate::graph::{Closures, Graph, Vertex};
use crate::program::{Program, ResourceId};

/// What is planned for a resource as a whole.
#[derive(Default)]
struct Role {
    puts: bool,
    destroys: bool,
    /// Some object is destroyed first and then created.
    destroys_first: bool,
    create_before_destroy: bool,
    /// Stored dependencies of what is destroyed, and of what is created or updated.
    destroyed_depend_on: BTreeSet<ResourceId>,
    changed_depend_on: BTreeSet<ResourceId>,
    rolled_out: bool,
}

pub(super) fn connect_destroys(
    graph: &mut Graph,
    program: &Program,
    plan: &Plan,
    by_resource: &ByResource,
    closures: &Closures,
) {
    let roles = roles(program, plan, by_resource);
    for (a, role) in &roles {
        // Its objects are destroyed between the creations of others.
        let keeps_open = role.rolled_out && role.destroys_first;
        for b in uncovered(*a, role, &roles) {
            let Some(other) = roles.get(&b).filter(|_| b != *a) else { continue };
            if reversed(graph, closures, *a, b) {
                continue;
            }
            let feeds_provider = provider_needs(graph, program, closures, *a, b);
            if role.destroys && other.destroys && !(feeds_provider && other.puts) {
                graph.depend(Vertex::DestroyGate(b), Vertex::Destroyed(*a));
            }
            if role.destroys && other.puts && !role.create_before_destroy && !feeds_provider && !keeps_open {
                graph.depend(Vertex::Open(b), Vertex::Destroyed(*a));
            }
        }
        for b in &role.changed_depend_on {
            let Some(other) =
                roles.get(b).filter(|other| other.destroys && b != a && !reversed(graph, closures, *a, *b))
            else {
                continue;
            };
            if other.create_before_destroy {
                graph.depend(Vertex::DestroyGate(*b), Vertex::Resource(*a));
            } else if !other.rolled_out || (!other.destroys_first && !keeps_open) {
                graph.depend(Vertex::Open(*a), Vertex::Destroyed(*b));
            }
        }
    }
}

fn roles(program: &Program, plan: &Plan, by_resource: &ByResource) -> BTreeMap<ResourceId, Role> {
    let mut roles = BTreeMap::new();
    for (id, changes) in by_resource {
        let mut role = Role {
            rolled_out: program
                .resource(*id)
                .config
                .as_ref()
                .is_some_and(|block| block.lifecycle.max_parallel.is_some()),
            ..Role::default()
        };
        // Instances of one resource mostly share their list.
        let mut last = None;
        for at in changes {
            let change = &plan.changes[*at];
            role.puts |= puts(change.action);
            role.destroys |= destroys(change.action);
            role.destroys_first |= change.action == ::plan::Action::DeleteThenCreate;
            role.create_before_destroy |= change.create_before_destroy;
            let instance = plan.prior_state.instance(&change.address);
            let object = instance.and_then(|instance| match &change.deposed {
                Some(key) => instance.deposed.get(key),
                None => instance.current.as_ref(),
            });
            let Some(object) = object else { continue };
            let key = (object.dependencies.as_ptr().addr(), change.action);
            if last.replace(key) == Some(key) {
                continue;
            }
            let stored = object.dependencies.iter().filter_map(|address| program.resource_id(address));
            let stored: Vec<ResourceId> = stored.filter(|id| by_resource.contains_key(id)).collect();
            if destroys(change.action) {
                role.destroyed_depend_on.extend(&stored);
            }
            if puts(change.action) {
                role.changed_depend_on.extend(&stored);
            }
        }
        roles.insert(*id, role);
    }
    roles
}

/// Dependencies without those that lie behind another one which is destroyed too and so keeps the order already.
/// Stored lists are transitive: without this a chain would have as many edges as pairs.
fn uncovered(id: ResourceId, role: &Role, roles: &BTreeMap<ResourceId, Role>) -> Vec<ResourceId> {
    let mut rest: Vec<ResourceId> = role.destroyed_depend_on.iter().copied().collect();
    if rest.len() <= FEW {
        return rest;
    }
    let behind = |id: &ResourceId| roles.get(id).map_or(0, |role| role.destroyed_depend_on.len());
    rest.sort_by_key(|id| std::cmp::Reverse(behind(id)));
    let mut covered: BTreeSet<ResourceId> = BTreeSet::new();
    let mut direct = Vec::new();
    for dependency in rest {
        if covered.contains(&dependency) {
            continue;
        }
        direct.push(dependency);
        if let Some(other) = roles.get(&dependency)
            && only_destroys(other)
            && dependency != id
        {
            covered
                .extend(other.destroyed_depend_on.iter().filter(|d| roles.get(d).is_some_and(only_destroys)));
        }
    }
    direct
}

fn only_destroys(role: &Role) -> bool {
    role.destroys && !role.puts
}

/// True when the configuration of A's provider is made from B: then B cannot wait for A.
fn provider_needs(
    graph: &Graph,
    program: &Program,
    closures: &Closures,
    a: ResourceId,
    b: ResourceId,
) -> bool {
    graph
        .find(Vertex::Provider(program.resource(a).provider))
        .is_some_and(|index| closures.of(index).binary_search(&b).is_ok())
}

/// True when by the configuration B now depends on A: what the state has stored of A is out of date.
fn reversed(graph: &Graph, closures: &Closures, a: ResourceId, b: ResourceId) -> bool {
    graph.find(Vertex::Resource(b)).is_some_and(|index| closures.of(index).binary_search(&a).is_ok())
}

/// Up to so many dependencies it does not pay to look which are needed.
const FEW: usize = 8;
