//! etcd's membership, step by step.

use std::collections::BTreeSet;

use diag::Diagnostic;
use value::Str;

use super::Plan;
use super::component::{Cluster, Component, Kind, Known};
use super::refusal::{QUORUM, Refusal, apart, count};

/// The first step that leaves etcd without a majority, or changes a member while another one changes.
pub fn check(plan: &Plan, cluster: &Cluster) -> Option<Refusal> {
    let members: Vec<&Component> = cluster.of(Kind::Etcd).collect();
    if !members.iter().any(|member| member.exists()) {
        return None;
    }
    if !members.iter().any(|member| member.remains()) {
        return all_gone(cluster, &members);
    }
    let found =
        [two_at_once(plan, cluster, &members), walked(plan, cluster, &members), stale(plan, &members)];
    found.into_iter().flatten().min_by_key(|refusal| refusal.step)
}

/// Even counts, which cost a member and bear no more failures, and a cluster that shrinks to a single member.
pub fn warning(plan: &Plan, cluster: &Cluster) -> Option<Diagnostic> {
    let last =
        cluster.of(Kind::Etcd).filter(|member| member.remains()).max_by_key(|member| member.steps.last())?;
    let changes = cluster.of(Kind::Etcd).any(|member| !member.steps.is_empty());
    let n = cluster.of(Kind::Etcd).filter(|member| member.remains()).count();
    let before = cluster.of(Kind::Etcd).filter(|member| member.exists()).count();
    let name = cluster.name.as_deref().unwrap_or_default();
    let (summary, detail) = match n {
        1 if before > 1 => (
            "A single etcd member bears no failure",
            format!(
                "etcd of the cluster {name} shrinks from {before} members to 1: from then on the loss of that machine is the loss of what is in it, and its restart is an outage. Take snapshots (eksd_etcd_snapshot), and best have 3 control-plane nodes.{}",
                if before > 2 { " On the way there it has 2, which bear no failure either." } else { "" },
            ),
        ),
        n if n % 2 == 0 && changes => (
            "Even number of etcd members",
            format!(
                "etcd of the cluster {name} will have {n} members, of which {} must be well: it bears the loss of {}, as it would with {}. Have an odd number of control-plane nodes, best 3 or 5.",
                majority(n),
                n - majority(n),
                count(n - 1, "member"),
            ),
        ),
        _ => return None,
    };
    let address = last.steps.last().map_or(&last.address, |step| &plan.steps[*step].address);
    Some(Diagnostic::warning(summary, detail).address(address))
}

/// That etcd begins anew from a snapshot: its quorum is lost already, so that there is none to keep.
pub fn restored(plan: &Plan, cluster: &Cluster) -> Option<Diagnostic> {
    let member = cluster.of(Kind::Etcd).find(|member| member.restores)?;
    let address = &plan.steps[*member.steps.first()?].address;
    let detail = format!(
        "etcd of the cluster {} becomes what is in the snapshot, with the one member on {}: what was written since then is lost, and other members join it anew. Nothing is refused in this plan for the sake of quorum; the member itself is refused while another one is alive.",
        cluster.name.as_deref().unwrap_or_default(),
        member.node()
    );
    Some(Diagnostic::warning("etcd is restored from a snapshot", detail).address(address))
}

/// etcd at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// All that vote.
    pub members: usize,
    /// Those of them that answer.
    pub well: usize,
}

impl Membership {
    pub fn quorum(self) -> usize {
        majority(self.members)
    }
}

/// More than half.
pub fn majority(members: usize) -> usize {
    members / 2 + 1
}

/// All members go, though not all of the control plane does.
fn all_gone(cluster: &Cluster, members: &[&Component]) -> Option<Refusal> {
    let stays = cluster.components.iter().find(|other| other.kind.is_control_plane() && other.remains())?;
    let step = members.iter().filter_map(|member| member.steps.first()).min()?;
    Some(Refusal {
        step: *step,
        summary: SUMMARY,
        what: format!(
            "The plan removes all members of etcd of the cluster {}, which has {}, but the {} would stay.",
            cluster.name.as_deref().unwrap_or_default(),
            count(members.iter().filter(|member| member.exists()).count(), "member"),
            stays.name()
        ),
        why: QUORUM,
        way_out: format!(
            "A cluster goes as a whole: remove {} and the rest of its control plane in the same plan. Else keep a majority of the members.",
            stays.address.containing()
        ),
    })
}

