//! Restoring a snapshot: a cluster of one member that others join again.

use std::collections::BTreeSet;
use std::time::Duration;

use provider::simple::Access;
use provider_host::kit::{Connection, Failure, Host, Result, Script};
use value::Value;

use super::cluster::{Asked, Asker, others, own_endpoint, owned, refusal};

/// What was there is moved aside. The record of what was restored gets there last, so that a restore which was cut off
/// is made again: nothing was started from it.
const RESTORE: &str = r#"
PATH=$programs:/opt/eksd/etcd/current:$PATH
[ -f "$snapshot" ] || die "there is no snapshot $snapshot"
whole "$snapshot" || die "the snapshot $snapshot is not whole: it does not end in the SHA-256 of what is before, which etcdctl snapshot save puts there. Take another one, or copy it again"
if [ -n "$etcdutl" ]; then
  tool=$etcdutl
  [ -x "$tool" ] || die "there is no program $tool (etcdutl)"
elif command -v etcdutl >/dev/null; then tool=etcdutl
else
  tool=etcdctl
  export ETCDCTL_API=3
  etcdctl snapshot restore --help 2>&1 | grep -q -e --data-dir || die "the snapshot $snapshot is whole, but nothing here restores it: etcdctl does not from etcd 3.6 on, and there is no etcdutl in $programs. Bring etcdutl of this version of etcd to the host (host_download, from etcd's own release), and name its path in etcdutl of this resource"
fi
sum=$(sha256sum <"$snapshot") && sum=${sum%% *}
systemctl stop etcd.service 2>/dev/null
mkdir -p "$dir" && chmod 0700 "$dir" && rm -rf "$dir/.restoring" || exit 1
# What clients have seen must not come again with another meaning.
bump=
"$tool" snapshot restore --help 2>&1 | grep -q -e --bump-revision && bump='--bump-revision 1000000000 --mark-compacted'
out=$("$tool" snapshot restore "$snapshot" --data-dir "$dir/.restoring" --name "$name" --initial-cluster "$cluster" \
  --initial-advertise-peer-urls "$peers" --initial-cluster-token "$token-$(printf %.8s "$sum")" $bump 2>&1) ||
  { rm -rf "$dir/.restoring"; die "$(printf '%s\n' "$out" | tail -n 1)"; }
[ "$user" = root ] || chown -R "$user:$user" "$dir/.restoring" || exit 1
rm -f "$dir/restored"
if [ -d "$dir/member" ]; then
  aside=$dir/before-restore-$(date -u +%Y%m%dT%H%M%SZ)
  mkdir -m 0700 "$aside" && mv "$dir/member" "$aside/" || exit 1
fi
mv "$dir/.restoring/member" "$dir/" && rm -rf "$dir/.restoring" && printf '%s\n' "$snapshot" >"$dir/restored.new" && mv -f "$dir/restored.new" "$dir/restored"
"#;

/// Sh that tells whether a snapshot is whole, with what every host has: etcd puts the SHA-256 of a snapshot behind it, whose own
/// size is a multiple of 512.
pub(super) const WHOLE: &str = r#"
whole() {
  size=$(stat -c %s "$1") && [ "$((size % 512))" = 32 ] || return 1
  is=$(head -c "$((size - 32))" "$1" | sha256sum) && said=$(tail -c 32 "$1" | od -An -v -tx1 | tr -d ' \n') && [ "${is%% *}" = "$said" ]
}
"#;

/// Whether a snapshot is to be restored that was not yet.
pub(super) fn is_due(planned: &Value, restored: Option<&str>) -> bool {
    planned.text("restore_from").is_some_and(|path| Some(path) != restored)
}

/// Refuses to restore over a cluster that is alive.
pub(super) async fn check(asker: &Asker<'_>, prior: &Value, planned: &Value, asked: &Asked) -> Result<()> {
    let own = own_endpoint(planned);
    let well = asker.healthy(&[own]).await?;
    if asked.cluster.is_none() && well.is_empty() {
        return check_peers(asker, prior, planned).await;
    }
    let detail = format!(
        "On {}, restore_from = {:?} would put an older state in place of an etcd cluster that is alive. Take it out to join \
         the cluster. To go back to the snapshot on purpose, stop etcd.service on the hosts of all its members first.",
        asker.host.name(),
        planned.text("restore_from").unwrap_or_default(),
    );
    Err(refusal("etcd is alive", detail))
}

