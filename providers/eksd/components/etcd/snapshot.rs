use std::time::Duration;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema};
use provider_host::kit::{Context, Failure, Fields, Host, Resource, Result, Script, validate_path};
use value::{Entries, Str, Type, Value};

use super::restore::WHOLE;
use crate::unit::{is_folder, spelled, wrong};

/// `eksd_etcd_snapshot`.
pub struct Snapshot;

/// What only taking a snapshot tells.
const TOLD: [&str; 6] = ["path", "sha256", "size", "revision", "keys", "taken_at"];

/// What is known of the last snapshot lies beside it.
const LOOK: &str = r#"
record=$R$dir/$name.latest
[ -f "$record" ] || exit 0
cat "$record"
path=$(sed -n 's/^path=//p' "$record")
if [ -z "$path" ]; then printf 'intact=1\n'
elif [ -f "$R$path" ]; then
  sum=$(sha256sum <"$R$path")
  [ "${sum%% *}" = "$(sed -n 's/^sha256=//p' "$record")" ] && printf 'intact=1\n'
fi
:
"#;

const TAKE: &str = r#"
export ETCDCTL_API=3 ETCDCTL_CACERT="$ca" ETCDCTL_CERT="$cert" ETCDCTL_KEY="$key"
[ -n "$ca" ] || unset ETCDCTL_CACERT ETCDCTL_CERT ETCDCTL_KEY
PATH=/opt/eksd/etcd/current:$PATH
within "$dir"
[ -d "$R$dir" ] || { mkdir -p "$R${dir%/*}" && mkdir -m 0700 "$R$dir"; } || exit 1
record=$dir/$name.latest
if [ -n "$R" ]; then
  printf 'path=\nsha256=\nsize=0\nrevision=0\nkeys=0\ntaken_at=\n%s' "$triggers" >"$R$record"
  exit 0
