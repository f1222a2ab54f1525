//! Growth, counted and not timed: ten times the workers are ten times the questions.

use super::sketch::{object, step};
use crate::proof::order::ASKED;
use crate::proof::review;

/// A cluster with so many workers, all of them upgraded.
fn cluster(workers: usize) -> Vec<provider::PlannedStep> {
    let mut steps = Vec::new();
    let mut last: Option<usize> = None;
    for kind in ["etcd", "apiserver", "kcm", "scheduler"] {
        for node in ["cp1", "cp2", "cp3"] {
            let (from, to) = if kind == "etcd" { ("3.5", "3.6") } else { ("33", "34") };
            let after = last.into_iter().collect();
            last = Some(steps.len());
            steps.push(step(kind, node, object(kind, node, from, &[]), object(kind, node, to, &[]), after));
        }
    }
    for worker in 0..workers {
        let node = format!("w{worker}");
        let value = |version| object("kubelet", &node, version, &[]);
        steps.push(step("kubelet", &node, value("33"), value("34"), vec![11]));
    }
    steps
}

#[test]
fn the_proof_grows_with_the_workers() {
    let asked = |workers| {
        ASKED.set(0);
        let review = review(&cluster(workers));
        assert!(!review.diagnostics.has_errors());
        assert_eq!(review.steps.len(), 13, "{:?}", review.steps);
        ASKED.get()
    };
    let (small, large) = (asked(1000), asked(10_000));
    assert!(small > 1000 && large <= small * 10, "{small} became {large}");
}
