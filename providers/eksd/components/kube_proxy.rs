use provider::simple::Access;
use value::Value;

use super::secure::VERBOSITY;
use crate::unit::{Component, Config, Default, Setting};

/// `eksd_kube_proxy`.
pub struct Proxy;

const SETTINGS: &[Setting] = &[
    Setting::text("kubeconfig", "The kubeconfig that it asks the apiserver with.")
        .field("clientConnection.kubeconfig")
        .default(Default::Text("/etc/eksd/kube-proxy.conf")),
    Setting::text("proxy_mode", "How services are made: `iptables`, `nftables` or `ipvs`.")
        .field("mode")
        .default(Default::Text("iptables")),
    Setting::text(
        "cluster_cidr",
        "The addresses of pods; one network of each IP version with a comma between.",
    )
    .field("clusterCIDR"),
    Setting::text("bind_address", "The address that it listens on.").field("bindAddress"),
    Setting::text("healthz_bind_address", "The address and port of its health check.")
        .field("healthzBindAddress")
        .default(Default::Text("0.0.0.0:10256")),
    Setting::text("metrics_bind_address", "The address and port of its metrics.")
        .field("metricsBindAddress")
        .default(Default::Text("127.0.0.1:10249")),
    Setting::list(
        "nodeport_addresses",
        "The networks whose addresses take requests to ports of nodes; all if not set.",
    )
    .field("nodePortAddresses"),
    Setting::number(
        "conntrack_max_per_core",
        "How many connections are followed for each processor; 0 leaves the kernel's setting.",
    )
    .field("conntrack.maxPerCore"),
    Setting::number("conntrack_min", "How many connections are followed at least.").field("conntrack.min"),
    Setting::text(
        "conntrack_tcp_timeout_established",
        "How long an idle connection is followed; `0s` leaves the kernel's setting.",
    )
    .field("conntrack.tcpEstablishedTimeout"),
    Setting::text(
        "conntrack_tcp_timeout_close_wait",
        "How long a half-closed connection is followed; `0s` leaves the kernel's setting.",
    )
    .field("conntrack.tcpCloseWaitTimeout"),
    Setting::bool("masquerade_all", "Whether all requests to services get the node's address.")
        .field("iptables.masqueradeAll"),
    Setting::text(
        "detect_local_mode",
        "What tells local pods: `ClusterCIDR`, `NodeCIDR`, `BridgeInterface`, `InterfaceNamePrefix`.",
    )
    .field("detectLocalMode"),
    Setting::gates("feature_gates", "Features that are turned on or off.").field("featureGates"),
    VERBOSITY,
];

impl Component for Proxy {
    fn name(&self) -> &'static str {
        "kube-proxy"
    }

    fn type_name(&self) -> &'static str {
        "eksd_kube_proxy"
    }

    fn description(&self) -> &'static str {
        "kube-proxy of a node, as a systemd unit with a KubeProxyConfiguration whose fields are attributes. A change ends once its \
         `/healthz` says ok. What it wrote into the packet filter stays on destroy until the host boots."
    }

    fn programs(&self) -> &'static [&'static str] {
        &["kube-proxy"]
    }

    fn settings(&self) -> &'static [Setting] {
        SETTINGS
    }

    fn derived(&self, object: &Value) -> Vec<(String, String)> {
        vec![("hostname-override".into(), object.text("node").unwrap_or_default().to_owned())]
    }

    fn config(&self) -> Option<Config> {
        Some(Config {
            path: "config",
            api_version: "kubeproxy.config.k8s.io/v1alpha1",
            kind: "KubeProxyConfiguration",
        })
    }

    fn health(&self, object: &Value) -> String {
        let address = object.text("healthz_bind_address").unwrap_or_default();
        let address = match address.rsplit_once(':') {
            Some(("0.0.0.0" | "" | "[::]", port)) => format!("127.0.0.1:{port}"),
            _ => address.to_owned(),
        };
        format!("http_ok {}", provider_host::kit::quote(&format!("http://{address}/healthz")))
    }
}
