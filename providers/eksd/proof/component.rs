use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use addrs::AbsResourceInstance;
use provider::simple::Access;
use provider::{PlannedAction, PlannedStep};
use value::{Str, Value};

use super::Plan;
use super::encryption::Key;
use super::refusal::Refusal;
use crate::components::{etcd_restarts, plain_id};
use crate::releases::version::Version;

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Etcd,
    Apiserver,
    ControllerManager,
    Scheduler,
    Kubelet,
    KubeProxy,
}

/// How a component is between two of its steps.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    Absent,
    /// There, in a version that is not known.
    Unknown,
    At(Version),
}

/// A component on a node through the plan.
#[derive(Debug)]
pub struct Component {
    pub kind: Kind,
    /// None where it is not known yet.
    pub node: Option<Str>,
    pub address: AbsResourceInstance,
    /// The steps that change it, in order.
    pub steps: Vec<usize>,
    /// How it is before the first step, between them, and after the last.
    pub states: Vec<State>,
    /// Whether it is known to do its work before the first step: one that was just started is not, nor is a member without a vote.
    pub is_well: bool,
    /// Whether it is a member without a vote, which its first step promotes.
    pub is_learner: bool,
    /// Whether its last step leaves it stopped.
    pub ends_stopped: bool,
    /// Whether its change lets it run on: it is not away meanwhile.
    pub runs_on: bool,
    /// What etcd said of its members when this one was looked at.
    pub members: Vec<Known>,
    /// Where other members reach it once it has joined.
    pub peer_urls: Vec<Str>,
    /// The id of a dead member that it removes to take its place.
    pub replaces: Option<Str>,
    /// Whether it begins a new cluster from a snapshot.
    pub restores: bool,
    /// The keys of an API server, one list for each of its states.
    pub keys: Vec<Vec<Key>>,
}

/// A member as etcd knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    pub id: Str,
    /// Empty while it was never started.
    pub name: Str,
    pub peer_urls: Vec<Str>,
    /// It has no vote yet.
    pub is_learner: bool,
}

/// A moment of a component: so many of its steps have begun, so many are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub begun: usize,
    pub done: usize,
}

/// The components of one cluster.
#[derive(Debug)]
pub struct Cluster {
    /// None where it is not known yet.
    pub name: Option<Str>,
    pub components: Vec<Component>,
}

impl Kind {
    /// What a control-plane node has besides an API server and a member of etcd, and the cluster must not be without.
    pub const BESIDE: [Self; 3] = [Self::ControllerManager, Self::Scheduler, Self::Kubelet];

    pub fn of(type_name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, name, _)| *name == type_name).map(|(kind, ..)| *kind)
    }

    pub fn is_control_plane(self) -> bool {
        !matches!(self, Self::Kubelet | Self::KubeProxy)
    }

    /// Whether its absence is felt by the whole cluster.
    pub fn is_key(self) -> bool {
        matches!(self, Self::Etcd | Self::Apiserver)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(KINDS.iter().find(|(kind, ..)| kind == self).map_or("", |(.., name)| name))
    }
}

impl State {
    fn of(object: &Value) -> Self {
        if object.is_null() {
            return Self::Absent;
        }
        object.text("version").and_then(|text| text.parse().ok()).map_or(Self::Unknown, Self::At)
    }

    pub fn is_there(&self) -> bool {
        *self != Self::Absent
    }

    pub fn version(&self) -> Option<&Version> {
        match self {
            Self::At(version) => Some(version),
            Self::Absent | Self::Unknown => None,
        }
    }
}

impl Component {
    pub fn exists(&self) -> bool {
        self.states.first().is_some_and(State::is_there)
    }

    pub fn remains(&self) -> bool {
        self.states.last().is_some_and(State::is_there)
    }

    /// Whether it counts where members of etcd are counted, before its first step.
    pub fn votes(&self) -> bool {
        self.exists() && !self.is_learner
    }

    /// Whether its change makes no difference to others: it is well before and after it, and meanwhile.
    pub fn stays_well(&self) -> bool {
        self.runs_on && self.is_well && !self.ends_stopped
    }

