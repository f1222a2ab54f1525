//! Asking a cluster who its members are, by etcdctl on a host that has its certificates.

use std::time::Duration;

use provider::simple::Access;
use provider_host::kit::{Context, Failure, Host, Result, Script};
use serde_json::Value as Json;
use value::Value;

/// Who asks: a host with etcdctl and certificates.
#[derive(Clone)]
pub(super) struct Asker<'a> {
    pub host: &'a Host,
    /// The folder with etcdctl.
    pub programs: String,
    object: &'a Value,
}

/// A cluster as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cluster {
    pub id: u64,
    pub members: Vec<MemberSeen>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MemberSeen {
    pub id: u64,
    /// Empty for one that was added and never started.
    pub name: String,
    pub peer_urls: Vec<String>,
    pub client_urls: Vec<String>,
    pub is_learner: bool,
}

/// What asking came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub cluster: Option<Cluster>,
    /// Why endpoints gave no answer, one sentence each.
    pub silent: Vec<String>,
}

/// Environment variables are how etcdctl is told what is the same in all calls.
const LIB: &str = r#"
export ETCDCTL_API=3 ETCDCTL_CACERT="$ca" ETCDCTL_CERT="$cert" ETCDCTL_KEY="$key" ETCDCTL_DIAL_TIMEOUT=3s ETCDCTL_COMMAND_TIMEOUT=5s
[ -n "$ca" ] || unset ETCDCTL_CACERT ETCDCTL_CERT ETCDCTL_KEY
PATH=$programs:/opt/eksd/etcd/current:$PATH
command -v etcdctl >/dev/null || die "there is no etcdctl in $programs"
# What etcdctl says of a failure is its last line, with the reason at the end.
why() { tail -n 1 | sed -e 's/^Error: //' -e 's/.*"error":"\([^"]*\)".*/\1/' | cut -c 1-300; }
"#;

const LIST: &str = r#"
for e in "$@"; do
  {
    if out=$(etcdctl --endpoints="$e" member list -w json 2>&1); then
      printf 'members %s\n' "$(printf '%s\n' "$out" | grep '^{' | head -n 1)"
    else
      printf 'silent %s: %s\n' "$e" "$(printf '%s\n' "$out" | why)"
    fi
  } &
done
wait
"#;

const HEALTH: &str = r#"
for e in "$@"; do
  if etcdctl --endpoints="$e" endpoint health >/dev/null 2>&1; then printf 'well %s\n' "$e"; fi &
done
wait
"#;

/// Nobody needs to be asked where no etcd runs, in whatever way it was started; there may be no programs of it either.
const RUNNING: &str = "grep -qsx etcd /proc/[0-9]*/comm || exit 0\n";

const ACT: &str = r#"out=$(etcdctl --endpoints="$endpoints" "$@" 2>&1) || die "$(printf '%s\n' "$out" | why)"; printf '%s\n' "$out""#;

impl<'a> Asker<'a> {
    /// Asks from a host with what an object says of certificates.
    pub(super) fn new(host: &'a Host, object: &'a Value, programs: String) -> Self {
        Self { host, programs, object }
    }

    fn script(&self, script: Script) -> Script {
        let text = |name: &str| self.object.text(name).unwrap_or_default();
        script
            .var("programs", &self.programs)
            .var("ca", text("etcdctl_cacert"))
            .var("cert", text("etcdctl_cert"))
            .var("key", text("etcdctl_key"))
            .timeout(Duration::from_mins(2))
    }

    /// What the first endpoint that answers says.
    pub(super) async fn list(&self, endpoints: &[String]) -> Result<Asked> {
        if endpoints.is_empty() {
            return Ok(Asked::default());
        }
        let script = self.script(Script::read(&format!("{LIB}{LIST}")).args(endpoints));
        let output = self.host.must(script, "ask etcd for its members").await?;
        let mut asked = Asked::default();
        for line in output.text().lines() {
            if let Some(json) = line.strip_prefix("members ") {
                // Who has seen more counts: one that was cut off may say what was.
                let cluster = parse(json);
                asked.cluster = asked.cluster.or(cluster);
            } else if let Some(said) = line.strip_prefix("silent ") {
                asked.silent.push(said.to_owned());
            }
        }
        Ok(asked)
    }

