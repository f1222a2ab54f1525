use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use addrs::ProviderAddr;
use config::Condition;
use config::validate::check_all;
use diag::{Diagnostic, Diagnostics, Span};
use lang::{Scope, decode_block, evaluate};
use state::State;
use value::{Kind, Marks, Type, Value, convert};

use crate::Operation;
use crate::eval::{
    InstanceScope, IsRoot, ModuleTable, Repetition, Surroundings, Tables, ephemeral_outside_write_only,
    evaluate_output, located, refused_ephemeral,
};
use crate::graph::{Purpose, Vertex, config_graph, cycle_error, order};
use crate::program::{ModuleId, Program, ProviderId, ResourceId, Times};

/// Checks a configuration against its providers' schemas without any values: bodies, references, conditions,
/// cycles. All variables and resources are unknown.
pub fn validate(operation: &Operation) -> Diagnostics {
    let found = static_checks(operation);
    let reported: HashSet<Span> = found.iter().filter(|d| d.is_error()).filter_map(|d| d.subject).collect();
    // The graph finds these as well, and reports them at the block rather than at the reference.
    let own: HashSet<&str> =
        found.iter().filter(|d| d.summary == SELF_REFERENCE).map(|d| d.detail.as_str()).collect();
    let elsewhere = evaluate_all(operation).into_iter().filter(|finding| {
        finding.subject.is_none_or(|span| !reported.iter().any(|other| overlap(span, *other)))
            && !(finding.summary == SELF_REFERENCE && own.contains(finding.detail.as_str()))
    });
    without_doubles(found.iter().cloned().chain(elsewhere).collect())
}

/// What is wrong with a configuration whatever its values are.
pub(crate) fn static_checks(operation: &Operation) -> Diagnostics {
    let schemas = |provider: &ProviderAddr| operation.providers.get(provider).map(|p| p.schema());
    check_all(&operation.config, &schemas)
}

const SELF_REFERENCE: &str = "Self-referential block";

/// Whether two findings are about the same text.
fn overlap(a: Span, b: Span) -> bool {
    a.file == b.file && a.start < b.end && b.start < a.end
}

/// Evaluates the whole configuration with unknown values.
fn evaluate_all(operation: &Operation) -> Diagnostics {
    let (program, mut diagnostics) = Program::build(operation, &State::default(), Times::default());
    let (graph, findings) = config_graph(&program, Purpose::Static, &HashMap::new());
    diagnostics.extend(findings);
    let Some(sequence) = order(&graph) else {
        diagnostics.extend(cycle_error(&graph, &program, &[]));
        return diagnostics;
    };
    let mut validation = Validation {
        surroundings: Surroundings {
            tables: Tables::new(&program),
            program,
            dirs: operation.dirs.clone(),
            workspace: operation.workspace.clone(),
            applying: false,
        },
        diagnostics,
    };
    for vertex in sequence.into_iter().filter_map(|index| graph.vertex(index)) {
        validation.visit(vertex);
    }
    validation.diagnostics
}

struct Validation {
    surroundings: Surroundings,
    diagnostics: Diagnostics,
}

impl Validation {
    fn visit(&mut self, vertex: Vertex) {
        let findings = match vertex {
            Vertex::Expand(module) => self.expand(module),
            Vertex::Variable(module, at) => self.variable(module, at),
            Vertex::Local(module, at) => self.local(module, at),
            Vertex::Output(module, at) => self.output(module, at),
            Vertex::Check(module, at) => self.check(module, at),
            Vertex::Provider(id) => self.provider(id),
            Vertex::Resource(id) => self.resource(id),
            _ => Diagnostics::new(),
        };
        self.diagnostics.extend(findings);
    }

    fn table(&self, module: ModuleId) -> Option<Arc<ModuleTable>> {
        self.surroundings.tables.instances(module).into_iter().next()
    }

