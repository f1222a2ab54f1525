//! Labels, taints and cordons.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use provider::simple::Access;
use provider_host::kit::{Context, Failure, Result};
use serde_json::{Map, Value as Json, json};
use tokio::time::Instant;
use value::Value;

use super::name_of;
use crate::cluster::client::Cluster;
use crate::cluster::live_node;

/// A taint, written as kubectl takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taint {
    pub key: String,
    pub value: String,
    pub effect: String,
}

/// Makes labels, taints and cordon of the node, once it has joined, what they are planned to be.
pub(super) async fn change(
    context: &Context,
    cluster: &Cluster,
    prior: &Value,
    planned: &Value,
    (end, timeout): (Instant, Duration),
) -> Result<()> {
    let name = name_of(planned);
    let name = name.name;
    loop {
        let changed = live_node::change(cluster, &name, |live| patch(live, prior, planned)).await;
        if changed.map_err(|trouble| trouble.failure(&format!("change the node {name}")))? {
            return Ok(());
        }
        if Instant::now() >= end {
            return Err(absent(&name, &format!("within {} s", timeout.as_secs())));
        }
        if !context.pause(POLL).await {
            return Err(absent(&name, "before groma was stopped"));
        }
    }
}

fn absent(name: &str, when: &str) -> Failure {
    let detail = format!(
        "The node {name} did not join the cluster {when}. Its kubelet registers it: look into its log there (journalctl -u kubelet)."
    );
    Failure::new("Node did not join", detail)
}

/// The change of the live node; none if it is as planned. What neither `prior` nor `planned` names is others'.
fn patch(live: &Json, prior: &Value, planned: &Value) -> Option<Json> {
    let mut labels = Map::new();
    let is = |key: &str| live["metadata"]["labels"][key].as_str();
    for (key, _) in entries(prior) {
        if is(&key).is_some() {
            labels.insert(key, Json::Null);
        }
    }
    for (key, value) in entries(planned) {
        match is(&key) == Some(value.as_str()) {
            true => drop(labels.remove(&key)),
            false => drop(labels.insert(key, Json::from(value))),
        }
    }
    let has: Vec<Taint> = live["spec"]["taints"].as_array().into_iter().flatten().map(Taint::of).collect();
    let (was, wanted) = (Taint::all(prior), Taint::all(planned));
    let mut taints = has.clone();
    taints.retain(|taint| !was.iter().any(|was| was.is_in_place_of(taint)) || wanted.contains(taint));
    for taint in wanted {
        match taints.iter_mut().find(|other| taint.is_in_place_of(other)) {
            Some(other) => *other = taint,
            None => taints.push(taint),
        }
    }
    let cordon = planned
        .flag("unschedulable")
        .filter(|wanted| *wanted != (live["spec"]["unschedulable"] == Json::Bool(true)));
    if labels.is_empty() && taints == has && cordon.is_none() {
        return None;
    }
    let mut spec = Map::new();
    if taints != has {
        // A list is replaced as a whole: what else a taint of others holds must stay.
        let known = live["spec"]["taints"].as_array().cloned().unwrap_or_default();
        let as_was = |taint: &Taint| known.iter().find(|json| Taint::of(json) == *taint).cloned();
        spec.insert(
            "taints".into(),
            taints.iter().map(|taint| as_was(taint).unwrap_or_else(|| taint.json())).collect(),
        );
    }
    if let Some(cordon) = cordon {
        spec.insert("unschedulable".into(), Json::Bool(cordon));
    }
    let version = &live["metadata"]["resourceVersion"];
    Some(json!({"metadata": {"resourceVersion": version, "labels": labels}, "spec": spec}))
}

/// The labels that an object has.
fn entries(object: &Value) -> Vec<(String, String)> {
    let Some(labels) = object.attr("labels").and_then(Value::entries) else { return Vec::new() };
    labels.iter().filter_map(|(key, value)| Some((key.to_string(), value.as_str()?.to_string()))).collect()
}

