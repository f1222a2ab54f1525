//! The proof: refuses plans that would break etcd's quorum or the version skew that Kubernetes allows, at any moment of any
//! order in which their steps may run, and tells how those that it lets through proceed.
//!
//! All rules are about one component or about two at a time, so it is enough to look at pairs: two components can be in two
//! states at once unless the order of the plan keeps a step of one before a step of the other. In all pairs that matter one is
//! an etcd member or an API server, of which there are few. That keeps the work linear in the size of the plan.

mod authority;
mod component;
mod drain;
mod encryption;
mod order;
mod quorum;
mod refusal;
mod rollout;
mod serial;
mod skew;
#[cfg(test)]
mod tests;
mod unproven;
mod versions;

use diag::Diagnostics;
use provider::{PlannedStep, Review};

use component::{Cluster, clusters};
use order::Order;
use refusal::Refusal;

/// Walks the planned steps in every order that they may run in.
pub fn review(steps: &[PlannedStep]) -> Review {
    let (clusters, twice) = clusters(steps);
    let order = Order::new(steps, clusters.iter().flat_map(Cluster::keys));
    let plan = Plan { steps, order: &order };
    let mut refusals: Vec<Refusal> = Vec::new();
    let mut diagnostics = Diagnostics::new();
    let (unproven, warnings) = unproven::check(&plan, &clusters);
    diagnostics.extend(warnings);
    refusals.extend(twice);
    refusals.extend(unproven);
    for cluster in clusters.iter().filter(|cluster| cluster.name.is_some()) {
        let (first, warnings) = judge(&plan, cluster);
        refusals.extend(first);
        diagnostics.extend(warnings);
    }
    diagnostics.extend(authority::warning(steps));
    refusals.sort_by_key(|refusal| refusal.step);
    diagnostics.extend(refusals.iter().map(|refusal| refusal.diagnostic(steps)));
    let steps = match diagnostics.has_errors() {
        true => Vec::new(),
        false => rollout::rollout(&plan, &clusters),
    };
    Review { diagnostics, steps, ..Review::default() }
}

/// The first step of a cluster that breaks a rule, and what else is worth saying.
fn judge(plan: &Plan, cluster: &Cluster) -> (Option<Refusal>, Diagnostics) {
    let teardown = cluster.is_teardown();
    let mut refusals = Vec::new();
    refusals.extend(component::unordered(plan, cluster));
    refusals.extend(versions::check(cluster));
    let mut warnings = Diagnostics::new();
    let restored = quorum::restored(plan, cluster);
    if !teardown && restored.is_none() {
        refusals.extend(quorum::check(plan, cluster));
        refusals.extend(serial::check(plan, cluster));
    }
    if !teardown {
        refusals.extend(skew::check(plan, cluster));
        refusals.extend(drain::check(plan, cluster));
        refusals.extend(encryption::check(plan, cluster));
        warnings.extend(restored);
        warnings.extend(quorum::warning(plan, cluster));
    }
    (refusals.into_iter().min_by_key(|refusal| refusal.step), warnings)
}

/// What the rules look at.
struct Plan<'a> {
    steps: &'a [PlannedStep],
    order: &'a Order<'a>,
}
