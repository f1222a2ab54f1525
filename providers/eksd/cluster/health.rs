use async_trait::async_trait;
use diag::Diagnostics;
use kube::Api;
use kube::api::ListParams;
use provider::simple::with;
use provider::{Attribute, Block, Schema};
use provider_host::kit::{Connection, Data, Host, Result};
use serde_json::Value as Json;
use value::{Type, Value};

use super::client::{Cluster, Trouble};
use super::place;
use super::ready::{condition, is_true, pod_trouble, said};

/// `data.eksd_cluster_health`: how a cluster is, as its API tells.
pub(super) struct ClusterHealth;

#[async_trait]
impl Data for ClusterHealth {
    fn type_name(&self) -> &'static str {
        "eksd_cluster_health"
    }

    fn schema(&self) -> Schema {
        let computed = |ty: Type, description: &str| Attribute::computed(ty).described(description);
        let block = Block::default()
            .described(
                "How a cluster is, as its API tells: the API servers, each asked through its host, the nodes, and the pods of kube-system that \
                 are not ready. That nothing answers is an answer, too.",
            )
            .with("healthy", computed(Type::Bool, "Whether all API servers and nodes are ready, etcd answers each of them, and all pods of kube-system are ready."))
            .with("version", computed(Type::String, "The version of the API server that answered first; null if none did."))
            .with("etcd_healthy", computed(Type::Bool, "Whether each API server that answers reaches etcd."))
            .with("apiservers", computed(Type::list(server_type()), "The API servers, in the order of `hosts`."))
            .with("nodes", computed(Type::list(node_type()), "The nodes."))
            .with("pods_not_ready", computed(Type::list(pod_type()), "The pods of kube-system that are not ready."));
        Schema::new(0, place::with_attributes(block))
    }

    fn has_host(&self) -> bool {
        false
    }

    fn connection(&self, config: &Value) -> Result<Connection> {
        place::connection(config)
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        place::validate(config)
    }

    async fn read(&self, host: &Host, config: &Value) -> Result<Value> {
        let config = match provider::simple::Access::text(config, "kubeconfig") {
            Some(_) => config.clone(),
            None => config.with_attr("kubeconfig", Value::string(place::KUBECONFIG)),
        };
        let cluster = Cluster::for_looking(host, &config)?;
        let each: Vec<_> = cluster.each().collect();
        let servers =
            futures::future::join_all(each.iter().map(|(name, cluster)| Server::ask(name, cluster))).await;
        let is_up = servers.iter().any(|server| server.version.is_some());
        let (nodes, pods) = match is_up {
            true => (list(&cluster, "Node", None).await?, list(&cluster, "Pod", Some("kube-system")).await?),
            false => (Vec::new(), Vec::new()),
        };
        let pods: Vec<Value> = pods.iter().filter_map(pod).collect();
        let etcd = is_up
            && servers.iter().all(|server| server.failing.iter().all(|check| !check.starts_with("etcd")));
        let ready = |node: &Json| condition(node, "Ready").is_some_and(is_true);
        let healthy =
            etcd && servers.iter().all(|server| server.ready) && nodes.iter().all(ready) && pods.is_empty();
        let version = servers.iter().find_map(|server| server.version.as_deref());
        Ok(with(
            &config,
            [
                ("id", Value::string("health")),
                ("healthy", Value::bool(healthy)),
                ("version", text(version)),
                ("etcd_healthy", Value::bool(etcd)),
                ("apiservers", Value::list(server_type(), servers.iter().map(Server::value).collect())),
                ("nodes", Value::list(node_type(), nodes.iter().map(node).collect())),
                ("pods_not_ready", Value::list(pod_type(), pods)),
            ],
        ))
    }
}

/// An API server, as it says of itself.
struct Server {
    host: String,
    ready: bool,
    version: Option<String>,
    /// The checks that do not pass.
    failing: Vec<String>,
    /// Why it does not answer.
    message: Option<String>,
}

