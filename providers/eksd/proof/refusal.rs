use diag::Diagnostic;
use provider::PlannedStep;

use super::component::Component;

/// Why a plan must not be carried out: the step at which it goes wrong, and what to do instead.
#[derive(Debug)]
pub struct Refusal {
    /// The index of the step.
    pub step: usize,
    pub summary: &'static str,
    /// What would be broken, with figures.
    pub what: String,
    /// The rule, and whose it is.
    pub why: &'static str,
    /// What to write or do instead.
    pub way_out: String,
}

impl Refusal {
    pub fn diagnostic(&self, steps: &[PlannedStep]) -> Diagnostic {
        let detail = format!("{}\n\n{}\n\n{}", self.what, self.why, self.way_out);
        Diagnostic::error(self.summary, detail).address(&steps[self.step].address)
    }

    /// A component that another resource stands for already.
    pub fn two_resources(steps: &[PlannedStep], component: &Component, step: usize) -> Self {
        let (address, other) = (&steps[step].address, &component.address);
        let name = component.name();
        let (what, way_out) = if address == other {
            (
                format!(
                    "{address} would be created anew before the old one is destroyed, and both are the {name}."
                ),
                "Take create_before_destroy out of its lifecycle block, and out of what depends on it."
                    .to_owned(),
            )
        } else {
            (
                format!(
                    "{other} and {address} are both the {name}, so that one would undo what the other does."
                ),
                format!(
                    "If the resource was renamed, say so, and nothing is destroyed:\n\n  moved {{\n    from = {other}\n    to   = {address}\n  }}\n\nElse give one of them another node or cluster."
                ),
            )
        };
        Self { step, summary: "Two resources for one component", what, why: ONE_EACH, way_out }
    }
}

/// `3 members`, `1 member`.
pub fn count(n: usize, one: &str) -> String {
    match one.strip_suffix("y") {
        _ if n == 1 => format!("1 {one}"),
        Some(stem) => format!("{n} {stem}ies"),
        None => format!("{n} {one}s"),
    }
}

/// How to keep the steps of two resources, or of one's instances, apart.
pub fn apart(steps: &[PlannedStep], first: usize, second: usize) -> String {
    let (first, second) = (&steps[first].address, &steps[second].address);
    if first.containing() == second.containing() {
        format!(
            "Let the instances of {} change one after another:\n\n  lifecycle {{\n    max_parallel = 1\n  }}\n\nWhere it says so already, the warning \"Rollout cannot be serial\" tells what is in its way: apply that first, with -target.",
            first.containing()
        )
    } else {
        let (first, second) = (first.containing(), second.containing());
        format!(
            "Let one wait for the other, in the block of {second}:\n\n  depends_on = [{}]\n\nor of a module or resource that it comes before.",
            first.resource
        )
    }
}

const ONE_EACH: &str = "A node has one of each component, and each is one resource.";

pub const QUORUM: &str = "etcd answers only while more than half of its members do (https://etcd.io/docs/latest/faq/); without it the whole cluster stands still.";

pub const SKEW: &str =
    "This is Kubernetes' version skew policy (https://kubernetes.io/releases/version-skew-policy/).";
