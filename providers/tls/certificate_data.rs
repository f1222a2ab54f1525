use async_trait::async_trait;
use dashu_int::UBig;
use der::oid::ObjectIdentifier;
use der::{Decode, Encode};
use diag::Diagnostics;
use provider::simple::{Access, Context, Data, Outcome, with};
use provider::{Attribute, Block, Schema, attribute_error};
use sha1::{Digest, Sha1};
use value::{Path, Type, Value};
use x509_cert::Certificate;

use crate::certificate::{is_ca, rfc3339};
use crate::common::{failed, hash_id};
use crate::fetch::{Target, fetch};
use crate::proxy::Proxy;
use crate::{names, pem};

/// `data.tls_certificate`.
pub(crate) struct CertificateData;

/// Signature algorithms as Go names them.
const SIGNATURES: [(&str, &str); 13] = [
    ("1.2.840.113549.1.1.2", "MD2-RSA"),
    ("1.2.840.113549.1.1.4", "MD5-RSA"),
    ("1.2.840.113549.1.1.5", "SHA1-RSA"),
    ("1.2.840.113549.1.1.11", "SHA256-RSA"),
    ("1.2.840.113549.1.1.12", "SHA384-RSA"),
    ("1.2.840.113549.1.1.13", "SHA512-RSA"),
    ("1.2.840.10040.4.3", "DSA-SHA1"),
    ("2.16.840.1.101.3.4.3.2", "DSA-SHA256"),
    ("1.2.840.10045.4.1", "ECDSA-SHA1"),
    ("1.2.840.10045.4.3.2", "ECDSA-SHA256"),
    ("1.2.840.10045.4.3.3", "ECDSA-SHA384"),
    ("1.2.840.10045.4.3.4", "ECDSA-SHA512"),
    ("1.3.101.112", "Ed25519"),
];

/// Key algorithms as Go names them.
const KEYS: [(&str, &str); 4] = [
    ("1.2.840.113549.1.1.1", "RSA"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.10045.2.1", "ECDSA"),
    ("1.3.101.112", "Ed25519"),
];

#[async_trait]
impl Data for CertificateData {
    fn type_name(&self) -> &'static str {
        "tls_certificate"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described("The certificates of a server, or of a PEM text.")
            .with("id", Attribute::computed(Type::String).described("SHA-1 of the certificates in hexadecimal digits."))
            .with(
                "url",
                Attribute::optional(Type::String)
                    .described("The server: `https://HOST[:PORT]` or `tls://HOST:PORT`. Either this or `content` is set."),
            )
            .with("content", Attribute::optional(Type::String).sensitive().described("The certificates in PEM."))
            .with(
                "verify_chain",
                Attribute::optional(Type::Bool)
                    .described("Whether the server's certificates must be trusted by this machine; true if not set."),
            )
            .with(
                "certificates",
                Attribute::computed(Type::list(certificate_type())).described("The certificates, a server's root first."),
            );
        Schema::new(0, block)
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let both = ["url", "content"].map(|name| config.is_unset(name));
        if both == [true, true] || (both == [false, false] && config.is_wholly_known()) {
            let detail = "Exactly one of these attributes must be configured: [url,content]";
            diagnostics.push(attribute_error(
                &Path::from_attr("url"),
                "Invalid Attribute Combination",
                detail,
            ));
        }
        if let Some(problem) = config.text("url").and_then(|url| Target::parse(url).err()) {
            diagnostics.push(attribute_error(&Path::from_attr("url"), "Invalid URL", problem));
        }
        diagnostics
    }

    async fn read(&self, context: &Context, config: &Value) -> Outcome {
        let ders = match config.text("url") {
            Some(url) => {
                let target = Target::parse(url).map_err(|error| failed("Failed to parse URL", error))?;
                let verify = config.flag("verify_chain").unwrap_or(true);
                let proxy = Proxy::find(context, &target)
                    .map_err(|error| failed("Failed to use the proxy", error))?;
                let fetched = fetch(&target, verify, proxy.as_ref()).await;
                let mut chain =
                    fetched.map_err(|error| failed("Failed to identify fetch peer certificates", error))?;
                chain.reverse();
                chain
            }
            None => from_content(config.text("content").unwrap_or_default())?,
        };
        let certificates: Result<Vec<Value>, Diagnostics> = ders
            .iter()
            .map(|der| describe(der).map_err(|error| failed("Failed to parse certificate", error)))
            .collect();
        let id = hash_id(&ders.concat());
        Ok(with(
            config,
            [("id", Value::string(id)), ("certificates", Value::list(certificate_type(), certificates?))],
        ))
    }
}

fn certificate_type() -> Type {
    let text = [
        "cert_pem",
        "issuer",
        "not_after",
        "not_before",
        "public_key_algorithm",
        "serial_number",
        "sha1_fingerprint",
        "signature_algorithm",
        "subject",
    ];
    let text = text.map(|name| (name, Type::String));
    Type::object(text.into_iter().chain([("is_ca", Type::Bool), ("version", Type::Number)]))
}

fn from_content(text: &str) -> Result<Vec<Vec<u8>>, Diagnostics> {
    let blocks = pem::decode(text);
    if let Some(other) = blocks.iter().find(|block| block.label != pem::CERTIFICATE) {
        let problem = format!("the content holds a PEM block of type \"{}\"", other.label);
        return Err(failed("Unexpected PEM preamble", problem));
    }
    if blocks.is_empty() {
        return Err(failed("Failed to decode PEM", "the content holds no PEM block"));
    }
    Ok(blocks.into_iter().map(|block| block.bytes).collect())
}

fn describe(der: &[u8]) -> der::Result<Value> {
    let certificate = Certificate::from_der(der)?;
    let content = certificate.tbs_certificate();
    let named = |oid: ObjectIdentifier, table: &[(&str, &str)]| {
        let found = table.iter().find(|(known, _)| oid == ObjectIdentifier::new_unwrap(known));
        Value::string(found.map_or_else(|| oid.to_string(), |(_, name)| (*name).to_owned()))
    };
    let time = |time: &x509_cert::time::Time| {
        Value::string(rfc3339(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)))
    };
    let name = |name: &x509_cert::name::Name| Value::string(names::to_text(name));
    let fingerprint: String = Sha1::digest(der).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Value::object_of([
        ("cert_pem", Value::string(pem::encode(pem::CERTIFICATE, &certificate.to_der()?))),
        ("is_ca", Value::bool(is_ca(&certificate))),
        ("issuer", name(content.issuer())),
        ("not_after", time(&content.validity().not_after)),
        ("not_before", time(&content.validity().not_before)),
        ("public_key_algorithm", named(content.subject_public_key_info().algorithm.oid, &KEYS)),
        ("serial_number", Value::string(UBig::from_be_bytes(content.serial_number().as_bytes()).to_string())),
        ("sha1_fingerprint", Value::string(fingerprint)),
        ("signature_algorithm", named(certificate.signature_algorithm().oid, &SIGNATURES)),
        ("subject", name(content.subject())),
        ("version", Value::number(i64::from(content.version() as u8) + 1)),
    ]))
}
