use async_trait::async_trait;
use aws_lc_rs::rsa::KeySize;
use diag::Diagnostics;
use provider::simple::{Access, Context, Ephemeral, Outcome, Resource};
use provider::{Attribute, Block, Schema, attribute_error};
use serde_json::{Map, Value as Json};
use value::{Path, Type, Value};

use crate::common::{failed, hash_id};
use crate::key::{Curve, KeyError, Kind, PrivateKey, PublicKey};
use crate::pem;

/// `tls_private_key`.
pub(crate) struct PrivateKeyResource;

/// The ephemeral `tls_private_key`.
pub(crate) struct EphemeralPrivateKey;

const TYPE_NAME: &str = "tls_private_key";

const ALGORITHMS: [&str; 3] = ["RSA", "ECDSA", "ED25519"];

#[async_trait]
impl Resource for PrivateKeyResource {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> Schema {
        let id =
            Attribute::computed(Type::String).described("SHA-1 of the public key in hexadecimal digits.");
        Schema::new(1, block("A private key, kept in the state.").with("id", id))
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["algorithm", "ecdsa_curve", "openssh_comment", "rsa_bits"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        defaults()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(config)
    }

    async fn create(&self, _context: &Context, planned: &Value, _config: &Value) -> Outcome {
        generate(planned.clone()).await
    }

