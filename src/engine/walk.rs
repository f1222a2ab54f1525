//! Visits the vertices of a graph in dependency order, as many at once as can be.

use std::collections::VecDeque;

use diag::Diagnostics;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use petgraph::stable_graph::NodeIndex;

use crate::graph::{Graph, Vertex};
use crate::interrupt::{Interrupt, Urgency};

/// How a vertex is visited: what only computes is done at once, what waits is a future.
pub(crate) enum Visit<'a> {
    Done(Outcome),
    Wait(BoxFuture<'a, Outcome>),
}

/// What became of a vertex. Dependents of a failed one are skipped.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub failed: bool,
    /// Visited, but left undone since an interrupt came before it could begin.
    pub left: bool,
    pub diagnostics: Diagnostics,
}

/// How a walk ended.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    pub diagnostics: Diagnostics,
    /// Not begun, as the interrupt came first.
    pub not_started: Vec<NodeIndex>,
    /// Begun and not waited for.
    pub abandoned: Vec<NodeIndex>,
    /// Left out since something they depend on failed.
    pub skipped: Vec<NodeIndex>,
}

impl Outcome {
    pub fn ok() -> Self {
        Self::default()
    }

    /// Fails a vertex without a word of its own.
    pub fn silent_failure() -> Self {
        Self { failed: true, ..Self::default() }
    }

    /// Leaves a vertex as if it had never been visited, for an interrupt.
    pub fn left() -> Self {
        Self { left: true, ..Self::default() }
    }
}

impl From<Diagnostics> for Outcome {
    fn from(diagnostics: Diagnostics) -> Self {
        Self { failed: diagnostics.has_errors(), left: false, diagnostics }
    }
}

impl<'a> Visit<'a> {
    pub fn wait(future: impl Future<Output = Outcome> + Send + 'a) -> Self {
        Self::Wait(Box::pin(future))
    }
}

impl From<Diagnostics> for Visit<'_> {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Done(diagnostics.into())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Waiting(u32),
    Skipped,
    Finished,
}

struct Walk<'g> {
    graph: &'g Graph,
    marks: Vec<Mark>,
    ready: VecDeque<NodeIndex>,
    findings: Vec<(usize, Diagnostics)>,
    skipped: Vec<NodeIndex>,
}

/// Walks an acyclic graph, with at most `width` vertices waited for at once. `stop` is called once, when the first
/// interrupt is noticed.
pub(crate) async fn walk<'a>(
    graph: &Graph,
    interrupt: &Interrupt,
    width: usize,
    stop: impl Fn() -> BoxFuture<'a, ()>,
    visit: impl Fn(NodeIndex, Vertex) -> Visit<'a>,
) -> Walked {
    let mut walk = Walk::new(graph);
    let mut running = FuturesUnordered::new();
    let mut in_flight: std::collections::BTreeSet<NodeIndex> = std::collections::BTreeSet::new();
    let mut stopped = false;
    let mut inline = 0_u32;
    loop {
        if !stopped && interrupt.urgency() >= Urgency::Graceful {
            stopped = true;
            stop().await;
        }
        if interrupt.urgency() == Urgency::Immediate {
            break;
        }
        let next = if stopped || running.len() >= width { None } else { walk.ready.pop_front() };
        if let Some(index) = next {
            let Some(vertex) = graph.vertex(index) else { continue };
            match visit(index, vertex) {
                Visit::Done(outcome) => {
                    walk.complete(index, outcome);
                    // Let answers in while there is only computing to do.
                    inline += 1;
                    if inline.is_multiple_of(INLINE_RUN) {
                        tokio::task::yield_now().await;
                        while let Some(Some((index, outcome))) =
                            futures::FutureExt::now_or_never(running.next())
                        {
                            in_flight.remove(&index);
                            walk.complete(index, outcome);
                        }
                    }
                }
                Visit::Wait(future) => {
                    in_flight.insert(index);
                    running.push(async move { (index, future.await) });
                }
            }
            continue;
        }
        let urgency = if stopped { Urgency::Immediate } else { Urgency::Graceful };
        tokio::select! {
            biased;
            () = interrupt.reached(urgency) => {}
            done = running.next() => match done {
                Some((index, outcome)) => {
                    in_flight.remove(&index);
                    walk.complete(index, outcome);
                }
                None => break,
            }
        }
    }
    walk.end(in_flight.into_iter().collect())
}

impl<'g> Walk<'g> {
    fn new(graph: &'g Graph) -> Self {
        let mut marks = vec![Mark::Finished; graph.bound()];
        let mut ready = VecDeque::new();
        for (index, _) in graph.vertices() {
            let dependencies = u32::try_from(graph.dependencies(index).count()).unwrap_or(u32::MAX);
            marks[index.index()] = Mark::Waiting(dependencies);
            if dependencies == 0 {
                ready.push_back(index);
            }
        }
        Self { graph, marks, ready, findings: Vec::new(), skipped: Vec::new() }
    }

    fn complete(&mut self, index: NodeIndex, outcome: Outcome) {
        if outcome.left {
            self.marks[index.index()] = Mark::Waiting(0);
            return;
        }
        if !outcome.diagnostics.is_empty() {
            self.findings.push((index.index(), outcome.diagnostics));
        }
        self.marks[index.index()] = Mark::Finished;
        if outcome.failed {
            self.skip_dependents(index);
            return;
        }
        let mut ready = Vec::new();
        for dependent in self.graph.dependents(index) {
            if let Mark::Waiting(n) = &mut self.marks[dependent.index()] {
                *n -= 1;
                if *n == 0 {
                    ready.push(dependent);
                }
            }
        }
        // In the order in which the graph was built: that of addresses.
        ready.sort_unstable();
        self.ready.extend(ready);
    }

    fn skip_dependents(&mut self, of: NodeIndex) {
        let mut stack: Vec<NodeIndex> = self.graph.dependents(of).collect();
        while let Some(index) = stack.pop() {
            if matches!(self.marks[index.index()], Mark::Waiting(_)) {
                self.marks[index.index()] = Mark::Skipped;
                self.skipped.push(index);
                stack.extend(self.graph.dependents(index));
            }
        }
    }

    fn end(mut self, abandoned: Vec<NodeIndex>) -> Walked {
        // In the graph's order, however the answers came in.
        self.findings.sort_by_key(|(at, _)| *at);
        self.skipped.sort_unstable();
        let not_started = self
            .graph
            .vertices()
            .map(|(index, _)| index)
            .filter(|index| {
                matches!(self.marks[index.index()], Mark::Waiting(_)) && !abandoned.contains(index)
            })
            .collect();
        Walked {
            diagnostics: self.findings.into_iter().flat_map(|(_, findings)| findings).collect(),
            not_started,
            abandoned,
            skipped: self.skipped,
        }
    }
}

/// Computing vertices between two looks at what is in flight.
const INLINE_RUN: u32 = 64;
