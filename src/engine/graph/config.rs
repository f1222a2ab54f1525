//! The vertices of the configuration and the edges between them.

use std::collections::HashMap;

use ::config::{Condition, ResourceConfig};
use diag::{Diagnostic, Diagnostics};
use lang::block_references;
use syntax::{Expr, Traversal};

use super::{Graph, Vertex};
use crate::program::{ModuleId, ModuleInfo, Program, ProviderId, ResourceId, Target};

/// What a graph is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// No objects are read: validation, the console, pictures.
    Static,
    /// Objects are read before their resources are planned.
    Plan,
    /// Resources open, change, and close.
    Apply,
}

/// Builds the graph of everything in the configuration, and of the resources that only the state has.
///
/// `extra` are further references of a resource, made in the root module: those of import blocks.
pub(crate) fn config_graph(
    program: &Program,
    purpose: Purpose,
    extra: &HashMap<ResourceId, Vec<Expr>>,
) -> (Graph, Diagnostics) {
    let mut draft = Draft {
        program,
        purpose,
        graph: Graph::default(),
        diagnostics: Diagnostics::new(),
        buffer: Vec::new(),
    };
    draft.add_modules();
    draft.add_providers();
    draft.add_resources();
    draft.connect_modules();
    draft.connect_named();
    draft.connect_providers();
    draft.connect_resources();
    draft.connect_checks();
    draft.connect_closers();
    draft.connect_extra(extra);
    (draft.graph, draft.diagnostics)
}

struct Draft<'a> {
    program: &'a Program,
    purpose: Purpose,
    graph: Graph,
    diagnostics: Diagnostics,
    buffer: Vec<Target>,
}

