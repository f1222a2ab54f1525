use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use provider::simple::{Access, Context, Outcome, Plan, Resource};
use provider::{Attribute, Block, Schema};
use value::{Type, Value};

use crate::certificate::{
    Issuer, RawName, Template, is_ca, issue, read_certificate, read_request, subject_key,
};
use crate::common::{
    certificate_block, certificate_defaults, failed, issued, plan_renewal, read_renewal, replace_on_pem,
    validate_certificate,
};
use crate::extensions::Contents;
use crate::key::{KeyError, PrivateKey};
use crate::self_signed::{contents, validity};

/// `tls_locally_signed_cert`.
pub(crate) struct LocallySignedCert;

const PEMS: [&str; 3] = ["ca_cert_pem", "ca_private_key_pem", "cert_request_pem"];

#[async_trait]
impl Resource for LocallySignedCert {
    fn type_name(&self) -> &'static str {
        "tls_locally_signed_cert"
    }

    fn schema(&self) -> Schema {
        let required = |text: &str| Attribute::required(Type::String).described(text);
        let block = Block::default()
            .described("A certificate for a request, signed by an authority whose key is at hand.");
        let block = certificate_block(block)
            .with("ca_cert_pem", required("The authority's certificate in PEM."))
            .with("ca_private_key_pem", required("The authority's private key in PEM.").sensitive())
            .with("cert_request_pem", required("The request in PEM."))
            .with(
                "ca_key_algorithm",
                Attribute::computed(Type::String)
                    .described("Of the authority's key: `RSA`, `ECDSA` or `ED25519`."),
            );
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &[
            "allowed_uses",
            "is_ca_certificate",
            "max_path_length",
            "set_subject_key_id",
            "validity_period_hours",
        ]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        certificate_defaults()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate_certificate(config)
    }

    fn plan(&self, context: &Context, plan: &mut Plan) {
        replace_on_pem(plan, &PEMS);
        plan_renewal(context, plan);
    }

    async fn create(&self, context: &Context, planned: &Value, _config: &Value) -> Outcome {
        self.validate(planned).into_result()?;
        let text = |name: &str| planned.text(name).unwrap_or_default();
        let request = read_request(text("cert_request_pem"))
            .map_err(|error| failed("Failed to parse certificate request PEM", error))?;
        let key = PrivateKey::from_pem(text("ca_private_key_pem"))
            .map_err(|error| failed("Failed to parse CA private key PEM", error))?;
        let authority = read_certificate(text("ca_cert_pem"))
            .map_err(|error| failed("Failed to parse CA certificate PEM", error))?;
        if !is_ca(&authority) {
            context.warn(Diagnostic::warning(
                "Potentially Invalid Certificate Authority",
                "Certificate provided as Authority does not appear to be a valid Certificate Authority. The resulting \
                 certificate might fail certificate validation.",
            ));
        }
        let unable = |error: KeyError| failed("Failed to create certificate", error);
        let name =
            RawName::new(authority.tbs_certificate().subject()).map_err(|error| unable(error.into()))?;
        let public = key.public().and_then(|public| public.to_spki()).map_err(unable)?;
        if public != *authority.tbs_certificate().subject_public_key_info() {
            let mismatch = "the private key is not that of the authority's certificate";
            return Err(failed("Failed to create certificate", mismatch));
        }
        let authority_key = subject_key(&authority).filter(|_| name != request.subject);
        let contents = Contents {
            names: request.names.clone(),
            ..contents(planned, &request.subject, &request.key, authority_key)?
        };
        let template = Template {
            extensions: contents.extensions().map_err(|error| unable(error.into()))?,
            subject: request.subject,
            key: request.key,
            not_before: context.environment.now(),
            valid_for: validity(planned),
        };
        let certificate = issue(template, &Issuer { name, key: &key }).map_err(unable)?;
        Ok(issued(planned, certificate).with_attr("ca_key_algorithm", Value::string(key.algorithm())))
    }

    async fn read(&self, context: &Context, current: &Value) -> Outcome {
        read_renewal(context, current)
    }
}
