//! Another version of a kubelet: on a node without pods, where it must be.

use std::time::Duration;

use provider::simple::Access;
use provider_host::kit::{Context, Failure, Host, Result, Script};
use value::Value;

use super::Kubelet;
use crate::cluster::{NotVacated, Vacating};
use crate::releases::version::{Core, Version};
use crate::unit::{Names, bring, is_folder, make};

/// Says whether pods are kept off the node for a change that did not end.
pub(super) const LOOK: &str = "[ ! -e \"$R/var/lib/groma/eksd/kubelet-cordon\" ] || echo cordoned";

/// Noted before the node is cordoned, so that the next run ends what this one may not.
const NOTE: &str =
    "mkdir -p /var/lib/groma/eksd && printf '%s\\n' \"$node\" >/var/lib/groma/eksd/kubelet-cordon";

const FORGET: &str = r#"rm -f "$R/var/lib/groma/eksd/kubelet-cordon"; rmdir "$R/var/lib/groma/eksd" "$R/var/lib/groma" 2>/dev/null; :"#;

/// How long a kubelet that goes waits for the API, to give its node back.
const PATIENCE: Duration = Duration::from_secs(15);

/// Whether [`LOOK`] said so.
pub(super) fn is_noted(said: &str) -> bool {
    said.lines().any(|line| line == "cordoned")
}

/// Whether a change moves the pods of the node away: one that goes to another minor version, or to any other where that is asked
/// for. One that is made anew has no node that it could ask for, and one that is stopped is not switched.
pub fn drains(prior: &Value, planned: &Value) -> bool {
    let line = |object| core(object).map(|core| (core.major, core.minor));
    let Some(settings) = planned.attr("drain").filter(|_| !planned.is_unset("drain")) else { return false };
    switches(prior, planned)
        && (line(prior).is_none()
            || line(prior) != line(planned)
            || settings.flag("for_patches") == Some(true))
}

/// Whether another version starts in the place of one that is there.
fn switches(prior: &Value, planned: &Value) -> bool {
    !prior.is_null()
        && !planned.is_null()
        && planned.text("state") != Some("stopped")
        && prior.text("version") != planned.text("version")
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
    let begun = is_noted(&host.must(Script::read(LOOK), "look at the kubelet").await?.text());
    // Nothing runs in a folder, so that nothing is begun there.
    if is_folder(host) && !begun {
        return make(kubelet, context, host, prior, planned).await;
    }
    let settings = [planned, prior].into_iter().find(|object| !object.is_unset("drain"));
    let Some(settings) = settings.and_then(|object| object.attr("drain")) else {
        return if begun {
            Err(unknown(host, planned))
        } else {
            make(kubelet, context, host, prior, planned).await
        };
    };
    let runs = planned.text("state") != Some("stopped");
    let switches = switches(prior, planned) && !planned.is_unset("drain");
    if !(begun || switches) {
        return make(kubelet, context, host, prior, planned).await;
    }
    let node = planned.text("node").unwrap_or_default();
    let vacating = Vacating::new(context, host, node, settings)?;
    let empties = drains(prior, planned) && !is_folder(host);
    if empties {
        // What takes long is done before pods have to go.
        bring(&Names::of(kubelet), context, host, planned).await?;
        host.must(Script::change(NOTE).var("node", node), "note that the node is cordoned").await?;
        if let Err(NotVacated { failure, is_cordoned }) = vacating.begin(context).await {
            return Err(match is_cordoned {
                true => failure,
                false => also(failure, forget(host).await),
            });
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

/// Lets pods be put on the node of a kubelet that was removed while they were kept off it. If the API does not do it, the note
/// stays: a kubelet that is made there ends it.
pub(super) async fn give_back(context: &Context, host: &Host, prior: &Value) -> Result<()> {
    if !is_noted(&host.must(Script::read(LOOK), "look for a cordon").await?.text()) {
        return Ok(());
    }
    let node = prior.text("node").unwrap_or_default();
    let released = match prior.attr("drain").filter(|_| !prior.is_unset("drain")) {
        Some(settings) => Vacating::with_patience(context, host, node, settings, PATIENCE)?.release().await,
        None => return Ok(()),
    };
    match released {
        Ok(()) => forget(host).await,
        Err(failure) => {
            tracing::warn!(node, reason = failure.detail(), "the node may stay cordoned");
            Ok(())
        }
    }
}

/// A failure, with what failed after it.
fn also(failure: Failure, then: Result<()>) -> Failure {
    match then {
        Ok(()) => failure,
        Err(other) => failure.with_note(other.detail()),
    }
}

/// Forgets that a change has begun.
async fn forget(host: &Host) -> Result<()> {
    host.must(Script::change(FORGET), "forget that the node was cordoned").await.map(|_| ())
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

#[cfg(test)]
mod tests {
    use value::Type;

    use super::*;

    fn kubelet(version: &str, state: &str, for_patches: Option<bool>) -> Value {
        let drain = for_patches.map(|flag| Value::object_of([("for_patches", Value::bool(flag))]));
        Value::object_of([
            ("version", Value::string(version)),
            ("state", Value::string(state)),
            ("drain", drain.unwrap_or_else(|| Value::null(Type::Dynamic))),
        ])
    }

    #[test]
    fn another_minor_version_that_starts_in_its_place_needs_a_drain() {
        let (old, patch, new) = ("v1.33.9-eks-1-33-1", "v1.33.9-eks-1-33-2", "v1.34.9-eks-1-34-1");
        let prior = kubelet(old, "running", Some(false));
        let rows = [
            (kubelet(new, "running", Some(false)), true),
            (kubelet(new, "running", None), false),
            (kubelet(new, "stopped", Some(false)), false),
            (kubelet(patch, "running", Some(false)), false),
            (kubelet(patch, "running", Some(true)), true),
            (kubelet(old, "running", Some(true)), false),
        ];
        for (planned, expected) in rows {
            assert_eq!(drains(&prior, &planned), expected, "{planned:?}");
            assert!(!drains(&Value::null(Type::Dynamic), &planned), "one that is made anew");
            assert!(!drains(&planned, &Value::null(Type::Dynamic)), "one that is removed");
        }
        let unknown = prior.with_attr("version", Value::null(Type::String));
        assert!(drains(&unknown, &kubelet(patch, "running", Some(false))), "from what it was, nobody knows");
    }

    #[test]
    fn what_fails_after_a_failure_hides_nothing() {
        let other = Failure::new("Host is gone", "The host went away.");
        let both = also(Failure::new("Node is not drained", "Pods stayed."), Err(other));
        assert_eq!(both.detail(), "Pods stayed. The host went away.");
    }
}
