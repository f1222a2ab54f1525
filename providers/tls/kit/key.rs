use aws_lc_rs::rsa::KeySize;

use crate::key::{Curve, Kind, PrivateKey};

/// A private key, for where nobody else can work with it.
pub struct Key(PrivateKey);

impl Key {
    /// A new one, of a kind that [`super::Described::key_algorithm`] names.
    pub fn generate(kind: &str) -> Result<Self, String> {
        let kind = match kind {
            "ECDSA-P256" => Kind::Ec(Curve::P256),
            "ECDSA-P384" => Kind::Ec(Curve::P384),
            "RSA-2048" => Kind::Rsa(KeySize::Rsa2048),
            "RSA-3072" => Kind::Rsa(KeySize::Rsa3072),
            "RSA-4096" => Kind::Rsa(KeySize::Rsa4096),
            _ => return Err(format!("keys of the kind {kind:?} are not known")),
        };
        PrivateKey::generate(kind).map(Self).map_err(|error| error.to_string())
    }

    /// The first one of a PEM text.
    pub fn read(pem: &str) -> Result<Self, String> {
        PrivateKey::from_pem(pem).map(Self).map_err(|error| error.to_string())
    }

    /// PKCS#8 in PEM.
    pub fn pem(&self) -> Result<String, String> {
        self.0.to_pkcs8_pem().map_err(|error| error.to_string())
    }

    /// Its public half: `SubjectPublicKeyInfo` in DER.
    pub fn public(&self) -> Result<Vec<u8>, String> {
        self.0.public().and_then(|public| public.to_der()).map_err(|error| error.to_string())
    }
}
