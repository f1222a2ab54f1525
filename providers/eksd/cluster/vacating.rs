//! Nodes whose kubelet is switched: without pods meanwhile, and given back afterwards.

use std::time::Duration;

use diag::{Diagnostic, Diagnostics};
use provider::{Attribute, Nesting};
use provider_host::kit::{Context, Failure, Host, Result};
use serde_json::{Value as Json, json};
use tokio::time::Instant;
use value::{Str, Type, Value};

use super::apply::get;
use super::client::{CHANGING, Cluster, Trouble};
use super::drain::Draining;
use super::live_node::{change, is_ready, named, wait_ready};
use super::place;

/// A node that is to have no pods for a while.
///
/// That its cordon is ours stands on the node itself, as an annotation: a run that ends in between leaves to the next one
/// what is to be undone, and a cordon of somebody else stays.
pub(crate) struct Vacating {
    cluster: Cluster,
    draining: Draining,
    ready_timeout: Duration,
}

/// Why a node still has pods.
pub(crate) struct NotVacated {
    pub failure: Failure,
    /// Whether it may have been left cordoned by us.
    pub is_cordoned: bool,
}

impl Vacating {
    /// The attribute that says how.
    pub(crate) fn attribute() -> Attribute {
        let text = |text: String| Attribute::optional(Type::String).described(text);
        let flag = |text: &str| Attribute::optional(Type::Bool).described(text);
        let attributes = [
            ("hosts", Attribute::required(Type::list(Type::String)).described("Hosts of the cluster, as connections: the API is spoken to through the first one that reaches it.")),
            ("kubeconfig", text(format!("The path of a kubeconfig with a client's certificate on those hosts; `{}` if not set.", place::KUBECONFIG))),
            ("timeout", text("How long moving its pods away may take; `10m` if not set. If they do not go, nothing is switched, and pods may be put on the node again.".into())),
            ("ready_timeout", text("How long the node may take to be ready with its new kubelet; `10m` if not set.".into())),
            ("for_patches", flag("Whether pods are moved away also where only the patch or the release number changes, which Kubernetes does not ask for; false if not set.")),
            ("delete_emptydir_data", flag("Whether pods are moved that keep data in an emptyDir, which is lost; true if not set.")),
            ("delete_bare_pods", flag("Whether pods are deleted that no controller makes anew; false if not set.")),
        ];
        let attributes = attributes.into_iter().map(|(name, attribute)| (Str::from(name), attribute));
        Attribute::nested(Nesting::Single, attributes.collect())
    }

    /// Checks what that attribute says; `wrong` makes an error of what is wrong.
    pub(crate) fn validate(settings: &Value, wrong: impl Fn(String) -> Diagnostic) -> Diagnostics {
        let mut found = place::validate(settings);
        for name in ["timeout", "ready_timeout"] {
            found.extend(place::validate_timeout(settings, name));
        }
        let mut diagnostics = Diagnostics::new();
        for diagnostic in &found {
            diagnostics.push(wrong(diagnostic.detail.clone()));
        }
        diagnostics
    }

    pub(crate) fn new(context: &Context, host: &Host, node: &str, settings: &Value) -> Result<Self> {
        Self::with_patience(context, host, node, settings, CHANGING)
    }

    /// The same with another time that the API's being away is borne.
    pub(crate) fn with_patience(
        context: &Context,
        host: &Host,
        node: &str,
        settings: &Value,
        patience: Duration,
    ) -> Result<Self> {
        let mut draining = Draining::of(settings, node, "timeout");
        draining.otherwise = "Nothing was switched.";
        let ready_timeout = place::timeout(settings, "ready_timeout");
        Ok(Self { cluster: Cluster::beside(context, host, settings, patience)?, draining, ready_timeout })
    }

    /// Cordons the node, unless somebody has, and moves its pods away. If they do not go, that is taken back.
    pub(crate) async fn begin(&self, context: &Context) -> Result<(), NotVacated> {
        let Err(failure) = self.vacate(context).await else { return Ok(()) };
        Err(match self.release().await {
            Ok(()) => NotVacated {
                failure: failure.with_note("Pods may be put on the node as before."),
                is_cordoned: false,
            },
            Err(other) => {
                let note = format!("The node may stay cordoned until the next apply. {}", other.detail());
                NotVacated { failure: failure.with_note(&note), is_cordoned: true }
            }
        })
    }

    async fn vacate(&self, context: &Context) -> Result<()> {
        if !self.answers(context).await? {
            return Ok(());
        }
        self.cordon().await?;
        self.draining.drain(&self.cluster, context).await.map_err(of_api)
    }

