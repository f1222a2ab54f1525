//! Waiting until objects are what they are to be.

use std::time::Duration;

use kube::api::ListParams;
use provider_host::kit::{Context, Failure, Result};
use serde_json::Value as Json;
use tokio::time::Instant;

use crate::cluster::apply::get;
use crate::cluster::client::Cluster;
use crate::cluster::object::{Document, Name};
use crate::cluster::ready::{State, pod_trouble, state};

/// Waits until all objects are ready, or `end`, which is some time after the beginning.
pub(super) async fn wait(
    context: &Context,
    cluster: &Cluster,
    documents: &[&Document],
    (end, timeout): (Instant, Duration),
) -> Result<()> {
    let mut waiting: Vec<&Name> = documents.iter().map(|document| &document.name).collect();
    loop {
        let mut still = Vec::new();
        for name in waiting {
            let live =
                get(cluster, name).await.map_err(|trouble| trouble.failure(&format!("look at {name}")))?;
            let live = live.unwrap_or_default();
            let reason = match state(&live) {
                _ if live.is_null() => "somebody removed it".to_owned(),
                State::Ready => continue,
                State::Failed(reason) => {
                    let detail = format!(
                        "{name} will not become ready: {reason}.{}",
                        pods(cluster, name, &live).await
                    );
                    return Err(Failure::new("Roll-out failed", detail));
                }
                State::Waiting(reason) => reason,
            };
            still.push((name, live, reason));
        }
        let Some((name, live, reason)) = still.first() else { return Ok(()) };
        if Instant::now() >= end {
            let others = match still.len() - 1 {
                0 => String::new(),
                others => format!(" {others} more are not ready, too."),
            };
            let detail = format!(
                "After {} s, {name} is not ready: {reason}.{}{others}",
                timeout.as_secs(),
                pods(cluster, name, live).await
            );
            return Err(Failure::new("Roll-out takes too long", detail));
        }
        if !context.pause(POLL).await {
            let detail = format!("The roll-out of {name} was not waited for: {reason}.");
            return Err(Failure::new("Stopped while waiting", detail));
        }
        waiting = still.into_iter().map(|(name, _, _)| name).collect();
    }
}

/// What is wrong with the pods of a workload, as sentences.
async fn pods(cluster: &Cluster, name: &Name, live: &Json) -> String {
    let labels = live["spec"]["selector"]["matchLabels"].as_object();
    let labels =
        labels.into_iter().flatten().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)));
    let labels: Vec<_> = labels.collect();
    let Ok(Some(kind)) = cluster.kind("v1", "Pod").await else { return String::new() };
    if labels.is_empty() {
        return String::new();
    }
    let api = cluster.api(&kind, name.namespace.as_deref());
    let wanted = ListParams::default().labels(&labels.join(","));
    let Ok(pods) = cluster.call(|| api.list(&wanted)).await else { return String::new() };
    let troubles = pods.items.iter().filter_map(|pod| {
        let trouble = pod_trouble(&serde_json::to_value(pod).ok()?)?;
        Some(format!(" Pod {}: {trouble}.", pod.metadata.name.as_deref().unwrap_or_default()))
    });
    troubles.take(MOST_PODS).collect()
}

const POLL: Duration = Duration::from_secs(1);
/// How many pods an error tells of.
const MOST_PODS: usize = 3;