    /// Version 0 lacks the forms that were added later.
    fn upgrade(&self, _version: u64, attributes: &mut Map<String, Json>) -> Result<(), String> {
        let text = |name: &str| attributes.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let key = PrivateKey::from_pem(&text("private_key_pem")).map_err(|error| error.to_string())?;
        let forms = forms(&key, "").map_err(|error| error.to_string())?;
        for (name, value) in forms {
            if name != "private_key_pem" {
                attributes.insert(name.into(), Json::String(value));
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Ephemeral for EphemeralPrivateKey {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> Schema {
        Schema::new(0, block("A private key that is never stored."))
    }

    async fn open(&self, _context: &Context, config: &Value) -> Outcome {
        let defaults = defaults().into_iter().filter(|(name, _)| config.is_unset(name));
        generate(defaults.fold(config.clone(), |object, (name, default)| object.with_attr(name, default)))
            .await
    }
}

fn block(description: &str) -> Block {
    let computed = |text: &str| Attribute::computed(Type::String).described(text);
    let block = Block::default()
        .described(description)
        .with("algorithm", Attribute::required(Type::String).described("`RSA`, `ECDSA` or `ED25519`."))
        .with(
            "rsa_bits",
            Attribute::optional_computed(Type::Number)
                .described("The size of an RSA key: 2048, 3072, 4096 or 8192 bits; 2048 if not set."),
        )
        .with(
            "ecdsa_curve",
            Attribute::optional_computed(Type::String)
                .described("The curve of an ECDSA key: `P224`, `P256`, `P384` or `P521`; `P224` if not set."),
        )
        .with("openssh_comment", Attribute::optional(Type::String).described("A comment in OpenSSH's forms."))
        .with(
            "private_key_pem",
            computed("The private key in PEM: PKCS#1, SEC 1, or PKCS#8 for Ed25519.").sensitive(),
        )
        .with("private_key_pem_pkcs8", computed("The private key in PEM, as PKCS#8.").sensitive())
        .with("private_key_openssh", computed("The private key for OpenSSH; empty for `P224`.").sensitive());
    public_key_block(block)
}

/// Adds the forms of a public key.
pub(crate) fn public_key_block(block: Block) -> Block {
    let computed = |text: &str| Attribute::computed(Type::String).described(text);
    block
        .with("public_key_pem", computed("The public key in PEM."))
        .with(
            "public_key_openssh",
            computed("The public key as a line of `authorized_keys`; empty for `P224`."),
        )
        .with("public_key_fingerprint_md5", computed("OpenSSH's MD5 fingerprint of the public key."))
        .with("public_key_fingerprint_sha256", computed("OpenSSH's SHA-256 fingerprint of the public key."))
}

/// The forms of a public key by attribute, `id` included.
pub(crate) fn public_forms(key: &PublicKey, comment: &str) -> Result<Vec<(&'static str, String)>, KeyError> {
    let der = key.to_der()?;
    let (line, md5, sha256) = match key.to_openssh(comment) {
        Some(forms) => (forms.authorized_key, forms.md5, forms.sha256),
        None => Default::default(),
    };
    Ok(vec![
        ("id", hash_id(&der)),
        ("public_key_pem", pem::encode(pem::PUBLIC_KEY, &der)),
        ("public_key_openssh", line),
        ("public_key_fingerprint_md5", md5),
        ("public_key_fingerprint_sha256", sha256),
    ])
}

fn defaults() -> Vec<(&'static str, Value)> {
    vec![("ecdsa_curve", Value::string("P224")), ("rsa_bits", Value::number(2048))]
}

fn validate(config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut refuse = |name: &str, expected: String| {
        let detail = format!("Attribute {name} value must be one of: {expected}.");
        diagnostics.push(attribute_error(&Path::from_attr(name), "Invalid Attribute Value Match", detail));
    };
    if config.text("algorithm").is_some_and(|name| !ALGORITHMS.contains(&name)) {
        refuse("algorithm", ALGORITHMS.join(", "));
    }
    let curves = Curve::ALL.map(Curve::name);
    if config.text("ecdsa_curve").is_some_and(|name| !curves.contains(&name)) {
        refuse("ecdsa_curve", curves.join(", "));
    }
    let bits = config.attr("rsa_bits").filter(|bits| bits.as_number().is_some());
    if bits.is_some_and(|bits| bits.as_i64().and_then(rsa_size).is_none())
        && config.text("algorithm") == Some("RSA")
    {
        refuse("rsa_bits", "2048, 3072, 4096, 8192".into());
    }
    diagnostics
}

fn rsa_size(bits: i64) -> Option<KeySize> {
    match bits {
        2048 => Some(KeySize::Rsa2048),
        3072 => Some(KeySize::Rsa3072),
        4096 => Some(KeySize::Rsa4096),
        8192 => Some(KeySize::Rsa8192),
        _ => None,
    }
}

/// The object with a new key in all forms that it has attributes for.
async fn generate(object: Value) -> Outcome {
    validate(&object).into_result()?;
    let kind = match object.text("algorithm") {
        Some("RSA") => object.int("rsa_bits").and_then(rsa_size).map(Kind::Rsa),
        Some("ECDSA") => {
            let name = object.text("ecdsa_curve").unwrap_or_default();
            Curve::ALL.into_iter().find(|curve| curve.name() == name).map(Kind::Ec)
        }
        _ => Some(Kind::Ed25519),
    };
    let unable = |error: &dyn std::fmt::Display| failed("Unable to generate Key from configuration", error);
    let kind = kind.ok_or_else(|| unable(&"the kind of key is not known"))?;
    let comment = object.text("openssh_comment").unwrap_or_default().to_owned();
    // Large RSA keys take seconds of computing.
    let made = tokio::task::spawn_blocking(move || forms(&PrivateKey::generate(kind)?, &comment)).await;
    let forms = made.map_err(|error| unable(&error))?.map_err(|error| unable(&error))?;
    let forms = forms.into_iter().filter(|(name, _)| object.attr(name).is_some());
    Ok(forms.fold(object.clone(), |object, (name, text)| object.with_attr(name, Value::string(text))))
}

/// All forms of a key by attribute.
fn forms(key: &PrivateKey, comment: &str) -> Result<Vec<(&'static str, String)>, KeyError> {
    let mut forms = public_forms(&key.public()?, comment)?;
    forms.push(("private_key_pem", key.to_pem()?));
    forms.push(("private_key_pem_pkcs8", key.to_pkcs8_pem()?));
    forms.push(("private_key_openssh", key.to_openssh(comment)?.unwrap_or_default()));
    Ok(forms)
}