    /// `kubelet on w1`.
    pub fn name(&self) -> String {
        format!("{} on {}", self.kind, self.node())
    }

    pub fn node(&self) -> &str {
        self.node.as_deref().unwrap_or("a node not yet known")
    }

    /// The moments at which it is not there though it was: while it is changed, and from the beginning of its removal to the
    /// end of what replaces it.
    pub fn away(&self) -> Vec<Place> {
        let mut places = Vec::new();
        if self.runs_on {
            return places;
        }
        for (at, state) in self.states.iter().enumerate() {
            let gone = at > 0 && !state.is_there() && self.states[at..].iter().any(State::is_there);
            if gone && self.exists() {
                places.push(Place::after(at));
            }
            if at < self.steps.len() && (gone || state.is_there()) && self.exists() {
                places.push(Place::during(at));
            }
        }
        places
    }
}

impl Place {
    pub fn during(step: usize) -> Self {
        Self { begun: step + 1, done: step }
    }

    pub fn after(steps: usize) -> Self {
        Self { begun: steps, done: steps }
    }
}

impl Cluster {
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Component> {
        self.components.iter().filter(move |component| component.kind == kind)
    }

    /// The steps that change etcd members and API servers, and what else there is one of on each control-plane node.
    pub fn keys(&self) -> impl Iterator<Item = usize> {
        let keys = self.components.iter().filter(|component| component.kind.is_key());
        let beside = Kind::BESIDE.into_iter().flat_map(|kind| self.beside(kind));
        keys.chain(beside).flat_map(|component| component.steps.iter().copied())
    }

    /// The components of a kind that are on nodes with an API server.
    pub fn beside(&self, kind: Kind) -> Vec<&Component> {
        let nodes: BTreeSet<&Str> =
            self.of(Kind::Apiserver).filter_map(|component| component.node.as_ref()).collect();
        let on_one =
            |component: &&Component| component.node.as_ref().is_some_and(|node| nodes.contains(node));
        self.of(kind).filter(on_one).collect()
    }

    pub fn exists(&self) -> bool {
        self.components.iter().any(Component::exists)
    }

    /// Whether the plan takes away all of its control plane.
    pub fn is_teardown(&self) -> bool {
        let mut control_plane = self.components.iter().filter(|component| component.kind.is_control_plane());
        self.of(Kind::Etcd).any(Component::exists) && !control_plane.any(Component::remains)
    }
}

/// The components that steps are about, by cluster, and refusals of those that two resources claim.
pub fn clusters(steps: &[PlannedStep]) -> (Vec<Cluster>, Vec<Refusal>) {
    let mut clusters: BTreeMap<Option<Str>, BTreeMap<Name, Component>> = BTreeMap::new();
    let mut refusals = Vec::new();
    // What stays comes last in a plan and is there from the beginning.
    let (staying, changing): (Vec<usize>, Vec<usize>) =
        (0..steps.len()).partition(|at| steps[*at].action == PlannedAction::NoOp);
    for at in staying.into_iter().chain(changing) {
        let step = &steps[at];
        let (Some(kind), addrs::Mode::Managed) =
            (Kind::of(&step.address.resource.ty), step.address.resource.mode)
        else {
            continue;
        };
        if step.action == PlannedAction::Gather {
            continue;
        }
        let object = if step.before.is_null() { &step.after } else { &step.before };
        let name = |attribute: &str| object.attr_str(attribute).cloned();
        let (cluster, node) = (name("cluster"), name("node"));
        // What has no name yet is told apart by its resource.
        let unnamed = cluster.is_none() || node.is_none();
        let key = (kind, node.clone(), unnamed.then(|| step.address.clone()));
        let component = clusters.entry(cluster).or_default().entry(key);
        let change = (State::of(&step.before), State::of(&step.after));
        match component {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(Component::new(kind, node, step, at, change));
            }
            std::collections::btree_map::Entry::Occupied(entry) => {
                let component = entry.into_mut();
                // One object that goes and one that takes its place: there is no other way that two steps are right.
                let replaced = !component.remains() && component.steps.len() == 1 && component.exists();
                if step.action != PlannedAction::Create || !replaced {
                    refusals.push(Refusal::two_resources(steps, component, at));
                    continue;
                }
                component.steps.push(at);
                component.states.push(change.1);
                component.ends_stopped = is_stopped(&step.after);
                component.keys.push(Key::all(&step.after));
            }
        }
    }
    let clusters = clusters.into_iter();
    let clusters =
        clusters.map(|(name, parts)| Cluster { name, components: parts.into_values().collect() }).collect();
    (clusters, refusals)
}

