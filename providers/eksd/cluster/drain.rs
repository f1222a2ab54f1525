//! Moving the pods of a node away, as disruption budgets allow.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{EvictParams, ListParams};
use kube::core::Status;
use provider::simple::Access;
use provider_host::kit::{Context, Failure, Result};
use serde_json::{Value as Json, json};
use tokio::time::Instant;
use value::Value;

use super::apply::get;
use super::client::{Cluster, Trouble};
use super::live_node::{ended, is_ready, named, patched};
use super::place;

/// How the pods of a node are moved away.
#[derive(Clone, Debug)]
pub(super) struct Draining {
    pub node: String,
    pub timeout: Duration,
    /// Whether pods may go that keep data in an emptyDir.
    pub data_may_go: bool,
    /// Whether pods may go that nothing makes anew.
    pub bare_may_go: bool,
    /// What becomes of the node if they do not go: a sentence or two, as part of the error.
    pub otherwise: &'static str,
}

impl Draining {
    /// As attributes say; `timeout` is the name of the one that says how long.
    pub(super) fn of(object: &Value, node: &str, timeout: &str) -> Self {
        Self {
            node: node.to_owned(),
            timeout: place::timeout(object, timeout),
            data_may_go: object.flag("delete_emptydir_data").unwrap_or(true),
            bare_may_go: object.flag("delete_bare_pods").unwrap_or(false),
            otherwise: "It stays unschedulable.",
        }
    }

    /// Cordons the node and moves its pods away, unless nothing answers there any more: then they are gone already.
    pub(super) async fn before_removal(&self, cluster: &Cluster, context: &Context) -> Result<()> {
        let fails = |trouble: Trouble| trouble.failure(&format!("drain the node {}", self.node));
        let Some(live) = get(cluster, &named(&self.node)).await.map_err(fails)? else { return Ok(()) };
        if !is_ready(&live) {
            return Ok(());
        }
        patched(cluster, &self.node, &json!({"spec": {"unschedulable": true}})).await.map_err(fails)?;
        self.drain(cluster, context).await
    }

    /// Moves the pods of a cordoned node away.
    pub(super) async fn drain(&self, cluster: &Cluster, context: &Context) -> Result<()> {
        let end = Instant::now() + self.timeout;
        loop {
            let pods = self.pods(cluster).await?;
            if pods.is_empty() {
                return Ok(());
            }
            let mut reasons = BTreeMap::new();
            for pod in &pods {
                let reason = match pod.leaves {
                    true => "it is still shutting down".to_owned(),
                    false => match evict(cluster, pod).await? {
                        None => "it is shutting down".to_owned(),
                        Some(reason) => reason,
                    },
                };
                reasons.insert(format!("{}/{}", pod.namespace, pod.name), reason);
            }
            if let Some(when) = ended(context, POLL, (end, self.timeout)).await {
                return Err(self.failure(&when, &reasons));
            }
        }
    }

    fn failure(&self, when: &str, reasons: &BTreeMap<String, String>) -> Failure {
        let texts: Vec<_> =
            reasons.iter().take(MOST).map(|(pod, reason)| format!("{pod}: {reason}")).collect();
        let detail = format!(
            "{when}, {} pods were still on the node {}: {}. {} Once they can go (more replicas, another disruption budget), apply \
             again.",
            reasons.len(),
            self.node,
            texts.join("; "),
            self.otherwise,
        );
        Failure::new("Node is not drained", detail)
    }

    /// The pods of the node that are to leave it; those that must not be lost are an error.
    async fn pods(&self, cluster: &Cluster) -> Result<Vec<Leaving>> {
        let api: Api<Pod> = Api::all(cluster.client.clone());
        let wanted = ListParams::default().fields(&format!("spec.nodeName={}", self.node));
        let found = cluster.call(|| api.list(&wanted)).await;
        let found =
            found.map_err(|trouble| trouble.failure(&format!("list the pods of the node {}", self.node)))?;
        let mut leaving = Vec::new();
        let mut kept = Vec::new();
        for pod in found.items {
            let json = serde_json::to_value(&pod).unwrap_or_default();
            let text = |name: &str| json["metadata"][name].as_str().unwrap_or_default().to_owned();
            let (namespace, name) = (text("namespace"), text("name"));
            match fate(&json) {
                Fate::Stays => {}
                Fate::Bare if !self.bare_may_go => {
                    kept.push(format!(
                        "{namespace}/{name} has no controller that makes it anew (delete_bare_pods)"
                    ));
                }
                Fate::Goes { with_data: true } if !self.data_may_go => {
                    kept.push(format!("{namespace}/{name} keeps data in an emptyDir (delete_emptydir_data)"));
                }
                fate => leaving.push(Leaving { namespace, name, leaves: fate == Fate::Leaves }),
            }
        }
        if kept.is_empty() {
            return Ok(leaving);
        }
        let detail = format!(
            "On the node {} are pods that would be lost: {}. {}",
            self.node,
            kept.join("; "),
            self.otherwise
        );
        Err(Failure::new("Node cannot be drained", detail))
    }
}

