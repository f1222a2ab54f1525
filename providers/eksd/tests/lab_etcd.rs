use std::path::Path as FilePath;
use std::time::Duration;

use ::lab::{Lab, Plan};
use futures::future::join_all;
use provider::conformance::Bench;
use provider::simple::Access;
use serde_json::Value as Json;
use tempfile::TempDir;
use value::Value;

use super::certificates::Authority;
use super::lab::{bench, by_hand, connection, put, put_leaf, site, up};
use super::support::{differing, fetched, folder, list, object, text, texts};

const ARCHIVE: &str = "kubernetes-1-34/releases/21/artifacts/etcd/v3.5.21/etcd-linux-amd64-v3.5.21.tar.gz";

const HOSTS: [&str; 3] = ["e1", "e2", "e3"];

const ETCDCTL: &str = "export ETCDCTL_API=3 ETCDCTL_CACERT=/etc/eksd/pki/etcd/ca.crt ETCDCTL_CERT=/etc/eksd/pki/etcd/healthcheck-client.crt \
    ETCDCTL_KEY=/etc/eksd/pki/etcd/healthcheck-client.key; PATH=/opt/eksd/etcd/current:$PATH; etcdctl --endpoints=https://127.0.0.1:2379";

/// What stands for etcdctl of 3.6, which takes snapshots and neither restores nor describes them.
const ETCDCTL_3_6: &str = r#"#!/bin/sh
case " $* " in *" snapshot restore "*|*" snapshot status "*) echo 'Error: unknown command for "etcdctl snapshot"' >&2; exit 1;; esac
exec /root/etcdctl "$@"
"#;

/// An archive as EKS-D's with etcd 3.6: without etcdutl. The programs that are left out go to `/root` of a host.
fn as_of_3_6(lab: &Lab, archive: &FilePath, folder: &FilePath) -> Value {
    let run = |line: &str| {
        let made = std::process::Command::new("sh").arg("-c").arg(line).status();
        assert!(made.is_ok_and(|status| status.success()), "{line}");
    };
    let (at, root) = (folder.join("3.6"), |host: &str| lab.host(host).expect("is planned").root.join("root"));
    let at = at.display();
    run(&format!("mkdir {at} && tar -xzf {} -C {at}", archive.display()));
    for host in HOSTS {
        run(&format!("install -m 0755 {at}/etcdctl {at}/etcdutl {}/", root(host).display()));
    }
    std::fs::write(format!("{at}/etcdctl"), ETCDCTL_3_6).expect("can be written");
    let made = folder.join("etcd-3.6.tar.gz");
    run(&format!("chmod 0755 {at}/etcdctl && tar -czf {} -C {at} etcd etcdctl", made.display()));
    fetched(&made)
}

/// Three hosts with certificates, and members of one cluster to be on them.
struct Site {
    lab: Lab,
    folder: TempDir,
    binary: Value,
    bench: Bench,
}

impl Site {
    async fn up(name: &str) -> Option<Self> {
        let binary = fetched(&site(ARCHIVE)?);
        let lab = up(&HOSTS.iter().fold(Plan::new(name), |plan, host| plan.direct(host)))?;
        let authority = Authority::new("etcd-ca");
        for host in HOSTS {
            let address = lab.host(host).expect("is planned").address.to_string();
            put(&lab, host, "/etc/eksd/pki/etcd/ca.crt", &authority.pem);
            for leaf in ["server", "peer", "healthcheck-client"] {
                put_leaf(
                    &lab,
                    host,
                    &format!("/etc/eksd/pki/etcd/{leaf}"),
                    &authority.leaf(host, "", &[&address]),
                );
            }
        }
        let folder = folder();
        let bench = bench(&lab, "eksd_etcd_member", folder.path()).await;
        Some(Self { lab, folder, binary, bench })
    }

    fn url(&self, host: &str, port: u16) -> String {
        format!("https://{}:{port}", self.lab.host(host).expect("is planned").address)
    }

