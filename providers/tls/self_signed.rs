use std::time::Duration;

use async_trait::async_trait;
use diag::{Diagnostic, Diagnostics};
use provider::simple::{Access, Context, Outcome, Plan, Resource};
use provider::{Attribute, Block, Schema};
use value::{Type, Value};

use crate::certificate::{Issuer, RawName, Template, issue};
use crate::common::{
    certificate_block, certificate_defaults, failed, issued, names_block, plan_renewal, read_renewal,
    replace_on_pem, validate_certificate, validate_names,
};
use crate::extensions::{Authority, Contents, alternative_names};
use crate::key::{KeyError, PrivateKey, key_identifier};
use crate::names::subject;

/// `tls_self_signed_cert`.
pub(crate) struct SelfSignedCert;

#[async_trait]
impl Resource for SelfSignedCert {
    fn type_name(&self) -> &'static str {
        "tls_self_signed_cert"
    }

    fn schema(&self) -> Schema {
        let block = Block::default().described("A certificate that its own key signs.");
        let block = names_block(certificate_block(block))
            .with(
                "private_key_pem",
                Attribute::required(Type::String)
                    .sensitive()
                    .described("The private key that the certificate is for, in PEM."),
            )
            .with(
                "key_algorithm",
                Attribute::computed(Type::String).described("`RSA`, `ECDSA` or `ED25519`."),
            )
            .with(
                "set_authority_key_id",
                Attribute::optional_computed(Type::Bool).described(
                    "Whether it identifies the key it is signed with, which is its own; false if not set.",
                ),
            );
        Schema::new(0, block)
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &[
            "allowed_uses",
            "dns_names",
            "ip_addresses",
            "is_ca_certificate",
            "max_path_length",
            "set_authority_key_id",
            "set_subject_key_id",
            "subject",
            "uris",
            "validity_period_hours",
        ]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        let mut defaults = certificate_defaults();
        defaults.push(("set_authority_key_id", Value::bool(false)));
        defaults
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = validate_certificate(config);
        diagnostics.extend(validate_names(config));
        diagnostics
    }

    fn plan(&self, context: &Context, plan: &mut Plan) {
        replace_on_pem(plan, &["private_key_pem"]);
        plan_renewal(context, plan);
    }

    async fn create(&self, context: &Context, planned: &Value, _config: &Value) -> Outcome {
        self.validate(planned).into_result()?;
        let key = PrivateKey::from_pem(planned.text("private_key_pem").unwrap_or_default())
            .map_err(|error| failed("Failed to parse private key PEM", error))?;
        let template = template(context, planned, &key)?;
        let issuer = Issuer { name: template.subject.clone(), key: &key };
        let certificate =
            issue(template, &issuer).map_err(|error| failed("Failed to create certificate", error))?;
        Ok(issued(planned, certificate).with_attr("key_algorithm", Value::string(key.algorithm())))
    }

    async fn read(&self, context: &Context, current: &Value) -> Outcome {
        read_renewal(context, current)
    }
}

fn template(context: &Context, planned: &Value, key: &PrivateKey) -> Result<Template, Diagnostics> {
    let unable = |error: KeyError| failed("Failed to create certificate", error);
    let name = subject(planned).and_then(|name| RawName::new(&name)).map_err(|error| unable(error.into()))?;
    let public = key.public().and_then(|public| public.to_spki()).map_err(unable)?;
    let contents = contents(planned, &name, &public, None)?;
    Ok(Template {
        extensions: contents.extensions().map_err(|error| unable(error.into()))?,
        subject: name,
        key: public,
        not_before: context.environment.now(),
        valid_for: validity(planned),
    })
}

/// The extensions that a configuration asks for; `authority_key` is the signing certificate's, if that is another one.
pub(crate) fn contents(
    planned: &Value,
    subject: &RawName,
    key: &x509_cert::spki::SubjectPublicKeyInfoOwned,
    authority_key: Option<Vec<u8>>,
) -> Result<Contents, Diagnostics> {
    let flag = |name: &str| planned.flag(name).unwrap_or(false);
    let ca = flag("is_ca_certificate");
    if ca && subject.is_empty() {
        return Err(Diagnostic::error(
            "Invalid Certificate Subject",
            "Must contain at least one Distinguished Name when creating Certificate Authority (CA)",
        )
        .into());
    }
    let subject_key = (ca || flag("set_subject_key_id")).then(|| key_identifier(key));
    let own = if flag("set_authority_key_id") {
        let missing = || {
            Diagnostic::error("Invalid Certificate Authority", "Could not determine Authority Key Identifier")
        };
        Some(subject_key.clone().ok_or_else(missing)?)
    } else {
        None
    };
    let max_path = planned.int("max_path_length").and_then(|n| u8::try_from(n).ok());
    let names = alternative_names(planned).unwrap_or_default();
    Ok(Contents {
        uses: planned.texts("allowed_uses").into_iter().map(ToOwned::to_owned).collect(),
        ca: ca.then_some(Authority { longest_path: max_path }),
        subject_key,
        authority_key: authority_key.or(own),
        names_critical: subject.is_empty(),
        names,
    })
}

pub(crate) fn validity(planned: &Value) -> Duration {
    let hours =
        planned.int("validity_period_hours").and_then(|hours| u64::try_from(hours).ok()).unwrap_or_default();
    Duration::from_secs(hours.saturating_mul(3600))
}
