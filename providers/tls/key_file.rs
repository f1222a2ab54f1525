//! Private keys as files: PKCS#1, SEC 1 and PKCS#8 in PEM.

use der::asn1::{Any, ObjectIdentifier, OctetString};
use der::{Decode, Encode};
use pkcs8::PrivateKeyInfoRef;
use sec1::{EcParameters, EcPrivateKey};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::key::{Curve, EC_PUBLIC_KEY, ED25519, KeyError, PrivateKey, algorithm};
use crate::pem;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// PKCS#8 version 1 (RFC 5208).
#[derive(der::Sequence)]
struct Pkcs8 {
    version: u8,
    algorithm: AlgorithmIdentifierOwned,
    key: OctetString,
}

impl PrivateKey {
    /// Reads the first block of a PEM text.
    pub(crate) fn from_pem(text: &str) -> Result<Self, KeyError> {
        let block = pem::decode(text).into_iter().next().ok_or(KeyError::Malformed)?;
        match block.label.as_str() {
            pem::RSA_PRIVATE_KEY => Self::from_pkcs1(&block.bytes),
            pem::EC_PRIVATE_KEY => Self::from_sec1(&block.bytes, None),
            pem::PRIVATE_KEY => Self::from_pkcs8(&block.bytes),
            _ => Err(KeyError::Unsupported),
        }
    }

    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let info = PrivateKeyInfoRef::from_der(der)?;
        let key = info.private_key.as_bytes();
        match info.algorithm.oid {
            RSA_ENCRYPTION => Self::from_pkcs1(key),
            EC_PUBLIC_KEY => {
                let curve: ObjectIdentifier = info
                    .algorithm
                    .parameters
                    .ok_or(KeyError::Malformed)?
                    .decode_as()
                    .map_err(|_| KeyError::Malformed)?;
                Self::from_sec1(key, Some(curve))
            }
            // The key is an octet string within the octet string (RFC 8410).
            ED25519 => Self::from_ed25519_seed(OctetString::from_der(key)?.as_bytes()),
            _ => Err(KeyError::Unsupported),
        }
    }

    /// The traditional form: PKCS#1, SEC 1, or PKCS#8 where there is none.
    pub(crate) fn to_pem(&self) -> Result<String, KeyError> {
        match self {
            Self::Rsa(pkcs1) => Ok(pem::encode(pem::RSA_PRIVATE_KEY, pkcs1)),
            Self::Ec { curve, scalar, point } => {
                Ok(pem::encode(pem::EC_PRIVATE_KEY, &sec1(*curve, scalar, Some(point), true)?))
            }
            Self::Ed25519 { .. } => self.to_pkcs8_pem(),
        }
    }

    pub(crate) fn to_pkcs8_pem(&self) -> Result<String, KeyError> {
        let (algorithm, key) = match self {
            Self::Rsa(pkcs1) => (algorithm(RSA_ENCRYPTION, Some(Any::null())), pkcs1.clone()),
            Self::Ec { curve, scalar, point } => (
                algorithm(EC_PUBLIC_KEY, Some(Any::encode_from(&curve.oid())?)),
                sec1(*curve, scalar, Some(point), false)?,
            ),
            Self::Ed25519 { seed, .. } => {
                (algorithm(ED25519, None), OctetString::new(seed.as_slice())?.to_der()?)
            }
        };
        let document = Pkcs8 { version: 0, algorithm, key: OctetString::new(key)? };
        Ok(pem::encode(pem::PRIVATE_KEY, &document.to_der()?))
    }

    pub(crate) fn from_pkcs1(der: &[u8]) -> Result<Self, KeyError> {
        pkcs1::RsaPrivateKey::from_der(der)?;
        Ok(Self::Rsa(der.to_vec()))
    }

    fn from_sec1(der: &[u8], curve: Option<ObjectIdentifier>) -> Result<Self, KeyError> {
        let key = EcPrivateKey::from_der(der)?;
        let named = key.parameters.and_then(sec1::EcParameters::named_curve);
        let curve = curve.or(named).and_then(Curve::from_oid).ok_or(KeyError::Unsupported)?;
        Self::from_ec_scalar(curve, key.private_key)
    }
}

/// SEC 1 (RFC 5915), with the curve's name or, inside of PKCS#8, without.
pub(crate) fn sec1(
    curve: Curve,
    scalar: &[u8],
    point: Option<&[u8]>,
    named: bool,
) -> Result<Vec<u8>, KeyError> {
    let key = EcPrivateKey {
        private_key: scalar,
        parameters: named.then(|| EcParameters::NamedCurve(curve.oid())),
        public_key: point,
    };
    Ok(key.to_der()?)
}
