//! Whether an object has become what it is to be.

use serde_json::Value as Json;

/// How far an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ready,
    /// Not yet, and what is missing.
    Waiting(String),
    /// It will not become ready by itself.
    Failed(String),
}

/// How far a live object is. Kinds that have no roll-out are ready once they are there.
pub(super) fn state(live: &Json) -> State {
    let kind = live["kind"].as_str().unwrap_or_default();
    let group =
        live["apiVersion"].as_str().unwrap_or_default().split_once('/').map_or("", |(group, _)| group);
    let rolls = matches!((group, kind), ("apps", "Deployment" | "DaemonSet" | "StatefulSet"));
    if rolls && number(&live["status"]["observedGeneration"]) < number(&live["metadata"]["generation"]) {
        return State::Waiting("its controller has not seen it".into());
    }
    match (group, kind) {
        ("apps", "Deployment") => deployment(live),
        ("apps", "DaemonSet") => {
            let wanted = number(&live["status"]["desiredNumberScheduled"]);
            counted(live, wanted, [("updated", "updatedNumberScheduled"), ("available", "numberAvailable")])
        }
        ("apps", "StatefulSet") => {
            let wanted = live["spec"]["replicas"].as_i64().unwrap_or(1);
            if live["spec"]["updateStrategy"]["type"].as_str() == Some("OnDelete") {
                return counted(
                    live,
                    wanted,
                    [("ready", "readyReplicas"), ("available", "availableReplicas")],
                );
            }
            counted(live, wanted, [("updated", "updatedReplicas"), ("ready", "readyReplicas")])
        }
        ("batch", "Job") => job(live),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition(live),
        ("apiregistration.k8s.io", "APIService") => conditional(live, "Available"),
        ("", "Namespace") => match live["status"]["phase"].as_str() {
            Some("Terminating") => State::Waiting("it is just being removed".into()),
            _ => State::Ready,
        },
        _ => State::Ready,
    }
}

fn deployment(live: &Json) -> State {
    if let Some(condition) = condition(live, "Progressing")
        && condition["reason"].as_str() == Some("ProgressDeadlineExceeded")
    {
        return State::Failed(said(condition));
    }
    let wanted = live["spec"]["replicas"].as_i64().unwrap_or(1);
    match counted(live, wanted, [("updated", "updatedReplicas"), ("available", "availableReplicas")]) {
        State::Ready if number(&live["status"]["replicas"]) > wanted => {
            State::Waiting("replicas of the former version are still there".into())
        }
        state => state,
    }
}

fn job(live: &Json) -> State {
    if let Some(failed) = condition(live, "Failed").filter(|condition| is_true(condition)) {
        return State::Failed(said(failed));
    }
    if live["spec"]["suspend"] == Json::Bool(true) {
        return State::Ready;
    }
    conditional(live, "Complete")
}

fn definition(live: &Json) -> State {
    if let Some(refused) = condition(live, "NamesAccepted").filter(|condition| condition["status"] == "False")
    {
        return State::Failed(said(refused));
    }
    conditional(live, "Established")
}

/// Ready when a condition is true.
fn conditional(live: &Json, wanted: &str) -> State {
    match condition(live, wanted) {
        Some(condition) if is_true(condition) => State::Ready,
        Some(condition) => State::Waiting(format!("it is not {wanted}: {}", said(condition))),
        None => State::Waiting(format!("it is not {wanted}")),
    }
}

/// Ready when all counts of the status are as many as wanted.
fn counted(live: &Json, wanted: i64, counts: [(&str, &str); 2]) -> State {
    for (what, name) in counts {
        let count = number(&live["status"][name]);
        if count < wanted {
            return State::Waiting(format!("{count} of {wanted} replicas are {what}"));
        }
    }
    State::Ready
}

/// A condition of the status, by its type.
pub(super) fn condition<'a>(live: &'a Json, wanted: &str) -> Option<&'a Json> {
    live["status"]["conditions"].as_array()?.iter().find(|condition| condition["type"] == wanted)
}

pub(super) fn is_true(condition: &Json) -> bool {
    condition["status"] == "True"
}

/// The reason and message of a condition.
pub(super) fn said(condition: &Json) -> String {
    let texts = ["reason", "message"].map(|name| condition[name].as_str().unwrap_or_default());
    let texts: Vec<_> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    if texts.is_empty() { "no reason is given".into() } else { texts.join(": ") }
}

