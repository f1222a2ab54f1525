//! Taking a member out of its cluster, before it is stopped.

use diag::Diagnostic;
use provider::simple::Access;
use provider_host::kit::{Connection, Context, Failure, Host, Result};
use value::Value;

use super::cluster::{Asker, MemberSeen, others, own_endpoint, refusal, remove};
use super::guard;

/// What came of taking a member out.
pub(super) enum Left {
    /// The cluster no longer has it, or will go with it.
    Out,
    /// No member answers that could be told.
    Untold(Failure),
}

impl Left {
    /// Where a member that was not taken out must not be stopped.
    pub(super) fn must(self) -> Result<()> {
        match self {
            Self::Out => Ok(()),
            Self::Untold(failure) => Err(failure),
        }
    }
}

/// Removes a member from its cluster, unless it is its last one or already gone. `of` is the member's own host.
pub(super) async fn leave(context: &Context, through: &Host, of: &Host, prior: &Value) -> Result<Left> {
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
            return Ok(Left::Out);
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
        return Ok(Left::Untold(refusal("etcd does not answer", detail)));
    };
    let peers = prior.texts("initial_advertise_peer_urls");
    let Some(member) = cluster.by_peer(&peers).filter(|member| is_ours(member, prior)) else {
        return Ok(Left::Out);
    };
    if cluster.members.len() == 1 {
        return Ok(Left::Out);
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
        Ok(()) => Ok(Left::Out),
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

/// Removes the member of a host that is gone, through one of the others. Where none of them can be told, as after the loss of a
/// quorum, and the settings say that the host is lost, it only goes out of the state.
pub(super) async fn through_others(
    context: &Context,
    host: &Host,
    prior: &Value,
    failure: Failure,
) -> Result<()> {
    let peers: Vec<Connection> =
        prior.texts("peers").into_iter().filter_map(|peer| peer.parse().ok()).collect();
    let (mut told, mut untold, mut lost) = (None, None, 0);
    for peer in &peers {
        let other = host.anew(peer);
        let left = leave(context, &other, host, prior).await;
        other.disconnect().await;
        match left {
            Ok(Left::Out) => return Ok(()),
            Ok(Left::Untold(failure)) => untold = Some(failure),
            Err(failure) if failure.lost => lost += 1,
            Err(failure) => told = Some(failure),
        }
    }
    let none_is_left = lost == peers.len() && lost >= others(prior).len();
    if failure.lost && told.is_none() && (untold.is_some() || none_is_left) {
        host.warn(given_up(host, prior, untold.as_ref()));
        return Ok(());
    }
    Err(told.or(untold).unwrap_or(failure))
}

fn given_up(host: &Host, prior: &Value, untold: Option<&Failure>) -> Diagnostic {
    let (node, id) =
        (prior.text("node").unwrap_or_default(), prior.text("member_id").unwrap_or("its id is not known"));
    let why = match untold {
        Some(_) => "no member of etcd answers that could be told",
        None => "so are all hosts of the other members",
    };
    let detail = format!(
        "{} is gone for good, as lost_hosts says, and {why}: {node} ({id}) went out of the state only. An etcd that is restored \
         from a snapshot (restore_from) knows nothing of it. If its quorum comes back in another way, remove it there: etcdctl \
         member remove {id}.",
        host.name(),
    );
    Diagnostic::warning("Lost member of etcd is given up", detail)
}
