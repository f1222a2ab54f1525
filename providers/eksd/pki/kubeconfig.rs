pub(crate) mod content;
mod seen;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema, attribute_error};
use provider_host::kit::{
    Context, Failure, Host, Owned, Resource, Result, Script, complete, digest, key, ownership, validate_path,
};
use value::{Path, Type, Value};

/// `eksd_kubeconfig`: a kubeconfig on a host, which names the files of a client's certificate or holds them.
pub(super) struct Kubeconfig;

#[async_trait]
impl Resource for Kubeconfig {
    fn type_name(&self) -> &'static str {
        "eksd_kubeconfig"
    }

    fn schema(&self) -> Schema {
        schema()
    }

    fn key(&self) -> &'static [&'static str] {
        &["path"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("cluster_name", Value::string("kubernetes")),
            ("user", Value::string("kubernetes-admin")),
            ("embed", Value::bool(false)),
            ("mode", Value::string("0600")),
        ]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = ownership::validate(config);
        for name in ["path", "client_certificate", "client_key"] {
            diagnostics.extend(validate_path(config, name));
        }
        if let Some(server) = config.text("server").filter(|server| !content::is_server(server)) {
            let detail = format!(
                "{server:?} is no https:// URL of a host and port, such as \"https://10.0.0.10:6443\"."
            );
            diagnostics.push(attribute_error(&Path::from_attr("server"), "Invalid server", detail));
        }
        if config
            .text("certificate_authority")
            .is_some_and(|text| !text.contains("-----BEGIN CERTIFICATE-----"))
        {
            let detail = "It holds no certificate in PEM.";
            diagnostics.push(attribute_error(
                &Path::from_attr("certificate_authority"),
                "Invalid authority",
                detail,
            ));
        }
        diagnostics
    }

    fn plan(&self, _context: &Context, plan: &mut Plan) {
        plan.set("client_matches", Value::bool(true));
        match content::SHOWN.iter().all(|name| plan.planned.attr(name).is_none_or(Value::is_known)) {
            true => plan.set("content", Value::string(content::shown(&plan.planned))),
            false => plan.set_unknown("content"),
        }
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        seen::read(host, current).await
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let path = planned.text("path").unwrap_or_default();
        let owned = Owned::of(planned);
        let text = content::text(planned);
        let script = Script::change(WRITE)
            .var("p", path)
            .var("key", key(path))
            .var("sha", digest(text.as_bytes()))
            .var("certificate", planned.text("client_certificate").unwrap_or_default())
            .var("client_key", planned.text("client_key").unwrap_or_default())
            .var("mode", owned.mode.as_deref().unwrap_or_default())
            .var("owner", owned.chown())
            .input(text);
        host.must(script, &format!("write the kubeconfig {path}")).await?;
        let asked = provider::with_nulls(&complete(schema(), true).block, planned);
        let seen = seen::read(host, &asked).await?;
        if seen.is_null() {
            let detail = format!("On {}, {path} was gone right after it was written.", host.name());
            return Err(Failure::new("Kubeconfig is gone", detail));
        }
        Ok(seen)
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let path = prior.text("path").unwrap_or_default();
        let script =
            Script::change(r#"found_restore_real file "$key" "$R$p""#).var("p", path).var("key", key(path));
        host.must(script, &format!("remove the kubeconfig {path}")).await.map(|_| ())
    }
}

fn schema() -> Schema {
    let text = |description: &str| Attribute::required(Type::String).described(description);
    let own = |ty: Type, description: &str| Attribute::optional_computed(ty).described(description);
    let block = Block::default()
        .described(
            "A kubeconfig on a host: how a component or a person there reaches the Kubernetes API. The client's certificate and \
             key are named by their paths on the host; with `embed` their content is put in by the host itself, so that \
             the key does not leave it.",
        )
        .with("path", text("The absolute path. Its folder must exist."))
        .with("server", text("The URL of the API, such as `https://10.0.0.10:6443`."))
        .with("certificate_authority", text("The certificates, in PEM, of the authorities that the server's may be signed by: several while authorities are being changed."))
        .with("client_certificate", text("The path of the client's certificate on the host."))
        .with("client_key", text("The path of the client's private key on the host."))
        .with("embed", own(Type::Bool, "Whether the content of both is put into the kubeconfig; false if not set."))
        .with("client_fingerprint", Attribute::optional(Type::String).described("With `embed`, `eksd_certificate.NAME.fingerprint`, so that what is embedded follows a renewed certificate in the same apply."))
        .with("cluster_name", own(Type::String, "What the cluster is called; `kubernetes` if not set."))
        .with("user", own(Type::String, "What the user is called; `kubernetes-admin` if not set."))
        .with("content", Attribute::computed(Type::String).described("The kubeconfig, without what is embedded."))
        .with("client_matches", Attribute::computed(Type::Bool).described("Whether what is embedded is what the client's files hold."));
    Schema::new(0, ownership::with_attributes(block, "the kubeconfig", "0600"))
}

const WRITE: &str = include_str!("kubeconfig/write.sh");
