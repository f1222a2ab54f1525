//! Taking a member out of its cluster, before it is stopped.

use provider::simple::Access;
use provider_host::kit::{Connection, Context, Failure, Host, Result};
use value::Value;

use super::cluster::{Asker, MemberSeen, others, own_endpoint, refusal, remove};
use super::guard;

/// Removes a member from its cluster, unless it is its last one or already gone. `of` is the member's own host.
pub(super) async fn leave(context: &Context, through: &Host, of: &Host, prior: &Value) -> Result<()> {
    let version = prior.text("version").unwrap_or("current");
    let asker = Asker::new(through, prior, format!("/opt/eksd/etcd/{version}"));
    let others = others(prior);
    let own = own_endpoint(prior);
    let here = through.connection() == of.connection();
    let mut asked = asker.list(&others).await?;
    if asked.cluster.is_none() && here {
        // Nobody else may be left: then it says so itself.
        let alone = asker.list(&[own]).await?;
        let last = alone.cluster.as_ref().is_some_and(|cluster| cluster.members.len() == 1);
        if last || (others.is_empty() && alone.cluster.is_none()) {
            return Ok(());
        }
        if alone.cluster.is_some() {
            asked.cluster = alone.cluster;
        }
    }
    let Some(cluster) = asked.cluster else {
        let detail = format!(
            "On {}, no member of etcd answers ({}), so {} cannot be removed from the cluster, and stopping it could cost the \
             cluster its quorum. Start etcd on the other hosts first. If the whole cluster is given up, stop etcd.service here by \
             hand and take the resource out of the state (state rm).",
            through.name(),
            asked.silent.join("; "),
            prior.text("node").unwrap_or_default(),
        );
        return Err(refusal("etcd does not answer", detail));
    };
    let peers = prior.texts("initial_advertise_peer_urls");
    let Some(member) = cluster.by_peer(&peers).filter(|member| is_ours(member, prior)) else { return Ok(()) };
    if cluster.members.len() == 1 {
        return Ok(());
    }
    if !here && !asker.healthy(&member.client_urls).await?.is_empty() {
        let detail = format!(
            "groma does not reach {}, but the other members of etcd do: {} is alive, so it is not removed. Make its host \
             reachable, and apply again.",
            of.name(),
            member.shown()
        );
        return Err(refusal("Host cannot be reached, but its etcd is alive", detail));
    }
    guard::may_remove(&asker, context, &cluster, member).await?;
    let ask = if others.is_empty() { vec![own_endpoint(prior)] } else { others };
    match remove(&asker, context, &ask, member).await? {
        Ok(()) => Ok(()),
        Err(said) => {
            let detail = format!(
                "On {}, etcd did not remove its member {}: {said}. It still runs. Apply again once the cluster is well.",
                through.name(),
                member.shown()
            );
            Err(Failure::new("Could not remove etcd member", detail))
        }
    }
}

/// Whether a member of our peer URLs is the one that the state knows: another may have taken its place.
fn is_ours(member: &MemberSeen, prior: &Value) -> bool {
    prior.text("member_id").is_none_or(|id| id == member.hex()) || member.name.is_empty()
}

/// Removes the member of a host that is gone, through one of the others.
pub(super) async fn through_others(
    context: &Context,
    host: &Host,
    prior: &Value,
    failure: Failure,
) -> Result<()> {
    let mut told = None;
    for peer in prior.texts("peers") {
        let Ok(connection) = peer.parse::<Connection>() else { continue };
        let other = host.anew(&connection);
        let left = leave(context, &other, host, prior).await;
        other.disconnect().await;
        match left {
            Ok(()) => return Ok(()),
            Err(failure) => told = Some(failure),
        }
    }
    Err(told.unwrap_or(failure))
}