    /// One instance stands for all there may be.
    fn expand(&self, module: ModuleId) -> Diagnostics {
        let program = &self.surroundings.program;
        let child = program.module(module);
        let Some((parent, call)) = child.parent.zip(child.call.as_ref()) else { return Diagnostics::new() };
        let Some(table) = self.table(parent) else { return Diagnostics::new() };
        let repetition = Repetition::unknown(call.count.is_some(), call.for_each.is_some());
        let mut diagnostics = Diagnostics::new();
        for expr in call.count.iter().chain(&call.for_each) {
            diagnostics.extend(evaluate(expr, &self.surroundings.scope(&table)).1);
        }
        let keyed = call.count.is_some() || call.for_each.is_some();
        self.surroundings.tables.expand_any(program, &table, child, repetition, keyed);
        diagnostics
    }

    fn variable(&self, module: ModuleId, at: u32) -> Diagnostics {
        let info = self.surroundings.program.module(module);
        let variable = info.variables.get(at);
        let Some(table) = self.table(module) else { return Diagnostics::new() };
        let mut diagnostics = Diagnostics::new();
        let mut value = Value::unknown(variable.ty.ty.clone());
        if let (Some(parent), Some(expr)) = (&table.parent, info.arguments.get(&variable.name)) {
            let scope = self.surroundings.scope(parent).with_repetition(&table.repetition);
            let (given, findings) = evaluate(expr, &scope);
            let failed = findings.has_errors();
            diagnostics.extend(findings);
            if !failed {
                if let Err(error) = variable.ty.convert(&given) {
                    diagnostics.push(
                        Diagnostic::error(
                            "Invalid value for input variable",
                            format!(
                                "The given value is not suitable for var.{} defined by the module: {error}.",
                                variable.name
                            ),
                        )
                        .at(expr.span),
                    );
                }
                diagnostics.extend(refused_ephemeral(variable, &given, Some(expr.span)));
                value = value.mark(given.marks());
            }
        }
        let mut marks = Marks::NONE;
        if variable.sensitive {
            marks |= Marks::SENSITIVE;
        }
        if variable.ephemeral {
            marks |= Marks::EPHEMERAL;
        }
        let _ = table.variables[at as usize].set(value.mark(marks));
        diagnostics.extend(conditions(&variable.validations, &self.surroundings.scope(&table)));
        diagnostics
    }

    fn local(&self, module: ModuleId, at: u32) -> Diagnostics {
        let Some(table) = self.table(module) else { return Diagnostics::new() };
        let local = self.surroundings.program.module(module).locals.get(at);
        let (value, findings) = evaluate(&local.expr, &self.surroundings.scope(&table));
        let _ = table.locals[at as usize].set(value);
        findings
    }

    fn output(&self, module: ModuleId, at: u32) -> Diagnostics {
        let Some(table) = self.table(module) else { return Diagnostics::new() };
        let info = self.surroundings.program.module(module);
        let output = info.outputs.get(at);
        let scope = self.surroundings.scope(&table);
        let is_root = if info.parent.is_none() { IsRoot::Yes } else { IsRoot::No };
        let (value, mut findings) = evaluate_output(output, &scope, is_root);
        let _ = table.outputs[at as usize].set(value);
        findings.extend(conditions(&output.preconditions, &scope));
        findings
    }

    fn check(&self, module: ModuleId, at: u32) -> Diagnostics {
        let Some(table) = self.table(module) else { return Diagnostics::new() };
        let check = self.surroundings.program.module(module).checks.get(at);
        conditions(&check.asserts, &self.surroundings.scope(&table))
    }

    fn provider(&self, id: ProviderId) -> Diagnostics {
        let info = self.surroundings.program.provider(id);
        let (Some(schema), Some(provider)) = (&info.schema, &info.provider) else {
            return Diagnostics::new();
        };
        let (Some(block), Some(table)) = (&info.block, info.module.and_then(|module| self.table(module)))
        else {
            return Diagnostics::new();
        };
        let scope = self.surroundings.scope(&table);
        let (config, mut findings) = decode_block(&block.body, &schema.provider.block, &scope);
        if !findings.has_errors() {
            findings.extend(located(
                provider.validate_provider(&config.unmark_deep()),
                &block.body,
                block.span,
            ));
        }
        findings.with_address(&info.address)
    }

