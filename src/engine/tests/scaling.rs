//! Growth, counted and not timed: twice the resources are twice the vertices, edges and calls.

use std::collections::HashMap;
use std::fmt::Write;

use provider::memory::Operation as Call;
use state::State;

use super::Fixture;
use crate::applying::apply_graph;
use crate::graph::{Purpose, config_graph};
use crate::program::{Program, Times};

fn layers(layers: usize, width: usize) -> String {
    let mut text = String::new();
    for layer in 0..layers {
        for at in 0..width {
            let value = if layer == 0 {
                "\"x\"".to_owned()
            } else {
                format!("test_thing.l{}_{}.id", layer - 1, (at * 7) % width)
            };
            let _ = writeln!(text, "resource \"test_thing\" \"l{layer}_{at}\" {{ value = {value} }}");
        }
    }
    text
}

fn counted(n: usize) -> String {
    format!(
        "resource \"test_thing\" \"a\" {{ count = {n} }}\nresource \"test_thing\" \"b\" {{\n count = {n}\n value = test_thing.a[count.index].id\n}}"
    )
}

/// Vertices and edges of the plan's and of the apply's graph, and provider calls of plan and apply.
async fn sizes(hcl: &str) -> [usize; 6] {
    let mut f = Fixture::new(hcl);
    let (program, _) = Program::build(&f.operation(), &State::default(), Times::default());
    let (graph, _) = config_graph(&program, Purpose::Plan, &HashMap::new());
    let planned = graph.size();
    let run = f.plan().await;
    let applied = apply_graph(&program, &run.plan).graph.size();
    f.apply_plan(run.plan).await;
    let log = f.memory.log();
    [planned.0, planned.1, applied.0, applied.1, log.count(Call::Plan), log.count(Call::Create)]
}

async fn grows_linearly(small: &str, large: &str, factor: usize) {
    let (small, large) = (sizes(small).await, sizes(large).await);
    for (at, (small, large)) in small.into_iter().zip(large).enumerate() {
        assert!(large <= small * factor + 8, "measure {at}: {small} became {large}");
    }
}

#[tokio::test]
async fn independent_blocks_grow_linearly() {
    grows_linearly(&layers(1, 50), &layers(1, 200), 4).await;
}

#[tokio::test]
async fn layers_grow_linearly() {
    grows_linearly(&layers(5, 10), &layers(5, 40), 4).await;
}

#[tokio::test]
async fn counted_resources_grow_linearly() {
    grows_linearly(&counted(50), &counted(200), 4).await;
}

#[tokio::test]
async fn destroying_counted_resources_grows_linearly() {
    let mut edges = Vec::new();
    for n in [50, 200] {
        let mut f = Fixture::new(&counted(n));
        f.apply().await;
        f.mode = ::plan::Mode::Destroy;
        let run = f.plan().await;
        let (program, _) = Program::build(&f.operation(), &f.state, Times::default());
        edges.push(apply_graph(&program, &run.plan).graph.size().1);
    }
    assert!(edges[1] <= edges[0] * 4 + 8, "{edges:?}");
}
