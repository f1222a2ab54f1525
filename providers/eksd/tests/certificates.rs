//! Certificates for the tests.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType,
};

/// A CA.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
    pub key: String,
}

/// A certificate with its key, both in PEM.
pub(super) struct Leaf {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("names are fine");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("keys can be made");
        let pem = params.self_signed(&key).expect("can be signed").pem();
        let private = key.serialize_pem();
        Self { issuer: Issuer::new(params, key), pem, key: private }
    }

    /// A certificate for a server and a client.
    pub(super) fn leaf(&self, name: &str, organization: &str, addresses: &[&str]) -> Leaf {
        let names = vec!["localhost".to_owned(), "kubernetes.default.svc".to_owned()];
        let mut params = CertificateParams::new(names).expect("names are fine");
        params.distinguished_name.push(DnType::CommonName, name);
        if !organization.is_empty() {
            params.distinguished_name.push(DnType::OrganizationName, organization);
        }
        let addresses =
            addresses.iter().chain(&["127.0.0.1"]).map(|text| text.parse().expect("is an address"));
        params.subject_alt_names.extend(addresses.map(SanType::IpAddress));
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().expect("keys can be made");
        let certificate = params.signed_by(&key, &self.issuer).expect("can be signed").pem();
        Leaf { certificate, key: key.serialize_pem() }
    }
}

/// A private and a public key in PEM, for tokens.
pub(super) fn key_pair() -> (String, String) {
    let key = KeyPair::generate().expect("keys can be made");
    (key.serialize_pem(), key.public_key_pem())
}
