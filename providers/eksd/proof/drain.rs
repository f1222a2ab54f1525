//! A kubelet's minor upgrade needs a node without pods.

use super::Plan;
use super::component::Cluster;
use super::refusal::Refusal;

pub fn check(_plan: &Plan, _cluster: &Cluster) -> Option<Refusal> {
    None
}