    fn member(&self, host: &str) -> Value {
        let urls: Vec<String> = HOSTS.iter().map(|host| self.url(host, 2379)).collect();
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        let others = HOSTS.iter().filter(|other| **other != host).map(|other| connection(&self.lab, other));
        object([
            ("host", connection(&self.lab, host)),
            ("cluster", text("one")),
            ("node", text(host)),
            ("version", text("v3.5.21-eks-1-34-21")),
            ("binary", self.binary.clone()),
            ("endpoints", list(&urls)),
            ("peers", Value::list(value::Type::String, others.collect())),
            ("bootstrap", Value::bool(host == "e1")),
            ("listen_client_urls", list(&["https://127.0.0.1:2379", &self.url(host, 2379)])),
            ("advertise_client_urls", list(&[&self.url(host, 2379)])),
            ("listen_peer_urls", list(&[&self.url(host, 2380)])),
            ("initial_advertise_peer_urls", list(&[&self.url(host, 2380)])),
            ("health_timeout", text("3m")),
        ])
    }

    /// Names and whether they vote, as etcdctl says it.
    fn members(&self, host: &str) -> Vec<(String, bool)> {
        let json = by_hand(&self.lab, host, &format!("{ETCDCTL} member list -w json"));
        let json: Json = serde_json::from_str(json.trim()).expect("is JSON");
        let members = json["members"].as_array().expect("is a list").iter();
        let mut members: Vec<_> = members
            .map(|member| {
                let learner = member.get("isLearner").and_then(Json::as_bool).unwrap_or(false);
                (member.get("name").and_then(Json::as_str).unwrap_or_default().to_owned(), !learner)
            })
            .collect();
        members.sort();
        members
    }

    fn etcdctl(&self, host: &str, line: &str) -> String {
        by_hand(&self.lab, host, &format!("{ETCDCTL} {line}"))
    }

    /// All members at once, as an apply makes them.
    async fn create_all(&self) -> Vec<Value> {
        join_all(HOSTS.iter().map(|host| self.bench.create(self.member(host)))).await
    }

    /// Makes a change that must be refused, and answers why; nothing of the state may change.
    async fn refused(&self, prior: &Value, config: &Value) -> String {
        let response = self.bench.change(prior, config).await;
        assert!(response.diagnostics.has_errors(), "was not refused: {:?}", response.state);
        texts(&response.diagnostics)
    }
}

/// In what an object differs, but for who else is in the cluster: others came after it was made.
fn drift(state: &Value, seen: &Value) -> Vec<String> {
    let mut names = differing(state, seen);
    names.retain(|name| name != "members");
    names
}

fn all_vote() -> Vec<(String, bool)> {
    HOSTS.iter().map(|host| ((*host).to_owned(), true)).collect()
}

