use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Context, Outcome, Plan, Resource, with};
use provider::{Attribute, Block, Schema};
use value::{Type, Value};

use crate::certificate::request;
use crate::common::{failed, hash_id, names_block, replace_on_pem, validate_names};
use crate::extensions::alternative_names;
use crate::key::PrivateKey;
use crate::names::subject;
use crate::pem;

/// `tls_cert_request`.
pub(crate) struct CertRequest;

#[async_trait]
impl Resource for CertRequest {
    fn type_name(&self) -> &'static str {
        "tls_cert_request"
    }

    fn schema(&self) -> Schema {
        let computed = |text: &str| Attribute::computed(Type::String).described(text);
        let block = names_block(
            Block::default().described("A request for a certificate, to be signed by an authority."),
        )
        .with("id", computed("SHA-1 of the request in hexadecimal digits."))
        .with(
            "private_key_pem",
            Attribute::required(Type::String)
                .sensitive()
                .described("The private key that the certificate is for, in PEM."),
        )
        .with("key_algorithm", computed("`RSA`, `ECDSA` or `ED25519`."))
        .with("cert_request_pem", computed("The request in PEM."));
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["dns_names", "ip_addresses", "subject", "uris"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate_names(config).into_iter().collect()
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        replace_on_pem(plan, &["private_key_pem"]);
    }

    async fn create(&self, _context: &Context, planned: &Value, _config: &Value) -> Outcome {
        let key = PrivateKey::from_pem(planned.text("private_key_pem").unwrap_or_default())
            .map_err(|error| failed("Failed to parse private key PEM", error))?;
        self.validate(planned).into_result()?;
        let names = alternative_names(planned).unwrap_or_default();
        let unable = |error: &dyn std::fmt::Display| failed("Error creating certificate request", error);
        let subject = subject(planned).map_err(|error| unable(&error))?;
        let der = request(&subject, &key, names).map_err(|error| unable(&error))?;
        Ok(with(
            planned,
            [
                ("id", Value::string(hash_id(&der))),
                ("key_algorithm", Value::string(key.algorithm())),
                ("cert_request_pem", Value::string(pem::encode(pem::CERTIFICATE_REQUEST, &der))),
            ],
        ))
    }
}
