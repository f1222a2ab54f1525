//! `import` blocks: which instances are to be taken over, and from what.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use ::plan::Mode;
use addrs::AbsResourceInstance;
use config::{Import, ImportId};
use diag::{Diagnostic, Diagnostics, Span};
use lang::evaluate;
use syntax::Expr;
use value::{Kind, Str, Type, convert};

use super::Planning;
use super::import_targets::{Block, block};
use super::priors::Prior;
use crate::GenerateConfig;
use crate::HookObject;
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
    pub id_span: Span,
    pub span: Span,
}

impl Imports {
    pub fn collect(program: &Program, mode: Mode, generate: GenerateConfig) -> (Self, Diagnostics) {
        let mut imports = Self::default();
        let mut diagnostics = Diagnostics::new();
        if mode != Mode::Normal {
            return (imports, diagnostics);
        }
        for import in &program.config.root.imports {
            // Named by the program as every target is.
            let Some(id) = program.resource_id(&import.target) else { continue };
            match block(program, import, id, generate) {
                Ok(Block::Present) => {
                    let expressions = imports.expressions.entry(id).or_default();
                    expressions.extend(import.for_each.clone());
                    match &import.id {
                        ImportId::Id(expr) | ImportId::Identity(expr) => expressions.push(expr.clone()),
                    }
                    expressions.extend(import.computed_keys());
                    imports.by_resource.entry(id).or_default().push(import.clone());
                    imports.evaluated.entry(id).or_default();
                }
                Ok(Block::ToBeWritten) => {
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
        let hooks = &self.session.operation.hooks;
        hooks.import_planned(subject.address, id);
        let (value, private) = self.session.import_object(subject, id).await?;
        let shown = crate::eval::mark_by_schema(subject.schema, &value);
        let hook = HookObject { address: subject.address, deposed: None, id: crate::eval::object_id(&shown) };
        hooks.refresh_start(&hook);
        hooks.refresh_end(&hook, &shown, &shown);
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
    let address = match block.instance(&scope) {
        (Some(address), findings) if !findings.has_errors() => address,
        (_, findings) => return Err(findings),
    };
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
    Ok((address, ImportTarget { id, id_span: expr.span, span: block.span }))
}

pub(super) fn unknown_id(span: Span) -> Diagnostic {
    Diagnostic::error(
        "Invalid import id argument",
        "The import block \"id\" argument depends on resource attributes that cannot be determined until apply, so groma \
         cannot plan to import this resource. Apply what it depends on first, with -target, or write the id down.",
    )
    .at(span)
}

fn duplicate(address: &AbsResourceInstance, span: Span) -> Diagnostic {
    Diagnostic::error(
        "Duplicate import configuration",
        format!("An import block for the resource {address} was already declared. A resource can have only one import block."),
    )
    .at(span)
}
