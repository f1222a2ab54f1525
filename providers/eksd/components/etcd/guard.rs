//! What is checked right before a member is taken away or restarted.

use provider_host::kit::{Context, Result};
use std::time::Duration;
use tokio::time::Instant;

use super::cluster::{Asker, Cluster, MemberSeen, quorum, refusal};

/// How long others are waited for that are not well, as they may have been restarted a moment ago.
const PATIENCE: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_secs(2);

/// The voters without one, and how many of them are well.
async fn rest(asker: &Asker<'_>, cluster: &Cluster, without: u64) -> Result<(usize, Vec<String>)> {
    let rest: Vec<&MemberSeen> = cluster.voters().filter(|member| member.id != without).collect();
    let urls: Vec<String> = rest.iter().filter_map(|member| member.client_urls.first().cloned()).collect();
    let well = asker.healthy(&urls).await?;
    let is_well = |member: &MemberSeen| member.client_urls.first().is_some_and(|url| well.contains(url));
    Ok((rest.len(), rest.into_iter().filter(|member| !is_well(member)).map(MemberSeen::shown).collect()))
}

/// Refuses the removal of a member if the voters that are well would not be a majority of those that remain.
pub(super) async fn may_remove(
    asker: &Asker<'_>,
    context: &Context,
    cluster: &Cluster,
    member: &MemberSeen,
) -> Result<()> {
    if member.is_learner {
        return Ok(());
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (voters, sick) = rest(asker, cluster, member.id).await?;
        let well = voters - sick.len();
        if voters == 0 || well >= quorum(voters) {
            return Ok(());
        }
        if Instant::now() < deadline && context.pause(PAUSE).await {
            continue;
        }
        let detail = format!(
            "etcd would be left with {voters} voting members, of which {well} are well, and {} are needed to agree: after the \
             removal of {} it could neither be read nor written. Not well: {}. Repair these first (start them, or restore a \
             snapshot with restore_from), then apply again.",
            quorum(voters),
            member.shown(),
            sick.join("; "),
        );
        return Err(refusal("etcd would lose its quorum", detail));
    }
}

/// Refuses the restart of a member that is well while another one is not.
pub(super) async fn may_restart(
    asker: &Asker<'_>,
    context: &Context,
    cluster: &Cluster,
    member: &MemberSeen,
) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (voters, sick) = rest(asker, cluster, member.id).await?;
        if sick.is_empty() && (member.is_learner || can_miss_one(voters)) {
            return Ok(());
        }
        if Instant::now() < deadline && context.pause(PAUSE).await {
            continue;
        }
        let detail = match sick.is_empty() {
            true => too_few(cluster, member),
            false => format!(
                "{} is to be restarted, but not all other members of etcd are well: {}. Nothing was changed. Repair these \
                 first, then apply again.",
                member.shown(),
                sick.join("; "),
            ),
        };
        return Err(refusal("etcd is not well enough for a restart", detail));
    }
}

/// Whether so many voters, who are well, agree without another one; a single member is nobody's but its own.
const fn can_miss_one(others: usize) -> bool {
    others == 0 || others >= quorum(others + 1)
}

/// Why a member must not be missing though all others are well: there are too few that vote.
fn too_few(cluster: &Cluster, member: &MemberSeen) -> String {
    let voters = cluster.voters().count();
    let learners: Vec<String> =
        cluster.members.iter().filter(|member| member.is_learner).map(MemberSeen::shown).collect();
    let way_out = match learners.is_empty() {
        true => "Add a member on another node first, and apply that.".to_owned(),
        false => format!(
            "These have no vote yet: {}. Let the resources of these be applied first (groma apply -target='ADDRESS'), which \
             promotes them, or remove them from etcd if they are gone for good (etcdctl member remove).",
            learners.join("; ")
        ),
    };
    format!(
        "{} is to be restarted, but etcd has {voters} voting members, and {} of them must be there. Nothing was changed. {way_out}",
        member.shown(),
        quorum(voters),
    )
}

/// Refuses to stop a member for good if the others would not be a majority.
pub(super) async fn may_stop(asker: &Asker<'_>, cluster: &Cluster, member: &MemberSeen) -> Result<()> {
    let (others, sick) = rest(asker, cluster, member.id).await?;
    let well = others - sick.len();
    if member.is_learner || others == 0 || well >= quorum(others + 1) {
        return Ok(());
    }
    let detail = format!(
        "{} is to be stopped, but {well} of the {others} other voting members are well, and {} are needed to agree. Nothing was \
         changed. To stop the whole cluster on purpose, stop etcd.service on its hosts by hand.",
        member.shown(),
        quorum(others + 1),
    );
    Err(refusal("etcd would lose its quorum", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_two_voters_may_not_restart_though_the_other_is_well() {
        assert_eq!([0, 1, 2, 3, 4].map(can_miss_one), [true, false, true, true, true]);
        let member = |id: u64, is_learner: bool| MemberSeen {
            id,
            name: format!("cp{id}"),
            peer_urls: vec![format!("https://10.0.0.{id}:2380")],
            client_urls: Vec::new(),
            is_learner,
        };
        let cluster = Cluster { id: 1, members: vec![member(1, false), member(2, false), member(3, true)] };
        let said = too_few(&cluster, &cluster.members[0]);
        for part in
            ["cp1 (id 1", "2 voting members, and 2 of them", "no vote yet: cp3 (id 3", "Nothing was changed"]
        {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