    /// Those endpoints that are healthy now.
    pub(super) async fn healthy(&self, endpoints: &[String]) -> Result<Vec<String>> {
        if endpoints.is_empty() {
            return Ok(Vec::new());
        }
        let script = self.script(Script::read(&format!("{LIB}{HEALTH}")).args(endpoints));
        let output = self.host.must(script, "ask etcd's members for their health").await?;
        Ok(output.text().lines().filter_map(|line| Some(line.strip_prefix("well ")?.to_owned())).collect())
    }

    /// The same as a host sees it that may have no member any more: none of them where no etcd runs.
    pub(super) async fn healthy_where_it_runs(&self, endpoints: &[String]) -> Result<Vec<String>> {
        let script = self.script(Script::read(&format!("{RUNNING}{LIB}{HEALTH}")).args(endpoints));
        let output = self.host.must(script, "ask etcd's member there for its health").await?;
        Ok(output.text().lines().filter_map(|line| Some(line.strip_prefix("well ")?.to_owned())).collect())
    }

    /// Runs etcdctl for a change; the error is what it said.
    pub(super) async fn act(
        &self,
        endpoints: &[String],
        arguments: &[&str],
    ) -> Result<std::result::Result<String, String>> {
        let script =
            Script::change(&format!("{LIB}{ACT}")).args(arguments).var("endpoints", endpoints.join(","));
        let output = self.host.run(self.script(script)).await?;
        Ok(if output.is_ok() { Ok(output.text()) } else { Err(output.errors()) })
    }
}

/// Removes a member. etcd itself refuses for some seconds after one of its members was restarted: then it is tried again.
pub(super) async fn remove(
    asker: &Asker<'_>,
    context: &Context,
    endpoints: &[String],
    member: &MemberSeen,
) -> Result<std::result::Result<(), String>> {
    const TRIES: u32 = 20;
    const PAUSE: Duration = Duration::from_secs(3);
    let mut tries = 0;
    loop {
        tries += 1;
        match asker.act(endpoints, &["member", "remove", &member.hex()]).await? {
            Ok(_) => return Ok(Ok(())),
            Err(said) if said.contains("member not found") => return Ok(Ok(())),
            Err(said)
                if !said.contains("unhealthy cluster") || tries >= TRIES || !context.pause(PAUSE).await =>
            {
                return Ok(Err(said));
            }
            Err(_) => {}
        }
    }
}

impl Cluster {
    pub(super) fn by_peer(&self, urls: &[&str]) -> Option<&MemberSeen> {
        self.members.iter().find(|member| member.peer_urls.iter().any(|url| urls.contains(&url.as_str())))
    }

    pub(super) fn by_name(&self, name: &str) -> Option<&MemberSeen> {
        self.members.iter().find(|member| member.name == name)
    }

    pub(super) fn voters(&self) -> impl Iterator<Item = &MemberSeen> {
        self.members.iter().filter(|member| !member.is_learner)
    }
}

impl MemberSeen {
    /// The id as etcdctl writes it.
    pub(super) fn hex(&self) -> String {
        format!("{:x}", self.id)
    }

    /// Name, id and peer URLs, for people.
    pub(super) fn shown(&self) -> String {
        let name = if self.name.is_empty() { "(never started)" } else { &self.name };
        format!("{name} (id {}, {})", self.hex(), self.peer_urls.join(","))
    }
}

/// A member's id as etcdctl writes it, of one as people may.
pub fn plain_id(id: &str) -> String {
    id.trim_start_matches("0x").trim_start_matches('0').to_lowercase()
}

