//! What one component must not do: go down, or skip a minor version.

use std::cmp::Ordering;

use super::component::{Cluster, Component, Kind};
use super::refusal::{Refusal, SKEW};
use crate::releases::version::Version;

/// The first step that takes a component down or too far up.
pub fn check(cluster: &Cluster) -> Option<Refusal> {
    cluster.components.iter().filter_map(first).min_by_key(|refusal| refusal.step)
}

fn first(component: &Component) -> Option<Refusal> {
    let mut last: Option<&Version> = component.states[0].version();
    for (at, step) in component.steps.iter().enumerate() {
        let Some(next) = component.states[at + 1].version() else { continue };
        if let Some(last) = last {
            let refusal =
                down(component, *step, last, next).or_else(|| skipped(component, *step, last, next));
            if refusal.is_some() {
                return refusal;
            }
        }
        last = Some(next);
    }
    None
}

fn down(component: &Component, step: usize, last: &Version, next: &Version) -> Option<Refusal> {
    if next.partial_cmp(last) != Some(Ordering::Less) {
        return None;
    }
    let name = component.name();
    let etcd = component.kind == Kind::Etcd;
    Some(Refusal {
        step,
        summary: "Plan would downgrade a component",
        what: format!("The {name} is at {last} and would become {next}, which is older."),
        why: if etcd { ETCD_DOWN } else { DOWN },
        way_out: format!(
            "Set its version to {last} or a newer one. To get back what was before an upgrade, restore the cluster from a snapshot of etcd that was taken before it."
        ),
    })
}

fn skipped(component: &Component, step: usize, last: &Version, next: &Version) -> Option<Refusal> {
    let one_by_one = component.kind.is_key();
    let (from, to) = (line(last), line(next));
    if !one_by_one || to <= from + 1 {
        return None;
    }
    let (major, minor) = (last.core.major, last.core.minor + 1);
    let between = format!("{major}.{minor}");
    Some(Refusal {
        step,
        summary: "Plan would skip a minor version",
        what: format!(
            "The {} is at {last} and would become {next}: {} minor versions up at once.",
            component.name(),
            to - from
        ),
        why: if component.kind == Kind::Etcd { ETCD_MINOR } else { SKEW },
        way_out: match component.kind {
            Kind::Etcd => {
                format!("Upgrade all members to a release with etcd {between} first, and apply that.")
            }
            _ => format!(
                "Upgrade the cluster to the channel {major}-{minor} first, apply that, and go on from there."
            ),
        },
    })
}

/// Minor versions counted through, so that two are one apart where one follows the other.
pub fn line(version: &Version) -> u64 {
    u64::from(version.core.major) * 1000 + u64::from(version.core.minor)
}

const DOWN: &str = "Kubernetes can not be downgraded: what newer API servers have stored, older ones may not read. There is no option to allow it.";

const ETCD_DOWN: &str = "etcd does not read the data of newer versions. There is no option to allow it.";

const ETCD_MINOR: &str = "etcd is upgraded one minor version at a time, as its members must understand each other meanwhile (https://etcd.io/docs/latest/upgrades/).";
