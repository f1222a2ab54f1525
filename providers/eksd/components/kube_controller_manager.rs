use provider::simple::Access;
use value::Value;

use super::secure::{self, CIPHER_SUITES, FEATURE_GATES, MIN_VERSION, PROFILING, VERBOSITY};
use crate::unit::{Component, Default, Setting};

/// `eksd_kube_controller_manager`.
pub struct ControllerManager;

const KUBECONFIG: &str = "/etc/eksd/controller-manager.conf";

const CA: &str = "/etc/eksd/pki/ca.crt";

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
    Setting::text("bind_address", "The address that its server listens on.")
        .default(Default::Text("127.0.0.1")),
    Setting::number("secure_port", "The port of its server.").default(Default::Number(10257)),
    Setting::text("client_ca_file", "The CA of its clients' certificates.").default(Default::Text(CA)),
    Setting::text("requestheader_client_ca_file", "The CA of the front proxy's certificate.")
        .default(Default::Text("/etc/eksd/pki/front-proxy-ca.crt")),
    Setting::text("root_ca_file", "The CA that pods find in their service accounts.")
        .default(Default::Text(CA)),
    Setting::text(
        "service_account_private_key_file",
        "The key that tokens of service accounts are signed with.",
    )
    .default(Default::Text("/etc/eksd/pki/sa.key")),
    Setting::bool(
        "use_service_account_credentials",
        "Whether each controller has a service account of its own.",
    )
    .default(Default::Bool(true)),
    Setting::text(
        "cluster_signing_cert_file",
        "The CA that signs certificates of nodes that ask for them; none are signed if not set.",
    ),
    Setting::text("cluster_signing_key_file", "The key of that CA."),
    Setting::text("cluster_signing_duration", "How long certificates that it signs are valid."),
    Setting::text("cluster_name", "The cluster's name for clouds."),
    Setting::list("cluster_cidr", "The addresses of pods: one network of each IP version."),
    Setting::list("service_cluster_ip_range", "The addresses of services: one network of each IP version."),
    Setting::bool("allocate_node_cidrs", "Whether each node gets a part of the pods' addresses."),
    Setting::number("node_cidr_mask_size", "How many bits of a node's part are fixed."),
    Setting::text("cloud_provider", "`external` where a cloud controller manager runs."),
    Setting::bool("configure_cloud_routes", "Whether routes to pods are made in the cloud."),
    Setting::list("controllers", "Which controllers run: `*` for those that do by default, `NAME`, `-NAME`."),
    Setting::text("node_monitor_grace_period", "How long a node may be silent until it is unhealthy."),
    Setting::number("terminated_pod_gc_threshold", "How many pods that ended are kept.")
        .default(Default::Number(1000)),
    Setting::bool("leader_elect", "Whether only one of the cluster's controller managers works at a time.")
        .default(Default::Bool(true)),
    Setting::text("tls_cert_file", "Its server's certificate; one of its own making if not set."),
    Setting::text("tls_private_key_file", "The key of its server's certificate."),
    Setting::number("kube_api_qps", "How many requests a second it may make."),
    Setting::number("kube_api_burst", "How many requests at once it may make."),
    PROFILING,
    MIN_VERSION,
    CIPHER_SUITES,
    FEATURE_GATES,
    VERBOSITY,
];

impl Component for ControllerManager {
    fn name(&self) -> &'static str {
        "kube-controller-manager"
    }

    fn type_name(&self) -> &'static str {
        "eksd_kube_controller_manager"
    }

    fn description(&self) -> &'static str {
        "The controller manager of a control-plane node, as a systemd unit. A change ends once its `/healthz` says ok."
    }

    fn programs(&self) -> &'static [&'static str] {
        &["kube-controller-manager"]
    }

    fn settings(&self) -> &'static [Setting] {
        SETTINGS
    }

    fn options(&self, _object: &Value) -> Vec<(&'static str, &'static str, String)> {
        secure::confined()
    }

    fn health(&self, object: &Value) -> String {
        secure::ask(object.int("secure_port").unwrap_or(10257), "/healthz", None)
    }
}
