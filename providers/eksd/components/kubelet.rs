mod replacing;
mod resolver;
mod settings;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block};
use provider_host::kit::{Context, Host, Result};
use value::{Type, Value};

use crate::cluster::Vacating;
use crate::unit::{Component, Config, Folder, Setting, remove, wrong};

pub use replacing::drains;

/// `eksd_kubelet`.
pub struct Kubelet;

#[async_trait]
impl Component for Kubelet {
    fn name(&self) -> &'static str {
        "kubelet"
    }

    fn type_name(&self) -> &'static str {
        "eksd_kubelet"
    }

    fn description(&self) -> &'static str {
        "The kubelet of a node, as a systemd unit with a KubeletConfiguration whose fields are attributes. A change ends once its \
         `/healthz` says ok; whether the node is Ready is for `eksd_node`, except with `drain`: then a change of the version ends once the \
         node is Ready with it. What pods left in `root_dir` stays on destroy."
    }

    fn programs(&self) -> &'static [&'static str] {
        &["kubelet"]
    }

    fn settings(&self) -> &'static [Setting] {
        settings::SETTINGS
    }

    fn extend(&self, block: Block) -> Block {
        let cordoned = "Whether pods were kept off the node for a change that is not known to have ended: the next apply ends it.";
        block
            .with("drain", Vacating::attribute().described(
                "Whether its node is cordoned and its pods are moved away, as disruption budgets allow, before another minor version of \
                 the kubelet starts, as Kubernetes asks for; afterwards pods may be put on it again, once it is ready. Other changes \
                 leave pods where they are: they go on while it restarts. A node that somebody else has cordoned stays so.",
            ))
            .with("cordoned", Attribute::computed(Type::Bool).described(cordoned))
            .with(resolver::STUB, Attribute::computed(Type::Bool).described("Whether the host's `/etc/resolv.conf` names systemd-resolved's stub, 127.0.0.53, which no pod reaches."))
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![("cordoned", Value::bool(false)), (resolver::STUB, Value::bool(false))]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        match config.attr("drain").filter(|drain| drain.is_known() && !drain.is_null()) {
            Some(drain) => Vacating::validate(drain, |reason| wrong("drain", reason)),
            None => Diagnostics::new(),
        }
    }

    fn plan(&self, plan: &mut Plan) {
        plan.set("cordoned", Value::bool(false));
        resolver::plan(plan);
    }

    fn derived(&self, object: &Value) -> Vec<(String, String)> {
        vec![("hostname-override".into(), object.text("node").unwrap_or_default().to_owned())]
    }

    fn config(&self) -> Option<Config> {
        Some(Config {
            path: "config",
            api_version: "kubelet.config.k8s.io/v1beta1",
            kind: "KubeletConfiguration",
        })
    }

    fn folders(&self, object: &Value) -> Vec<Folder> {
        let path = object.text("root_dir").unwrap_or_default().to_owned();
        let folder = Folder { path, mode: "0700", owner: "root:root".into() };
        if folder.path.is_empty() { Vec::new() } else { vec![folder] }
    }

    fn options(&self, _object: &Value) -> Vec<(&'static str, &'static str, String)> {
        vec![
            ("Unit", "After", "network-online.target containerd.service".into()),
            // Pods go on while it restarts.
            ("Service", "KillMode", "process".into()),
            ("Service", "Delegate", "yes".into()),
            ("Service", "UMask", "0027".into()),
        ]
    }

    fn health(&self, object: &Value) -> String {
        format!("http_ok http://127.0.0.1:{}/healthz", object.int("healthz_port").unwrap_or(10248))
    }

    fn look(&self, _object: &Value) -> Option<String> {
        Some(format!("{}\n{}", replacing::LOOK, resolver::LOOK))
    }

    fn seen(&self, object: Value, said: &str) -> Value {
        object
            .with_attr("cordoned", Value::bool(replacing::is_noted(said)))
            .with_attr(resolver::STUB, Value::bool(resolver::is_stub(said)))
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let planned = resolver::filled(host, planned).await?;
        replacing::replace(self, context, host, &Value::null(planned.ty()), &planned).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let planned = resolver::filled(host, planned).await?;
        replacing::replace(self, context, host, prior, &planned).await
    }

    async fn delete(&self, context: &Context, host: &Host, prior: &Value) -> Result<()> {
        remove(self, host, prior).await?;
        replacing::give_back(context, host, prior).await
    }
}