/// Why a pod does not run, in a few words; none if it does.
pub(super) fn pod_trouble(pod: &Json) -> Option<String> {
    let phase = pod["status"]["phase"].as_str().unwrap_or("Unknown");
    if phase == "Succeeded" || condition(pod, "Ready").is_some_and(is_true) {
        return None;
    }
    let statuses = ["initContainerStatuses", "containerStatuses"]
        .into_iter()
        .flat_map(|name| pod["status"][name].as_array().into_iter().flatten());
    for status in statuses {
        let container = status["name"].as_str().unwrap_or_default();
        let waiting = &status["state"]["waiting"];
        if waiting["reason"]
            .as_str()
            .is_some_and(|reason| reason != "PodInitializing" && reason != "ContainerCreating")
        {
            return Some(format!("{container}: {}", said(waiting)));
        }
        let ended = &status["state"]["terminated"];
        if ended["exitCode"].as_i64().is_some_and(|code| code != 0) {
            return Some(format!("{container} ended with {} ({})", ended["exitCode"], said(ended)));
        }
    }
    let unscheduled = condition(pod, "PodScheduled").filter(|condition| !is_true(condition));
    Some(unscheduled.map_or_else(|| format!("it is {phase}, not ready"), said))
}

fn number(json: &Json) -> i64 {
    json.as_i64().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(kind: &str, spec: Json, status: Json) -> State {
        let version = match kind {
            "Job" => "batch/v1",
            "CustomResourceDefinition" => "apiextensions.k8s.io/v1",
            "Namespace" => "v1",
            _ => "apps/v1",
        };
        state(
            &json!({"apiVersion": version, "kind": kind, "metadata": {"generation": 2}, "spec": spec, "status": status}),
        )
    }

    #[test]
    fn a_roll_out_is_done_when_kubectl_says_so() {
        let waiting = |text: &str| State::Waiting(text.into());
        let table = [
            (
                "Deployment",
                json!({"replicas": 3}),
                json!({"observedGeneration": 1}),
                waiting("its controller has not seen it"),
            ),
            (
                "Deployment",
                json!({"replicas": 3}),
                json!({"observedGeneration": 2, "updatedReplicas": 1}),
                waiting("1 of 3 replicas are updated"),
            ),
            (
                "Deployment",
                json!({"replicas": 3}),
                json!({"observedGeneration": 2, "updatedReplicas": 3, "availableReplicas": 2}),
                waiting("2 of 3 replicas are available"),
            ),
            (
                "Deployment",
                json!({"replicas": 3}),
                json!({"observedGeneration": 2, "updatedReplicas": 3, "availableReplicas": 3, "replicas": 4}),
                waiting("replicas of the former version are still there"),
            ),
            ("Deployment", json!({"replicas": 0}), json!({"observedGeneration": 2}), State::Ready),
            (
                "Deployment",
                json!({}),
                json!({"observedGeneration": 2, "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "m"}]}),
                State::Failed("ProgressDeadlineExceeded: m".into()),
            ),
            (
                "DaemonSet",
                json!({}),
                json!({"observedGeneration": 2, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 1}),
                waiting("1 of 2 replicas are available"),
            ),
            (
                "StatefulSet",
                json!({}),
                json!({"observedGeneration": 2, "updatedReplicas": 1, "readyReplicas": 1}),
                State::Ready,
            ),
            ("Job", json!({}), json!({}), waiting("it is not Complete")),
            (
                "Job",
                json!({}),
                json!({"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}),
                State::Failed("BackoffLimitExceeded".into()),
            ),
            ("Job", json!({}), json!({"conditions": [{"type": "Complete", "status": "True"}]}), State::Ready),
            (
                "CustomResourceDefinition",
                json!({}),
                json!({"conditions": [{"type": "Established", "status": "False", "reason": "Installing"}]}),
                waiting("it is not Established: Installing"),
            ),
            (
                "CustomResourceDefinition",
                json!({}),
                json!({"conditions": [{"type": "NamesAccepted", "status": "False", "reason": "Conflict"}]}),
                State::Failed("Conflict".into()),
            ),
            ("Namespace", json!({}), json!({"phase": "Active"}), State::Ready),
        ];
        for (kind, spec, status, expected) in table {
            assert_eq!(of(kind, spec.clone(), status.clone()), expected, "{kind} {spec} {status}");
        }
    }

    #[test]
    fn why_a_pod_does_not_run_is_said_in_a_few_words() {
        let pod = |status: Json| pod_trouble(&json!({"status": status}));
        assert_eq!(
            pod(json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]})),
            None
        );
        assert_eq!(pod(json!({"phase": "Succeeded"})), None);
        let waiting = json!({"phase": "Pending", "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}]});
        assert_eq!(pod(waiting).as_deref(), Some("c: ImagePullBackOff: no such image"));
        let unscheduled = json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}]});
        assert_eq!(pod(unscheduled).as_deref(), Some("Unschedulable: 0/3 nodes"));
    }
}