#[tokio::test]
async fn lab_etcd_members_form_leave_and_never_lose_quorum() {
    let Some(site) = Site::up("eksd-etcd").await else { return };
    let states = site.create_all().await;
    assert_eq!(site.members("e2"), all_vote());
    let ids: Vec<_> =
        states.iter().map(|state| state.text("member_id").expect("is known").to_owned()).collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
    let cluster = states[0].text("cluster_id").expect("is known");
    for state in &states {
        assert_eq!(state.text("cluster_id"), Some(cluster));
        assert_eq!(state.flag("is_learner"), Some(false));
        let seen = site.bench.read(state).await;
        assert_eq!(drift(state, &seen), [""; 0]);
        let known = seen.elements("members");
        let said: Vec<_> = known.iter().map(|member| (member.text("name"), member.text("id"))).collect();
        let expected: Vec<_> =
            HOSTS.iter().zip(&ids).map(|(name, id)| (Some(*name), Some(id.as_str()))).collect();
        assert_eq!(said, expected);
        let voting = |member: &Value| member.flag("learner") == Some(false);
        assert!(known.iter().all(voting) && known[0].texts("peer_urls") == [site.url("e1", 2380)]);
    }
    site.etcdctl("e1", "put key one");

    // What is edited by hand shows, and is put right while the others are well.
    by_hand(
        &site.lab,
        "e3",
        "sed -i 's/--client-cert-auth=true/--client-cert-auth=false/' /etc/systemd/system/etcd.service",
    );
    let seen = site.bench.read(&states[2]).await;
    assert_eq!(drift(&states[2], &seen), ["client_cert_auth"]);
    let response = site.bench.change(&seen, &site.member("e3")).await;
    assert_eq!(drift(&states[2], &response.state), [""; 0], "{}", texts(&response.diagnostics));

    // One is down: no other is taken away or restarted.
    by_hand(&site.lab, "e2", "systemctl stop etcd");
    let seen = site.bench.read(&states[1]).await;
    assert_eq!(drift(&states[1], &seen), ["state"]);
    let said = texts(&site.bench.try_delete(&states[2]).await.diagnostics);
    assert!(said.contains("lose its quorum") && said.contains("e2 (id"), "{said}");
    assert_eq!(by_hand(&site.lab, "e3", "systemctl is-active etcd"), "active\n");
    let other = site.member("e1").with_attr("heartbeat_interval", Value::number(150));
    let said = site.refused(&states[0], &other).await;
    assert!(said.contains("not well enough for a restart"), "{said}");
    let response = site.bench.change(&seen, &site.member("e2")).await;
    assert_eq!(drift(&states[1], &response.state), [""; 0], "{}", texts(&response.diagnostics));

    let old = by_hand(&site.lab, "e1", "systemctl show --value -p MainPID etcd");
    let response = site.bench.change(&states[0], &other).await;
    assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
    assert_ne!(by_hand(&site.lab, "e1", "systemctl show --value -p MainPID etcd"), old, "restarted");
    let at_ease = other.with_attr("bootstrap", Value::bool(false));
    let pid = by_hand(&site.lab, "e1", "systemctl show --value -p MainPID etcd");
    let first = site.bench.change(&response.state, &at_ease).await.state;
    assert_eq!(
        by_hand(&site.lab, "e1", "systemctl show --value -p MainPID etcd"),
        pid,
        "nothing to restart for"
    );

    // The one that began the cluster goes and comes back into the same one, though bootstrap is set.
    site.bench.delete(&first).await;
    assert_eq!(site.members("e2").len(), 2);
    assert!(by_hand(&site.lab, "e1", "ls /var/lib/etcd").starts_with("removed-"), "its data is moved aside");
    let first = site.bench.create(site.member("e1")).await;
    assert_eq!(first.text("cluster_id"), Some(cluster));
    assert_eq!(site.members("e1"), all_vote());
    assert!(site.etcdctl("e1", "get key").contains("one"));

    // Data that is lost: the stale member is named, and goes only if the plan says so.
    by_hand(&site.lab, "e3", "systemctl stop etcd; rm -rf /var/lib/etcd/member");
    let seen = site.bench.read(&states[2]).await;
    let said = site.refused(&seen, &site.member("e3")).await;
    assert!(said.contains("stale member") && said.contains(&ids[2]), "{said}");
    let wrong = site.member("e3").with_attr("replaces", text("1234"));
    assert!(site.refused(&seen, &wrong).await.contains("stale member"));
    let replacing = site.member("e3").with_attr("replaces", text(&ids[2]));
    let response = site.bench.change(&seen, &replacing).await;
    assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
    assert_eq!(site.members("e1"), all_vote());

    // A host that is lost for good: another one tells the cluster.
    site.lab.power_off("e3").expect("can be switched off");
    site.bench.delete(&response.state).await;
    assert_eq!(site.members("e1").len(), 2);
}