    /// Waits until the node is ready with a kubelet of Kubernetes' version `core`, if one is given, and lets pods be put on it
    /// again if it was us who did not.
    pub(crate) async fn end(&self, context: &Context, core: Option<&str>) -> Result<()> {
        let end = (Instant::now() + self.ready_timeout, self.ready_timeout);
        let ready = wait_ready(context, &self.cluster, self.node(), |live| lacking(live, core), end).await;
        ready.map_err(of_api)?;
        self.release().await
    }

    /// Lets pods be put on the node again, if it was us who did not.
    pub(crate) async fn release(&self) -> Result<()> {
        let patch = |live: &Json| {
            let version = &live["metadata"]["resourceVersion"];
            is_ours(live).then(|| {
                json!({
                    "metadata": {"resourceVersion": version, "annotations": {MARK: null}},
                    "spec": {"unschedulable": null},
                })
            })
        };
        self.change("make schedulable again", patch).await
    }

    fn node(&self) -> &str {
        &self.draining.node
    }

    /// Whether the node is there and its kubelet answers, which it is given a moment to do: where it does not, there is nobody
    /// who could end pods.
    async fn answers(&self, context: &Context) -> Result<bool> {
        let end = Instant::now() + ANSWERING;
        loop {
            let live = get(&self.cluster, &named(self.node())).await;
            match live.map_err(|trouble| self.failure("look at", &trouble))? {
                None => return Ok(false),
                Some(live) if is_ready(&live) => return Ok(true),
                Some(_) if Instant::now() < end && context.pause(POLL).await => {}
                Some(_) => return Ok(false),
            }
        }
    }

    async fn cordon(&self) -> Result<()> {
        let patch = |live: &Json| {
            let version = &live["metadata"]["resourceVersion"];
            (live["spec"]["unschedulable"] != Json::Bool(true)).then(|| {
                json!({
                    "metadata": {"resourceVersion": version, "annotations": {MARK: "for a new kubelet"}},
                    "spec": {"unschedulable": true},
                })
            })
        };
        self.change("cordon", patch).await
    }

    /// Changes the node as it is. A node that is gone needs nothing.
    async fn change(&self, doing: &str, patch: impl Fn(&Json) -> Option<Json>) -> Result<()> {
        let changed = change(&self.cluster, self.node(), patch).await;
        changed.map(|_| ()).map_err(|trouble| self.failure(doing, &trouble))
    }

    fn failure(&self, doing: &str, trouble: &Trouble) -> Failure {
        of_api(trouble.failure(&format!("{doing} the node {}", self.node())))
    }
}

/// A failure of the way to the API: it says nothing of the kubelet's host, which other changes go on on, and which can be looked at.
fn of_api(mut failure: Failure) -> Failure {
    (failure.of_host, failure.transient, failure.other_machine) = (false, false, false);
    failure
}

/// Whether we cordoned it.
fn is_ours(live: &Json) -> bool {
    live["metadata"]["annotations"][MARK].is_string()
}

/// What a node lacks whose kubelet is to be of a version: what kubelets say of themselves names Kubernetes' version, and a
/// commit.
fn lacking(live: &Json, core: Option<&str>) -> Option<String> {
    let core = core?;
    let is = live["status"]["nodeInfo"]["kubeletVersion"].as_str().unwrap_or_default();
    let rest = is.strip_prefix(core);
    let fits = rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'));
    (!fits).then(|| format!("its kubelet says that it is {is}, not {core}"))
}

/// What stands on a node that we cordoned.
const MARK: &str = "eksd.groma/cordoned";

const POLL: Duration = Duration::from_secs(1);

/// How long a node that is not ready may take to be so, until its pods are left to themselves.
const ANSWERING: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kubelet_is_of_the_version_that_it_says() {
        let table = [
            ("v1.34.9-eks-a440e1e", "v1.34.9", true),
            ("v1.34.9", "v1.34.9", true),
            ("v1.34.9+x", "v1.34.9", true),
            ("v1.34.90", "v1.34.9", false),
            ("v1.33.12-eks-a440e1e", "v1.34.9", false),
            ("", "v1.34.9", false),
        ];
        for (is, core, fits) in table {
            let live = json!({"status": {"nodeInfo": {"kubeletVersion": is}}});
            assert_eq!(lacking(&live, Some(core)).is_none(), fits, "{is} {core}");
        }
        assert_eq!(lacking(&Json::Null, None), None);
    }
}
