mod change;
mod seen;

use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error};
use provider_host::kit::{Connection, Context, Failure, Host, Resource, Result, connection};
use tokio::time::Instant;
use value::{Path, Type, Value};

use self::change::Taint;
use super::apply::remove;
use super::client::Cluster;
use super::drain::Draining;
use super::live_node::{named, wait_ready};
use super::object::ObjectName;
use super::place;

/// `eksd_node`: what is ours of a node that has joined a cluster.
pub(super) struct Node;

#[async_trait]
impl Resource for Node {
    fn type_name(&self) -> &'static str {
        "eksd_node"
    }

    fn schema(&self) -> Schema {
        let text = |description: &str| Attribute::computed(Type::String).described(description);
        let flag = |description: &str| Attribute::optional_computed(Type::Bool).described(description);
        let block = Block::default()
            .described(
                "A node of a cluster, which its kubelet has registered or will: its labels and taints (those of others stay), whether pods \
                 may be put on it, and that it is ready. Destroying it removes the node from the cluster, with `drain` after moving its pods away.",
            )
            .with("name", Attribute::required(Type::String).described("The node's name."))
            .with("cluster", Attribute::optional(Type::String).described("The cluster's name, as in the components on its host: where several clusters have nodes of one name, the proof tells them apart by it."))
            .with("labels", Attribute::optional(Type::map(Type::String)).described("Labels that it is to have beside others."))
            .with("taints", Attribute::optional(Type::list(Type::String)).described("Taints that it is to have beside others, as `KEY=VALUE:EFFECT` or `KEY:EFFECT`."))
            .with("unschedulable", Attribute::optional(Type::Bool).described("Whether no further pods are put on it; as it is if not set."))
            .with("wait_ready", flag("Whether it is waited for to be ready; true if not set."))
            .with("drain", flag("Whether its pods are moved away, as disruption budgets allow, before it is removed and when it becomes unschedulable; false if not set."))
            .with("delete_emptydir_data", flag("Whether pods are moved that keep data in an emptyDir, which is lost; true if not set."))
            .with("delete_bare_pods", flag("Whether pods are deleted that no controller makes anew; false if not set."))
            .with("ready", Attribute::computed(Type::Bool).described("Whether it is ready."))
            .with("kubelet_version", text("The version of its kubelet."))
            .with("internal_ip", text("Its address inside the cluster."))
            .with("pod_cidr", text("The range of addresses of its pods."));
        let block = place::with_timeout(
            place::with_attributes(block),
            "timeout",
            "10m",
            "it may take to join and be ready, or to be removed",
        );
        Schema::new(0, place::with_timeout(block, "drain_timeout", "10m", "moving its pods away may take"))
    }

    fn has_host(&self) -> bool {
        false
    }

    /// The API is, which has other ways to it, and its trouble is not the hosts'.
    fn is_on_host(&self) -> bool {
        false
    }

    fn key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn connection(&self, _context: &Context, object: &Value) -> Result<Connection> {
        place::connection(object)
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        seen::defaults()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = place::validate(config);
        for name in ["timeout", "drain_timeout"] {
            diagnostics.extend(place::validate_timeout(config, name));
        }
        for text in config.texts("taints") {
            if let Err(reason) = text.parse::<Taint>() {
                diagnostics.push(attribute_error(&Path::from_attr("taints"), "Invalid taint", reason));
            }
        }
        if config
            .text("name")
            .is_some_and(|name| name.is_empty() || name.contains(|c: char| !c.is_ascii_graphic() || c == '/'))
        {
            diagnostics.push(attribute_error(
                &Path::from_attr("name"),
                "Invalid name",
                "It is no name of a node.",
            ));
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        let waits = plan.planned.flag("wait_ready").unwrap_or(true);
        if waits {
            plan.set("ready", Value::bool(true));
        }
        if plan.changes(&CHANGED) {
            for name in seen::TOLD {
                plan.set_unknown(name);
            }
            if !waits {
                plan.set_unknown("ready");
            }
        }
        if !plan.planned.attr("name").is_some_and(Value::is_known) || plan.changes(&["name"]) {
            plan.set_unknown("id");
        } else if let Some(name) = plan.planned.attr("name").cloned() {
            plan.set("id", name);
        }
    }

    fn named(&self, block: &Block, id: &str) -> Option<Result<Value>> {
        let parts: Vec<&str> = id.split(' ').collect();
        let object = match parts[..] {
            [host, name] | [host, name, _] if !name.is_empty() => {
                connection("hosts", host).map(|_| seen::imported(block, host, name, parts.get(2).copied()))
            }
            _ => {
                let detail = format!(
                    "The id {id:?} has not the form \"HOST NAME\" or \"HOST NAME CLUSTER\" (with spaces between)."
                );
                Err(Failure::new("Invalid import id", detail))
            }
        };
        Some(object)
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        seen::read(&Cluster::for_looking(host, current)?, current).await
    }

    /// A node that is there is not one of a creation that did not end.
    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        self.update(context, host, &Value::null(planned.ty()), planned).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let cluster = Cluster::for_changes(context, host, planned)?;
        let timeout = place::timeout(planned, "timeout");
        let end = Instant::now() + timeout;
        change::change(context, &cluster, prior, planned, (end, timeout)).await?;
        if planned.flag("unschedulable") == Some(true) && planned.flag("drain") == Some(true) {
            draining(planned).drain(&cluster, context).await?;
        }
        if planned.flag("wait_ready").unwrap_or(true) {
            let name = planned.text("name").unwrap_or_default();
            wait_ready(context, &cluster, name, |_| None, (end, timeout)).await?;
        }
        seen::filled(&cluster, planned).await
    }

    async fn delete(&self, context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let (cluster, quorum_is_lost) = Cluster::for_removal(context, host, prior)?;
        match removed(&cluster, context, prior).await {
            Err(failure) if quorum_is_lost && failure.may_wait => {
                tracing::debug!(reason = failure.detail(), "no API to remove the node from");
                host.warn(given_up(prior));
                Ok(())
            }
            done => done,
        }
    }
}

async fn removed(cluster: &Cluster, context: &Context, prior: &Value) -> Result<()> {
    if prior.flag("drain") == Some(true) {
        draining(prior).before_removal(cluster, context).await?;
    }
    remove(cluster, &name_of(prior), place::timeout(prior, "timeout")).await
}

/// A node that nothing can be told of: what comes back from a snapshot has it anyway.
fn given_up(prior: &Value) -> Diagnostic {
    let name = prior.text("name").unwrap_or_default();
    let detail = format!(
        "The node {name} went out of the state only: lost_hosts has so many of the cluster's hosts that etcd has no quorum, and the \
         API does not answer. A cluster that is restored from a snapshot may still list it: kubectl delete node {name}, unless another \
         machine takes its name.",
    );
    Diagnostic::warning("Node of a lost cluster is given up", detail)
}

/// The node as an object of the API.
fn name_of(object: &Value) -> ObjectName {
    named(object.text("name").unwrap_or_default())
}

fn draining(object: &Value) -> Draining {
    Draining::of(object, object.text("name").unwrap_or_default(), "drain_timeout")
}

/// What makes a change.
const CHANGED: [&str; 11] = [
    "hosts",
    "kubeconfig",
    "labels",
    "taints",
    "unschedulable",
    "wait_ready",
    "drain",
    "delete_emptydir_data",
    "delete_bare_pods",
    "timeout",
    "ready",
];
