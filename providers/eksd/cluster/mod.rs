//! The Kubernetes API, spoken to through the hosts of a cluster: nothing of it is in the state, and private addresses work.

mod access;
mod apply;
mod bootstrap;
mod client;
mod connector;
mod drain;
mod drift;
mod health;
mod live_node;
mod manifest;
mod node;
mod object;
mod place;
mod ready;
mod vacating;

use provider_host::kit::{Data, Resource};

pub(crate) use self::vacating::{NotVacated, Vacating};

/// The resources of this part.
pub(crate) fn resources() -> Vec<Box<dyn Resource>> {
    vec![Box::new(manifest::Manifest), Box::new(node::Node), Box::new(bootstrap::Bootstrap)]
}

/// The data sources of this part.
pub(crate) fn data() -> Vec<Box<dyn Data>> {
    vec![Box::new(health::ClusterHealth)]
}
