//! Moving the pods of a node away, as disruption budgets allow.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{EvictParams, ListParams};
use kube::core::Status;
use provider::simple::Access;
use provider_host::kit::{Failure, Result};
use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};
use value::Value;

use super::change::patched;
use super::name_of;
use crate::cluster::apply::get;
use crate::cluster::client::{Cluster, Trouble};
use crate::cluster::place;
use crate::cluster::ready::{condition, is_true};

/// Cordons the node and moves its pods away, unless nothing answers there any more: then they are gone already.
pub(super) async fn before_removal(cluster: &Cluster, object: &Value) -> Result<()> {
    let name = name_of(object);
    let fails = |trouble: Trouble| trouble.failure(&format!("drain the node {}", name.name));
    let Some(live) = get(cluster, &name).await.map_err(fails)? else { return Ok(()) };
    if !condition(&live, "Ready").is_some_and(is_true) {
        return Ok(());
    }
    patched(cluster, object, &json!({"spec": {"unschedulable": true}})).await.map_err(fails)?;
    drain(cluster, object).await
}

/// Moves the pods of a cordoned node away.
pub(super) async fn drain(cluster: &Cluster, object: &Value) -> Result<()> {
    let node = name_of(object).name;
    let timeout = place::timeout(object, "drain_timeout");
    let end = Instant::now() + timeout;
    loop {
        let pods = pods(cluster, object, &node).await?;
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
        if Instant::now() >= end {
            let texts: Vec<_> =
                reasons.iter().take(MOST).map(|(pod, reason)| format!("{pod}: {reason}")).collect();
            let detail = format!(
                "After {} s, {} pods were still on the node {node}: {}. It stays unschedulable. Once they can go (more replicas, another \
                 disruption budget), apply again.",
                timeout.as_secs(),
                reasons.len(),
                texts.join("; ")
            );
            return Err(Failure::new("Node is not drained", detail));
        }
        sleep(POLL).await;
    }
}

/// A pod that is to leave.
struct Leaving {
    namespace: String,
    name: String,
    /// Whether it is already on its way.
    leaves: bool,
}

/// The pods of a node that are to leave it; those that must not be lost are an error.
async fn pods(cluster: &Cluster, object: &Value, node: &str) -> Result<Vec<Leaving>> {
    let api: Api<Pod> = Api::all(cluster.client.clone());
    let wanted = ListParams::default().fields(&format!("spec.nodeName={node}"));
    let found = cluster.call(|| api.list(&wanted)).await;
    let found = found.map_err(|trouble| trouble.failure(&format!("list the pods of the node {node}")))?;
    let allowed = |name: &str, default: bool| object.flag(name).unwrap_or(default);
    let mut leaving = Vec::new();
    let mut kept = Vec::new();
    for pod in found.items {
        let json = serde_json::to_value(&pod).unwrap_or_default();
        let text = |name: &str| json["metadata"][name].as_str().unwrap_or_default().to_owned();
        let (namespace, name) = (text("namespace"), text("name"));
        match fate(&json) {
            Fate::Stays => continue,
            Fate::Bare if !allowed("delete_bare_pods", false) => {
                kept.push(format!(
                    "{namespace}/{name} has no controller that makes it anew (delete_bare_pods)"
                ));
            }
            Fate::Goes { with_data: true } if !allowed("delete_emptydir_data", true) => {
                kept.push(format!("{namespace}/{name} keeps data in an emptyDir (delete_emptydir_data)"));
            }
            Fate::Bare | Fate::Goes { .. } => {
                leaving.push(Leaving {
                    namespace,
                    name,
                    leaves: json["metadata"]["deletionTimestamp"].is_string(),
                });
            }
        }
    }
    if kept.is_empty() {
        return Ok(leaving);
    }
    let detail = format!("On the node {node} are pods that would be lost: {}.", kept.join("; "));
    Err(Failure::new("Node cannot be drained", detail))
}

/// What draining means for a pod.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Stays,
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
        ];
        for (pod, expected) in table {
            assert_eq!(fate(&pod), expected, "{pod}");
        }
    }
}
