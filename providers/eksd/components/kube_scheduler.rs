use provider::simple::Access;
use value::Value;

use super::secure::{self, CIPHER_SUITES, FEATURE_GATES, MIN_VERSION, PROFILING, VERBOSITY};
use crate::unit::{Component, Default, Setting};

/// `eksd_kube_scheduler`.
pub struct Scheduler;

const KUBECONFIG: &str = "/etc/eksd/scheduler.conf";

const SETTINGS: &[Setting] = &[
    Setting::text("kubeconfig", "The kubeconfig that it asks the apiserver with.")
        .default(Default::Text(KUBECONFIG)),
    Setting::text(
        "authentication_kubeconfig",
        "The kubeconfig that it has tokens of its callers checked with.",
    )
    .default(Default::Text(KUBECONFIG)),
    Setting::text("authorization_kubeconfig", "The kubeconfig that it asks with what its callers may do.")
        .default(Default::Text(KUBECONFIG)),
    Setting::text("config", "The path of a KubeSchedulerConfiguration on the host."),
    Setting::text("bind_address", "The address that its server listens on.")
        .default(Default::Text("127.0.0.1")),
    Setting::number("secure_port", "The port of its server.").default(Default::Number(10259)),
    Setting::text("client_ca_file", "The CA of its clients' certificates.")
        .default(Default::Text("/etc/eksd/pki/ca.crt")),
    Setting::text("tls_cert_file", "Its server's certificate; one of its own making if not set."),
    Setting::text("tls_private_key_file", "The key of its server's certificate."),
    Setting::bool("leader_elect", "Whether only one of the cluster's schedulers works at a time.")
        .default(Default::Bool(true)),
    Setting::number("kube_api_qps", "How many requests a second it may make."),
    Setting::number("kube_api_burst", "How many requests at once it may make."),
    PROFILING,
    MIN_VERSION,
    CIPHER_SUITES,
    FEATURE_GATES,
    VERBOSITY,
];

impl Component for Scheduler {
    fn name(&self) -> &'static str {
        "kube-scheduler"
    }

    fn type_name(&self) -> &'static str {
        "eksd_kube_scheduler"
    }

    fn description(&self) -> &'static str {
        "The scheduler of a control-plane node, as a systemd unit. A change ends once its `/healthz` says ok."
    }

    fn programs(&self) -> &'static [&'static str] {
        &["kube-scheduler"]
    }

    fn settings(&self) -> &'static [Setting] {
        SETTINGS
    }

    fn options(&self, _object: &Value) -> Vec<(&'static str, &'static str, String)> {
        secure::confined()
    }

    fn health(&self, object: &Value) -> String {
        secure::ask(object.int("secure_port").unwrap_or(10259), "/healthz", None)
    }
}
