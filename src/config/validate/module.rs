//! The expressions of one module, each with what may be referred to where it stands.

use std::sync::Arc;

use addrs::{ConfigResource, Mode, Name, Resource};
use diag::{Diagnostic, Diagnostics};
use lang::Reference;
use provider::{Block, ProviderSchema};
use syntax::{AttributeSchema, BodySchema, Expr, Traversal, TraversalStep};

use super::reference::{self, Place};
use super::{Schemas, attributes};
use crate::suggest;
use crate::{Condition, IgnoreChanges, Module, ModuleCall, ResourceConfig};

/// Checks one module.
pub(super) struct Checker<'a> {
    module: &'a Module,
    schemas: &'a Schemas<'a>,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Checker<'a> {
    pub fn new(module: &'a Module, schemas: &'a Schemas<'a>, diagnostics: &'a mut Diagnostics) -> Self {
        Self { module, schemas, diagnostics }
    }

    pub fn check(&mut self) {
        let module = self.module;
        let plain = Place::default();
        for variable in module.variables.values() {
            self.conditions(&variable.validations, &plain);
        }
        for local in module.locals.values() {
            self.expr(&local.expr, &plain);
        }
        for output in module.outputs.values() {
            self.expr(&output.value, &plain);
            self.depends_on(&output.depends_on);
            self.conditions(&output.preconditions, &plain);
        }
        for call in module.module_calls.values() {
            self.call(call);
        }
        for block in module.providers.values() {
            if let Some(schema) = (self.schemas)(&module.provider_source(&block.key.name)) {
                self.body(&block.body, &schema.provider.block, &plain);
            }
        }
        for resource in module.resources.values() {
            self.resource(resource);
        }
        for check in module.checks.values() {
            let place = Place { check: Some(&check.name), ..plain };
            self.conditions(&check.asserts, &place);
        }
        for import in &module.imports {
            let place = Place { each: import.for_each.is_some(), ..plain };
            self.optional(import.for_each.as_ref(), &plain);
            match &import.id {
                crate::ImportId::Id(expr) | crate::ImportId::Identity(expr) => self.expr(expr, &place),
            }
            for key in import.computed_keys() {
                self.expr(&key, &place);
            }
        }
    }

    fn resource(&mut self, resource: &ResourceConfig) {
        let outside =
            Place { own: Some(&resource.resource), check: resource.check.as_ref(), ..Place::default() };
        self.optional(resource.count.as_ref(), &outside);
        self.optional(resource.for_each.as_ref(), &outside);
        self.depends_on(&resource.depends_on);
        // Of several instances the own ones cannot be referred to either.
        let inside = Place { count: resource.count.is_some(), each: resource.for_each.is_some(), ..outside };
        for trigger in &resource.lifecycle.replace_triggered_by {
            // A trigger may name the block itself no more than any other argument.
            self.expr(trigger, &inside);
        }
        // References of conditions to the own block have been reported by the loader.
        let conditions = Place { own: None, ..inside };
        self.conditions(&resource.lifecycle.preconditions, &conditions);
        self.conditions(&resource.lifecycle.postconditions, &Place { own_object: true, ..conditions });
        if let Some(schema) = self.provider_schema(resource) {
            match resource_block(&schema, &resource.resource) {
                Some(block) => {
                    self.body(&resource.body, block, &inside);
                    self.ignored(&resource.lifecycle.ignore_changes, block);
                }
                None => self.diagnostics.push(self.unsupported_type(resource, &schema)),
            }
        }
    }

    fn call(&mut self, call: &ModuleCall) {
        let plain = Place::default();
        self.optional(call.count.as_ref(), &plain);
        self.optional(call.for_each.as_ref(), &plain);
        self.depends_on(&call.depends_on);
        let place = Place { count: call.count.is_some(), each: call.for_each.is_some(), ..plain };
        let Some(child) = self.module.children.get(&call.name) else { return };
        let schema = BodySchema {
            attributes: child
                .variables
                .values()
                .map(|v| AttributeSchema { name: v.name.clone(), required: v.default.is_none() })
                .collect(),
            blocks: Vec::new(),
        };
        let (content, diagnostics) = call.body.content(&schema);
        self.diagnostics.extend(diagnostics);
        for argument in &content.attributes {
            let variable = child.variables.get(&argument.name.name);
            if let Some(message) = variable.and_then(|variable| variable.deprecated.as_deref()) {
                let warning = Diagnostic::warning("Deprecated variable got a value", message);
                self.diagnostics.push(warning.at(argument.name.span));
            }
            self.expr(&argument.expr, &place);
        }
    }

    /// `ignore_changes` names arguments of the resource.
    fn ignored(&mut self, ignored: &IgnoreChanges, block: &Block) {
        let IgnoreChanges::Paths(paths) = ignored else { return };
        for path in paths {
            let root = TraversalStep::Attr(path.root.clone());
            let steps: Vec<TraversalStep> = [root].into_iter().chain(path.steps.iter().cloned()).collect();
            if let Err(error) = attributes::check(&steps, block) {
                self.diagnostics.push(error);
            }
            let name = &path.root.name;
            let attribute = block.attributes.get(name).filter(|_| path.steps.is_empty());
            if attribute.is_some_and(|a| a.computed && !a.optional) {
                let detail = format!(
                    "Adding an attribute name to ignore_changes means to ignore future changes to the argument in \
                     configuration after the object has been created, retaining the value originally \
                     configured.\n\nThe attribute {name} is decided by the provider alone and therefore there can be no \
                     configured value to compare with. Including this attribute in ignore_changes has no effect. Remove \
                     the attribute from ignore_changes to quiet this warning."
                );
                let summary = "Redundant ignore_changes element";
                self.diagnostics.push(Diagnostic::warning(summary, detail).at(path.span()));
            }
        }
    }

    fn conditions(&mut self, conditions: &[Condition], place: &Place<'_>) {
        for condition in conditions {
            self.expr(&condition.condition, place);
            self.expr(&condition.error_message, place);
        }
    }

    fn optional(&mut self, expr: Option<&Expr>, place: &Place<'_>) {
        if let Some(expr) = expr {
            self.expr(expr, place);
        }
    }

    fn expr(&mut self, expr: &Expr, place: &Place<'_>) {
        let (references, diagnostics) = lang::references(expr);
        self.diagnostics.extend(diagnostics);
        self.references(&references, place);
    }

    fn body(&mut self, body: &syntax::Body, schema: &Block, place: &Place<'_>) {
        let (references, diagnostics) = lang::block_references(body, schema);
        self.diagnostics.extend(diagnostics);
        self.references(&references, place);
    }

    fn references(&mut self, references: &[Reference], place: &Place<'_>) {
        for reference in references {
            let result = reference::check(reference, self.module, place, &|r| self.provider_schema(r));
            if let Err(error) = result {
                self.diagnostics.push(error);
            }
        }
    }

    /// `depends_on` names whole objects: resources and modules, their instances, and outputs of modules.
    fn depends_on(&mut self, depends_on: &[Traversal]) {
        for traversal in depends_on {
            let reference = match lang::parse_reference(traversal) {
                Ok(reference) => reference,
                Err(error) => {
                    self.diagnostics.push(error);
                    continue;
                }
            };
            let mut steps = reference.rest.iter().skip_while(|step| !matches!(step, TraversalStep::Attr(_)));
            let allowed = usize::from(matches!(reference.subject, lang::Subject::Module(_)));
            if let Some(step) = steps.nth(allowed) {
                let detail = "References in depends_on must be to a whole object (resource, etc), not to an attribute \
                              of an object.";
                self.diagnostics
                    .push(Diagnostic::error("Invalid depends_on reference", detail).at(step.span()));
                continue;
            }
            self.references(&[reference], &Place::default());
        }
    }

    fn provider_schema(&self, resource: &ResourceConfig) -> Option<Arc<ProviderSchema>> {
        (self.schemas)(&self.module.provider_source(&resource.provider.key.name))
    }

    fn unsupported_type(&self, resource: &ResourceConfig, schema: &ProviderSchema) -> Diagnostic {
        let Resource { mode, ty, .. } = &resource.resource;
        let provider = self.module.provider_source(&resource.provider.key.name).for_display();
        let (summary, what, types): (_, _, Vec<&str>) = match mode {
            Mode::Managed => ("Invalid resource type", "resource type", names(&schema.resources)),
            Mode::Data => ("Invalid data source", "data source", names(&schema.data_sources)),
            Mode::Ephemeral => {
                ("Invalid ephemeral resource", "ephemeral resource", names(&schema.ephemerals))
            }
        };
        let hint = match mode {
            Mode::Managed if schema.data_sources.contains_key(ty) => format!(
                "\n\nDid you intend to use the data source \"{ty}\"? If so, declare this using a \"data\" block instead \
                 of a \"resource\" block."
            ),
            Mode::Data if schema.resources.contains_key(ty) => format!(
                "\n\nDid you intend to use the managed resource type \"{ty}\"? If so, declare this using a \"resource\" \
                 block instead of a \"data\" block."
            ),
            _ => suggest::sentence(ty, types),
        };
        let detail = format!("The provider {provider} does not support {what} \"{ty}\".{hint}");
        let address =
            ConfigResource { module: self.module.path.clone(), resource: resource.resource.clone() };
        Diagnostic::error(summary, detail).at(resource.type_span).address(address)
    }
}

fn names<T>(schemas: &std::collections::BTreeMap<Name, T>) -> Vec<&str> {
    schemas.keys().map(Name::as_str).collect()
}

/// The schema of a resource's block.
pub(super) fn resource_block<'s>(schema: &'s ProviderSchema, resource: &Resource) -> Option<&'s Block> {
    let schemas = match resource.mode {
        Mode::Managed => &schema.resources,
        Mode::Data => &schema.data_sources,
        Mode::Ephemeral => &schema.ephemerals,
    };
    schemas.get(&resource.ty).map(|schema| &schema.block)
}
