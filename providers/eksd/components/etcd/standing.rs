//! Where a member stands before it is started: in the cluster, joining it, or the first one of a new cluster.

use std::time::Duration;

use provider::simple::Access;
use provider_host::kit::{Connection, Context, Failure, Host, Result, Script, duration, quote};
use tokio::time::Instant;
use value::Value;

use super::cluster::{Asked, Asker, Cluster, MemberSeen, others, owned, plain_id, refusal, remove};
use super::{guard, restore};

/// What etcd is told for its first start only, in variables that a reboot takes away: a member whose data is lost then looks for a
/// cluster to join, and never begins one of its own.
const FIRST: &str = "mkdir -p /run/groma/eksd && printf '%s\\n' \"$@\" >/run/groma/eksd/etcd.env";

/// Says that a new cluster was begun on this host, until it is well.
const BEGIN: &str =
    "mkdir -p /var/lib/groma/eksd && printf '%s\\n' \"$cluster\" >/var/lib/groma/eksd/etcd-bootstrap";

/// What is on the host already.
const LOOK: &str = r#"
[ -d "$dir/member" ] && printf 'data=1\n'
[ -r /var/lib/groma/eksd/etcd-bootstrap ] && printf 'begun=%s\n' "$(cat /var/lib/groma/eksd/etcd-bootstrap)"
[ -r "$dir/restored" ] && printf 'restored=%s\n' "$(cat "$dir/restored")"
:
"#;

const PEER: &str = r#"if [ -d "$dir/member" ]; then echo data; else echo none; fi"#;

const PAUSE: Duration = Duration::from_secs(2);

/// Brings a member to where it can be started. All of it can be done again after it was cut off: a member is found by its
/// peer URLs, and one that was added and never started is the one that is being made.
pub(super) async fn prepare(
    asker: &Asker<'_>,
    context: &Context,
    prior: &Value,
    planned: &Value,
) -> Result<()> {
    let deadline =
        Instant::now() + planned.text("health_timeout").and_then(duration).unwrap_or(Duration::from_mins(5));
    let others = others(planned);
    let name = planned.text("node").unwrap_or_default();
    let peers = planned.texts("initial_advertise_peer_urls");
    loop {
        let here = look(asker.host, planned).await?;
        let asked = asker.list(&others).await?;
        if restore::is_due(planned, here.restored.as_deref()) {
            restore::check(asker, prior, planned, &asked).await?;
            return restore::run(asker, planned).await;
        }
        let Some(cluster) = &asked.cluster else {
            if here.has_data {
                return Ok(());
            }
            let begun = here.begun.as_deref() == planned.text("cluster");
            if planned.flag("bootstrap") == Some(true) && (prior.is_null() || begun) {
                check_peers(asker.host, planned, &asked).await?;
                return bootstrap(asker.host, planned).await;
            }
            if Instant::now() < deadline && context.pause(PAUSE).await {
                continue;
            }
            return Err(nobody(asker.host, planned, &asked, prior));
        };
        let known = cluster.by_peer(&peers);
        if here.has_data {
            return match known {
                Some(_) => Ok(()),
                None => Err(stray(asker.host, planned, cluster)),
            };
        }
        match known.or_else(|| cluster.by_name(name)) {
            Some(member) if member.name.is_empty() && known.is_some() => {
                return join(asker.host, planned, cluster, member).await;
            }
            Some(member) if planned.text("replaces").is_some_and(|id| plain_id(id) == member.hex()) => {
                replace(asker, context, cluster, member, &others).await?;
            }
            Some(member) => return Err(stale(asker.host, member)),
            None => {
                let added = asker
                    .act(
                        &others,
                        &["member", "add", name, "--learner", &format!("--peer-urls={}", peers.join(","))],
                    )
                    .await?;
                if let Err(said) = added {
                    // Another one joins, or the cluster is just changing: a moment later it may be taken.
                    if Instant::now() >= deadline || !context.pause(PAUSE).await {
                        let detail = format!(
                            "On {}, the member {name} could not be added to etcd within health_timeout: {said}. Nothing was \
                             changed; apply again once all members of the cluster are well.",
                            asker.host.name()
                        );
                        return Err(refusal("Could not join etcd", detail));
                    }
                }
            }
        }
    }
}

/// What is on a host of a member.
struct Here {
    has_data: bool,
    begun: Option<String>,
    restored: Option<String>,
}

async fn look(host: &Host, planned: &Value) -> Result<Here> {
    let script = Script::read(LOOK).var("dir", planned.text("data_dir").unwrap_or_default());
    let fields = host.must(script, "look at etcd's data").await?.fields();
    let text = |name: &str| fields.text(name).map(str::to_owned);
    Ok(Here { has_data: fields.get("data").is_some(), begun: text("begun"), restored: text("restored") })
}

