//! Certificates and requests: building, signing and reading their DER.

use std::time::{Duration, SystemTime};

use dashu_int::UBig;
use der::asn1::{Any, BitString, SetOfVec, Uint};
use der::{Decode, Encode, Sequence};
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::attr::Attribute;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, Extensions};
use x509_cert::request::{CertReq, ExtensionReq};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::{Time, Validity};

use crate::extensions::extension;
use crate::key::{KeyError, PrivateKey};
use crate::names::RdnSequence;
use crate::pem;

/// A certificate to be signed, but for who signs.
pub(crate) struct Template {
    pub subject: RawName,
    pub key: SubjectPublicKeyInfoOwned,
    pub not_before: SystemTime,
    pub valid_for: Duration,
    pub extensions: Vec<Extension>,
}

/// A distinguished name as it was encoded.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RawName(Any);

/// What a certificate shows of itself in the state.
pub(crate) struct Issued {
    pub pem: String,
    /// In decimal digits.
    pub serial: String,
    pub not_before: String,
    pub not_after: String,
}

/// What a request asks for.
pub(crate) struct Request {
    pub subject: RawName,
    pub key: SubjectPublicKeyInfoOwned,
    pub names: Vec<GeneralName>,
}

/// The authority's side of a signature.
pub(crate) struct Issuer<'a> {
    pub name: RawName,
    pub key: &'a PrivateKey,
}

/// `TBSCertificate` of RFC 5280.
#[derive(Sequence)]
struct Unsigned {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    version: u8,
    serial: Uint,
    signature: AlgorithmIdentifierOwned,
    issuer: Any,
    validity: Validity,
    subject: Any,
    key: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Extensions,
}

/// `CertificationRequestInfo` of RFC 2986.
#[derive(Sequence)]
struct UnsignedRequest {
    version: u8,
    subject: Any,
    key: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    attributes: SetOfVec<Attribute>,
}