impl Server {
    async fn ask(host: &str, cluster: &Cluster) -> Self {
        let server =
            Self { host: host.to_owned(), ready: false, version: None, failing: Vec::new(), message: None };
        let version = match cluster.once(cluster.client.apiserver_version()).await {
            Ok(version) => Some(version.git_version),
            Err(trouble) => return Self { message: Some(trouble.text()), ..server },
        };
        let request = http::Request::get("/readyz?verbose").body(Vec::new());
        let request = match request {
            Ok(request) => request,
            Err(error) => return Self { version, message: Some(error.to_string()), ..server },
        };
        match cluster.once(cluster.client.request_text(request)).await {
            Ok(_) => Self { ready: true, version, ..server },
            Err(Trouble::Refused(status)) => {
                let failing = failing(&status.message);
                let message = failing.is_empty().then(|| status.message.trim().to_owned());
                Self { version, failing, message, ..server }
            }
            Err(trouble) => Self { version, message: Some(trouble.text()), ..server },
        }
    }

    fn value(&self) -> Value {
        Value::object_of([
            ("host", Value::string(&self.host)),
            ("ready", Value::bool(self.ready)),
            ("version", text(self.version.as_deref())),
            ("failing", Value::list(Type::String, self.failing.iter().map(Value::string).collect())),
            ("message", text(self.message.as_deref())),
        ])
    }
}

/// The checks that do not pass, of what `/readyz?verbose` answers.
fn failing(answer: &str) -> Vec<String> {
    let lines = answer.lines().filter_map(|line| line.trim().strip_prefix("[-]"));
    lines.map(|line| line.split_whitespace().next().unwrap_or_default().to_owned()).collect()
}

async fn list(cluster: &Cluster, kind: &str, namespace: Option<&str>) -> Result<Vec<Json>> {
    let fails = |trouble: Trouble| trouble.failure(&format!("list the cluster's {kind}s"));
    let Some(kind) = cluster.kind("v1", kind).await.map_err(fails)? else { return Ok(Vec::new()) };
    let api: Api<_> = cluster.api(&kind, namespace);
    let all = ListParams::default();
    let found = cluster.call(|| api.list(&all)).await.map_err(fails)?;
    Ok(found.items.iter().map(|object| serde_json::to_value(object).unwrap_or_default()).collect())
}

fn node(live: &Json) -> Value {
    let addresses = live["status"]["addresses"].as_array().into_iter().flatten();
    let internal = addresses.into_iter().find(|address| address["type"] == "InternalIP");
    let is_ready = condition(live, "Ready").is_some_and(is_true);
    let message = match (is_ready, condition(live, "Ready")) {
        (true, _) => None,
        (false, Some(condition)) => Some(said(condition)),
        (false, None) => Some("its kubelet has said nothing yet".to_owned()),
    };
    Value::object_of([
        ("name", text(live["metadata"]["name"].as_str())),
        ("ready", Value::bool(is_ready)),
        ("unschedulable", Value::bool(live["spec"]["unschedulable"] == Json::Bool(true))),
        ("kubelet_version", text(live["status"]["nodeInfo"]["kubeletVersion"].as_str())),
        ("internal_ip", text(internal.and_then(|address| address["address"].as_str()))),
        ("message", text(message.as_deref())),
    ])
}

fn pod(live: &Json) -> Option<Value> {
    let trouble = pod_trouble(live)?;
    Some(Value::object_of([
        ("name", text(live["metadata"]["name"].as_str())),
        ("node", text(live["spec"]["nodeName"].as_str())),
        ("message", Value::string(trouble)),
    ]))
}

fn text(text: Option<&str>) -> Value {
    text.map_or_else(|| Value::null(Type::String), Value::string)
}

fn server_type() -> Type {
    Type::object([
        ("host", Type::String),
        ("ready", Type::Bool),
        ("version", Type::String),
        ("failing", Type::list(Type::String)),
        ("message", Type::String),
    ])
}

fn node_type() -> Type {
    Type::object([
        ("name", Type::String),
        ("ready", Type::Bool),
        ("unschedulable", Type::Bool),
        ("kubelet_version", Type::String),
        ("internal_ip", Type::String),
        ("message", Type::String),
    ])
}

fn pod_type() -> Type {
    Type::object([("name", Type::String), ("node", Type::String), ("message", Type::String)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_that_do_not_pass_are_found() {
        let answer = "[+]ping ok\n[-]etcd failed: reason withheld\n[+]log ok\n[-]poststarthook/a failed: x\nreadyz check failed\n";
        assert_eq!(failing(answer), ["etcd", "poststarthook/a"]);
    }
}