impl Draft<'_> {
    fn add_modules(&mut self) {
        for module in &self.program.modules {
            let id = module.id;
            if module.parent.is_some() {
                self.graph.add(Vertex::Expand(id));
                self.graph.add(Vertex::Outputs(id));
                self.graph.add(Vertex::Close(id));
            }
            for at in module.variables.positions() {
                self.graph.add(Vertex::Variable(id, at));
            }
            for at in module.locals.positions() {
                self.graph.add(Vertex::Local(id, at));
            }
            for at in module.outputs.positions() {
                self.graph.add(Vertex::Output(id, at));
            }
            for at in module.checks.positions() {
                self.graph.add(Vertex::Check(id, at));
            }
        }
    }

    fn add_providers(&mut self) {
        for id in self.program.provider_ids() {
            self.graph.add(Vertex::Provider(id));
            if self.purpose == Purpose::Plan {
                self.graph.add(Vertex::Refresh(id));
            }
        }
    }

    fn add_resources(&mut self) {
        for id in self.program.resource_ids() {
            if self.purpose == Purpose::Apply {
                self.graph.add(Vertex::Open(id));
            }
            self.graph.add(Vertex::Resource(id));
            if self.purpose == Purpose::Apply {
                self.graph.depend(Vertex::Resource(id), Vertex::Open(id));
            }
        }
    }

    fn connect_modules(&mut self) {
        for module in &self.program.modules {
            let Some((parent, call)) = module.parent.zip(module.call.as_ref()) else { continue };
            let vertex = Vertex::Expand(module.id);
            self.inside(vertex, parent);
            let caller = self.program.module(parent);
            for expr in call.count.iter().chain(&call.for_each) {
                self.expression(vertex, caller, expr);
            }
            self.depends_on(vertex, caller, &call.depends_on);
        }
    }

    fn connect_named(&mut self) {
        for module in &self.program.modules {
            let id = module.id;
            for (at, variable) in module.variables.items.iter().enumerate() {
                let vertex = Vertex::Variable(id, position(at));
                self.inside(vertex, id);
                if let (Some(parent), Some(argument)) = (module.parent, module.arguments.get(&variable.name))
                {
                    self.expression(vertex, self.program.module(parent), argument);
                }
                self.conditions(vertex, module, &variable.validations);
            }
            for (at, local) in module.locals.items.iter().enumerate() {
                let vertex = Vertex::Local(id, position(at));
                self.inside(vertex, id);
                self.expression(vertex, module, &local.expr);
                self.refuse_itself(vertex, &format!("local.{}", local.name), local.span);
            }
            for (at, output) in module.outputs.items.iter().enumerate() {
                let vertex = Vertex::Output(id, position(at));
                self.inside(vertex, id);
                self.expression(vertex, module, &output.value);
                self.depends_on(vertex, module, &output.depends_on);
                self.conditions(vertex, module, &output.preconditions);
                if module.parent.is_some() {
                    self.graph.depend(Vertex::Outputs(id), vertex);
                }
            }
            self.graph.depend(Vertex::Outputs(id), Vertex::Expand(id));
        }
    }

    fn connect_providers(&mut self) {
        for id in self.program.provider_ids() {
            let info = self.program.provider(id);
            let vertex = Vertex::Provider(id);
            self.graph.depend(Vertex::Refresh(id), vertex);
            let Some(module) = info.module else { continue };
            self.inside(vertex, module);
            if let (Some(block), Some(schema)) = (&info.block, &info.schema) {
                let (references, findings) = block_references(&block.body, &schema.provider.block);
                self.diagnostics.extend(findings);
                let module = self.program.module(module);
                let findings = module.targets(self.program, &references, &mut self.buffer);
                self.diagnostics.extend(findings);
                self.connect_buffer(vertex);
            }
        }
    }

    fn connect_resources(&mut self) {
        for id in self.program.resource_ids() {
            let info = self.program.resource(id);
            let vertex = self.opening(id);
            self.provided(vertex, info.provider);
            let Some(module) = info.module else { continue };
            self.inside(vertex, module);
            let module = self.program.module(module);
            if let Some(block) = &info.config {
                self.resource(vertex, id, module, block);
            }
        }
    }

    fn resource(&mut self, vertex: Vertex, id: ResourceId, module: &ModuleInfo, block: &ResourceConfig) {
        let info = self.program.resource(id);
        if let Some(schema) = &info.schema {
            let (references, findings) = block_references(&block.body, &schema.schema.block);
            self.diagnostics.extend(findings);
            let findings = module.targets(self.program, &references, &mut self.buffer);
            self.diagnostics.extend(findings);
        }
        for expr in block.count.iter().chain(&block.for_each) {
            self.collect(module, expr);
        }
        for expr in &block.lifecycle.replace_triggered_by {
            self.collect(module, expr);
        }
        self.refuse_itself_in_buffer(Target::Resource(id), info, block.span);
        self.connect_buffer(vertex);
        let findings = module.dependency_targets(self.program, &block.depends_on, &mut self.buffer);
        self.diagnostics.extend(findings);
        // Terraform takes a resource's dependency on itself for none.
        self.buffer.retain(|target| *target != Target::Resource(id));
        self.connect_buffer(vertex);
        self.conditions(vertex, module, &block.lifecycle.preconditions);
        self.conditions(vertex, module, &block.lifecycle.postconditions);
    }

    fn connect_checks(&mut self) {
        for module in &self.program.modules {
            for (at, check) in module.checks.items.iter().enumerate() {
                let vertex = Vertex::Check(module.id, position(at));
                self.inside(vertex, module.id);
                self.conditions(vertex, module, &check.asserts);
                if let Some(id) = check.data.as_ref().and_then(|data| module.resources.get(data)) {
                    self.graph.depend(vertex, Vertex::Resource(*id));
                }
            }
        }
    }

    fn connect_closers(&mut self) {
        for module in self.program.modules.iter().filter(|module| module.parent.is_some()) {
            let close = Vertex::Close(module.id);
            self.graph.depend(close, Vertex::Outputs(module.id));
            // The data of a check informs about everything else: nothing waits for it.
            let of_check = |id: ResourceId| {
                self.program.resource(id).config.as_ref().is_some_and(|block| block.check.is_some())
            };
            for id in module.resources.values().filter(|id| !of_check(**id)) {
                self.graph.depend(close, Vertex::Resource(*id));
            }
            for child in module.children.values() {
                self.graph.depend(close, Vertex::Close(*child));
            }
        }
    }

    fn connect_extra(&mut self, extra: &HashMap<ResourceId, Vec<Expr>>) {
        let mut ids: Vec<_> = extra.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            for expr in &extra[&id] {
                self.expression(self.opening(id), &self.program.modules[0], expr);
            }
        }
    }

    /// The vertex of a resource that waits for what the resource refers to.
    fn opening(&self, id: ResourceId) -> Vertex {
        if self.purpose == Purpose::Apply { Vertex::Open(id) } else { Vertex::Resource(id) }
    }

    fn inside(&mut self, vertex: Vertex, module: ModuleId) {
        self.graph.depend(vertex, Vertex::Expand(module));
    }

    fn provided(&mut self, vertex: Vertex, provider: ProviderId) {
        let ready = if self.purpose == Purpose::Plan {
            Vertex::Refresh(provider)
        } else {
            Vertex::Provider(provider)
        };
        self.graph.depend(vertex, ready);
    }

    fn conditions(&mut self, vertex: Vertex, module: &ModuleInfo, conditions: &[Condition]) {
        for condition in conditions {
            self.collect(module, &condition.condition);
            self.collect(module, &condition.error_message);
        }
        self.connect_buffer(vertex);
    }

    fn depends_on(&mut self, vertex: Vertex, module: &ModuleInfo, depends_on: &[Traversal]) {
        let findings = module.dependency_targets(self.program, depends_on, &mut self.buffer);
        self.diagnostics.extend(findings);
        self.connect_buffer(vertex);
    }

    fn expression(&mut self, vertex: Vertex, module: &ModuleInfo, expr: &Expr) {
        self.collect(module, expr);
        self.connect_buffer(vertex);
    }

    fn collect(&mut self, module: &ModuleInfo, expr: &Expr) {
        let findings = module.expression_targets(self.program, expr, &mut self.buffer);
        self.diagnostics.extend(findings);
    }

    fn connect_buffer(&mut self, vertex: Vertex) {
        let mut targets = std::mem::take(&mut self.buffer);
        targets.sort_unstable();
        targets.dedup();
        if let Some(from) = self.graph.find(vertex) {
            for target in targets.drain(..) {
                if let Some(to) = self.graph.find(target_vertex(target)) {
                    self.graph.connect(from, to);
                }
            }
        }
        targets.clear();
        self.buffer = targets;
    }

    fn refuse_itself_in_buffer(
        &mut self,
        itself: Target,
        info: &crate::program::ResourceInfo,
        span: diag::Span,
    ) {
        if self.buffer.contains(&itself) {
            self.diagnostics.push(
                Diagnostic::error(
                    "Self-referential block",
                    format!("Configuration for {} may not refer to itself.", info.address),
                )
                .at(span),
            );
        }
    }

    /// Only direct self-reference: longer ways are cycles of the graph.
    fn refuse_itself(&mut self, vertex: Vertex, name: &str, span: diag::Span) {
        let Vertex::Local(module, at) = vertex else { return };
        let module = self.program.module(module);
        let mut targets = Vec::new();
        let _ = module.expression_targets(self.program, &module.locals.get(at).expr, &mut targets);
        if targets.contains(&Target::Local(module.id, at)) {
            self.diagnostics.push(
                Diagnostic::error("Self-referential value", format!("{name} may not refer to itself."))
                    .at(span),
            );
        }
    }
}

/// The vertex that gives what a reference leads to.
pub(crate) fn target_vertex(target: Target) -> Vertex {
    match target {
        Target::Variable(m, at) => Vertex::Variable(m, at),
        Target::Local(m, at) => Vertex::Local(m, at),
        Target::Output(m, at) => Vertex::Output(m, at),
        Target::Resource(id) => Vertex::Resource(id),
        Target::Outputs(m) => Vertex::Outputs(m),
        Target::Everything(m) => Vertex::Close(m),
    }
}

fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
