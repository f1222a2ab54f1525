//! `replace_triggered_by`: which changes of other resources replace an instance.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

use addrs::{InstanceKey, ModuleInstance};
use diag::Diagnostics;
use lang::{Scope, Subject, evaluate};
use plan::{Action, ResourceChange};
use syntax::{Expr, ExprKind, TraversalStep};
use value::{Kind, Path, PathStep, Value};

use crate::program::{ModuleInfo, Program, ResourceId, Target};

/// Changes of the resources that some `replace_triggered_by` names.
pub(super) struct Triggered {
    watched: HashSet<ResourceId>,
    changes: Mutex<BTreeMap<(ResourceId, ModuleInstance), Vec<Noted>>>,
}

struct Noted {
    key: InstanceKey,
    action: Action,
    before: Value,
    after: Value,
}

/// A resource, perhaps one instance of it, perhaps an attribute.
struct Trigger {
    resource: ResourceId,
    key: Option<InstanceKey>,
    path: Path,
}

impl Triggered {
    pub fn new(program: &Program) -> Self {
        let mut watched = HashSet::new();
        for info in &program.resources {
            let (Some(module), Some(block)) = (info.module, &info.config) else { continue };
            for expr in &block.lifecycle.replace_triggered_by {
                let mut targets = Vec::new();
                let _ = program.module(module).expression_targets(program, expr, &mut targets);
                watched.extend(targets.into_iter().filter_map(|target| match target {
                    Target::Resource(id) => Some(id),
                    _ => None,
                }));
            }
        }
        Self { watched, changes: Mutex::default() }
    }

    pub fn note(&self, id: ResourceId, changes: &[ResourceChange]) {
        if !self.watched.contains(&id) {
            return;
        }
        let mut noted = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        for change in changes.iter().filter(|change| change.deposed.is_none()) {
            noted.entry((id, change.address.module.clone())).or_default().push(Noted {
                key: change.address.key.clone(),
                action: change.action,
                before: change.before.clone(),
                after: change.after.clone(),
            });
        }
    }

    /// True when one of the references names something that changes.
    pub fn fires(
        &self,
        program: &Program,
        module: &ModuleInfo,
        instance: &ModuleInstance,
        triggers: &[Expr],
        scope: &dyn Scope,
    ) -> Result<bool, Diagnostics> {
        for expr in triggers {
            let Some(trigger) = read(program, module, expr, scope)? else { continue };
            let noted = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
            let changes = noted.get(&(trigger.resource, instance.clone()));
            let fired = changes.into_iter().flatten().any(|noted| {
                trigger.key.as_ref().is_none_or(|wanted| *wanted == noted.key)
                    && changes_at(&trigger.path, noted)
            });
            if fired {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn changes_at(path: &Path, noted: &Noted) -> bool {
    let Noted { action, before, after, .. } = noted;
    let action = *action;
    let changed = matches!(action, Action::Update | Action::DeleteThenCreate | Action::CreateThenDelete);
    if path.0.is_empty() {
        return changed;
    }
    if action == Action::NoOp {
        return false;
    }
    match (path.get(before), path.get(after)) {
        (Some(before), Some(after)) => {
            before.unmark_deep() != after.unmark_deep() || !after.is_wholly_known()
        }
        (None, None) => false,
        _ => changed,
    }
}

fn read(
    program: &Program,
    module: &ModuleInfo,
    expr: &Expr,
    scope: &dyn Scope,
) -> Result<Option<Trigger>, Diagnostics> {
    let mut steps: Vec<PathStep> = Vec::new();
    let Some(reference) = flatten(expr, scope, &mut steps)? else { return Ok(None) };
    let Subject::Resource(resource) = &reference.subject else { return Ok(None) };
    let Some(id) = module.resources.get(resource).copied() else { return Ok(None) };
    let mut path: Vec<PathStep> = reference.rest.iter().filter_map(path_step).collect();
    path.append(&mut steps);
    let block = program.resource(id).config.as_ref();
    let keyed = block.is_some_and(|block| block.count.is_some() || block.for_each.is_some());
    let key = match path.first() {
        Some(PathStep::Index(key)) if keyed => {
            let key = match key.kind() {
                Kind::String(key) => InstanceKey::String(key.clone()),
                _ => InstanceKey::Int(key.as_i64().and_then(|n| u64::try_from(n).ok()).unwrap_or(u64::MAX)),
            };
            path.remove(0);
            Some(key)
        }
        _ => None,
    };
    Ok(Some(Trigger { resource: id, key, path: Path(path) }))
}

/// The reference at the root of an expression of traversals and indices, and the steps after it.
fn flatten(
    expr: &Expr,
    scope: &dyn Scope,
    steps: &mut Vec<PathStep>,
) -> Result<Option<lang::Reference>, Diagnostics> {
    match &expr.kind {
        ExprKind::Traversal(traversal) => Ok(Some(lang::parse_reference(traversal)?)),
        ExprKind::Index { collection, key } => {
            let reference = flatten(collection, scope, steps)?;
            let (key, findings) = evaluate(key, scope);
            if findings.has_errors() {
                return Err(findings);
            }
            steps.push(PathStep::Index(key.unmark()));
            Ok(reference)
        }
        ExprKind::RelativeTraversal { source, steps: after } => {
            let reference = flatten(source, scope, steps)?;
            steps.extend(after.iter().filter_map(path_step));
            Ok(reference)
        }
        ExprKind::Parens(inner) | ExprKind::TemplateWrap(inner) => flatten(inner, scope, steps),
        ExprKind::JsonString(string) => flatten(&string.template, scope, steps),
        _ => Ok(None),
    }
}

pub(super) fn path_step(step: &TraversalStep) -> Option<PathStep> {
    Some(match step {
        TraversalStep::Attr(name) => PathStep::Attr(name.name.clone()),
        TraversalStep::Key { key, .. } => PathStep::Index(Value::string(key.clone())),
        TraversalStep::Index { key, .. } => PathStep::Index(Value::number(key.parse::<i64>().ok()?)),
    })
}