#[tokio::test]
async fn lab_etcd_joins_are_resumed_wherever_they_are_cut_off() {
    let Some(site) = Site::up("eksd-etcdcut").await else { return };
    let states = site.create_all().await;
    let nothing = Value::null(value::Type::Dynamic);
    let mut third = states[2].clone();
    for pause in [100, 400, 900, 1500, 2200, 3200] {
        site.bench.delete(&third).await;
        assert_eq!(site.members("e1").len(), 2);
        // A killed groma: its sessions end, and nobody waits for what they did.
        let config = site.member("e3");
        let made =
            tokio::time::timeout(Duration::from_millis(pause), site.bench.change(&nothing, &config)).await;
        drop(made);
        site.lab.kill_sessions("e3").expect("can be killed");
        let seen = site.bench.read(&states[2]).await;
        let prior = if seen.is_null() { nothing.clone() } else { seen };
        let response = site.bench.change(&prior, &config).await;
        assert!(
            !response.diagnostics.has_errors(),
            "cut off after {pause} ms: {}",
            texts(&response.diagnostics)
        );
        third = response.state;
        assert_eq!(site.members("e1"), all_vote(), "cut off after {pause} ms");
        assert_eq!(drift(&third, &site.bench.read(&third).await), [""; 0]);
    }
}

