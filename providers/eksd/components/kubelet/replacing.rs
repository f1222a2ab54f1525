//! Another version of a kubelet: on a node without pods, where it must be.

use provider::simple::Access;
use provider_host::kit::{Context, Failure, Host, Result, Script};
use value::Value;

use super::Kubelet;
use crate::cluster::{NotVacated, Vacating};
use crate::releases::version::{Core, Version};
use crate::unit::{Names, bring, is_folder, make};

/// Says whether pods are kept off the node for a change that did not end.
pub(super) const LOOK: &str = "[ ! -e /var/lib/groma/eksd/kubelet-cordon ] || echo cordoned";

/// Noted before the node is cordoned, so that the next run ends what this one may not.
const NOTE: &str =
    "mkdir -p /var/lib/groma/eksd && printf '%s\\n' \"$node\" >/var/lib/groma/eksd/kubelet-cordon";

const FORGET: &str =
    r"rm -f /var/lib/groma/eksd/kubelet-cordon; rmdir /var/lib/groma/eksd /var/lib/groma 2>/dev/null; :";

/// Whether [`LOOK`] said so.
pub(super) fn is_noted(said: &str) -> bool {
    said.lines().any(|line| line == "cordoned")
}

/// Makes the kubelet as it is planned. Where it is of another version then, its node is without pods meanwhile, if they must
/// not be there, and ready afterwards; what an earlier run began of this is ended.
pub(super) async fn replace(
    kubelet: &Kubelet,
    context: &Context,
    host: &Host,
    prior: &Value,
    planned: &Value,
) -> Result<Value> {
    if is_folder(host) {
        return make(kubelet, context, host, prior, planned).await;
    }
    let begun = is_noted(&host.must(Script::read(LOOK), "look at the kubelet").await?.text());
    let settings = [planned, prior].into_iter().find(|object| !object.is_unset("drain"));
    let Some(settings) = settings.and_then(|object| object.attr("drain")) else {
        return if begun {
            Err(unknown(host, planned))
        } else {
            make(kubelet, context, host, prior, planned).await
        };
    };
    let runs = planned.text("state") != Some("stopped");
    let other = prior.text("version") != planned.text("version") && !planned.is_unset("drain");
    let switches = runs && other;
    if !(begun || switches) {
        return make(kubelet, context, host, prior, planned).await;
    }
    let node = planned.text("node").unwrap_or_default();
    let vacating = Vacating::new(host, node, settings)?;
    let empties = switches && asks_for_it(prior, planned, settings);
    if empties {
        // What takes long is done before pods have to go.
        bring(&Names::of(kubelet), context, host, planned).await?;
        host.must(Script::change(NOTE).var("node", node), "note that the node is cordoned").await?;
        if let Err(NotVacated { failure, is_cordoned }) = vacating.begin(context).await {
            if !is_cordoned {
                forget(host).await?;
            }
            return Err(failure);
        }
    }
    let stays = |failure: Failure| match begun || empties {
        true => failure.with_note(&format!("The node {node} stays cordoned until an apply ends well.")),
        false => failure,
    };
    let made = make(kubelet, context, host, prior, planned).await.map_err(stays)?;
    match runs {
        true => vacating.end(context, core(planned).map(|core| format!("v{core}")).as_deref()).await,
        false => vacating.release().await,
    }
    .map_err(stays)?;
    forget(host).await?;
    Ok(made.with_attr("cordoned", Value::bool(false)))
}

/// Forgets that a change has begun.
pub(super) async fn forget(host: &Host) -> Result<()> {
    if is_folder(host) {
        return Ok(());
    }
    host.must(Script::change(FORGET), "forget that the node was cordoned").await.map(|_| ())
}

/// Whether pods must not be on the node while the version changes.
fn asks_for_it(prior: &Value, planned: &Value, settings: &Value) -> bool {
    let line = |object| core(object).map(|core| (core.major, core.minor));
    line(prior).is_none() || line(prior) != line(planned) || settings.flag("for_patches") == Some(true)
}

/// Kubernetes' version.
fn core(object: &Value) -> Option<Core> {
    let version: Option<Version> = object.text("version").and_then(|text| text.parse().ok());
    version.map(|version| version.core)
}

/// An earlier run cordoned the node, and nothing says any longer how the API is reached.
fn unknown(host: &Host, planned: &Value) -> Failure {
    let node = planned.text("node").unwrap_or_default();
    let detail = format!(
        "On {}, an earlier run kept pods off the node {node} while it changed the kubelet, and did not end. Set drain again, which \
         says how the API is reached, and apply; or run `kubectl uncordon {node}`, and `rm /var/lib/groma/eksd/kubelet-cordon` on \
         the host.",
        host.name()
    );
    Failure::new("Node may still be cordoned", detail)
}
