mod rollout;
mod seen;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan, with};
use provider::{Attribute, Block, Schema, attribute_error};
use provider_host::kit::{Connection, Context, Failure, Host, Resource, Result};
use tokio::time::Instant;
use value::{Path, Str, Type, Value};

use super::apply::{Conflicts, apply, remove};
use super::client::Cluster;
use super::object::{Document, ObjectName, documents};
use super::place;

/// `eksd_manifest`: Kubernetes objects that are applied.
pub(super) struct Manifest;

#[async_trait]
impl Resource for Manifest {
    fn type_name(&self) -> &'static str {
        "eksd_manifest"
    }

    fn schema(&self) -> Schema {
        let flag = |description: &str| Attribute::optional_computed(Type::Bool).described(description);
        let block = Block::default()
            .described(
                "Kubernetes objects, applied by the server under the name `groma`: namespaces and definitions of kinds first. Drift is \
                 what differs in the fields that are written here; objects that are no longer written here are removed.",
            )
            .with("yaml", Attribute::optional(Type::String).described("The objects as YAML, one or many documents. Either this or `manifest` is set."))
            .with("manifest", Attribute::optional(Type::Dynamic).described("One object as a value."))
            .with("namespace", Attribute::optional(Type::String).described("The namespace of objects that say none; `default` if not set."))
            .with("force_conflicts", flag("Whether fields that others own are taken over; an error if false or not set."))
            .with("wait", flag("Whether roll-outs (of Deployments, DaemonSets, StatefulSets, Jobs, definitions of kinds and API services) are waited for; true if not set."))
            .with("objects", Attribute::computed(Type::list(Type::String)).described("The objects, as `VERSION KIND NAMESPACE NAME`."))
            .with("applied", Attribute::computed(Type::map(Type::String)).described("What was applied, as JSON by object; of a secret's values the digests."));
        let block = place::with_timeout(
            place::with_attributes(block),
            "timeout",
            "10m",
            "all may take to be applied and rolled out, or to be removed",
        );
        Schema::new(0, block)
    }

    fn has_host(&self) -> bool {
        false
    }

    /// The API is, which has other ways to it, and its trouble is not the hosts'.
    fn is_on_host(&self) -> bool {
        false
    }

    fn key(&self) -> &'static [&'static str] {
        &[]
    }

    fn connection(&self, _context: &Context, object: &Value) -> Result<Connection> {
        place::connection(object)
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        seen::defaults()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = place::validate(config);
        diagnostics.extend(place::validate_timeout(config, "timeout"));
        let unset = ["yaml", "manifest"].map(|name| config.is_unset(name));
        if unset[0] == unset[1] {
            let detail = "Exactly one of yaml and manifest must be set.";
            diagnostics.push(attribute_error(&Path::from_attr("yaml"), "Invalid manifest", detail));
        } else if let Some(Err(reason)) = documents(config) {
            diagnostics.push(attribute_error(&Path::from_attr(source(config)), "Invalid manifest", reason));
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        match documents(&plan.planned) {
            Some(Ok(documents)) => {
                plan.set("objects", names(&documents));
                plan.set("applied", applied(&documents));
            }
            Some(Err(reason)) => {
                let name = source(&plan.planned);
                plan.diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid manifest", reason));
            }
            None => ["objects", "applied"].into_iter().for_each(|name| plan.set_unknown(name)),
        }
    }

    fn named(&self, block: &Block, id: &str) -> Option<Result<Value>> {
        Some(seen::named(block, id))
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        seen::read(&Cluster::for_looking(host, current)?, current).await
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        self.update(context, host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let invalid = |reason: String| Failure::attribute(source(planned), "Invalid manifest", reason);
        let documents =
            documents(planned).unwrap_or_else(|| Err("It is not known.".into())).map_err(invalid)?;
        let cluster = Cluster::for_changes(context, host, planned)?;
        let timeout = place::timeout(planned, "timeout");
        let end = Instant::now() + timeout;
        let conflicts = match planned.flag("force_conflicts") {
            Some(true) => Conflicts::Force,
            _ => Conflicts::Refuse,
        };
        let mut ordered: Vec<&Document> = documents.iter().collect();
        ordered.sort_by_key(|document| document.name.rank());
        let mut rest = ordered.as_slice();
        while let Some(first) = rest.first() {
            let many = rest.iter().take_while(|document| document.name.rank() == first.name.rank()).count();
            let (same, after) = rest.split_at(many);
            for document in same {
                apply(&cluster, document, conflicts, end).await?;
            }
            if !after.is_empty() && first.name.rank() <= DEFINITIONS {
                rollout::wait(context, &cluster, same, (end, timeout)).await?;
            }
            rest = after;
        }
        for name in gone(prior, &documents).into_iter().rev() {
            remove(&cluster, &name, timeout).await?;
        }
        if planned.flag("wait").unwrap_or(true) {
            rollout::wait(context, &cluster, &ordered, (end, timeout)).await?;
        }
        let id = planned.text("id").map_or_else(|| id_of(&documents), str::to_owned);
        Ok(with(
            planned,
            [("id", Value::string(id)), ("objects", names(&documents)), ("applied", applied(&documents))],
        ))
    }

    async fn delete(&self, context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let cluster = Cluster::for_changes(context, host, prior)?;
        let mut names = listed(prior);
        names.sort_by_key(ObjectName::rank);
        for name in names.iter().rev() {
            remove(&cluster, name, place::timeout(prior, "timeout")).await?;
        }
        Ok(())
    }
}

/// The attribute that the objects come from.
fn source(object: &Value) -> &'static str {
    if object.is_unset("yaml") { "manifest" } else { "yaml" }
}

fn names(documents: &[Document]) -> Value {
    let names = documents.iter().map(|document| Value::string(document.name.to_string()));
    Value::list(Type::String, names.collect())
}

fn applied(documents: &[Document]) -> Value {
    let shown = documents
        .iter()
        .map(|document| (Str::from(document.name.to_string()), Value::string(document.shown())));
    Value::map(Type::String, shown.collect())
}

/// The objects that the state lists.
fn listed(object: &Value) -> Vec<ObjectName> {
    object.texts("objects").into_iter().filter_map(|text| text.parse().ok()).collect()
}

/// The objects that were and are no longer to be.
fn gone(prior: &Value, documents: &[Document]) -> Vec<ObjectName> {
    let mut names = listed(prior);
    names.retain(|name| documents.iter().all(|document| document.name != *name));
    names
}

/// What tells the resource from others: its first object.
fn id_of(documents: &[Document]) -> String {
    documents.first().map(|document| document.name.to_string()).unwrap_or_default()
}

/// The last rank of what others cannot do without.
const DEFINITIONS: u8 = 1;
