//! `import` blocks: which instances are to be taken over, and from what.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use ::plan::Mode;
use addrs::{AbsResourceInstance, InstanceKey, ModuleInstance};
use config::{Import, ImportId};
use diag::{Diagnostic, Diagnostics, Span};
use lang::{Scope, evaluate};
use syntax::{Expr, ExprKind, TraversalStep};
use value::{Kind, Str, Type, Value, convert};

use super::Planning;
use super::priors::Prior;
use crate::compare::Subject;
use crate::eval::{Expansion, Repetition, Surroundings};
use crate::program::{Program, ResourceId};

/// The import blocks, by the resource they lead to.
#[derive(Default)]
pub(super) struct Imports {
    by_resource: HashMap<ResourceId, Vec<Import>>,
    /// Expressions of each, for the graph.
    pub expressions: HashMap<ResourceId, Vec<Expr>>,
    evaluated: HashMap<ResourceId, OnceLock<BTreeMap<AbsResourceInstance, ImportTarget>>>,
    /// Blocks whose target has no configuration.
    without_config: HashMap<ResourceId, Vec<Import>>,
}

#[derive(Clone, Debug)]
pub(super) struct ImportTarget {
    /// `None` when it is not known yet.
    pub id: Option<Str>,
    pub span: Span,
}

impl Imports {
    pub fn collect(program: &Program, mode: Mode) -> (Self, Diagnostics) {
        let mut imports = Self::default();
        let mut diagnostics = Diagnostics::new();
        if mode != Mode::Normal {
            return (imports, diagnostics);
        }
        for import in &program.config.root.imports {
            match resource_of(program, import) {
                Ok((id, Block::Present)) => {
                    let expressions = imports.expressions.entry(id).or_default();
                    expressions.extend(import.for_each.clone());
                    match &import.id {
                        ImportId::Id(expr) | ImportId::Identity(expr) => expressions.push(expr.clone()),
                    }
                    expressions.extend(key_expressions(&import.to));
                    imports.by_resource.entry(id).or_default().push(import.clone());
                    imports.evaluated.entry(id).or_default();
                }
                Ok((id, Block::Absent)) => {
                    imports.without_config.entry(id).or_default().push(import.clone());
                }
                Err(error) => diagnostics.push(error),
            }
        }
        (imports, diagnostics)
    }

    /// Evaluates the blocks of one resource; once, before its instances are planned.
    pub fn evaluate(&self, id: ResourceId, surroundings: &Surroundings) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let Some(blocks) = self.by_resource.get(&id) else { return diagnostics };
        let mut targets = BTreeMap::new();
        let root = surroundings.tables.root();
        for block in blocks {
            let scope = surroundings.scope(&root);
            match Expansion::evaluate(None, block.for_each.as_ref(), &scope) {
                Ok((expansion, findings)) => {
                    diagnostics.extend(findings);
                    for (_, repetition) in expansion.instances() {
                        let found = evaluate_one(block, surroundings, &root, &repetition);
                        match found {
                            Ok((address, target)) => {
                                let span = target.span;
                                if targets.insert(address.clone(), target).is_some() {
                                    diagnostics.push(duplicate(&address, span));
                                }
                            }
                            Err(errors) => diagnostics.extend(errors),
                        }
                    }
                }
                Err(errors) => diagnostics.extend(errors),
            }
        }
        if let Some(slot) = self.evaluated.get(&id) {
            let _ = slot.set(targets);
        }
        diagnostics
    }

    pub fn of_resource(&self, id: ResourceId) -> impl Iterator<Item = (&AbsResourceInstance, &ImportTarget)> {
        self.evaluated.get(&id).and_then(OnceLock::get).into_iter().flatten()
    }

    /// Blocks that lead to a resource without configuration.
    pub fn without_config(&self, id: ResourceId) -> &[Import] {
        self.without_config.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Where one block without `for_each` leads.
    pub fn target(
        &self,
        import: &Import,
        surroundings: &Surroundings,
    ) -> Result<(AbsResourceInstance, ImportTarget), Diagnostics> {
        evaluate_one(import, surroundings, &surroundings.tables.root(), &Repetition::default())
    }

    pub fn of(&self, id: ResourceId, address: &AbsResourceInstance) -> Option<&ImportTarget> {
        self.evaluated.get(&id)?.get()?.get(address)
    }
}

