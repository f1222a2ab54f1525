//! Clients of a cluster while something happens to it: what they write is written down, and looked for at the end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lab::Lab;
use serde_json::Value;

use crate::support::{ssh, until_within};

/// How many clients there are; each writes and reads twice a second.
const CLIENTS: usize = 5;

/// Where the clients run: they reach the API as the node itself does.
const HOST: &str = "w1";

/// The pods whose number is watched.
pub const APP: &str = r#"
{"apiVersion":"v1","kind":"List","items":[
  {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"load"}},
  {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"app","namespace":"load"},"spec":{"replicas":3,
    "selector":{"matchLabels":{"app":"app"}},"template":{"metadata":{"labels":{"app":"app"}},"spec":{
      "terminationGracePeriodSeconds":5,"containers":[{"name":"app","image":"lab.invalid/app:1","imagePullPolicy":"Never"}]}}}},
  {"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"app","namespace":"load"},"spec":{"minAvailable":2,
    "selector":{"matchLabels":{"app":"app"}}}}
]}
"#;

/// A client: requests one after the other over one connection at a given rate, in batches, each of which begins with a new one.
/// $1: its number. A line for each request: W or R, the object's name, the status, how long it took, and what went wrong.
const CLIENT: &str = r#"
cd /root/load || exit 1
c=$1 i=0
ask() {
  printf 'next\nurl = "%s"\nsilent\ncacert = "ca.crt"\ncert = "admin.crt"\nkey = "admin.key"\nmax-time = 10\n' "$1"
}
while [ ! -e stop ]; do
  {
    k=$i
    while [ $k -lt $((i + 60)) ]; do
      n=w-$c-$k
      ask "https://127.0.0.1:7443/api/v1/namespaces/load/configmaps"
      printf 'output = "/dev/null"\nheader = "Content-Type: application/json"\n'
      printf 'data = "{\\"apiVersion\\":\\"v1\\",\\"kind\\":\\"ConfigMap\\",\\"metadata\\":{\\"name\\":\\"%s\\"},\\"data\\":{\\"n\\":\\"%s\\"}}"\n' $n $n
      printf 'write-out = "W %s %%{http_code} %%{time_total} %%{errormsg}\\n"\n' $n
      ask "https://127.0.0.1:7443/api/v1/namespaces/load/configmaps/$n"
      printf 'output = "/dev/null"\n'
      printf 'write-out = "R %s %%{http_code} %%{time_total} %%{errormsg}\\n"\n' $n
      k=$((k + 1))
    done
  } | sed 1d >$c.conf
  i=$((i + 60))
  curl --rate 4/s -K $c.conf >>$c.log 2>>$c.err
done
"#;

/// Looks at the pods once a second.
const WATCHER: &str = r#"
cd /root/load && mkdir -p pods || exit 1
i=0
while [ ! -e stop ]; do
  curl --silent --max-time 10 --cacert ca.crt --cert admin.crt --key admin.key --fail -o pods/new \
    "https://127.0.0.1:7443/api/v1/namespaces/load/pods?labelSelector=app%3Dapp" && mv pods/new pods/$i.json
  i=$((i + 1))
  sleep 1
done
"#;

/// The clients at work.
pub struct Load<'a> {
    lab: &'a Lab,
    begun: Instant,
}

/// What they saw.
#[derive(Debug, Default)]
pub struct Seen {
    pub took: Duration,
    pub requests: usize,
    pub answered: usize,
    /// What was written, as the API acknowledged.
    pub acknowledged: Vec<String>,
    /// What an acknowledged write could not be found for right afterwards.
    pub missed: Vec<String>,
    /// Why requests were not answered.
    pub failures: Vec<String>,
    pub slowest: f64,
    /// How often pods were looked at, and the least number of them that were ready.
    pub looks: usize,
    pub fewest: usize,
}

impl<'a> Load<'a> {
    /// Starts them on a worker: they are no pods, so that nothing moves them away. The app must be there.
    pub fn start(lab: &'a Lab) -> Self {
        let folder = folder(lab);
        std::fs::create_dir_all(&folder).expect("can be made");
        let pki = |host: &str| lab.host(host).expect("is planned").root.join("etc/eksd/pki");
        for name in ["ca.crt", "admin.crt", "admin.key"] {
            std::fs::copy(pki("cp1").join(name), folder.join(name)).expect("is there");
        }
        std::fs::write(folder.join("client.sh"), CLIENT).expect("can be written");
        std::fs::write(folder.join("watcher.sh"), WATCHER).expect("can be written");
        for client in 1..=CLIENTS {
            ssh(lab, HOST, &format!("systemd-run -q --unit=load-{client} sh /root/load/client.sh {client}"));
        }
        ssh(lab, HOST, "systemd-run -q --unit=load-watcher sh /root/load/watcher.sh");
        Self { lab, begun: Instant::now() }
    }