#[derive(Sequence)]
struct Signed {
    content: Any,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

impl RawName {
    pub(crate) fn new(name: &impl Encode) -> der::Result<Self> {
        Ok(Self(Any::from_der(&name.to_der()?)?))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.value().is_empty()
    }
}

/// Signs a certificate.
pub(crate) fn issue(template: Template, issuer: &Issuer<'_>) -> Result<Issued, KeyError> {
    let mut serial = [0; 16];
    aws_lc_rs::rand::fill(&mut serial)?;
    let not_before = seconds(template.not_before).ok_or(KeyError::Rejected("the current time".into()))?;
    let hours = i64::try_from(template.valid_for.as_secs()).ok();
    let not_after = hours
        .and_then(|length| not_before.checked_add(length))
        .filter(|end| Timestamp::from_second(*end).is_ok())
        .ok_or(KeyError::Rejected("it would be valid beyond the year 9999".into()))?;
    let unsigned = Unsigned {
        version: 2,
        serial: Uint::new(&serial)?,
        signature: issuer.key.signature_algorithm(),
        issuer: issuer.name.0.clone(),
        validity: Validity::new(time(not_before)?, time(not_after)?),
        subject: template.subject.0,
        key: template.key,
        extensions: template.extensions,
    };
    let signed = sign(&unsigned, issuer.key)?;
    Ok(Issued {
        pem: pem::encode(pem::CERTIFICATE, &signed),
        serial: UBig::from_be_bytes(&serial).to_string(),
        not_before: rfc3339(not_before),
        not_after: rfc3339(not_after),
    })
}

/// Signs a request; gives its DER.
pub(crate) fn request(
    subject: &RdnSequence,
    key: &PrivateKey,
    names: Vec<GeneralName>,
) -> Result<Vec<u8>, KeyError> {
    let mut attributes = SetOfVec::new();
    if !names.is_empty() {
        let request = ExtensionReq(vec![extension(false, &SubjectAltName(names))?]);
        attributes.insert(Attribute::try_from(request)?)?;
    }
    let unsigned = UnsignedRequest {
        version: 0,
        subject: RawName::new(subject)?.0,
        key: key.public()?.to_spki()?,
        attributes,
    };
    sign(&unsigned, key)
}

/// Reads a request in PEM. Of its extensions only the names count.
pub(crate) fn read_request(text: &str) -> Result<Request, String> {
    let der = pem::decode_one(text, pem::CERTIFICATE_REQUEST)?;
    let info = CertReq::from_der(&der)
        .map_err(|error| format!("failed to parse certificate request: {error}"))?
        .info;
    let names = info
        .attributes
        .iter()
        .filter(|attribute| attribute.oid == <ExtensionReq as der::oid::AssociatedOid>::OID)
        .flat_map(|attribute| attribute.values.iter())
        .filter_map(|value| value.decode_as::<ExtensionReq>().ok())
        .flat_map(|request| request.0)
        .filter(|extension| extension.extn_id == <SubjectAltName as der::oid::AssociatedOid>::OID)
        .filter_map(|extension| SubjectAltName::from_der(extension.extn_value.as_bytes()).ok())
        .flat_map(|names| names.0);
    // Others are left out, as Go does.
    let names = names.filter(|name| {
        matches!(
            name,
            GeneralName::DnsName(_) | GeneralName::IpAddress(_) | GeneralName::UniformResourceIdentifier(_)
        )
    });
    let subject = RawName::new(&info.subject).map_err(|error| error.to_string())?;
    Ok(Request { names: names.collect(), subject, key: info.public_key })
}

/// Reads a certificate in PEM.
pub(crate) fn read_certificate(text: &str) -> Result<Certificate, String> {
    let der = pem::decode_one(text, pem::CERTIFICATE)?;
    Certificate::from_der(&der).map_err(|error| format!("failed to parse certificate: {error}"))
}

/// Whether a certificate or request is signed by the holder of a key.
pub(crate) fn is_signed_with(der: &[u8], key: &SubjectPublicKeyInfoOwned) -> Result<bool, String> {
    let unreadable = |error: der::Error| error.to_string();
    let signed = Signed::from_der(der).map_err(unreadable)?;
    let message = signed.content.to_der().map_err(unreadable)?;
    let id = |algorithm: &AlgorithmIdentifierOwned| {
        let der = algorithm.to_der().and_then(|der| Any::from_der(&der).map(|any| any.value().to_vec()));
        der.map_err(unreadable)
    };
    let (key_id, signature_id) = (id(&key.algorithm)?, id(&signed.algorithm)?);
    let known = rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms;
    let fitting: Vec<_> = known
        .all
        .iter()
        .filter(|algorithm| {
            algorithm.public_key_alg_id().as_ref() == key_id
                && algorithm.signature_alg_id().as_ref() == signature_id
        })
        .collect();
    if fitting.is_empty() {
        return Err(format!("nothing verifies signatures of the algorithm {}", signed.algorithm.oid));
    }
    let (key, signature) = (key.subject_public_key.raw_bytes(), signed.signature.raw_bytes());
    Ok(fitting.iter().any(|algorithm| algorithm.verify_signature(key, &message, signature).is_ok()))
}

/// Whether a certificate says that it is an authority's.
pub(crate) fn is_ca(certificate: &Certificate) -> bool {
    let constraints = certificate.tbs_certificate().get_extension::<BasicConstraints>();
    matches!(constraints, Ok(Some((_, constraints))) if constraints.ca)
}

pub(crate) fn subject_key(certificate: &Certificate) -> Option<Vec<u8>> {
    let identifier = certificate.tbs_certificate().get_extension::<SubjectKeyIdentifier>();
    identifier.ok().flatten().map(|(_, identifier)| identifier.0.as_bytes().to_vec())
}

/// RFC 3339 text of seconds since 1970.
pub(crate) fn rfc3339(seconds: i64) -> String {
    Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

/// Seconds since 1970.
pub(crate) fn seconds(time: SystemTime) -> Option<i64> {
    Timestamp::try_from(time).ok().map(Timestamp::as_second)
}

fn time(seconds: i64) -> der::Result<Time> {
    let since = Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
    Ok(Time::GeneralTime(der::asn1::GeneralizedTime::from_unix_duration(since)?))
}

fn sign(content: &impl Encode, key: &PrivateKey) -> Result<Vec<u8>, KeyError> {
    let content = content.to_der()?;
    let signature = BitString::from_bytes(&key.sign(&content)?)?;
    let signed =
        Signed { content: Any::from_der(&content)?, algorithm: key.signature_algorithm(), signature };
    Ok(signed.to_der()?)
}
