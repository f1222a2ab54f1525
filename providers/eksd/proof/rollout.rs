//! The changes as numbered steps, with what stays available at each.

use std::collections::BTreeMap;

use addrs::{AbsResourceInstance, InstanceKey};
use provider::simple::Access;
use provider::{PlannedAction, PlannedStep, RolloutStep};

use super::component::{Cluster, Component, Kind};
use super::quorum::majority;
use super::refusal::count;
use super::{Plan, drain};

/// What begins together is one step; the others wait for it.
pub fn rollout(plan: &Plan, clusters: &[Cluster]) -> Vec<RolloutStep> {
    let mut standing = Standing::new(clusters);
    let mut lines = Vec::new();
    for batch in batches(plan, &standing).values() {
        let addresses = batch.steps.iter().map(|step| plan.steps[*step].address.clone()).collect();
        lines.push(RolloutStep { text: standing.text(plan, batch), addresses });
    }
    lines
}

/// Steps of one kind that may run at the same time and do the same.
struct Batch<'a> {
    what: What<'a>,
    steps: Vec<usize>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What<'a> {
    Component { cluster: usize, kind: Kind, verb: Verb, version: Option<&'a str> },
    Other { type_name: &'a str, verb: Verb },
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    Create,
    Upgrade,
    Drain,
    Change,
    Remove,
}

/// How much of each cluster is there while the steps go by.
struct Standing<'a> {
    clusters: &'a [Cluster],
    /// The component of each of its steps.
    owners: BTreeMap<usize, (usize, &'a Component)>,
    there: BTreeMap<(usize, Kind), Count>,
}

/// How many there are of a kind, and how many of them run.
#[derive(Clone, Copy, Default)]
struct Count {
    all: usize,
    well: usize,
}

/// The batches, by how many steps must be done before each, and then by where they are in the plan.
fn batches<'a>(plan: &Plan<'a>, standing: &Standing<'a>) -> BTreeMap<(usize, usize), Batch<'a>> {
    let mut levels = vec![0_usize; plan.steps.len()];
    let mut found: BTreeMap<(usize, What<'a>), Vec<usize>> = BTreeMap::new();
    for (at, step) in plan.steps.iter().enumerate() {
        let earlier = step.after_steps.iter().filter(|earlier| **earlier < at);
        let level = earlier.map(|earlier| levels[*earlier]).max().unwrap_or(0);
        let changes = !matches!(step.action, PlannedAction::NoOp | PlannedAction::Gather);
        levels[at] = level + usize::from(changes);
        if changes && step.address.resource.mode == addrs::Mode::Managed {
            found.entry((levels[at], what(step, standing.owners.get(&at)))).or_default().push(at);
        }
    }
    let batches = found.into_iter().map(|((level, what), steps)| ((level, steps[0]), Batch { what, steps }));
    batches.collect()
}

fn what<'a>(step: &'a PlannedStep, owner: Option<&(usize, &'a Component)>) -> What<'a> {
    let verb = match step.action {
        PlannedAction::Create => Verb::Create,
        PlannedAction::Delete => Verb::Remove,
        _ if drain::drains(step) => Verb::Drain,
        _ if owner.is_some() && step.before.text("version") != step.after.text("version") => Verb::Upgrade,
        _ => Verb::Change,
    };
    match owner {
        Some((cluster, component)) => {
            let version = step.after.text("version").filter(|_| verb != Verb::Change);
            What::Component { cluster: *cluster, kind: component.kind, verb, version }
        }
        None => What::Other { type_name: &step.address.resource.ty, verb },
    }
}

impl<'a> Standing<'a> {
    fn new(clusters: &'a [Cluster]) -> Self {
        let mut owners = BTreeMap::new();
        let mut there = BTreeMap::new();
        for (at, cluster) in clusters.iter().enumerate() {
            for component in &cluster.components {
                owners.extend(component.steps.iter().map(|step| (*step, (at, component))));
                let count: &mut Count = there.entry((at, component.kind)).or_default();
                count.all += usize::from(component.votes());
                count.well += usize::from(component.is_well);
            }
        }
        Self { clusters, owners, there }
    }

    /// A line of the rollout; what it creates and removes counts for the next ones.
    fn text(&mut self, plan: &Plan, batch: &Batch) -> String {
        match batch.what {
            What::Other { type_name, verb } => other(plan, type_name, verb, &batch.steps),
            What::Component { cluster, kind, verb, version } => {
                let nodes = batch.steps.iter().filter_map(|step| self.owners.get(step));
                let nodes: Vec<&str> = nodes.map(|(_, component)| component.node()).collect();
                let of = match &self.clusters[cluster].name {
                    Some(name) if self.clusters.len() > 1 => format!(" of {name}"),
                    _ => String::new(),
                };
                let version = version.map(|version| format!(" {version}")).unwrap_or_default();
                let to = if verb == Verb::Upgrade { " to" } else { "" };
                let (version, to) = if verb == Verb::Remove { (String::new(), "") } else { (version, to) };
                let on = listed(&nodes, "nodes");
                let stays = self.stays(plan, cluster, kind, verb, &batch.steps);
                match verb {
                    Verb::Create => format!("create {kind}{version}{of} on {on}{stays}"),
                    _ => format!("{} {kind}{of} on {on}{to}{version}{stays}", word(verb)),
                }
            }
        }
    }

    /// What is there meanwhile, or after it, in brackets.
    fn stays(&mut self, plan: &Plan, cluster: usize, kind: Kind, verb: Verb, steps: &[usize]) -> String {
        let n = steps.len();
        let owners = steps.iter().filter_map(|step| self.owners.get(step));
        let owners: Vec<&Component> = owners.map(|(_, component)| *component).collect();
        let of = |is: fn(&Component) -> bool| owners.iter().filter(|component| is(component)).count();
        // One that comes again counts no more since it was removed.
        let was_well = if verb == Verb::Create { 0 } else { of(|component| component.is_well) };
        let (stay_well, learners) = (of(Component::stays_well), of(|component| component.is_learner));
        let now = self.there.entry((cluster, kind)).or_default();
        let others = now.well.saturating_sub(was_well);
        let stay = others + stay_well;
        let noun = noun(kind);
        let (members, part) = match verb {
            // A learner that is changed has a vote then.
            Verb::Upgrade | Verb::Drain | Verb::Change => {
                (now.all + learners, format!("{stay} of {} stay", count(now.all, noun)))
            }
            Verb::Create => (now.all + n, format!("then {}", count(now.all + n, noun))),
            Verb::Remove => {
                let rest = now.all.saturating_sub(n - learners);
                (rest, format!("then {}", count(rest, noun)))
            }
        };
        *now = Count { all: members, well: if verb == Verb::Remove { others } else { others + n } };
        let mut parts = vec![part];
        if kind == Kind::Kubelet && steps.iter().any(|step| drain::drains_itself(&plan.steps[*step])) {
            parts.push(if n == 1 { "its pods move away first" } else { "their pods move away first" }.into());
        }
        if kind == Kind::Etcd && members > 0 {
            parts.push(format!("quorum {}", majority(members)));
        }
        let other = match kind {
            Kind::Etcd => Some((Kind::Apiserver, "kube-apiserver")),
            Kind::Apiserver => Some((Kind::Etcd, "etcd")),
            _ => None,
        };
        if let Some((other, name)) = other
            && let Some(total) = self.there.get(&(cluster, other)).filter(|total| total.all > 0)
        {
            let stay = total.well.saturating_sub(self.away(plan, cluster, other, steps));
            parts.push(format!("{name} {stay} of {}", total.all));
        }
        format!(" ({})", parts.join("; "))
    }

    /// How many of a kind may be changing at the same time as these steps.
    fn away(&self, plan: &Plan, cluster: usize, kind: Kind, steps: &[usize]) -> usize {
        let may = |component: &&Component| {
            component.is_well
                && !component.stays_well()
                && component.steps.iter().any(|a| steps.iter().any(|b| plan.order.at_once(*a, *b)))
        };
        self.clusters[cluster].of(kind).filter(may).count()
    }
}

/// What is no component: by its node where it has one, else by its address, and by their number where there are many.
fn other(plan: &Plan, type_name: &str, verb: Verb, steps: &[usize]) -> String {
    let noun = NOUNS.iter().find(|(name, _)| *name == type_name).map_or(type_name, |(_, noun)| *noun);
    let object = |step: usize| {
        let step = &plan.steps[step];
        if step.before.is_null() { &step.after } else { &step.before }
    };
    let texts =
        |name: &str| -> Option<Vec<&str>> { steps.iter().map(|step| object(*step).text(name)).collect() };
    if type_name == drain::NODE
        && let Some(names) = texts("name")
    {
        return format!("{} {noun} {}", word(verb), listed(&names, "nodes"));
    }
    match texts("node") {
        Some(nodes) => format!("{} {noun} on {}", word(verb), listed(&nodes, "nodes")),
        None if OF_NODES.contains(&type_name) && steps.iter().all(|step| key(plan, *step).is_some()) => {
            let keys: Vec<&str> = steps.iter().filter_map(|step| key(plan, *step)).collect();
            format!("{} {noun} on {}", word(verb), listed(&keys, "nodes"))
        }
        None if steps.len() > FEW => format!("{} {}", word(verb), count(steps.len(), noun)),
        None => {
            let addresses: Vec<String> = steps.iter().map(|step| short(&plan.steps[*step].address)).collect();
            let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
            format!("{} {noun} {}", word(verb), addresses.join(", "))
        }
    }
}

/// The name that a step's instance has among others.
fn key<'a>(plan: &Plan<'a>, step: usize) -> Option<&'a str> {
    match &plan.steps[step].address.key {
        InstanceKey::String(name) => Some(name.as_str()),
        InstanceKey::None | InstanceKey::Int(_) => None,
    }
}

/// The address without the type, which the line says already.
fn short(address: &AbsResourceInstance) -> String {
    address.to_string().replacen(&format!("{}.", address.resource.ty), "", 1)
}

/// `w1, w2`, each name once; of very many the first, and how many there are.
fn listed(names: &[&str], of: &str) -> String {
    let mut once: Vec<&str> = names.to_vec();
    once.dedup();
    if once.len() <= MANY {
        return once.join(", ");
    }
    format!("{} and {} other {of}", once[..MANY - 1].join(", "), once.len() - (MANY - 1))
}

fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "create",
        Verb::Upgrade => "upgrade",
        Verb::Drain => "drain",
        Verb::Change => "change",
        Verb::Remove => "remove",
    }
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Etcd => "member",
        Kind::Apiserver => "API server",
        Kind::ControllerManager => "controller manager",
        Kind::Scheduler => "scheduler",
        Kind::Kubelet => "kubelet",
        Kind::KubeProxy => "kube-proxy",
    }
}

const NOUNS: &[(&str, &str)] = &[
    ("eksd_api_endpoint", "API endpoint"),
    ("eksd_bootstrap", "bootstrap"),
    ("eksd_certificate", "certificate"),
    ("eksd_container_runtime", "container runtime"),
    ("eksd_etcd_snapshot", "etcd snapshot"),
    ("eksd_image", "image"),
    ("eksd_kubeconfig", "kubeconfig"),
    ("eksd_manifest", "manifest"),
    ("eksd_mirror", "mirror"),
    (drain::NODE, "node"),
];

/// Of which each node has one that does not say its name: instances are mostly named by it.
const OF_NODES: [&str; 2] = ["eksd_api_endpoint", "eksd_container_runtime"];

/// So many addresses a line, at most.
const FEW: usize = 3;

/// So many nodes a line, at most.
const MANY: usize = 12;
