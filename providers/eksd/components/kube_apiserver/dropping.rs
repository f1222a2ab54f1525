//! A key is dropped only once nothing in etcd is encrypted with it: what is would be lost.

use std::fmt::Write as _;
use std::time::Duration;

use provider::simple::Access;
use provider_host::kit::{Failure, Host, Result, Script};
use value::Value;

/// Counts what is encrypted with each key: values in etcd begin with the provider's and the key's name. Arguments: what is
/// encrypted. <https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/>
const COUNT: &str = r#"
PATH=$PATH:/opt/eksd/etcd/current
command -v etcdctl >/dev/null || exit 0
export ETCDCTL_API=3 ETCDCTL_CACERT="$ca" ETCDCTL_CERT="$cert" ETCDCTL_KEY="$key" ETCDCTL_ENDPOINTS="$endpoints"
[ -n "$ca" ] || unset ETCDCTL_CACERT ETCDCTL_CERT ETCDCTL_KEY
said=$(for r in "$@"; do
  places=$prefix/${r%%.*}/
  # What comes of custom resources lies below their group.
  case $r in *.*) places="$places $prefix/${r#*.}/${r%%.*}/" ;; esac
  for p in $places; do
    { etcdctl get "$p" --prefix --print-value-only || echo failed; } | grep -a -o -e '^failed$' -e '^k8s:enc:secretbox:v1:[^:]*:'
  done
done | sort | uniq -c)
case $said in *failed*) die "etcdctl cannot read it" ;; esac
printf '%s\n' "$said"
"#;

/// Refuses the change if a key goes that something is encrypted with.
pub(super) async fn check(host: &Host, prior: &Value, planned: &Value) -> Result<()> {
    let name = |key: &Value| key.text("name").map(str::to_owned);
    let keeps: Vec<&Value> = planned.elements("encryption_keys").iter().collect();
    let gone = prior.elements("encryption_keys").iter().filter(|key| !keeps.contains(key));
    let gone: Vec<String> = gone.filter_map(name).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let text = |name: &str| prior.text(name).unwrap_or_default();
    let prefix = prior.attr("extra_args").and_then(|more| more.text("etcd-prefix")).unwrap_or("/registry");
    let script = Script::read(COUNT)
        .args(prior.texts("encrypted_resources"))
        .var("prefix", prefix.trim_end_matches('/'))
        .var("ca", text("etcd_cafile"))
        .var("cert", text("etcd_certfile"))
        .var("key", text("etcd_keyfile"))
        .var("endpoints", prior.texts("etcd_servers").join(","))
        .timeout(Duration::from_mins(5));
    let said = host.must(script, "count what is encrypted with a key").await?.text();
    let counts: Vec<(usize, &str)> = said.lines().filter_map(count).collect();
    let mut used = String::new();
    for (n, key) in counts.iter().filter(|(_, key)| gone.iter().any(|gone| gone == key)) {
        let _ = write!(used, "{}{n} with {key:?}", if used.is_empty() { "" } else { ", " });
    }
    if used.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "Objects in etcd are encrypted with a key that would go, and nobody could read them any more: {used}. Nothing was changed. \
         Put the key back, behind the others, and write all of them anew, as with: kubectl get {} -A -o json | kubectl replace \
         -f -. Then take it out.",
        prior.texts("encrypted_resources").join(","),
    );
    Err(Failure::new("Encryption key is still in use", detail))
}

/// `   12 k8s:enc:secretbox:v1:NAME:`
fn count(line: &str) -> Option<(usize, &str)> {
    let (n, prefix) = line.trim().split_once(' ')?;
    Some((n.parse().ok()?, prefix.strip_prefix("k8s:enc:secretbox:v1:")?.strip_suffix(':')?))
}
