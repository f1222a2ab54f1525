//! Applied objects as they are in the cluster.

use futures::{StreamExt, TryStreamExt};
use provider::Block;
use provider::simple::{Access, with};
use provider_host::kit::{Failure, Result, connection};
use serde_json::Value as Json;
use value::{Str, Type, Value};

use super::listed;
use crate::cluster::apply::{get, would_be};
use crate::cluster::client::{Cluster, Trouble};
use crate::cluster::drift::restricted;
use crate::cluster::object::{Document, ObjectName, documents, shown};
use crate::cluster::place;

pub(super) fn defaults() -> Vec<(&'static str, Value)> {
    vec![
        ("kubeconfig", Value::string(place::KUBECONFIG)),
        ("force_conflicts", Value::bool(false)),
        ("wait", Value::bool(true)),
        ("timeout", Value::string("10m")),
    ]
}

/// The object of an import id, `HOST VERSION KIND NAMESPACE NAME, VERSION KIND NAMESPACE NAME...`.
pub(super) fn named(block: &Block, id: &str) -> Result<Value> {
    let wrong = |reason: String| {
        let detail = format!(
            "The id {id:?} has not the form \"HOST VERSION KIND NAMESPACE NAME\", more objects after commas: {reason}."
        );
        Failure::new("Invalid import id", detail)
    };
    let (host, names) = id.split_once(' ').ok_or_else(|| wrong("there is no space in it".into()))?;
    connection("hosts", host).map_err(|failure| wrong(failure.detail().trim_end_matches('.').to_owned()))?;
    let names = names.split(',').map(|name| name.trim().parse::<ObjectName>().map_err(wrong));
    let names = names.collect::<Result<Vec<_>>>()?;
    let names: Vec<Value> = names.iter().map(|name| Value::string(name.to_string())).collect();
    let first = names.first().cloned().unwrap_or_else(|| Value::null(Type::String));
    let object = defaults()
        .into_iter()
        .fold(block.empty_value(), |object, (name, value)| object.with_attr(name, value));
    let hosts = Value::list(Type::String, vec![Value::string(host)]);
    Ok(with(&object, [("id", first), ("hosts", hosts), ("objects", Value::list(Type::String, names))]))
}

/// The resource as it is: null if none of its objects is there.
pub(super) async fn read(cluster: &Cluster, current: &Value) -> Result<Value> {
    let documents = documents(current).and_then(std::result::Result::ok).unwrap_or_default();
    let mut names = listed(current);
    if names.is_empty() {
        // A creation that did not end.
        names = documents.iter().map(|document| document.name.clone()).collect();
    }
    let documents = &documents;
    let reads = names.into_iter().map(|name| async move {
        let document = documents.iter().find(|document| document.name == name);
        let seen = one(cluster, &name, document).await;
        let seen = seen.map_err(|trouble| trouble.failure(&format!("look at {name}")))?;
        Ok::<_, Failure>(seen.map(|json| (name.to_string(), Value::string(shown(&name, &json)))))
    });
    let seen: Vec<_> = futures::stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
    let seen: Vec<_> = seen.into_iter().flatten().collect();
    let Some((first, _)) = seen.first() else { return Ok(Value::null(current.ty())) };
    let id = current.text("id").unwrap_or(first);
    let objects = seen.iter().map(|(name, _)| Value::string(name)).collect();
    let applied = seen.iter().map(|(name, json)| (Str::from(name), json.clone())).collect();
    Ok(with(
        current,
        [
            ("id", Value::string(id)),
            ("objects", Value::list(Type::String, objects)),
            ("applied", Value::map(Type::String, applied)),
        ],
    ))
}

/// An object in the fields that were applied; all that was asked for of one that is not written down.
async fn one(
    cluster: &Cluster,
    name: &ObjectName,
    document: Option<&Document>,
) -> Result<Option<Json>, Trouble> {
    let Some(live) = get(cluster, name).await? else { return Ok(None) };
    let Some(document) = document else { return Ok(Some(asked_for(live))) };
    let Some(kind) = cluster.kind(&name.api_version, &name.kind).await? else { return Ok(None) };
    let made = match would_be(cluster, &kind, document).await {
        Ok(made) => made,
        // What cannot be tried is compared as it is written.
        Err(Trouble::Refused(_)) => document.json.clone(),
        Err(trouble) => return Err(trouble),
    };
    Ok(Some(restricted(&document.json, &asked_for(made), &asked_for(live))))
}

/// An object without what the server adds to every one.
fn asked_for(mut live: Json) -> Json {
    if let Some(object) = live.as_object_mut() {
        object.remove("status");
    }
    if let Some(metadata) = live.get_mut("metadata").and_then(Json::as_object_mut) {
        for name in ["managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink"]
        {
            metadata.remove(name);
        }
    }
    live
}

/// How many objects are looked at beside each other.
const AT_ONCE: usize = 6;
