use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block};
use provider_host::kit::{Connection, Context, Host, Result, Script, quote, validate_path};
use serde_json::Value as Json;
use tokio::sync::Mutex;
use value::{Type, Value};

use super::cluster::{Asker, others, own_endpoint, owned, parse};
use super::leaving::Left;
use super::{guard, leaving, members, restore, settings, standing};
use crate::components::secure;
use crate::unit::{Component, Folder, Names, Setting, bring, is_folder, make, remove, wrong};

/// `eksd_etcd_member`.
#[derive(Default)]
pub struct Member {
    /// One member at a time is restarted or taken away, also where the configuration does not say so.
    turn: Mutex<()>,
}

/// Attributes whose change restarts nothing.
const AT_EASE: [&str; 23] = [
    "host",
    "id",
    // What is brought shows as the program's digest, which is not known before.
    "binary",
    "binary_replaced",
    "binary_source",
    "bootstrap",
    "cluster_id",
    "enabled",
    "endpoints",
    "etcdctl_cacert",
    "etcdctl_cert",
    "etcdctl_key",
    "etcdutl",
    "health_timeout",
    "initial_cluster_token",
    "is_foreign",
    "is_learner",
    "member_id",
    "members",
    "out_of_place",
    "peers",
    "replaces",
    "restart_pending",
];

/// Its own view, and that of the others where its own cluster does not answer. `$own` is asked, and the arguments.
const LOOK: &str = r#"
ask() { ETCDCTL_ENDPOINTS=$1 etcdctl member list -w json 2>/dev/null; }
ETCDCTL_ENDPOINTS=$own etcdctl endpoint status -w json 2>/dev/null
if ! ask "$own"; then
  for e in "$@"; do { said=$(ask "$e") && printf 'other=%s\n' "$said"; } & done
  wait
fi
:"#;

/// What is done once a member is well: what was for its first start only goes.
const SETTLED: &str = r"rm -f /run/groma/eksd/etcd.env /var/lib/groma/eksd/etcd-bootstrap; rmdir /var/lib/groma/eksd /var/lib/groma 2>/dev/null; :";

/// Its data stays, beside where a new member's would be.
const ASIDE: &str = r#"
if [ -d "$dir/member" ]; then
  aside=$dir/removed-$(date -u +%Y%m%dT%H%M%SZ)
  mkdir -m 0700 "$aside" && mv "$dir/member" "$aside/" || exit 1
fi
rm -f "$dir/restored" /run/groma/eksd/etcd.env /var/lib/groma/eksd/etcd-bootstrap
rmdir /var/lib/groma/eksd 2>/dev/null
:
"#;

