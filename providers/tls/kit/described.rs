use std::net::IpAddr;

use dashu_int::UBig;
use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::certificate::{is_ca, rfc3339};
use crate::extensions::uses_of;
use crate::key::Curve;
use crate::names::{texts_of, to_text};
use crate::pem;

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// The whole subject as text.
    pub subject: String,
    pub issuer: String,
    pub common_name: String,
    pub organizations: Vec<String>,
    pub dns_names: Vec<String>,
    pub ip_addresses: Vec<String>,
    /// Whether it is for names of other kinds, too.
    pub has_other_names: bool,
    pub uses: Vec<String>,
    pub is_ca: bool,
    /// In decimal digits.
    pub serial_number: String,
    /// In seconds since 1970.
    pub not_before: i64,
    pub not_after: i64,
    /// SHA-256 of the certificate in hexadecimal digits.
    pub fingerprint: String,
    /// `SubjectPublicKeyInfo` in DER.
    pub key: Vec<u8>,
}

impl Described {
    /// Reads the first certificate of a PEM text.
    pub fn read(text: &str) -> Result<Self, String> {
        let der = pem::decode_one(text, pem::CERTIFICATE)?;
        let certificate = Certificate::from_der(&der).map_err(|error| error.to_string())?;
        let content = certificate.tbs_certificate();
        let names = content.get_extension::<SubjectAltName>().map_err(|error| error.to_string())?;
        let names = names.map(|(_, names)| names.0).unwrap_or_default();
        let mut dns_names = Vec::new();
        let mut ip_addresses = Vec::new();
        let mut has_other_names = false;
        for name in names {
            match name {
                GeneralName::DnsName(name) => dns_names.push(name.as_str().to_owned()),
                GeneralName::IpAddress(bytes) => match address(bytes.as_bytes()) {
                    Some(address) => ip_addresses.push(address.to_string()),
                    None => has_other_names = true,
                },
                _ => has_other_names = true,
            }
        }
        let first = |texts: Vec<String>| texts.into_iter().next().unwrap_or_default();
        Ok(Self {
            subject: to_text(content.subject()),
            issuer: to_text(content.issuer()),
            common_name: first(texts_of(content.subject(), "common_name")),
            organizations: texts_of(content.subject(), "organization"),
            dns_names,
            ip_addresses,
            has_other_names,
            uses: uses_of(&certificate),
            is_ca: is_ca(&certificate),
            serial_number: UBig::from_be_bytes(content.serial_number().as_bytes()).to_string(),
            not_before: unix(content.validity().not_before),
            not_after: unix(content.validity().not_after),
            fingerprint: Sha256::digest(&der).iter().map(|byte| format!("{byte:02x}")).collect(),
            key: content.subject_public_key_info().to_der().map_err(|error| error.to_string())?,
        })
    }

    /// `ECDSA-P256`, `RSA-2048` and the like; the number of an algorithm that is neither.
    pub fn key_algorithm(&self) -> String {
        key_algorithm(&self.key)
    }

    /// When it begins to be valid, in RFC 3339 format.
    pub fn not_before_text(&self) -> String {
        rfc3339(self.not_before)
    }

    /// When it ends, in RFC 3339 format.
    pub fn not_after_text(&self) -> String {
        rfc3339(self.not_after)
    }

    pub(super) fn end_of(certificate: &Certificate) -> i64 {
        unix(certificate.tbs_certificate().validity().not_after)
    }
}

/// `ECDSA-P256`, `RSA-2048` and the like, of a `SubjectPublicKeyInfo` in DER.
fn key_algorithm(der: &[u8]) -> String {
    let Ok(key) = SubjectPublicKeyInfoOwned::from_der(der) else { return String::new() };
    let curve = key.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    let rsa = pkcs1::RsaPublicKey::from_der(key.subject_public_key.raw_bytes());
    match (curve.and_then(Curve::from_oid), rsa) {
        (Some(curve), _) => format!("ECDSA-{curve:?}"),
        (None, Ok(rsa)) => format!("RSA-{}", rsa.modulus.as_bytes().len() * 8),
        (None, Err(_)) => key.algorithm.oid.to_string(),
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    <[u8; 4]>::try_from(bytes)
        .map(IpAddr::from)
        .or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from))
        .ok()
}

fn unix(time: x509_cert::time::Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}
