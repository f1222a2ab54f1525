//! Keys, certificates and kubeconfigs in a folder that stands for a host.

mod certificate;
mod conformance;
mod kubeconfig;
mod rotation;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use provider::Environment;
use provider::conformance::environment;
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose};
use value::Value;

use super::support::{bench, differing, list, root, run, text, texts};

/// An authority for tests, made by another library: its certificate and key in PEM.
struct Ca {
    certificate: String,
    key: String,
}

/// The time of [`environment`].
const NOW: u64 = 1_714_979_289;

impl Ca {
    fn new(name: &str) -> Self {
        Self::valid(name, 87_600)
    }

    /// One that is valid for some hours.
    fn valid(name: &str, hours: u64) -> Self {
        let key = KeyPair::generate().expect("is made");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        let begin = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW - 86_400);
        params.not_before = begin.into();
        params.not_after = (begin + Duration::from_hours(hours + 24)).into();
        let certificate = params.self_signed(&key).expect("is signed");
        Self { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

/// Whether openssl is here. Where it is not, says so, and fails where it could have been installed.
fn openssl_is_here() -> bool {
    let here = Command::new("openssl").arg("version").output().is_ok();
    if !here {
        assert!(std::env::var_os("CI").is_none(), "openssl is missing: install it");
        eprintln!("openssl is missing: the tests of keys and certificates are left out");
    }
    here
}

/// A clock that can be put forward.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn put_forward(&self, hours: u64) {
        self.0.fetch_add(hours * 3600, Ordering::Relaxed);
    }

    fn environment(&self, folder: &Path) -> Environment {
        let passed = Arc::clone(&self.0);
        let clock =
            move || SystemTime::UNIX_EPOCH + Duration::from_secs(NOW + passed.load(Ordering::Relaxed));
        Environment { clock: Arc::new(clock), ..environment(folder) }
    }
}

/// The configuration of a server's certificate.
fn certificate(folder: &Path, ca: &Ca) -> Value {
    Value::object_of([
        ("host", root(folder)),
        ("path", text("/etc/eksd/pki/apiserver.crt")),
        ("ca_cert_pem", text(&ca.certificate)),
        ("ca_private_key_pem", text(&ca.key)),
        ("common_name", text("kube-apiserver")),
        ("organization", list(&["system:masters", "a"])),
        ("dns_names", list(&["kubernetes", "api.example"])),
        ("ip_addresses", list(&["10.96.0.1", "0:0::1"])),
        ("uses", list(&["key_encipherment", "digital_signature", "server_auth"])),
    ])
}