    /// Ends them, and tells what they saw.
    pub fn stop(self) -> Seen {
        std::fs::write(folder(self.lab).join("stop"), "").expect("can be written");
        // A batch that is just running says what it saw only at its end.
        until_within(Duration::from_mins(2), "the clients end", || {
            ssh(self.lab, HOST, "systemctl is-active --quiet 'load-*' || echo ended") == "ended"
        });
        let took = self.begun.elapsed();
        ssh(self.lab, HOST, "systemctl reset-failed 'load-*' 2>/dev/null; :");
        let mut seen = Seen { took, fewest: usize::MAX, ..Seen::default() };
        for client in 1..=CLIENTS {
            let log = folder(self.lab).join(format!("{client}.log"));
            seen.requests_of(&std::fs::read_to_string(log).expect("is there"));
        }
        for entry in std::fs::read_dir(folder(self.lab).join("pods")).expect("is there").flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "json") {
                let text = std::fs::read_to_string(entry.path()).expect("can be read");
                let list: Value = serde_json::from_str(&text).expect("is JSON");
                seen.looks += 1;
                seen.fewest = seen.fewest.min(ready(&list));
            }
        }
        seen
    }
}

impl Seen {
    fn requests_of(&mut self, log: &str) {
        let mut written: BTreeMap<&str, bool> = BTreeMap::new();
        for line in log.lines() {
            let mut parts = line.splitn(5, ' ');
            let mut part = || parts.next().unwrap_or_default();
            let (kind, name, code, seconds) = (part(), part(), part(), part());
            let acknowledged = written.get(name).copied().unwrap_or(false);
            self.requests += 1;
            self.slowest = self.slowest.max(seconds.parse().unwrap_or(0.0));
            // A write whose answer was lost and that curl made again is there already.
            let answered = matches!((kind, code), ("W", "201" | "409") | ("R", "200"));
            match (kind, code) {
                ("W", "201") => {
                    written.insert(name, true);
                    self.acknowledged.push(name.to_owned());
                }
                ("R", "404") if acknowledged => self.missed.push(name.to_owned()),
                _ => {}
            }
            // What was never written is not found: that is an answer.
            if answered || (kind == "R" && code == "404" && !acknowledged) {
                self.answered += 1;
            } else {
                self.failures.push(line.to_owned());
            }
        }
    }
}

/// How many pods are ready, and stay.
fn ready(list: &Value) -> usize {
    let pods = list["items"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let is_ready = |pod: &&Value| {
        let conditions = pod["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let ready =
            conditions.iter().any(|condition| condition["type"] == "Ready" && condition["status"] == "True");
        ready && pod["metadata"]["deletionTimestamp"].is_null()
    };
    pods.filter(is_ready).count()
}

/// The image that the app's pods run: that of their sandboxes, which is on all nodes, under a name of its own.
pub fn give_image(lab: &Lab, hosts: &[&str]) {
    for host in hosts {
        let line = "ctr -n k8s.io images tag $(ctr -n k8s.io images ls -q | grep /pause: | head -n 1) lab.invalid/app:1";
        ssh(lab, host, line);
    }
}

/// Runs an app such as [`APP`] on these workers, and waits until its three pods are there.
pub fn run_app_on(lab: &Lab, host: &str, workers: &[&str], app: &str) {
    give_image(lab, workers);
    std::fs::write(lab.host(host).expect("is planned").root.join("root/app.json"), app)
        .expect("can be written");
    kubectl_on(lab, host, "apply -f /root/app.json");
    until_within(Duration::from_mins(10), "the app runs", || {
        kubectl_on(lab, host, "-n load get deployment app -o jsonpath={.status.availableReplicas}") == "3"
    });
}

/// What kubectl, which the host was given, says there.
pub fn kubectl_on(lab: &Lab, host: &str, arguments: &str) -> String {
    ssh(lab, host, &format!("KUBECONFIG=/etc/eksd/admin.conf /root/kubectl {arguments}"))
}

fn folder(lab: &Lab) -> PathBuf {
    Path::new(&lab.host(HOST).expect("is planned").root).join("root/load")
}
