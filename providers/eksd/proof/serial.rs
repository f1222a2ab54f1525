//! One control-plane node at a time.

use super::Plan;
use super::component::{Cluster, Component, Kind, Place};
use super::refusal::{Refusal, apart, count};

/// The first step that takes an API server away while an API server or a member of etcd on another node may be away.
pub fn check(plan: &Plan, cluster: &Cluster) -> Option<Refusal> {
    let keys: Vec<(&Component, Vec<Place>)> = cluster
        .components
        .iter()
        .filter(|component| component.kind.is_key())
        .map(|component| (component, component.away()))
        .filter(|(_, away)| !away.is_empty())
        .collect();
    let mut first: Option<(usize, usize, &Component, &Component)> = None;
    for (at, (a, a_away)) in keys.iter().enumerate() {
        for (b, b_away) in &keys[..at] {
            // Two members of etcd are the business of its quorum.
            let both_etcd = (a.kind, b.kind) == (Kind::Etcd, Kind::Etcd);
            if a.node == b.node || both_etcd {
                continue;
            }
            for x in a_away {
                for y in b_away {
                    let (one, other) = (last_step(a, *x), last_step(b, *y));
                    let step = one.max(other);
                    if first.as_ref().is_none_or(|first| step < first.0)
                        && plan.order.together((a, *x), (b, *y))
                    {
                        first = Some((step, one.min(other), a, b));
                    }
                }
            }
        }
    }
    let (step, other, a, b) = first?;
    let (a, b) = if a.steps.contains(&step) { (b, a) } else { (a, b) };
    Some(Refusal {
        step,
        summary: "Plan would change two control-plane nodes at once",
        what: format!(
            "Nothing keeps the {} on {} and the {} on {} from being away at the same time. {}",
            a.kind,
            a.node(),
            b.kind,
            b.node(),
            figures(cluster)
        ),
        why: "Control-plane nodes are changed one after another, each once the one before it is well again, so that one that does not come back is the only one.",
        way_out: apart(plan.steps, other, step),
    })
}

/// The step that begins a moment.
fn last_step(component: &Component, place: Place) -> usize {
    component.steps[place.begun.saturating_sub(1)]
}

fn figures(cluster: &Cluster) -> String {
    let n = |kind| cluster.of(kind).filter(|component| component.exists()).count();
    format!(
        "The cluster {} has {} and {}.",
        cluster.name.as_deref().unwrap_or_default(),
        count(n(Kind::Apiserver), "API server"),
        count(n(Kind::Etcd), "member") + " of etcd"
    )
}