fi
umask 077
if [ -n "$take" ]; then
  command -v etcdctl >/dev/null || die "there is no etcdctl: snapshots are taken on the host of a member (eksd_etcd_member)"
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  path=$dir/$name-$(printf %s "$now" | tr -d ':-').db part=$dir/.$name.part
  rm -f "$part" "$part.part"
  out=$(etcdctl --endpoints="$endpoint" --command-timeout=20m snapshot save "$part" 2>&1) || {
    rm -f "$part" "$part.part"
    die "$(printf '%s\n' "$out" | tail -n 1 | sed -e 's/^Error: //' -e 's/.*"error":"\([^"]*\)".*/\1/')"
  }
  whole "$part" || { rm -f "$part"; die "the snapshot that etcd gave is not whole: take it again"; }
  # From etcd 3.6 on etcdctl does not tell what is in it, and archives of EKS-D hold no etcdutl.
  if command -v etcdutl >/dev/null; then tool=etcdutl; else tool=etcdctl; fi
  status=$("$tool" snapshot status "$part" -w json 2>/dev/null) || status=
  field() { printf '%s' "$status" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
  sum=$(sha256sum <"$part")
  mv -f "$part" "$path" || exit 1
  printf 'path=%s\nsha256=%s\nsize=%s\nrevision=%s\nkeys=%s\ntaken_at=%s\n' "$path" "${sum%% *}" "$(stat -c %s "$path")" \
    "$(field revision)" "$(field totalKey)" "$now" >"$record.told" || exit 1
elif [ -f "$record" ]; then
  sed '/^trigger /d' "$record" >"$record.told" || exit 1
fi
{ cat "$record.told"; printf '%s' "$triggers"; } >"$record.new" && mv -f "$record.new" "$record" && rm -f "$record.told" || exit 1
latest=$(sed -n 's/^path=//p' "$record")
ls -1 "$dir" | grep -x -e "$name-[0-9]*T[0-9]*Z\.db" | sort -r | tail -n +$((keep + 1)) | while IFS= read -r old; do
  [ "$dir/$old" = "$latest" ] || rm -f "$dir/$old"
done
"#;

const FORGET: &str = r#"
rm -f "$R$dir/$name.latest" "$R$dir/$name.latest.new" "$R$dir/$name.latest.told"
[ -z "$R" ] || { up=$dir; while [ -n "$up" ] && rmdir "$R$up" 2>/dev/null; do up=${up%/*}; done; }
:
"#;

#[async_trait]
impl Resource for Snapshot {
    fn type_name(&self) -> &'static str {
        "eksd_etcd_snapshot"
    }

    fn schema(&self) -> Schema {
        let text = |description: &str| Attribute::optional_computed(Type::String).described(description);
        let told = |ty: Type, description: &str| Attribute::computed(ty).described(description);
        let block = Block::default()
            .described(
                "A snapshot of an etcd cluster, taken on the host of a member and verified there. A new one is taken when `triggers` \
                 change, or when it is gone or damaged; the last `keep` stay. Snapshots are not deleted on destroy. \
                 `eksd_etcd_member` restores one by `restore_from`. They hold all secrets of the cluster that are not encrypted at \
                 rest: copies elsewhere are needed against the loss of the host, and must be guarded.",
            )
            .with("name", Attribute::required(Type::String).described("What tells it from others on the host: files are named `NAME-TIME.db`."))
            .with("directory", text("The folder on the host; `/var/backups/etcd` if not set."))
            .with("endpoint", text("The client URL of the member that it is taken from; `https://127.0.0.1:2379` if not set."))
            .with("triggers", Attribute::optional(Type::map(Type::String)).described("Values whose change takes a new snapshot, such as the version of the cluster before an upgrade."))
            .with("keep", Attribute::optional_computed(Type::Number).described("How many are kept; 3 if not set."))
            .with("etcdctl_cacert", text("The CA that etcdctl trusts; `/etc/eksd/pki/etcd/ca.crt` if not set."))
            .with("etcdctl_cert", text("The certificate that etcdctl asks with; `/etc/eksd/pki/etcd/healthcheck-client.crt` if not set."))
            .with("etcdctl_key", text("The key of that certificate; `/etc/eksd/pki/etcd/healthcheck-client.key` if not set."))
            .with("path", told(Type::String, "The path of the last snapshot."))
            .with("sha256", told(Type::String, "Its SHA-256."))
            .with("size", told(Type::Number, "Its size in bytes."))
            .with("revision", told(Type::Number, "The cluster's revision in it; null where nothing on the host tells it (from etcd 3.6 on without etcdutl)."))
            .with("keys", told(Type::Number, "How many keys it has; null where `revision` is."))
            .with("taken_at", told(Type::String, "When it was taken, by the host's clock."))
            .with("intact", told(Type::Bool, "Whether it is there as it was taken: otherwise the next apply takes a new one."));
        Schema::new(0, block)
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["name", "directory"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("directory", Value::string("/var/backups/etcd")),
            ("endpoint", Value::string("https://127.0.0.1:2379")),
            ("keep", Value::number(3)),
            ("etcdctl_cacert", Value::string("/etc/eksd/pki/etcd/ca.crt")),
            ("etcdctl_cert", Value::string("/etc/eksd/pki/etcd/healthcheck-client.crt")),
            ("etcdctl_key", Value::string("/etc/eksd/pki/etcd/healthcheck-client.key")),
        ]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = validate_path(config, "directory");
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if let Some(name) = config.text("name").filter(|name| name.is_empty() || !name.chars().all(plain)) {
            diagnostics.push(wrong("name", format!("{name:?} is no name: letters, digits, - and _ only.")));
        }
        if config.int("keep").is_some_and(|keep| keep < 1) {
            diagnostics.push(wrong("keep", "At least one must be kept."));
        }
        if let Some(url) = config.text("endpoint").filter(|url| !url.starts_with("http") || url.contains(','))
        {
            diagnostics.push(wrong(
                "endpoint",
                format!("{url:?} is no URL of one member: a snapshot is taken from one."),
            ));
        }
        let triggers = config.attr("triggers").and_then(Value::entries).into_iter().flat_map(Entries::iter);
        for (name, value) in triggers {
            let lines = |text: &str| text.contains(['\n', '\0', '\r']);
            if name.is_empty()
                || name.contains(['=', ' '])
                || lines(name)
                || value.as_str().is_some_and(|text| lines(text))
            {
                diagnostics.push(wrong(
                    "triggers",
                    format!("{name:?} and its value must be one line, without = or spaces in the name."),
                ));
            }
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        if !plan.is_creation() && is_due(&plan.prior, &plan.planned) {
            for name in TOLD {
                plan.set_unknown(name);
            }
        }
        plan.set("intact", Value::bool(true));
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut known = current.clone();
        for (name, value) in self.defaults() {
            if known.is_unset(name) {
                known = known.with_attr(name, value);
            }
        }
        let fields =
            host.must(named(Script::read(LOOK), &known), "look at the snapshots of etcd").await?.fields();
        if fields.get("path").is_none() {
            return Ok(Value::null(current.ty()));
        }
        Ok(observed(&known, &fields))
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        self.update(context, host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, _context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let triggers = planned.attr("triggers").and_then(Value::entries).into_iter().flat_map(Entries::iter);
        let triggers: String = triggers
            .filter_map(|(name, value)| Some(format!("trigger {name}={}\n", value.as_str()?)))
            .collect();
        let text = |name: &str| planned.text(name).unwrap_or_default();
        let script = named(Script::change(&format!("{WHOLE}{TAKE}")), planned)
            .var("endpoint", text("endpoint"))
            .var("ca", text("etcdctl_cacert"))
            .var("cert", text("etcdctl_cert"))
            .var("key", text("etcdctl_key"))
            .var("keep", planned.int("keep").unwrap_or(3).to_string())
            .var("triggers", triggers)
            .var("take", if prior.is_null() || is_due(prior, planned) { "1" } else { "" })
            .timeout(Duration::from_mins(30));
        host.must(script, "take a snapshot of etcd").await?;
        let read = self.read(host, &planned.unknown_as_null()).await?;
        if read.is_null() || (read.flag("intact") != Some(true) && !is_folder(host)) {
            let detail =
                format!("On {}, the snapshot of etcd was gone right after it was taken.", host.name());
            return Err(Failure::new("Snapshot is gone", detail));
        }
        Ok(read)
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        host.must(named(Script::change(FORGET), prior), "forget a snapshot of etcd").await.map(|_| ())
    }
}

fn named(script: Script, object: &Value) -> Script {
    let text = |name: &str| object.text(name).unwrap_or_default();
    script.var("dir", text("directory")).var("name", text("name"))
}

/// Whether a new one is to be taken.
fn is_due(prior: &Value, planned: &Value) -> bool {
    prior.flag("intact") == Some(false) || prior.attr("triggers") != planned.attr("triggers")
}

fn observed(known: &Value, fields: &Fields) -> Value {
    let text = |name: &str| fields.get(name).map_or(Value::null(Type::String), Value::string_nfc);
    let number = |name: &str| {
        let number = fields.get(name).and_then(|text| text.parse::<i64>().ok());
        number.map_or(Value::null(Type::Number), Value::number)
    };
    let triggers: Entries = fields
        .lines()
        .filter_map(|(name, value)| {
            Some((Str::from(name.strip_prefix("trigger ")?), Value::string_nfc(value)))
        })
        .collect();
    let none = Value::null(Type::map(Type::String));
    let triggers = if triggers.is_empty() { none.clone() } else { Value::map(Type::String, triggers) };
    let triggers = spelled(known.attr("triggers").unwrap_or(&none), triggers);
    known
        .with_attr("path", text("path"))
        .with_attr("sha256", text("sha256"))
        .with_attr("size", number("size"))
        .with_attr("revision", number("revision"))
        .with_attr("keys", number("keys"))
        .with_attr("taken_at", text("taken_at"))
        .with_attr("triggers", triggers)
        .with_attr("intact", Value::bool(fields.get("intact").is_some()))
}
