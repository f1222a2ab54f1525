//! A kubelet's minor upgrade needs a node without pods.

use std::collections::HashMap;

use provider::simple::Access;
use provider::{PlannedAction, PlannedStep};
use value::Value;

use super::Plan;
use super::component::{Cluster, Component, Kind};
use super::refusal::Refusal;
use super::versions::line;
use crate::components::kubelet_drains;

/// The first kubelet that goes to another minor version while there may be pods on its node, where the plan has its node.
pub fn check(plan: &Plan, cluster: &Cluster) -> Option<Refusal> {
    let upgrades = cluster.of(Kind::Kubelet).filter_map(|kubelet| Some((upgrade(plan, kubelet)?, kubelet)));
    let upgrades: Vec<_> = upgrades.collect();
    if upgrades.is_empty() {
        return None;
    }
    let nodes = nodes(plan.steps, cluster);
    let mut first: Option<(usize, &Component, usize)> = None;
    for (step, kubelet) in upgrades {
        let Some(of_node) = kubelet.node.as_deref().and_then(|node| nodes.get(node)) else { continue };
        let drained = of_node.iter().any(|node| is_drained(plan, *node, step));
        if !drained && first.is_none_or(|(other, ..)| step < other) {
            first = Some((step, kubelet, of_node[0]));
        }
    }
    let (step, kubelet, node) = first?;
    let address = &plan.steps[node].address;
    Some(Refusal {
        step,
        summary: "Plan would upgrade a kubelet under its pods",
        what: format!(
            "The {} goes to another minor version, and nothing in the plan has moved the pods of the node {} away by then: {address} neither is unschedulable and drained already nor becomes so before.",
            kubelet.name(),
            kubelet.node(),
        ),
        why: "Kubernetes does not support minor upgrades of a kubelet with pods on its node (https://kubernetes.io/releases/version-skew-policy/).",
        way_out: match plan.steps[step].action {
            PlannedAction::Create => REPLACED.to_owned(),
            _ if plan.steps[step].after.text("state") == Some("stopped") => STOPPED.to_owned(),
            _ => drained(plan, step, node),
        },
    })
}

/// How to have the node drained.
fn drained(plan: &Plan, step: usize, node: usize) -> String {
    let (kubelet, node) = (&plan.steps[step].address, &plan.steps[node].address);
    format!(
        "Let the kubelet drain its node itself, in the block of {0}:\n\n  drain = {{ hosts = [CONNECTION, ...] }}\n\nOr let {1} be drained first, and the kubelet wait for it:\n\n  unschedulable = true\n  drain         = true\n\nand depends_on = [{2}] in the block of {0}.",
        kubelet.containing(),
        node.containing(),
        node.resource,
    )
}

/// The step with which a kubelet goes to another minor version than it was last known to have, unless it drains its node itself.
/// Pods outlive their kubelet, so it makes no difference that one is removed and another one comes.
fn upgrade(plan: &Plan, kubelet: &Component) -> Option<usize> {
    let mut last = kubelet.states[0].version();
    for (at, step) in kubelet.steps.iter().enumerate() {
        let Some(next) = kubelet.states[at + 1].version() else { continue };
        if last.is_some_and(|last| line(last) != line(next)) && !drains_itself(&plan.steps[*step]) {
            return Some(*step);
        }
        last = Some(next);
    }
    None
}

/// The steps of a cluster's nodes by their names; those that do not say whose they are may be anyone's.
fn nodes<'a>(steps: &'a [PlannedStep], cluster: &Cluster) -> HashMap<&'a str, Vec<usize>> {
    let mut nodes: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        let object = if step.before.is_null() { &step.after } else { &step.before };
        if step.address.resource.ty == NODE
            && step.action != PlannedAction::Gather
            && object.attr_str("cluster").is_none_or(|name| Some(name) == cluster.name.as_ref())
            && let Some(name) = object.text("name")
        {
            nodes.entry(name).or_default().push(at);
        }
    }
    nodes
}

/// Whether a step moves the pods of a node away.
pub fn drains(step: &PlannedStep) -> bool {
    step.address.resource.ty == NODE && !empty(&step.before) && empty(&step.after)
}

/// Whether a kubelet moves the pods of its node away for another version.
pub fn drains_itself(step: &PlannedStep) -> bool {
    kubelet_drains(&step.before, &step.after)
}

/// Whether an `eksd_node` has no pods but those that belong to it.
fn empty(object: &Value) -> bool {
    object.flag("unschedulable") == Some(true) && object.flag("drain") == Some(true)
}

/// Whether a step on a node, or that there is none, leaves it without pods when the kubelet's step begins.
fn is_drained(plan: &Plan, node: usize, kubelet: usize) -> bool {
    let step = &plan.steps[node];
    if plan.order.precedes(node, kubelet) {
        // One that is removed is drained before, if it says so.
        return empty(&step.after) || (step.after.is_null() && step.before.flag("drain") == Some(true));
    }
    // Until it is changed it is as it was: it must not change before or while the kubelet does.
    empty(&step.before) && (empty(&step.after) || plan.order.precedes(kubelet, node))
}

pub const NODE: &str = "eksd_node";

const REPLACED: &str = "A kubelet that is replaced cannot drain its node for the one that comes after it. Do one after the other: replace it with the version that it has, and upgrade it in the next apply; or the other way round, without -replace.";

const STOPPED: &str = "A kubelet that is to be stopped does not drain its node. Upgrade it while it runs, with drain, and stop it in the next apply; or stop it now, and leave its version as it is.";
