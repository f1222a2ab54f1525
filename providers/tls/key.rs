//! Keys: generation, signatures, and the public half.

use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use der::asn1::{Any, BitString, ObjectIdentifier};
use der::{Decode, Encode};
use p224::ecdsa::signature::hazmat::PrehashSigner;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
pub(crate) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// A private key in its parts.
pub(crate) enum PrivateKey {
    /// PKCS#1 DER.
    Rsa(Vec<u8>),
    /// The scalar, and the public point uncompressed.
    Ec {
        curve: Curve,
        scalar: Vec<u8>,
        point: Vec<u8>,
    },
    Ed25519 {
        seed: [u8; 32],
        public: [u8; 32],
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P224,
    P256,
    P384,
    P521,
}

/// What to generate.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Rsa(KeySize),
    Ec(Curve),
    Ed25519,
}

/// A public key in its parts.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// Modulus and exponent, big-endian without leading zeros.
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    Ec {
        curve: Curve,
        point: Vec<u8>,
    },
    Ed25519([u8; 32]),
}

/// Why a key cannot be used; never shows the key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("the key cannot be decoded")]
    Malformed,
    #[error("the key is refused: {0}")]
    Rejected(String),
    #[error("keys of this kind are not supported")]
    Unsupported,
    #[error("the cryptographic library failed")]
    Failed,
}

impl From<der::Error> for KeyError {
    fn from(_: der::Error) -> Self {
        Self::Malformed
    }
}

impl From<aws_lc_rs::error::Unspecified> for KeyError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Failed
    }
}

impl From<aws_lc_rs::error::KeyRejected> for KeyError {
    fn from(error: aws_lc_rs::error::KeyRejected) -> Self {
        Self::Rejected(error.to_string())
    }
}

impl Curve {
    pub(crate) const ALL: [Self; 4] = [Self::P224, Self::P256, Self::P384, Self::P521];

    /// As configurations name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::P224 => "P224",
            Self::P256 => "P256",
            Self::P384 => "P384",
            Self::P521 => "P521",
        }
    }

    pub(crate) fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P224 => ObjectIdentifier::new_unwrap("1.3.132.0.33"),
            Self::P256 => ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
            Self::P384 => ObjectIdentifier::new_unwrap("1.3.132.0.34"),
            Self::P521 => ObjectIdentifier::new_unwrap("1.3.132.0.35"),
        }
    }

    pub(crate) fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.oid() == oid)
    }

    /// The length of a scalar in bytes.
    fn scalar_len(self) -> usize {
        match self {
            Self::P224 => 28,
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// What signs with it; P-224 is signed with apart from the others.
    fn signing(self) -> Option<&'static EcdsaSigningAlgorithm> {
        match self {
            Self::P224 => None,
            Self::P256 => Some(&ECDSA_P256_SHA256_ASN1_SIGNING),
            Self::P384 => Some(&ECDSA_P384_SHA384_ASN1_SIGNING),
            Self::P521 => Some(&ECDSA_P521_SHA512_ASN1_SIGNING),
        }
    }
}

impl PrivateKey {
    pub(crate) fn generate(kind: Kind) -> Result<Self, KeyError> {
        match kind {
            Kind::Rsa(size) => {
                let pair = RsaKeyPair::generate(size)?;
                let document: Pkcs8V1Der<'_> = pair.as_der()?;
                Self::from_pkcs8(document.as_ref())
            }
            Kind::Ec(curve) => generate_ec(curve),
            Kind::Ed25519 => {
                let pair = Ed25519KeyPair::generate()?;
                let seed = pair.seed()?;
                let seed: aws_lc_rs::encoding::Curve25519SeedBin<'_> = seed.as_be_bytes()?;
                Self::from_ed25519_seed(seed.as_ref())
            }
        }
    }

