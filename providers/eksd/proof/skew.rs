//! How far the versions of two components of a cluster may be apart.

use super::Plan;
use super::component::{Cluster, Component, Kind, Place};
use super::refusal::{Refusal, SKEW, apart, count};
use super::versions::line;
use crate::releases::version::Version;

/// The first step with which two components can be further apart than they may be, and than they are now: what is wrong
/// already must not keep anybody from setting it right.
pub fn check(plan: &Plan, cluster: &Cluster) -> Option<Refusal> {
    let mut first: Option<Broken> = None;
    let mut see = |a, b| {
        for broken in pair(plan, a, b) {
            if first.as_ref().is_none_or(|first| broken.step < first.step) {
                first = Some(broken);
            }
        }
    };
    let keys: Vec<&Component> =
        cluster.components.iter().filter(|component| component.kind.is_key()).collect();
    for (at, a) in keys.iter().enumerate() {
        let rest = keys[at + 1..].iter().copied().filter(|b| b.kind == a.kind);
        rest.for_each(|b| see(a, b));
        if a.kind == Kind::Apiserver {
            cluster.components.iter().filter(|b| !b.kind.is_key()).for_each(|b| see(a, b));
        }
    }
    beside(cluster, &mut see);
    first.map(|broken| broken.refusal(plan))
}

/// Kubelets with the kube-proxies on their nodes, where no API server tells how far they may be apart.
fn beside<'a>(cluster: &'a Cluster, see: &mut impl FnMut(&'a Component, &'a Component)) {
    if cluster.of(Kind::Apiserver).next().is_some() {
        return;
    }
    let kubelets: std::collections::BTreeMap<_, _> =
        cluster.of(Kind::Kubelet).map(|kubelet| (&kubelet.node, kubelet)).collect();
    for proxy in cluster.of(Kind::KubeProxy).filter(|proxy| proxy.node.is_some()) {
        if let Some(kubelet) = kubelets.get(&proxy.node) {
            see(kubelet, proxy);
        }
    }
}

/// Two components in states that they can be in at once, and must not.
struct Broken<'a> {
    step: usize,
    a: &'a Component,
    b: &'a Component,
    states: (usize, usize),
    versions: (&'a Version, &'a Version),
}

fn pair<'a>(plan: &Plan, a: &'a Component, b: &'a Component) -> Vec<Broken<'a>> {
    let versions = |i: usize, j: usize| a.states[i].version().zip(b.states[j].version());
    let excess = |(x, y)| excess(a.kind, x, b.kind, y);
    let already = versions(0, 0).map_or(0, excess);
    let mut broken = Vec::new();
    for i in 0..a.states.len() {
        for j in 0..b.states.len() {
            let steps = (i.checked_sub(1).map(|i| a.steps[i]), j.checked_sub(1).map(|j| b.steps[j]));
            let (Some(step), Some(versions)) = (steps.0.max(steps.1), versions(i, j)) else { continue };
            if excess(versions) > already && plan.order.together((a, Place::after(i)), (b, Place::after(j))) {
                broken.push(Broken { step, a, b, states: (i, j), versions });
            }
        }
    }
    broken
}

/// By how many minor versions two are further apart than they may be.
fn excess(a: Kind, version: &Version, b: Kind, other: &Version) -> u64 {
    let (x, y) = (line(version), line(other));
    if a == b {
        return x.abs_diff(y).saturating_sub(1);
    }
    if a == Kind::Kubelet {
        return x.abs_diff(y).saturating_sub(NODE_SKEW);
    }
    match x.checked_sub(y) {
        None => y - x,
        Some(older) => older.saturating_sub(allowed(b, other)),
    }
}

/// How many minor versions a component may be older than an API server.
fn allowed(kind: Kind, version: &Version) -> u64 {
    match kind {
        Kind::Kubelet | Kind::KubeProxy if (version.core.major, version.core.minor) < (1, 25) => 2,
        Kind::Kubelet | Kind::KubeProxy => NODE_SKEW,
        Kind::Etcd | Kind::Apiserver | Kind::ControllerManager | Kind::Scheduler => 1,
    }
}

impl Broken<'_> {
    fn refusal(&self, plan: &Plan) -> Refusal {
        let (a, b) = (self.a, self.b);
        let (x, y) = self.versions;
        let rule = match (a.kind, b.kind) {
            (Kind::Etcd, _) => {
                "Members of etcd may be one minor version apart, while it is upgraded".to_owned()
            }
            (Kind::Kubelet, _) => format!("They may be {NODE_SKEW} minor versions apart"),
            (_, Kind::Apiserver) => "API servers of a cluster may be one minor version apart".to_owned(),
            (_, kind) if line(y) > line(x) => {
                format!("A {kind} must not be newer than any API server of its cluster")
            }
            (_, kind) => format!(
                "A {kind} may be {} older than an API server, and no more",
                count(usize::try_from(allowed(kind, y)).unwrap_or(usize::MAX), "minor version")
            ),
        };
        let what = format!(
            "With this step the {} may be at {y} while the {} is at {x}. {rule}.",
            b.name(),
            a.name(),
        );
        Refusal {
            step: self.step,
            summary: "Plan would break the version skew",
            what,
            why: SKEW,
            way_out: self.way_out(plan),
        }
    }

    /// Where a later step would set it right that one must come first, else there must be one.
    fn way_out(&self, plan: &Plan) -> String {
        let (a, b) = (self.a, self.b);
        let (i, j) = self.states;
        let a_is_older = line(self.versions.0) < line(self.versions.1);
        let ((older, at), newer) = if a_is_older { ((a, i), b) } else { ((b, j), a) };
        if newer.kind == Kind::Apiserver && older.kind != Kind::Apiserver {
            // It cannot go ahead of the API servers, so nothing but a version in between helps.
            return format!(
                "Upgrade the {} first, up to the version that the API servers have now, apply that, and then go on.",
                older.name()
            );
        }
        match older.steps.get(at) {
            // It changes too, later or at the same time.
            Some(step) => {
                let (first, then) = (plan.steps[*step].address.containing(), newer.address.containing());
                let order = if first == then {
                    return apart(plan.steps, *step, self.step);
                } else if plan.order.precedes(self.step, *step) {
                    format!(
                        "but after {then}. Turn their order round: take out what makes {first} wait for {then}, and write into the block of {then}, or of its module"
                    )
                } else {
                    format!(
                        "but nothing makes {then} wait for it. Write into the block of {then}, or of its module"
                    )
                };
                format!("{first} changes as well, {order}:\n\n  depends_on = [{}]", first.resource)
            }
            None => format!("Upgrade the {} first, apply that, and then go on.", older.name()),
        }
    }
}

/// How many minor versions kubelets and kube-proxies may be older than API servers, and apart from each other.
const NODE_SKEW: u64 = 3;