/// How many of so many voters must agree.
pub(super) const fn quorum(voters: usize) -> usize {
    voters / 2 + 1
}

/// An attribute's texts.
pub(super) fn owned(object: &Value, name: &str) -> Vec<String> {
    object.texts(name).into_iter().map(str::to_owned).collect()
}

/// The endpoints that are not the member's own.
pub(super) fn others(object: &Value) -> Vec<String> {
    let own = own_urls(object);
    owned(object, "endpoints").into_iter().filter(|url| !own.contains(url)).collect()
}

/// All client URLs of the member itself.
fn own_urls(object: &Value) -> Vec<String> {
    [owned(object, "advertise_client_urls"), owned(object, "listen_client_urls")].concat()
}

/// The URL that the member is asked at on its own host: a loopback address, if there is one.
pub(super) fn own_endpoint(object: &Value) -> String {
    let listens = owned(object, "listen_client_urls");
    let local = |url: &&String| ["//127.", "//localhost", "//[::1]"].iter().any(|at| url.contains(at));
    let own = listens.iter().find(local).or_else(|| object_first(object, &listens));
    own.cloned().unwrap_or_default()
}

/// What is advertised is reachable; what is listened at may be 0.0.0.0.
fn object_first<'a>(object: &Value, listens: &'a [String]) -> Option<&'a String> {
    let advertised = owned(object, "advertise_client_urls");
    listens.iter().find(|url| advertised.contains(url)).or_else(|| listens.first())
}

pub(super) fn parse(json: &str) -> Option<Cluster> {
    let json: Json = serde_json::from_str(json).ok()?;
    let texts = |json: &Json| -> Vec<String> {
        json.as_array().into_iter().flatten().filter_map(|url| Some(url.as_str()?.to_owned())).collect()
    };
    let members = json.get("members")?.as_array()?.iter().filter_map(|member| {
        Some(MemberSeen {
            id: member.get("ID")?.as_u64()?,
            name: member.get("name").and_then(Json::as_str).unwrap_or_default().to_owned(),
            peer_urls: member.get("peerURLs").map(texts).unwrap_or_default(),
            client_urls: member.get("clientURLs").map(texts).unwrap_or_default(),
            is_learner: member.get("isLearner").and_then(Json::as_bool).unwrap_or(false),
        })
    });
    Some(Cluster { id: json.get("header")?.get("cluster_id")?.as_u64()?, members: members.collect() })
}

/// A failure about members of a cluster, by which nothing was changed.
pub(super) fn refusal(summary: &str, detail: String) -> Failure {
    Failure::new(summary, detail).untouched()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_64_bits_are_read_to_the_last_digit() {
        let json = r#"{"header":{"cluster_id":14841639068965178418,"member_id":10276657743932975437,"raft_term":2},"members":[{"ID":10276657743932975437,"name":"cp1","peerURLs":["https://10.0.0.1:2380"],"clientURLs":["https://10.0.0.1:2379"]},{"ID":18446744073709551615,"peerURLs":["https://10.0.0.2:2380"],"isLearner":true}]}"#;
        let cluster = parse(json).expect("can be read");
        assert_eq!(format!("{:x}", cluster.id), "cdf818194e3a8c32");
        assert_eq!(cluster.members[0].hex(), "8e9e05c52164694d");
        assert_eq!(
            cluster.members[1].shown(),
            "(never started) (id ffffffffffffffff, https://10.0.0.2:2380)"
        );
        assert!(cluster.members[1].is_learner && cluster.voters().count() == 1);
        assert_eq!(cluster.by_peer(&["https://10.0.0.2:2380"]), Some(&cluster.members[1]));
        assert_eq!([1, 2, 3, 4, 5].map(quorum), [1, 2, 2, 3, 3]);
        assert_eq!(plain_id("0x08E9e05c52164694d"), cluster.members[0].hex());
    }
}
