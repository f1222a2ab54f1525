mod scripts;

use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::Access;
use provider::{Attribute, Block, Schema};
use value::{Type, Value};

use crate::failure::Result;
use crate::ownership;
use crate::paths;
use crate::resource::{Context, Resource};
use crate::session::Host;

/// `host_directory`: a folder with its mode and owner.
pub(crate) struct Directory;

#[async_trait]
impl Resource for Directory {
    fn type_name(&self) -> &'static str {
        "host_directory"
    }

    fn schema(&self) -> Schema {
        let block = Block::default()
            .described(
                "A folder on a host. One that was there before gets its mode and owner back when the resource is destroyed, and \
                 stays; one that groma made is removed once it is empty.",
            )
            .with("path", Attribute::required(Type::String).described("The absolute path."))
            .with(
                "parents",
                Attribute::optional(Type::Bool).described(
                    "Whether missing folders above it are made as well, with mode 0755; false if not set. Those are removed \
                     again when nothing is left in them.",
                ),
            )
            .with(
                "force_destroy",
                Attribute::optional(Type::Bool).described(
                    "Whether destroying the resource removes a folder that groma made with all that is in it; if not set, \
                     what others put into it stays, and so does the folder.",
                ),
            );
        Schema::new(0, ownership::with_attributes(block, "the folder", "0755"))
    }

    fn key(&self) -> &'static [&'static str] {
        &["path"]
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = paths::validate(config, "path");
        diagnostics.extend(ownership::validate(config));
        diagnostics
    }

    async fn read(&self, host: &Host, current: &Value) -> Result<Value> {
        let mut read = self.read_all(host, std::slice::from_ref(current)).await;
        read.pop().unwrap_or_else(|| Ok(current.clone()))
    }

    async fn read_all(&self, host: &Host, current: &[Value]) -> Vec<Result<Value>> {
        scripts::read_all(host, current).await
    }

    async fn create(&self, _context: &Context, host: &Host, planned: &Value) -> Result<Value> {
        scripts::make(host, planned).await?;
        scripts::filled(host, planned).await
    }

    async fn delete(&self, _context: &Context, host: &Host, prior: &Value) -> Result<()> {
        let path = prior.text("path").unwrap_or_default();
        scripts::remove(host, path, prior.flag("force_destroy").unwrap_or(false)).await
    }
}