    fn resource(&self, id: ResourceId) -> Diagnostics {
        let program = &self.surroundings.program;
        let info = program.resource(id);
        let (Some(block), Some(table)) = (&info.config, info.module.and_then(|module| self.table(module)))
        else {
            return Diagnostics::new();
        };
        let repetition = Repetition::unknown(block.count.is_some(), block.for_each.is_some());
        let mut findings = Diagnostics::new();
        for expr in block.count.iter().chain(&block.for_each) {
            findings.extend(evaluate(expr, &self.surroundings.scope(&table)).1);
        }
        let scope = || self.surroundings.scope(&table).with_repetition(&repetition);
        let Some(schema) = &info.schema else { return findings };
        let (config, decoded) = decode_block(&block.body, &schema.schema.block, &scope());
        let failed = decoded.has_errors();
        findings.extend(decoded);
        if !failed {
            findings.extend(located(self.checked(id, &config, block.span), &block.body, block.span));
        }
        let mut itself = Value::unknown(schema.ty.clone());
        if info.mode() == addrs::Mode::Ephemeral {
            itself = itself.mark(Marks::EPHEMERAL);
        }
        findings.extend(conditions(&block.lifecycle.preconditions, &scope()));
        findings.extend(conditions(&block.lifecycle.postconditions, &scope().with_self(&itself)));
        if block.count.is_none() && block.for_each.is_none() {
            let _ = table.resources[info.slot as usize].set(itself);
        }
        findings.with_address(&info.address)
    }

    fn checked(&self, id: ResourceId, config: &Value, span: diag::Span) -> Diagnostics {
        let program = &self.surroundings.program;
        let info = program.resource(id);
        let (Some(schema), Some(provider)) = (&info.schema, &program.provider(info.provider).provider) else {
            return Diagnostics::new();
        };
        let unmarked = config.unmark_deep();
        let ty = &info.address.resource.ty;
        let mut findings = match info.mode() {
            addrs::Mode::Managed => provider.validate_resource(ty, &unmarked),
            addrs::Mode::Data => provider.validate_data(ty, &unmarked),
            addrs::Mode::Ephemeral => return Diagnostics::new(),
        };
        if let Some(path) = ephemeral_outside_write_only(&schema.schema.block, config) {
            findings.push(
                Diagnostic::error(
                    "Invalid use of ephemeral value",
                    "Ephemeral values are not valid for this argument, because it is not a write-only attribute and must be persisted between groma operations.",
                )
                .at(span)
                .attribute(provider::diagnostic_path(&path)),
            );
        }
        findings
    }
}

/// Only what is wrong with the conditions themselves: what they come to is for the plan.
fn conditions(conditions: &[Condition], scope: &InstanceScope<'_>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for condition in conditions {
        diagnostics.extend(condition_errors(condition, scope));
    }
    diagnostics
}

fn condition_errors(condition: &Condition, scope: &dyn Scope) -> Diagnostics {
    let (value, mut findings) = evaluate(&condition.condition, scope);
    if !findings.has_errors() {
        let invalid = match convert(&value, &Type::Bool) {
            Err(error) => Some(format!("Invalid condition result value: {error}.")),
            Ok(value) => matches!(value.kind(), Kind::Null(_))
                .then(|| "Condition expression must return either true or false, not null.".to_owned()),
        };
        findings.extend(invalid.map(|detail| {
            Diagnostic::error("Invalid condition result", detail).at(condition.condition.span)
        }));
    }
    let (_, message) = evaluate(&condition.error_message, scope);
    findings.extend(message);
    findings
}

/// References are looked at when the graph is built and again when they are evaluated: once said is enough.
fn without_doubles(diagnostics: Diagnostics) -> Diagnostics {
    let mut seen = HashSet::new();
    diagnostics
        .into_iter()
        .filter(|d| d.subject.is_none_or(|span| seen.insert((span, d.summary.clone(), d.detail.clone()))))
        .collect()
}
