//! Graphs in the DOT language.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use diag::Diagnostics;
use plan::{Plan, ResourceChange};
use state::State;

use super::{Closures, Graph, Purpose, Vertex, config_graph, cycle_error, order, prune_for_destroy};
use crate::Operation;
use crate::applying::apply_graph;
use crate::program::{Program, ResourceId, Times};

/// Which graph `groma graph` shows.
#[derive(Clone, Copy, Debug)]
pub enum GraphKind<'a> {
    /// Resources and what they depend on: without `-type`.
    Resources,
    /// `-type=plan`, `-type=plan-refresh-only`
    Plan,
    /// `-type=plan-destroy`
    PlanDestroy,
    /// `-type=apply`; of a saved plan with `-plan=FILE`.
    Apply(Option<&'a Plan>),
}

/// A graph in the DOT language.
pub fn graph_dot(operation: &Operation, state: &State, kind: GraphKind<'_>) -> (String, Diagnostics) {
    let (program, mut diagnostics) = Program::build(operation, state, Times::default());
    let (mut graph, findings) = config_graph(&program, Purpose::Static, &HashMap::new());
    diagnostics.extend(findings);
    let text = match kind {
        GraphKind::Resources => {
            let Some(sequence) = order(&graph) else {
                diagnostics.extend(cycle_error(&graph, &program, &[]));
                return (String::new(), diagnostics);
            };
            resources(&graph, &program, &Closures::compute(&graph, &program, &sequence))
        }
        GraphKind::Apply(Some(plan)) => {
            let built = apply_graph(&program, plan);
            diagnostics.extend(built.diagnostics);
            operations(&built.graph, &program, &plan.changes)
        }
        GraphKind::PlanDestroy => {
            prune_for_destroy(&mut graph, &program, state);
            operations(&graph, &program, &[])
        }
        GraphKind::Plan | GraphKind::Apply(None) => operations(&graph, &program, &[]),
    };
    (text, diagnostics)
}

/// Resources only, each with the nearest ones it depends on, by module.
fn resources(graph: &Graph, program: &Program, closures: &Closures) -> String {
    let mut modules: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    let mut edges: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for id in program.resource_ids() {
        let info = program.resource(id);
        let Some(index) = graph.find(Vertex::Resource(id)) else { continue };
        if info.config.is_none() {
            continue;
        }
        let module = info.address.module.to_string();
        let name = info.address.to_string();
        modules.entry(module.clone()).or_default().push((name.clone(), info.address.resource.to_string()));
        let near = nearest(graph, closures, closures.of(index));
        let mut near: Vec<String> =
            near.into_iter().map(|id| program.resource(id).address.to_string()).collect();
        near.sort();
        // Terraform lists the root's edges first, then those of modules.
        edges.insert((module, name), near);
    }
    let mut out =
        String::from("digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
    for (module, mut names) in modules {
        names.sort();
        let indent = if module.is_empty() { "  " } else { "    " };
        if !module.is_empty() {
            let _ = writeln!(out, "  subgraph {} {{", quote(&format!("cluster_{module}")));
            let _ = writeln!(out, "    label = {}\n    fontname = \"sans-serif\"", quote(&module));
        }
        for (name, label) in names {
            let _ = writeln!(out, "{indent}{} [label={}];", quote(&name), quote(&label));
        }
        if !module.is_empty() {
            out.push_str("  }\n");
        }
    }
    for ((_, from), targets) in edges {
        for to in targets {
            let _ = writeln!(out, "  {} -> {};", quote(&from), quote(&to));
        }
    }
    out.push_str("}\n");
    out
}

/// Those of a closure that do not lie behind another of it.
fn nearest(graph: &Graph, closures: &Closures, closure: &[ResourceId]) -> Vec<ResourceId> {
    let behind: BTreeSet<ResourceId> = closure
        .iter()
        .filter_map(|id| graph.find(Vertex::Resource(*id)))
        .flat_map(|index| closures.of(index).iter().copied())
        .collect();
    closure.iter().copied().filter(|id| !behind.contains(id)).collect()
}

/// Every vertex with its edges.
fn operations(graph: &Graph, program: &Program, changes: &[ResourceChange]) -> String {
    let label = |vertex: Vertex| {
        let name = vertex.label(program, changes).to_string();
        match vertex {
            Vertex::Resource(_) | Vertex::Local(..) | Vertex::Output(..) | Vertex::Check(..) => {
                format!("[root] {name} (expand)")
            }
            Vertex::Variable(module, _) if program.module(module).parent.is_some() => {
                format!("[root] {name} (expand)")
            }
            _ => format!("[root] {name}"),
        }
    };
    let mut nodes = BTreeSet::new();
    let mut edges = BTreeSet::new();
    for (index, vertex) in graph.vertices() {
        let shape = match vertex {
            Vertex::Resource(_) | Vertex::Change(..) => Some("box"),
            Vertex::Provider(_) => Some("diamond"),
            Vertex::Variable(module, _) if program.module(module).parent.is_none() => Some("note"),
            _ => None,
        };
        if let Some(shape) = shape {
            let name = vertex.label(program, changes).to_string();
            nodes.insert(format!(
                "\t\t{} [label = {}, shape = \"{shape}\"]",
                quote(&label(vertex)),
                quote(&name)
            ));
        }
        for dependency in graph.dependencies(index).filter_map(|to| graph.vertex(to)) {
            edges.insert(format!("\t\t{} -> {}", quote(&label(vertex)), quote(&label(dependency))));
        }
    }
    let lines: Vec<String> = nodes.into_iter().chain(edges).collect();
    format!(
        "digraph {{\n\tcompound = \"true\"\n\tnewrank = \"true\"\n\tsubgraph \"root\" {{\n{}\n\t}}\n}}\n",
        lines.join("\n")
    )
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
