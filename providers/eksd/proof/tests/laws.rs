//! What the proof lets through breaks nothing in any order, and what it refuses does: by trying all orders.

use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::*;
use provider::{PlannedAction, PlannedStep};
use value::Value;

use super::sketch::{object, step};
use crate::proof::review;

#[derive(Clone, Debug)]
struct Part {
    kind: &'static str,
    node: &'static str,
    /// The version before, between and after its steps; none where it is not there.
    versions: Vec<Option<&'static str>>,
}

/// Components through a plan and, for each step, which of those before it must be done.
#[derive(Clone, Debug)]
struct Case {
    parts: Vec<Part>,
    /// Which part each step belongs to.
    steps: Vec<usize>,
    edges: Vec<Vec<bool>>,
}

fn part(kind: &'static str, node: &'static str) -> impl Strategy<Value = Part> {
    let versions: &[&str] = if kind == "etcd" { &["3.5", "3.6"] } else { &["32", "33", "34", "35"] };
    let last = versions.len() - 1;
    // Mostly up by one or not at all: else most cases would be refused for that.
    let pairs = (0..=last, prop_oneof![4 => Just(0), 6 => Just(1), 1 => 0..=last]);
    let versions = pairs.prop_flat_map(move |(from, up)| {
        let (from, to) = (versions[from], versions[(from + up) % (last + 1)]);
        prop_oneof![
            2 => Just(vec![Some(from)]),
            4 => Just(vec![Some(from), Some(to)]),
            1 => Just(vec![Some(from), None]),
            1 => Just(vec![None, Some(to)]),
            1 => Just(vec![Some(from), None, Some(to)]),
        ]
    });
    versions.prop_map(move |versions| Part { kind, node, versions })
}

fn case() -> impl Strategy<Value = Case> {
    let parts = proptest::sample::subsequence(COMPONENTS.to_vec(), 1..=5)
        .prop_flat_map(|chosen| chosen.into_iter().map(|(kind, node)| part(kind, node)).collect::<Vec<_>>());
    let parts = parts.prop_filter("few steps, or trying all orders takes for ever", |parts| {
        parts.iter().map(|part| part.versions.len() - 1).sum::<usize>() <= 6
    });
    parts.prop_flat_map(|parts| {
        let steps: Vec<usize> =
            parts.iter().enumerate().flat_map(|(at, part)| vec![at; part.versions.len() - 1]).collect();
        let n = steps.len();
        let edges = vec(vec(proptest::bool::weighted(0.6), n), n);
        (Just(parts), Just(steps).prop_shuffle(), edges).prop_map(|(parts, steps, edges)| Case {
            parts,
            steps,
            edges,
        })
    })
}

impl Case {
    /// The steps of a part before the one at this index.
    fn turn(&self, at: usize) -> usize {
        self.steps[..at].iter().filter(|part| **part == self.steps[at]).count()
    }

    fn waits(&self, at: usize, earlier: usize) -> bool {
        self.edges[at][earlier] || self.steps[at] == self.steps[earlier]
    }

    fn plan(&self) -> Vec<PlannedStep> {
        let value = |part: &Part, version: Option<&str>, rest: &[&str]| -> Value {
            object(part.kind, part.node, version.unwrap_or("-"), rest)
        };
        let mut steps: Vec<PlannedStep> = (0..self.steps.len())
            .map(|at| {
                let part = &self.parts[self.steps[at]];
                let turn = self.turn(at);
                let after = (0..at).filter(|earlier| self.waits(at, *earlier)).collect();
                let before = value(part, part.versions[turn], &[]);
                step(part.kind, part.node, before, value(part, part.versions[turn + 1], &["flag=x"]), after)
            })
            .collect();
        for part in self.parts.iter().filter(|part| part.versions.len() == 1 && part.versions[0].is_some()) {
            let object = value(part, part.versions[0], &[]);
            steps.push(step(part.kind, part.node, object.clone(), object, Vec::new()));
        }
        steps
    }

