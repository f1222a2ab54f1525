//! Keys, certificates and kubeconfigs on the hosts that they serve.

mod certificate;
pub(crate) mod kubeconfig;

use provider_host::kit::Resource;

/// The resources of this part.
pub(crate) fn resources() -> Vec<Box<dyn Resource>> {
    vec![Box::new(certificate::Certificate), Box::new(kubeconfig::Kubeconfig)]
}
