//! One control-plane node at a time.

use super::Plan;
use super::component::{Cluster, Component, Kind, Place};
use super::refusal::{Refusal, apart, count};

/// The first step that takes an API server away while an API server or a member of etcd on another node may be away; or a
/// controller manager, a scheduler or a kubelet while another one of its kind may be, on nodes that have API servers.
pub fn check(plan: &Plan, cluster: &Cluster) -> Option<Refusal> {
    let keys = cluster.components.iter().filter(|component| component.kind.is_key()).collect();
    // One of these that goes for good leaves the others as they are.
    let comes_back = |component: &&Component| component.remains();
    let beside = Kind::BESIDE.map(|kind| cluster.beside(kind).into_iter().filter(comes_back).collect());
    let found = std::iter::once(keys).chain(beside).filter_map(|group| first(plan, group));
    let (step, other, a, b) = found.min_by_key(|(step, ..)| *step)?;
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

/// The first step of a group of components with which two on different nodes may be away, the other one's step, and both.
fn first<'a>(plan: &Plan, group: Vec<&'a Component>) -> Option<(usize, usize, &'a Component, &'a Component)> {
    let away = |component: &'a Component| (component, component.away());
    let keys: Vec<(&Component, Vec<Place>)> =
        group.into_iter().map(away).filter(|(_, away)| !away.is_empty()).collect();
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
    first
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
