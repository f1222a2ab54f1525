mod content;
mod scripts;
mod template;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Plan};
use provider::{Attribute, Block, Schema};
use value::{Type, Value};

use self::content::Content;
pub use self::content::digest;
use crate::failure::Result;
use crate::ownership::{self, Owned};
use crate::paths;
use crate::resource::{Context, Resource};
use crate::session::{Host, Script};

/// `host_file`: a file with its content, mode and owner.
pub(crate) struct File;

#[async_trait]
impl Resource for File {
    fn type_name(&self) -> &'static str {
        "host_file"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described(
                "A file on a host. It is put into place as a whole or not at all; a link at the path stays a link. What was \
                 there before is kept on the host and comes back when the resource is destroyed.",
            )
            .with("path", Attribute::required(Type::String).described("The absolute path. Its folder must exist."))
            .with("backup", Attribute::optional(Type::Bool).described("Whether each change keeps what was there before it as `PATH.groma-backup`, which stays when the resource is destroyed."));
        Schema::new(0, ownership::with_attributes(content::with_attributes(block), "the file", "0644"))
    }

    fn key(&self) -> &'static [&'static str] {
        &["path"]
    }

    fn revised_by(&self) -> &'static [&'static str] {
        &["content_sha256", "sensitive_content", "sensitive_rendered"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = paths::validate(config, "path");
        diagnostics.extend(content::validate(config));
        diagnostics.extend(ownership::validate(config));
        diagnostics
    }

    fn plan(&self, context: &Context, plan: &mut Plan) {
        content::plan(context, plan);
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        scripts::read_all(host, current).await
    }

    async fn create(&self, context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        let planned = &template::complete(context, planned)?;
        let content = Content::load(context, planned)?;
        let stat = scripts::write(host, planned, &content).await?;
        scripts::filled(host, planned, &content, stat).await
    }

    async fn update(&self, context: &Context, host: &Host, prior: &Value, planned: &Value) -> Result<Value> {
        let planned = &template::complete(context, planned)?;
        let content = Content::load(context, planned)?;
        let stat = if content::known_digest(prior).as_deref() == Some(content.sha256.as_str()) {
            let path = planned.text("path").unwrap_or_default();
            ownership::change(host, path, &Owned::of(planned)).await?;
            None
        } else {
            scripts::write(host, planned, &content).await?
        };
        scripts::filled(host, planned, &content, stat).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let path = prior.text("path").unwrap_or_default();
        let script = Script::change(r#"found_restore_real file "$key" "$R$p""#)
            .var("p", path)
            .var("key", paths::key(path));
        host.must(script, &format!("remove the file {path}")).await.map(|_| ())
    }
}
