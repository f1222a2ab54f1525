//! What is left to do and to say when the walk is over.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use ::plan::{Action, Mode};
use addrs::Mode as ResourceMode;
use diag::{Diagnostic, Diagnostics};
use petgraph::stable_graph::NodeIndex;
use state::State;
use state::journal::Record;

use super::Applying;
use crate::graph::{Graph, Vertex};
use crate::walk::Walked;

impl Applying {
    pub(super) async fn finish(
        self,
        graph: &Graph,
        walked: Walked,
        mut diagnostics: Diagnostics,
    ) -> (State, Diagnostics) {
        diagnostics.extend(walked.diagnostics);
        if walked.abandoned.is_empty() {
            // Whoever interrupts twice does not want to wait for this either.
            diagnostics.extend(self.settle().await);
        }
        diagnostics.extend(self.session.ephemerals.close_all(&self.session).await);
        let left: BTreeSet<usize> = walked
            .not_started
            .iter()
            .chain(&walked.skipped)
            .chain(&walked.abandoned)
            .filter_map(|index| change_at(graph, *index))
            .collect();
        diagnostics.extend(self.rollouts.report(&self.plan, |at| !left.contains(&at)));
        diagnostics.extend(self.interruption(graph, &walked.not_started, &walked.abandoned));
        if walked.not_started.is_empty() && walked.abandoned.is_empty() && !diagnostics.has_errors() {
            diagnostics.extend(self.remove_outputs().await);
        }
        let results = self.session.checks().results();
        let destroyed = self.plan.mode == Mode::Destroy && self.plan.targets.is_empty();
        if !self.plan.targets.is_empty() {
            diagnostics.push(incomplete_warning());
        }
        let (mode, applyable) = (self.plan.mode, self.plan.is_applyable());
        let mut state = self.into_state();
        if destroyed && !diagnostics.has_errors() {
            // What was only read is of no use without what it was read for.
            state.resources.retain(|address, _| address.resource.mode == ResourceMode::Managed);
        }
        // Where a refresh found nothing, everything is as the last apply left it.
        if mode != Mode::RefreshOnly || applyable {
            state.check_results = results;
        }
        (state, diagnostics)
    }

    /// One finding for everything that an interrupt left undone.
    fn interruption(&self, graph: &Graph, not_started: &[NodeIndex], abandoned: &[NodeIndex]) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        if not_started.is_empty() && abandoned.is_empty() {
            return diagnostics;
        }
        let names = |indices: &[NodeIndex]| {
            let changes: BTreeSet<usize> =
                indices.iter().filter_map(|index| change_at(graph, *index)).collect();
            changes.into_iter().map(|at| self.plan.changes[at].address.to_string()).collect::<Vec<_>>()
        };
        // Of those that were visited some may still have waited for a slot.
        let (begun, not_begun): (Vec<NodeIndex>, Vec<NodeIndex>) = abandoned.iter().partition(|index| {
            change_at(graph, **index).is_none_or(|at| self.begun[at].load(Ordering::Acquire))
        });
        let (waiting, in_flight) = (names(&[not_started, not_begun.as_slice()].concat()), names(&begun));
        let mut detail = String::from("The operation was interrupted.");
        if waiting.is_empty() && in_flight.is_empty() {
            detail.push_str(" All planned changes were made.");
        }
        if !waiting.is_empty() {
            detail.push_str(&format!(
                " {} planned changes were not made: {}.",
                waiting.len(),
                shortened(&waiting)
            ));
        }
        if !in_flight.is_empty() {
            detail.push_str(&format!(
                " {} were under way and not waited for: {}. What became of them will be looked up on the next run.",
                in_flight.len(),
                shortened(&in_flight)
            ));
        }
        detail.push_str(" Run plan and apply again to go on.");
        diagnostics.push(Diagnostic::error("Operation interrupted", detail));
        diagnostics
    }

    async fn remove_outputs(&self) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for change in self.plan.outputs.values().filter(|change| change.action == Action::Delete) {
            self.state().outputs.remove(&change.name);
            let record = Record::Output { name: change.name.clone(), value: None, sensitive: false };
            if let Err(errors) = self.record_output(record).await {
                diagnostics.extend(errors);
            }
        }
        diagnostics
    }
}

fn incomplete_warning() -> Diagnostic {
    Diagnostic::warning(
        "Applied changes may be incomplete",
        "The plan was created with the -target option in effect, so some changes requested in the configuration may have been ignored and the output values may not be fully updated. Run the following command to verify that no other changes are pending:\n    groma plan\n\nNote that the -target option is not suitable for routine use, and is provided only for exceptional situations such as recovering from errors or mistakes, or when groma specifically suggests to use it as part of an error message.",
    )
}

fn change_at(graph: &Graph, index: NodeIndex) -> Option<usize> {
    match graph.vertex(index)? {
        Vertex::Change(at, _) => Some(at as usize),
        _ => None,
    }
}

/// The first few of a list of addresses.
pub(super) fn shortened(names: &[String]) -> String {
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}

const SHOWN: usize = 5;