/// Steps on two members that nothing keeps apart.
fn two_at_once(plan: &Plan, cluster: &Cluster, members: &[&Component]) -> Option<Refusal> {
    let steps = in_order(members);
    for (at, (second, of_second, _)) in steps.iter().enumerate() {
        for (first, of_first, _) in &steps[..at] {
            if of_first == of_second || !plan.order.at_once(*first, *second) {
                continue;
            }
            let (one, other) = (members[*of_first], members[*of_second]);
            // One that stays well takes nothing away, whatever the other one does.
            if one.stays_well() || other.stays_well() {
                continue;
            }
            let n = members.iter().filter(|member| member.votes()).count();
            let away = [one, other].iter().filter(|member| member.votes()).count();
            let figures = match away {
                0 => format!("etcd takes in one member at a time, and has {} now", count(n, "member")),
                _ => format!(
                    "With {} away at once {} of {} stay, and the quorum is {}",
                    if away == 2 { "both" } else { "one and the other joining" },
                    n.saturating_sub(away),
                    count(n, "member"),
                    majority(n)
                ),
            };
            let what = format!(
                "Nothing keeps the members on {} and {} of the cluster {} from changing at the same time. {figures}.",
                one.node(),
                other.node(),
                cluster.name.as_deref().unwrap_or_default()
            );
            let way_out = apart(plan.steps, *first, *second);
            return Some(Refusal { step: *second, summary: SUMMARY, what, why: QUORUM, way_out });
        }
    }
    None
}

/// The steps of all members, each with its member and how many that one has before it.
fn in_order(members: &[&Component]) -> Vec<(usize, usize, usize)> {
    let of = |(member, component): (usize, &&Component)| {
        let steps = component.steps.iter().enumerate();
        steps.map(|(at, step)| (*step, member, at)).collect::<Vec<_>>()
    };
    let mut steps: Vec<_> = members.iter().enumerate().flat_map(of).collect();
    steps.sort_unstable();
    steps
}

/// Counts through all steps in their order. It is the only one where no two run at once, which is refused by itself.
fn walked(plan: &Plan, cluster: &Cluster, members: &[&Component]) -> Option<Refusal> {
    let mut well: Vec<bool> = members.iter().map(|member| member.is_well).collect();
    let mut votes: Vec<bool> = members.iter().map(|member| member.votes()).collect();
    let mut strangers = strangers(members);
    let remaining = members.iter().filter(|member| member.remains()).count();
    for (step, member, at) in in_order(members) {
        let now = Membership {
            members: votes.iter().filter(|votes| **votes).count() + voting(&strangers),
            well: well.iter().filter(|well| **well).count(),
        };
        let states = &members[member].states;
        let (before, after) = (states[at].is_there(), states[at + 1].is_there());
        let meanwhile = now.well - usize::from(well[member]);
        // A single member that restarts comes back with its data; one that is taken away does not.
        let alone = now.members == 1 && after;
        // One that goes for good is removed by a vote of all, and then counts no more; not if others are to come for it.
        let shrinks = !after
            && now.members > remaining
            && now.well >= now.quorum()
            && meanwhile >= majority(now.members - 1);
        let stays = alone || shrinks || (after && members[member].runs_on);
        if before && well[member] && meanwhile < now.quorum() && !stays {
            let unpromoted = members.iter().zip(&votes).find(|(other, votes)| other.is_learner && !**votes);
            let unpromoted = unpromoted.map(|(other, _)| *other);
            return Some(lost(plan, cluster, members[member], step, now, after, unpromoted));
        }
        if !before && let Some(dead) = replaced(&strangers, members[member]) {
            strangers.retain(|stranger| stranger.id != dead.id);
        }
        votes[member] = after;
        well[member] = after && !(members[member].ends_stopped && at + 2 == states.len());
    }
    None
}