/// Refuses to begin a second cluster beside one that only this host does not reach: the hosts of the others are asked themselves,
/// also of those that the plan takes out, unless they are lost for good.
async fn check_peers(asker: &Asker<'_>, prior: &Value, planned: &Value) -> Result<()> {
    let both = [prior, planned];
    let all = |of: fn(&Value) -> Vec<String>| -> BTreeSet<String> { both.into_iter().flat_map(of).collect() };
    let (peers, others) = (all(|object| owned(object, "peers")), all(others));
    if peers.len() < others.len() {
        let detail = format!(
            "On {}, a snapshot is restored only once it is certain that no other member of etcd is alive, and {} cannot be asked from \
             here. Give the connections of their hosts in peers, so that groma can look there.",
            asker.host.name(),
            others.into_iter().collect::<Vec<_>>().join(", ")
        );
        return Err(Failure::attribute("peers", "Cannot restore etcd", detail));
    }
    let own = own_endpoint(planned);
    let ask: Vec<String> = others.into_iter().chain([own]).collect();
    for peer in &peers {
        let connection: Connection = peer.parse().map_err(|reason| {
            let detail = format!("The connection {peer:?} cannot be read: {reason}.");
            Failure::attribute("peers", "Cannot restore etcd", detail)
        })?;
        let other = asker.host.anew(&connection);
        let well = Asker::new(&other, planned, "/opt/eksd/etcd/current".into());
        let well = well.healthy_where_it_runs(&ask).await;
        other.disconnect().await;
        let name = other.name();
        match well {
            Ok(well) if well.is_empty() => {}
            Ok(well) => {
                let detail = format!(
                    "{} does not reach the other members of etcd, but on {name} etcd is alive ({}): a snapshot restored beside it would \
                     be a second cluster. Nothing was changed. Mend the way from {0} to the others' ports 2379 and 2380 (firewall, \
                     routes), and take restore_from out. To go back to the snapshot on purpose, stop etcd.service on the hosts of \
                     all its members first.",
                    asker.host.name(),
                    well.join(", "),
                );
                return Err(refusal("etcd is alive elsewhere", detail));
            }
            // What was there is gone with its machine.
            Err(failure) if failure.lost || failure.other_machine => {}
            Err(failure) => {
                let detail = format!(
                    "Whether the member of etcd on {name} is alive is not known, so that nothing is restored: {} Make it reachable for \
                     groma, with etcd.service stopped. If the machine is gone for good, name its address in lost_hosts of the provider \
                     block.",
                    failure.detail(),
                );
                return Err(refusal("Cannot restore etcd", detail));
            }
        }
    }
    Ok(())
}

/// Restores it; what was there is moved aside.
pub(super) async fn run(asker: &Asker<'_>, planned: &Value) -> Result<()> {
    let text = |name: &str| planned.text(name).unwrap_or_default();
    let name = text("node");
    let peers = planned.texts("initial_advertise_peer_urls");
    let members: Vec<String> = peers.iter().map(|url| format!("{name}={url}")).collect();
    let script = Script::change(&format!("{WHOLE}{RESTORE}"))
        .var("etcdutl", text("etcdutl"))
        .var("programs", &asker.programs)
        .var("snapshot", text("restore_from"))
        .var("dir", text("data_dir"))
        .var("name", name)
        .var("cluster", members.join(","))
        .var("peers", peers.join(","))
        .var("token", planned.text("initial_cluster_token").unwrap_or(text("cluster")))
        .var("user", planned.text("user").unwrap_or("root"))
        .timeout(Duration::from_mins(30));
    asker.host.must(script, &format!("restore {}", text("restore_from"))).await.map(|_| ())
}

/// Forgets what was restored, once it is not asked for any longer.
pub(super) async fn forget(host: &Host, planned: &Value) -> Result<()> {
    let script =
        Script::change(r#"rm -f "$dir/restored""#).var("dir", planned.text("data_dir").unwrap_or_default());
    host.must(script, "forget what was restored").await.map(|_| ())
}
