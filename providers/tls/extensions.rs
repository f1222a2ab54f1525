//! Certificate extensions, in the order in which Go writes them.

use std::net::IpAddr;

use der::asn1::{Ia5String, ObjectIdentifier, OctetString};
use der::{Encode, oid::AssociatedOid};
use provider::simple::Access;
use value::Value;
use x509_cert::Certificate;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
    SubjectKeyIdentifier,
};

/// Key usages by the names that `allowed_uses` takes.
const KEY_USAGES: [(&str, KeyUsages); 9] = [
    ("digital_signature", KeyUsages::DigitalSignature),
    ("content_commitment", KeyUsages::NonRepudiation),
    ("key_encipherment", KeyUsages::KeyEncipherment),
    ("data_encipherment", KeyUsages::DataEncipherment),
    ("key_agreement", KeyUsages::KeyAgreement),
    ("cert_signing", KeyUsages::KeyCertSign),
    ("crl_signing", KeyUsages::CRLSign),
    ("encipher_only", KeyUsages::EncipherOnly),
    ("decipher_only", KeyUsages::DecipherOnly),
];

/// Extended key usages by name.
const EXTENDED_KEY_USAGES: [(&str, &str); 14] = [
    ("any_extended", "2.5.29.37.0"),
    ("server_auth", "1.3.6.1.5.5.7.3.1"),
    ("client_auth", "1.3.6.1.5.5.7.3.2"),
    ("code_signing", "1.3.6.1.5.5.7.3.3"),
    ("email_protection", "1.3.6.1.5.5.7.3.4"),
    ("ipsec_end_system", "1.3.6.1.5.5.7.3.5"),
    ("ipsec_tunnel", "1.3.6.1.5.5.7.3.6"),
    ("ipsec_user", "1.3.6.1.5.5.7.3.7"),
    ("timestamping", "1.3.6.1.5.5.7.3.8"),
    ("ocsp_signing", "1.3.6.1.5.5.7.3.9"),
    ("microsoft_server_gated_crypto", "1.3.6.1.4.1.311.10.3.3"),
    ("netscape_server_gated_crypto", "2.16.840.1.113730.4.1"),
    ("microsoft_commercial_code_signing", "1.3.6.1.4.1.311.2.1.22"),
    ("microsoft_kernel_code_signing", "1.3.6.1.4.1.311.61.1.1"),
];

/// What goes into the extensions of a certificate.
pub(crate) struct Contents {
    pub uses: Vec<String>,
    /// What it is as an authority's.
    pub ca: Option<Authority>,
    pub subject_key: Option<Vec<u8>>,
    pub authority_key: Option<Vec<u8>>,
    pub names: Vec<GeneralName>,
    /// Other names are all there is, so they must not be overlooked.
    pub names_critical: bool,
}

/// A certificate's being an authority's.
#[derive(Clone, Copy)]
pub(crate) struct Authority {
    /// The greatest number of authorities below it.
    pub longest_path: Option<u8>,
}

/// All names that `allowed_uses` takes, sorted.
pub fn use_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = KEY_USAGES.iter().map(|(name, _)| *name).collect();
    names.extend(EXTENDED_KEY_USAGES.iter().map(|(name, _)| *name));
    names.sort_unstable();
    names
}

