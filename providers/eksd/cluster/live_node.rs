//! Nodes as objects of the API: changing them, and waiting for them to be ready.

use std::time::Duration;

use kube::api::{Patch, PatchParams};
use provider_host::kit::{Context, Failure, Result};
use serde_json::Value as Json;
use tokio::time::Instant;

use super::apply::{MANAGER, get};
use super::client::{Cluster, Trouble};
use super::object::ObjectName;
use super::ready::{condition, is_true, said};

/// A node by its name.
pub(super) fn named(node: &str) -> ObjectName {
    ObjectName { api_version: "v1".into(), kind: "Node".into(), namespace: None, name: node.to_owned() }
}

/// Sends a merge patch to the node.
pub(super) async fn patched(cluster: &Cluster, node: &str, patch: &Json) -> Result<(), Trouble> {
    let name = named(node);
    let Some(kind) = cluster.kind(&name.api_version, &name.kind).await? else {
        return Err(Trouble::Other("the API serves no nodes".into()));
    };
    let api = cluster.api(&kind, None);
    let params = PatchParams { field_manager: Some(MANAGER.into()), ..PatchParams::default() };
    let merge = Patch::Merge(patch);
    cluster.call(|| api.patch(node, &params, &merge)).await.map(|_| ())
}

/// Changes the node as it is, again where somebody else does so at the same time. Says whether it is there.
pub(super) async fn change(
    cluster: &Cluster,
    node: &str,
    patch: impl Fn(&Json) -> Option<Json>,
) -> Result<bool, Trouble> {
    let mut conflicts = 0;
    loop {
        let Some(live) = get(cluster, &named(node)).await? else { return Ok(false) };
        let Some(patch) = patch(&live) else { return Ok(true) };
        match patched(cluster, node, &patch).await {
            Err(trouble) if trouble.is_conflict() && conflicts < CONFLICTS => conflicts += 1,
            answer => return answer.map(|()| true),
        }
    }
}

/// Whether its kubelet says that it is ready.
pub(super) fn is_ready(live: &Json) -> bool {
    condition(live, "Ready").is_some_and(is_true)
}

/// Waits until the node is ready, and `lacks` finds nothing more that it lacks.
pub(super) async fn wait_ready(
    context: &Context,
    cluster: &Cluster,
    node: &str,
    lacks: impl Fn(&Json) -> Option<String>,
    (end, timeout): (Instant, Duration),
) -> Result<()> {
    let name = named(node);
    loop {
        let live = get(cluster, &name)
            .await
            .map_err(|trouble| trouble.failure(&format!("look at the node {node}")))?;
        let live = live.unwrap_or_default();
        let lacking = lacks(&live);
        if is_ready(&live) && lacking.is_none() {
            return Ok(());
        }
        if let Some(when) = ended(context, POLL, (end, timeout)).await {
            let what = if is_ready(&live) { lacking.unwrap_or_default() } else { troubles(&live) };
            let detail = format!("{when}, the node {node} is not ready: {what}.");
            return Err(Failure::new("Node is not ready", detail));
        }
    }
}

/// Waits a moment; says when it was, as a sentence begins, if nothing is waited for any longer.
pub(super) async fn ended(
    context: &Context,
    time: Duration,
    (end, timeout): (Instant, Duration),
) -> Option<String> {
    if Instant::now() >= end {
        return Some(format!("After {} s", timeout.as_secs()));
    }
    (!context.pause(time).await).then(|| "When groma was stopped".to_owned())
}

/// The conditions that are not as they should be.
fn troubles(live: &Json) -> String {
    let conditions = live["status"]["conditions"].as_array().into_iter().flatten();
    let bad = conditions.filter(|condition| (condition["type"] == "Ready") != is_true(condition));
    let texts: Vec<_> = bad
        .map(|condition| {
            let text = |name: &str| condition[name].as_str().unwrap_or_default();
            format!("{} is {} ({})", text("type"), text("status"), said(condition).trim_end_matches('.'))
        })
        .collect();
    if texts.is_empty() { "its kubelet has said nothing yet".into() } else { texts.join(", ") }
}

const POLL: Duration = Duration::from_secs(1);

/// How often a change is tried again that others' changes got in between.
const CONFLICTS: u32 = 20;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_that_are_not_as_they_should_be_are_said() {
        let live = json!({"status": {"conditions": [
            {"type": "MemoryPressure", "status": "False", "reason": "KubeletHasSufficientMemory"},
            {"type": "DiskPressure", "status": "True", "reason": "KubeletHasDiskPressure", "message": "m."},
            {"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "container runtime network not ready"},
        ]}});
        let expected = "DiskPressure is True (KubeletHasDiskPressure: m), Ready is False (KubeletNotReady: container runtime network not ready)";
        assert_eq!(troubles(&live), expected);
    }
}
