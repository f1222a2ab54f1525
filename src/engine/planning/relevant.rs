//! Attributes of drifted objects that the configuration reads: what makes a change outside worth telling.

use std::collections::BTreeMap;

use ::plan::{Plan, RelevantAttribute};
use addrs::{ConfigResource, InstanceKey};
use lang::{Reference, Subject};
use syntax::TraversalStep;
use value::{Path, PathStep};

use super::triggers::path_step;
use crate::program::{ModuleInfo, Program};

/// For every changed object outside, the attributes that expressions of its module name.
pub(super) fn relevant_attributes(program: &Program, plan: &Plan) -> Vec<RelevantAttribute> {
    if plan.drift.is_empty() {
        return Vec::new();
    }
    let mut named: BTreeMap<ConfigResource, Vec<(Option<InstanceKey>, Path)>> = BTreeMap::new();
    for module in &program.modules {
        for reference in all_references(program, module) {
            let Subject::Resource(resource) = &reference.subject else { continue };
            let address = ConfigResource { module: module.path.clone(), resource: resource.clone() };
            let (key, path) = split(&reference);
            if !path.0.is_empty() {
                named.entry(address).or_default().push((key, path));
            }
        }
    }
    let mut relevant = Vec::new();
    for change in &plan.drift {
        for (key, path) in named.get(&change.address.config()).into_iter().flatten() {
            let entry = RelevantAttribute { resource: change.address.clone(), attribute: path.clone() };
            if key.as_ref().is_none_or(|key| *key == change.address.key) && !relevant.contains(&entry) {
                relevant.push(entry);
            }
        }
    }
    relevant.sort_by_cached_key(|entry| (entry.resource.clone(), entry.attribute.to_string()));
    relevant
}

fn split(reference: &Reference) -> (Option<InstanceKey>, Path) {
    let (key, rest) = match reference.rest.split_first() {
        Some((TraversalStep::Key { key, .. }, rest)) => (Some(InstanceKey::String(key.clone())), rest),
        Some((TraversalStep::Index { key, .. }, rest)) => (key.parse().ok().map(InstanceKey::Int), rest),
        _ => (None, &*reference.rest),
    };
    let steps: Vec<PathStep> = rest.iter().map_while(path_step).collect();
    (key, Path(steps))
}

fn all_references(program: &Program, module: &ModuleInfo) -> Vec<Reference> {
    let mut references = Vec::new();
    let mut expressions = Vec::new();
    expressions.extend(module.locals.items.iter().map(|local| local.expr.clone()));
    expressions.extend(module.outputs.items.iter().map(|output| output.value.clone()));
    for child in module.children.values() {
        expressions.extend(program.module(*child).arguments.values().cloned());
    }
    for id in module.resources.values() {
        let info = program.resource(*id);
        let (Some(block), Some(schema)) = (&info.config, &info.schema) else { continue };
        references.extend(lang::block_references(&block.body, &schema.schema.block).0);
        expressions.extend(block.count.iter().chain(&block.for_each).cloned());
    }
    references.extend(expressions.iter().flat_map(|expr| lang::references(expr).0));
    references
}
