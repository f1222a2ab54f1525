//! What the plan does not tell yet: nothing can be proven of it.

use diag::{Diagnostic, Diagnostics};

use super::Plan;
use super::component::{Cluster, Component, State};
use super::refusal::Refusal;

/// The first step of each existing cluster that is not known well enough, and warnings of clusters that are new.
pub fn check(plan: &Plan, clusters: &[Cluster]) -> (Vec<Refusal>, Diagnostics) {
    let anything = clusters.iter().any(Cluster::exists);
    let mut refusals = Vec::new();
    let mut warnings = Diagnostics::new();
    for cluster in clusters {
        let unknown =
            cluster.components.iter().filter_map(|component| Some((first(cluster, component)?, component)));
        let Some(((step, what), component)) = unknown.min_by_key(|((step, _), _)| *step) else { continue };
        let name = component.name();
        let exists = if cluster.name.is_some() { cluster.exists() } else { anything };
        if exists {
            refusals.push(Refusal {
                step,
                summary: "Plan cannot be proven safe",
                what: format!("The {what} of the {name} is known only while the plan is applied, but what exists already could be broken by it."),
                why: WHY,
                way_out: WAY_OUT.to_owned(),
            });
        } else {
            let detail = format!(
                "The {what} of the {name} is known only while the plan is applied, so that nothing can be said of it before. Nothing exists yet that could be broken."
            );
            let warning = Diagnostic::warning("Quorum and version skew cannot be proven", detail);
            warnings.push(warning.address(&plan.steps[step].address));
        }
    }
    (refusals, warnings)
}

/// The first step that makes a component what is not known.
fn first(cluster: &Cluster, component: &Component) -> Option<(usize, &'static str)> {
    let step = component.steps.first()?;
    if cluster.name.is_none() {
        return Some((*step, "cluster"));
    }
    if component.node.is_none() {
        return Some((*step, "node"));
    }
    let at = component.states.iter().skip(1).position(|state| *state == State::Unknown)?;
    Some((component.steps[at], "version"))
}

const WHY: &str = "groma lets through only what keeps etcd's quorum and Kubernetes' version skew at every step, and it cannot tell that of what it does not know.";

const WAY_OUT: &str = "Give cluster, node and version values that are known while planning: a data eksd_release with a fixed channel and number, and without depends_on on what changes, is read then. Or apply what it waits for first, with -target, and plan again.";