    pub(crate) fn from_ed25519_seed(seed: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Malformed)?;
        Ok(Self::Ed25519 { seed: seed.try_into().map_err(|_| KeyError::Malformed)?, public })
    }

    /// From the scalar, which may lack leading zeros.
    pub(crate) fn from_ec_scalar(curve: Curve, scalar: &[u8]) -> Result<Self, KeyError> {
        let significant = scalar.iter().position(|byte| *byte != 0).unwrap_or(scalar.len());
        let significant = scalar.get(significant..).unwrap_or_default();
        let length = curve.scalar_len();
        let missing = length.checked_sub(significant.len()).ok_or(KeyError::Malformed)?;
        let mut padded = vec![0; missing];
        padded.extend_from_slice(significant);
        let point = match curve.signing() {
            Some(algorithm) => {
                let sec1 = crate::key_file::sec1(curve, &padded, None, true)?;
                EcdsaKeyPair::from_private_key_der(algorithm, &sec1)?.public_key().as_ref().to_vec()
            }
            None => uncompressed_p224(&padded)?,
        };
        Ok(Self::Ec { curve, scalar: padded, point })
    }

    /// `RSA`, `ECDSA` or `ED25519`.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::Ec { .. } => "ECDSA",
            Self::Ed25519 { .. } => "ED25519",
        }
    }

    pub(crate) fn public(&self) -> Result<PublicKey, KeyError> {
        Ok(match self {
            Self::Rsa(pkcs1) => {
                let key = pkcs1::RsaPrivateKey::from_der(pkcs1)?;
                PublicKey::Rsa {
                    modulus: key.modulus.as_bytes().to_vec(),
                    exponent: key.public_exponent.as_bytes().to_vec(),
                }
            }
            Self::Ec { curve, point, .. } => PublicKey::Ec { curve: *curve, point: point.clone() },
            Self::Ed25519 { public, .. } => PublicKey::Ed25519(*public),
        })
    }

    /// What the signatures of this key are called in certificates.
    pub(crate) fn signature_algorithm(&self) -> AlgorithmIdentifierOwned {
        match self {
            Self::Rsa(_) => algorithm(SHA256_WITH_RSA, Some(Any::null())),
            Self::Ec { curve: Curve::P224 | Curve::P256, .. } => algorithm(ECDSA_WITH_SHA256, None),
            Self::Ec { curve: Curve::P384, .. } => algorithm(ECDSA_WITH_SHA384, None),
            Self::Ec { curve: Curve::P521, .. } => algorithm(ECDSA_WITH_SHA512, None),
            Self::Ed25519 { .. } => algorithm(ED25519, None),
        }
    }

    /// Signs with [`PrivateKey::signature_algorithm`].
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match self {
            Self::Rsa(pkcs1) => {
                let pair = RsaKeyPair::from_der(pkcs1)?;
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            Self::Ec { curve, scalar, point } => match curve.signing() {
                Some(algorithm) => {
                    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, point)?;
                    Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec())
                }
                None => {
                    let key = p224::ecdsa::SigningKey::from_slice(scalar).map_err(|_| KeyError::Malformed)?;
                    let signature: p224::ecdsa::Signature =
                        key.sign_prehash(&Sha256::digest(message)).map_err(|_| KeyError::Failed)?;
                    Ok(signature.to_der().as_bytes().to_vec())
                }
            },
            Self::Ed25519 { seed, public } => {
                let pair = Ed25519KeyPair::from_seed_and_public_key(seed, public)?;
                Ok(pair.sign(message).as_ref().to_vec())
            }
        }
    }
}

impl PublicKey {
    /// As certificates hold it.
    pub(crate) fn to_spki(&self) -> Result<SubjectPublicKeyInfoOwned, KeyError> {
        let (algorithm, bytes) = match self {
            Self::Rsa { .. } => (algorithm(RSA_ENCRYPTION, Some(Any::null())), self.key_bytes()?),
            Self::Ec { curve, point } => {
                (algorithm(EC_PUBLIC_KEY, Some(Any::encode_from(&curve.oid())?)), point.clone())
            }
            Self::Ed25519(public) => (algorithm(ED25519, None), public.to_vec()),
        };
        Ok(SubjectPublicKeyInfoOwned { algorithm, subject_public_key: BitString::from_bytes(&bytes)? })
    }

    pub(crate) fn to_der(&self) -> Result<Vec<u8>, KeyError> {
        Ok(self.to_spki()?.to_der()?)
    }

    /// PKCS#1 of an RSA key, the point of an EC key, the key itself of Ed25519.
    fn key_bytes(&self) -> Result<Vec<u8>, KeyError> {
        Ok(match self {
            Self::Rsa { modulus, exponent } => {
                let key = pkcs1::RsaPublicKey {
                    modulus: der::asn1::UintRef::new(modulus)?,
                    public_exponent: der::asn1::UintRef::new(exponent)?,
                };
                key.to_der()?
            }
            Self::Ec { point, .. } => point.clone(),
            Self::Ed25519(public) => public.to_vec(),
        })
    }
}

/// The SHA-1 that `HashiCorp`'s provider makes key identifiers of: of the key's bytes, which for Ed25519 it wraps as an
/// octet string first.
pub(crate) fn key_identifier(spki: &SubjectPublicKeyInfoOwned) -> Vec<u8> {
    let bytes = spki.subject_public_key.raw_bytes();
    let mut hash = Sha1::new();
    if spki.algorithm.oid == ED25519 {
        hash.update([4, u8::try_from(bytes.len()).unwrap_or(u8::MAX)]);
    }
    hash.update(bytes);
    hash.finalize().to_vec()
}

pub(crate) fn algorithm(oid: ObjectIdentifier, parameters: Option<Any>) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid, parameters }
}

fn generate_ec(curve: Curve) -> Result<PrivateKey, KeyError> {
    let Some(algorithm) = curve.signing() else {
        // A random number is a scalar unless it is 0 or not below the order, which happens once in 2^112 times.
        loop {
            let mut scalar = [0; 28];
            aws_lc_rs::rand::fill(&mut scalar)?;
            if let Ok(key) = PrivateKey::from_ec_scalar(curve, &scalar) {
                return Ok(key);
            }
        }
    };
    let pair = EcdsaKeyPair::generate(algorithm)?;
    let scalar: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes()?;
    Ok(PrivateKey::Ec { curve, scalar: scalar.as_ref().to_vec(), point: pair.public_key().as_ref().to_vec() })
}

fn uncompressed_p224(scalar: &[u8]) -> Result<Vec<u8>, KeyError> {
    use p224::elliptic_curve::sec1::ToEncodedPoint;
    let secret = p224::SecretKey::from_slice(scalar).map_err(|_| KeyError::Malformed)?;
    Ok(secret.public_key().to_encoded_point(false).as_bytes().to_vec())
}