/// Steps on one component that nothing brings into an order, as where a resource was renamed.
pub fn unordered(plan: &Plan, cluster: &Cluster) -> Option<Refusal> {
    let pairs = cluster.components.iter().flat_map(|component| {
        component.steps.windows(2).filter_map(move |pair| match pair {
            [first, second] if !plan.order.precedes(*first, *second) => Some((component, *second)),
            _ => None,
        })
    });
    pairs
        .min_by_key(|(_, step)| *step)
        .map(|(component, step)| Refusal::two_resources(plan.steps, component, step))
}

type Name = (Kind, Option<Str>, Option<AbsResourceInstance>);

impl Component {
    fn new(kind: Kind, node: Option<Str>, step: &PlannedStep, at: usize, change: (State, State)) -> Self {
        let (before, after) = change;
        let (steps, states) = match step.action {
            PlannedAction::NoOp => (Vec::new(), vec![before]),
            _ => (vec![at], vec![before, after]),
        };
        let runs = !step.before.is_null()
            && step.before.text("state").is_none_or(|state| matches!(state, "running" | "starting"));
        let is_learner = kind == Kind::Etcd && step.before.flag("is_learner") == Some(true);
        let is_foreign = kind == Kind::Etcd && step.before.flag("is_foreign") == Some(true);
        let is_well = runs && !is_learner && !is_foreign && step.before.text("state") != Some("starting");
        let runs_on = kind == Kind::Etcd
            && step.action == PlannedAction::Update
            && runs
            && !etcd_restarts(&step.before, &step.after);
        let members = step.before.elements("members").iter().filter_map(Known::of).collect();
        let peer_urls = texts(&step.after, "initial_advertise_peer_urls");
        let replaces = step.after.attr_str("replaces").map(|id| Str::from(plain_id(id)));
        let restores = kind == Kind::Etcd
            && !step.after.is_null()
            && !step.after.is_unset("restore_from")
            && step.before.attr("restore_from") != step.after.attr("restore_from");
        let mut keys = vec![Key::all(&step.before)];
        keys.extend((step.action != PlannedAction::NoOp).then(|| Key::all(&step.after)));
        let address = step.address.clone();
        Self {
            kind,
            node,
            address,
            steps,
            states,
            is_well,
            is_learner,
            ends_stopped: is_stopped(&step.after),
            runs_on,
            members,
            peer_urls,
            replaces,
            restores,
            keys,
        }
    }
}

impl Known {
    fn of(object: &Value) -> Option<Self> {
        Some(Self {
            id: Str::from(plain_id(object.attr_str("id")?)),
            name: object.attr_str("name").cloned().unwrap_or_default(),
            peer_urls: texts(object, "peer_urls"),
            is_learner: object.flag("learner") == Some(true),
        })
    }
}

fn texts(object: &Value, name: &str) -> Vec<Str> {
    object.texts(name).into_iter().map(Str::from).collect()
}

fn is_stopped(object: &Value) -> bool {
    object.text("state") == Some("stopped")
}

const KINDS: &[(Kind, &str, &str)] = &[
    (Kind::Etcd, "eksd_etcd_member", "etcd"),
    (Kind::Apiserver, "eksd_kube_apiserver", "kube-apiserver"),
    (Kind::ControllerManager, "eksd_kube_controller_manager", "kube-controller-manager"),
    (Kind::Scheduler, "eksd_kube_scheduler", "kube-scheduler"),
    (Kind::Kubelet, "eksd_kubelet", "kubelet"),
    (Kind::KubeProxy, "eksd_kube_proxy", "kube-proxy"),
];