impl Contents {
    pub(crate) fn extensions(&self) -> der::Result<Vec<Extension>> {
        let mut extensions = Vec::new();
        let usages = KEY_USAGES.into_iter().filter(|(name, _)| self.has_use(name)).map(|(_, usage)| usage);
        let usages = usages.fold(None, |all: Option<KeyUsage>, usage| {
            Some(all.map_or_else(|| KeyUsage(usage.into()), |all| KeyUsage(all.0 | usage)))
        });
        if let Some(usages) = usages {
            extensions.push(extension(true, &usages)?);
        }
        let extended: Vec<ObjectIdentifier> = self
            .uses
            .iter()
            .filter_map(|wanted| EXTENDED_KEY_USAGES.iter().find(|(name, _)| name == wanted))
            .map(|(_, oid)| ObjectIdentifier::new_unwrap(oid))
            .collect();
        if !extended.is_empty() {
            extensions.push(extension(false, &ExtendedKeyUsage(extended))?);
        }
        let constraints = BasicConstraints {
            ca: self.ca.is_some(),
            path_len_constraint: self.ca.and_then(|ca| ca.longest_path),
        };
        extensions.push(extension(true, &constraints)?);
        if let Some(key) = &self.subject_key {
            extensions.push(extension(false, &SubjectKeyIdentifier(OctetString::new(key.as_slice())?))?);
        }
        if let Some(key) = &self.authority_key {
            let identifier = AuthorityKeyIdentifier {
                key_identifier: Some(OctetString::new(key.as_slice())?),
                authority_cert_issuer: None,
                authority_cert_serial_number: None,
            };
            extensions.push(extension(false, &identifier)?);
        }
        if !self.names.is_empty() {
            extensions.push(extension(self.names_critical, &SubjectAltName(self.names.clone()))?);
        }
        Ok(extensions)
    }

    fn has_use(&self, name: &str) -> bool {
        self.uses.iter().any(|wanted| wanted == name)
    }
}

/// What a certificate says that its key may be used for, by the names that `allowed_uses` takes; others as their numbers.
pub(crate) fn uses_of(certificate: &Certificate) -> Vec<String> {
    let content = certificate.tbs_certificate();
    let mut uses = Vec::new();
    if let Ok(Some((_, usage))) = content.get_extension::<KeyUsage>() {
        let set = KEY_USAGES.iter().filter(|(_, flag)| usage.0.contains(*flag));
        uses.extend(set.map(|(name, _)| (*name).to_owned()));
    }
    if let Ok(Some((_, usage))) = content.get_extension::<ExtendedKeyUsage>() {
        uses.extend(usage.0.iter().map(|oid| {
            let known =
                EXTENDED_KEY_USAGES.iter().find(|(_, known)| *oid == ObjectIdentifier::new_unwrap(known));
            known.map_or_else(|| oid.to_string(), |(name, _)| (*name).to_owned())
        }));
    }
    uses
}

pub(crate) fn extension<T: Encode + AssociatedOid>(critical: bool, content: &T) -> der::Result<Extension> {
    Ok(Extension { extn_id: T::OID, critical, extn_value: OctetString::new(content.to_der()?)? })
}

/// The names of `dns_names`, `ip_addresses` and `uris`; the error names what cannot be one.
pub(crate) fn alternative_names(object: &Value) -> Result<Vec<GeneralName>, (&'static str, String)> {
    names_from(&object.texts("dns_names"), &object.texts("ip_addresses"), &object.texts("uris"))
}

/// Names of hosts, addresses and URIs; the error says which attribute and text cannot be one.
pub(crate) fn names_from(
    dns_names: &[&str],
    ip_addresses: &[&str],
    uris: &[&str],
) -> Result<Vec<GeneralName>, (&'static str, String)> {
    let mut names = Vec::new();
    for text in dns_names {
        names
            .push(GeneralName::DnsName(Ia5String::new(text).map_err(|_| ("dns_names", (*text).to_owned()))?));
    }
    for text in ip_addresses {
        let wrong = || ("ip_addresses", (*text).to_owned());
        let bytes = match text.parse::<IpAddr>().map_err(|_| wrong())?.to_canonical() {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        names.push(GeneralName::IpAddress(OctetString::new(bytes).map_err(|_| wrong())?));
    }
    for text in uris {
        names.push(GeneralName::UniformResourceIdentifier(
            Ia5String::new(text).map_err(|_| ("uris", (*text).to_owned()))?,
        ));
    }
    Ok(names)
}