#[async_trait]
impl Component for Member {
    fn name(&self) -> &'static str {
        "etcd"
    }

    fn type_name(&self) -> &'static str {
        "eksd_etcd_member"
    }

    fn description(&self) -> &'static str {
        "A member of an etcd cluster on a host, as a systemd unit. A new one joins as a learner and is promoted once it is in sync; only \
         the one with `bootstrap = true` begins a new cluster, and only if no member of `endpoints` answers and no host of `peers` \
         has data. It is restarted only while all others are well, and on destroy removed from the cluster before it is \
         stopped, but never if the others would lose their quorum. Its data is moved aside then, not deleted. A change ends once it \
         is a healthy voting member. Import shows what its unit says."
    }

    fn programs(&self) -> &'static [&'static str] {
        &["etcd", "etcdctl", "etcdutl"]
    }

    fn settings(&self) -> &'static [Setting] {
        settings::SETTINGS
    }

    fn extend(&self, block: Block) -> Block {
        let text = |description: &str| Attribute::optional(Type::String).described(description);
        let path = |description: &str| Attribute::optional_computed(Type::String).described(description);
        block
            .with("data_dir", path("Where its data is; `/var/lib/etcd` if not set. Nobody else may look into it."))
            .with("user", path("Who it runs as, with the group of the same name; `root` if not set. The user must be there, and be able to read the certificates."))
            .with("endpoints", Attribute::required(Type::list(Type::String)).described("The client URLs of all members of the cluster, this one among them or not: whom it asks who is in the cluster."))
            .with("bootstrap", Attribute::optional(Type::Bool).described("Whether it may begin a new cluster where there is none; for one member only."))
            .with("peers", Attribute::optional(Type::list(Type::String)).described("The connections of the other members' hosts (`host_machine.NAME.connection`). Needed with `bootstrap`, to see that there is no cluster that is only down; with `restore_from`, to see that no other member is alive; and on destroy, to remove a member whose host is gone for good through one of them."))
            .with("replaces", text("The id of a member that is gone for good, and whose place this one takes: it is removed before this one joins, if it is not alive and the others keep their quorum."))
            .with("initial_cluster_token", text("What tells the cluster from others when it is begun; the cluster's name if not set."))
            .with("restore_from", text("The path of a snapshot on the host, that a new cluster of this one member is made of: after the loss of a quorum. What was there is moved aside. Refused while a member of the cluster is alive, as `endpoints` and the hosts of `peers` say. Other members then join it anew."))
            .with("etcdutl", text("The path of etcdutl on the host, which restores; needed where etcd is 3.6 or newer and its archive holds none, as etcdctl no longer restores then."))
            .with("etcdctl_cacert", path("The CA that etcdctl trusts; `/etc/eksd/pki/etcd/ca.crt` if not set."))
            .with("etcdctl_cert", path("The certificate that etcdctl asks with; `/etc/eksd/pki/etcd/healthcheck-client.crt` if not set."))
            .with("etcdctl_key", path("The key of that certificate; `/etc/eksd/pki/etcd/healthcheck-client.key` if not set."))
            .with("member_id", Attribute::computed(Type::String).described("The member's id, as etcdctl writes it."))
            .with("cluster_id", Attribute::computed(Type::String).described("The cluster's id."))
            .with("members", Attribute::computed(members::ty()).described("All members of the cluster as this one knows them, by name: `id`, `name` (empty while it was never started), `peer_urls`, and `learner` if it has no vote yet. Null while etcd does not answer. One that no resource stands for is counted by the proof, and its name is not taken by another one."))
            .with("is_foreign", Attribute::computed(Type::Bool).described("Whether its data is of another cluster than that of the other members, as of one that was left behind when another one was restored: the next apply says how it joins anew."))
            .with("is_learner", Attribute::computed(Type::Bool).described("Whether it has no vote yet: the next apply promotes it."))
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        [
            ("data_dir", "/var/lib/etcd"),
            ("user", "root"),
            ("etcdctl_cacert", "/etc/eksd/pki/etcd/ca.crt"),
            ("etcdctl_cert", "/etc/eksd/pki/etcd/healthcheck-client.crt"),
            ("etcdctl_key", "/etc/eksd/pki/etcd/healthcheck-client.key"),
        ]
        .map(|(name, text)| (name, Value::string(text)))
        .to_vec()
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["cluster", "node", "data_dir", "initial_advertise_peer_urls"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = validate_path(config, "data_dir");
        if !config.is_unset("restore_from") {
            diagnostics.extend(validate_path(config, "restore_from"));
        }
        if !config.is_unset("etcdutl") {
            diagnostics.extend(validate_path(config, "etcdutl"));
        }
        for name in ["etcdctl_cacert", "etcdctl_cert", "etcdctl_key"] {
            if config.text(name).is_some_and(|path| !path.is_empty()) {
                diagnostics.extend(validate_path(config, name));
            }
        }
        for name in [
            "endpoints",
            "listen_client_urls",
            "advertise_client_urls",
            "listen_peer_urls",
            "initial_advertise_peer_urls",
        ] {
            let known = config.attr(name).is_some_and(|value| value.is_known() && !value.is_null());
            if known && config.elements(name).is_empty() {
                diagnostics.push(wrong(name, "There is no URL in it."));
            }
            if let Some(url) = config.texts(name).into_iter().find(|url| !is_url(url)) {
                diagnostics
                    .push(wrong(name, format!("{url:?} is no URL such as \"https://10.0.0.1:2379\".")));
            }
        }
        if let Some(id) =
            config.text("replaces").filter(|id| u64::from_str_radix(id.trim_start_matches("0x"), 16).is_err())
        {
            diagnostics
                .push(wrong("replaces", format!("{id:?} is no member's id, such as \"8e9e05c52164694d\".")));
        }
        for peer in config.texts("peers") {
            if let Err(reason) = peer.parse::<Connection>() {
                diagnostics
                    .push(wrong("peers", format!("The connection {peer:?} cannot be read: {reason}.")));
            }
        }
        diagnostics
    }

    fn plan(&self, plan: &mut Plan) {
        plan.set("is_learner", Value::bool(false));
        plan.set("is_foreign", Value::bool(false));
        if plan.is_creation() {
            return;
        }
        // An import does not know whom to ask, and asks nobody else for that.
        if plan.changes(&["endpoints"]) && !plan.prior.is_unset("endpoints") {
            plan.set_unknown("members");
        }
        let untold = plan.prior.is_unset("member_id") && plan.prior != plan.planned;
        if untold || (plan.changes(&["restore_from"]) && !plan.planned.is_unset("restore_from")) {
            plan.set_unknown("member_id");
            plan.set_unknown("cluster_id");
        }
    }

    fn derived(&self, object: &Value) -> Vec<(String, String)> {
        let text = |name: &str| object.text(name).unwrap_or_default().to_owned();
        vec![("name".into(), text("node")), ("data-dir".into(), text("data_dir"))]
    }

    fn options(&self, object: &Value) -> Vec<(&'static str, &'static str, String)> {
        let mut options = secure::confined();
        options.push(("Service", "EnvironmentFile", "-/run/groma/eksd/etcd.env".into()));
        if let Some(user) = object.text("user").filter(|user| *user != "root") {
            options.push(("Service", "User", user.to_owned()));
        }
        options
    }

    /// A member whose data is lost looks for its cluster, and never begins another one.
    fn environment(&self, _object: &Value) -> Vec<(&'static str, String)> {
        vec![("ETCD_INITIAL_CLUSTER_STATE", "existing".into())]
    }

    fn folders(&self, object: &Value) -> Vec<Folder> {
        let user = object.text("user").unwrap_or("root");
        let path = object.text("data_dir").unwrap_or_default().to_owned();
        vec![Folder { path, mode: "0700", owner: format!("{user}:{user}") }]
    }

    /// A learner is promoted as soon as it is in sync: until then it is not well.
    fn health(&self, object: &Value) -> String {
        let peer = owned(object, "initial_advertise_peer_urls").into_iter().next().unwrap_or_default();
        let others = others(object);
        let ask = if others.is_empty() { vec![own_endpoint(object)] } else { others };
        format!(
            "{}\nown={} peer={}\nset -- {}\n{}",
            environment(object),
            quote(&own_endpoint(object)),
            quote(&peer),
            ask.iter().map(|url| quote(url)).collect::<Vec<_>>().join(" "),
            include_str!("health.sh"),
        )
    }

    fn look(&self, object: &Value) -> Option<String> {
        let dir = quote(object.text("data_dir").unwrap_or_default());
        Some(format!(
            "{}\nown={}\nset -- {}\n{LOOK}\nprintf '\\nrestored='; cat {dir}/restored 2>/dev/null\n",
            environment(object),
            quote(&own_endpoint(object)),
            others(object).iter().map(|url| quote(url)).collect::<Vec<_>>().join(" "),
        ))
    }

    fn seen(&self, object: Value, said: &str) -> Value {
        let restored =
            said.lines().find_map(|line| line.strip_prefix("restored=")).filter(|path| !path.is_empty());
        let listed = said.lines().find(|line| line.starts_with('{')).and_then(parse);
        let object = object
            .with_attr("members", members::value(listed.as_ref()))
            .with_attr("restore_from", restored.map_or(Value::null(Type::String), Value::string_nfc));
        let json: Option<Json> =
            said.lines().find(|line| line.starts_with('[')).and_then(|line| serde_json::from_str(line).ok());
        let status = json.as_ref().and_then(|json| json.get(0)?.get("Status"));
        // One that was started without a quorum says nothing of itself.
        let of_known = |object: &Value| {
            Value::bool(listed.is_none() && is_foreign(object, said, object.text("cluster_id")))
        };
        let Some(status) = status else {
            let is_foreign = of_known(&object);
            return object.with_attr("is_foreign", is_foreign);
        };
        let id = |name: &str| {
            let id = status.get("header").and_then(|header| header.get(name)).and_then(Json::as_u64);
            id.map_or(Value::null(Type::String), |id| Value::string(format!("{id:x}")))
        };
        let flag = |name: &str| Value::bool(status.get(name).and_then(Json::as_bool).unwrap_or(false));
        let (member_id, cluster_id) = (id("member_id"), id("cluster_id"));
        let object = object
            .with_attr("member_id", member_id)
            .with_attr("cluster_id", cluster_id)
            .with_attr("is_learner", flag("isLearner"));
        let is_foreign = of_known(&object);
        object.with_attr("is_foreign", is_foreign)
    }

    /// The other members count it until one of them removes it.
    fn left_of(&self, object: &Value) -> Value {
        object.with_attr("state", Value::string("stopped"))
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        self.settle(context, host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        if is_folder(host) {
            return make(self, context, host, prior, planned).await;
        }
        let _turn = self.turn.lock().await;
        bring(&Names::of(self), context, host, planned).await?;
        if restarts(prior, planned) {
            may_restart(context, host, planned).await?;
        }
        if planned.is_unset("restore_from") && !prior.is_unset("restore_from") {
            restore::forget(host, planned).await?;
        }
        self.settle(context, host, prior, planned).await
    }

    async fn delete(&self, context: &Context, host: &Host, prior: &Value) -> Result<()> {
        if is_folder(host) {
            return remove(self, host, prior).await;
        }
        let _turn = self.turn.lock().await;
        match leaving::leave(context, host, host, prior).await.and_then(Left::must) {
            Ok(()) => {}
            // Its host is gone: another one can tell the cluster.
            Err(failure) if failure.of_host && (failure.transient || failure.other_machine) => {
                return leaving::through_others(context, host, prior, failure).await;
            }
            Err(failure) => return Err(failure),
        }
        remove(self, host, prior).await?;
        let script = Script::change(ASIDE).var("dir", prior.text("data_dir").unwrap_or_default());
        host.must(script, "move etcd's data aside").await.map(|_| ())
    }
}

impl Member {
    /// Joins or begins the cluster as far as is still to do, and starts.
    async fn settle(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        if is_folder(host) {
            let made = make(self, context, host, prior, planned).await?;
            let flag = |name: &str| Value::bool(made.flag(name).unwrap_or(false));
            // Nothing is restored before it starts.
            let wanted = planned.attr("restore_from").cloned().unwrap_or_else(|| Value::null(Type::String));
            return Ok(made
                .with_attr("is_learner", flag("is_learner"))
                .with_attr("is_foreign", flag("is_foreign"))
                .with_attr("restore_from", wanted));
        }
        bring(&Names::of(self), context, host, planned).await?;
        if planned.text("state") != Some("stopped") {
            let version = planned.text("version").unwrap_or_default();
            let asker = Asker::new(host, planned, format!("/opt/eksd/etcd/{version}"));
            standing::prepare(&asker, context, prior, planned).await?;
        }
        let made = make(self, context, host, prior, planned).await?;
        if planned.text("state") != Some("stopped") {
            host.must(Script::change(SETTLED), "finish the start of etcd").await?;
        }
        // Others may come and go beside a change that is not about them: the next reading tells.
        let known = planned.attr("members").filter(|members| members.is_wholly_known());
        Ok(known.map_or(made.clone(), |known| made.with_attr("members", known.clone())))
    }
}

/// Whether others are a cluster of which this member is none, though theirs was its own: `said` is what looking printed.
fn is_foreign(object: &Value, said: &str, cluster_id: Option<&str>) -> bool {
    let peers = object.texts("initial_advertise_peer_urls");
    let others = said.lines().filter_map(|line| parse(line.strip_prefix("other=")?));
    others
        .filter(|other| cluster_id.is_some_and(|own| own != format!("{:x}", other.id)))
        .any(|other| other.by_peer(&peers).is_none())
}

/// What etcdctl is run with.
fn environment(object: &Value) -> String {
    let text = |name: &str| object.text(name).unwrap_or_default();
    let mut lines = String::from("export ETCDCTL_API=3 ETCDCTL_DIAL_TIMEOUT=3s ETCDCTL_COMMAND_TIMEOUT=5s");
    if !text("etcdctl_cacert").is_empty() {
        for (name, attribute) in
            [("CACERT", "etcdctl_cacert"), ("CERT", "etcdctl_cert"), ("KEY", "etcdctl_key")]
        {
            lines += &format!(" ETCDCTL_{name}={}", quote(text(attribute)));
        }
    }
    lines + "\nPATH=/opt/eksd/etcd/current:$PATH"
}

/// Whether a change restarts it.
pub fn restarts(prior: &Value, planned: &Value) -> bool {
    let sick = prior.flag("binary_replaced") == Some(true) || prior.flag("restart_pending") == Some(true);
    let mut entries = planned.entries().into_iter().flat_map(value::Entries::iter);
    // One that was started already is only waited for.
    let starts = prior.text("state") == Some("starting") && planned.text("state") == Some("running");
    let at_ease = |name: &str| AT_EASE.contains(&name) || (name == "state" && starts);
    // What was restored is only no longer asked for.
    let is_over = |name: &str, value: &Value| name == "restore_from" && value.is_null();
    let changes = |(name, value): (&value::Str, &Value)| {
        !at_ease(name) && !is_over(name, value) && prior.attr(name) != Some(value)
    };
    sick || entries.any(changes)
}

/// A member that is well is restarted only while all others are.
async fn may_restart(context: &Context, host: &Host, planned: &Value) -> Result<()> {
    let asker = Asker::new(host, planned, "/opt/eksd/etcd/current".into());
    let own = own_endpoint(planned);
    if asker.healthy(std::slice::from_ref(&own)).await?.is_empty() {
        return Ok(());
    }
    let asked = asker.list(&[own]).await?;
    let Some(cluster) = asked.cluster else { return Ok(()) };
    let peers = planned.texts("initial_advertise_peer_urls");
    match cluster.by_peer(&peers) {
        Some(member) if planned.text("state") == Some("stopped") => {
            guard::may_stop(&asker, &cluster, member).await
        }
        Some(member) => guard::may_restart(&asker, context, &cluster, member).await,
        None => Ok(()),
    }
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.contains(':') && !rest.contains([' ', ',', '\'', '"']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_of_another_cluster_than_the_others_shows() {
        let list =
            |urls: &[&str]| Value::list(Type::String, urls.iter().map(|url| Value::string(*url)).collect());
        let object = Value::object_of([
            ("initial_advertise_peer_urls", list(&["https://10.0.0.3:2380"])),
            ("cluster_id", Value::null(Type::String)),
        ]);
        let status = r#"[{"Endpoint":"x","Status":{"header":{"cluster_id":7,"member_id":3}}}]"#;
        let cluster = |id: u64, address: &str| {
            format!(
                r#"{{"header":{{"cluster_id":{id}}},"members":[{{"ID":1,"name":"n","peerURLs":["https://{address}:2380"]}}]}}"#
            )
        };
        let table = [
            (format!("{status}\n{}\n", cluster(7, "10.0.0.3")), false, "it has a quorum"),
            (format!("{status}\n"), false, "nobody answers"),
            (format!("{status}\nother={}\n", cluster(9, "10.0.0.1")), true, "the others were restored"),
            (format!("{status}\nother={}\n", cluster(9, "10.0.0.3")), false, "they know it: it may join yet"),
            (format!("{status}\nother={}\n", cluster(7, "10.0.0.1")), false, "its own cluster, without it"),
            (
                format!("{status}\n{}\nother={}\n", cluster(7, "10.0.0.3"), cluster(9, "10.0.0.1")),
                false,
                "it has a quorum",
            ),
        ];
        let known = object.with_attr("cluster_id", Value::string("7"));
        let silent = format!("other={}\n\nrestored=", cluster(9, "10.0.0.1"));
        assert_eq!(Member::default().seen(known, &silent).flag("is_foreign"), Some(true), "it is down");
        for (said, expected, why) in table {
            let seen = Member::default().seen(object.clone(), &format!("{said}\nrestored="));
            assert_eq!(seen.flag("is_foreign"), Some(expected), "{why}");
        }
    }
}
