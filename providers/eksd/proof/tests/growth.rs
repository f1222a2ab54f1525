//! Growth, by counting: what one may not compute for all pairs.

use std::time::Instant;

use super::sketch::{object, step};
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
fn ten_times_the_workers_take_no_hundred_times_as_long() {
    let time = |workers| {
        let steps = cluster(workers);
        let begin = Instant::now();
        let review = review(&steps);
        assert!(!review.diagnostics.has_errors());
        assert_eq!(review.steps.len(), 13, "{:?}", review.steps);
        begin.elapsed()
    };
    time(100);
    let (small, large) = (time(2000), time(20_000));
    assert!(large < small * 40, "{small:?} became {large:?}");
}