    /// Whether a rule is broken in some order, found by going through all of them.
    fn breaks(&self) -> bool {
        if self.parts.iter().any(goes_wrong_alone) {
            return true;
        }
        let control = |part: &&Part| part.kind != "kubelet";
        let there = |part: &Part| part.versions.last().is_some_and(Option::is_some);
        let etcd = self.parts.iter().any(|part| part.kind == "etcd" && part.versions[0].is_some());
        if etcd && !self.parts.iter().filter(control).any(there) {
            return false;
        }
        let mut seen = HashSet::new();
        let mut open = vec![vec![0_u8; self.steps.len()]];
        while let Some(progress) = open.pop() {
            if !seen.insert(progress.clone()) {
                continue;
            }
            if self.broken(&progress) {
                return true;
            }
            for at in 0..progress.len() {
                let free = (0..at).all(|earlier| !self.waits(at, earlier) || progress[earlier] == DONE);
                if progress[at] != DONE && free {
                    let mut next = progress.clone();
                    next[at] += 1;
                    open.push(next);
                }
            }
        }
        false
    }

    fn broken(&self, progress: &[u8]) -> bool {
        let of = |part: usize, is: u8| {
            (0..progress.len()).filter(move |at| self.steps[*at] == part && progress[*at] == is).count()
        };
        let now: Vec<(&Part, usize, bool)> =
            self.parts.iter().enumerate().map(|(at, part)| (part, of(at, DONE), of(at, BEGUN) > 0)).collect();
        let etcd: Vec<_> = now.iter().filter(|(part, ..)| part.kind == "etcd").collect();
        if etcd.iter().any(|(part, ..)| part.versions[0].is_some()) {
            let changing: Vec<_> = etcd.iter().filter(|(.., changing)| *changing).collect();
            let members = etcd.iter().filter(|(part, done, _)| part.versions[*done].is_some()).count();
            let well = etcd
                .iter()
                .filter(|(part, done, changing)| part.versions[*done].is_some() && !changing)
                .count();
            let remaining =
                etcd.iter().filter(|(part, ..)| part.versions.last().is_some_and(Option::is_some)).count();
            let goes = changing.iter().all(|(part, done, _)| part.versions[done + 1].is_none());
            // A vote of all takes out one that others are not to come for, and a majority of the rest goes on.
            let shrinks = goes && members > remaining && (well + 1) * 2 > members && well * 2 > members - 1;
            let comes_back = changing.iter().all(|(part, done, _)| part.versions[done + 1].is_some());
            let may = changing.is_empty() || well * 2 > members || (members == 1 && comes_back) || shrinks;
            if changing.len() > 1 || !may {
                // A member that joins nobody takes nothing away.
                let joins = changing.len() == 1
                    && changing.iter().all(|(part, done, _)| part.versions[*done].is_none());
                if !joins {
                    return true;
                }
            }
        }
        let away = |(part, done, changing): &(&Part, usize, bool)| {
            let gone = part.versions[*done].is_none() && part.versions[*done..].iter().any(Option::is_some);
            part.versions[0].is_some()
                && (gone || (*changing && part.versions[*done].is_some()))
                && ["etcd", "apiserver"].contains(&part.kind)
        };
        let serves = |node: &str| self.parts.iter().any(|part| part.kind == "apiserver" && part.node == node);
        // Of what a control-plane node has beside these one at a time comes and goes, if it comes back.
        let beside: Vec<&Part> = now
            .iter()
            .filter(|(part, done, changing)| {
                let gone = part.versions[*done].is_none();
                ["kcm", "kubelet"].contains(&part.kind)
                    && serves(part.node)
                    && part.versions[0].is_some()
                    && part.versions.last().is_some_and(Option::is_some)
                    && (gone || *changing)
            })
            .map(|(part, ..)| *part)
            .collect();
        if beside.iter().any(|a| beside.iter().any(|b| a.kind == b.kind && a.node != b.node)) {
            return true;
        }
        let away: Vec<_> = now.iter().filter(|part| away(part)).collect();
        let apart = |(a, ..): &(&Part, usize, bool), (b, ..): &(&Part, usize, bool)| {
            a.node != b.node && !(a.kind == "etcd" && b.kind == "etcd")
        };
        if away.iter().any(|a| away.iter().any(|b| apart(a, b))) {
            return true;
        }
        now.iter().any(|(a, i, _)| {
            now.iter().any(|(b, j, _)| {
                let too_far = |i: usize, j: usize| Some(too_far(a, a.versions[i]?, b, b.versions[j]?));
                too_far(*i, *j).is_some_and(|now| now > too_far(0, 0).unwrap_or(0))
            })
        })
    }
}