fn lost(
    plan: &Plan,
    cluster: &Cluster,
    member: &Component,
    step: usize,
    now: Membership,
    stays: bool,
    learner: Option<&Component>,
) -> Refusal {
    let verb = if stays { "restarts" } else { "removes" };
    let cluster_name = cluster.name.as_deref().unwrap_or_default();
    let what = format!(
        "The step {verb} the member on {} while etcd of the cluster {cluster_name} has {}, of which {} well. Then {} stay, and the quorum is {}.",
        member.node(),
        count(now.members, "member"),
        if now.well == 1 { "1 is".to_owned() } else { format!("{} are", now.well) },
        now.well - 1,
        now.quorum(),
    );
    let way_out = if let Some(learner) = learner {
        format!(
            "The member on {} is a learner yet, which has no vote, and its own step promotes it. Let that come first, and plan again:\n\n  groma apply -target='{}'",
            learner.node(),
            learner.address
        )
    } else if now.members == 1 {
        "Its data would be lost. Add two members first, on other nodes, apply that, and then remove this one; or take a snapshot and make the cluster anew from it.".to_owned()
    } else if now.well < now.members {
        format!(
            "First bring back the members that are not well, each by itself, and plan again: groma apply -target='ADDRESS'. The addresses are those of {} whose state is not \"running\". One that is gone for good is removed by the member that takes its place (replaces).",
            plan.steps[step].address.containing()
        )
    } else if stays {
        let joins = cluster.of(Kind::Etcd).find(|member| !member.exists() && member.remains());
        let how = joins.map_or_else(String::new, |joins| {
            format!(" That on {} is in this plan:\n\n  groma apply -target='{}'", joins.node(), joins.address)
        });
        format!(
            "With {} none may be missing. Add a member on another node first, and apply that.{how}",
            count(now.members, "member")
        )
    } else {
        "Add the new members first, apply that, and remove the old ones then, one after another.".to_owned()
    };
    Refusal { step, summary: SUMMARY, what, why: QUORUM, way_out }
}

/// A member that joins where etcd still has one of its name or peer URLs, which is dead or of somebody else.
fn stale(plan: &Plan, members: &[&Component]) -> Option<Refusal> {
    let strangers = strangers(members);
    let joins = members.iter().filter(|member| !member.exists() && member.remains());
    let (step, member, stranger) = joins
        .filter_map(|member| {
            let stranger = strangers.iter().find(|stranger| is_place_of(stranger, member))?;
            let removed = replaced(&strangers, member).is_some_and(|dead| dead.id == stranger.id);
            (!removed).then_some((*member.steps.first()?, *member, *stranger))
        })
        .min_by_key(|(step, ..)| *step)?;
    let address = &plan.steps[step].address;
    let n = members.iter().filter(|member| member.votes()).count() + voting(&strangers);
    let wrong = match &member.replaces {
        Some(id) => format!(" What it replaces is {id}, which is not that one."),
        None => String::new(),
    };
    Some(Refusal {
        step,
        summary: "A member of that name is still in etcd",
        what: format!(
            "{address} would join etcd as {}, but the other members still know {} (id {}, {}), which this machine is not: a machine before it that is gone. etcd counts it: {}, of which {} must be well.{wrong}",
            member.node(),
            stranger.name,
            stranger.id,
            stranger.peer_urls.iter().map(Str::as_str).collect::<Vec<_>>().join(", "),
            count(n, "member"),
            majority(n)
        ),
        why: "A dead member is removed before another one takes its place, so that it counts no more when quorum is reckoned and its name stands for one machine.",
        way_out: format!(
            "If it is gone for good, put its removal into the plan, in {}:\n\n  replaces = \"{}\"",
            address.containing(),
            stranger.id,
        ),
    })
}

/// Whether a member would join in the place of a known one. One without a name was added for it and never started.
fn is_place_of(known: &Known, member: &Component) -> bool {
    !known.name.is_empty()
        && (member.node.as_ref() == Some(&known.name)
            || known.peer_urls.iter().any(|url| member.peer_urls.contains(url)))
}

/// The dead member that another one removes before it joins: only one whose place it takes.
fn replaced<'a>(strangers: &BTreeSet<&'a Known>, member: &Component) -> Option<&'a Known> {
    let id = member.replaces.as_ref()?;
    strangers.iter().find(|stranger| stranger.id == *id && is_place_of(stranger, member)).copied()
}

/// Members that etcd has and that no resource stands for.
fn strangers<'a>(members: &[&'a Component]) -> BTreeSet<&'a Known> {
    let known: BTreeSet<&Str> =
        members.iter().filter(|member| member.exists()).filter_map(|member| member.node.as_ref()).collect();
    let seen = members.iter().filter(|member| member.exists()).flat_map(|member| &member.members);
    seen.filter(|seen| !known.contains(&seen.name)).collect()
}

/// How many of them count when quorum is reckoned.
fn voting(strangers: &BTreeSet<&Known>) -> usize {
    strangers
        .iter()
        .map(|stranger| (&stranger.id, stranger.is_learner))
        .filter(|(_, learner)| !learner)
        .map(|(id, _)| id)
        .collect::<BTreeSet<_>>()
        .len()
}

const SUMMARY: &str = "Plan would break etcd's quorum";
