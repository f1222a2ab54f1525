//! Nodes as they are.

use provider::Block;
use provider::simple::{Access, with};
use provider_host::kit::{Failure, Result};
use serde_json::Value as Json;
use value::{Type, Value};

use super::change::Taint;
use super::name_of;
use crate::cluster::apply::get;
use crate::cluster::client::Cluster;
use crate::cluster::place;
use crate::cluster::ready::{condition, is_true};

/// What only the node tells.
pub(super) const TOLD: [&str; 3] = ["kubelet_version", "internal_ip", "pod_cidr"];

pub(super) fn defaults() -> Vec<(&'static str, Value)> {
    vec![
        ("kubeconfig", Value::string(place::KUBECONFIG)),
        ("wait_ready", Value::bool(true)),
        ("drain", Value::bool(false)),
        ("delete_emptydir_data", Value::bool(true)),
        ("delete_bare_pods", Value::bool(false)),
        ("timeout", Value::string("10m")),
        ("drain_timeout", Value::string("10m")),
    ]
}

/// The object of an import.
pub(super) fn imported(block: &Block, host: &str, name: &str, cluster: Option<&str>) -> Value {
    let object = defaults()
        .into_iter()
        .fold(block.empty_value(), |object, (name, value)| object.with_attr(name, value));
    let hosts = Value::list(Type::String, vec![Value::string(host)]);
    let cluster = cluster.map_or(Value::null(Type::String), Value::string);
    with(&object, [("hosts", hosts), ("name", Value::string(name)), ("cluster", cluster)])
}

pub(super) async fn read(cluster: &Cluster, current: &Value) -> Result<Value> {
    let name = name_of(current);
    let live = get(cluster, &name)
        .await
        .map_err(|trouble| trouble.failure(&format!("look at the node {}", name.name)))?;
    Ok(live.map_or_else(|| Value::null(current.ty()), |live| observed(current, &live)))
}

/// The planned object with what is known once the change is made.
pub(super) async fn filled(cluster: &Cluster, planned: &Value) -> Result<Value> {
    let seen = read(cluster, planned).await?;
    if seen.is_null() {
        let detail = format!("The node {} was removed right after it was changed.", name_of(planned).name);
        return Err(Failure::new("Node is gone", detail));
    }
    let unknown = ["id", "ready"].into_iter().chain(TOLD);
    Ok(unknown.fold(planned.clone(), |object, name| match (object.attr(name), seen.attr(name)) {
        (Some(value), Some(seen)) if !value.is_known() => object.with_attr(name, seen.clone()),
        _ => object,
    }))
}

/// The object with what the live node says; of labels and taints only ours.
fn observed(object: &Value, live: &Json) -> Value {
    let text = |json: &Json| json.as_str().map_or_else(|| Value::null(Type::String), Value::string);
    let addresses = live["status"]["addresses"].as_array().into_iter().flatten();
    let internal = addresses.into_iter().find(|address| address["type"] == "InternalIP");
    let seen = with(
        object,
        [
            ("id", Value::string(name_of(object).name)),
            ("ready", Value::bool(condition(live, "Ready").is_some_and(is_true))),
            ("kubelet_version", text(&live["status"]["nodeInfo"]["kubeletVersion"])),
            ("internal_ip", text(internal.map_or(&Json::Null, |address| &address["address"]))),
            ("pod_cidr", text(&live["spec"]["podCIDR"])),
        ],
    );
    let seen = match object.attr("labels").and_then(Value::entries) {
        Some(labels) => {
            let is = |key: &str| live["metadata"]["labels"][key].as_str();
            let labels = labels.keys().filter_map(|key| Some((key.clone(), Value::string(is(key)?))));
            seen.with_attr("labels", Value::map(Type::String, labels.collect()))
        }
        None => seen,
    };
    let seen = match object.is_unset("taints") {
        true => seen,
        false => seen.with_attr("taints", Value::list(Type::String, taints(object, live))),
    };
    match object.is_unset("unschedulable") {
        true => seen,
        false => {
            seen.with_attr("unschedulable", Value::bool(live["spec"]["unschedulable"] == Json::Bool(true)))
        }
    }
}

/// Our taints as they are, in our words where they mean the same.
fn taints(object: &Value, live: &Json) -> Vec<Value> {
    let has: Vec<Taint> = live["spec"]["taints"].as_array().into_iter().flatten().map(Taint::of).collect();
    let seen = object.texts("taints").into_iter().filter_map(|text| {
        let taint: Taint = text.parse().ok()?;
        let other = has.iter().find(|other| taint.is_in_place_of(other))?;
        Some(if *other == taint { Value::string(text) } else { Value::string(other.to_string()) })
    });
    seen.collect()
}