/// The same plan, in which each step waits for a point that waits for all that the step waited for.
fn with_points(steps: Vec<PlannedStep>) -> Vec<PlannedStep> {
    let mut out: Vec<PlannedStep> = Vec::new();
    let mut places = Vec::new();
    for mut step in steps {
        let after_steps = step.after_steps.iter().map(|earlier| places[*earlier]).collect();
        let nothing = Value::null(value::Type::Dynamic);
        out.push(PlannedStep {
            address: step.address.clone(),
            action: PlannedAction::Gather,
            before: nothing.clone(),
            after: nothing,
            after_steps,
        });
        step.after_steps = vec![out.len() - 1];
        places.push(out.len());
        out.push(step);
    }
    out
}

fn goes_wrong_alone(part: &Part) -> bool {
    let known: Vec<&str> = part.versions.iter().flatten().copied().collect();
    known.windows(2).any(|pair| {
        let (from, to) = (minor(pair[0]), minor(pair[1]));
        to < from || (to > from + 1 && ["etcd", "apiserver"].contains(&part.kind))
    })
}

/// How many minor versions the second is further from the first, an API server or a fellow, than it may be.
fn too_far(a: &Part, version: &str, b: &Part, other: &str) -> i64 {
    let (x, y) = (minor(version), minor(other));
    match (a.kind, b.kind) {
        ("etcd", "etcd") | ("apiserver", "apiserver") => (x - y).abs() - 1,
        ("apiserver", "kcm") => (y - x).max(x - y - 1),
        ("apiserver", "kubelet") => (y - x).max(x - y - 3),
        _ => 0,
    }
    .max(0)
}

fn minor(version: &str) -> i64 {
    version
        .rsplit('.')
        .next()
        .and_then(|text| text.parse().ok())
        .expect("versions of cases end with a minor version")
}

proptest! {
    #[test]
    fn the_proof_says_what_trying_all_orders_says(case in case()) {
        let findings = review(&case.plan()).diagnostics;
        prop_assert_eq!(findings.has_errors(), case.breaks(), "{:#?}", findings);
        let same = review(&with_points(case.plan())).diagnostics;
        prop_assert_eq!(findings, same, "points of the order change nothing");
    }

    /// Also with versions that are none, in orders that no plan has.
    #[test]
    fn nothing_that_a_provider_may_plan_makes_it_panic(texts in vec(("[?a-z0-9.-]{0,12}", any::<u8>(), vec(any::<u8>(), 0..4)), 0..8)) {
        let kinds = ["etcd", "apiserver", "kcm", "kubelet", "proxy", "node", "certificate"];
        let steps: Vec<PlannedStep> = texts
            .iter()
            .enumerate()
            .map(|(at, (text, bits, after))| {
                let kind = kinds[usize::from(*bits) % kinds.len()];
                let version = |there: bool| if there { Value::object_of([("node", Value::string(text.clone())), ("version", Value::string(text.clone()))]) } else { Value::null(value::Type::Dynamic) };
                // Also indices that no plan has.
                let after = after.iter().map(|earlier| usize::from(*earlier) % (at + 3)).collect();
                step(kind, "n", version(bits & 64 != 0), version(bits & 128 != 0), after)
            })
            .collect();
        let _ = review(&steps);
    }
}

const BEGUN: u8 = 1;

const DONE: u8 = 2;

const COMPONENTS: &[(&str, &str)] = &[
    ("etcd", "cp1"),
    ("etcd", "cp2"),
    ("etcd", "cp3"),
    ("apiserver", "cp1"),
    ("apiserver", "cp2"),
    ("kcm", "cp1"),
    ("kcm", "cp2"),
    ("kubelet", "cp1"),
    ("kubelet", "cp2"),
    ("kubelet", "w1"),
    ("kubelet", "w2"),
];
