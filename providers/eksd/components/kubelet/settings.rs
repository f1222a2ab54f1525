use crate::components::secure::{CIPHERS, VERBOSITY};
use crate::unit::{Default, Setting};

pub(super) const SETTINGS: &[Setting] = &[
    Setting::text("kubeconfig", "The kubeconfig that it asks the apiserver with.")
        .default(Default::Text("/etc/eksd/kubelet.conf")),
    Setting::text(
        "bootstrap_kubeconfig",
        "The kubeconfig that it asks for a certificate with, where `kubeconfig` is not there yet.",
    ),
    Setting::text(
        "node_ip",
        "The node's address, or one of each IP version with a comma between; that of the default route if not set.",
    ),
    Setting::map(
        "node_labels",
        "Labels of the node when it joins; `eksd_node` manages those of a node that is there.",
    ),
    Setting::list("register_with_taints", "Taints of the node when it joins: `KEY=VALUE:EFFECT`."),
    Setting::text("root_dir", "Where it keeps its data.").default(Default::Text("/var/lib/kubelet")),
    Setting::text("cloud_provider", "`external` where a cloud controller manager runs."),
    VERBOSITY,
    // The configuration file
    Setting::bool("anonymous_auth", "Whether requests without credentials are answered.")
        .field("authentication.anonymous.enabled")
        .default(Default::Bool(false)),
    Setting::bool("authentication_token_webhook", "Whether it has tokens checked by the apiserver.")
        .field("authentication.webhook.enabled")
        .default(Default::Bool(true)),
    Setting::text("client_ca_file", "The CA of its clients' certificates.")
        .field("authentication.x509.clientCAFile")
        .default(Default::Text("/etc/eksd/pki/ca.crt")),
    Setting::text("authorization_mode", "What decides what clients may do.")
        .field("authorization.mode")
        .default(Default::Text("Webhook")),
    Setting::number("read_only_port", "The port that answers everybody; none if 0.")
        .field("readOnlyPort")
        .default(Default::Number(0)),
    Setting::text("tls_cert_file", "Its server's certificate, which the apiserver checks.")
        .field("tlsCertFile")
        .default(Default::Text("/etc/eksd/pki/kubelet.crt")),
    Setting::text("tls_private_key_file", "The key of its server's certificate.")
        .field("tlsPrivateKeyFile")
        .default(Default::Text("/etc/eksd/pki/kubelet.key")),
    Setting::text("tls_min_version", "The lowest version of TLS that its server takes.")
        .field("tlsMinVersion")
        .default(Default::Text("VersionTLS12")),
    Setting::list("tls_cipher_suites", "The cipher suites that its server takes with TLS 1.2.")
        .field("tlsCipherSuites")
        .default(Default::List(CIPHERS)),
    Setting::bool(
        "rotate_certificates",
        "Whether it asks for a new client certificate before the old one ends.",
    )
    .field("rotateCertificates"),
    Setting::bool("server_tls_bootstrap", "Whether it asks the apiserver for its server's certificate.")
        .field("serverTLSBootstrap"),
    Setting::text("address", "The address that its server listens on.").field("address"),
    Setting::text("container_runtime_endpoint", "The socket of the container runtime.")
        .field("containerRuntimeEndpoint")
        .default(Default::Text("unix:///run/containerd/containerd.sock")),
    Setting::text(
        "cgroup_driver",
        "What makes cgroups, as in the container runtime: `systemd` or `cgroupfs`.",
    )
    .field("cgroupDriver")
    .default(Default::Text("systemd")),
    Setting::bool(
        "fail_cgroup_v1",
        "Whether it refuses hosts with version 1 of cgroups; versions before 1.31 do not know it.",
    )
    .field("failCgroupV1"),
    Setting::bool("cgroups_per_qos", "Whether there is a cgroup for each class of pods.")
        .field("cgroupsPerQOS"),
    Setting::list("enforce_node_allocatable", "For what limits of the node are enforced: `pods`, `none` …")
        .field("enforceNodeAllocatable"),
    Setting::list("cluster_dns", "The addresses of the cluster's name service.").field("clusterDNS"),
    Setting::text("cluster_domain", "The cluster's domain.")
        .field("clusterDomain")
        .default(Default::Text("cluster.local")),
    Setting::text(
        "resolv_conf",
        "The file with the name services that pods with the host's get. If not set, systemd-resolved's \
         `/run/systemd/resolve/resolv.conf` where `stub_resolver` is true, else the kubelet's own default.",
    )
    .field("resolvConf")
    .default(Default::Found),
    Setting::text("static_pod_path", "A folder with manifests of pods that it runs by itself.")
        .field("staticPodPath"),
    Setting::bool(
        "protect_kernel_defaults",
        "Whether it refuses a kernel whose settings are not those that it wants, instead of changing them.",
    )
    .field("protectKernelDefaults"),
    Setting::bool("make_iptables_util_chains", "Whether it makes the chains of iptables that pods need.")
        .field("makeIPTablesUtilChains")
        .default(Default::Bool(true)),
    Setting::bool(
        "seccomp_default",
        "Whether pods that do not say otherwise run with the runtime's seccomp profile.",
    )
    .field("seccompDefault")
    .default(Default::Bool(true)),
    Setting::text("streaming_connection_idle_timeout", "How long a connection to a container may be idle.")
        .field("streamingConnectionIdleTimeout"),
    Setting::number("event_record_qps", "How many events a second it may report.").field("eventRecordQPS"),
    Setting::number("max_pods", "How many pods may run.").field("maxPods"),
    Setting::number("pod_pids_limit", "How many processes a pod may have.").field("podPidsLimit"),
    Setting::bool("fail_swap_on", "Whether it refuses hosts with swap.").field("failSwapOn"),
    Setting::text("swap_behavior", "What swap pods may use: `NoSwap` or `LimitedSwap`.")
        .field("memorySwap.swapBehavior"),
    Setting::map(
        "system_reserved",
        "What the host's own programs keep: `{ cpu = \"100m\", memory = \"200Mi\" }`.",
    )
    .field("systemReserved"),
    Setting::map("kube_reserved", "What the cluster's programs keep.").field("kubeReserved"),
    Setting::map("eviction_hard", "When pods are evicted at once.").field("evictionHard"),
    Setting::number("image_gc_high_threshold_percent", "How full the disk may be until images are removed.")
        .field("imageGCHighThresholdPercent"),
    Setting::number("image_gc_low_threshold_percent", "How full it is afterwards.")
        .field("imageGCLowThresholdPercent"),
    Setting::text("container_log_max_size", "How large a log of a container may become.")
        .field("containerLogMaxSize"),
    Setting::number("container_log_max_files", "How many of its logs are kept.")
        .field("containerLogMaxFiles"),
    Setting::text("shutdown_grace_period", "How long pods have when the host shuts down.")
        .field("shutdownGracePeriod"),
    Setting::text("shutdown_grace_period_critical_pods", "How much of that critical pods have.")
        .field("shutdownGracePeriodCriticalPods"),
    Setting::text("healthz_bind_address", "The address of its health check.")
        .field("healthzBindAddress")
        .default(Default::Text("127.0.0.1")),
    Setting::number("healthz_port", "The port of its health check.")
        .field("healthzPort")
        .default(Default::Number(10248)),
    Setting::gates("feature_gates", "Features that are turned on or off.").field("featureGates"),
];
