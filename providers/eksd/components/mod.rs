//! The components of clusters, each a resource on a host.

mod api_endpoint;
mod container_runtime;
mod etcd;
mod image;
mod kube_apiserver;
mod kube_controller_manager;
mod kube_proxy;
mod kube_scheduler;
mod kubelet;
mod packages;
mod secure;

use provider_host::kit::Resource;

use crate::unit::Managed;

pub use etcd::{plain_id, restarts as etcd_restarts};
pub use kubelet::drains as kubelet_drains;

/// All of them.
pub fn all() -> Vec<Box<dyn Resource>> {
    vec![
        Box::new(Managed(etcd::Member::default())),
        Box::new(etcd::Snapshot),
        Box::new(Managed(kube_apiserver::Apiserver)),
        Box::new(Managed(kube_controller_manager::ControllerManager)),
        Box::new(Managed(kube_scheduler::Scheduler)),
        Box::new(Managed(kubelet::Kubelet)),
        Box::new(Managed(kube_proxy::Proxy)),
        Box::new(api_endpoint::Endpoint),
        Box::new(container_runtime::Runtime),
        Box::new(image::Image),
    ]
}