/// A pod that is to leave.
struct Leaving {
    namespace: String,
    name: String,
    /// Whether it is already on its way.
    leaves: bool,
}

/// What draining means for a pod.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Stays,
    /// It is on its way already, whoever sent it: nothing of it is left to lose.
    Leaves,
    Goes {
        with_data: bool,
    },
    /// Nothing makes it anew.
    Bare,
}

fn fate(pod: &Json) -> Fate {
    let metadata = &pod["metadata"];
    let controller = metadata["ownerReferences"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|owner| owner["controller"] == Json::Bool(true));
    let is_mirror = metadata["annotations"]["kubernetes.io/config.mirror"].is_string();
    let has_ended = matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"));
    let volumes = pod["spec"]["volumes"].as_array();
    match controller {
        _ if is_mirror || has_ended => Fate::Stays,
        Some(owner) if owner["kind"] == "DaemonSet" => Fate::Stays,
        _ if metadata["deletionTimestamp"].is_string() => Fate::Leaves,
        Some(_) => Fate::Goes {
            with_data: volumes.into_iter().flatten().any(|volume| volume["emptyDir"].is_object()),
        },
        None => Fate::Bare,
    }
}

/// Asks for a pod to leave; says what does not allow it.
async fn evict(cluster: &Cluster, pod: &Leaving) -> Result<Option<String>> {
    let api: Api<Pod> = Api::namespaced(cluster.client.clone(), &pod.namespace);
    match cluster.once(api.evict(&pod.name, &EvictParams::default())).await {
        Ok(_) => Ok(None),
        Err(trouble) if trouble.is_missing() => Ok(None),
        Err(Trouble::Refused(status)) if status.code == 429 => Ok(Some(budget(&status))),
        Err(trouble) if trouble.is_fleeting() => Ok(Some(trouble.text())),
        Err(trouble) => Err(trouble.failure(&format!("evict the pod {}/{}", pod.namespace, pod.name))),
    }
}

/// Which disruption budget stands against it.
fn budget(status: &Status) -> String {
    let causes = status.details.as_ref().map(|details| details.causes.as_slice()).unwrap_or_default();
    let causes: Vec<_> = causes
        .iter()
        .map(|cause| cause.message.trim_end_matches('.'))
        .filter(|text| !text.is_empty())
        .collect();
    if causes.is_empty() { status.message.trim_end_matches('.').to_owned() } else { causes.join(", ") }
}

const POLL: Duration = Duration::from_secs(2);
/// How many pods an error tells of.
const MOST: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_of_daemon_sets_and_of_kubelets_stay() {
        let owned = |kind: &str| json!([{"kind": kind, "controller": true}]);
        let table = [
            (json!({"metadata": {"ownerReferences": owned("DaemonSet")}}), Fate::Stays),
            (json!({"metadata": {"annotations": {"kubernetes.io/config.mirror": "x"}}}), Fate::Stays),
            (json!({"metadata": {}, "status": {"phase": "Succeeded"}}), Fate::Stays),
            (json!({"metadata": {"ownerReferences": owned("ReplicaSet")}}), Fate::Goes { with_data: false }),
            (
                json!({"metadata": {"ownerReferences": owned("Job")}, "spec": {"volumes": [{"emptyDir": {}}]}}),
                Fate::Goes { with_data: true },
            ),
            (json!({"metadata": {"ownerReferences": [{"kind": "Node"}]}}), Fate::Bare),
            (json!({"metadata": {"deletionTimestamp": "t"}}), Fate::Leaves),
            (
                json!({"metadata": {"deletionTimestamp": "t", "ownerReferences": owned("DaemonSet")}}),
                Fate::Stays,
            ),
        ];
        for (pod, expected) in table {
            assert_eq!(fate(&pod), expected, "{pod}");
        }
    }
}
