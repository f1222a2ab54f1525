use std::time::{Duration, SystemTime};

use der::{Decode, Encode};
use x509_cert::Certificate;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::Described;
use crate::certificate::{
    Issuer, RawName, Template, is_ca, is_signed_with, issue, read_certificate, read_request, seconds,
    subject_key,
};
use crate::extensions::{Contents, names_from};
use crate::key::{PrivateKey, key_identifier};
use crate::names::{name_of, to_text};
use crate::pem;

/// A certificate authority, as its certificate tells of it.
pub struct Authority {
    certificate: Certificate,
}

/// A certificate authority whose key is at hand.
pub struct Signer {
    authority: Authority,
    key: PrivateKey,
}

/// What a certificate is to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub common_name: String,
    pub organizations: Vec<String>,
    pub dns_names: Vec<String>,
    pub ip_addresses: Vec<String>,
    /// By the names that `allowed_uses` of `tls_*` takes.
    pub uses: Vec<String>,
}

/// A certificate that was just made.
pub struct Issued {
    pub pem: String,
    pub described: Described,
}

/// How long before now certificates begin to be valid: the clocks of hosts differ.
const EARLIER: Duration = Duration::from_mins(5);

impl Authority {
    /// From the first certificate of a PEM text.
    pub fn new(certificate: &str) -> Result<Self, String> {
        let certificate = read_certificate(certificate)?;
        if !is_ca(&certificate) {
            return Err("the certificate is not one of an authority (is_ca_certificate)".into());
        }
        Ok(Self { certificate })
    }

    /// With its private key in PEM, which must be that of its certificate.
    pub fn with_key(self, key: &str) -> Result<Signer, String> {
        let key = PrivateKey::from_pem(key).map_err(|error| format!("its private key: {error}"))?;
        let public = key.public().and_then(|public| public.to_spki()).map_err(|error| error.to_string())?;
        if public != *self.certificate.tbs_certificate().subject_public_key_info() {
            return Err("the private key is not that of the certificate".into());
        }
        Ok(Signer { authority: self, key })
    }

    /// Its name as text.
    pub fn name(&self) -> String {
        to_text(self.certificate.tbs_certificate().subject())
    }

    /// When its certificate ends, in seconds since 1970.
    pub fn not_after(&self) -> i64 {
        Described::end_of(&self.certificate)
    }

    /// Whether a certificate in PEM is signed by this authority, and names it.
    pub fn signed(&self, certificate: &str) -> bool {
        let Ok(der) = pem::decode_one(certificate, pem::CERTIFICATE) else { return false };
        let own = self.certificate.tbs_certificate();
        let names =
            Certificate::from_der(&der).is_ok_and(|read| read.tbs_certificate().issuer() == own.subject());
        names && is_signed_with(&der, own.subject_public_key_info()) == Ok(true)
    }
}

impl Signer {
    /// Signs a certificate for a public key (`SubjectPublicKeyInfo` in DER) that is valid for some time from now.
    pub fn issue(
        &self,
        wanted: &Wanted,
        key: &[u8],
        now: SystemTime,
        lasting: Duration,
    ) -> Result<Issued, String> {
        let authority = &self.authority;
        let own = authority.certificate.tbs_certificate();
        let text = |error: der::Error| error.to_string();
        let key = SubjectPublicKeyInfoOwned::from_der(key).map_err(text)?;
        let end = seconds(now)
            .zip(i64::try_from(lasting.as_secs()).ok())
            .and_then(|(now, more)| now.checked_add(more));
        if end.is_none_or(|end| end > authority.not_after()) {
            return Err("it would be valid for longer than the certificate of the authority".into());
        }
        let subject = wanted.subject().map_err(text)?;
        let names = wanted.names()?;
        let contents = Contents {
            uses: wanted.uses.clone(),
            ca: None,
            subject_key: Some(key_identifier(&key)),
            authority_key: subject_key(&authority.certificate),
            names_critical: subject.is_empty(),
            names,
        };
        let template = Template {
            extensions: contents.extensions().map_err(text)?,
            subject,
            key,
            not_before: now.checked_sub(EARLIER).unwrap_or(now),
            valid_for: lasting.saturating_add(EARLIER),
        };
        let name = RawName::new(own.subject()).map_err(text)?;
        let issued = issue(template, &Issuer { name, key: &self.key }).map_err(|error| error.to_string())?;
        Ok(Issued { described: Described::read(&issued.pem)?, pem: issued.pem })
    }
}

impl Wanted {
    /// The subject as text.
    pub fn subject_text(&self) -> String {
        self.name().map(|name| to_text(&name)).unwrap_or_default()
    }

    fn name(&self) -> der::Result<crate::names::RdnSequence> {
        name_of(|attribute| match attribute {
            "common_name" => vec![self.common_name.as_str()],
            "organization" => self.organizations.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        })
    }

    fn subject(&self) -> der::Result<RawName> {
        RawName::new(&self.name()?)
    }

    fn names(&self) -> Result<Vec<GeneralName>, String> {
        names_from(&as_texts(&self.dns_names), &as_texts(&self.ip_addresses), &[])
            .map_err(|(name, text)| format!("{text:?} cannot be one of {name}"))
    }
}

fn as_texts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// The public key (`SubjectPublicKeyInfo` in DER) of a request in PEM, if who made it has the private one.
pub fn key_of_request(request: &str) -> Result<Vec<u8>, String> {
    let der = pem::decode_one(request, pem::CERTIFICATE_REQUEST)?;
    let key = read_request(request)?.key;
    match is_signed_with(&der, &key)? {
        true => key.to_der().map_err(|error| error.to_string()),
        false => Err("its signature is not that of its key".into()),
    }
}