impl Taint {
    /// Those of the configuration or state.
    pub(super) fn all(object: &Value) -> Vec<Self> {
        object.texts("taints").into_iter().filter_map(|text| text.parse().ok()).collect()
    }

    pub(super) fn of(json: &Json) -> Self {
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        Self { key: text("key"), value: text("value"), effect: text("effect") }
    }

    fn json(&self) -> Json {
        match self.value.is_empty() {
            true => json!({"key": self.key, "effect": self.effect}),
            false => json!({"key": self.key, "value": self.value, "effect": self.effect}),
        }
    }

    /// Whether there is room for only one of both.
    pub(super) fn is_in_place_of(&self, other: &Self) -> bool {
        (&self.key, &self.effect) == (&other.key, &other.effect)
    }
}

impl fmt::Display for Taint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, value, effect } = self;
        if value.is_empty() { write!(f, "{key}:{effect}") } else { write!(f, "{key}={value}:{effect}") }
    }
}

impl FromStr for Taint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} has not the form KEY=VALUE:EFFECT or KEY:EFFECT, with the effect NoSchedule, PreferNoSchedule or NoExecute."
            )
        };
        let (rest, effect) = text.rsplit_once(':').ok_or_else(wrong)?;
        let (key, value) = rest.split_once('=').unwrap_or((rest, ""));
        let known = ["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect);
        if key.is_empty() || !known || rest.contains(char::is_whitespace) {
            return Err(wrong());
        }
        Ok(Self { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() })
    }
}

const POLL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use value::Type;

    use super::*;

    fn object(labels: &[(&str, &str)], taints: &[&str], unschedulable: Option<bool>) -> Value {
        let labels =
            labels.iter().map(|(key, value)| (value::Str::from(*key), Value::string(*value))).collect();
        let taints = taints.iter().map(|taint| Value::string(*taint)).collect();
        Value::object_of([
            ("labels", Value::map(Type::String, labels)),
            ("taints", Value::list(Type::String, taints)),
            ("unschedulable", unschedulable.map_or(Value::null(Type::Bool), Value::bool)),
        ])
    }

    #[test]
    fn only_ours_changes() {
        let live = json!({
            "metadata": {"resourceVersion": "7", "labels": {"theirs": "1", "a": "1", "b": "1"}},
            "spec": {"taints": [{"key": "theirs", "effect": "NoExecute", "timeAdded": "t"}, {"key": "k", "value": "1", "effect": "NoSchedule"}]},
        });
        let prior = object(&[("a", "1"), ("b", "1")], &["k=1:NoSchedule"], None);
        assert_eq!(patch(&live, &prior, &prior), None);
        let change =
            patch(&live, &prior, &object(&[("a", "2")], &["k=2:NoSchedule", "n:NoSchedule"], Some(true)));
        let expected = json!({
            "metadata": {"resourceVersion": "7", "labels": {"a": "2", "b": null}},
            "spec": {
                "taints": [{"key": "theirs", "effect": "NoExecute", "timeAdded": "t"}, {"key": "k", "value": "2", "effect": "NoSchedule"}, {"key": "n", "effect": "NoSchedule"}],
                "unschedulable": true,
            },
        });
        assert_eq!(change, Some(expected));
        let change = patch(&live, &prior, &object(&[], &[], Some(false))).expect("is one");
        assert_eq!(
            change["spec"],
            json!({"taints": [{"key": "theirs", "effect": "NoExecute", "timeAdded": "t"}]})
        );
    }

    #[test]
    fn taints_are_read_as_kubectl_reads_them() {
        for text in ["a=b:NoSchedule", "a:NoExecute", "example.com/a:PreferNoSchedule"] {
            assert_eq!(text.parse::<Taint>().map(|taint| taint.to_string()).as_deref(), Ok(text));
        }
        for text in ["a", "a:No", ":NoSchedule", "a b:NoSchedule"] {
            assert!(text.parse::<Taint>().is_err(), "{text}");
        }
    }
}
