use crate::components::secure::{CIPHER_SUITES, FEATURE_GATES, MIN_VERSION, PROFILING, VERBOSITY};
use crate::unit::{Default, Setting};

pub(super) const SETTINGS: &[Setting] = &[
    Setting::text(
        "advertise_address",
        "The address that others reach it by; that of the default route if not set.",
    ),
    Setting::text("bind_address", "The address that it listens on."),
    Setting::number("secure_port", "The port that it listens on.").default(Default::Number(6443)),
    Setting::text("external_hostname", "The name that clients reach it by."),
    // etcd
    Setting::list("etcd_servers", "The client URLs of etcd's members.").required(),
    Setting::text("etcd_cafile", "The CA of etcd's certificates.")
        .default(Default::Text("/etc/eksd/pki/etcd/ca.crt")),
    Setting::text("etcd_certfile", "The certificate that it asks etcd with.")
        .default(Default::Text("/etc/eksd/pki/apiserver-etcd-client.crt")),
    Setting::text("etcd_keyfile", "The key of that certificate.")
        .default(Default::Text("/etc/eksd/pki/apiserver-etcd-client.key")),
    // Its server
    Setting::text("tls_cert_file", "Its server's certificate.")
        .default(Default::Text("/etc/eksd/pki/apiserver.crt")),
    Setting::text("tls_private_key_file", "The key of its server's certificate.")
        .default(Default::Text("/etc/eksd/pki/apiserver.key")),
    MIN_VERSION,
    CIPHER_SUITES,
    // Who asks
    Setting::text("client_ca_file", "The CA of its clients' certificates.")
        .default(Default::Text("/etc/eksd/pki/ca.crt")),
    Setting::bool(
        "anonymous_auth",
        "Whether requests without credentials are answered; what `authentication_config` says if not set.",
    ),
    Setting::text("authentication_config", "The path of the AuthenticationConfiguration; none if empty.")
        .default(Default::Text("/etc/eksd/kube-apiserver-authentication.yaml")),
    Setting::bool("enable_bootstrap_token_auth", "Whether nodes may join with a bootstrap token."),
    Setting::repeated(
        "service_account_issuer",
        "Who issues tokens of service accounts; the first one is in new ones.",
    )
    .default(Default::List(&["https://kubernetes.default.svc.cluster.local"])),
    Setting::repeated(
        "service_account_key_file",
        "The public keys that tokens of service accounts are checked with.",
    )
    .default(Default::List(&["/etc/eksd/pki/sa.pub"])),
    Setting::text("service_account_signing_key_file", "The key that they are signed with.")
        .default(Default::Text("/etc/eksd/pki/sa.key")),
    Setting::text("service_account_jwks_uri", "Where others find the public keys of service accounts."),
    Setting::bool("service_account_lookup", "Whether tokens of service accounts that are gone are refused.")
        .default(Default::Bool(true)),
    Setting::bool(
        "service_account_extend_token_expiration",
        "Whether tokens of service accounts live for a year instead of an hour.",
    )
    .default(Default::Bool(false)),
    Setting::list("api_audiences", "Whom tokens of service accounts are for."),
    Setting::text("requestheader_client_ca_file", "The CA of the front proxy's certificate.")
        .default(Default::Text("/etc/eksd/pki/front-proxy-ca.crt")),
    Setting::list("requestheader_allowed_names", "The names of the front proxy's certificate.")
        .default(Default::List(&["front-proxy-client"])),
    Setting::list("requestheader_username_headers", "Headers with the user's name.")
        .default(Default::List(&["X-Remote-User"])),
    Setting::list("requestheader_group_headers", "Headers with the user's groups.")
        .default(Default::List(&["X-Remote-Group"])),
    Setting::list("requestheader_extra_headers_prefix", "What headers with more about the user begin with.")
        .default(Default::List(&["X-Remote-Extra-"])),
    Setting::text("proxy_client_cert_file", "The certificate that it asks API extensions with.")
        .default(Default::Text("/etc/eksd/pki/front-proxy-client.crt")),
    Setting::text("proxy_client_key_file", "The key of that certificate.")
        .default(Default::Text("/etc/eksd/pki/front-proxy-client.key")),
    Setting::bool("enable_aggregator_routing", "Whether API extensions are asked at their pods' addresses."),
    // What they may do
    Setting::list("authorization_mode", "What decides what clients may do.")
        .default(Default::List(&["Node", "RBAC"])),
    Setting::list("enable_admission_plugins", "Admission plugins besides those that are on by default.")
        .default(Default::List(&["NodeRestriction"])),
    Setting::list("disable_admission_plugins", "Admission plugins that are turned off."),
    Setting::text("admission_control_config_file", "The path of an AdmissionConfiguration on the host."),
    Setting::bool(
        "allow_privileged",
        "Whether privileged containers may run: kube-proxy and network plugins need them.",
    )
    .default(Default::Bool(true)),
    // kubelets
    Setting::text("kubelet_certificate_authority", "The CA of the kubelets' server certificates.")
        .default(Default::Text("/etc/eksd/pki/ca.crt")),
    Setting::text("kubelet_client_certificate", "The certificate that it asks kubelets with.")
        .default(Default::Text("/etc/eksd/pki/apiserver-kubelet-client.crt")),
    Setting::text("kubelet_client_key", "The key of that certificate.")
        .default(Default::Text("/etc/eksd/pki/apiserver-kubelet-client.key")),
    Setting::list("kubelet_preferred_address_types", "Which of a node's addresses is asked, the best first.")
        .default(Default::List(&["InternalIP", "ExternalIP", "Hostname"])),
    // The network
    Setting::list("service_cluster_ip_range", "The addresses of services: one network of each IP version.")
        .default(Default::List(&["10.96.0.0/12"])),
    Setting::text("service_node_port_range", "The ports of nodes that services may have."),
    // Records and secrets
    Setting::text("audit_policy_file", "The path of the audit policy.")
        .default(Default::Text("/etc/eksd/audit-policy.yaml")),
    Setting::text("audit_log_path", "Where the audit log is written.")
        .default(Default::Text("/var/log/kubernetes/audit/audit.log")),
    Setting::number("audit_log_maxage", "How many days of it are kept.").default(Default::Number(30)),
    Setting::number("audit_log_maxbackup", "How many files of it are kept.").default(Default::Number(10)),
    Setting::number("audit_log_maxsize", "How many megabytes a file of it may have.")
        .default(Default::Number(100)),
    Setting::text("audit_webhook_config_file", "The path of a kubeconfig of who else gets the audit log."),
    Setting::text(
        "encryption_provider_config",
        "The path of the EncryptionConfiguration; secrets are not encrypted if empty.",
    )
    .default(Default::Text(super::ENCRYPTION)),
    // How it works
    PROFILING,
    Setting::text("request_timeout", "How long a request may take."),
    Setting::number("max_requests_inflight", "How many reads are answered at once."),
    Setting::number("max_mutating_requests_inflight", "How many writes are answered at once."),
    Setting::text(
        "goaway_chance",
        "How often clients are asked to connect anew, so that they spread over the API servers.",
    ),
    Setting::text(
        "shutdown_delay_duration",
        "How long it goes on answering after it was told to stop, so that load balancers see it.",
    ),
    Setting::bool(
        "shutdown_send_retry_after",
        "Whether who still asks it then is told to ask again, by 429 and Retry-After. Without it it waits up to a minute for the \
         connections of those who watch, and nobody new is answered meanwhile.",
    )
    .default(Default::Bool(true)),
    Setting::text(
        "shutdown_watch_termination_grace_period",
        "How long those who watch are ended one after the other; at once if not set.",
    ),
    Setting::text("event_ttl", "How long events are kept."),
    Setting::map("runtime_config", "Versions of APIs that are turned on or off."),
    FEATURE_GATES,
    VERBOSITY,
];