/// A new cluster is begun only where nobody of `endpoints` answers and no other host has a member's data.
async fn check_peers(host: &Host, planned: &Value, asked: &Asked) -> Result<()> {
    let doing = "Cannot begin a new etcd cluster";
    let peers = owned(planned, "peers");
    let others = others(planned);
    if peers.len() < others.len() {
        let detail = format!(
            "On {}, bootstrap = true may begin a new cluster only once it is certain that there is none, and nobody of {} answers. \
             Give the connections of their hosts in peers, so that groma can look whether they have data of a cluster that is \
             only down.",
            host.name(),
            others.join(", ")
        );
        return Err(Failure::attribute("peers", doing, detail));
    }
    let dir = planned.text("data_dir").unwrap_or_default();
    for peer in &peers {
        let connection: Connection = peer.parse().map_err(|reason| {
            Failure::attribute("peers", doing, format!("The connection {peer:?} cannot be read: {reason}."))
        })?;
        let other = host.anew(&connection);
        let answer = other.must(Script::read(PEER).var("dir", dir), "look for data of etcd").await;
        other.disconnect().await;
        let detail = match answer {
            Ok(output) if output.text().trim() == "none" => continue,
            Ok(_) => format!(
                "{} has data of an etcd member in {dir}, but no member answers ({}). A second cluster beside it would lose what is \
                 in it. Start etcd there; if its quorum is lost, restore a snapshot (restore_from); if the data is of no use, \
                 move {dir}/member away there.",
                other.name(),
                asked.silent.join("; "),
            ),
            Err(failure) => format!(
                "Whether {} has data of an etcd cluster that is only down is not known, so none is begun: {}",
                other.name(),
                failure.diagnostic().detail,
            ),
        };
        return Err(refusal(doing, detail));
    }
    Ok(())
}

async fn bootstrap(host: &Host, planned: &Value) -> Result<()> {
    let begin = Script::change(BEGIN).var("cluster", planned.text("cluster").unwrap_or_default());
    host.must(begin, "begin a new etcd cluster").await?;
    let name = planned.text("node").unwrap_or_default();
    let members: Vec<String> =
        planned.texts("initial_advertise_peer_urls").iter().map(|url| format!("{name}={url}")).collect();
    first(host, planned, &members, "new").await
}

async fn join(host: &Host, planned: &Value, cluster: &Cluster, own: &MemberSeen) -> Result<()> {
    let name = planned.text("node").unwrap_or_default();
    let named = |member: &MemberSeen| -> Vec<String> {
        let name = if member.id == own.id { name } else { &member.name };
        // One that never started has no name, and is not needed to find the others.
        let urls = member.peer_urls.iter().filter(|_| !name.is_empty());
        urls.map(|url| format!("{name}={url}")).collect()
    };
    let members: Vec<String> = cluster.members.iter().flat_map(named).collect();
    first(host, planned, &members, "existing").await
}

async fn first(host: &Host, planned: &Value, members: &[String], state: &str) -> Result<()> {
    let cluster = planned.text("cluster").unwrap_or_default();
    let token = planned.text("initial_cluster_token").unwrap_or(cluster);
    let lines = [
        format!("ETCD_INITIAL_CLUSTER={}", members.join(",")),
        format!("ETCD_INITIAL_CLUSTER_STATE={state}"),
        format!("ETCD_INITIAL_CLUSTER_TOKEN={token}"),
    ];
    host.must(Script::change(FIRST).args(lines), "say how etcd starts first").await.map(|_| ())
}

/// Takes a member out whose machine was replaced, as the plan says.
async fn replace(
    asker: &Asker<'_>,
    context: &Context,
    cluster: &Cluster,
    member: &MemberSeen,
    others: &[String],
) -> Result<()> {
    let well = asker.healthy(&member.client_urls).await?;
    if !well.is_empty() {
        let detail = format!(
            "{} is to be replaced, but it is alive at {}. Only a member that is gone for good is replaced: destroy its resource \
             instead, or take replaces out.",
            member.shown(),
            well.join(", ")
        );
        return Err(refusal("Member to be replaced is alive", detail));
    }
    guard::may_remove(asker, context, cluster, member).await?;
    match remove(asker, context, others, member).await? {
        Ok(()) => Ok(()),
        Err(said) => {
            let detail = format!(
                "On {}, etcd did not remove its member {}: {said}.",
                asker.host.name(),
                member.shown()
            );
            Err(Failure::new("Could not replace member", detail))
        }
    }
}

fn nobody(host: &Host, planned: &Value, asked: &Asked, prior: &Value) -> Failure {
    let name = planned.text("node").unwrap_or_default();
    let lost = if prior.is_null() {
        "If it is the first member of a new cluster, set bootstrap = true on it, and on no other."
    } else {
        "Its own data is gone, so that it can only join: start the other members; if all are lost, restore a snapshot with \
         restore_from, or destroy this member and create it anew to begin with an empty cluster."
    };
    let silent = if asked.silent.is_empty() {
        "endpoints names no other member".to_owned()
    } else {
        asked.silent.join("; ")
    };
    let detail =
        format!("On {}, {name} has no data, and no member of etcd answers ({silent}). {lost}", host.name());
    refusal("No etcd cluster to join", detail)
}

fn stray(host: &Host, planned: &Value, cluster: &Cluster) -> Failure {
    let dir = planned.text("data_dir").unwrap_or_default();
    let members: Vec<String> = cluster.members.iter().map(MemberSeen::shown).collect();
    let detail = format!(
        "On {}, {dir} has data of a member, but the cluster ({:x}) has none with the peer URLs {}; its members are {}. The data is of \
         a member that was removed, or of another cluster. Move {dir}/member away, and apply again: the member then joins anew.",
        host.name(),
        cluster.id,
        planned.texts("initial_advertise_peer_urls").join(","),
        members.join("; "),
    );
    refusal("Data of no member", detail)
}

fn stale(host: &Host, member: &MemberSeen) -> Failure {
    let id = member.hex();
    let detail = format!(
        "etcd still has the member {}, whose data is not on {}: its machine or disk was replaced, or another machine has its name. \
         If it is gone for good, set replaces = {} on this resource: the plan then says that it is removed, and it is, if the \
         others keep their quorum.",
        member.shown(),
        host.name(),
        quote(&id).replace('\'', "\""),
    );
    refusal("etcd has a stale member", detail)
}