impl Planning {
    /// Asks the provider for an existing object and reads it.
    pub(super) async fn import_object(&self, subject: &Subject<'_>, id: &str) -> Result<Prior, Diagnostics> {
        let (value, private) = self.session.import_object(subject, id).await?;
        let object = crate::eval::encode_object(
            subject.schema,
            &value,
            &[],
            private.clone(),
            state::ObjectStatus::Ready,
            &(Arc::new([]) as Arc<[addrs::ConfigResource]>),
            false,
        )?;
        Ok(Prior {
            previous: value.clone(),
            value,
            private,
            object: Arc::new(object),
            diagnostics: Diagnostics::new(),
        })
    }
}

fn evaluate_one(
    block: &Import,
    surroundings: &Surroundings,
    root: &crate::eval::ModuleTable,
    repetition: &Repetition,
) -> Result<(AbsResourceInstance, ImportTarget), Diagnostics> {
    let scope = surroundings.scope(root).with_repetition(repetition);
    let address = address(&block.to, &scope)?;
    let expr = match &block.id {
        ImportId::Id(expr) => expr,
        ImportId::Identity(expr) => {
            return Err(Diagnostic::error(
                "Unsupported import by identity",
                "Importing by resource identity is not supported by this provider; use the \"id\" argument.",
            )
            .at(expr.span)
            .into());
        }
    };
    let (value, findings) = evaluate(expr, &scope);
    if findings.has_errors() {
        return Err(findings);
    }
    let refuse =
        |detail: &str| Err(Diagnostic::error("Invalid import id argument", detail).at(expr.span).into());
    if value.marks().is_sensitive() {
        return refuse("The import ID cannot be sensitive.");
    }
    if value.marks().is_ephemeral() {
        return refuse(
            "The import ID value is ephemeral, which is not allowed: it must be stored in the plan.",
        );
    }
    let value = match convert(&value, &Type::String) {
        Ok(value) => value,
        Err(error) => return refuse(&format!("The import ID value is unsuitable: {error}.")),
    };
    let id = match value.kind() {
        Kind::String(id) if id.is_empty() => {
            return refuse(
                "The import ID value evaluates to an empty string, please provide a non-empty value.",
            );
        }
        Kind::String(id) => Some(id.clone()),
        Kind::Null(_) => return refuse("The import ID cannot be null."),
        _ => None,
    };
    Ok((address, ImportTarget { id, span: block.span }))
}

fn duplicate(address: &AbsResourceInstance, span: Span) -> Diagnostic {
    Diagnostic::error(
        "Duplicate import configuration",
        format!("An import block for the resource {address} was already declared. A resource can have only one import block."),
    )
    .at(span)
}

/// The resource that the `to` of a block is about, and whether the configuration has it.
fn resource_of(program: &Program, import: &Import) -> Result<(ResourceId, Block), Diagnostic> {
    let id = target_resource(import).and_then(|address| program.resource_id(&address)).ok_or_else(|| {
        Diagnostic::error(
            "Invalid import address",
            "The \"to\" argument of an import block must be the address of a resource instance.",
        )
        .at(import.to.span)
    })?;
    let block = if program.resource(id).config.is_some() { Block::Present } else { Block::Absent };
    Ok((id, block))
}

enum Block {
    Present,
    Absent,
}

