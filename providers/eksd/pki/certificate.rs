mod folder;
mod issue;
mod plan;
mod schema;
mod seen;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::Schema;
use provider::simple::{Access, Plan};
use provider_host::kit::{Context, Failure, Host, Owned, Resource, Result, Script, key, ownership};
use value::Value;

/// `eksd_certificate`: a certificate and its key, which is made on the host and never leaves it.
pub(super) struct Certificate;

#[async_trait]
impl Resource for Certificate {
    fn type_name(&self) -> &'static str {
        "eksd_certificate"
    }

    fn schema(&self) -> Schema {
        schema::schema()
    }

    fn key(&self) -> &'static [&'static str] {
        &["path"]
    }

    fn replaced_by(&self) -> &'static [&'static str] {
        &["path", "key_path"]
    }

    fn defaults(&self) -> Vec<(&'static str, Value)> {
        schema::defaults()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        schema::validate(config)
    }

    fn plan(&self, context: &Context, plan: &mut Plan) {
        plan::plan(context.environment.now(), plan);
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        seen::read(host, current).await
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        seen::read_all(host, current).await
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        issue::issue(context, host, planned, issue::Key::New).await?;
        filled(host, planned).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let asked = planned.attr("certificate_pem").is_some_and(|value| !value.is_known());
        if asked && plan::is_due(context.environment.now(), prior, planned) {
            issue::issue(context, host, planned, issue::key(prior, planned)).await?;
        } else {
            settle(host, planned).await?;
        }
        filled(host, planned).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let (path, key_path) = schema::paths(prior);
        let script = Script::change(REMOVE)
            .var("p", &path)
            .var("k", &key_path)
            .var("p_key", key(&path))
            .var("k_key", key(&key_path));
        host.must(script, &format!("remove the certificate {path}")).await.map(|_| ())
    }
}

/// Gives certificate and key their modes and owner.
async fn settle(host: &Host, planned: &Value) -> Result<()> {
    let (path, key_path) = schema::paths(planned);
    let owned = Owned::of(planned);
    ownership::change(host, &path, &owned).await?;
    let mode = planned.text("key_mode").map(str::to_owned);
    ownership::change(host, &key_path, &Owned { mode, ..owned }).await
}

/// The object as it is once it is made.
async fn filled(host: &Host, planned: &Value) -> Result<Value> {
    let seen = seen::read(host, &schema::as_asked(planned)).await?;
    if seen.is_null() || seen.flag("key_matches") == Some(false) {
        let (path, _) = schema::paths(planned);
        let detail = format!(
            "On {}, {path} or its key was gone or another one right after it was written.",
            host.name()
        );
        return Err(Failure::new("Certificate was changed by somebody else", detail));
    }
    Ok(seen)
}

const REMOVE: &str = r#"
rm -f "$R$k.groma-new"
found_restore_real file "$k_key" "$R$k" && found_restore_real file "$p_key" "$R$p"
"#;
