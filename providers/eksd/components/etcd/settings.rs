use crate::components::secure::CIPHERS;
use crate::unit::{Default, Setting};

pub(super) const SETTINGS: &[Setting] = &[
    Setting::list(
        "listen_client_urls",
        "Where it listens for clients; on a loopback address, too, where local programs ask it.",
    )
    .required(),
    Setting::list("advertise_client_urls", "Where clients reach it.").required(),
    Setting::list("listen_peer_urls", "Where it listens for the other members.").required(),
    Setting::list(
        "initial_advertise_peer_urls",
        "Where the other members reach it. A member is known by them: their change makes a new one.",
    )
    .required(),
    Setting::list("listen_metrics_urls", "Where its metrics and health are served without certificates.")
        .default(Default::List(&["http://127.0.0.1:2381"])),
    Setting::text("cert_file", "Its server's certificate.")
        .default(Default::Text("/etc/eksd/pki/etcd/server.crt")),
    Setting::text("key_file", "The key of its server's certificate.")
        .default(Default::Text("/etc/eksd/pki/etcd/server.key")),
    Setting::text("trusted_ca_file", "The CA of its clients' certificates.")
        .default(Default::Text("/etc/eksd/pki/etcd/ca.crt")),
    Setting::bool("client_cert_auth", "Whether clients need a certificate.").default(Default::Bool(true)),
    Setting::text("peer_cert_file", "The certificate that it talks to other members with.")
        .default(Default::Text("/etc/eksd/pki/etcd/peer.crt")),
    Setting::text("peer_key_file", "The key of that certificate.")
        .default(Default::Text("/etc/eksd/pki/etcd/peer.key")),
    Setting::text("peer_trusted_ca_file", "The CA of the other members' certificates.")
        .default(Default::Text("/etc/eksd/pki/etcd/ca.crt")),
    Setting::bool("peer_client_cert_auth", "Whether other members need a certificate.")
        .default(Default::Bool(true)),
    Setting::list("cipher_suites", "The cipher suites that its servers take with TLS 1.2.")
        .default(Default::List(CIPHERS)),
    Setting::number("snapshot_count", "How many changes there are between two snapshots of its own."),
    Setting::number("heartbeat_interval", "How often the leader is heard of, in milliseconds."),
    Setting::number("election_timeout", "How long the leader may be silent, in milliseconds."),
    Setting::number("quota_backend_bytes", "How large the database may be."),
    Setting::number("max_request_bytes", "How large a request may be."),
    Setting::text("auto_compaction_mode", "`periodic` or `revision`."),
    Setting::text("auto_compaction_retention", "How long, or for how many revisions, old values are kept."),
    Setting::text("log_level", "`debug`, `info`, `warn` or `error`."),
];
