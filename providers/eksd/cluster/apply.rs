//! Putting objects into a cluster and removing them.

use std::time::Duration;

use kube::api::{DeleteParams, Patch, PatchParams};
use kube::core::{DynamicObject, Status};
use provider_host::kit::{Failure, Result};
use serde_json::Value as Json;
use tokio::time::Instant;

use super::client::{Cluster, Kind, Trouble};
use super::object::{Document, ObjectName};

/// Who groma is to the API: the owner of the fields that it applies.
pub(super) const MANAGER: &str = "groma";

/// What happens with fields that others own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conflicts {
    Refuse,
    Force,
}

/// Applies an object. A kind that is not served yet, and a namespace that is just being removed, are waited for.
pub(super) async fn apply(
    cluster: &Cluster,
    document: &Document,
    conflicts: Conflicts,
    end: Instant,
) -> Result<Json> {
    let name = &document.name;
    let kind = served(cluster, name, end).await?;
    let params = PatchParams { force: conflicts == Conflicts::Force, ..PatchParams::apply(MANAGER) }
        .validation_strict();
    loop {
        let trouble = match send(cluster, &kind, document, &params).await {
            Ok(live) => return Ok(live),
            Err(trouble) => trouble,
        };
        let leaving = matches!(&trouble, Trouble::Refused(status) if status.code == 403 && status.message.contains("being terminated"));
        match &trouble {
            Trouble::Refused(status) if status.code == 409 => return Err(conflict(name, status)),
            _ if leaving && Instant::now() < end && cluster.pause(POLL).await => {}
            _ => return Err(trouble.failure(&format!("apply {name}"))),
        }
    }
}

/// What applying an object would make of the one that is there, without doing it.
pub(super) async fn would_be(cluster: &Cluster, kind: &Kind, document: &Document) -> Result<Json, Trouble> {
    let params = PatchParams::apply(MANAGER).force().dry_run();
    send(cluster, kind, document, &params).await
}

async fn send(
    cluster: &Cluster,
    kind: &Kind,
    document: &Document,
    params: &PatchParams,
) -> Result<Json, Trouble> {
    let ObjectName { namespace, name, .. } = &document.name;
    let api = cluster.api(kind, namespace.as_deref());
    let mut json = document.json.clone();
    if let Some(metadata) = json.get_mut("metadata").and_then(Json::as_object_mut) {
        match kind.is_namespaced {
            true => drop(
                metadata.insert("namespace".into(), Json::from(namespace.as_deref().unwrap_or("default"))),
            ),
            false => drop(metadata.remove("namespace")),
        }
    }
    let patch = Patch::Apply(&json);
    cluster.call(|| api.patch(name, params, &patch)).await.map(|object| as_json(&object))
}

/// An object as it is; none if it or its kind is not there.
pub(super) async fn get(cluster: &Cluster, name: &ObjectName) -> Result<Option<Json>, Trouble> {
    let Some(kind) = cluster.kind(&name.api_version, &name.kind).await? else { return Ok(None) };
    let api = cluster.api(&kind, name.namespace.as_deref());
    let found = cluster.call(|| api.get_opt(&name.name)).await?;
    Ok(found.as_ref().map(as_json))
}

/// Removes an object, and waits until it is gone.
pub(super) async fn remove(cluster: &Cluster, name: &ObjectName, timeout: Duration) -> Result<()> {
    let end = Instant::now() + timeout;
    let doing = format!("remove {name}");
    let fails = |trouble: Trouble| {
        let failure = trouble.failure(&doing);
        if failure.may_wait { failure.with_note(IN_ITS_WAY) } else { failure }
    };
    let Some(found) = get(cluster, name).await.map_err(fails)? else { return Ok(()) };
    let Some(kind) = cluster.kind(&name.api_version, &name.kind).await.map_err(fails)? else { return Ok(()) };
    let api = cluster.api(&kind, name.namespace.as_deref());
    // As kubectl does: what belongs to it goes after it, so that nothing hangs where no controller runs.
    let background = DeleteParams::background();
    match cluster.call(|| api.delete(&name.name, &background)).await {
        Err(trouble) if trouble.is_missing() => return Ok(()),
        answer => answer.map_err(fails)?,
    };
    loop {
        match get(cluster, name).await.map_err(fails)? {
            Some(live) if live["metadata"]["uid"] == found["metadata"]["uid"] => {
                if Instant::now() >= end {
                    let when = format!("{} s after it was to be removed", timeout.as_secs());
                    return Err(stuck("Object is not removed", name, &live, &when));
                }
                if !cluster.pause(POLL).await {
                    return Err(stuck("Stopped while waiting", name, &live, "when groma was stopped"));
                }
            }
            _ => return Ok(()),
        }
    }
}

/// The kind of an object, which is waited for a while: it may just have been defined.
async fn served(cluster: &Cluster, name: &ObjectName, end: Instant) -> Result<Kind> {
    let end = end.min(Instant::now() + DEFINED);
    loop {
        let found = cluster.kind(&name.api_version, &name.kind).await;
        if let Some(kind) =
            found.map_err(|trouble| trouble.failure(&format!("look for the kind of {name}")))?
        {
            return Ok(kind);
        }
        if Instant::now() >= end || !cluster.pause(POLL).await {
            let detail = format!(
                "The API serves no {} of {}. What defines it must come first: its CustomResourceDefinition in the same yaml, or an \
                 eksd_manifest that this one depends on.",
                name.kind, name.api_version
            );
            return Err(Failure::new("Unknown kind of object", detail));
        }
    }
}

/// Fields of the object that somebody else owns.
fn conflict(name: &ObjectName, status: &Status) -> Failure {
    let causes = status.details.as_ref().map(|details| details.causes.as_slice()).unwrap_or_default();
    let fields = causes
        .iter()
        .map(|cause| format!("{} ({})", cause.field, cause.message))
        .collect::<Vec<_>>()
        .join(", ");
    let fields = if fields.is_empty() { status.message.trim_end_matches('.').to_owned() } else { fields };
    let detail = format!(
        "Others own fields of {name}, with other values: {fields}. Leave the fields out, or set force_conflicts = true to take them over."
    );
    Failure::new("Fields are managed by others", detail)
}

/// An object that is still there, and what it waits for.
fn stuck(summary: &str, name: &ObjectName, live: &Json, when: &str) -> Failure {
    let finalizers: Vec<_> = live["metadata"]["finalizers"]
        .as_array()
        .into_iter()
        .chain(live["spec"]["finalizers"].as_array())
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    let conditions = live["status"]["conditions"].as_array().into_iter().flatten();
    let said = conditions
        .filter(|condition| condition["status"] == "True")
        .filter_map(|condition| condition["message"].as_str());
    let said: String = said.map(|text| format!(" {}.", text.trim_end_matches('.'))).collect();
    let held = match finalizers.as_slice() {
        [] => "Nothing says what it waits for.".to_owned(),
        some => format!("It waits for what removes its finalizers: {}.", some.join(", ")),
    };
    Failure::new(summary, format!("{name} was still there {when}. {held}{said}"))
}

fn as_json(object: &DynamicObject) -> Json {
    serde_json::to_value(object).unwrap_or_default()
}

const POLL: Duration = Duration::from_secs(1);
/// How long a kind may take to be served.
const DEFINED: Duration = Duration::from_secs(30);

/// What is removed goes before what it depends on changes, so that a replacement can be in the way of the API's own repair.
const IN_ITS_WAY: &str = "If the plan would repair the API servers, and this only replaces a tainted object, say that it is not \
     (groma untaint ADDRESS) and apply again: it is then changed in place, after them. If it is to go, repair them first, with -target.";
