//! What is hardened alike in all components.

use provider_host::kit::quote;

use crate::unit::{Default, Setting};

/// The cipher suites that EKS-D's own clusters use.
pub const CIPHERS: &[&str] = &[
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
];

pub const CIPHER_SUITES: Setting =
    Setting::list("tls_cipher_suites", "The cipher suites that its server takes with TLS 1.2.")
        .default(Default::List(CIPHERS));

pub const MIN_VERSION: Setting =
    Setting::text("tls_min_version", "The lowest version of TLS that its server takes.")
        .default(Default::Text("VersionTLS12"));

pub const PROFILING: Setting =
    Setting::bool("profiling", "Whether profiles can be read from its server.").default(Default::Bool(false));

pub const FEATURE_GATES: Setting = Setting::gates("feature_gates", "Features that are turned on or off.");

pub const VERBOSITY: Setting = Setting::number("v", "How much it logs.");

/// Settings of the unit of what only serves and asks over the network: it sees no more of its host than it needs.
pub fn confined() -> Vec<(&'static str, &'static str, String)> {
    let settings = [
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", "CAP_NET_BIND_SERVICE CAP_DAC_OVERRIDE"),
        ("LockPersonality", "yes"),
        ("MemoryDenyWriteExecute", "yes"),
        ("PrivateDevices", "yes"),
        ("PrivateTmp", "yes"),
        ("ProtectClock", "yes"),
        ("ProtectControlGroups", "yes"),
        ("ProtectHome", "yes"),
        ("ProtectHostname", "yes"),
        ("ProtectKernelModules", "yes"),
        ("ProtectKernelTunables", "yes"),
        ("ProtectSystem", "full"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX AF_NETLINK"),
        ("RestrictNamespaces", "yes"),
        ("RestrictRealtime", "yes"),
        ("RestrictSUIDSGID", "yes"),
        ("SystemCallArchitectures", "native"),
        ("UMask", "0077"),
    ];
    settings.into_iter().map(|(name, value)| ("Service", name, value.to_owned())).collect()
}

/// Sh that asks this host's own server whether it is well, with a client certificate if there is one.
pub fn ask(port: i64, path: &str, certificate: Option<(&str, &str)>) -> String {
    let url = quote(&format!("https://127.0.0.1:{port}{path}"));
    match certificate {
        Some((certificate, key)) => format!("https_ok {url} {} {}", quote(certificate), quote(key)),
        None => format!("https_ok {url}"),
    }
}
