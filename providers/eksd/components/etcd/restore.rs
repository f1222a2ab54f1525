//! Restoring a snapshot: a cluster of one member that others join again.

use std::time::Duration;

use provider::simple::Access;
use provider_host::kit::{Host, Result, Script};
use value::Value;

use super::cluster::{Asked, Asker, own_endpoint, refusal};

/// What was there is moved aside. The record of what was restored gets there last, so that a restore which was cut off
/// is made again: nothing was started from it.
const RESTORE: &str = r#"
PATH=$programs:/opt/eksd/etcd/current:$PATH
[ -f "$snapshot" ] || die "there is no snapshot $snapshot"
if command -v etcdutl >/dev/null; then tool=etcdutl; else tool=etcdctl; export ETCDCTL_API=3; fi
out=$("$tool" snapshot status "$snapshot" 2>&1) || die "the snapshot $snapshot is not whole: $(printf '%s\n' "$out" | tail -n 1)"
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

/// Whether a snapshot is to be restored that was not yet.
pub(super) fn is_due(planned: &Value, restored: Option<&str>) -> bool {
    planned.text("restore_from").is_some_and(|path| Some(path) != restored)
}

/// Refuses to restore over a cluster that is alive.
pub(super) async fn check(asker: &Asker<'_>, planned: &Value, asked: &Asked) -> Result<()> {
    let own = own_endpoint(planned);
    let well = asker.healthy(&[own]).await?;
    if asked.cluster.is_none() && well.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "On {}, restore_from = {:?} would put an older state in place of an etcd cluster that is alive. Take it out to join \
         the cluster. To go back to the snapshot on purpose, stop etcd.service on the hosts of all its members first.",
        asker.host.name(),
        planned.text("restore_from").unwrap_or_default(),
    );
    Err(refusal("etcd is alive", detail))
}

/// Restores it; what was there is moved aside.
pub(super) async fn run(asker: &Asker<'_>, planned: &Value) -> Result<()> {
    let text = |name: &str| planned.text(name).unwrap_or_default();
    let name = text("node");
    let peers = planned.texts("initial_advertise_peer_urls");
    let members: Vec<String> = peers.iter().map(|url| format!("{name}={url}")).collect();
    let script = Script::change(RESTORE)
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