/// The resource that an import block leads to, whatever the instance keys are.
pub(crate) fn target_resource(import: &Import) -> Option<addrs::ConfigResource> {
    let mut parts = Vec::new();
    flatten(&import.to, &mut parts)?;
    let names: Vec<Str> = parts
        .into_iter()
        .filter_map(|part| match part {
            Part::Name(name) => Some(name),
            Part::Literal(_) | Part::Key(_) => None,
        })
        .collect();
    let mut rest = names.as_slice();
    let mut path = addrs::ModulePath::root();
    while let [word, name, after @ ..] = rest
        && word == "module"
    {
        path = path.child(name.clone());
        rest = after;
    }
    let [ty, name] = rest else { return None };
    Some(addrs::ConfigResource { module: path, resource: addrs::Resource::managed(ty.clone(), name.clone()) })
}

enum Part<'a> {
    Name(Str),
    Literal(InstanceKey),
    Key(&'a Expr),
}

fn flatten<'a>(expr: &'a Expr, parts: &mut Vec<Part<'a>>) -> Option<()> {
    let step = |step: &TraversalStep| {
        Some(match step {
            TraversalStep::Attr(name) => Part::Name(name.name.clone()),
            TraversalStep::Key { key, .. } => Part::Literal(InstanceKey::String(key.clone())),
            TraversalStep::Index { key, .. } => Part::Literal(InstanceKey::Int(key.parse().ok()?)),
        })
    };
    match &expr.kind {
        ExprKind::Traversal(traversal) => {
            parts.push(Part::Name(traversal.root.name.clone()));
            for one in &traversal.steps {
                parts.push(step(one)?);
            }
        }
        ExprKind::RelativeTraversal { source, steps } => {
            flatten(source, parts)?;
            for one in steps {
                parts.push(step(one)?);
            }
        }
        ExprKind::Index { collection, key } => {
            flatten(collection, parts)?;
            parts.push(Part::Key(key));
        }
        ExprKind::JsonString(string) => flatten(&string.template, parts)?,
        _ => return None,
    }
    Some(())
}

fn key_expressions(to: &Expr) -> Vec<Expr> {
    let mut parts = Vec::new();
    let _ = flatten(to, &mut parts);
    parts
        .into_iter()
        .filter_map(|part| match part {
            Part::Key(expr) => Some(expr.clone()),
            Part::Name(_) | Part::Literal(_) => None,
        })
        .collect()
}

fn address(to: &Expr, scope: &dyn Scope) -> Result<AbsResourceInstance, Diagnostics> {
    let invalid =
        |detail: &str| Diagnostics::from(Diagnostic::error("Invalid import address", detail).at(to.span));
    let mut parts = Vec::new();
    flatten(to, &mut parts)
        .ok_or_else(|| invalid("The \"to\" argument must be the address of a resource instance."))?;
    let mut names: Vec<(Str, InstanceKey)> = Vec::new();
    for part in parts {
        match part {
            Part::Name(name) => names.push((name, InstanceKey::None)),
            Part::Literal(key) => {
                if let Some(last) = names.last_mut() {
                    last.1 = key;
                }
            }
            Part::Key(expr) => {
                let (value, findings) = evaluate(expr, scope);
                if findings.has_errors() {
                    return Err(findings);
                }
                let key = instance_key(&value)
                    .ok_or_else(|| invalid("An instance key must be a known whole number or string."))?;
                if let Some(last) = names.last_mut() {
                    last.1 = key;
                }
            }
        }
    }
    let mut module = ModuleInstance::root();
    let mut rest = names.as_slice();
    while let [(word, InstanceKey::None), (name, key), after @ ..] = rest
        && word == "module"
    {
        module = module.child(name.clone(), key.clone());
        rest = after;
    }
    let [(ty, _), (name, key)] = rest else {
        return Err(invalid("The \"to\" argument must be the address of a resource instance."));
    };
    Ok(AbsResourceInstance {
        module,
        resource: addrs::Resource::managed(ty.clone(), name.clone()),
        key: key.clone(),
    })
}

fn instance_key(value: &Value) -> Option<InstanceKey> {
    match value.kind() {
        Kind::String(key) => Some(InstanceKey::String(key.clone())),
        _ => value.as_i64().and_then(|n| u64::try_from(n).ok()).map(InstanceKey::Int),
    }
}
