use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Context, Data, Outcome};
use provider::{Attribute, Block, Schema, attribute_error};
use value::{Path, Type, Value};

use crate::common::failed;
use crate::key::PrivateKey;
use crate::private_key::{public_forms, public_key_block};

/// `data.tls_public_key`.
pub(crate) struct PublicKeyData;

const SOURCES: [&str; 2] = ["private_key_pem", "private_key_openssh"];

#[async_trait]
impl Data for PublicKeyData {
    fn type_name(&self) -> &'static str {
        "tls_public_key"
    }

    fn schema(&self) -> Schema {
        let key = |text: &str| Attribute::optional(Type::String).sensitive().described(text);
        let block = public_key_block(Block::default().described("The public half of a private key."))
            .with(
                "id",
                Attribute::computed(Type::String).described("SHA-1 of the public key in hexadecimal digits."),
            )
            .with(
                "private_key_pem",
                key("The private key in PEM. Either this or `private_key_openssh` is set."),
            )
            .with("private_key_openssh", key("The private key as OpenSSH writes it, without a passphrase."))
            .with("algorithm", Attribute::computed(Type::String).described("`RSA`, `ECDSA` or `ED25519`."));
        Schema::new(0, block)
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let set = SOURCES.iter().filter(|name| !config.is_unset(name)).count();
        let known = SOURCES.iter().all(|name| config.attr(name).is_none_or(Value::is_known));
        if set == 1 || (set > 1 && !known) {
            return Diagnostics::new();
        }
        let detail =
            "Exactly one of these attributes must be configured: [private_key_pem,private_key_openssh]";
        attribute_error(&Path::from_attr("private_key_pem"), "Invalid Attribute Combination", detail).into()
    }

    async fn read(&self, _context: &Context, config: &Value) -> Outcome {
        let key = match config.text("private_key_openssh") {
            Some(text) => PrivateKey::from_openssh(text),
            None => PrivateKey::from_pem(config.text("private_key_pem").unwrap_or_default()),
        };
        let key = key.map_err(|error| failed("Unable to parse private key", error))?;
        let public = key.public().and_then(|public| public_forms(&public, ""));
        let forms = public.map_err(|error| failed("Failed to get public key from private key", error))?;
        let object = config.with_attr("algorithm", Value::string(key.algorithm()));
        Ok(forms.into_iter().fold(object, |object, (name, text)| object.with_attr(name, Value::string(text))))
    }
}