#[tokio::test]
async fn lab_etcd_is_restored_after_the_loss_of_two_of_three() {
    let Some(mut site) = Site::up("eksd-etcdloss").await else { return };
    let archive = super::lab::site(ARCHIVE).expect("was looked for");
    site.binary = as_of_3_6(&site.lab, &archive, site.folder.path());
    let states = site.create_all().await;
    site.etcdctl("e1", "put key kept");
    let snapshots = bench(&site.lab, "eksd_etcd_snapshot", site.folder.path()).await;
    let config = |trigger: &str| {
        object([
            ("host", connection(&site.lab, "e1")),
            ("name", text("daily")),
            ("keep", Value::number(2)),
            ("triggers", object([("day", text(trigger))])),
        ])
    };
    let mut snapshot = snapshots.create(config("1")).await;
    for day in ["2", "3"] {
        let before = snapshot.text("path").expect("is known").to_owned();
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let response = snapshots.change(&snapshot, &config(day)).await;
        assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
        snapshot = response.state;
        assert_ne!(snapshot.text("path"), Some(before.as_str()));
    }
    assert_eq!(by_hand(&site.lab, "e1", "ls /var/backups/etcd/*.db | wc -l"), "2\n");
    assert_eq!(differing(&snapshot, &snapshots.read(&snapshot).await), [""; 0]);
    let path = snapshot.text("path").expect("is known");
    assert_eq!(
        by_hand(&site.lab, "e1", &format!("sha256sum <{path}")),
        format!("{}  -\n", snapshot.text("sha256").expect("is known"))
    );

    // etcdctl of 3.6 does not tell what is in a snapshot; that it is whole is seen all the same.
    assert!(snapshot.flag("intact") == Some(true) && snapshot.is_unset("revision"), "{snapshot:?}");

    let restoring = site.member("e1").with_attr("restore_from", text(path));
    let said = site.refused(&states[0], &restoring).await;
    assert!(said.contains("etcd is alive"), "{said}");
    site.etcdctl("e1", "put key newer");

    // One that is only cut off from the others, of whom groma sees that they live.
    let ways = |doing: &str| {
        for host in ["e2", "e3"] {
            let address = site.lab.host(host).expect("is planned").address;
            by_hand(&site.lab, "e1", &format!("ip route {doing} blackhole {address}/32"));
        }
    };
    ways("add");
    by_hand(&site.lab, "e1", "systemctl stop etcd");
    let seen = site.bench.read(&states[0]).await;
    let said = site.refused(&seen, &restoring).await;
    assert!(said.contains("etcd is alive elsewhere") && said.contains("Mend the way"), "{said}");
    let alone = ["peers", "endpoints"].into_iter().fold(restoring.clone(), |member, name| {
        let own = [site.url("e1", 2379)];
        member.with_attr(name, if name == "peers" { list(&[]) } else { list(&[&own[0]]) })
    });
    let said = site.refused(&seen, &alone).await;
    assert!(said.contains("etcd is alive elsewhere"), "those of before the plan are asked, too: {said}");
    ways("del");
    let nowhere = list(&["ssh://root@127.0.0.1:1", "ssh://root@127.0.0.1:2"]);

    for host in ["e2", "e3"] {
        by_hand(&site.lab, host, "systemctl stop etcd");
    }
    let said = site.refused(&Value::null(value::Type::Dynamic), &restoring.with_attr("peers", nowhere)).await;
    assert!(
        said.contains("is not known, so that nothing is restored") && said.contains("lost_hosts"),
        "{said}"
    );

    // A damaged snapshot, and a good one that nothing here restores.
    let broken = "f=/var/backups/etcd/broken.db; cp $(ls /var/backups/etcd/daily-*.db | tail -n 1) $f; printf x | dd of=$f bs=1 seek=5000 conv=notrunc 2>/dev/null";
    by_hand(&site.lab, "e1", broken);
    let seen = site.bench.read(&states[0]).await;
    let damaged = site.member("e1").with_attr("restore_from", text("/var/backups/etcd/broken.db"));
    let said = site.refused(&seen, &damaged).await;
    assert!(said.contains("broken.db is not whole"), "{said}");
    let said = site.refused(&seen, &restoring).await;
    assert!(
        said.contains("is whole, but nothing here restores it") && said.contains("etcdutl of this resource"),
        "{said}"
    );
    let restoring = restoring.with_attr("etcdutl", text("/root/etcdutl"));

    // Without data and without anybody who answers, no second cluster is begun.
    by_hand(&site.lab, "e1", "systemctl stop etcd; mv /var/lib/etcd/member /var/lib/etcd/kept");
    let nothing = Value::null(value::Type::Dynamic);
    let soon = site.member("e1").with_attr("health_timeout", text("5s"));
    let said = site.refused(&nothing, &soon).await;
    assert!(said.contains("has data of an etcd member"), "{said}");
    let blind = soon.with_attr("peers", list(&[]));
    assert!(site.refused(&nothing, &blind).await.contains("Give the connections"));
    let seen = site.bench.read(&states[0]).await;
    assert!(site.refused(&seen, &soon).await.contains("Its own data is gone"));
    by_hand(&site.lab, "e1", "mv /var/lib/etcd/kept /var/lib/etcd/member");

    let seen = site.bench.read(&states[0]).await;
    let response = site.bench.change(&seen, &restoring).await;
    assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
    let first = response.state;
    assert_ne!(
        first.text("cluster_id"),
        states[0].text("cluster_id"),
        "nobody of the old cluster can mix with it"
    );
    assert_eq!(site.members("e1"), [("e1".to_owned(), true)]);
    assert!(site.etcdctl("e1", "get key").contains("kept"));
    assert_eq!(drift(&first, &site.bench.read(&first).await), [""; 0]);

    // What the others have is of the old cluster, also where it runs.
    by_hand(&site.lab, "e3", "systemctl start etcd; sleep 3");
    let seen = site.bench.read(&states[2]).await;
    assert!(drift(&states[2], &seen).contains(&"is_foreign".to_owned()), "{seen:?}");
    let said = site.refused(&seen, &site.member("e3")).await;
    assert!(said.contains("Data of no member"), "{said}");
    by_hand(&site.lab, "e3", "systemctl stop etcd");
    let seen = site.bench.read(&states[1]).await;
    let said = site.refused(&seen, &site.member("e2")).await;
    assert!(said.contains("Data of no member"), "{said}");
    for (host, state) in [("e2", &states[1]), ("e3", &states[2])] {
        by_hand(&site.lab, host, "mkdir /var/lib/etcd/old; mv /var/lib/etcd/member /var/lib/etcd/old/");
        let response = site.bench.change(&site.bench.read(state).await, &site.member(host)).await;
        assert!(!response.diagnostics.has_errors(), "{}", texts(&response.diagnostics));
    }
    assert_eq!(site.members("e3"), all_vote());
    assert!(site.etcdctl("e3", "get key").contains("kept"));
}
